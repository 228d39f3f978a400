"""`limner.generate`, `edit`, `compose` and `describe`: pictures, and what they show, in one call, on one engine for the whole process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from PIL import Image

from limner.engine.describing.description import Description
from limner.engine.inputs import ImageInput, MaskInput, read_inputs
from limner.engine.local import LocalEngine
from limner.engine.pictures import FROM_WORDS, Origin, Pictures, collect_pictures, trim_alpha
from limner.engine.protocol import Cancelled, Event, Failed, Finished, GenerateRequest, Partial
from limner.engine.resolve import GenerateOptions, resolve
from limner.engine.resolve_edit import EditOptions, resolve_composition, resolve_edit
from limner.engine.settings import Settings, read_settings
from limner.engine.weights import Catalogue
from limner.errors import EngineError, InvalidField, LimnerError

if TYPE_CHECKING:
    from limner.engine.describing.describer import Describer

_lock = threading.Lock()
_engines: dict[Settings, LocalEngine] = {}
_describers: dict[Settings, Describer] = {}


@dataclass(frozen=True, eq=False)
class PartialPicture:
    """What picture `index` looks like so far; `partial_index` counts from 0."""

    image: Image.Image
    index: int
    partial_index: int


OnPartial = Callable[[PartialPicture], None]


class EventSource(Protocol):
    """The side of an engine that draws one request for one caller."""

    def events(self, request: GenerateRequest) -> Iterator[Event]:
        """Yield the request's events to the last one."""

    def cancel(self, request_id: str) -> None:
        """End the request; one that has ended stays as it is."""


def generate(
    prompt: str,
    *,
    size: str = "auto",
    n: int = 1,
    seed: int | None = None,
    quality: str = "auto",
    background: str = "auto",
    model: str = "limner",
    partials: int = 0,
    on_partial: OnPartial | None = None,
    alt_text: bool = False,
) -> Pictures:
    """Draw `n` pictures of the prompt; picture i has seed `(seed + i) % 2**53`, and without `seed` one is chosen and reported.

    `size` is WIDTHxHEIGHT, `square`, `portrait` or `landscape`; `quality` is `low`, `medium` or `high`; `background` is
    `transparent` or `opaque`; each may be `auto`. Up to `partials` (0 to 3) pictures on the way go to `on_partial`. With `alt_text` the
    pictures' files say what is seen in them. Safe from many threads.

    Raises:
        RequestError: a value cannot be drawn; `param` names it.
        DamagedFile: the weights are not what their manifest says.
        EngineError: the engine failed; asking again can succeed.
    """
    options = GenerateOptions(model=model, size=size, n=n, seed=seed, quality=quality, background=background, num_partials=partials)
    return _draw(resolve(prompt, options, find_snapshot=find_snapshot), FROM_WORDS, on_partial, alt_text=alt_text)


def edit(
    images: ImageInput | Sequence[ImageInput],
    prompt: str,
    *,
    mask: MaskInput | None = None,
    mask_mode: str = "alpha",
    region: str | None = None,
    outpaint: str | None = None,
    input_fidelity: str = "low",
    size: str = "auto",
    n: int = 1,
    seed: int | None = None,
    quality: str = "auto",
    background: str = "auto",
    model: str = "limner",
    partials: int = 0,
    on_partial: OnPartial | None = None,
    alt_text: bool = False,
) -> Pictures:
    """Change the first image as the prompt says, with the others beside it; each is a path, bytes, a PIL image, an array or a `Picture`.

    What may change is said by a `mask` picture of the source's size (transparent pixels may, or with `mask_mode` luma white ones; or a
    bool array, True where they may), or by a `region`: `box:10%,10%,50%,200`, `polygon:0,0 99,0 50,80`, `words:the cat`; all else comes
    back byte for byte. `outpaint` makes the canvas larger: `left=128,right=25%`, `all=20%`, `1536x1024`, `1536x1024+512+0`.
    `input_fidelity` high stays nearer to the images. The rest is as for `generate`. Pictures of a `Picture` know it as `parent`.
    Several images whose words describe all of them are a composition, as with `compose`.

    Raises:
        RequestError: a value or an image cannot be used; `param` names the field.
        DamagedFile, EngineError: as `generate`.
    """
    options = EditOptions(
        model=model, size=size, n=n, seed=seed, quality=quality, background=background, num_partials=partials,
        input_fidelity=input_fidelity, canvas=outpaint, region=region,
    )  # fmt: skip
    inputs = read_inputs(images, mask, mask_mode=mask_mode)
    request = resolve_edit(prompt, options, inputs.pixels, inputs.mask, find_snapshot=find_editor)
    return _draw(request, inputs.origin_of(request), on_partial, alt_text=alt_text)


def compose(
    images: ImageInput | Sequence[ImageInput],
    prompt: str,
    *,
    input_fidelity: str = "low",
    size: str = "auto",
    n: int = 1,
    seed: int | None = None,
    quality: str = "auto",
    background: str = "auto",
    model: str = "limner",
    partials: int = 0,
    on_partial: OnPartial | None = None,
    alt_text: bool = False,
) -> Pictures:
    """Draw a new picture of what the images show, as the prompt says: "the dog of image 1 wears the hat of image 2".

    No image is the one that is changed, so sizes and backgrounds are as for `generate`; the images are given as for `edit`.

    Raises:
        RequestError, DamagedFile, EngineError: as `edit`.
    """
    options = EditOptions(
        model=model, size=size, n=n, seed=seed, quality=quality, background=background, num_partials=partials,
        input_fidelity=input_fidelity,
    )  # fmt: skip
    inputs = read_inputs(images)
    request = resolve_composition(prompt, options, inputs.pixels, find_snapshot=find_editor)
    return _draw(request, inputs.origin_of(request), on_partial, alt_text=alt_text)


def describe(image: ImageInput) -> Description:
    """Say what a picture shows: things, counts, colours and places, and one sentence of alternative text, from its pixels alone.

    The image is a path, bytes, a PIL image, an array or a `Picture`.

    Raises:
        RequestError: the image cannot be used.
        DamagedFile: the weights hold no eyes, or are not what their manifest says.
    """
    return shared_describer().describe(read_inputs(image).pixels[0])


def draw(request: GenerateRequest, engine: EventSource, on_event: Callable[[Event], None], *, origin: Origin = FROM_WORDS) -> Pictures:
    """Draw one request to its end, showing each event to `on_event`; what interrupts it, Ctrl-C too, cancels it.

    Raises:
        LimnerError: whatever the request failed with, as its own class.
    """
    try:
        for event in engine.events(request):
            on_event(event)
            match event:
                case Finished():
                    return collect_pictures(request, event, origin)
                case Failed():
                    raise as_error(event)
                case Cancelled():
                    break
    finally:
        engine.cancel(request.request_id)
    raise EngineError(f"request {request.request_id!r} was cancelled; ask again")


def as_error(failed: Failed) -> LimnerError:
    """Turn what an engine reported into the error that it stands for."""
    error_class = next((known for known in _error_classes(LimnerError) if known.code == failed.code), EngineError)
    error = error_class.__new__(error_class)
    LimnerError.__init__(error, failed.message, param=failed.param)
    return error


def find_snapshot(model: str) -> str:
    """Return the snapshot that a model, alias or snapshot name stands for.

    Raises:
        UnknownModel, InvalidField, DamagedFile: as `Catalogue.resolve` and `open_catalogue`.
    """
    return open_catalogue().resolve(model)


def find_editor(model: str) -> str:
    """Return the snapshot that edits pictures for a model, alias or snapshot name.

    Raises:
        UnknownModel, InvalidField, DamagedFile: as `find_snapshot`.
    """
    return open_catalogue().resolve_editor(model)


def open_catalogue() -> Catalogue:
    """Read which models exist in the weights folder that the environment names, or else in the package.

    Raises:
        InvalidField: a variable of the environment cannot be used.
        DamagedFile: the catalogue cannot be read.
    """
    return Catalogue.open(read_settings(os.environ).weights_dir)


def shared_engine() -> LocalEngine:
    """Return this process's engine for the settings of its environment; it starts at its first use and ends with the process.

    Raises:
        InvalidField: a variable of the environment cannot be used.
    """
    settings = read_settings(os.environ)
    with _lock:
        if settings not in _engines:
            _engines[settings] = LocalEngine(settings.weights_dir, settings.threads, settings.device)
        return _engines[settings]


def shared_describer() -> Describer:
    """Return what describes pictures in this process, with the weights of its environment.

    Raises:
        InvalidField: a variable of the environment cannot be used.
    """
    settings = read_settings(os.environ)
    with _lock:
        if settings not in _describers:
            describer = import_module("limner.engine.describing.describer")  # brings ONNX Runtime, which who only draws does not need
            _describers[settings] = describer.Describer(settings.weights_dir)
        return _describers[settings]


def _draw(request: GenerateRequest, origin: Origin, on_partial: OnPartial | None, *, alt_text: bool) -> Pictures:
    if bool(request.num_partials) != (on_partial is not None):
        raise InvalidField("partials", f"partials {request.num_partials!r} and on_partial {on_partial!r} go together; give both or neither")
    if alt_text:
        shared_describer().prepare()

    def on_event(event: Event) -> None:
        if on_partial is not None and isinstance(event, Partial):
            image = Image.fromarray(trim_alpha(event.pixels, request.background))
            on_partial(PartialPicture(image, event.index, event.partial_index))

    pictures = draw(request, shared_engine(), on_event, origin=origin)
    return Pictures(tuple(picture.with_alt_text() for picture in pictures)) if alt_text else pictures


def _error_classes(root: type[LimnerError]) -> Iterator[type[LimnerError]]:
    yield root
    for child in root.__subclasses__():
        yield from _error_classes(child)

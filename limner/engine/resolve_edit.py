"""Edits and variations, settled: which size, which background, which pixels may change.

Everything that a request or its images can have wrong is found here, before anything waits or is drawn. Reads every pixel of a
source and a mask once or twice, so an event loop calls it in a thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from limner.engine.protocol import MAX_INPUT_IMAGES, Background, EditRequest, Fidelity, Mask, Pixels
from limner.engine.resolve import FIDELITIES, GenerateOptions, check_prompt, resolve_background, resolve_size, settle_others
from limner.engine.words.canvas import parse_canvas
from limner.engine.words.roles import changes_the_first
from limner.errors import IncompatibleFields, InvalidField, InvalidMask
from limner.media.boxes import Box
from limner.media.masks import find_border_band, fit_mask
from limner.media.regions import draw_region, parse_region
from limner.media.resize import reduce_pixels
from limner.model.layout import NAMED_SIZES, Size, parse_size

MAX_SOURCE_PIXELS = 25_000_000
MAX_REFERENCE_SIDE_PX = 1024  # several times what any grid shows of an image that needs no exactness
AUTO_SIZES = tuple(parse_size(NAMED_SIZES[name]) for name in ("square", "landscape", "portrait"))


@dataclass(frozen=True, kw_only=True)
class EditOptions(GenerateOptions):
    """Everything beside the prompt and the pictures.

    `input_fidelity` high stays nearer to what the images show. `canvas` says in the words of `limner.engine.words.canvas` how large the
    result is and where the source lies in it. `region` says in the words of `limner.media.regions` which part may change.
    """

    input_fidelity: str = "low"
    canvas: str | None = None
    region: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scope:
    """The result's size, what of the source may change, drawn or in words (neither is everything), and where it lies on a canvas."""

    size: Size
    mask: Mask | None = None
    words: str = ""
    place: tuple[int, int] | None = None

    @property
    def is_exact(self) -> bool:
        """Whether something of the source is kept byte for byte."""
        return self.mask is not None or self.place is not None or bool(self.words)


def resolve_edit(
    prompt: str, options: EditOptions, images: Sequence[Pixels], mask: Mask | None = None, *, find_snapshot: Callable[[str], str]
) -> EditRequest:
    """Settle an edit of the first image, with the others beside it; several whose words change none are a composition.

    `size` auto is the source's own size where something is kept: with a mask or a region, or when a rectangular picture in a fully
    transparent border band meets `background` opaque (the band is drawn, the picture kept). Else it is the size of
    `AUTO_SIZES` whose ratio is nearest to the source's. `background` auto is transparent if what is kept has transparency, or
    without a mask if the source has; else it is opaque with a mask, and without one what the prompt asks for. Opaque
    speaks of what is drawn: kept pixels stay as translucent as they are.

    Raises:
        InvalidPrompt, InvalidField, UnsupportedSize, UnknownModel: as `resolve`; `image` names images that are too many or too
            large, `input_fidelity`, `canvas` and `region` their fields.
        InvalidMask: it has another size than the source, or nothing may change.
        IncompatibleFields: a canvas and a size, or a mask and a region.
    """
    check_prompt(prompt)
    _check_images(images)
    is_scoped = mask is not None or options.region is not None or options.canvas is not None
    if not is_scoped and not changes_the_first(prompt, len(images)):
        sized = replace(options, size=str(_settle_size(options, images[0])))
        return resolve_composition(prompt, sized, images, find_snapshot=find_snapshot)
    source = images[0]
    mask, words = _settle_mask(options.region, source, mask)
    scope = _settle_scope(options, source, mask, words)
    first = source if scope.is_exact else reduce_pixels(source, MAX_REFERENCE_SIDE_PX)
    return EditRequest(
        prompt=prompt,
        size=scope.size,
        background=_settle_background(options.background, prompt, source, scope),
        images=(np.ascontiguousarray(first), *(reduce_pixels(image, MAX_REFERENCE_SIDE_PX) for image in images[1:])),
        mask=None if scope.mask is None else np.ascontiguousarray(scope.mask),
        words=scope.words,
        place=scope.place,
        fidelity=_settle_fidelity(options.input_fidelity),
        **settle_others(options, find_snapshot),
    )


def resolve_composition(prompt: str, options: EditOptions, images: Sequence[Pixels], *, find_snapshot: Callable[[str], str]) -> EditRequest:
    """Settle a new picture of what the images show; none of them is its source, so `size` and `background` auto are as for words alone.

    Raises:
        InvalidPrompt, InvalidField, UnsupportedSize, UnknownModel: as `resolve_edit`.
        IncompatibleFields: a canvas or a region, which speak of a source.
    """
    check_prompt(prompt)
    _check_images(images)
    for name, value in (("canvas", options.canvas), ("region", options.region)):
        if value is not None:
            raise IncompatibleFields(name, f"{name} {value!r} is a part of a source, and a composition has none; edit an image instead")
    return EditRequest(
        prompt=prompt,
        size=resolve_size(options.size, options.largest_side),
        background=resolve_background(options.background, prompt),
        images=tuple(reduce_pixels(image, MAX_REFERENCE_SIDE_PX) for image in images),
        fidelity=_settle_fidelity(options.input_fidelity),
        has_source=False,
        **settle_others(options, find_snapshot),
    )


def resolve_variation(options: GenerateOptions, image: Pixels, *, find_snapshot: Callable[[str], str]) -> EditRequest:
    """Settle pictures that are like the image: it is the source, no words are added, and the result stays near.

    `size` and `background` auto are as for an edit without a mask.

    Raises:
        InvalidField, UnsupportedSize, UnknownModel: as `resolve_edit`.
    """
    _check_images([image])
    scope = _Scope(size=_settle_size(options, image))
    return EditRequest(
        prompt="",
        size=scope.size,
        background=_settle_background(options.background, "", image, scope),
        images=(reduce_pixels(image, MAX_REFERENCE_SIDE_PX),),
        fidelity="high",
        **settle_others(options, find_snapshot),
    )


def _settle_size(options: GenerateOptions, source: Pixels) -> Size:
    if options.size != "auto":
        return resolve_size(options.size, options.largest_side)
    ratio = math.log(source.shape[1] / source.shape[0])
    return min(AUTO_SIZES, key=lambda size: abs(math.log(size.width / size.height) - ratio))


def _settle_mask(region: str | None, source: Pixels, mask: Mask | None) -> tuple[Mask | None, str]:
    """Return which part may change: as a mask, or in words that the engine has yet to find in the source."""
    if mask is not None:
        _check_mask(mask, source)
        if region is not None:
            raise IncompatibleFields("region", f"region {region!r} says what may change, and so does the mask; leave one out")
    if region is None:
        return mask, ""
    parsed = parse_region(region)
    if parsed.words:
        return None, parsed.words
    return draw_region(parsed, source.shape[1], source.shape[0]), ""


def _settle_scope(options: EditOptions, source: Pixels, mask: Mask | None, words: str) -> _Scope:
    if options.canvas is not None:
        return _settle_canvas(options, options.canvas, source, mask, words)
    if mask is None and not words and options.background == "opaque":
        mask = find_border_band(source)
    if mask is None and not words:
        return _Scope(size=_settle_size(options, source))
    own = Size(source.shape[1], source.shape[0])
    if options.size in ("auto", str(own)):
        return _Scope(size=own, mask=mask, words=words)
    size = resolve_size(options.size, options.largest_side)
    if mask is not None and not fit_mask(mask, size).any():
        raise InvalidMask(f"nothing of the mask is left at size {str(size)!r}; mark a larger area, or use size auto")
    return _Scope(size=size, mask=mask, words=words)


def _settle_canvas(options: EditOptions, canvas: str, source: Pixels, mask: Mask | None, words: str) -> _Scope:
    if options.size != "auto":
        raise IncompatibleFields(
            "canvas", f"canvas {canvas!r} says the size of the result, and so does size {options.size!r}; leave one out"
        )
    size, place = parse_canvas(canvas, Size(source.shape[1], source.shape[0]), largest_side=options.largest_side)
    lies = Box(*place, source.shape[1], source.shape[0])
    covered = lies.overlap(Box(0, 0, size.width, size.height))
    if covered is None:
        raise InvalidField("canvas", f"canvas {canvas!r} shows nothing of the image of {source.shape[1]}x{source.shape[0]}; move it nearer")
    is_full = (covered.width, covered.height) == (size.width, size.height)
    is_marked = bool(words) or (mask is not None and bool(mask[covered.moved(-lies.left, -lies.top).cut].any()))
    if is_full and not is_marked:
        raise InvalidField("canvas", f"canvas {canvas!r} leaves nothing to draw; make it larger than the image, or mark a part of it")
    return _Scope(size=size, mask=mask, words=words, place=place)


def _settle_background(background: str, prompt: str, source: Pixels, scope: _Scope) -> Background:
    if background != "auto":
        return resolve_background(background, prompt)
    translucent = source[..., 3] < 255
    if (translucent if scope.mask is None else translucent & ~scope.mask).any():
        return "transparent"
    return "opaque" if scope.is_exact else resolve_background("auto", prompt)


def _settle_fidelity(fidelity: str) -> Fidelity:
    for known in FIDELITIES:
        if fidelity == known:
            return known
    raise InvalidField("input_fidelity", f"input_fidelity {fidelity!r} is not known; use {' or '.join(FIDELITIES)}")


def _check_images(images: Sequence[Pixels]) -> None:
    if not 1 <= len(images) <= MAX_INPUT_IMAGES:
        raise InvalidField("image", f"{len(images)} images were given; use 1 to {MAX_INPUT_IMAGES}")
    for number, image in enumerate(images, 1):
        shape = image.shape
        if image.dtype != np.uint8 or len(shape) != 3 or shape[2] != 4 or 0 in shape:
            raise InvalidField("image", f"image {number} is {image.dtype} {shape}; give uint8 RGBA, (height, width, 4)")
        if shape[0] * shape[1] > MAX_SOURCE_PIXELS:
            raise InvalidField(
                "image", f"image {number} of {shape[1]}x{shape[0]} has over {MAX_SOURCE_PIXELS:,} pixels; send a smaller one"
            )


def _check_mask(mask: Mask, source: Pixels) -> None:
    height, width = source.shape[:2]
    if mask.dtype != np.bool_ or mask.shape != (height, width):
        said = "x".join(str(side) for side in mask.shape[1::-1])
        raise InvalidMask(f"the mask is {said} and the image is {width}x{height}; make the mask as large as the image")
    if not mask.any():
        raise InvalidMask("the mask lets nothing change; make the part that is to be drawn transparent in it")

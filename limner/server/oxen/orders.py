"""From Oxen's words to a `PictureOrder`: the fields of generate, of edit and of a queued generation are the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from limner.errors import IncompatibleFields, InvalidField, InvalidPrompt, MissingField, UnknownModel
from limner.jobs.deployments.directory import Directory
from limner.jobs.inputs import ImageSource
from limner.jobs.models import Model
from limner.jobs.orders import PictureOrder, make_order
from limner.model.layout import MAX_RATIO, SIDE_STEP_PX
from limner.schema.oxen import OxenBody
from limner.server.forms import check
from limner.store.identifiers import is_file_id, is_picture_id

EDIT_ENDING = "-edit"
LONGER_SIDES_PX = {"1K": 1024, "2K": 2048, "4K": 3840}


def find_model(directory: Directory, project_id: str, name: str) -> Model:
    """Return the model or deployment of a name, which may have dashes for dots, and `-edit` at its end. May read the database.

    Raises:
        UnknownModel: there is none.
    """
    known = {model.name: model for model in directory.names(project_id)}
    dashed = {model.name.replace(".", "-"): model for model in known.values()}
    plain = name.replace(".", "-")
    found = known.get(name) or dashed.get(plain) or dashed.get(plain.removesuffix(EDIT_ENDING))
    try:
        return found or directory.find(name, project_id)
    except UnknownModel as error:
        raise UnknownModel(f"Model not found: {name[:100]}. GET /api/ai/models lists those that exist") from error


def check_words(prompt: str) -> None:
    """Refuse a prompt without words, in Oxen's sentence.

    Raises:
        InvalidPrompt: it has none.
    """
    if not prompt.strip():
        raise InvalidPrompt("Prompt cannot be empty; say what to draw")


def write_order(body: OxenBody, directory: Directory, project_id: str) -> PictureOrder:
    """Return what a body asks for; with an input image it is an edit. May read the database.

    Raises:
        RequestError: fields cannot be had together; `param` names one.
    """
    check_words(body.prompt)
    images, mask = _read_images(body), _read_mask(body)
    if mask is not None and not images:
        raise MissingField("input_image", "Missing required parameter: 'input_image'. A mask says what of it may change")
    if body.input_fidelity is not None and not images:
        raise MissingField("input_image", "Missing required parameter: 'input_image'. input_fidelity says how much of it stays")
    if body.mask_mode is not None and mask is None:
        raise IncompatibleFields("mask_mode", "mask_mode says how a mask is read, and there is no mask; send one, or leave mask_mode out")
    return make_order(
        kind="edit" if images else "generation",
        prompt=body.prompt,
        model=find_model(directory, project_id, body.model).name,
        images=images,
        mask=mask,
        mask_mode=(body.mask_mode or "luma") if mask else None,
        n=body.n,
        size=_read_size(body),
        quality=body.quality,
        background=body.background,
        output_format=body.output_format,
        seed=body.seed,
        input_fidelity=body.input_fidelity,
        is_described=body.alt_text,
    )


def read_queued(parameters: Mapping[str, Any], project_id: str, *, directory: Directory) -> PictureOrder:
    """Return what a queued generation of a project asks for: one picture. May read the database.

    Raises:
        RequestError: a parameter cannot be used; `param` names it.
    """
    body = check(OxenBody, dict(parameters), strict=True)
    if body.n not in (None, 1):
        raise InvalidField("n", f"n {body.n!r} is out of range; a generation is one picture, and num_generations asks for several")
    if body.response_format == "b64_json":
        raise InvalidField("response_format", "response_format 'b64_json' cannot be had here; a generation gives a result_url")
    return write_order(body.model_copy(update={"n": 1}), directory, project_id)


def _read_images(body: OxenBody) -> tuple[ImageSource, ...]:
    given = _only_one({"input_image": body.input_image or None, "image": body.image or None})
    if given is None:
        return ()
    name, value = given
    texts = [value] if isinstance(value, str) else value
    return tuple(_source(f"{name}[{index}]" if len(texts) > 1 else name, text) for index, text in enumerate(texts))


def _read_mask(body: OxenBody) -> ImageSource | None:
    given = _only_one({"mask_url": body.mask_url, "mask": body.mask})
    return None if given is None else _source(*given)


def _only_one(fields: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Return the field that was given, of several names for one thing."""
    given = [(name, value) for name, value in fields.items() if value is not None]
    if len(given) > 1:
        raise IncompatibleFields(given[1][0], f"{given[0][0]} and {given[1][0]} are names for the same; give one")
    return given[0] if given else None


def _source(param: str, text: str) -> ImageSource:
    if is_picture_id(text) or is_file_id(text):
        return ImageSource(param=param, file_id=text)
    return ImageSource(param=param, url=text)


def _read_size(body: OxenBody) -> str | None:
    """Return the size in pixels or as a word; a ratio is drawn at the nearest sides that can be drawn."""
    if body.aspect_ratio is None:
        if body.resolution is not None:
            raise IncompatibleFields("resolution", "resolution needs aspect_ratio; set it, or ask for a size alone")
        return body.size
    if body.size is not None:
        raise IncompatibleFields("aspect_ratio", "aspect_ratio and size cannot be had together; leave one out")
    width, height = (int(part) for part in body.aspect_ratio.split(":"))
    longer, shorter = max(width, height), min(width, height)
    if longer > MAX_RATIO * shorter:
        raise InvalidField("aspect_ratio", f"aspect_ratio {body.aspect_ratio!r} is out of range; use one up to {MAX_RATIO}:1")
    side = LONGER_SIDES_PX[body.resolution or "1K"]
    other = round(side * shorter / longer / SIDE_STEP_PX) * SIDE_STEP_PX
    other = max(other, -(-side // MAX_RATIO // SIDE_STEP_PX) * SIDE_STEP_PX)
    return f"{side}x{other}" if width >= height else f"{other}x{side}"

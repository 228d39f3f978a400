"""`/v1/images`: generations, edits and variations."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from limner.errors import IncompatibleFields, MissingField, OnePictureOnly, UnknownField
from limner.jobs.inputs import ImageSource
from limner.jobs.models import Model
from limner.jobs.orders import PictureOrder, make_order
from limner.jobs.studio import Commission, Drawing, FinishedPictures, PartialPicture
from limner.schema.images import EditBody, EditFields, GenerationBody, ImageReference, VariationFields
from limner.server.auth import Caller, CallerOf, ServicesOf
from limner.server.azure.filters import annotate
from limner.server.azure.paths import named_model
from limner.server.bodies import Base64, JsonPieces
from limner.server.documents import EDITS, GENERATIONS, VARIATIONS
from limner.server.forms import is_json, read_json, reading_form
from limner.server.routes.answers import answer_fields, completed_event, images_answer, keep_at_url, origin, partial_event
from limner.server.services import Services
from limner.server.sse import EventStream, until_gone

router = APIRouter(prefix="/v1/images", tags=["Images"])
ResponseFormat = Literal["url", "b64_json"]


@router.post("/generations", response_model=None, openapi_extra=GENERATIONS)
async def generate(request: Request, caller: CallerOf, services: ServicesOf) -> Response:
    """Draw pictures from a prompt."""
    body = await read_json(request, GenerationBody)
    order = make_order(kind="generation", style=body.style, **_common(request, body))
    return await _serve(request, caller, services, order, body)


@router.post("/edits", response_model=None, openapi_extra=EDITS)
async def edit(request: Request, caller: CallerOf, services: ServicesOf) -> Response:
    """Draw pictures from pictures and a prompt; what a mask keeps comes back byte for byte."""
    if is_json(request):
        body, images, mask = await _read_edit_json(request)
    else:
        body, images, mask = await _read_edit_form(request)
    if not images:
        raise MissingField("image", "Missing required parameter: 'image'. Send 1 to 16 pictures as parts named image or image[]")
    edits: dict[str, Any] = {name: getattr(body, name) for name in ("input_fidelity", "canvas", "mask_mode", "region")}
    order = make_order(kind="edit", images=tuple(images), mask=mask, **edits, **_common(request, body))
    return await _serve(request, caller, services, order, body)


@router.post("/variations", response_model=None, openapi_extra=VARIATIONS)
async def vary(request: Request, caller: CallerOf, services: ServicesOf) -> Response:
    """Draw pictures that are like a picture."""
    async with reading_form(request, VariationFields, files=("image",)) as form:
        body = form.fields
        image = await _only_upload("image", form.files.get("image", ()))
    if image is None:
        raise MissingField("image", "Missing required parameter: 'image'. Send one picture")
    plain: dict[str, Any] = {"n": body.n, "size": body.size, "seed": body.seed, "is_kept": body.keep}
    order = make_order(
        kind="variation", images=(image,), model=named_model(request, body.model), split_key=request.state.request_id, **plain
    )
    return await _serve(request, caller, services, order, body)


async def _read_edit_json(request: Request) -> tuple[EditFields, list[ImageSource], ImageSource | None]:
    body = await read_json(request, EditBody)
    images = [_reference(f"images[{index}]", reference) for index, reference in enumerate(body.images)]
    return body, images, _reference("mask", body.mask) if body.mask else None


async def _read_edit_form(request: Request) -> tuple[EditFields, list[ImageSource], ImageSource | None]:
    async with reading_form(request, EditFields, files=("image", "images", "mask")) as form:
        uploads = form.files.get("image", ()) + form.files.get("images", ())
        images = [await _upload(f"image[{index}]" if len(uploads) > 1 else "image", file) for index, file in enumerate(uploads)]
        return form.fields, images, await _only_upload("mask", form.files.get("mask", ()))


async def _serve(request: Request, caller: Caller, services: Services, order: PictureOrder, body: Any) -> Response:
    """Check the order, then draw it: as a stream, or as one answer for which the client must stay."""
    order, model = await services.directory.settle(order, caller.project_id)
    response_format = _response_format(body.response_format, model, order.kind, services)
    if order.is_streamed and order.n > 1:
        raise OnePictureOnly("Streaming needs n=1; ask once for each picture, or leave stream out")
    if order.is_streamed and response_format == "url" and body.response_format is not None:
        raise IncompatibleFields("response_format", "response_format url cannot be streamed; leave it or stream out")
    studio = services.studio
    order = replace(order, priority=caller.priority)
    commission = await until_gone(request.receive, studio.prepare(order, caller.project_id))
    drawing = studio.start(commission)
    said = getattr(body, "safety_identifier", None) or body.user
    if order.is_streamed:
        events = _events(drawing, order.kind, said)
        return EventStream(events, close=drawing.close, request_id=request.state.request_id, keep_alive_s=services.settings.keep_alive_s)
    try:
        finished = await until_gone(request.receive, drawing.finished())
    finally:
        drawing.close()
    data = [await _item(services, request, caller, commission, finished, index, response_format) for index in range(len(finished.pictures))]
    return JsonPieces(images_answer(commission, finished, data, said))


async def _events(drawing: Drawing, kind: str, said: str | None) -> AsyncIterator[dict[str, Any]]:
    prefix = "image_edit" if kind == "edit" else "image_generation"
    async for outcome in drawing.outcomes():
        fields = answer_fields(drawing.commission) | {"created_at": int(time.time())}
        if isinstance(outcome, PartialPicture):
            yield partial_event(prefix, fields, outcome)
        else:
            yield completed_event(prefix, fields, drawing.commission, outcome, said)


async def _item(
    services: Services,
    request: Request,
    caller: Caller,
    commission: Commission,
    finished: FinishedPictures,
    index: int,
    response_format: ResponseFormat,
) -> dict[str, Any]:
    picture = finished.pictures[index]
    item: dict[str, Any] = {}
    if response_format == "b64_json":
        item["b64_json"] = Base64(picture.content)
    else:
        item["url"] = await keep_at_url(request, services, caller.project_id, commission, picture.content)
    if commission.model.habits.family == "dall-e-3":
        item["revised_prompt"] = finished.encoded_prompt
    return item | annotate(request, services, commission) | {"limner": origin(commission, picture)}


def _common(request: Request, body: Any) -> dict[str, Any]:
    """Return the fields of an order that generations and edits share, None where the caller left them out."""
    return {
        "prompt": body.prompt,
        "model": named_model(request, body.model),
        "split_key": request.state.request_id,
        "n": body.n,
        "size": body.size,
        "quality": body.quality,
        "background": body.background,
        "output_format": body.output_format,
        "output_compression": body.output_compression,
        "strictness": body.moderation,
        "num_partials": body.partial_images,
        "is_streamed": body.stream,
        "seed": body.seed,
        "is_kept": body.keep,
        "is_described": body.alt_text,
    }


def _response_format(asked: ResponseFormat | None, model: Model, kind: str, services: Services) -> ResponseFormat:
    """Return how pictures travel: the dall-e names answer with URLs unless asked otherwise, the GPT names with base64.

    Raises:
        UnknownField: strict servers take the field for dall-e names alone, as upstream does.
    """
    is_dall_e = model.habits.family != "gpt-image" or kind == "variation"
    if asked is not None and services.settings.is_strict and not is_dall_e:
        raise UnknownField("response_format", "Unknown parameter: 'response_format'")
    return asked or ("url" if is_dall_e else "b64_json")


def _reference(param: str, reference: ImageReference) -> ImageSource:
    if reference.file_id is not None:
        return ImageSource(param=f"{param}.file_id", file_id=reference.file_id)
    return ImageSource(param=f"{param}.image_url", url=reference.image_url)


async def _upload(param: str, file: UploadFile) -> ImageSource:
    return ImageSource(param=param, content=await file.read())


async def _only_upload(param: str, files: tuple[UploadFile, ...]) -> ImageSource | None:
    if len(files) > 1:
        raise UnknownField(f"{param}[1]", f"{len(files)} files came as {param!r}; send one")
    return await _upload(param, files[0]) if files else None

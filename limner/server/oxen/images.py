"""`/api/ai/images`: pictures in one answer. Generate with an input image is an edit, as upstream has it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from limner.errors import MissingField
from limner.jobs.studio import Commission, FinishedPictures
from limner.schema.oxen import OxenBody, OxenImages
from limner.server.auth import Caller, CallerOf, ServicesOf
from limner.server.bodies import Base64, JsonPieces
from limner.server.documents import OXEN_IMAGES
from limner.server.forms import read_json
from limner.server.oxen.orders import write_order
from limner.server.routes.answers import keep_at_url, origin
from limner.server.services import Services
from limner.server.sse import until_gone

router = APIRouter(prefix="/api/ai/images", tags=["Oxen"])


@router.post("/generate", response_model=OxenImages, openapi_extra=OXEN_IMAGES)
async def generate(request: Request, caller: CallerOf, services: ServicesOf) -> Response:
    """Draw pictures from a prompt, and from input images if there are any."""
    return await _serve(request, caller, services, await read_json(request, OxenBody))


@router.post("/edit", response_model=OxenImages, openapi_extra=OXEN_IMAGES)
async def edit(request: Request, caller: CallerOf, services: ServicesOf) -> Response:
    """Draw pictures from pictures and a prompt; what a mask keeps comes back byte for byte."""
    body = await read_json(request, OxenBody)
    if not body.input_image and not body.image:
        raise MissingField("input_image", "Missing required parameter: 'input_image'. Name the pictures to edit")
    return await _serve(request, caller, services, body)


async def _serve(request: Request, caller: Caller, services: Services, body: OxenBody) -> Response:
    order = await to_thread.run_sync(write_order, body, services.directory, caller.project_id)
    order = await services.generations.links.settle(replace(order, split_key=request.state.request_id), caller.project_id)
    commission = await until_gone(request.receive, services.studio.prepare(order, caller.project_id))
    drawing = services.studio.start(commission)
    try:
        finished = await until_gone(request.receive, drawing.finished())
    finally:
        drawing.close()
    is_base64 = body.response_format == "b64_json"
    images = [await _item(request, caller, services, commission, finished, index, is_base64) for index in range(len(finished.pictures))]
    return JsonPieces({"model": body.model, "created": int(time.time()), "images": images})


async def _item(
    request: Request,
    caller: Caller,
    services: Services,
    commission: Commission,
    finished: FinishedPictures,
    index: int,
    is_base64: bool,  # noqa: FBT001 - of the answer's two forms
) -> dict[str, Any]:
    picture = finished.pictures[index]
    if is_base64:
        item: dict[str, Any] = {"b64_json": Base64(picture.content)}
    else:
        item = {"url": await keep_at_url(request, services, caller.project_id, commission, picture.content)}
    return item | {"revised_prompt": finished.encoded_prompt, "limner": origin(commission, picture)}

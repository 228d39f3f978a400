"""From finished pictures to OpenAI's answers and events: which value stands in which field."""

from __future__ import annotations

import time
from typing import Any

from fastapi import Request

from limner.jobs.studio import Commission, FinishedPicture, FinishedPictures, PartialPicture
from limner.jobs.tokens import Usage
from limner.media.encode import media_type
from limner.schema.images import ImageUsage, InputTokens, OutputTokens
from limner.server.bodies import Base64
from limner.server.services import Services

URL_LIFETIME_S = 3600


def base_url(request: Request, services: Services) -> str:
    """Return what URLs in answers begin with: the operator's address, else the one that was asked."""
    return (services.settings.public_url or str(request.base_url)).rstrip("/")


async def keep_at_url(request: Request, services: Services, project_id: str, commission: Commission, content: bytes) -> str:
    """Keep a finished picture for an hour and return where it can be had."""
    token = await services.keep_result(content, media_type(commission.output_format), project_id, URL_LIFETIME_S)
    return f"{base_url(request, services)}/limner/v1/results/{token}"


def answer_fields(commission: Commission) -> dict[str, Any]:
    """Return what was drawn, in the words of the wire; never `auto`."""
    request = commission.request
    return {
        "background": commission.background,
        "output_format": commission.output_format,
        "quality": request.quality,
        "size": str(request.size),
    }


def images_answer(commission: Commission, finished: FinishedPictures, data: list[dict[str, Any]], said: str | None) -> dict[str, Any]:
    """Return an `ImagesResponse`; `said` is the caller's own name for whoever asked."""
    answer = {"created": int(time.time()), "data": data, **answer_fields(commission), "usage": write_usage(finished.usage)}
    return answer | ({"safety_identifier": said} if said else {})


def partial_event(prefix: str, fields: dict[str, Any], partial: PartialPicture) -> dict[str, Any]:
    """Return a `PartialImageEvent`."""
    content = {"b64_json": Base64(partial.content), "partial_image_index": partial.partial_index}
    return {"type": f"{prefix}.partial_image", **content, **fields}


def completed_event(
    prefix: str, fields: dict[str, Any], commission: Commission, finished: FinishedPictures, said: str | None
) -> dict[str, Any]:
    """Return a `CompletedImageEvent`."""
    picture = finished.pictures[0]
    event = {"type": f"{prefix}.completed", "b64_json": Base64(picture.content), **fields, "usage": write_usage(finished.usage)}
    event["limner"] = origin(commission, picture)
    return event | ({"safety_identifier": said} if said else {})


def origin(commission: Commission, picture: FinishedPicture) -> dict[str, Any]:
    """Return a `PictureOrigin`."""
    described = {} if picture.alt_text is None else {"alt_text": picture.alt_text}
    return {"picture_id": picture.picture_id, "seed": picture.seed, **commission.drawn_by, "parent": commission.parent_id, **described}


def write_usage(usage: Usage) -> dict[str, Any]:
    """Return usage as an `ImageUsage`."""
    return ImageUsage(
        input_tokens=usage.input_tokens,
        input_tokens_details=InputTokens(text_tokens=usage.input_text, image_tokens=usage.input_image),
        output_tokens=usage.output_image,
        output_tokens_details=OutputTokens(image_tokens=usage.output_image, text_tokens=0),
        total_tokens=usage.total_tokens,
    ).model_dump()

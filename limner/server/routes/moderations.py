"""`/v1/moderations`: what moderation thinks of text and pictures."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from fastapi import APIRouter, Request

from limner.errors import InvalidField
from limner.jobs.inputs import ImageSource
from limner.moderation.verdict import CATEGORIES, Verdict, join
from limner.schema.moderations import ImagePart, ModerationBody, ModerationResponse, ModerationResult, TextPart
from limner.server.auth import CallerOf, ServicesOf
from limner.server.documents import MODERATIONS
from limner.server.forms import read_json
from limner.server.services import Services
from limner.server.sse import until_gone

router = APIRouter(prefix="/v1/moderations", tags=["Moderations"])
OWN_MODEL = "limner-moderation"
UPSTREAM_MODELS = {"omni-moderation-latest", "omni-moderation-2024-09-26", "text-moderation-latest", "text-moderation-stable", OWN_MODEL}


@router.post("", openapi_extra=MODERATIONS)
async def moderate(request: Request, caller: CallerOf, services: ServicesOf) -> ModerationResponse:
    """Judge texts, each on its own, or text and pictures together."""
    body = await read_json(request, ModerationBody)
    if body.model is not None and body.model not in UPSTREAM_MODELS:
        raise InvalidField("model", f"moderation model {body.model!r} does not exist; use one of {', '.join(sorted(UPSTREAM_MODELS))}")
    if services.gate.is_open:
        raise InvalidField("input", "moderation is switched off on this server; start it with --moderation local")
    verdicts = await until_gone(request.receive, _judge(services, body, caller.project_id))
    results = [_write(verdict) for verdict in verdicts]
    return ModerationResponse(id=f"modr-{secrets.token_hex(16)}", model=body.model or OWN_MODEL, results=results)


async def _judge(services: Services, body: ModerationBody, project_id: str) -> list[Verdict]:
    """Return a verdict for each text, or one for all parts together."""
    gate = services.gate
    if isinstance(body.input, str):
        return [await gate.judge_text(body.input)]
    parts = [part for part in body.input if not isinstance(part, str)]
    if parts:
        return [await _judge_together(services, parts, project_id)]
    return [await gate.judge_text(text) for text in body.input if isinstance(text, str)]


async def _judge_together(services: Services, parts: Sequence[TextPart | ImagePart], project_id: str) -> Verdict:
    gate = services.gate
    verdicts = [await gate.judge_text(part.text) for part in parts if isinstance(part, TextPart)]
    images = [(index, part) for index, part in enumerate(parts) if isinstance(part, ImagePart)]
    if images:
        sources = [ImageSource(param=f"input[{index}].image_url.url", url=part.image_url.url) for index, part in images]
        loaded = await services.loader.load(sources, None, project_id=project_id)
        verdicts += [await gate.judge_image(image.pixels) for image in loaded.images]
    return join(verdicts)


def _write(verdict: Verdict) -> ModerationResult:
    return ModerationResult(
        flagged=bool(verdict.flagged),
        categories={category: category in verdict.flagged for category in CATEGORIES},
        category_scores={category: verdict.scores[category] for category in CATEGORIES},
        category_applied_input_types={category: list(kinds) for category, kinds in verdict.applied_input_types.items()},
        evidence={category: list(reasons) for category, reasons in verdict.evidence.items()},
    )

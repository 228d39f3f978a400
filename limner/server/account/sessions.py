"""`/limner/v1/session`: whoever calls, and what this server takes; nothing that a page would have to know by itself."""

from __future__ import annotations

from fastapi import APIRouter, Request

from limner.engine.protocol import MAX_INPUT_IMAGES
from limner.engine.resolve import BACKGROUNDS, MAX_IMAGES, MAX_PARTIALS, MAX_PROMPT_CHARS, QUALITIES
from limner.jobs.studio import MAX_OPEN_OF_PROJECT
from limner.media.decode import DEFAULT_LIMITS
from limner.media.encode import OUTPUT_FORMATS
from limner.model.layout import MAX_RATIO, MAX_SIDE_PX, MIN_SIDE_PX, SIDE_STEP_PX
from limner.schema.sessions import EndedSession, KeyObject, Limits, Session, SizeLimits
from limner.server.auth import Caller, CallerOf, ServicesOf
from limner.server.settings import ServerSettings
from limner.store.keys import ApiKey

router = APIRouter(prefix="/limner/v1", tags=["Sessions"])
AUTO = "auto"


@router.get("/session")
async def get_session(request: Request, caller: CallerOf, services: ServicesOf) -> Session:
    """Describe who calls, and what this server takes."""
    return Session(
        project_id=caller.project_id,
        is_dev=services.settings.is_dev,
        key=write_key(caller.key, caller) if caller.key else None,
        limits=_limits(services.settings),
        version=request.app.version,
    )


@router.delete("/session")
async def end_session(caller: CallerOf, services: ServicesOf) -> EndedSession:
    """End a session: the key that a sign-in made is revoked, one that a person made goes on being good."""
    if caller.key is None or not caller.key.is_from_sign_in:
        return EndedSession(key_revoked=False)
    await services.key_ring.revoke(caller.key)
    return EndedSession(key_revoked=True)


def write_key(key: ApiKey, caller: Caller) -> KeyObject:
    """Return a key as others of its project may see it."""
    plain = {name: getattr(key, name) for name in ("name", "role", "hint", "created_at", "expires_at", "revoked_at")}
    return KeyObject.model_validate({"id": key.key_id, "is_current": caller.key is not None and caller.key.key_id == key.key_id, **plain})


def _limits(settings: ServerSettings) -> Limits:
    return Limits(
        max_prompt_chars=MAX_PROMPT_CHARS,
        max_n=MAX_IMAGES,
        max_images=MAX_INPUT_IMAGES,
        max_image_bytes=DEFAULT_LIMITS.image_bytes,
        max_pixels=DEFAULT_LIMITS.pixels,
        sizes=SizeLimits(min=MIN_SIDE_PX, max=MAX_SIDE_PX, multiple_of=SIDE_STEP_PX, max_ratio=MAX_RATIO),
        qualities=[AUTO, *QUALITIES],
        formats=[*OUTPUT_FORMATS],
        backgrounds=[AUTO, *BACKGROUNDS],
        max_partial_images=MAX_PARTIALS,
        max_open_requests=MAX_OPEN_OF_PROJECT,
        retention_days=settings.retention_days,
        moderation=settings.moderation_kind,
    )

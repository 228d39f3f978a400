"""`/v1/models`: the names that requests may give."""

from __future__ import annotations

from fastapi import APIRouter

from limner.jobs.models import Model
from limner.schema.models import ModelList, ModelObject
from limner.server.auth import CallerOf, ServicesOf

router = APIRouter(prefix="/v1/models", tags=["Models"])


@router.get("")
async def list_models(_: CallerOf, services: ServicesOf) -> ModelList:
    """List every name: models, snapshots, and the upstream names that stand for them."""
    return ModelList(data=[_write(model) for model in services.models])


@router.get("/{model_id}")
async def get_model(model_id: str, _: CallerOf, services: ServicesOf) -> ModelObject:
    """Describe one name."""
    return _write(services.models.find(model_id))


def _write(model: Model) -> ModelObject:
    return ModelObject(id=model.name, created=model.released_at, snapshot=model.snapshot)

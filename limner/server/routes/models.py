"""`/v1/models`: the names that requests may give."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter

from limner.jobs.models import Model
from limner.schema.models import ModelList, ModelObject
from limner.server.auth import CallerOf, ServicesOf

router = APIRouter(prefix="/v1/models", tags=["Models"])


@router.get("")
async def list_models(caller: CallerOf, services: ServicesOf) -> ModelList:
    """List every name: models, snapshots, the upstream names that stand for them, and deployments."""
    return ModelList(data=[_write(model) for model in await to_thread.run_sync(services.directory.names, caller.project_id)])


@router.get("/{model_id}")
async def get_model(model_id: str, caller: CallerOf, services: ServicesOf) -> ModelObject:
    """Describe one name; of a deployment that is split, the snapshot is that of its largest share."""

    def find() -> Model:
        found = {model.name: model for model in services.directory.names(caller.project_id)}
        return found.get(model_id) or services.models.find(model_id)

    return _write(await to_thread.run_sync(find))


def _write(model: Model) -> ModelObject:
    return ModelObject(id=model.name, created=model.released_at, snapshot=model.snapshot)

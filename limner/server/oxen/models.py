"""`/api/ai/models`: the names that requests may give, with dashes for dots; and by name what there is not here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query

from limner.errors import UnknownRoute
from limner.jobs.deployments.directory import Directory
from limner.jobs.models import Model
from limner.schema.oxen import Capabilities, Developer, OxenBody, OxenModel, OxenModelList, Pricing
from limner.server.auth import CallerOf, ServicesOf
from limner.server.oxen.orders import find_model

router = APIRouter(tags=["Oxen"])
MODELS = "/api/ai/models"
MAX_SEARCH_CHARS = 200
SCHEMA: dict[str, Any] = OxenBody.model_json_schema()
LIST_MODELS = "GET /api/ai/models lists every name"
ABSENT = {  # method and path: why it is not here
    f"GET {MODELS}/featured": f"No model is featured here; {LIST_MODELS}",
    f"GET {MODELS}/favorites": f"Favorites of models are not kept here; {LIST_MODELS}",
    f"POST {MODELS}/{{model_id}}/favorite": f"Favorites of models are not kept here; {LIST_MODELS}",
    f"DELETE {MODELS}/{{model_id}}/favorite": f"Favorites of models are not kept here; {LIST_MODELS}",
    f"PUT {MODELS}/{{model_id}}": "Models are not changed over the API; `limner serve --alias NAME=MODEL` names them",
    f"DELETE {MODELS}/{{model_id}}": "Models are not deleted over the API; they are part of the installation",
    f"POST {MODELS}/{{model_id}}/activate": "Every model is active here; there is nothing to activate",
    f"POST {MODELS}/{{model_id}}/deactivate": "Every model is active here, and stays so",
    "POST /api/ai/chat/completions": "This server draws pictures and has no chat; ask POST /api/ai/images/generate",
    "POST /api/ai/videos/generate": "This server draws pictures and no videos; ask POST /api/ai/images/generate",
    "GET /api/repos/{path:path}": "This server has no repositories; results are at the URLs that answers give",
}


@router.get(MODELS)
async def list_models(caller: CallerOf, services: ServicesOf) -> OxenModelList:
    """List every name: models, snapshots, the upstream names that stand for them, and deployments."""
    return OxenModelList(data=await to_thread.run_sync(_all, services.directory, caller.project_id))


@router.get(f"{MODELS}/search")
async def search_models(
    caller: CallerOf,
    services: ServicesOf,
    search: Annotated[str, Query(max_length=MAX_SEARCH_CHARS, description="A part of the name.")] = "",
) -> OxenModelList:
    """List the names that hold a text, in any case."""
    every = await to_thread.run_sync(_all, services.directory, caller.project_id)
    return OxenModelList(data=[model for model in every if search.strip().lower().replace(".", "-") in model.id.lower()])


def _refuse(reason: str) -> Callable[..., Any]:
    async def refuse(_: CallerOf) -> None:
        raise UnknownRoute(reason)

    return refuse


for _name, _reason in ABSENT.items():  # before the route that takes any name
    router.add_api_route(_name.split()[1], _refuse(_reason), methods=[_name.split()[0]], include_in_schema=False)


@router.get(f"{MODELS}/{{model_id}}")
async def get_model(model_id: str, caller: CallerOf, services: ServicesOf) -> OxenModel:
    """Describe one name."""
    return _write(await to_thread.run_sync(find_model, services.directory, caller.project_id, model_id), model_id)


def _all(directory: Directory, project_id: str) -> list[OxenModel]:
    named = {model.name.replace(".", "-"): model for model in directory.names(project_id)}
    return [_write(model, name) for name, model in sorted(named.items())]


def _write(model: Model, name: str) -> OxenModel:
    return OxenModel(
        id=name,
        created=model.released_at,
        display_name=name,
        description=f"Draws and edits pictures with {model.snapshot}.",
        developer=Developer(name="Limner", logo=None),
        endpoint="/images/generate",
        capabilities=Capabilities(input=["text", "image"], output=["image"]),
        pricing=Pricing(),
        deployments=[],
        snapshot=model.snapshot,
        request_schema=SCHEMA,
        json_request_schema=SCHEMA,
    )

"""`/limner/v1/deployments`: a project's names for models, and the server's; made, changed, switched and rolled back by admins."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request

from limner.errors import Forbidden
from limner.schema.deployments import (
    DEFAULT_PAGE,
    MAX_PAGE,
    DeletedDeployment,
    DeploymentBody,
    DeploymentChange,
    DeploymentList,
    DeploymentObject,
    DeploymentPolicy,
    TargetBody,
)
from limner.schema.pages import Order
from limner.server.auth import Caller, CallerOf, ServicesOf, require_admin
from limner.server.documents import CHANGED_DEPLOYMENTS, DEPLOYMENTS
from limner.server.forms import read_json
from limner.server.routes.lists import after_query
from limner.server.services import Services
from limner.store.deployments import Deployment, Plan, Policy, Target
from limner.store.identifiers import DEPLOYMENT_ID
from limner.store.pages import Page

router = APIRouter(prefix="/limner/v1/deployments", tags=["Deployments"])


@router.post("", openapi_extra=DEPLOYMENTS)
async def create_deployment(request: Request, caller: CallerOf, services: ServicesOf) -> DeploymentObject:
    """Make a deployment of the project's own. For admins."""
    require_admin(caller)
    body = await read_json(request, DeploymentBody)
    plan = Plan(targets=read_targets(body.targets), defaults=body.defaults.model_dump(), policy=read_policy(body.policy))
    return _write(await to_thread.run_sync(services.deployments.create, caller.project_id, body.name, plan))


@router.get("")
async def list_deployments(
    caller: CallerOf,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
    order: Order = "desc",
    after: Annotated[str | None, after_query(DEPLOYMENT_ID)] = None,
) -> DeploymentList:
    """List the current versions of the project's deployments and the server's, a page at a time."""

    def read() -> DeploymentList:
        return _write_page(services.directory.deployments.page(caller.project_id, limit=limit, order=order, after=after))

    return await to_thread.run_sync(read)


@router.get("/{name}")
async def get_deployment(name: str, caller: CallerOf, services: ServicesOf) -> DeploymentObject:
    """Return the current version of a deployment: the project's own, else the server's."""
    return _write(await to_thread.run_sync(services.directory.deployments.get, caller.project_id, name))


@router.post("/{name}", openapi_extra=CHANGED_DEPLOYMENTS)
async def change_deployment(name: str, request: Request, caller: CallerOf, services: ServicesOf) -> DeploymentObject:
    """Make the next version of a deployment: switch it, split it, or give it other defaults or another policy. For admins."""
    await _check_may_change(name, caller, services)
    body = await read_json(request, DeploymentChange)
    parts: dict[str, Any] = {
        "targets": None if body.targets is None else read_targets(body.targets),
        "defaults": None if body.defaults is None else body.defaults.model_dump(),
        "policy": None if body.policy is None else read_policy(body.policy),
    }
    return _write(await to_thread.run_sync(lambda: services.deployments.change(caller.project_id, name, **parts)))


@router.delete("/{name}")
async def delete_deployment(name: str, caller: CallerOf, services: ServicesOf) -> DeletedDeployment:
    """Delete a deployment with all its versions. For admins."""
    await _check_may_change(name, caller, services)
    return DeletedDeployment(name=name, versions=await to_thread.run_sync(services.deployments.delete, caller.project_id, name))


@router.post("/{name}/rollback")
async def roll_back_deployment(name: str, caller: CallerOf, services: ServicesOf) -> DeploymentObject:
    """Make the version current again that was current before. For admins."""
    await _check_may_change(name, caller, services)
    return _write(await to_thread.run_sync(services.deployments.roll_back, caller.project_id, name))


@router.get("/{name}/versions")
async def list_versions(
    name: str,
    caller: CallerOf,
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE,
    order: Order = "desc",
    after: Annotated[str | None, after_query(DEPLOYMENT_ID)] = None,
) -> DeploymentList:
    """List the versions of a deployment, a page at a time."""

    def read() -> DeploymentList:
        return _write_page(services.directory.deployments.versions(caller.project_id, name, limit=limit, order=order, after=after))

    return await to_thread.run_sync(read)


async def _check_may_change(name: str, caller: Caller, services: Services) -> None:
    """Let admins pass, and nobody change what other projects use.

    Raises:
        Forbidden: the caller is no admin, or the deployment is the server's.
        UnknownDeployment: there is none.
    """
    found = await to_thread.run_sync(services.directory.deployments.get, caller.project_id, name)
    require_admin(caller)
    if found.project_id is None:
        raise Forbidden(f"{name!r} is the server's and holds for every project; `limner deployments` changes it, on the server's machine")


def read_targets(bodies: list[TargetBody]) -> tuple[Target, ...]:
    """Return targets as they are kept."""
    return tuple(Target(model=body.model, percent=body.percent) for body in bodies)


def read_policy(body: DeploymentPolicy) -> Policy:
    """Return a policy as it is kept."""
    return Policy(moderation=body.moderation, qualities=tuple(body.qualities), sizes=tuple(body.sizes), max_n=body.max_n)


def _write_page(page: Page[Deployment]) -> DeploymentList:
    return DeploymentList.of(map(_write, page.items), has_more=page.has_more)


def _write(deployment: Deployment) -> DeploymentObject:
    plan = deployment.plan
    return DeploymentObject.model_validate(
        {
            "id": deployment.version_id,
            "scope": "server" if deployment.project_id is None else "project",
            **{name: getattr(deployment, name) for name in ("name", "version", "previous", "is_current", "created_at")},
            "targets": [vars(target) for target in plan.targets],
            "defaults": plan.defaults,
            "policy": vars(plan.policy) | {"qualities": list(plan.policy.qualities), "sizes": list(plan.policy.sizes)},
        }
    )

"""The application: routes, what surrounds them, and one answer for each way to fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from limner.errors import LimnerError
from limner.server.account import deployments, keys, sessions, usage, webhooks
from limner.server.azure.paths import AzurePaths
from limner.server.batches import routes as batches
from limner.server.batches.assembly import BatchParts, answer_batches
from limner.server.documents import build_document
from limner.server.errors import from_location
from limner.server.middleware import BodyLimits, RequestFrame, refuse
from limner.server.oxen import events as oxen_events
from limner.server.oxen import images as oxen_images
from limner.server.oxen import models as oxen_models
from limner.server.oxen import queue as oxen_queue
from limner.server.responses import conversations
from limner.server.responses import routes as responses
from limner.server.routes import files, health, images, models, moderations, pictures, playground, prompts, results
from limner.server.services import Services

MEBIBYTE = 2**20
BODY_LIMITS = {
    "/v1/images/generations": MEBIBYTE,
    "/v1/images/edits": 256 * MEBIBYTE,
    "/v1/images/variations": 64 * MEBIBYTE,
    "/v1/files": 513 * MEBIBYTE,
    "/v1/moderations": 64 * MEBIBYTE,
    "/api/ai/images/generate": 256 * MEBIBYTE,
    "/api/ai/images/edit": 256 * MEBIBYTE,
    "/api/ai/queue": 64 * MEBIBYTE,
    "/v1/responses": 256 * MEBIBYTE,
    "/v1/responses/input_tokens": 256 * MEBIBYTE,
    "/v1/conversations": 256 * MEBIBYTE,
    "/v1/conversations/*/items": 256 * MEBIBYTE,
}
OTHER_BODY_LIMIT = MEBIBYTE
ROOMS = (
    images,
    responses,
    conversations,
    files,
    batches,
    models,
    moderations,
    pictures,
    prompts,
    results,
    sessions,
    keys,
    deployments,
    usage,
    webhooks,
    oxen_images,
    oxen_queue,
    oxen_events,
    oxen_models,
    health,
    playground,
)
WRONG_METHOD = 405
DESCRIPTION = (
    "Draws and edits pictures in OpenAI's dialect, with a model of its own. Fields that upstream does not have are marked as such."
)


def create_app(services: Services) -> ASGIApp:
    """Make the ASGI application of a server; it holds no state beside `services`."""
    app = make_router_app()
    app.state.services = services
    surrounded = surround(app, is_stopping=lambda: services.studio.is_stopping, needs_version=services.settings.is_strict)
    parts = BatchParts(batches=services.batches, make_batch_runner=services.make_batch_runner)
    paths = {getattr(route, "path", "") for module in ROOMS for route in module.router.routes}
    answer_batches(parts, services.work, surrounded, paths=paths)
    return surrounded


def make_router_app() -> FastAPI:
    """Make the application of routes alone, from which the document is made."""
    app = FastAPI(title="Limner", version=_version(), description=DESCRIPTION, docs_url=None, redoc_url=None, redirect_slashes=False)
    for module in ROOMS:
        app.include_router(module.router)
    return app


def surround(app: FastAPI, *, is_stopping: Callable[[], bool] = lambda: False, needs_version: bool = False) -> ASGIApp:
    """Give an application its error answers, its document and its middleware, which refuses everything while `is_stopping` says so.

    `needs_version` is that of `AzurePaths`.
    """
    document: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not document:
            document.update(build_document(app))
        return document

    app.openapi = openapi  # type: ignore[method-assign]
    for kind in (LimnerError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _answer)  # type: ignore[arg-type]
    app.add_exception_handler(ClientDisconnect, _say_nothing)  # type: ignore[arg-type]
    bounded = BodyLimits(app, limits=BODY_LIMITS, default=OTHER_BODY_LIMIT)
    return RequestFrame(AzurePaths(bounded, needs_version=needs_version), is_stopping=is_stopping)


async def _answer(request: Request, error: Exception) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        error = from_location(first["type"], first["loc"][1:], first["msg"], first.get("input"))
    if isinstance(error, HTTPException) and error.status_code == WRONG_METHOD:
        error.headers = _allowed_methods(request) or error.headers
    request_id = request.state.request_id

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        await refuse(error, request_id, scope, receive, send)

    return respond


def _allowed_methods(request: Request) -> dict[str, str]:
    """Return what every method of the path is: the router itself tells those of one route, and a path can have several."""
    methods = request.app.openapi()["paths"].get(getattr(request.scope.get("route"), "path", None), {})
    return {"allow": ", ".join(sorted(method.upper() for method in methods))} if methods else {}


async def _say_nothing(request: Request, error: Exception) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        """Nobody is there to hear an answer."""

    return respond


def _version() -> str:
    try:
        return version("limner")
    except PackageNotFoundError:
        return "0"

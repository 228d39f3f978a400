"""An application for the vendors' own test suites, which send every field at once and files that are no pictures.

It looks at nothing and answers every call with a well-formed object of the kind that the real routes give. It is off by default and
never listens but on loopback.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp

from limner.media.encode import encode
from limner.moderation.verdict import CATEGORIES
from limner.schema.files import DeletedFile, FileList, FileObject
from limner.schema.images import ImageItem, ImagesResponse, ImageUsage, InputTokens, OutputTokens
from limner.schema.models import ModelList, ModelObject
from limner.schema.moderations import ModerationResponse, ModerationResult
from limner.server.app import surround
from limner.server.bodies import Base64
from limner.server.forms import is_json
from limner.server.responses.conformance import add_batches, add_conversations, add_responses
from limner.server.sse import EventStream

PICTURE = encode(np.full((16, 16, 4), 255, np.uint8), "png")
USAGE = ImageUsage(
    input_tokens=1,
    input_tokens_details=InputTokens(text_tokens=1, image_tokens=0),
    output_tokens=272,
    output_tokens_details=OutputTokens(image_tokens=272, text_tokens=0),
    total_tokens=273,
)
DRAWN: dict[str, Any] = {"background": "opaque", "output_format": "png", "quality": "low", "size": "1024x1024"}


def create_conformance_app() -> ASGIApp:
    """Make the application."""
    app = FastAPI(title="Limner, for conformance suites", docs_url=None, redoc_url=None, redirect_slashes=False)
    _add_images(app)
    _add_files(app)
    _add_models(app)
    _add_moderations(app)
    add_responses(app, PICTURE)
    add_conversations(app)
    add_batches(app)
    return surround(app)


def _add_images(app: FastAPI) -> None:
    async def answer(request: Request) -> Any:
        fields: Any = await request.json() if is_json(request) else await request.form()
        if str(fields.get("stream")).lower() == "true":
            kind = "image_edit" if request.url.path.endswith("/edits") else "image_generation"
            return EventStream(_events(kind), close=lambda: None, request_id=request.state.request_id, keep_alive_s=60.0)
        item = ImageItem(b64_json=Base64(PICTURE).text)
        return ImagesResponse(created=int(time.time()), data=[item], usage=USAGE, **DRAWN)

    for name in ("generations", "edits", "variations"):
        app.add_api_route(f"/v1/images/{name}", answer, methods=["POST"], response_model=None)


async def _events(kind: str) -> AsyncIterator[dict[str, Any]]:
    yield {"type": f"{kind}.completed", "b64_json": Base64(PICTURE), "created_at": int(time.time()), **DRAWN, "usage": USAGE.model_dump()}


def _file(file_id: str = "file-conformance") -> FileObject:
    return FileObject(id=file_id, bytes=12, created_at=0, filename="example.txt", purpose="assistants")


def _add_files(app: FastAPI) -> None:
    app.post("/v1/files")(lambda: _file())
    app.get("/v1/files")(lambda: FileList(data=[_file()], first_id=_file().id, last_id=_file().id, has_more=False))

    @app.get("/v1/files/{file_id}")
    def get(file_id: str) -> FileObject:
        return _file(file_id)

    @app.delete("/v1/files/{file_id}")
    def delete(file_id: str) -> DeletedFile:
        return DeletedFile(id=file_id)

    @app.get("/v1/files/{file_id}/content")
    def content(file_id: str) -> Response:
        return Response(b"Example data", media_type="application/octet-stream", headers={"x-file-id": str(len(file_id))})


def _add_models(app: FastAPI) -> None:
    app.get("/v1/models")(lambda: ModelList(data=[_model("limner")]))

    @app.get("/v1/models/{model_id}")
    def get(model_id: str) -> ModelObject:
        return _model(model_id)

    @app.delete("/v1/models/{model_id}")
    def delete(model_id: str) -> dict[str, Any]:
        return {"id": model_id, "object": "model", "deleted": True}


def _model(name: str) -> ModelObject:
    return ModelObject(id=name, created=0, snapshot="limner")


def _add_moderations(app: FastAPI) -> None:
    @app.post("/v1/moderations")
    def moderate() -> ModerationResponse:
        nothing = ModerationResult(
            flagged=False,
            categories=dict.fromkeys(CATEGORIES, False),
            category_scores=dict.fromkeys(CATEGORIES, 0.0),
            category_applied_input_types={category: ["text"] for category in CATEGORIES},
            evidence={},
        )
        return ModerationResponse(id="modr-conformance", model="limner-moderation", results=[nothing])

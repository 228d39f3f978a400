"""Fixed answers of the Responses, Conversations and Batches APIs, for the vendors' own test suites.

Source: `Response`, `CompactedResponse`, `Conversation`, `ConversationItem` and `Batch` in openai-python's types.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response

from limner.server.bodies import Base64, JsonPieces
from limner.server.sse import EventStream

Object = dict[str, Any]
KEEP_ALIVE_S = 60.0
TOKENS: Object = {
    "input_tokens": 1,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 1,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 2,
}
DRAWN: Object = {"action": "generate", "background": "opaque", "output_format": "png", "quality": "low", "size": "1024x1024"}
SAID: Object = {"type": "output_text", "text": "Example", "annotations": [], "logprobs": []}
MESSAGE: Object = {"id": "msg_conformance", "type": "message", "role": "assistant", "status": "completed", "content": [SAID]}
ASKED: Object = {
    "id": "msg_conformance",
    "type": "message",
    "role": "user",
    "status": "completed",
    "content": [{"type": "input_text", "text": "Example"}],
}


def add_responses(app: FastAPI, picture: bytes) -> None:
    """Add the routes of responses; every response has drawn `picture`, a PNG."""

    async def create(request: Request) -> Response:
        return answer(request, is_streamed=(await request.json()).get("stream") is True)

    def retrieve(request: Request, response_id: str, *, stream: bool = False) -> Response:
        return answer(request, response_id, is_streamed=stream)

    def cancel(request: Request, response_id: str) -> Response:
        return answer(request, response_id, is_streamed=False)

    def answer(request: Request, response_id: str = "resp_conformance", *, is_streamed: bool) -> Response:
        found = _response(response_id, picture)
        if not is_streamed:
            return JsonPieces(found)
        return EventStream(_events(found), close=lambda: None, request_id=request.state.request_id, keep_alive_s=KEEP_ALIVE_S)

    def compact() -> Object:
        return {"id": "resp_conformance", "object": "response.compaction", "created_at": 0, "output": [MESSAGE], "usage": TOKENS}

    def delete(response_id: str) -> Object:
        return {"id": response_id, "object": "response", "deleted": True}

    app.add_api_route("/v1/responses", create, methods=["POST"], response_model=None)
    app.post("/v1/responses/compact")(compact)
    app.post("/v1/responses/input_tokens")(lambda: {"object": "response.input_tokens", "input_tokens": 1})
    app.add_api_route("/v1/responses/{response_id}", retrieve, methods=["GET"], response_model=None)
    app.delete("/v1/responses/{response_id}")(delete)
    app.add_api_route("/v1/responses/{response_id}/cancel", cancel, methods=["POST"], response_model=None)
    app.get("/v1/responses/{response_id}/input_items")(lambda: _list(ASKED))


def add_conversations(app: FastAPI) -> None:
    """Add the routes of conversations and their items."""

    def get(conversation_id: str = "conv_conformance") -> Object:
        return {"id": conversation_id, "object": "conversation", "created_at": 0, "metadata": {}}

    def delete(conversation_id: str) -> Object:
        return {"id": conversation_id, "object": "conversation.deleted", "deleted": True}

    path = "/v1/conversations/{conversation_id}"
    app.post("/v1/conversations")(lambda: get())
    for method in ("GET", "POST"):
        app.add_api_route(path, get, methods=[method])
    app.delete(path)(delete)
    for method in ("GET", "POST"):
        app.add_api_route(f"{path}/items", lambda: _list(ASKED), methods=[method])
    app.get(f"{path}/items/{{item_id}}")(lambda item_id: ASKED | {"id": item_id})
    app.delete(f"{path}/items/{{item_id}}")(get)


def add_batches(app: FastAPI) -> None:
    """Add the routes of batches."""

    def get(batch_id: str = "batch_conformance") -> Object:
        return {
            "id": batch_id,
            "object": "batch",
            "endpoint": "/v1/images/generations",
            "input_file_id": "file-conformance",
            "completion_window": "24h",
            "status": "in_progress",
            "created_at": 0,
            "request_counts": {"total": 1, "completed": 0, "failed": 0},
        }

    app.post("/v1/batches")(lambda: get())
    app.get("/v1/batches")(lambda: _list(get()))
    app.get("/v1/batches/{batch_id}")(get)
    app.post("/v1/batches/{batch_id}/cancel")(get)


def _list(item: Mapping[str, Any]) -> Object:
    return {"object": "list", "data": [item], "first_id": item["id"], "last_id": item["id"], "has_more": False}


def _response(response_id: str, picture: bytes) -> Object:
    call = {"id": "ig_conformance", "type": "image_generation_call", "status": "completed", "result": Base64(picture), **DRAWN}
    return {
        "id": response_id,
        "object": "response",
        "created_at": int(time.time()),
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "limner",
        "output": [call, MESSAGE],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [{"type": "image_generation"}],
        "top_p": 1.0,
        "usage": TOKENS,
    }


async def _events(response: Object) -> AsyncIterator[Object]:
    begun = response | {"status": "in_progress", "output": [], "usage": None}
    for number, (kind, told) in enumerate((("created", begun), ("in_progress", begun), ("completed", response))):
        yield {"type": f"response.{kind}", "sequence_number": number, "response": told}

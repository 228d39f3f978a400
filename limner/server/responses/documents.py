"""The Responses and Conversations routes in the OpenAPI document: bodies that they read by themselves, and answers that they write so."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from limner.schema.responses.answers import ResponseEvent, ResponseObject
from limner.schema.responses.requests import ConversationBody, MetadataBody, NewItemsBody, ResponseBody, TokensBody
from limner.server.documents import REFERENCE, Described


def json_of(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return the description of an answer that is the JSON of a model."""
    return {200: {"model": model}}


def _body(model: type[BaseModel]) -> Described:
    schema = {"$ref": REFERENCE.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_EVENT = {
    "description": "One event; `data` is the JSON of what `event` names.",
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"type": "string"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": REFERENCE.format(model=ResponseEvent.__name__)},
        },
    },
}
_STREAM = {"text/event-stream": {"schema": _EVENT}}
_STREAMED = {"description": "The response, or with `stream` its events.", "model": ResponseObject, "content": _STREAM}
RESPONSE_JSON: dict[int | str, dict[str, Any]] = {200: _STREAMED}
RESPONSES = _body(ResponseBody)
TOKENS = _body(TokensBody)
CONVERSATION = _body(ConversationBody)
METADATA = _body(MetadataBody)
ITEMS = _body(NewItemsBody)

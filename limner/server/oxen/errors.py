"""Oxen's form of an error: the same failures as everywhere, written as its clients read them."""

from __future__ import annotations

from typing import Any

from limner.errors import UnknownModel
from limner.schema.oxen import OxenErrorBody, OxenErrorObject
from limner.server.errors import ErrorAnswer

INVALID, UNKNOWN = "invalid_params", "unknown_error"
TYPES = {401: "unauthenticated", 403: "forbidden", 404: "resource_not_found", 429: "too_many_requests", 503: "unavailable"}
TITLES = {
    "unauthenticated": "An API key of this server is needed",
    "forbidden": "The API key may not do this",
    "resource_not_found": "The requested resource could not be found",
    "too_many_requests": "Too many requests wait",
    "unavailable": "The server cannot do this now",
    INVALID: "The request has a parameter that cannot be used",
    UNKNOWN: "The server had an error",
}


def write_oxen_error(told: ErrorAnswer) -> dict[str, Any]:
    """Return the body of an error; `code` and `param` are this server's own, for programs to look at."""
    error = told.body.error
    kind = TYPES.get(told.status) or (INVALID if told.status < 500 else UNKNOWN)
    said = OxenErrorObject(type=kind, title=TITLES[kind], detail=error.message, param=error.param, code=error.code)
    body = OxenErrorBody(error=said, status_message=kind).model_dump(exclude_none=True)
    if error.code == UnknownModel.code:
        body["error"]["message"] = error.message
    return body

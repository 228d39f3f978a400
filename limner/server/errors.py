"""The one place where errors become answers: OpenAI's error object, with a status and headers, for every failure there is."""

from __future__ import annotations

import logging
import math
import reprlib
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from starlette.exceptions import HTTPException

from limner import errors
from limner.errors import LimnerError
from limner.schema.errors import ErrorBody, ErrorObject, ModerationDetails

log = logging.getLogger("limner.server")

USER_ERROR, IMAGE_ERROR, SERVER_ERROR, BUSY = "invalid_request_error", "image_generation_user_error", "server_error", "requests"
RETRY_AFTER_S, MAX_RETRY_AFTER_S = 5, 60  # where nothing can be estimated; vendors' clients heed no longer ones
MAX_SHOWN_CHARS, MAX_PARAM_CHARS = 60, 100


@dataclass(frozen=True)
class Mapping:
    """How an error class is answered; `code` None keeps the error's own."""

    status: int
    type: str
    code: str | None = None
    is_told: bool = True


ANSWERS: dict[type[LimnerError], Mapping] = {
    errors.Unauthenticated: Mapping(401, USER_ERROR),
    errors.Forbidden: Mapping(403, USER_ERROR),
    errors.UnknownModel: Mapping(404, USER_ERROR),
    errors.UnknownFile: Mapping(404, USER_ERROR),
    errors.UnknownPrompt: Mapping(404, USER_ERROR),
    errors.UnknownKey: Mapping(404, USER_ERROR),
    errors.UnknownGeneration: Mapping(404, USER_ERROR),
    errors.UnknownWebhook: Mapping(404, USER_ERROR),
    errors.UnknownResponse: Mapping(404, USER_ERROR),
    errors.UnknownConversation: Mapping(404, USER_ERROR),
    errors.UnknownItem: Mapping(404, USER_ERROR),
    errors.UnknownDeployment: Mapping(404, USER_ERROR),
    errors.UnknownBatch: Mapping(404, USER_ERROR),
    errors.UnknownRoute: Mapping(404, USER_ERROR),
    errors.WrongMethod: Mapping(405, USER_ERROR),
    errors.UploadTooSlow: Mapping(408, USER_ERROR),
    errors.BodyTooLarge: Mapping(413, USER_ERROR),
    errors.Blocked: Mapping(400, IMAGE_ERROR),
    errors.InvalidMask: Mapping(400, IMAGE_ERROR),
    errors.OnePictureOnly: Mapping(400, IMAGE_ERROR),
    errors.InvalidPrompt: Mapping(400, USER_ERROR, "invalid_value"),
    errors.UnsupportedSize: Mapping(400, USER_ERROR, "invalid_value"),
    errors.IncompatibleFields: Mapping(400, USER_ERROR, "invalid_value"),
    errors.RequestError: Mapping(400, USER_ERROR),
    errors.QueueFull: Mapping(429, BUSY, "rate_limit_exceeded"),
    errors.Stopping: Mapping(503, SERVER_ERROR),
    errors.IssuerUnreachable: Mapping(503, SERVER_ERROR),
    errors.ModerationFailed: Mapping(503, SERVER_ERROR),
    errors.PlannerFailed: Mapping(502, SERVER_ERROR),
    errors.EngineDied: Mapping(500, SERVER_ERROR),
    errors.EngineError: Mapping(500, SERVER_ERROR),
    LimnerError: Mapping(500, SERVER_ERROR, is_told=False),
}


@dataclass(frozen=True)
class ErrorAnswer:
    """An error on its way out."""

    status: int
    body: ErrorBody
    headers: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return the body; its four fields are there even when null."""
        error = self.body.error.model_dump(exclude={"moderation_details"})
        details = self.body.error.moderation_details
        return {"error": error | ({"moderation_details": details.model_dump()} if details else {})}


def answer(error: BaseException, request_id: str) -> ErrorAnswer:
    """Turn any exception into its answer. What is not ours, or tells of the inside, is logged and answered in a fixed sentence."""
    headers: dict[str, str] = {}
    if isinstance(error, HTTPException):
        headers = {name.lower(): value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
        error = _from_starlette(error)
    if not isinstance(error, LimnerError):
        return _unexpected(error, request_id)
    mapping = next(ANSWERS[known] for known in type(error).__mro__ if known in ANSWERS)
    if not mapping.is_told:
        return _unexpected(error, request_id)
    details = None
    message = error.message
    if isinstance(error, errors.Blocked):
        details = ModerationDetails(moderation_stage=error.stage, categories=list(error.categories))
        message = (
            f"{message}. safety_violations=[{', '.join(error.categories)}]. If you think this is wrong, give the request id {request_id}"
        )
    retry_after_s = _retry_after_s(error)
    if mapping.status == 429:  # clients look for these words
        message = f"{message}. Please try again in {retry_after_s}s"
    body = ErrorBody(
        error=ErrorObject(
            message=_sentence(message, error.param),
            type=mapping.type,
            param=error.param,
            code=mapping.code or error.code,
            moderation_details=details,
        )
    )
    return ErrorAnswer(mapping.status, body, headers | _headers(mapping.status, retry_after_s))


def from_validation(error: ValidationError) -> LimnerError:
    """Turn the first thing that a schema found wrong into an error that names the field as the caller wrote it."""
    first = error.errors(include_url=False)[0]
    return from_location(first["type"], first["loc"], first["msg"], first.get("input"))


def from_location(kind: str, location: tuple[str | int, ...], said: str, value: Any) -> LimnerError:
    """Turn one complaint of a schema, of the kind that pydantic names, into an error."""
    param, shown = _path(location, is_unknown=kind == "extra_forbidden"), _shown(value)
    if kind == "missing":
        return errors.MissingField(param, f"Missing required parameter: {param!r}")
    if kind == "extra_forbidden":
        return errors.UnknownField(param, f"Unknown parameter: {param!r}")
    if kind.endswith(("_type", "_parsing", "int_from_float")):
        return errors.InvalidType(param, f"Invalid type for {param!r}: {shown} was given; {said[:1].lower()}{said[1:]}")
    return errors.InvalidField(param or "body", f"Invalid value for {param!r}: {shown} was given; {said[:1].lower()}{said[1:]}")


def _from_starlette(error: HTTPException) -> LimnerError:
    detail = str(error.detail)
    if error.status_code == 404:
        return errors.UnknownRoute("Unknown request URL. GET /openapi.json lists every path; base URLs of OpenAI's clients end in /v1")
    if error.status_code == 405:
        return errors.WrongMethod("This path does not take this method. GET /openapi.json lists what it takes")
    if error.status_code == 413:
        return errors.BodyTooLarge(detail)
    return errors.InvalidBody(f"The body cannot be read: {detail}")


def _unexpected(error: BaseException, request_id: str) -> ErrorAnswer:
    log.error("request %s failed (%s)", request_id, type(error).__name__, exc_info=error)
    message = f"The server had an error while it worked on this request. Ask again, and if it stays, give the request id {request_id}."
    body = ErrorBody(error=ErrorObject(message=message, type=SERVER_ERROR, param=None, code=None))
    return ErrorAnswer(500, body, {})


def _retry_after_s(error: LimnerError) -> int:
    """Return when to try again, in whole seconds: never too early by an estimate, and never so late that clients would not wait."""
    estimate_s = error.retry_after_s if isinstance(error, errors.QueueFull) else None
    return RETRY_AFTER_S if estimate_s is None else min(max(math.ceil(estimate_s), 1), MAX_RETRY_AFTER_S)


def _headers(status: int, retry_after_s: int) -> dict[str, str]:
    if status in (429, 503):
        return {"retry-after": str(retry_after_s), "retry-after-ms": str(retry_after_s * 1000)}
    if status == 401:
        return {"www-authenticate": "Bearer"}
    return {}


def _path(location: tuple[str | int, ...], *, is_unknown: bool) -> str:
    """Write `("images", 0, "file_id")` as `images[0].file_id`; what the schema adds to tell unions apart is left out.

    The last part of an unknown field's is what the caller wrote, whatever that is.
    """
    path = ""
    for place, part in enumerate(location, 1):
        if isinstance(part, int):
            path += f"[{part}]"
        elif part.isidentifier() or (is_unknown and place == len(location)):
            path += f".{part}" if path else part
    return shorten(path, MAX_PARAM_CHARS)


def shorten(text: str, most: int = MAX_PARAM_CHARS) -> str:
    """Return a text in at most so many characters."""
    return text if len(text) <= most else text[: most - 3] + "..."


def _shown(value: Any) -> str:
    """Write a value of a caller's as Python does, but never much of it, however long or deep it is."""
    return shorten(SHORT.repr(value), MAX_SHOWN_CHARS)


SHORT = reprlib.Repr()
SHORT.maxlevel, SHORT.maxdict, SHORT.maxlist, SHORT.maxstring, SHORT.maxlong, SHORT.maxother = 2, 3, 3, MAX_SHOWN_CHARS, 40, MAX_SHOWN_CHARS


def _sentence(message: str, param: str | None) -> str:
    """Write a message as a sentence; the name of a field keeps its small letter."""
    first, last = message.partition(" ")[0], (param or "").rpartition(".")[2]
    is_name = "_" in first or first == last or (param and message.startswith(param))
    begin = message[:1] if is_name else message[:1].upper()
    return begin + message[1:] + ("" if message.endswith((".", "!", "?")) else ".")

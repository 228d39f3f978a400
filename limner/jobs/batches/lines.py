"""The lines of a batch's file: cut apart as they come, checked one by one, and written in the same form as answers.

Source: OpenAI's Batch API, the objects of its input, output and error files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from limner.schema.batches import BatchLine

MAX_LINES, MAX_FILE_BYTES, MAX_LINE_BYTES = 50_000, 200 * 10**6, 32 * 2**20
MAX_ERRORS, MAX_SHOWN_CHARS = 100, 100
MAX_COMMAS = 100_000  # beside pictures there is little to say
LASTING = ("stream", "background")  # answers that are not one body


@dataclass(frozen=True, kw_only=True)
class LineError:
    """What is wrong with a line of the file, or, without a number, with all of it. Lines are counted from 1."""

    code: str
    message: str
    param: str | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """A line that can be asked."""

    line: int
    custom_id: str
    body: dict[str, Any]


def cut(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file with their numbers, empty ones left out. Of a line that is too long comes as much as is too much."""
    number, waiting = 1, bytearray()
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            if line := bytes(waiting + part).strip():
                yield number, line
            number += 1
            waiting = bytearray()
        if len(waiting) <= MAX_LINE_BYTES:
            waiting += rest
    if line := bytes(waiting).strip():
        yield number, line


def read_request(number: int, line: bytes, endpoint: str) -> Request | LineError:
    """Read one line for an endpoint, or say what is wrong with it. Its body is checked when it is asked."""
    if len(line) > MAX_LINE_BYTES or line.count(b",") > MAX_COMMAS:
        said = f"a line has at most {MAX_LINE_BYTES:,} bytes and {MAX_COMMAS:,} commas; upload pictures as files"
        return LineError(code="line_too_long", message=said, line=number)
    try:
        written = BatchLine.model_validate(json.loads(line), strict=True)
    except ValidationError as error:
        return _explain(error.errors(include_url=False, include_input=False)[0], number)
    except (ValueError, RecursionError):
        said = "this line is not JSON that can be read; write one JSON object on each line"
        return LineError(code="invalid_json_line", message=said, line=number)
    if written.url != endpoint:
        said = f"url must be the endpoint of the batch, {endpoint!r}"
        return LineError(code="mismatched_url", message=said, param="url", line=number)
    for name in LASTING:
        if written.body.get(name) is True:
            said = f"{name} cannot be true in a batch; leave it out"
            return LineError(code="invalid_value", message=said, param=f"body.{name}", line=number)
    return Request(line=number, custom_id=written.custom_id, body=written.body)


def _explain(complaint: ErrorDetails, number: int) -> LineError:
    """Say what the schema found wrong with a line."""
    if not complaint["loc"]:
        return LineError(
            code="invalid_json_line", message="this line is JSON, but not an object; write one JSON object on each line", line=number
        )
    param = str(complaint["loc"][0])[:MAX_SHOWN_CHARS]
    if complaint["type"] == "missing":
        return LineError(code="missing_required_parameter", message=f"Missing required parameter: {param!r}", param=param, line=number)
    if complaint["type"] == "extra_forbidden":
        return LineError(code="unknown_parameter", message=f"Unknown parameter: {param!r}", param=param, line=number)
    code = "invalid_method" if param == "method" else "invalid_value"
    return LineError(code=code, message=f"Invalid value for {param!r}: {complaint['msg']}", param=param, line=number)


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a whole file holds: how many requests, the model that all of them name, and what is wrong with it."""

    total: int
    model: str | None
    errors: tuple[LineError, ...]


def survey(chunks: Iterable[bytes], endpoint: str) -> Survey:
    """Check every line of a file; after `MAX_ERRORS` errors, or too many lines, the rest is not looked at."""
    errors: list[LineError] = []
    first_lines: dict[str, int] = {}
    models: set[str | None] = set()
    total = 0
    for number, line in cut(chunks):
        total += 1
        if total > MAX_LINES:
            errors.append(LineError(code="too_many_requests", message=f"a batch has at most {MAX_LINES:,} requests; split the file"))
        if len(errors) >= MAX_ERRORS or total > MAX_LINES:
            break
        request = read_request(number, line, endpoint)
        if isinstance(request, LineError):
            errors.append(request)
            continue
        first = first_lines.setdefault(request.custom_id, number)
        if first != number:
            message = f"custom_id {request.custom_id[:100]!r} stands on line {first} already; give each line its own"
            errors.append(LineError(code="duplicate_custom_id", message=message, param="custom_id", line=number))
        named = request.body.get("model")
        models.add(named if isinstance(named, str) else None)
    if total == 0:
        errors.append(LineError(code="empty_file", message="the file has no request; write one JSON object on each line"))
    return Survey(total=total, model=models.pop() if len(models) == 1 else None, errors=tuple(errors))


def write_answer(batch_id: str, request: Request, *, status: int, request_id: str, body: bytes) -> bytes:
    """Return a line of an output or error file; `body` is JSON already."""
    head = json.dumps({"id": line_id(batch_id, request.line), "custom_id": request.custom_id}, separators=(",", ":"))
    response = json.dumps({"status_code": status, "request_id": request_id}, separators=(",", ":"))
    return b"".join([head[:-1].encode(), b',"response":', response[:-1].encode(), b',"body":', body, b'},"error":null}\n'])


def write_unanswered(batch_id: str, line: int, custom_id: str, code: str, message: str) -> bytes:
    """Return the line of an error file for a request that was never answered."""
    error = {"code": code, "message": message}
    written = {"id": line_id(batch_id, line), "custom_id": custom_id, "response": None, "error": error}
    return json.dumps(written, separators=(",", ":")).encode() + b"\n"


def line_id(batch_id: str, line: int) -> str:
    """Return the id of a line's answer, the same whenever it is asked."""
    return f"batch_req_{hashlib.sha256(f'{batch_id}:{line}'.encode()).hexdigest()[:32]}"

"""Reading bodies: JSON or multipart in, a checked schema and the files out. Everything that is not known is refused by name."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from anyio import to_thread
from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from limner.errors import InvalidBody, InvalidField, InvalidType
from limner.server.errors import from_validation, shorten
from limner.server.large_json import parse_large_json

MAX_FILES, MAX_FIELDS, MAX_FIELD_BYTES = 20, 64, 2**20
SMALL_BODY_BYTES, MAX_JSON_VALUES = 2**16, 1000  # reading more at once would hold up everybody else
ARRAY_NAME = re.compile(r"(?P<name>\w+)\[\d*\]")
Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class Form:
    """A multipart body: its text parts as one schema, and its files by name, in order."""

    fields: Any
    files: Mapping[str, tuple[UploadFile, ...]]


def is_json(request: Request) -> bool:
    """Say whether the body claims to be JSON."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


async def read_json(request: Request, schema: type[Body]) -> Body:
    """Read a JSON body.

    Raises:
        InvalidBody: it is not a JSON object.
        MissingField, UnknownField, InvalidType, InvalidField: the first thing that the schema finds wrong.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
    is_small = len(content) < SMALL_BODY_BYTES
    body = parse_json(content) if is_small else await to_thread.run_sync(parse_large_json, content, parse_json)
    if not isinstance(body, dict):
        raise InvalidBody(f"The body is JSON, but a {type(body).__name__} and not an object; send an object")
    return check(schema, body, strict=True)


@asynccontextmanager
async def reading_form(request: Request, schema: type[Body], *, files: tuple[str, ...]) -> AsyncIterator[Form]:
    """Read a multipart body, whose files are open until the context ends.

    Parts named in `files` are files, `image[]` and `image[0]` being `image`; empty text parts count as absent.

    Raises:
        InvalidBody: it is not a multipart body.
        InvalidType: a file where text is due, or text where a file is due.
        InvalidField: a text part comes twice.
        MissingField, UnknownField: as the schema says.
    """
    parts = await _read_parts(request)
    try:
        yield _sort(parts, schema, files)
    finally:
        await parts.close()


class _Parser(MultiPartParser):
    """Starlette's parser, which takes a form that is cut off for a whole one; this one knows."""

    is_whole = False

    def on_end(self) -> None:
        """Take note of the last boundary."""
        self.is_whole = True

    def close_files(self) -> None:
        """Let go of files that no form holds."""
        for file in self._files_to_close_on_error:
            file.close()


async def _read_parts(request: Request) -> FormData:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return await request.form(max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    if kind != "multipart/form-data":
        raise InvalidBody(f"The content-type {shorten(kind)!r} is not read here; send multipart/form-data")
    limits = {"max_files": MAX_FILES, "max_fields": MAX_FIELDS, "max_part_size": MAX_FIELD_BYTES}
    parser = _Parser(request.headers, request.stream(), **limits)
    try:
        parts = await parser.parse()
    except MultiPartException as error:
        raise InvalidBody(f"The body cannot be read: {error.message}") from error
    except UnicodeError as error:
        raise InvalidBody("The body is not in the charset that its content-type names; send UTF-8") from error
    if not parser.is_whole:
        parser.close_files()
        raise InvalidBody("The form ends before its last boundary; send all of it")
    return parts


def _sort(parts: FormData, schema: type[Body], files: tuple[str, ...]) -> Form:
    texts: dict[str, Any] = {}
    found: dict[str, list[UploadFile]] = {}
    for written, value in parts.multi_items():
        match = ARRAY_NAME.fullmatch(written)
        name = match["name"] if match else written
        shown = shorten(written)
        if isinstance(value, UploadFile):
            if name not in files:
                raise InvalidType(shown, f"Invalid type for {shown!r}: a file was given; send text, or leave it out")
            found.setdefault(name, []).append(value)
        elif name in files:
            if value:
                raise InvalidType(shown, f"Invalid type for {shown!r}: text was given; send a file")
        elif written in texts:
            raise InvalidField(shown, f"{shown!r} was given twice; give it once")
        elif value != "":
            texts[written] = value
    return Form(check(schema, unflatten(texts), strict=False), {name: tuple(uploads) for name, uploads in found.items()})


def check(schema: type[Body], value: Any, *, strict: bool) -> Body:
    """Check a value against a schema; `strict` takes no text for numbers. A field that is null is absent, also one that is not known.

    Raises:
        MissingField, UnknownField, InvalidType, InvalidField: the first thing that is wrong.
    """
    try:
        return schema.model_validate(value, strict=strict)
    except ValidationError as error:
        if not _holds_null(value):
            raise from_validation(error) from None
    try:
        return schema.model_validate(_without_nulls(value), strict=strict)
    except ValidationError as error:
        raise from_validation(error) from None


def _holds_null(value: Any) -> bool:
    values = [value]
    for seen in values:
        if isinstance(seen, dict | list):
            values += seen.values() if isinstance(seen, dict) else seen
    return None in values


def _without_nulls(value: Any) -> Any:
    """Take the fields that are null out of a value, at any depth, and return it."""
    values = [value]
    for seen in values:
        if isinstance(seen, dict):
            for name in [name for name, entry in seen.items() if entry is None]:
                del seen[name]
        if isinstance(seen, dict | list):
            values += seen.values() if isinstance(seen, dict) else seen
    return value


def unflatten(texts: Mapping[str, Any]) -> dict[str, Any]:
    """Turn `expires_after[seconds]` into an object in an object, as form encoders write them."""
    nested: dict[str, Any] = {}
    for written, value in texts.items():
        outer, _, inner = written.partition("[")
        if inner.endswith("]") and inner[:-1].isidentifier() and isinstance(nested.setdefault(outer, {}), dict):
            nested[outer][inner[:-1]] = value
        else:
            nested[written] = value
    return nested


def parse_json(content: bytearray) -> Any:
    """Read JSON of a bounded number of values.

    Raises:
        InvalidBody: it is not JSON, or too much of it.
    """
    try:
        parsed = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidBody("The body is not JSON that can be read; send a JSON object with content-type application/json") from error
    _check_count(parsed)
    return parsed


def _refuse_constant(word: str) -> None:
    """Refuse `NaN` and infinities, which are Python's and not JSON's."""
    raise ValueError(word)


def _check_count(parsed: Any) -> None:
    """Look at no more values than may be there."""
    values = [parsed]
    for seen in values:
        if isinstance(seen, dict | list):
            values += islice(seen.values() if isinstance(seen, dict) else seen, MAX_JSON_VALUES)
        if len(values) > MAX_JSON_VALUES:
            raise InvalidBody(f"The body is JSON of more than {MAX_JSON_VALUES:,} values; send fewer")

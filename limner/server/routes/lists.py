"""What routes that list things, or give out contents, have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import Query
from fastapi.responses import StreamingResponse

MAX_ID_CHARS = 256


def after_query(form: re.Pattern[str]) -> Any:
    """Return the description of `after`, the id, of this form, behind which a page begins."""
    return Query(max_length=MAX_ID_CHARS, json_schema_extra={"pattern": f"^{form.pattern}$"})


def send_content(chunks: Iterator[bytes], size_bytes: int, media_type: str, disposition: str) -> StreamingResponse:
    """Answer with a stored content, of which no browser makes a page; `disposition` is `inline` or `attachment`."""
    headers = {"content-length": str(size_bytes), "content-disposition": disposition, "content-security-policy": "sandbox"}
    return StreamingResponse(chunks, media_type=media_type, headers=headers)

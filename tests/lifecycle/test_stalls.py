"""No route holds up the event loop, whatever comes in. The bound is wide; `benchmarks/stalls.py` measures."""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

MAX_STALL_S = 0.2
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def server(watched: Callable[..., Any]) -> Any:
    server = watched()
    server.generate()
    return server


def png(side: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)).save(file, "png", compress_level=1)
    return file.getvalue()


def large_picture(server: Any) -> Any:
    return server.generate(size="2048x2048", stream=True, partial_images=1)


def upload_and_download(server: Any) -> Any:
    content = os.urandom(50_000_000)
    answer = server.upload(content)
    assert server.ask("GET", f"/v1/files/{answer.json['id']}/content").body == content
    return answer


def edit_of_sixteen_uploads(server: Any) -> Any:
    files = [("image[]", (f"{number}.png", png(512), "image/png")) for number in range(16)]
    return server.ask("POST", "/v1/images/edits", data={"prompt": "a", "quality": "low"}, files=files)


def edit_of_a_large_data_url(server: Any) -> Any:
    url = "data:image/png;base64," + base64.b64encode(png(2200)).decode()
    return server.ask("POST", "/v1/images/edits", json={"prompt": "a", "quality": "low", "size": "256x256", "images": [{"image_url": url}]})


def several_large_data_urls(server: Any) -> Any:
    url = "data:image/png;base64," + base64.b64encode(os.urandom(15_000_000)).decode()
    body = json.dumps({"prompt": "a", "images": [{"image_url": url}] * 6})
    return server.ask("POST", "/v1/images/edits", content=body.encode(), headers=JSON)


def more_fields_than_anybody_needs(server: Any) -> Any:
    body = json.dumps({"prompt": "a", **{f"k{number}": 1 for number in range(70_000)}})
    return server.ask("POST", "/v1/images/generations", content=body.encode(), headers=JSON)


def nested_without_end(server: Any) -> Any:
    return server.ask("POST", "/v1/images/edits", content=b"[" * 30_000_000, headers=JSON)


def a_form_of_many_parts(server: Any) -> Any:
    part = b'--limner\r\ncontent-disposition: form-data; name="prompt"\r\n\r\na\r\n'
    kind = {"content-type": "multipart/form-data; boundary=limner"}
    return server.ask("POST", "/v1/images/edits", content=part * 100_000, headers=kind)


@pytest.mark.parametrize(
    ("ask", "end"),
    [
        (large_picture, "drawn"),
        (upload_and_download, "drawn"),
        (edit_of_sixteen_uploads, "drawn"),
        (edit_of_a_large_data_url, "drawn"),
        (several_large_data_urls, "unsupported_file_mimetype"),
        (more_fields_than_anybody_needs, "request_too_large"),
        (nested_without_end, "request_too_large"),
        (a_form_of_many_parts, "invalid_body"),
    ],
)
def test_no_request_holds_up_the_others(server: Any, stall_of: Callable[..., float], ask: Callable[[Any], Any], end: str):
    stall_of(server)

    outcome = ask(server)

    assert outcome.end() == end
    assert stall_of(server) < MAX_STALL_S

"""What becomes of Oxen's words before anything is drawn, and what depends on how the server was started."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from limner.schema.oxen import OxenBody
from limner.server.app import create_app
from limner.server.assembly import Opened
from limner.server.oxen.orders import write_order

SMALL = {"model": "gpt-image-1-5", "prompt": "a red ball", "size": "256x256", "quality": "low", "seed": 7}


@pytest.mark.anyio
async def test_urls_begin_with_the_public_address(open_server: Callable[..., Opened]):
    opened = open_server(public_url="https://pictures.example/")
    headers = {"authorization": f"Bearer {opened.first_secret}"}

    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(create_app(opened.services)), base_url="http://inside", headers=headers, timeout=60
    ) as client:
        answer = await client.post("/api/ai/images/generate", json=SMALL)

    assert answer.json()["images"][0]["url"].startswith("https://pictures.example/limner/v1/results/")


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({}, "auto"),
        ({"size": "landscape"}, "landscape"),
        ({"aspect_ratio": "9:16", "resolution": "1K"}, "576x1024"),
        ({"aspect_ratio": "3:1"}, "1024x352"),
        ({"aspect_ratio": "4:3", "resolution": "2K"}, "2048x1536"),
        ({"aspect_ratio": "16:9", "resolution": "4K"}, "3840x2160"),
        ({"aspect_ratio": "1:3", "resolution": "4K"}, "1280x3840"),
    ],
)
def test_a_ratio_becomes_the_nearest_size_that_can_be_drawn(opened: Opened, fields: dict[str, str], size: str):
    body = OxenBody(model="gpt-image-2", prompt="a red ball", **fields)

    assert write_order(body, opened.services.directory, "dev").size == size


@pytest.mark.anyio
@pytest.mark.parametrize("written", [rb'"\ud800"', rb'{"a": ["\ud800"]}', rb'{"\ud800": 1}', b"[" * 33 + b"]" * 33, b"NaN"])
async def test_what_no_list_could_tell_again_is_refused_before_it_is_queued(client: httpx2.AsyncClient, written: bytes):
    content = b'{"model": "gpt-image-1-5", "prompt": "a red ball", "size": "256x256", "odd": %s}' % written

    refused = await client.post("/api/ai/queue", content=content, headers={"content-type": "application/json"})
    listed = await client.get("/api/ai/generations")

    assert (refused.status_code, refused.json()["status_message"]) == (400, "invalid_params")
    assert (listed.status_code, listed.json()["count"]) == (200, 0)


@pytest.mark.anyio
async def test_what_is_nested_as_deep_as_may_be_is_listed(client: httpx2.AsyncClient):
    content = b'{"model": "gpt-image-1-5", "prompt": "a red ball", "odd": %s}' % (b"[" * 32 + b"]" * 32)

    taken = await client.post("/api/ai/queue", content=content, headers={"content-type": "application/json"})
    listed = await client.get("/api/ai/generations")

    assert (taken.status_code, listed.status_code, listed.json()["count"]) == (200, 200, 1)

"""`alt_text` on the Images routes: what is seen stands beside each picture and in its file."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from limner.engine.describing.describer import Describer
from limner.media.metadata import describe_file

pytestmark = pytest.mark.anyio
SMALL = {"prompt": "a red ball", "size": "256x256", "quality": "low", "seed": 7}


async def generate(client: httpx2.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/v1/images/generations", json=SMALL | fields)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def read_alt_text(item: dict[str, Any], folder: Path) -> str:
    path = folder / "picture"
    path.write_bytes(base64.b64decode(item["b64_json"]))
    record = describe_file(path).record
    assert record is not None
    return record.alt_text


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
async def test_each_picture_says_what_is_seen_in_it_beside_it_and_in_its_file(
    client: httpx2.AsyncClient, tiny_weights: Path, tmp_path: Path, output_format: str
):
    body = await generate(client, alt_text=True, n=2, output_format=output_format)

    for item in body["data"]:
        assert read_alt_text(item, tmp_path) == item["limner"]["alt_text"]
    if output_format == "png":
        pixels = [np.asarray(Image.open(io.BytesIO(base64.b64decode(item["b64_json"])))) for item in body["data"]]
        seen = [Describer(tiny_weights).describe(each).alt_text for each in pixels]
        assert seen == [item["limner"]["alt_text"] for item in body["data"]]


@pytest.mark.parametrize("fields", [{}, {"alt_text": False}, {"alt_text": None}])
async def test_who_does_not_ask_gets_the_bytes_and_the_answer_of_before(client: httpx2.AsyncClient, fields: dict[str, Any], tmp_path: Path):
    (item,) = (await generate(client, **fields))["data"]
    (described,) = (await generate(client, alt_text=True))["data"]

    assert "alt_text" not in item["limner"]
    assert read_alt_text(item, tmp_path) == ""
    assert b"AltText" not in base64.b64decode(item["b64_json"])
    shown = [np.asarray(Image.open(io.BytesIO(base64.b64decode(each["b64_json"])))) for each in (item, described)]
    assert np.array_equal(*shown)


async def test_an_edit_as_a_form_says_it_too_and_what_is_kept_carries_it(client: httpx2.AsyncClient, tmp_path: Path):
    file = io.BytesIO()
    Image.new("RGB", (256, 256), "red").save(file, "PNG")
    fields = {name: str(value) for name, value in SMALL.items()} | {"alt_text": "true", "keep": "true", "output_format": "jpeg"}

    answer = await client.post("/v1/images/edits", data=fields, files={"image": ("red.png", file.getvalue())})

    (item,) = answer.json()["data"]
    kept = await client.get(f"/limner/v1/pictures/{item['limner']['picture_id']}/content")
    (tmp_path / "kept").write_bytes(kept.content)
    record = describe_file(tmp_path / "kept").record
    assert record is not None
    assert record.alt_text == item["limner"]["alt_text"] != ""


async def test_of_a_stream_the_completed_event_says_it(client: httpx2.AsyncClient, tmp_path: Path):
    answer = await client.post("/v1/images/generations", json=SMALL | {"alt_text": True, "stream": True, "partial_images": 1})

    *partials, completed = [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert [read_alt_text(partial, tmp_path) for partial in partials] == [""]
    assert read_alt_text(completed, tmp_path) == completed["limner"]["alt_text"] != ""


async def test_a_variation_takes_no_alt_text_and_says_so(client: httpx2.AsyncClient):
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "PNG")

    answer = await client.post("/v1/images/variations", data={"alt_text": "true"}, files={"image": ("red.png", file.getvalue())})

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "alt_text")

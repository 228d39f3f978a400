"""`alt_text` at every door: what is seen stands beside each picture and in its file."""

from __future__ import annotations

import asyncio
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
from limner.server.assembly import Opened
from limner.store.deployments import Plan, Target

pytestmark = pytest.mark.anyio
SMALL = {"prompt": "a red ball", "size": "256x256", "quality": "low", "seed": 7}
TOOL = {"type": "image_generation", "size": "256x256", "quality": "low", "seed": 7}
OXEN = SMALL | {"model": "gpt-image-1-5"}
WAIT_S = 60.0


async def generate(client: httpx2.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/v1/images/generations", json=SMALL | fields)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def read_alt_text(item: dict[str, Any], folder: Path) -> str:
    return read_file(base64.b64decode(item["b64_json"]), folder)


def read_file(content: bytes, folder: Path) -> str:
    path = folder / "picture"
    path.write_bytes(content)
    record = describe_file(path).record
    assert record is not None
    return record.alt_text


def red_png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (256, 256), "red").save(file, "PNG")
    return file.getvalue()


async def respond(client: httpx2.AsyncClient, *, tool: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = await client.post("/v1/responses", json={"input": "a red ball", "tools": [TOOL | tool], **fields})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def wait(client: httpx2.AsyncClient, path: str, ends: set[str]) -> dict[str, Any]:
    """Ask for what is worked on until it has ended."""
    async with asyncio.timeout(WAIT_S):
        found: dict[str, Any] = (await client.get(path)).json()
        while found["status"] not in ends:
            await asyncio.sleep(0.02)
            found = (await client.get(path)).json()
    return found


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


@pytest.mark.parametrize("output_format", ["png", "jpeg"])
async def test_the_call_of_a_response_says_it_whenever_it_is_read_and_so_does_its_file(
    client: httpx2.AsyncClient, tmp_path: Path, output_format: str
):
    told = await respond(client, tool={"alt_text": True, "n": 2, "output_format": output_format})

    again = (await client.get(f"/v1/responses/{told['id']}")).json()
    calls = [item for item in told["output"] if item["type"] == "image_generation_call"]
    assert told["tools"][0]["alt_text"] is True
    assert again["output"] == told["output"]
    assert len(calls) == 2
    for call in calls:
        assert read_file(base64.b64decode(call["result"]), tmp_path) == call["limner"]["alt_text"] != ""
        kept = await client.get(f"/limner/v1/pictures/{call['limner']['picture_id']}")
        assert kept.json()["alt_text"] == call["limner"]["alt_text"]


async def test_the_call_of_a_response_that_did_not_ask_says_nothing_and_its_pixels_are_the_same(client: httpx2.AsyncClient, tmp_path: Path):
    plain, described = [await respond(client, tool=tool) for tool in ({"alt_text": False}, {"alt_text": True})]

    files = [base64.b64decode(response["output"][0]["result"]) for response in (plain, described)]
    assert "alt_text" not in plain["output"][0]["limner"]
    assert read_file(files[0], tmp_path) == ""
    assert np.array_equal(*(np.asarray(Image.open(io.BytesIO(content))) for content in files))


async def test_a_turn_that_edits_a_described_picture_says_what_its_own_shows_also_in_the_background_and_in_events(
    client: httpx2.AsyncClient, tmp_path: Path
):
    first = await respond(client, tool={"alt_text": True})
    edit = {"alt_text": True, "action": "edit"}

    queued = await respond(client, tool=edit, background=True, input="make it blue", previous_response_id=first["id"])
    ended = await wait(client, f"/v1/responses/{queued['id']}", {"completed", "failed", "incomplete"})
    replayed = await client.get(f"/v1/responses/{queued['id']}?stream=true")

    (call,) = [item for item in ended["output"] if item["type"] == "image_generation_call"]
    events = [json.loads(line.removeprefix("data: ")) for line in replayed.text.splitlines() if line.startswith("data: ")]
    (done,) = [event["item"] for event in events if event["type"] == "response.output_item.done" and event["output_index"] == 0]
    assert read_file(base64.b64decode(call["result"]), tmp_path) == call["limner"]["alt_text"] != ""
    assert done["limner"] == call["limner"]


async def test_a_call_that_comes_back_in_full_with_its_alt_text_is_taken(client: httpx2.AsyncClient):
    told = await respond(client, tool={"alt_text": True}, store=False)

    words = {"role": "user", "content": "make it blue"}
    next_turn = await respond(client, tool={"alt_text": True}, input=[*told["output"], words], store=False)

    assert next_turn["output"][0]["action"] == "edit"
    assert next_turn["output"][0]["limner"]["alt_text"]


@pytest.mark.parametrize(("path", "fields"), [("generate", {}), ("edit", {"input_image": "PNG"})])
async def test_oxens_answers_say_it_beside_each_picture(client: httpx2.AsyncClient, tmp_path: Path, path: str, fields: dict[str, str]):
    pictures = {name: f"data:image/png;base64,{base64.b64encode(red_png()).decode()}" for name in fields}

    answer = await client.post(f"/api/ai/images/{path}", json=OXEN | pictures | {"alt_text": True, "response_format": "b64_json"})
    by_url = await client.post(f"/api/ai/images/{path}", json=OXEN | pictures | {"alt_text": True})

    (item,), (linked,) = answer.json()["images"], by_url.json()["images"]
    behind = await client.get(linked["url"])
    assert read_alt_text(item, tmp_path) == item["limner"]["alt_text"] == linked["limner"]["alt_text"] != ""
    assert read_file(behind.content, tmp_path) == item["limner"]["alt_text"]


@pytest.mark.parametrize("output_format", ["png", "webp", "jpeg"])
async def test_a_queued_generation_says_it_once_it_is_drawn_and_so_does_its_file(
    client: httpx2.AsyncClient, tmp_path: Path, output_format: str
):
    enqueued = await client.post("/api/ai/queue", json=OXEN | {"alt_text": True, "output_format": output_format})
    path = f"/api/ai/queue/{enqueued.json()['generations'][0]['generation_id']}"

    done = await wait(client, path, {"succeeded", "failed"})

    result = await client.get(done["result_url"])
    (listed,) = (await client.get("/api/ai/generations")).json()["generations"]
    assert done["alt_text"] is True  # as it was submitted
    assert {name: done["limner"][name] for name in ("picture_id", "seed", "parent")} == {
        "picture_id": done["picture_id"],
        "seed": 7,
        "parent": None,
    }
    assert read_file(result.content, tmp_path) == done["limner"]["alt_text"] != ""
    assert listed["limner"] == done["limner"]

    await client.delete(f"/limner/v1/pictures/{done['picture_id']}")
    assert (await client.get(path)).json()["limner"] is None


async def test_a_queued_generation_that_does_not_ask_says_nothing_and_one_that_asks_wrongly_fails_by_the_fields_name(
    client: httpx2.AsyncClient, tmp_path: Path
):
    asked = [OXEN, OXEN | {"alt_text": "a red ball"}]
    ids = [(await client.post("/api/ai/queue", json=body)).json()["generations"][0]["generation_id"] for body in asked]

    plain, wrong = [await wait(client, f"/api/ai/queue/{name}", {"succeeded", "failed"}) for name in ids]

    assert plain["limner"]["alt_text"] is None
    assert read_file((await client.get(plain["result_url"])).content, tmp_path) == ""
    assert (wrong["status"], wrong["limner"]) == ("failed", None)
    assert "alt_text" in wrong["error_message"]


@pytest.mark.parametrize("endpoint", ["/v1/images/generations", "/v1/responses"])
async def test_a_line_of_a_batch_says_what_its_route_says(client: httpx2.AsyncClient, tmp_path: Path, endpoint: str):
    body = SMALL | {"alt_text": True} if "images" in endpoint else {"input": "a red ball", "tools": [TOOL | {"alt_text": True}]}
    line = json.dumps({"custom_id": "one", "method": "POST", "url": endpoint, "body": body})
    file_id = (await client.post("/v1/files", data={"purpose": "batch"}, files={"file": ("a.jsonl", line.encode())})).json()["id"]
    created = await client.post("/v1/batches", json={"input_file_id": file_id, "endpoint": endpoint, "completion_window": "24h"})

    ended = await wait(client, f"/v1/batches/{created.json()['id']}", {"completed", "failed", "expired", "cancelled"})

    answered = json.loads((await client.get(f"/v1/files/{ended['output_file_id']}/content")).text)["response"]["body"]
    item = answered["data"][0] if "data" in answered else answered["output"][0]
    content = base64.b64decode(item.get("b64_json") or item["result"])
    assert read_file(content, tmp_path) == item["limner"]["alt_text"] != ""


@pytest.mark.parametrize("path", ["/openai/deployments/art/images", "/openai/v1/images"])
async def test_azures_routes_say_it_too(client: httpx2.AsyncClient, opened: Opened, tmp_path: Path, path: str):
    opened.services.deployments.create(None, "art", Plan(targets=(Target(model="tiny-1", percent=100),)))
    version, form = "?api-version=2025-04-01-preview", {name: str(value) for name, value in SMALL.items()}
    fields = {"alt_text": "true", "model": "art"}

    drawn = await client.post(f"{path}/generations{version}", json=SMALL | {"alt_text": True, "model": "art"})
    edited = await client.post(f"{path}/edits{version}", data=form | fields, files={"image": ("red.png", red_png())})
    wrong = await client.post(f"{path}/generations{version}", json=SMALL | {"alt_text": "yes", "model": "art"})

    for answer in (drawn, edited):
        (item,) = answer.json()["data"]
        assert read_alt_text(item, tmp_path) == item["limner"]["alt_text"] != ""
        assert item["limner"]["deployment"] == "art"
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "alt_text")


DOORS: list[tuple[str, dict[str, Any], str]] = [
    ("/v1/images/generations", SMALL | {"alt_text": True}, "alt_text"),
    ("/v1/responses", {"input": "a red ball", "tools": [TOOL | {"alt_text": True}]}, "tools[0].alt_text"),
    ("/api/ai/images/generate", OXEN | {"alt_text": True}, "alt_text"),
    ("/openai/v1/images/generations", SMALL | {"alt_text": True}, "alt_text"),
]


async def test_where_the_weights_describe_nothing_every_door_refuses_it_by_the_name_that_the_caller_wrote(
    client: httpx2.AsyncClient, opened: Opened, tmp_path: Path
):
    opened.services.studio.describer = Describer(tmp_path)

    answers = [await client.post(path, json=body) for path, body, _ in DOORS]

    assert [(answer.status_code, answer.json()["error"]["param"]) for answer in answers] == [(400, param) for _, _, param in DOORS]

"""Batches behind their routes: checked with line numbers, answered as the routes answer, cancelled, ended, seen by their project."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import Any

import httpx2
import pytest
from PIL import Image

from limner.jobs.batches import desk as desk_module
from limner.server.assembly import Opened

pytestmark = pytest.mark.anyio
GENERATIONS, EDITS, RESPONSES, BATCHES = "/v1/images/generations", "/v1/images/edits", "/v1/responses", "/v1/batches"
SMALL = {"prompt": "a red ball", "size": "256x256", "quality": "low"}
ENDS = ("completed", "failed", "expired", "cancelled")
WAIT_S = 60.0


def line(custom_id: str, url: str = GENERATIONS, **body: Any) -> dict[str, Any]:
    return {"custom_id": custom_id, "method": "POST", "url": url, "body": SMALL | body}


async def upload(client: httpx2.AsyncClient, *lines: Any, purpose: str = "batch") -> str:
    content = b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in lines)
    answer = await client.post("/v1/files", data={"purpose": purpose}, files={"file": ("requests.jsonl", content)})
    return str(answer.json()["id"])


async def create(client: httpx2.AsyncClient, *lines: Any, endpoint: str = GENERATIONS, **fields: Any) -> Any:
    body = {"input_file_id": await upload(client, *lines), "endpoint": endpoint, "completion_window": "24h"}
    answer = await client.post(BATCHES, json=body | fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def end(client: httpx2.AsyncClient, batch: Any) -> Any:
    async with asyncio.timeout(WAIT_S):
        while batch["status"] not in ENDS:
            await asyncio.sleep(0.02)
            batch = (await client.get(f"{BATCHES}/{batch['id']}")).json()
    return batch


async def read(client: httpx2.AsyncClient, file_id: str | None) -> dict[str, Any]:
    if file_id is None:
        return {}
    content = (await client.get(f"/v1/files/{file_id}/content")).text
    answers = [json.loads(answer) for answer in content.splitlines()]
    assert len({answer["id"] for answer in answers}) == len(answers)
    return {answer["custom_id"]: answer for answer in answers}


def blobs(opened: Opened) -> set[str]:
    """What lies in the blobs of batches."""
    folder = opened.services.settings.store.blobs
    return {path.name for kind in ("lines", "batches") for path in (folder / kind).glob("*")}


async def test_each_line_is_answered_as_its_route_answers(client: httpx2.AsyncClient, opened: Opened):
    good, bad = line("good", seed=7, n=2), line("bad", size="7x7")
    asked = [(await client.post(GENERATIONS, json=one["body"])) for one in (good, bad)]

    batch = await create(client, good, bad, metadata={"for": "the shop"})
    ended = await end(client, batch)

    output, errors = await read(client, ended["output_file_id"]), await read(client, ended["error_file_id"])
    assert (ended["status"], ended["request_counts"], ended["metadata"]) == (
        "completed",
        {"total": 2, "completed": 1, "failed": 1},
        {"for": "the shop"},
    )
    told = output["good"]["response"]["body"] | {"created": asked[0].json()["created"]}
    assert (output["good"]["response"]["status_code"], told) == (200, asked[0].json())
    assert (errors["bad"]["response"]["status_code"], errors["bad"]["response"]["body"]) == (400, asked[1].json())
    assert [one["error"] for one in (output["good"], errors["bad"])] == [None, None]
    assert (output.keys(), errors.keys()) == ({"good"}, {"bad"})
    assert ended["in_progress_at"] <= ended["finalizing_at"] <= ended["completed_at"] <= ended["expires_at"] == batch["created_at"] + 86_400
    await until_cleared(opened)


async def until_cleared(opened: Opened) -> None:
    async with asyncio.timeout(WAIT_S):
        while blobs(opened):  # noqa: ASYNC110 - clearing up sets no event
            await asyncio.sleep(0.02)


async def test_lines_edit_pictures_that_are_named(client: httpx2.AsyncClient):
    stream = io.BytesIO()
    Image.new("RGB", (256, 256), "red").save(stream, "png")
    file_id = (await client.post("/v1/files", data={"purpose": "vision"}, files={"file": ("a.png", stream.getvalue())})).json()["id"]
    named, unknown = {"images": [{"file_id": file_id}]}, {"images": [{"file_id": "file-none"}]}

    batch = await create(client, line("good", EDITS, **named), line("bad", EDITS, **unknown), endpoint=EDITS)
    ended = await end(client, batch)

    output, errors = await read(client, ended["output_file_id"]), await read(client, ended["error_file_id"])
    picture = Image.open(io.BytesIO(base64.b64decode(output["good"]["response"]["body"]["data"][0]["b64_json"])))
    assert picture.size == (256, 256)
    assert errors["bad"]["response"]["body"]["error"]["param"] == "images[0].file_id"


async def test_lines_can_be_responses(client: httpx2.AsyncClient):
    tool = {"type": "image_generation", "size": "256x256", "quality": "low"}
    good, bad = (
        {"custom_id": name, "method": "POST", "url": RESPONSES, "body": {"model": "gpt-5", "input": "a red ball", "tools": [tool | more]}}
        for name, more in (("good", {}), ("bad", {"size": "7x7"}))
    )

    ended = await end(client, await create(client, good, bad, endpoint=RESPONSES))
    used = (await client.get("/limner/v1/usage")).json()["total"]

    output, errors = await read(client, ended["output_file_id"]), await read(client, ended["error_file_id"])
    drawn = [item for item in output["good"]["response"]["body"]["output"] if item["type"] == "image_generation_call"]
    assert base64.b64decode(drawn[0]["result"]).startswith(b"\x89PNG")
    assert errors["bad"]["response"]["body"]["error"]["param"] == "tools[0].size"
    assert (ended["usage"]["output_tokens"], used["batch_pictures"]) == (used["output_tokens"], 1)


async def test_a_file_that_cannot_be_asked_fails_the_batch_with_the_numbers_of_its_lines(client: httpx2.AsyncClient, opened: Opened):
    wrong = [line("a"), b"{", line("a"), line("b", EDITS), line("c", stream=True), {"custom_id": "d"}]

    ended = await end(client, await create(client, *wrong))

    assert (ended["status"], ended["request_counts"]["total"], ended["output_file_id"]) == ("failed", 0, None)
    assert [(error["line"], error["code"]) for error in ended["errors"]["data"]] == [
        (2, "invalid_json_line"),
        (3, "duplicate_custom_id"),
        (4, "mismatched_url"),
        (5, "invalid_value"),
        (6, "missing_required_parameter"),
    ]
    assert ended["failed_at"] >= ended["created_at"]
    await until_cleared(opened)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"endpoint": "/v1/chat/completions"}, "endpoint"),
        ({"endpoint": "/v1/files"}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"metadata": {str(number): "x" for number in range(17)}}, "metadata"),
        ({"output_expires_after": {"anchor": "created_at", "seconds": 5}}, "output_expires_after.seconds"),
        ({"priority": 1}, "priority"),
    ],
)
async def test_a_batch_that_cannot_be_is_refused_by_field(client: httpx2.AsyncClient, fields: dict[str, Any], param: str):
    body = {"input_file_id": await upload(client, line("a")), "endpoint": GENERATIONS, "completion_window": "24h"}

    answer = await client.post(BATCHES, json=body | fields)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_a_file_must_be_the_projects_own_and_uploaded_for_this(client: httpx2.AsyncClient):
    body = {"endpoint": GENERATIONS, "completion_window": "24h"}

    unknown = await client.post(BATCHES, json=body | {"input_file_id": "file-" + "0" * 45})
    other = await client.post(BATCHES, json=body | {"input_file_id": await upload(client, line("a"), purpose="vision")})

    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "file_not_found")
    assert (other.status_code, other.json()["error"]["param"]) == (400, "input_file_id")


async def test_a_cancelled_batch_keeps_what_was_answered_and_names_the_rest(client: httpx2.AsyncClient, opened: Opened):
    batch = await create(client, *(line(str(number), n=10) for number in range(60)))
    async with asyncio.timeout(WAIT_S):
        while batch["request_counts"]["completed"] < 3:
            batch = (await client.get(f"{BATCHES}/{batch['id']}")).json()

    cancelling = (await client.post(f"{BATCHES}/{batch['id']}/cancel")).json()
    ended = await end(client, cancelling)
    again = await client.post(f"{BATCHES}/{batch['id']}/cancel")

    output, errors = await read(client, ended["output_file_id"]), await read(client, ended["error_file_id"])
    assert (cancelling["status"], ended["status"], again.json()["status"]) == ("cancelling", "cancelled", "cancelled")
    assert 3 <= len(output) < 60
    assert output.keys() | errors.keys() == {str(number) for number in range(60)}
    assert ended["request_counts"] == {"total": 60, "completed": len(output), "failed": len(errors)}
    assert {(answer["response"], answer["error"]["code"]) for answer in errors.values()} == {(None, "batch_cancelled")}
    await until_cleared(opened)


async def test_a_batch_ends_with_its_window_and_names_what_was_not_answered(
    client: httpx2.AsyncClient, opened: Opened, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(desk_module.WINDOWS_S, "24h", 2)

    ended = await end(client, await create(client, *(line(str(number), n=10) for number in range(60))))

    output, errors = await read(client, ended["output_file_id"]), await read(client, ended["error_file_id"])
    refused = await client.post(f"{BATCHES}/{ended['id']}/cancel")
    assert (ended["status"], ended["expired_at"] >= ended["expires_at"]) == ("expired", True)
    assert len(output) + len(errors) == 60 == ended["request_counts"]["completed"] + ended["request_counts"]["failed"]
    assert {answer["error"]["code"] for answer in errors.values()} == {"batch_expired"}
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, "A batch that is expired cannot be cancelled.")


async def test_the_input_file_may_go_while_the_batch_runs(client: httpx2.AsyncClient):
    batch = await create(client, *(line(str(number)) for number in range(20)))
    async with asyncio.timeout(WAIT_S):
        while batch["status"] != "in_progress":
            batch = (await client.get(f"{BATCHES}/{batch['id']}")).json()

    await client.delete(f"/v1/files/{batch['input_file_id']}")
    ended = await end(client, batch)

    assert (ended["status"], ended["request_counts"]["completed"]) == ("completed", 20)


async def test_batches_of_one_project_do_not_exist_for_another(client: httpx2.AsyncClient, opened: Opened):
    stranger = {"authorization": f"Bearer {opened.services.keys.create('stranger')[1]}"}
    batch = await create(client, line("a"))
    await end(client, batch)
    nobody = "batch_" + "0" * 45

    for method, path in (("GET", "/v1/batches/{}"), ("POST", "/v1/batches/{}/cancel")):
        foreign = await client.request(method, path.format(batch["id"]), headers=stranger)
        unknown = await client.request(method, path.format(nobody), headers=stranger)
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.json()["error"]["message"].replace(batch["id"], nobody) == unknown.json()["error"]["message"]
    listed = await client.get(BATCHES, headers=stranger)
    body = {"input_file_id": batch["input_file_id"], "endpoint": GENERATIONS, "completion_window": "24h"}
    taken = await client.post(BATCHES, json=body, headers=stranger)

    assert listed.json()["data"] == []
    assert (taken.status_code, taken.json()["error"]["code"]) == (404, "file_not_found")


async def test_what_a_batch_used_is_told_apart_at_half_its_price(client: httpx2.AsyncClient):
    alone = await client.post(GENERATIONS, json=SMALL | {"model": "gpt-image-1"})
    before = (await client.get("/limner/v1/usage")).json()["total"]

    ended = await end(client, await create(client, line("a", model="gpt-image-1"), line("b", model="gpt-image-1"), line("c", prompt=" ")))
    after = (await client.get("/limner/v1/usage")).json()["total"]

    used = alone.json()["usage"]
    price = before["hosted_cost_usd"]
    assert price == pytest.approx((used["input_tokens"] * 5 + used["output_tokens"] * 40) / 1e6)
    assert (before["batch_requests"], after["batch_requests"], after["batch_pictures"], after["requests"]) == (0, 2, 2, 3)
    assert after["hosted_cost_usd"] == pytest.approx(price * 2)
    assert ended["model"] is None
    assert ended["usage"] == {
        "input_tokens": 2 * used["input_tokens"],
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 2 * used["output_tokens"],
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 2 * used["total_tokens"],
        "hosted_cost_usd": pytest.approx(price),
    }


async def test_files_of_a_batch_go_when_they_were_asked_to(client: httpx2.AsyncClient):
    lasting = {"output_expires_after": {"anchor": "created_at", "seconds": 3600}}

    ended = await end(client, await create(client, line("a"), **lasting))

    file = (await client.get(f"/v1/files/{ended['output_file_id']}")).json()
    listed = (await client.get("/v1/files", params={"purpose": "batch_output"})).json()["data"]
    assert (file["purpose"], file["expires_at"]) == ("batch_output", file["created_at"] + 3600)
    assert file["filename"] == f"{ended['id']}_output.jsonl"
    assert listed == [file]


async def test_who_wants_to_hear_of_ended_batches_does_once(client: httpx2.AsyncClient):
    told = {"name": "shop", "url": "https://example.com/hook", "event_types": ["batch.completed", "batch.failed"]}
    endpoint = (await client.post("/v1/webhook_endpoints", json=told)).json()

    ended = [await end(client, await create(client, *lines)) for lines in ([line("a", prompt=" ")], [b"{"])]
    deliveries: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while len(deliveries) < len(ended):
            deliveries = (await client.get(f"/limner/v1/webhooks/{endpoint['id']}/deliveries")).json()["data"]

    assert [(delivery["event_type"], delivery["object_id"]) for delivery in deliveries[::-1]] == [
        ("batch.completed", ended[0]["id"]),
        ("batch.failed", ended[1]["id"]),
    ]


async def test_a_person_waits_for_no_more_of_a_batch_than_the_picture_in_hand(client: httpx2.AsyncClient, engine_log: Any):
    batch = await create(client, *(line(str(number)) for number in range(80)))

    for _ in range(4):
        seen = len(engine_log.ended)
        while len(engine_log.ended) < seen + 5:  # noqa: ASYNC110 - the engine sets no event
            await asyncio.sleep(0.01)
        await client.post(GENERATIONS, json=SMALL)
    await client.post(f"{BATCHES}/{batch['id']}/cancel")
    await end(client, batch)

    waits = engine_log.waits(lambda request: request.priority == "interactive", lambda request: request.priority == "batch")
    assert len(waits) == 4
    assert max(waits) <= 2  # the picture in hand, and one that had ended when its word came
    assert sum(request.priority == "batch" for request in engine_log.ended) > 20


async def test_a_caller_cannot_say_that_it_is_the_server(opened: Opened, client: httpx2.AsyncClient):
    answer = await client.get(BATCHES, headers={"authorization": "", "limner.caller": "x", "limner-caller": "x"})

    assert answer.status_code == 401

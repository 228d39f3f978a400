"""The events of a response: which, in which order, with which fields; in the background, cancelled, and resumed where a reader left."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

TOOL: dict[str, Any] = {"type": "image_generation", "size": "256x256", "quality": "medium"}
LONG: dict[str, Any] = {**TOOL, "size": "1024x1024", "quality": "high", "n": 10}
ASKED: dict[str, Any] = {"model": "gpt-5", "input": "a red apple"}
CALL = "response.image_generation_call"
PLACE, PART = {"output_index", "item_id"}, {"output_index", "item_id", "content_index"}
FIELDS: dict[str, set[str]] = {
    "response.created": {"response"},
    "response.queued": {"response"},
    "response.in_progress": {"response"},
    "response.output_item.added": {"output_index", "item"},
    f"{CALL}.in_progress": PLACE,
    f"{CALL}.generating": PLACE,
    f"{CALL}.partial_image": {*PLACE, "partial_image_index", "partial_image_b64", "size", "quality", "background", "output_format"},
    f"{CALL}.completed": PLACE,
    "response.output_item.done": {"output_index", "item"},
    "response.content_part.added": {*PART, "part"},
    "response.output_text.delta": {*PART, "delta", "logprobs"},
    "response.output_text.done": {*PART, "text", "logprobs"},
    "response.content_part.done": {*PART, "part"},
    "response.completed": {"response"},
    "response.incomplete": {"response"},
    "response.failed": {"response"},
    "error": {"code", "message", "param", "error"},
}
HEAD = ["response.created", "response.in_progress"]
QUEUED_HEAD = ["response.created", "response.queued", "response.in_progress"]
BEGUN = ["response.output_item.added", f"{CALL}.in_progress", f"{CALL}.generating"]
DRAWN = [f"{CALL}.completed", "response.output_item.done"]
SAID = ["response.output_text.done", "response.content_part.done", "response.output_item.done"]
SILENT = ["response.output_item.added", "response.content_part.added", *SAID]


def partials(count: int) -> list[str]:
    return [f"{CALL}.partial_image"] * count


def frames(text: str) -> list[dict[str, Any]]:
    """Read a stream as it is on the wire; its frames name their events, and nothing comes after the last."""
    *blocks, rest = text.split("\n\n")
    lines = [block.split("\n") for block in blocks if not block.startswith(":")]
    events = [json.loads(data.removeprefix("data: ")) for _, data in lines]
    assert rest == ""
    assert [name for name, _ in lines] == [f"event: {event['type']}" for event in events]
    return events


def stream(wire: httpx2.Client, **fields: Any) -> list[dict[str, Any]]:
    answer = wire.post("/v1/responses", json={**ASKED, "tools": [TOOL], "stream": True, **fields})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    return frames(answer.text)


def follow(wire: httpx2.Client, response_id: str, after: int | None = None) -> list[dict[str, Any]]:
    query = {"stream": "true"} | ({} if after is None else {"starting_after": str(after)})
    return frames(wire.get(f"/v1/responses/{response_id}", params=query).text)


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def wait_for(client: OpenAI, response_id: str, *states: str) -> Any:
    deadline = time.monotonic() + 60
    while (response := client.responses.retrieve(response_id)).status not in states and time.monotonic() < deadline:
        time.sleep(0.05)
    return response


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_picture_is_told_in_upstreams_order_with_its_fields_and_numbers(wire: httpx2.Client, count: int):
    events = stream(wire, tools=[{**TOOL, "partial_images": count}])

    assert kinds(events) == [*HEAD, *BEGUN, *partials(count), *DRAWN, *SILENT, "response.completed"]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    for event in events:
        assert set(event) - {"type", "sequence_number"} == FIELDS[event["type"]], event["type"]
    assert [event["partial_image_index"] for event in events if "partial_image_index" in event] == list(range(count))


def test_every_event_says_what_is_known_by_then_and_the_last_one_everything(wire: httpx2.Client):
    events = {event["type"]: event for event in reversed(stream(wire, tools=[{**TOOL, "partial_images": 1}]))}

    first, last = (events[name]["response"] for name in ("response.created", "response.completed"))
    added, done = events["response.output_item.added"]["item"], last["output"][0]
    assert (first["status"], first["output"], first["usage"], first["completed_at"]) == ("in_progress", [], None, None)
    assert added == {"id": done["id"], "type": "image_generation_call", "status": "in_progress", "result": None}
    assert (done["status"], last["status"]) == ("completed", "completed")
    assert {event["item_id"] for event in events.values() if event["type"].startswith(CALL)} == {done["id"]}
    assert wire.get(f"/v1/responses/{last['id']}").json() == last
    assert done["result"] != events[f"{CALL}.partial_image"]["partial_image_b64"]


def test_several_pictures_are_told_one_after_the_other(wire: httpx2.Client):
    events = stream(wire, tools=[{**TOOL, "quality": "low", "n": 2}])

    assert kinds(events) == [*HEAD, *BEGUN, *DRAWN, *BEGUN, *DRAWN, *SILENT, "response.completed"]
    assert [event["output_index"] for event in events if event["type"] == f"{CALL}.completed"] == [0, 1]


def test_words_alone_are_told_as_they_are_said(wire: httpx2.Client):
    events = stream(wire, tool_choice="none")

    begun = ["response.output_item.added", "response.content_part.added", "response.output_text.delta"]
    deltas = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
    assert kinds(events) == [*HEAD, *begun, *SAID, "response.completed"]
    assert "".join(deltas) == events[-1]["response"]["output"][0]["content"][0]["text"] != ""


def test_openais_own_stream_puts_the_response_together(client: OpenAI):
    with client.responses.stream(**ASKED, tools=[{**TOOL, "partial_images": 2}]) as events:  # type: ignore[list-item]
        seen = [event.type for event in events]
        response = events.get_final_response()

    assert seen.count(f"{CALL}.partial_image") == 2
    assert response.output[0].result  # type: ignore[union-attr]


def test_a_response_in_the_background_is_queued_and_there_when_it_is_asked_for(client: OpenAI):
    asked = client.responses.create(**ASKED, tools=[{**TOOL, "seed": 3}], background=True)  # type: ignore[list-item]
    plain = client.responses.create(**ASKED, tools=[{**TOOL, "seed": 3}])  # type: ignore[list-item]

    response = wait_for(client, asked.id, "completed", "failed")

    assert (asked.status, asked.background, asked.output) == ("queued", True, [])
    assert response.status == "completed"
    assert response.output[0].result == plain.output[0].result  # type: ignore[union-attr]
    with pytest.raises(openai.BadRequestError) as not_in_background:
        client.responses.cancel(plain.id)
    assert not_in_background.value.code == "not_in_background"
    assert client.responses.cancel(asked.id).status == "completed"


def test_a_background_stream_is_resumed_behind_any_event_with_the_same_numbers(wire: httpx2.Client):
    large = {
        **TOOL,
        "size": "2048x2048",
        "background": "transparent",
        "quality": "high",
        "partial_images": 2,
    }  # it must not be finished before its reader listens
    events = stream(wire, background=True, tools=[large])
    response_id = events[0]["response"]["id"]

    whole = follow(wire, response_id)
    rests = {after: follow(wire, response_id, after) for after in (0, 5, 9, len(events) - 1)}

    kept = [event for event in events if event["type"] != f"{CALL}.partial_image"]
    assert kinds(events) == [*QUEUED_HEAD, *BEGUN, *partials(2), *DRAWN, *SILENT, "response.completed"]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["response"]["status"] for event in events[:3]] == ["queued", "queued", "in_progress"]
    assert whole == kept
    for after, rest in rests.items():
        assert rest == [event for event in kept if event["sequence_number"] > after]


def test_a_reader_that_comes_while_it_is_drawn_gets_everything_from_the_first_event_on(wire: httpx2.Client):
    asked = wire.post("/v1/responses", json={**ASKED, "background": True, "tools": [{**TOOL, "quality": "high", "n": 3}]}).json()

    first = follow(wire, asked["id"])
    late = follow(wire, asked["id"], 3)

    assert kinds(first) == [*QUEUED_HEAD, *3 * (BEGUN + DRAWN), *SILENT, "response.completed"]
    assert late == first[4:]


def test_cancelling_ends_a_background_response_once_and_for_its_readers(client: OpenAI, wire: httpx2.Client):
    asked = client.responses.create(**ASKED, tools=[LONG], background=True)  # type: ignore[list-item]
    wait_for(client, asked.id, "in_progress")
    with wire.stream("GET", f"/v1/responses/{asked.id}", params={"stream": "true"}) as reader:
        lines = reader.iter_lines()
        begun = [next(lines)]
        cancelled = client.responses.cancel(asked.id)
        live = [line for line in [*begun, *lines] if line.startswith("event: ")]

    again = client.responses.cancel(asked.id)
    told = follow(wire, asked.id)

    assert [live[0], live[-1]] == ["event: response.created", "event: response.incomplete"]
    assert (cancelled.status, again.status, cancelled.output, cancelled.completed_at) == ("cancelled", "cancelled", [], None)
    assert kinds(told) == [*QUEUED_HEAD, "response.incomplete"]
    assert told[-1]["response"]["status"] == "cancelled"
    assert client.responses.create(**ASKED, tools=[TOOL]).status == "completed"  # type: ignore[list-item]


def test_a_deleted_background_response_is_gone_though_it_was_being_drawn(client: OpenAI):
    asked = client.responses.create(**ASKED, tools=[LONG], background=True)  # type: ignore[list-item]

    client.responses.delete(asked.id)

    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(asked.id)
    with pytest.raises(openai.BadRequestError):
        client.responses.create(**ASKED, previous_response_id=asked.id)


def test_a_response_that_has_not_ended_cannot_be_followed_by_another(client: OpenAI):
    asked = client.responses.create(**ASKED, tools=[LONG], background=True)  # type: ignore[list-item]

    with pytest.raises(openai.BadRequestError) as unended:
        client.responses.create(**ASKED, previous_response_id=asked.id)

    client.responses.cancel(asked.id)
    assert "has not ended yet" in str(unended.value)


def test_leaving_a_stream_early_frees_the_server_and_keeps_nothing(client: OpenAI):
    with client.responses.create(**ASKED, tools=[{**LONG, "partial_images": 1}], stream=True) as events:  # type: ignore[list-item]
        first = next(iter(events))

    after = client.responses.create(**ASKED, tools=[TOOL])  # type: ignore[list-item]

    assert after.status == "completed"
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.response.id)  # type: ignore[union-attr]

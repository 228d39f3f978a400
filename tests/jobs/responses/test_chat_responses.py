"""A whole server whose responses a chat model plans: the endpoint is on a socket, everything else is real."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from PIL import Image

from limner.jobs.responses.chat import PlannerSettings
from limner.server.app import create_app
from limner.server.assembly import Opened

pytestmark = pytest.mark.anyio
TOOL = {"type": "image_generation", "size": "256x256", "quality": "low"}


@pytest.fixture
async def planned(open_server: Callable[..., Opened], chat: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a server whose planner is the endpoint, which sees."""
    services = (opened := open_server(planner=PlannerSettings(url=chat.url, model="qwen3", is_seeing=True))).services
    headers = {"authorization": f"Bearer {opened.first_secret}"}
    transport = httpx2.ASGITransport(create_app(services))
    async with (
        services.work.running(),
        httpx2.AsyncClient(transport=transport, base_url="http://limner.test", headers=headers, timeout=120) as client,
    ):
        yield client


async def ask(client: httpx2.AsyncClient, said: Any, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/v1/responses", json={"model": "gpt-5", "input": said, "tools": [TOOL], **fields})
    assert answer.status_code == 200, answer.text
    response: dict[str, Any] = answer.json()
    return response


def kinds(response: dict[str, Any]) -> list[Any]:
    return [item.get("action") or item["content"][0]["text"] for item in response["output"]]


def images(asked: dict[str, Any]) -> list[Image.Image]:
    """The pictures that the endpoint was shown in one question."""
    parts = [part for message in asked["messages"] if isinstance(message["content"], list) for part in message["content"]]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) for url in urls]


async def test_a_model_draws_edits_what_it_drew_and_speaks_in_one_response_and_goes_on_in_the_next(
    chat: Any, planned: httpx2.AsyncClient, saying: Any, calling: Any
):
    chat.answers = [
        saying("Let me draw.", calling(prompt="a red kite"), usage=(10, 4)),
        saying(None, calling(prompt="a blue kite", action="edit", pictures=[1]), usage=(20, 5)),
        saying("A blue one.", usage=(30, 6)),
        saying(None, calling(prompt="a green kite", action="edit", pictures=[1])),
        saying("Green."),
    ]

    first = await ask(planned, "a kite, then blue", instructions="Be kind.")
    second = await ask(planned, "the first in green", previous_response_id=first["id"])

    assert kinds(first) == ["Let me draw.", "generate", "edit", "A blue one."]
    assert kinds(second) == ["edit", "Green."]
    drawn = [item for item in first["output"] if item["type"] == "image_generation_call"]
    assert drawn[1]["limner"]["parent"] == second["output"][0]["limner"]["parent"] == drawn[0]["limner"]["picture_id"]
    assert (first["usage"]["input_tokens"], first["usage"]["output_tokens"]) == (60, 15)
    assert first["tool_usage"]["image_gen"]["output_tokens"] == 2 * 272
    assert [[image.size for image in images(asked)] for asked in chat.asked] == [[(256, 256)] * count for count in (0, 1, 2, 2, 3)]
    assert {asked["model"] for asked in chat.asked} == {"qwen3"}


async def test_a_picture_that_is_refused_stands_as_a_failed_item_and_the_model_can_go_on(
    chat: Any, planned: httpx2.AsyncClient, saying: Any, calling: Any
):
    chat.answers = [saying(None, calling(prompt=" ")), saying(None, calling(prompt="a kite")), saying("There.")]

    response = await ask(planned, "a kite")

    assert [(item["type"], item["status"]) for item in response["output"]] == [
        ("image_generation_call", "failed"),
        ("image_generation_call", "completed"),
        ("message", "completed"),
    ]
    assert response["status"] == "completed"


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ((500, {"error": {"message": "boom at 10.0.0.7"}}), "server_error", "status 500"),
        ((404, {"error": {"code": "model_not_found"}}), "invalid_prompt", "qwen3"),
    ],
)
async def test_a_planner_that_fails_fails_the_response_and_tells_nothing_of_itself(
    chat: Any, planned: httpx2.AsyncClient, answer: Any, code: str, said: str
):
    chat.answers = [answer]

    response = await ask(planned, "a kite")

    assert (response["status"], response["output"]) == ("failed", [])
    assert response["error"]["code"] == code
    assert said in response["error"]["message"]
    assert "10.0.0.7" not in json.dumps(response)


async def test_a_planner_that_is_busy_lets_the_caller_ask_again(chat: Any, planned: httpx2.AsyncClient):
    chat.answers = [(429, {})]

    answer = await planned.post("/v1/responses", json={"model": "gpt-5", "input": "a kite", "tools": [TOOL]})

    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert "retry-after" in answer.headers


async def test_words_that_were_cut_off_leave_the_response_incomplete(chat: Any, planned: httpx2.AsyncClient, saying: Any):
    chat.answers = [saying("Once upon", finish="length")]

    response = await ask(planned, "a story", max_output_tokens=16)

    assert (response["status"], response["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert (response["output"][0]["status"], response["max_output_tokens"]) == ("incomplete", 16)


async def test_a_stream_tells_words_and_pictures_in_their_order(chat: Any, planned: httpx2.AsyncClient, saying: Any, calling: Any):
    chat.answers = [saying("First words.", calling(prompt="a kite")), saying("Done.")]
    body = {"model": "gpt-5", "input": "a kite", "tools": [TOOL], "stream": True}

    async with planned.stream("POST", "/v1/responses", json=body) as answer:
        events = [json.loads(line[6:]) async for line in answer.aiter_lines() if line.startswith("data: ")]

    items = [event["item"]["type"] for event in events if event["type"] == "response.output_item.done"]
    assert items == ["message", "image_generation_call", "message"]
    assert [event["delta"] for event in events if event["type"] == "response.output_text.delta"] == ["First words.", "Done."]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert events[-1]["type"] == "response.completed"


async def test_a_response_in_the_background_is_planned_like_any_other(chat: Any, planned: httpx2.AsyncClient, saying: Any, calling: Any):
    chat.answers = [saying(None, calling(prompt="a kite")), saying("Done.")]

    response = await ask(planned, "a kite", background=True)
    for _ in range(300):
        if response["status"] not in ("queued", "in_progress"):
            break
        await asyncio.sleep(0.1)
        response = (await planned.get(f"/v1/responses/{response['id']}")).json()

    assert (response["status"], kinds(response)) == ("completed", ["generate", "Done."])


async def test_tool_choice_and_bounds_are_those_of_the_request(chat: Any, planned: httpx2.AsyncClient, saying: Any, calling: Any):
    chat.answers = [saying(None, calling(prompt="a kite"), calling(prompt="two", call_id="call_b")), saying("One.")]

    response = await ask(
        planned, "a kite", tool_choice="required", max_tool_calls=1, parallel_tool_calls=False, temperature=0.5, max_output_tokens=99
    )

    first, second = chat.asked
    assert (first["tool_choice"], first["parallel_tool_calls"], first["temperature"], first["max_tokens"]) == ("required", False, 0.5, 99)
    assert (second["tool_choice"], second["max_tokens"]) == ("none", 96)
    assert kinds(response) == ["generate", "One."]

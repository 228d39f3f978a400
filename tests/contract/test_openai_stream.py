"""`openai` for Python follows a picture while it is drawn."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

SMALL: dict[str, Any] = {"model": "gpt-image-1.5", "prompt": "a red apple", "size": "256x256", "quality": "medium"}
SEED = {"extra_body": {"seed": 11}}
EVENT_FIELDS = {"type", "b64_json", "created_at", "size", "quality", "background", "output_format"}


@pytest.mark.parametrize("num_partials", [None, 0, 1, 2, 3])
def test_partial_pictures_come_in_order_before_the_picture_that_a_plain_request_gives(client: OpenAI, pictures: Any, num_partials: Any):
    plain = client.images.generate(**SMALL, **SEED)

    events = list(client.images.generate(**SMALL, stream=True, partial_images=num_partials, **SEED))

    *partials, last = events
    assert [event.type for event in partials] == ["image_generation.partial_image"] * (num_partials or 0)
    assert [event.partial_image_index for event in partials] == list(range(num_partials or 0))
    assert last.type == "image_generation.completed"
    assert pictures.content(last) == pictures.content(plain.data[0])
    assert len({pictures.content(event) for event in events}) == len(events)
    assert {pictures.read(event).size for event in events} == {(256, 256)}


@pytest.mark.parametrize("num_partials", [0, 1, 2, 3])
def test_an_edit_is_followed_the_same_way(client: OpenAI, pictures: Any, num_partials: int):
    source, mask = pictures.draw(), pictures.mask((64, 64, 192, 192))
    plain = client.images.edit(**SMALL, image=source, mask=mask, **SEED)

    *partials, last = client.images.edit(**SMALL, image=source, mask=mask, stream=True, partial_images=num_partials, **SEED)

    assert [event.type for event in partials] == ["image_edit.partial_image"] * num_partials
    assert [event.partial_image_index for event in partials] == list(range(num_partials))
    assert last.type == "image_edit.completed"
    assert pictures.content(last) == pictures.content(plain.data[0])


def test_partial_pictures_of_an_edit_keep_what_the_mask_keeps(client: OpenAI, pictures: Any):
    source, mask = pictures.draw(), pictures.mask((64, 64, 192, 192))

    events = list(client.images.edit(**SMALL, image=source, mask=mask, stream=True, partial_images=2))

    for event in events:
        changed = pictures.changed(source, pictures.content(event))
        changed[64:192, 64:192] = False
        assert not changed.any()


@pytest.mark.parametrize("output_format", ["png", "webp", "jpeg"])
def test_every_event_is_in_the_format_that_was_asked_for(client: OpenAI, pictures: Any, output_format: Any):
    events = list(client.images.generate(**SMALL, stream=True, partial_images=1, output_format=output_format))

    assert {event.output_format for event in events} == {output_format}
    assert {pictures.read(event).format for event in events} == {output_format.upper()}


def test_the_last_event_says_what_was_spent_and_partial_pictures_cost_a_hundred_tokens_each(client: OpenAI):
    *_, without = client.images.generate(**SMALL, stream=True)
    *partials, with_two = client.images.generate(**SMALL, stream=True, partial_images=2)

    assert without.usage.output_tokens == 1056
    assert with_two.usage.output_tokens == 1056 + 100 * len(partials)
    assert with_two.usage.total_tokens == with_two.usage.input_tokens + with_two.usage.output_tokens
    assert (without.size, without.quality, without.background, without.output_format) == ("256x256", "medium", "opaque", "png")


def test_a_stream_that_is_left_early_frees_the_server(client: OpenAI):
    with client.images.generate(**SMALL | {"quality": "high", "size": "1024x1024"}, stream=True, partial_images=3) as stream:
        first = next(iter(stream))

    after = client.images.generate(**SMALL)

    assert first.type == "image_generation.partial_image"
    assert after.data


def test_what_is_wrong_is_known_before_the_stream_begins(client: OpenAI):
    with pytest.raises(openai.BadRequestError) as several:
        client.images.generate(**SMALL, stream=True, n=2)
    with pytest.raises(openai.BadRequestError) as wrong_size:
        client.images.generate(**SMALL | {"size": "77x77"}, stream=True)

    assert (several.value.code, several.value.param, several.value.type) == (
        "unsupported_parameter",
        "input",
        "image_generation_user_error",
    )
    assert (wrong_size.value.code, wrong_size.value.param) == ("invalid_value", "size")


def test_frames_are_exact_on_the_wire(wire: httpx2.Client):
    body = SMALL | {"stream": True, "partial_images": 1, "seed": 11}

    response = wire.post("/v1/images/generations", json=body)

    *frames, rest = response.text.split("\n\n")
    read = [frame.split("\n") for frame in frames]
    events = [json.loads(data.removeprefix("data: ")) for _, data in read]
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert "x-request-id" in response.headers
    assert rest == ""
    assert [name for name, _ in read] == [f"event: {event['type']}" for event in events]
    assert set(events[0]) == EVENT_FIELDS | {"partial_image_index"}
    assert set(events[1]) - {"limner"} == EVENT_FIELDS | {"usage"}
    assert "[DONE]" not in response.text

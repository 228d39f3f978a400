"""`openai` for Python fails as its users expect: by class, code and field, with an id to ask about, and asks again when that helps."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from typing import Any

import openai
import pytest
from openai import OpenAI

SMALL: dict[str, Any] = {"prompt": "a red apple", "size": "256x256", "quality": "low"}
CROWD = 140  # more than may be open at once


@pytest.mark.parametrize(
    ("words", "code", "param"),
    [
        ({"prompt": ""}, "invalid_value", "prompt"),
        ({"prompt": "apple " * 6000}, "invalid_value", "prompt"),
        ({"size": "77x77"}, "invalid_value", "size"),
        ({"size": "large"}, "invalid_value", "size"),
        ({"size": "3072x256"}, "invalid_value", "size"),
        ({"n": 0}, "invalid_value", "n"),
        ({"n": 11}, "invalid_value", "n"),
        ({"n": "two"}, "invalid_type", "n"),
        ({"n": True}, "invalid_type", "n"),
        ({"quality": "best"}, "invalid_value", "quality"),
        ({"quality": "hd"}, "invalid_value", "quality"),
        ({"background": "green"}, "invalid_value", "background"),
        ({"background": "transparent", "output_format": "jpeg"}, "invalid_value", "background"),
        ({"output_format": "gif"}, "invalid_value", "output_format"),
        ({"output_compression": 101, "output_format": "webp"}, "invalid_value", "output_compression"),
        ({"output_compression": 50, "output_format": "png"}, "invalid_value", "output_compression"),
        ({"moderation": "none"}, "invalid_value", "moderation"),
        ({"partial_images": 4, "stream": True}, "invalid_value", "partial_images"),
        ({"partial_images": 2}, "invalid_value", "partial_images"),
        ({"style": "vivid"}, "unknown_parameter", "style"),
        ({"extra_body": {"negative_prompt": "worms"}}, "unknown_parameter", "negative_prompt"),
        ({"extra_body": {"seed": -1}}, "invalid_value", "seed"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_by_code_and_field(client: OpenAI, words: dict[str, Any], code: str, param: str):
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(**SMALL | words)

    assert (refused.value.status_code, refused.value.code, refused.value.param) == (400, code, param)
    assert refused.value.type == "invalid_request_error"
    assert set(refused.value.body) == {"message", "type", "param", "code"}


def test_a_missing_prompt_is_named(client: OpenAI):
    with pytest.raises(openai.BadRequestError) as refused:
        client.post("/images/generations", body={"model": "gpt-image-1"}, cast_to=object)

    assert (refused.value.code, refused.value.param) == ("missing_required_parameter", "prompt")


def test_an_unknown_model_is_not_found(client: OpenAI):
    with pytest.raises(openai.NotFoundError) as missing:
        client.images.generate(**SMALL, model="gpt-image-9")

    assert (missing.value.code, missing.value.param, missing.value.type) == ("model_not_found", "model", "invalid_request_error")


def test_an_unknown_path_and_a_wrong_method_have_the_same_shape(client: OpenAI):
    with pytest.raises(openai.NotFoundError) as missing:
        client.get("/images/nothing", cast_to=object)
    with pytest.raises(openai.APIStatusError) as wrong:
        client.get("/images/generations", cast_to=object)

    assert missing.value.code == "unknown_url"
    assert (wrong.value.status_code, wrong.value.code) == (405, "method_not_allowed")


def test_a_wrong_key_is_an_authentication_error_that_does_not_repeat_the_key(tiny: Any):
    key = "sk-limner-" + "x" * 43

    with tiny.client(api_key=key) as client, pytest.raises(openai.AuthenticationError) as refused:
        client.models.list()

    assert (refused.value.status_code, refused.value.code) == (401, "invalid_api_key")
    assert refused.value.message.startswith("Error code: 401")
    assert "Incorrect API key provided" in refused.value.message
    assert key not in refused.value.message


@pytest.mark.parametrize("path", ["/images/generations", "/images/edits", "/files", "/moderations"])
def test_a_wrong_key_is_refused_before_anything_else_is_looked_at(tiny: Any, path: str):
    with tiny.client(api_key="wrong") as client, pytest.raises(openai.AuthenticationError):
        client.post(path, body={"nonsense": 1}, cast_to=object)


def test_a_missing_key_is_an_authentication_error(tiny: Any):
    with tiny.client() as client, pytest.raises(openai.AuthenticationError) as refused:
        client.models.list(extra_headers={"Authorization": openai.Omit()})

    assert "api-key" in refused.value.message


def test_the_key_may_also_stand_in_the_header_that_azure_clients_send(tiny: Any):
    headers = {"Authorization": openai.Omit(), "api-key": tiny.key}

    with tiny.client() as client:
        assert client.models.list(extra_headers=headers).data


@pytest.mark.parametrize("megabytes", [2, 30])
def test_a_body_that_is_too_large_is_answered_and_not_cut_off(client: OpenAI, megabytes: int):
    with pytest.raises(openai.APIStatusError) as refused:
        client.images.generate(**SMALL | {"prompt": "x" * (megabytes << 20)})

    assert (refused.value.status_code, refused.value.code) == (413, "request_too_large")


def test_every_error_carries_the_id_of_its_request(client: OpenAI):
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(**SMALL | {"n": 11})

    assert re.fullmatch(r"req_[0-9a-f]{32}", refused.value.request_id or "")
    assert refused.value.response.headers["content-type"] == "application/json"


def test_headers_of_other_products_are_taken_and_mean_nothing(tiny: Any):
    with tiny.client(
        organization="org-1", project="proj-1", default_headers={"OpenAI-Beta": "assistants=v2", "X-Client-Request-Id": "mine"}
    ) as client:
        assert client.models.list().data


def test_a_client_that_gives_up_waiting_does_not_hold_up_the_next(client: OpenAI):
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.2).images.generate(prompt="a red apple", size="1024x1024", quality="high", n=10)

    begun = time.monotonic()
    answer = client.images.generate(**SMALL)

    assert answer.data
    assert time.monotonic() - begun < 10


async def crowd_out(server: Any) -> tuple[list[openai.APIStatusError], float]:
    """Ask for more than the server keeps waiting, then once more with the client's own retries while the crowd leaves."""
    many = server.async_client()
    async with many, server.async_client(max_retries=2) as patient:
        words = {"prompt": "a red apple", "size": "1024x1024", "quality": "high", "n": 10}
        crowd = [asyncio.ensure_future(many.images.generate(**words)) for _ in range(CROWD)]
        refused = await first_refusals(crowd)
        waiting = asyncio.ensure_future(patient.images.generate(**SMALL))
        await asyncio.sleep(1.0)
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        begun = time.monotonic()
        assert (await waiting).data
        return refused, time.monotonic() - begun


async def first_refusals(crowd: list[asyncio.Future[Any]]) -> list[openai.APIStatusError]:
    refused: list[openai.APIStatusError] = []
    for done in asyncio.as_completed(crowd):
        with suppress(asyncio.CancelledError):
            try:
                await done
            except openai.APIStatusError as error:
                refused.append(error)
        if len(refused) == 5:
            return refused
    return refused


def test_a_full_server_says_when_to_come_back_and_the_client_does_so_by_itself(tiny: Any):
    refused, waited_s = asyncio.run(crowd_out(tiny))

    assert len(refused) == 5
    assert {type(error) for error in refused} == {openai.RateLimitError}
    assert {(error.status_code, error.code) for error in refused} == {(429, "rate_limit_exceeded")}
    told_s = [int(error.response.headers["retry-after"]) for error in refused]
    assert {1 <= seconds <= 60 for seconds in told_s} == {True}
    assert [error.response.headers["retry-after-ms"] for error in refused] == [str(seconds * 1000) for seconds in told_s]
    assert 0 < waited_s < max(told_s) + 20

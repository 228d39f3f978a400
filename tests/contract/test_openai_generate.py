"""`openai` for Python draws pictures: each parameter by itself, what it is answered, and what the bytes really are."""

from __future__ import annotations

import io
import re
import time
import warnings
from typing import Any

import httpx2
import numpy as np
import pytest
from openai import OpenAI
from PIL import Image

SMALL: dict[str, Any] = {"model": "gpt-image-1.5", "prompt": "a red apple", "size": "256x256", "quality": "low"}


def seeded(seed: int, **more: Any) -> dict[str, Any]:
    return {"extra_body": {"seed": seed, **more}}


def test_a_prompt_alone_gives_one_png_and_every_word_settled(client: OpenAI, pictures: Any):
    before = int(time.time())

    answer = client.images.generate(prompt="a red apple")

    assert answer.data is not None
    assert len(answer.data) == 1
    picture = pictures.read(answer.data[0])
    assert picture.format == "PNG"
    assert answer.size == "{}x{}".format(*picture.size)
    assert (answer.quality, answer.background, answer.output_format) == ("medium", "opaque", "png")
    assert before <= answer.created <= time.time()
    assert answer.data[0].url is None
    assert answer.data[0].revised_prompt is None


@pytest.mark.parametrize("size", ["1024x1024", "1536x1024", "1024x1536", "512x512", "256x768", "400x304"])
def test_the_size_asked_is_the_size_given(client: OpenAI, pictures: Any, size: str):
    answer = client.images.generate(**SMALL | {"size": size})

    assert answer.size == size
    assert "{}x{}".format(*pictures.read(answer.data[0]).size) == size


@pytest.mark.parametrize(
    ("asked", "given", "tokens"), [("low", "low", 272), ("medium", "medium", 1056), ("high", "high", 4160), ("auto", "medium", 1056)]
)
def test_quality_is_answered_as_drawn_and_costs_what_the_table_says(client: OpenAI, asked: Any, given: str, tokens: int):
    answer = client.images.generate(**SMALL | {"quality": asked})

    assert answer.quality == given
    assert answer.usage is not None
    assert answer.usage.output_tokens == tokens
    assert answer.usage.total_tokens == answer.usage.input_tokens + tokens
    assert answer.usage.input_tokens_details.text_tokens == answer.usage.input_tokens > 0
    assert answer.usage.input_tokens_details.image_tokens == 0
    assert answer.usage.output_tokens_details is not None
    assert answer.usage.output_tokens_details.image_tokens == tokens


@pytest.mark.parametrize("output_format", ["png", "webp"])
def test_a_transparent_background_gives_alpha(client: OpenAI, pictures: Any, output_format: Any):
    answer = client.images.generate(**SMALL, background="transparent", output_format=output_format)

    picture = pictures.read(answer.data[0])
    assert answer.background == "transparent"
    assert picture.mode == "RGBA"
    assert np.asarray(picture)[..., 3].min() < 255


@pytest.mark.parametrize("output_format", ["png", "webp", "jpeg"])
def test_an_opaque_background_gives_no_transparent_pixel(client: OpenAI, pictures: Any, output_format: Any):
    answer = client.images.generate(**SMALL, background="opaque", output_format=output_format)

    assert answer.background == "opaque"
    assert np.asarray(pictures.read(answer.data[0]).convert("RGBA"))[..., 3].min() == 255


@pytest.mark.parametrize(("prompt", "given"), [("a sticker of a red apple", "transparent"), ("a red apple on a table", "opaque")])
def test_an_automatic_background_is_settled_by_what_is_asked_for(client: OpenAI, pictures: Any, prompt: str, given: str):
    answer = client.images.generate(**SMALL | {"prompt": prompt}, background="auto")

    assert answer.background == given
    assert (pictures.read(answer.data[0]).mode == "RGBA") == (given == "transparent")


@pytest.mark.parametrize("output_format", ["png", "webp", "jpeg"])
def test_the_format_asked_is_the_format_of_the_bytes(client: OpenAI, pictures: Any, output_format: Any):
    answer = client.images.generate(**SMALL, output_format=output_format)

    assert answer.output_format == output_format
    assert pictures.read(answer.data[0]).format == output_format.upper()


@pytest.mark.parametrize("output_format", ["webp", "jpeg"])
def test_compression_makes_smaller_files(client: OpenAI, pictures: Any, output_format: Any):
    sizes = {
        compression: len(
            pictures.content(
                client.images.generate(**SMALL, output_format=output_format, output_compression=compression, **seeded(3)).data[0]
            )
        )
        for compression in (0, 50, 100)
    }

    assert sizes[0] < sizes[50] < sizes[100]


def test_several_pictures_are_what_they_would_be_one_by_one(client: OpenAI, pictures: Any):
    together = client.images.generate(**SMALL, n=3, **seeded(40))

    single = [client.images.generate(**SMALL, n=1, **seeded(40 + index)) for index in range(3)]

    assert [pictures.content(item) for item in together.data] == [pictures.content(answer.data[0]) for answer in single]
    assert len({pictures.content(item) for item in together.data}) == 3
    assert together.usage.output_tokens == 3 * single[0].usage.output_tokens


def test_ten_pictures_can_be_asked_for_at_once(client: OpenAI):
    assert len(client.images.generate(**SMALL, n=10).data) == 10


def test_a_picture_is_drawn_again_from_the_seed_it_was_answered_with(client: OpenAI, pictures: Any):
    first = client.images.generate(**SMALL).data[0]

    again = client.images.generate(**SMALL, **seeded(first.limner["seed"])).data[0]

    assert pictures.content(again) == pictures.content(first)


def test_without_a_seed_no_two_pictures_are_alike(client: OpenAI, pictures: Any):
    contents = {pictures.content(client.images.generate(**SMALL).data[0]) for _ in range(3)}

    assert len(contents) == 3


@pytest.mark.parametrize("moderation", ["auto", "low"])
def test_both_kinds_of_moderation_let_an_apple_pass(client: OpenAI, moderation: Any):
    assert client.images.generate(**SMALL, moderation=moderation).data


def test_who_asked_is_taken_and_told_back(client: OpenAI):
    by_user = client.images.generate(**SMALL, user="person-7")
    by_identifier = client.images.generate(**SMALL, user="person-7", safety_identifier="person-8")

    assert by_user.safety_identifier == "person-7"
    assert by_identifier.safety_identifier == "person-8"


def test_null_counts_as_absent_for_every_optional_parameter(client: OpenAI):
    answer = client.images.generate(
        prompt="a red apple",
        model=None,
        background=None,
        moderation=None,
        n=None,
        output_compression=None,
        output_format=None,
        partial_images=None,
        quality=None,
        response_format=None,
        size=None,
        stream=None,
        style=None,
    )

    assert len(answer.data) == 1


@pytest.mark.parametrize(
    "model",
    [
        "gpt-image-1",
        "gpt-image-1-mini",
        "gpt-image-1.5",
        "gpt-image-1.5-2025-12-16",
        "chatgpt-image-latest",
        "gpt-image-2",
        "gpt-image-2.6-sunburst",
        "tiny-1",
        "limner",
    ],
)
def test_each_name_of_a_gpt_image_model_draws_and_answers_with_base64(client: OpenAI, pictures: Any, model: str):
    answer = client.images.generate(**SMALL | {"model": model})

    assert pictures.read(answer.data[0]).size == (256, 256)
    assert answer.data[0].url is None


def test_a_snapshot_by_name_draws_with_its_own_weights(client: OpenAI, pictures: Any):
    newer, older = (client.images.generate(**SMALL | {"model": name}, **seeded(5)).data[0] for name in ("tiny-1", "tiny-0"))

    assert (newer.limner["snapshot"], older.limner["snapshot"]) == ("tiny-1", "tiny-0")
    assert pictures.content(newer) != pictures.content(older)


def test_gpt_names_take_the_response_format_that_many_clients_send(client: OpenAI, pictures: Any):
    answer = client.images.generate(**SMALL, response_format="b64_json")

    assert pictures.read(answer.data[0]).size == (256, 256)


@pytest.mark.parametrize(
    ("model", "size"), [("dall-e-2", "256x256"), ("dall-e-2", "512x512"), ("dall-e-3", "1024x1024"), ("dall-e-3", "1792x1024")]
)
def test_dall_e_names_answer_with_an_address_that_anyone_can_fetch(client: OpenAI, model: str, size: Any):
    answer = client.images.generate(model=model, prompt="a red apple", size=size)

    got = httpx2.get(answer.data[0].url)
    assert answer.data[0].b64_json is None
    assert (got.status_code, got.headers["content-type"]) == (200, "image/png")
    assert "{}x{}".format(*Image.open(io.BytesIO(got.content)).size) == size == answer.size


def test_each_address_of_several_leads_to_its_own_picture(client: OpenAI):
    answer = client.images.generate(model="dall-e-2", prompt="a red apple", size="256x256", n=2)

    contents = {httpx2.get(item.url).content for item in answer.data}

    assert len(contents) == 2


def test_dall_e_names_answer_with_base64_when_asked(client: OpenAI, pictures: Any):
    answer = client.images.generate(model="dall-e-2", prompt="a red apple", size="256x256", response_format="b64_json")

    assert pictures.read(answer.data[0]).size == (256, 256)
    assert answer.data[0].url is None


def test_dall_e_3_takes_its_own_words_and_says_which_prompt_was_drawn(client: OpenAI):
    answer = client.images.generate(model="dall-e-3", prompt="a red apple", size="1024x1024", quality="standard", style="natural")
    finest = client.images.generate(model="dall-e-3", prompt="a red apple", size="1024x1024", quality="hd", style="vivid")

    assert (answer.quality, finest.quality) == ("medium", "high")
    assert "red apple" in answer.data[0].revised_prompt


def test_variations_are_drawn_from_a_picture_and_the_client_warns_that_they_are_deprecated(client: OpenAI, pictures: Any):
    source = io.BytesIO(pictures.draw())

    with pytest.warns(DeprecationWarning, match="deprecated"):
        answer = client.images.create_variation(image=source, model="dall-e-2", n=2, size="256x256")

    sizes = [Image.open(io.BytesIO(httpx2.get(item.url).content)).size for item in answer.data]
    assert sizes == [(256, 256)] * 2


def test_variations_come_as_base64_when_asked(client: OpenAI, pictures: Any):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        answer = client.images.create_variation(image=pictures.draw(), response_format="b64_json", size="512x512", user="person-7")

    assert pictures.read(answer.data[0]).size == (512, 512)


def test_the_raw_answer_carries_a_request_id_and_the_time_it_took(client: OpenAI):
    raw = client.images.with_raw_response.generate(**SMALL)

    parsed = raw.parse()
    assert re.fullmatch(r"req_[0-9a-f]{32}", raw.request_id or "")
    assert parsed._request_id == raw.request_id
    assert raw.headers["openai-version"] == "2020-10-01"
    assert int(raw.headers["openai-processing-ms"]) > 0
    assert len(parsed.data) == 1


def test_the_answer_can_be_read_as_it_arrives(client: OpenAI):
    with client.images.with_streaming_response.generate(**SMALL) as response:
        size = sum(len(chunk) for chunk in response.iter_bytes())

    assert size == int(response.headers["content-length"]) > 1000

"""`openai` for Python with the released weights: what a person sees is a picture, and everything holds for the real model too."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from openai import OpenAI
from PIL import Image

SMALL: dict[str, Any] = {"model": "gpt-image-1.5", "size": "256x256", "quality": "low", "extra_body": {"seed": 7}}


@pytest.fixture(scope="module")
def real(released: Any) -> Iterator[OpenAI]:
    with released.client() as client:
        yield client


@pytest.fixture(scope="module")
def apple(real: OpenAI, pictures: Any) -> bytes:
    """A red apple."""
    return pictures.content(real.images.generate(**SMALL, prompt="a red apple", background="opaque").data[0])


def test_a_red_apple_is_red_and_a_blue_one_blue(real: OpenAI, pictures: Any):
    red, blue = (
        np.asarray(
            pictures.read(real.images.generate(**SMALL, prompt=f"a {colour} apple on a white background").data[0]).convert("RGB"), int
        )
        for colour in ("red", "blue")
    )

    assert (red[..., 0] - red[..., 2]).max() > 100
    assert (blue[..., 2] - blue[..., 0]).max() > 60


def test_the_stream_ends_in_the_picture_that_a_plain_request_gives(real: OpenAI, pictures: Any, apple: bytes):
    *partials, last = real.images.generate(**SMALL, prompt="a red apple", background="opaque", stream=True, partial_images=2)

    assert len(partials) == 1  # after the first of two steps
    assert pictures.content(last) == apple
    assert {pictures.read(event).size for event in (*partials, last)} == {(256, 256)}


def test_a_masked_edit_draws_inside_the_mask_alone(real: OpenAI, pictures: Any, apple: bytes):
    answer = real.images.edit(**SMALL, prompt="a blue bird", image=apple, mask=pictures.mask((64, 64, 192, 192)))

    changed = pictures.changed(apple, pictures.content(answer.data[0]))
    assert changed[64:192, 64:192].any()
    changed[64:192, 64:192] = False
    assert not changed.any()


def test_an_edit_of_two_pictures_is_drawn(real: OpenAI, pictures: Any, apple: bytes):
    answer = real.images.edit(**SMALL, prompt="two apples", image=[apple, apple], n=2)

    assert {pictures.read(item).size for item in answer.data} == {(256, 256)}
    assert len({pictures.content(item) for item in answer.data}) == 2


def test_high_fidelity_stays_nearer_to_the_picture(real: OpenAI, pictures: Any, apple: bytes):
    source = np.asarray(Image.open(io.BytesIO(apple)).convert("RGB"), float)

    low, high = (
        real.images.edit(**SMALL, prompt="an apple of coloured glass in the rain", image=apple, input_fidelity=fidelity)
        for fidelity in ("low", "high")
    )

    distances = [np.abs(np.asarray(pictures.read(answer.data[0]).convert("RGB"), float) - source).mean() for answer in (low, high)]
    assert distances[1] < distances[0]

"""Every door with the released weights: whoever asks for a red apple with a seed, in whatever dialect, gets the same red apple."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from openai import AzureOpenAI, OpenAI
from PIL import Image

PROMPT, SEED = "a red apple", 7
LOOKS = {"size": "256x256", "quality": "low", "background": "opaque"}
ENDED = {"completed", "failed", "expired", "cancelled"}


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), int)


@pytest.fixture(scope="module")
def real(released: Any) -> Iterator[OpenAI]:
    with released.client() as client:
        yield client


@pytest.fixture(scope="module")
def apple(real: OpenAI) -> np.ndarray:
    """The apple that OpenAI's Images API gives."""
    answer = real.images.generate(model="gpt-image-1.5", prompt=PROMPT, extra_body={"seed": SEED}, **LOOKS)  # type: ignore[call-overload]
    return pixels(base64.b64decode(answer.data[0].b64_json))


def test_it_is_red(apple: np.ndarray):
    assert (apple[..., 0] - apple[..., 2]).max() > 100


def test_a_response_draws_it(real: OpenAI, apple: np.ndarray):
    tool: Any = {"type": "image_generation", "seed": SEED, **LOOKS}

    response = real.responses.create(model="gpt-5", input=PROMPT, tools=[tool])

    drawn = next(item for item in response.output if item.type == "image_generation_call")
    assert (pixels(base64.b64decode(drawn.result or "")) == apple).all()


def test_azures_client_draws_it(released: Any, apple: np.ndarray):
    options: Any = {"azure_endpoint": released.root, "api_key": released.key, "api_version": "2025-04-01-preview"}
    with AzureOpenAI(**options) as client:
        answer = client.images.generate(model="gpt-image-1.5", prompt=PROMPT, extra_body={"seed": SEED}, **LOOKS)  # type: ignore[call-overload]

    assert (pixels(base64.b64decode(answer.data[0].b64_json)) == apple).all()


def test_oxens_dialect_draws_it(released: Any, apple: np.ndarray):
    body = {"model": "gpt-image-1-5", "prompt": PROMPT, "seed": SEED, **LOOKS}

    answer = httpx2.post(
        f"{released.root}/api/ai/images/generate", json=body, headers={"authorization": f"Bearer {released.key}"}, timeout=120
    )

    assert (pixels(httpx2.get(answer.json()["images"][0]["url"], timeout=60).content) == apple).all()


def test_a_batch_draws_it(real: OpenAI, apple: np.ndarray):
    url = "/v1/images/generations"
    line = {"custom_id": "apple", "method": "POST", "url": url, "body": {"prompt": PROMPT, "seed": SEED, **LOOKS}}
    file = real.files.create(file=("apples.jsonl", json.dumps(line).encode()), purpose="batch")

    batch = real.batches.create(input_file_id=file.id, endpoint=url, completion_window="24h")  # type: ignore[arg-type]

    deadline = time.monotonic() + 120
    while batch.status not in ENDED and time.monotonic() < deadline:
        time.sleep(0.2)
        batch = real.batches.retrieve(batch.id)
    answer = json.loads(real.files.content(batch.output_file_id or "").read())
    assert (pixels(base64.b64decode(answer["response"]["body"]["data"][0]["b64_json"])) == apple).all()

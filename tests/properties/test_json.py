"""Whatever a body holds, the answer is a success that means it or an error object of the one shape: never a 5xx, never silence."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

Check = Callable[[httpx2.Response], None]
wire_settings = settings(settings.get_profile("wire"), max_examples=60)
SETTLED = {
    "quality": {"low", "medium", "high"},
    "background": {"transparent", "opaque"},
    "output_format": {"png", "jpeg", "webp"},
}


def picture() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 32, 4), np.uint8)).save(file, "PNG")
    return file.getvalue()


PICTURE = picture()
DATA_URL = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(["", "\x00", "\ud800", "auto", "null", "-1", "a ball", "x" * 40_000])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "prompt": st.sampled_from(["a red ball", "a sticker of a box", "ä\u0000b", "\U0001f98a"]),
    "model": st.sampled_from(["gpt-image-1.5", "gpt-image-1-mini", "dall-e-3", "dall-e-2", "tiny-1", "gpt-image-2"]),
    "n": st.integers(1, 2),
    "size": st.sampled_from(["256x256", "256x512", "400x256"]),
    "quality": st.sampled_from(["auto", "low", "standard"]),
    "background": st.sampled_from(["auto", "transparent", "opaque"]),
    "moderation": st.sampled_from(["auto", "low"]),
    "output_format": st.sampled_from(["png", "jpeg", "webp"]),
    "output_compression": st.integers(0, 100),
    "partial_images": st.integers(0, 3),
    "stream": st.booleans(),
    "response_format": st.sampled_from(["url", "b64_json"]),
    "user": TEXT,
    "safety_identifier": st.text(max_size=128),
    "seed": st.integers(0, 2**53 - 1),
    "style": st.sampled_from(["vivid", "natural"]),
    "input_fidelity": st.sampled_from(["low", "high"]),
    "canvas": st.sampled_from(["64x64+4+4", "48x48-3+0", "left=16,right=25%"]),
    "region": st.sampled_from(["box:0,0,8,8", "polygon:0,0 100%,0 50%,50%", "words:the ball", "box:1"]),
    "keep": st.booleans(),
    "mask_mode": st.sampled_from(["alpha", "luma"]),
}
NAMED = [{"image_url": DATA_URL}, {"file_id": "file-none"}, {"file_id": "pic_" + "0" * 45}, {"image_url": "https://127.0.0.1/x"}]
REFERENCE = st.sampled_from(NAMED) | JUNK
GOOD_EDIT = {**GOOD, "images": st.lists(REFERENCE, min_size=1, max_size=2), "mask": REFERENCE}
PART = st.fixed_dictionaries({"type": st.sampled_from(["text", "image_url"])}, optional={"text": TEXT, "image_url": REFERENCE})
SAVED = ("model", "n", "size", "quality", "style", "background", "output_format", "output_compression", "seed", "canvas", "region")
PICTURE_NAME = st.just("pic_" + "0" * 45) | JUNK
GOOD_PROMPT = {
    "name": st.sampled_from(["kite", "a.b-c_d", "9"]),
    "prompt": st.sampled_from(["a {colour} kite", "{{", "a {kite", "ä\u0000b"]),
    "settings": st.fixed_dictionaries({}, optional={name: GOOD[name] for name in SAVED}),
    "inputs": st.lists(PICTURE_NAME, max_size=1),
    "chosen": PICTURE_NAME,
    "note": TEXT,
}
GOOD_MODERATION = {"input": TEXT | st.lists(TEXT, max_size=2) | st.lists(PART, max_size=2), "model": TEXT}


def bodies(fields: dict[str, st.SearchStrategy[Any]], *, required: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Mostly good bodies, of which a few fields are something else."""
    kept = st.fixed_dictionaries(
        {name: fields[name] for name in required}, optional={name: value for name, value in fields.items() if name not in required}
    )
    wrong = st.dictionaries(st.sampled_from(sorted(fields)) | TEXT, JUNK, max_size=2)
    return st.builds(lambda good, bad: {**good, **bad}, kept, wrong) | kept | JUNK


def hold(answer: httpx2.Response, check_failure: Check) -> None:
    """Hold any answer to what all answers promise."""
    if answer.status_code != 200:
        check_failure(answer)
        return
    if answer.headers["content-type"].startswith("text/event-stream"):
        events = [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line.startswith("data: ")]
        assert events[-1]["type"].endswith(".completed"), events[-1]
        for event in events:
            settled(event)
    else:
        settled(answer.json())


def settled(body: dict[str, Any]) -> None:
    for name, values in SETTLED.items():
        assert body.get(name) in values | {None}
    assert body.get("size") != "auto"


@given(bodies(GOOD, required=("prompt", "size", "quality")))
@wire_settings
@example({"prompt": "x", "user": "\ud800", "size": "256x256", "quality": "low"})
@example({"prompt": "\ud800"})
@example({"prompt": "x", "model": "m" * 500_000})
@example({"prompt": "x", "size": "9" * 500_000})
@example({"prompt": "x", "n": ["y" * 500_000]})
@example({"prompt": "x", "z" * 500_000: 1})
@example({"prompt": "x", "foo-bar": 1})
@example({"prompt": "x", "": 1})
def test_any_json_value_as_a_generation(wire: httpx2.Client, check_failure: Check, body: Any):
    answer = wire.post("/v1/images/generations", content=json.dumps(body), headers={"content-type": "application/json"})

    hold(answer, check_failure)


@given(bodies(GOOD_EDIT, required=("prompt", "size", "quality", "images")))
@wire_settings
def test_any_json_value_as_an_edit(wire: httpx2.Client, check_failure: Check, body: Any):
    answer = wire.post("/v1/images/edits", content=json.dumps(body), headers={"content-type": "application/json"})

    hold(answer, check_failure)


@given(bodies(GOOD_MODERATION, required=("input",)))
@wire_settings
@example({"input": "\ud800"})
@example({"input": ["\x00", "\ud800\udc00"]})
@example({"input": [{"type": "image_url", "image_url": {"url": DATA_URL}}, {"type": "text", "text": "\ud800"}]})
@example({"input": "(" * 100_000})
@example({"input": "x" * 100_000, "model": "omni-moderation-latest"})
def test_any_json_value_as_a_question_to_moderation(wire: httpx2.Client, check_failure: Check, body: Any):
    answer = wire.post("/v1/moderations", content=json.dumps(body), headers={"content-type": "application/json"})

    hold(answer, check_failure)


@given(bodies(GOOD_PROMPT, required=("name", "prompt")))
@wire_settings
@example({"name": "kite", "prompt": "\ud800"})
@example({"name": "kite", "prompt": "x", "note": "\ud800"})
@example({"name": "kite", "prompt": "x", "settings": {"model": "\x00\ud800"}})
@example({"name": "kite", "prompt": "x", "settings": {"region": "words:\ud800"}})
@example({"name": "kite", "prompt": "{" * 32_000})
def test_any_json_value_as_a_saved_prompt(wire: httpx2.Client, check_failure: Check, body: Any):
    answer = wire.post("/limner/v1/prompts", content=json.dumps(body), headers={"content-type": "application/json"})

    hold(answer, check_failure)
    if answer.status_code == 200:
        assert wire.get(f"/limner/v1/prompts/{body['name']}").json() == answer.json()


@given(st.text(st.characters(), max_size=220))
@wire_settings
@example("\x00")
@example("\ud800")
@example("%_/\\'\"")
@example("ﷺ" * 200)
def test_any_text_as_a_search(wire: httpx2.Client, check_failure: Check, words: str):
    sent = words.encode("utf-8", "surrogatepass")
    for path in ("pictures", "prompts"):
        answer = wire.get(f"/limner/v1/{path}?search={quote(sent)}")

        hold(answer, check_failure)


ROUTES = ["/v1/images/generations", "/v1/images/edits", "/v1/moderations", "/limner/v1/prompts", "/limner/v1/sign-in"]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    "content",
    [
        b'{"a":' * 400 + b"1" + b"}" * 400,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"prompt":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"input":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"input":' + b'{"a":' * 400 + b"1" + b"}" * 400 + b"}",
        b"[" * 500_000,
        b'{"n": ' + b"9" * 100_000 + b"}",
        b'{"n": NaN, "seed": 1e999, "prompt": -Infinity}',
        b"\xff\xfe{\x00}\x00",
        b'{"prompt": "\xed\xa0\x80"}',
        b'{"prompt": "x", "prompt": "y", "size": "256x256"}',
        b'{"prompt": [' + b"1," * 500_000 + b"1]}",
        b'{"user":"' + b"x" * 70_000 + b'","prompt":' + b'{"a":' * 700 + b"1" + b"}" * 701,
    ],
    ids=lambda content: content[:12].decode("latin-1"),
)
def test_json_that_is_deep_wide_or_strange(wire: httpx2.Client, check_failure: Check, path: str, content: bytes):
    answer = wire.post(path, content=content, headers={"content-type": "application/json"})

    hold(answer, check_failure)


@pytest.mark.parametrize("num_before", range(0, 12, 3))
def test_a_long_prompt_means_the_same_however_its_characters_are_written(wire: httpx2.Client, num_before: int):
    body = {"prompt": "a" * num_before + "\U0001f98a" * 31_000, "size": "256x256", "quality": "low", "seed": 1}

    escaped, plain = (
        wire.post("/v1/images/generations", content=json.dumps(body, ensure_ascii=is_ascii), headers={"content-type": "application/json"})
        for is_ascii in (True, False)
    )

    assert escaped.status_code == 200, escaped.text
    assert escaped.json()["data"] == plain.json()["data"]

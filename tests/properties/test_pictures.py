"""What a picture promises whatever is asked for: its size, its format, its bytes, its price."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

Check = Callable[[httpx2.Response], None]
Size = tuple[int, int]
STEP, LEAST, MOST = 16, 256, 2048
wire_settings = settings(settings.get_profile("wire"), max_examples=15)
TALL: Size = (LEAST, 3 * LEAST)
SIDES = st.integers(LEAST // STEP, MOST // STEP // 2)  # larger ones cost more than they tell: two of them stand for all
SIZES = st.tuples(SIDES, SIDES).map(
    lambda sides: (min(sides[0], 3 * sides[1]) * STEP, min(sides[1], 3 * sides[0]) * STEP)
) | st.sampled_from([(MOST, MOST), (688, MOST)])
SMALL_SIZES = st.sampled_from([(256, 256), (256, 272), (512, 256), TALL])
OUTPUTS = st.one_of(
    st.fixed_dictionaries({"output_format": st.just("png")}, optional={"output_compression": st.just(100)}),
    st.fixed_dictionaries(
        {"output_format": st.sampled_from(["jpeg", "webp"])}, optional={"output_compression": st.sampled_from([0, 1, 50, 99, 100])}
    ),
)
BACKGROUNDS = st.sampled_from(["auto", "opaque", "transparent"])
PROMPTS = st.sampled_from(["a red ball", "a sticker of a box", "ein grüner Baum", "🦊", "the words 'HELLO'", "x" * 4000])
SEEDS = st.integers(0, 2**53 - 1)
MORE_REQUESTS: list[dict[str, Any]] = [
    {"prompt": "a red ball", "size": "256x256", "quality": "low", "seed": 1, "output_format": "webp"},
    {"prompt": "a blue box", "size": "512x256", "quality": "high", "seed": 2**53 - 1},
    {"prompt": "a sticker", "size": "256x512", "quality": "low", "seed": 3, "n": 2},
    {"prompt": "a green tent", "size": "272x256", "quality": "medium", "seed": 4, "output_format": "jpeg"},
]


def wrong_sizes() -> st.SearchStrategy[str]:
    side = st.integers(0, 99_999)
    steps = st.integers(LEAST // STEP, MOST // STEP).map(lambda count: count * STEP)
    off_step = st.tuples(steps, st.integers(1, STEP - 1)).map(lambda pair: f"{pair[0] + pair[1]}x{pair[0]}")
    too_small = st.tuples(st.integers(0, LEAST - 1), steps).map(lambda pair: f"{pair[0]}x{pair[1]}")
    too_large = st.tuples(st.integers(MOST + 1, 99_999), steps).map(lambda pair: f"{pair[1]}x{pair[0]}")
    too_long = st.sampled_from([f"{LEAST}x{3 * LEAST + STEP}", "2048x672", "672x2048"])
    written = st.sampled_from(
        ["256", "x", "256x", "256X256", "256×256", " 256x256", "256x256\n", "+256x256", "-256x256", "2e2x256", "\u0662\u0665\u0666x256"]
    )
    some_text = st.tuples(side, side, st.sampled_from([",", "*", " x ", "xx", ":"])).map(lambda it: f"{it[0]}{it[2]}{it[1]}")
    return off_step | too_small | too_large | too_long | written | some_text


def write(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def source(width: int, height: int, seed: int = 0) -> bytes:
    return write(np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8))


def generate(wire: httpx2.Client, **fields: Any) -> httpx2.Response:
    return wire.post("/v1/images/generations", json={"prompt": "a red ball", "quality": "low", **fields})


def edit(wire: httpx2.Client, image: bytes, **fields: Any) -> httpx2.Response:
    texts = {name: str(value) for name, value in {"prompt": "a red ball", "quality": "low", **fields}.items()}
    return wire.post("/v1/images/edits", data=texts, files={"image": ("a", image)})


def picture(answer: httpx2.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text[:500]
    return Image.open(io.BytesIO(base64.b64decode(answer.json()["data"][0]["b64_json"])))


def last_event(answer: httpx2.Response) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(answer.text.strip().rpartition("data: ")[2])
    return event


def holds_what_was_asked(answer: httpx2.Response, size: Size, output: dict[str, Any], background: str) -> None:
    body, image = answer.json(), picture(answer)
    assert image.size == size
    assert body["size"] == f"{size[0]}x{size[1]}"
    assert image.format is not None
    assert (image.format.lower(), body["output_format"]) == (output["output_format"], output["output_format"])
    assert body["background"] in {"opaque", "transparent"} & ({background} if background != "auto" else {"opaque", "transparent"})
    is_opaque = np.asarray(image.convert("RGBA"))[..., 3].min() == 255
    assert is_opaque or body["background"] == "transparent"
    adds_up(body["usage"])


def adds_up(usage: dict[str, Any]) -> None:
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["input_tokens"] == sum(usage["input_tokens_details"].values())
    assert usage["output_tokens"] == sum(usage["output_tokens_details"].values())
    assert usage["output_tokens"] > 0 < usage["input_tokens"]


@given(size=SIZES, output=OUTPUTS, background=BACKGROUNDS, prompt=PROMPTS, seed=SEEDS)
@wire_settings
@example(size=(2048, 688), output={"output_format": "png"}, background="auto", prompt="a ball", seed=0)
@example(size=TALL, output={"output_format": "webp", "output_compression": 100}, background="transparent", prompt="a ball", seed=0)
def test_a_generation_has_the_size_and_format_that_were_asked_for(
    wire: httpx2.Client, check_failure: Check, size: Size, output: dict[str, Any], background: str, prompt: str, seed: int
):
    answer = generate(wire, size=f"{size[0]}x{size[1]}", background=background, prompt=prompt, seed=seed, **output)

    if background == "transparent" and output["output_format"] == "jpeg":
        check_failure(answer)
        assert answer.json()["error"]["param"] == "background"
    else:
        holds_what_was_asked(answer, size, output, background)


@given(size=SIZES, own=st.tuples(st.integers(1, 300), st.integers(1, 300)), output=OUTPUTS, background=st.sampled_from(["auto", "opaque"]))
@wire_settings
@example(size=(256, 256), own=(1, 1), output={"output_format": "png"}, background="auto")
@example(size=(256, 768), own=(300, 1), output={"output_format": "jpeg"}, background="opaque")
def test_an_edit_has_the_size_and_format_that_were_asked_for(
    wire: httpx2.Client, size: Size, own: Size, output: dict[str, Any], background: str
):
    if output["output_format"] == "jpeg":
        background = "opaque"

    answer = edit(wire, source(*own), size=f"{size[0]}x{size[1]}", background=background, **output)

    holds_what_was_asked(answer, size, output, background)


@given(size=wrong_sizes(), is_edit=st.booleans())
@settings(settings.get_profile("wire"), max_examples=80)
def test_every_other_size_is_refused_by_its_name(wire: httpx2.Client, check_failure: Check, size: str, is_edit: bool):
    answer = edit(wire, source(32, 32), size=size) if is_edit else generate(wire, size=size)

    check_failure(answer)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "size")


@given(count=st.integers(1, 5), seed=SEEDS, size=SMALL_SIZES, output=OUTPUTS, is_edit=st.booleans())
@settings(settings.get_profile("wire"), max_examples=12)
@example(count=10, seed=0, size=(256, 256), output={"output_format": "png"}, is_edit=False)
@example(count=3, seed=2**53 - 2, size=(256, 256), output={"output_format": "png"}, is_edit=True)
def test_several_pictures_are_as_many_single_ones(
    wire: httpx2.Client, count: int, seed: int, size: Size, output: dict[str, Any], is_edit: bool
):
    def ask(**fields: Any) -> dict[str, Any]:
        fields = {"size": f"{size[0]}x{size[1]}", "background": "opaque", **output, **fields}
        body: dict[str, Any] = (edit(wire, source(40, 40), **fields) if is_edit else generate(wire, **fields)).json()
        return body

    together = ask(n=count, seed=seed)
    alone = [ask(seed=(seed + index) % 2**53) for index in range(count)]

    assert [item["b64_json"] for item in together["data"]] == [body["data"][0]["b64_json"] for body in alone]
    assert [item["limner"] for item in together["data"]] == [body["data"][0]["limner"] for body in alone]
    assert together["usage"]["output_tokens"] == sum(body["usage"]["output_tokens"] for body in alone)


@given(
    fields=st.fixed_dictionaries({"seed": SEEDS, "quality": st.sampled_from(["low", "medium", "high"]), "background": BACKGROUNDS}),
    size=SMALL_SIZES,
    output=OUTPUTS,
    num_partials=st.integers(0, 3),
    is_edit=st.booleans(),
)
@settings(settings.get_profile("wire"), max_examples=15)
def test_the_last_picture_of_a_stream_is_the_plain_answer(
    wire: httpx2.Client, fields: dict[str, Any], size: Size, output: dict[str, Any], num_partials: int, is_edit: bool
):
    background = "opaque" if output["output_format"] == "jpeg" else fields["background"]
    fields = {**fields, **output, "background": background, "size": f"{size[0]}x{size[1]}"}

    def ask(**more: Any) -> httpx2.Response:
        return edit(wire, source(40, 30), **fields, **more) if is_edit else generate(wire, **{**fields, **more})

    plain = ask().json()
    answer = ask(stream="true" if is_edit else True, partial_images=num_partials)

    last = last_event(answer)
    sent = answer.text.count("event: image_") - 1
    assert last["b64_json"] == plain["data"][0]["b64_json"]
    assert last["limner"] == plain["data"][0]["limner"]
    assert {name: last[name] for name in ("size", "quality", "background", "output_format")} == {
        name: plain[name] for name in ("size", "quality", "background", "output_format")
    }
    assert sent <= num_partials
    assert last["usage"]["output_tokens"] == plain["usage"]["output_tokens"] + 100 * sent
    adds_up(last["usage"])


@pytest.fixture(scope="module")
def alone(wire: httpx2.Client) -> list[Any]:
    """What each request gives when nothing else is asked for."""
    return [generate(wire, **fields).json()["data"] for fields in MORE_REQUESTS]


@pytest.mark.parametrize("num_at_once", [1, 4, 16])
def test_the_same_request_gives_the_same_bytes_however_many_are_asked_for_at_once(wire: httpx2.Client, alone: list[Any], num_at_once: int):
    def ask(number: int) -> Any:
        kind = number % (len(MORE_REQUESTS) + 2)
        if kind < len(MORE_REQUESTS):
            return generate(wire, **MORE_REQUESTS[kind]).json()["data"]
        if kind == len(MORE_REQUESTS):
            return edit(wire, source(50, 50), size="256x256", seed=9).json()["data"]
        fields = {**MORE_REQUESTS[0], "stream": True, "partial_images": 2}
        return last_event(generate(wire, **fields))["b64_json"]

    edited = edit(wire, source(50, 50), size="256x256", seed=9).json()["data"]

    with ThreadPoolExecutor(num_at_once) as pool:
        answers = list(pool.map(ask, range(24)))

    expected = [*alone, edited, alone[0][0]["b64_json"]]
    assert [answer == expected[number % len(expected)] for number, answer in enumerate(answers)] == [True] * len(answers)

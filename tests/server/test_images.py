"""The Images routes, in this process, on the tiny network: every field honoured or refused by name."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from limner.server.app import create_app
from limner.server.assembly import Opened

pytestmark = pytest.mark.anyio
SMALL = {"size": "256x256", "quality": "low", "seed": 7}


def picture(width: int = 64, height: int = 48, *, seed: int = 0, file_format: str = "PNG") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels if file_format != "JPEG" else pixels[..., :3]).save(file, file_format, lossless=True)
    return file.getvalue()


def mask(width: int = 64, height: int = 48) -> bytes:
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[10:30, 12:40, 3] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def pixels_of(item: dict[str, Any]) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(item["b64_json"]))).convert("RGBA"))


async def generate(client: httpx2.AsyncClient, **fields: Any) -> httpx2.Response:
    return await client.post("/v1/images/generations", json={"prompt": "a red ball", **SMALL, **fields})


async def edit(client: httpx2.AsyncClient, files: list[tuple[str, Any]], **fields: Any) -> httpx2.Response:
    texts = {name: str(value) for name, value in {"prompt": "a blue box", "quality": "low", "seed": 7, **fields}.items()}
    return await client.post("/v1/images/edits", data=texts, files=files)


def error_of(answer: httpx2.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) >= {"message", "type", "param", "code"}
    return error


def frames(body: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [block.splitlines() for block in body.split("\n\n") if block and not block.startswith(":")]
    assert all(len(block) == 2 and block[0].startswith("event: ") and block[1].startswith("data: ") for block in blocks)
    return [(block[0].removeprefix("event: "), json.loads(block[1].removeprefix("data: "))) for block in blocks]


async def test_an_answer_says_what_was_drawn_and_what_it_cost(client: httpx2.AsyncClient):
    answer = await generate(client, model="gpt-image-1.5", background="transparent")

    body = answer.json()
    assert {name: body[name] for name in ("size", "quality", "background", "output_format")} == {
        "size": "256x256",
        "quality": "low",
        "background": "transparent",
        "output_format": "png",
    }
    assert body["usage"]["output_tokens"] == 272
    assert body["data"][0]["limner"] == {"picture_id": None, "seed": 7, "snapshot": "tiny-1", "parent": None}
    assert pixels_of(body["data"][0]).shape == (256, 256, 4)


@pytest.mark.parametrize(
    "field", ["size", "quality", "background", "n", "output_format", "output_compression", "stream", "moderation", "user"]
)
async def test_null_counts_as_absent(client: httpx2.AsyncClient, field: str):
    fields = {"size": "256x256", "quality": "low", field: None}

    answer = await client.post("/v1/images/generations", json={"prompt": "a red ball", **fields})

    assert answer.status_code == 200
    assert "auto" not in {answer.json()[name] for name in ("size", "quality", "background", "output_format")}


async def test_several_pictures_are_the_singles_with_the_next_seeds(client: httpx2.AsyncClient):
    together = (await generate(client, n=3)).json()["data"]

    alone = [(await generate(client, seed=7 + index)).json()["data"][0] for index in range(3)]

    assert [item["b64_json"] for item in together] == [item["b64_json"] for item in alone]


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"prompt": ""}, "prompt", "invalid_value"),
        ({"prompt": 3}, "prompt", "invalid_type"),
        ({"n": 0}, "n", "invalid_value"),
        ({"n": 11}, "n", "invalid_value"),
        ({"n": "2"}, "n", "invalid_type"),
        ({"size": "100x100"}, "size", "invalid_value"),
        ({"size": "2048x256"}, "size", "invalid_value"),
        ({"quality": "ultra"}, "quality", "invalid_value"),
        ({"quality": "hd"}, "quality", "invalid_value"),
        ({"style": "vivid"}, "style", "unknown_parameter"),
        ({"background": "green"}, "background", "invalid_value"),
        ({"background": "transparent", "output_format": "jpeg"}, "background", "invalid_value"),
        ({"output_compression": 50}, "output_compression", "invalid_value"),
        ({"output_format": "gif"}, "output_format", "invalid_value"),
        ({"partial_images": 2}, "partial_images", "invalid_value"),
        ({"stream": True, "response_format": "url"}, "response_format", "invalid_value"),
        ({"stream": True, "n": 2}, "input", "unsupported_parameter"),
        ({"seed": -1}, "seed", "invalid_value"),
        ({"seed": 2**53}, "seed", "invalid_value"),
        ({"svg": {"model": "x"}}, "svg", "unknown_parameter"),
        ({"frame_count": 4}, "frame_count", "unknown_parameter"),
        ({"safety_identifier": "x" * 129}, "safety_identifier", "invalid_value"),
    ],
)
async def test_what_cannot_be_honoured_is_refused_by_name(client: httpx2.AsyncClient, fields: dict[str, Any], param: str, code: str):
    answer = await generate(client, **fields)

    assert answer.status_code == 400
    assert (error_of(answer)["param"], error_of(answer)["code"]) == (param, code)


async def test_an_unknown_model_is_not_found(client: httpx2.AsyncClient):
    answer = await generate(client, model="flux")

    assert answer.status_code == 404
    assert error_of(answer)["code"] == "model_not_found"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"[" * 100_000, b"\xff\xfe"])
async def test_a_body_that_is_no_object_is_refused(client: httpx2.AsyncClient, body: bytes):
    answer = await client.post("/v1/images/generations", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert error_of(answer)["code"] == "invalid_body"


async def test_a_stream_gives_partials_in_order_and_ends_in_the_plain_answer(client: httpx2.AsyncClient):
    plain = (await generate(client, quality="high")).json()

    streamed = frames((await generate(client, quality="high", stream=True, partial_images=3)).text)

    assert [name for name, _ in streamed] == ["image_generation.partial_image"] * 3 + ["image_generation.completed"]
    assert [event.get("partial_image_index") for _, event in streamed] == [0, 1, 2, None]
    assert all(name == event["type"] for name, event in streamed)
    assert streamed[-1][1]["b64_json"] == plain["data"][0]["b64_json"]
    assert streamed[-1][1]["usage"]["output_tokens"] == plain["usage"]["output_tokens"] + 300
    assert len({event["b64_json"] for _, event in streamed}) == 4


async def test_a_stream_without_partials_is_one_event(client: httpx2.AsyncClient):
    answer = await generate(client, stream=True)

    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert [name for name, _ in frames(answer.text)] == ["image_generation.completed"]


@pytest.mark.parametrize("name", ["image", "image[]"])
async def test_an_edit_takes_either_name_of_the_part_and_any_type(client: httpx2.AsyncClient, name: str):
    answer = await edit(client, [(name, ("blob", picture(), "application/octet-stream"))], size="256x256")

    assert answer.status_code == 200, answer.text
    assert answer.json()["size"] == "256x256"


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "JPEG"])
async def test_a_masked_edit_keeps_every_other_pixel_and_the_source_size(client: httpx2.AsyncClient, file_format: str):
    source = picture(file_format=file_format)

    answer = await edit(client, [("image", ("a", source)), ("mask", ("m", mask()))], background="transparent")

    body = answer.json()
    before = np.asarray(Image.open(io.BytesIO(source)).convert("RGBA"))
    after = pixels_of(body["data"][0])
    kept = np.ones((48, 64), bool)
    kept[10:30, 12:40] = False
    assert body["size"] == "64x48"
    assert np.array_equal(after[kept], before[kept])
    assert not np.array_equal(after[~kept], before[~kept])


@pytest.mark.parametrize(
    ("canvas", "size"), [("96x64+16+8", "96x64"), ("96x64", "96x64"), ("all=16,bottom=0", "96x64"), ("left=25%,right=16,top=16", "96x64")]
)
async def test_a_canvas_may_be_said_in_every_way_and_keeps_the_old_pixels(client: httpx2.AsyncClient, canvas: str, size: str):
    answer = await edit(client, [("image", ("a", picture()))], canvas=canvas)

    body = answer.json()
    top, left = (16 if "=" in canvas else 8), 16
    assert body["size"] == size
    assert np.array_equal(pixels_of(body["data"][0])[top : top + 48, left : left + 64], np.asarray(Image.open(io.BytesIO(picture()))))


@pytest.mark.parametrize("region", ["box:12,10,28,20", "polygon:12,10 40,10 40,30 12,30"])
async def test_a_region_is_the_mask_that_it_describes(client: httpx2.AsyncClient, region: str):
    drawn = await edit(client, [("image", ("a", picture()))], region=region)
    masked = await edit(client, [("image", ("a", picture())), ("mask", ("m", mask()))])

    assert drawn.json()["data"][0]["b64_json"] == masked.json()["data"][0]["b64_json"]


async def test_an_edit_stream_has_its_own_events(client: httpx2.AsyncClient):
    answer = await edit(client, [("image", ("a", picture()))], stream="true", partial_images=1, size="256x256")

    assert [name for name, _ in frames(answer.text)] == ["image_edit.partial_image", "image_edit.completed"]


async def test_json_edits_take_data_urls_and_files_of_the_project(client: httpx2.AsyncClient):
    uploaded = await client.post("/v1/files", data={"purpose": "vision"}, files={"file": ("a.png", picture())})
    data_url = f"data:image/png;base64,{base64.b64encode(picture(seed=1)).decode()}"
    images = [{"file_id": uploaded.json()["id"]}, {"image_url": data_url}]

    answer = await client.post("/v1/images/edits", json={"prompt": "both", "images": images, **SMALL})
    first_alone = await client.post("/v1/images/edits", json={"prompt": "both", "images": images[:1], **SMALL})

    assert answer.status_code == 200, answer.text
    assert answer.json()["usage"]["input_tokens_details"]["image_tokens"] > 194
    assert answer.json()["data"][0]["b64_json"] != first_alone.json()["data"][0]["b64_json"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "images"),
        ({"images": []}, "images"),
        ({"images": [{}]}, "images[0]"),
        ({"images": [{"file_id": "file-1", "image_url": "data:,"}]}, "images[0]"),
        ({"images": [{"file_id": "file-1", "detail": "high"}]}, "images[0].detail"),
        ({"images": [{"file_id": "x"}] * 17}, "images"),
        ({"images": [{"image_url": "data:image/png;base64,@@@"}]}, "images[0].image_url"),
        ({"images": [{"image_url": "http://127.0.0.1/x.png"}]}, "images[0].image_url"),
    ],
)
async def test_a_reference_that_cannot_be_followed_is_refused_by_name(client: httpx2.AsyncClient, body: dict[str, Any], param: str):
    answer = await client.post("/v1/images/edits", json={"prompt": "x", **body})

    assert answer.status_code == 400, answer.text
    assert error_of(answer)["param"] == param


async def test_an_unknown_file_is_not_found_and_named(client: httpx2.AsyncClient):
    answer = await client.post("/v1/images/edits", json={"prompt": "x", "images": [{"file_id": "file-nothing"}]})

    assert answer.status_code == 404
    assert error_of(answer)["param"] == "images[0].file_id"


@pytest.mark.parametrize(
    ("files", "fields", "param", "code"),
    [
        ([], {}, "image", "missing_required_parameter"),
        ([("image", ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png"))], {}, "image", "unsupported_file_mimetype"),
        ([("image", ("a.png", picture())), ("mask", ("m.png", mask(32, 32)))], {}, "mask", "invalid_mask_image_format"),
        ([("image", ("a.png", picture())), ("image", ("b.png", b"GIF89a"))], {}, "image[1]", "unsupported_file_mimetype"),
        ([("image", ("a.png", picture())), ("markup", ("m.png", picture()))], {}, "markup", "invalid_type"),
        ([("image", ("a.png", picture()))], {"n": "many"}, "n", "invalid_type"),
        ([("image", ("a.png", picture()))], {"mask_mode": "luma"}, "mask_mode", "invalid_value"),
        ([("image", ("a.png", picture()))], {"input_fidelity": "max"}, "input_fidelity", "invalid_value"),
        ([("image", ("a.png", picture()))], {"unknown": "1"}, "unknown", "unknown_parameter"),
        ([("image", ("a.png", picture())), ("mask", ("m", mask())), ("mask", ("m", mask()))], {}, "mask[1]", "unknown_parameter"),
    ],
)
async def test_a_form_that_cannot_be_honoured_is_refused_by_name(
    client: httpx2.AsyncClient, files: list[tuple[str, Any]], fields: dict[str, str], param: str, code: str
):
    answer = await edit(client, files, **fields)

    assert answer.status_code == 400, answer.text
    assert (error_of(answer)["param"], error_of(answer)["code"]) == (param, code)


async def test_a_text_part_that_comes_twice_is_refused(client: httpx2.AsyncClient):
    answer = await client.post(
        "/v1/images/edits", files=[("image", ("a", picture())), ("prompt", (None, "one")), ("prompt", (None, "two"))]
    )

    assert error_of(answer)["param"] == "prompt"


async def test_an_empty_text_part_counts_as_absent(client: httpx2.AsyncClient):
    answer = await edit(client, [("image", ("a", picture()))], size="256x256", background="", output_compression="")

    assert answer.status_code == 200, answer.text


async def test_a_variation_differs_by_seed_and_comes_as_a_url_that_can_be_read(client: httpx2.AsyncClient):
    async def vary(seed: int) -> bytes:
        fields = {"size": "256x256", "seed": str(seed)}
        answer = await client.post("/v1/images/variations", data=fields, files={"image": ("a.png", picture(64, 64))})
        url = answer.json()["data"][0]["url"]
        return (await client.get(url, headers={"authorization": ""})).content

    first, again, other = await vary(1), await vary(1), await vary(2)
    fields = {"size": "256x256", "response_format": "b64_json"}
    usage = (await client.post("/v1/images/variations", data=fields, files={"image": ("a.png", picture(64, 64))})).json()["usage"]

    assert first[:4] == b"\x89PNG"
    assert first == again != other
    assert usage["input_tokens_details"] == {"text_tokens": 0, "image_tokens": 194}


async def test_dall_e_names_answer_with_urls_and_keep_their_words(client: httpx2.AsyncClient):
    fields = {"prompt": "a red ball", "model": "dall-e-3", "size": "256x256", "quality": "standard", "style": "natural"}

    answer = (await client.post("/v1/images/generations", json=fields)).json()

    assert answer["quality"] == "medium"
    assert answer["data"][0]["revised_prompt"] == "a red ball, in natural, muted colours"
    assert answer["data"][0]["url"].startswith("http://limner.test/limner/v1/results/")


async def test_response_format_is_honoured_for_every_model(client: httpx2.AsyncClient):
    url = (await generate(client, response_format="url")).json()["data"][0]["url"]
    content = (await generate(client, response_format="b64_json", model="dall-e-2")).json()["data"][0]["b64_json"]

    assert (await client.get(url)).content == base64.b64decode(content)


async def test_a_strict_server_refuses_response_format_for_gpt_names(open_server: Callable[..., Opened]):
    opened = open_server(is_strict=True, is_dev=True)
    transport = httpx2.ASGITransport(create_app(opened.services))

    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", timeout=60) as client:
        answer = await generate(client, response_format="b64_json")

    assert error_of(answer)["code"] == "unknown_parameter"


async def test_moderation_and_jpeg_settle_auto_in_a_way_that_can_be_drawn(client: httpx2.AsyncClient):
    answer = await generate(client, prompt="a sticker of a ball", output_format="jpeg", background="auto")

    assert (answer.json()["background"], answer.json()["output_format"]) == ("opaque", "jpeg")


async def test_a_picture_does_not_carry_the_words_of_its_prompt(client: httpx2.AsyncClient):
    content = base64.b64decode((await generate(client, prompt="a secret plan")).json()["data"][0]["b64_json"])

    assert b"secret" not in content
    assert b"trainedAlgorithmicMedia" in content


@pytest.mark.parametrize(
    "prompt", ["a ball --steps 9000 --size 4096x4096", '<sd_cpp_extra_args>{"seed":1}</sd_cpp_extra_args> a ball', "<lora:x:1>"]
)
async def test_a_prompt_is_only_words_and_never_sets_a_field(client: httpx2.AsyncClient, prompt: str):
    body = (await generate(client, prompt=prompt)).json()

    assert (body["size"], body["quality"], body["data"][0]["limner"]["seed"]) == ("256x256", "low", 7)


async def test_what_a_caller_calls_its_user_comes_back(client: httpx2.AsyncClient):
    assert (await generate(client, user="u1")).json()["safety_identifier"] == "u1"
    assert (await generate(client, user="u1", safety_identifier="s1")).json()["safety_identifier"] == "s1"

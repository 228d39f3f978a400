"""Oxen's image routes, on the tiny network: every name of its documents honoured or refused in its own form."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

GENERATE, EDIT = "/api/ai/images/generate", "/api/ai/images/edit"
SMALL = {"model": "gpt-image-1-5", "prompt": "a red ball", "size": "256x256", "quality": "low", "seed": 7}
SIDE = 256


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def data_uri(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def picture(side: int = SIDE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)


def white_box() -> np.ndarray:
    """A mask that lets its middle change."""
    mask = np.zeros((SIDE, SIDE, 3), np.uint8)
    mask[96:160, 96:160] = 255
    return mask


def read(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def pixels_at(client: httpx2.Client, answer: httpx2.Response) -> np.ndarray:
    """Fetch the picture of an answer as anybody can who has its URL."""
    fetched = client.get(answer.json()["images"][0]["url"], headers={"authorization": ""})
    assert fetched.status_code == 200
    return read(fetched.content)


def error_of(answer: httpx2.Response) -> dict[str, Any]:
    body = answer.json()
    assert body["status"] == "error"
    assert body["status_message"] == body["error"]["type"]
    assert body["error"]["title"]
    error: dict[str, Any] = body["error"]
    return error


def test_an_answer_has_images_at_urls_that_need_no_key(client: httpx2.Client):
    answer = client.post(GENERATE, json={**SMALL, "n": 2})

    body = answer.json()
    assert body["model"] == "gpt-image-1-5"
    assert isinstance(body["created"], int)
    assert len(body["images"]) == 2
    assert body["images"][0]["url"].startswith(f"{str(client.base_url).rstrip('/')}/limner/v1/results/")
    assert (pixels_at(client, answer)).shape == (SIDE, SIDE, 3)


def test_base64_comes_in_the_answer_itself_and_is_the_same_picture(client: httpx2.Client):
    at_url, inside = client.post(GENERATE, json=SMALL), client.post(GENERATE, json={**SMALL, "response_format": "b64_json"})

    item = inside.json()["images"][0]
    assert "url" not in item
    assert np.array_equal(read(base64.b64decode(item["b64_json"])), pixels_at(client, at_url))


@pytest.mark.parametrize(
    ("fields", "width", "height"),
    [({"size": "portrait"}, 1024, 1536), ({"size": "512x256"}, 512, 256), ({"aspect_ratio": "16:9"}, 1024, 576)],
)
def test_sizes_are_words_pixels_or_ratios(client: httpx2.Client, fields: dict[str, Any], width: int, height: int):
    body = {name: value for name, value in SMALL.items() if name != "size"} | fields

    answer = client.post(GENERATE, json=body)

    assert (pixels_at(client, answer)).shape == (height, width, 3)


@pytest.mark.parametrize("name", ["gpt-image-1.5", "gpt-image-2-edit", "gpt-image-2-6-sunburst", "tiny-1"])
def test_models_are_named_with_dashes_or_dots_and_come_back_as_they_were_named(client: httpx2.Client, name: str):
    answer = client.post(GENERATE, json={**SMALL, "model": name})

    assert answer.json()["model"] == name


@pytest.mark.parametrize("field", ["input_image", "image"])
@pytest.mark.parametrize("as_list", [True, False])
def test_an_input_image_under_either_name_makes_it_an_edit(client: httpx2.Client, field: str, as_list: bool):
    uri = data_uri(png(picture()))
    from_words = client.post(GENERATE, json=SMALL)

    answers = [client.post(path, json={**SMALL, field: [uri] if as_list else uri}) for path in (GENERATE, EDIT)]

    drawn = [pixels_at(client, answer) for answer in answers]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], pixels_at(client, from_words))


@pytest.mark.parametrize("field", ["mask_url", "mask"])
def test_white_of_a_mask_is_drawn_anew_and_everything_else_stays(client: httpx2.Client, field: str):
    source, mask = picture(), white_box()

    answer = client.post(EDIT, json={**SMALL, "input_image": data_uri(png(source)), field: data_uri(png(mask))})

    drawn = pixels_at(client, answer)
    may_change = mask[..., 0] == 255
    assert np.array_equal(drawn[~may_change], source[~may_change])
    assert not np.array_equal(drawn[may_change], source[may_change])


def test_an_uploaded_file_is_named_by_its_id(client: httpx2.Client):
    uploaded = client.post("/v1/files", data={"purpose": "vision"}, files={"file": ("a.png", png(picture()), "image/png")})

    by_id = client.post(EDIT, json={**SMALL, "input_image": uploaded.json()["id"]})

    in_place = client.post(EDIT, json={**SMALL, "input_image": data_uri(png(picture()))})
    assert np.array_equal(pixels_at(client, by_id), pixels_at(client, in_place))


IMAGE, OTHER = data_uri(png(picture(64))), data_uri(png(picture(64)[::-1]))


@pytest.mark.parametrize(
    ("path", "change", "param"),
    [
        (GENERATE, {"prompt": " "}, "prompt"),
        (GENERATE, {"prompt": None}, "prompt"),
        (GENERATE, {"model": None}, "model"),
        (GENERATE, {"size": "17x17"}, "size"),
        (GENERATE, {"n": 0}, "n"),
        (GENERATE, {"seed": -1}, "seed"),
        (GENERATE, {"output_format": "gif"}, "output_format"),
        (GENERATE, {"num_inference_steps": 4}, "num_inference_steps"),
        (GENERATE, {"stream": True}, "stream"),
        (GENERATE, {"size": "256x256", "aspect_ratio": "1:1"}, "aspect_ratio"),
        (GENERATE, {"size": None, "aspect_ratio": "4:1"}, "aspect_ratio"),
        (GENERATE, {"size": None, "resolution": "1K"}, "resolution"),
        (GENERATE, {"mask_url": IMAGE}, "input_image"),
        (GENERATE, {"input_fidelity": "high"}, "input_image"),
        (GENERATE, {"input_image": IMAGE, "image": OTHER}, "image"),
        (GENERATE, {"input_image": IMAGE, "mask_mode": "alpha"}, "mask_mode"),
        (GENERATE, {"input_image": "http://127.0.0.1/x.png"}, "input_image"),
        (EDIT, {}, "input_image"),
        (EDIT, {"input_image": []}, "input_image"),
        (EDIT, {"input_image": [IMAGE] * 17}, "input_image"),
        (EDIT, {"input_image": IMAGE, "mask": OTHER, "mask_url": OTHER}, "mask"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name_in_oxens_form(client: httpx2.Client, path: str, change: dict[str, Any], param: str):
    body = {name: value for name, value in {**SMALL, **change}.items() if value is not None}

    answer = client.post(path, json=body)

    error = error_of(answer)
    assert (answer.status_code, error["type"]) == (400, "invalid_params")
    assert error["param"].startswith(param)


def test_an_empty_prompt_is_refused_in_upstreams_words(client: httpx2.Client):
    answer = client.post(GENERATE, json={**SMALL, "prompt": ""})

    assert error_of(answer)["detail"].startswith("Prompt cannot be empty")


def test_an_unknown_model_is_named_in_both_forms_of_upstream(client: httpx2.Client):
    answer = client.post(GENERATE, json={**SMALL, "model": "flux-9"})

    error = error_of(answer)
    assert (answer.status_code, error["type"]) == (404, "resource_not_found")
    assert error["title"] == "The requested resource could not be found"
    assert error["message"].startswith("Model not found: flux-9")


def test_without_a_key_the_error_is_oxens_too(client: httpx2.Client):
    answer = client.post(GENERATE, json=SMALL, headers={"authorization": "Bearer wrong"})

    assert (answer.status_code, error_of(answer)["type"]) == (401, "unauthenticated")


@pytest.mark.parametrize("path", ["/api/ai/nothing", "/api/ai/images/upscale", "/api/x"])
def test_an_unknown_path_of_the_dialect_is_answered_in_its_form(client: httpx2.Client, path: str):
    answer = client.get(path)

    assert (answer.status_code, error_of(answer)["type"]) == (404, "resource_not_found")


def test_models_are_listed_found_and_described(client: httpx2.Client):
    every = (client.get("/api/ai/models")).json()["data"]
    found = (client.get("/api/ai/models/search", params={"search": "Image-1.5"})).json()["data"]
    one = (client.get("/api/ai/models/gpt-image-1-5")).json()

    names = [model["id"] for model in every]
    assert len(names) == len(set(names))
    assert {"gpt-image-1-5", "gpt-image-2", "tiny-1"} <= set(names)
    assert {model["id"] for model in found} == {name for name in names if "image-1-5" in name}
    assert one == next(model for model in every if model["id"] == "gpt-image-1-5")
    assert one["capabilities"] == {"input": ["text", "image"], "output": ["image"]}
    assert "prompt" in one["request_schema"]["properties"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/ai/models/featured"),
        ("GET", "/api/ai/models/favorites"),
        ("PUT", "/api/ai/models/tiny-1"),
        ("DELETE", "/api/ai/models/tiny-1"),
        ("POST", "/api/ai/models/tiny-1/activate"),
        ("POST", "/api/ai/models/tiny-1/favorite"),
        ("GET", "/api/repos/elau/assets/file/main/bloxy/a.png"),
        ("POST", "/api/ai/chat/completions"),
    ],
)
def test_what_this_server_does_not_have_is_refused_with_the_reason(client: httpx2.Client, method: str, path: str):
    answer = client.request(method, path)

    error = error_of(answer)
    assert (answer.status_code, error["type"]) == (404, "resource_not_found")
    assert "Unknown request URL" not in error["detail"]


def test_a_deployment_is_named_as_a_model_and_its_defaults_fill_what_was_left_out(client: httpx2.Client):
    made = client.post("/limner/v1/deployments", json={"name": "art.1", "targets": [{"model": "tiny-0"}], "defaults": {"size": "256x512"}})

    answer = client.post(GENERATE, json={"model": "art-1", "prompt": "a red ball", "quality": "low"})

    assert made.status_code == 200, made.text
    assert pixels_at(client, answer).shape == (512, 256, 3)
    assert answer.json()["images"][0]["limner"]["snapshot"] == "tiny-0"
    assert "art-1" in {model["id"] for model in client.get("/api/ai/models").json()["data"]}

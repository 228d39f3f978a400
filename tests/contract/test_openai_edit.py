"""`openai` for Python edits pictures: however they are handed over, one or several, with a mask and without."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from openai import OpenAI
from openai.types import ImagesResponse
from PIL import Image

SMALL: dict[str, Any] = {"model": "gpt-image-1.5", "prompt": "a red apple", "size": "256x256", "quality": "low", "extra_body": {"seed": 21}}
BOX = (64, 96, 160, 200)  # left, top, right, bottom


@pytest.fixture(scope="module")
def source(pictures: Any) -> bytes:
    return pictures.draw(seed=1)


@pytest.fixture(scope="module")
def mask(pictures: Any) -> bytes:
    return pictures.mask(BOX)


def outside(changed: np.ndarray) -> np.ndarray:
    left, top, right, bottom = BOX
    rest = changed.copy()
    rest[top:bottom, left:right] = False
    return rest


def test_a_picture_may_be_handed_over_in_every_way_that_the_client_has(client: OpenAI, pictures: Any, source: bytes, tmp_path: Path):
    path = tmp_path / "apple.png"
    path.write_bytes(source)

    with path.open("rb") as opened:
        ways: dict[str, Any] = {
            "bytes": source,
            "stream": io.BytesIO(source),
            "file": opened,
            "path": path,
            "name and bytes": ("apple.png", source),
            "name, bytes and type": ("apple.png", source, "image/png"),
            "a wrong type": ("apple", source, "application/octet-stream"),
            "a list of one": [source],
        }
        answers = {way: client.images.edit(**SMALL, image=image) for way, image in ways.items()}

    contents = {way: pictures.content(answer.data[0]) for way, answer in answers.items()}
    assert set(contents.values()) == {contents["bytes"]}, "the same picture and seed give the same bytes"


def test_several_pictures_are_all_used(client: OpenAI, pictures: Any, source: bytes):
    second, third = pictures.draw(seed=2), pictures.draw(seed=3)

    one, two, other = (client.images.edit(**SMALL, image=images) for images in ([source], [source, second], [source, third]))

    assert len({pictures.content(answer.data[0]) for answer in (one, two, other)}) == 3
    tokens = [answer.usage.input_tokens_details.image_tokens for answer in (one, two, other)]
    assert tokens[1] == tokens[2] == 2 * tokens[0] > 0


def test_sixteen_pictures_are_taken_and_seventeen_are_refused_by_name(client: OpenAI, pictures: Any):
    images = [pictures.draw(64, 64, seed=seed) for seed in range(17)]

    answer = client.images.edit(**SMALL, image=images[:16])
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.edit(**SMALL, image=images)

    assert answer.data
    assert refused.value.param == "image[16]"


@pytest.mark.parametrize("output_format", ["png", "webp"])
def test_what_the_mask_keeps_comes_back_byte_for_byte(client: OpenAI, pictures: Any, source: bytes, mask: bytes, output_format: Any):
    answer = client.images.edit(**SMALL, image=source, mask=mask, output_format=output_format)

    changed = pictures.changed(source, pictures.content(answer.data[0]))
    assert not outside(changed).any()
    assert changed.any()


def test_a_masked_edit_keeps_the_size_of_the_picture_whatever_it_is(client: OpenAI, pictures: Any):
    source, mask = pictures.draw(301, 283), pictures.mask((10, 20, 200, 210), 301, 283)

    answer = client.images.edit(**SMALL | {"size": "auto"}, image=source, mask=mask)

    changed = pictures.changed(source, pictures.content(answer.data[0]))
    changed[20:210, 10:200] = False
    assert answer.size == "301x283"
    assert not changed.any()


def test_the_mask_belongs_to_the_first_of_several_pictures(client: OpenAI, pictures: Any, source: bytes, mask: bytes):
    answer = client.images.edit(**SMALL, image=[source, pictures.draw(128, 128, seed=9)], mask=mask)

    assert not outside(pictures.changed(source, pictures.content(answer.data[0]))).any()


def test_transparent_pixels_that_the_mask_keeps_stay_as_they_are(client: OpenAI, pictures: Any, mask: bytes):
    source = pictures.write(Image.fromarray(np.random.default_rng(4).integers(0, 256, (256, 256, 4), np.uint8)), "png")

    answer = client.images.edit(**SMALL, image=source, mask=mask)

    assert not outside(pictures.changed(source, pictures.content(answer.data[0]))).any()


@pytest.mark.parametrize(
    ("file_format", "mode"), [("png", "RGB"), ("png", "L"), ("png", "P"), ("webp", "RGB"), ("jpeg", "RGB"), ("jpeg", "L")]
)
def test_each_format_of_picture_is_read(client: OpenAI, pictures: Any, file_format: str, mode: str):
    answer = client.images.edit(**SMALL, image=pictures.draw(file_format=file_format, mode=mode))

    assert pictures.read(answer.data[0]).size == (256, 256)


def test_the_parameters_of_generations_hold_for_edits(client: OpenAI, pictures: Any, source: bytes):
    words = {"size": "512x256", "quality": "medium", "extra_body": {"moderation": "low"}}

    answer = client.images.edit(
        **SMALL | words,
        image=source,
        n=2,
        background="transparent",
        output_format="webp",
        output_compression=60,
        input_fidelity="high",
        user="person-7",
    )

    found = [pictures.read(item) for item in answer.data]
    assert [(picture.format, picture.size, picture.mode) for picture in found] == [("WEBP", (512, 256), "RGBA")] * 2
    assert (answer.size, answer.quality, answer.background, answer.output_format) == ("512x256", "medium", "transparent", "webp")
    assert answer.safety_identifier == "person-7"


def test_high_fidelity_costs_more_and_draws_something_else(client: OpenAI, pictures: Any, source: bytes):
    low, high = (client.images.edit(**SMALL, image=source, input_fidelity=fidelity) for fidelity in ("low", "high"))

    assert high.usage.input_tokens_details.image_tokens > low.usage.input_tokens_details.image_tokens
    assert pictures.content(high.data[0]) != pictures.content(low.data[0])


def test_an_automatic_size_follows_the_ratio_of_the_first_picture(client: OpenAI, pictures: Any):
    shapes = {"1536x1024": (300, 200), "1024x1536": (200, 300), "1024x1024": (200, 200)}

    answers = {size: client.images.edit(**SMALL | {"size": "auto"}, image=pictures.draw(*shape)) for size, shape in shapes.items()}

    assert {size: answer.size for size, answer in answers.items()} == {size: size for size in shapes}


def test_uploaded_files_and_data_urls_name_pictures_in_json(client: OpenAI, pictures: Any, source: bytes, mask: bytes):
    sent = client.images.edit(**SMALL, image=source, mask=mask)
    uploaded = client.files.create(file=("apple.png", source, "image/png"), purpose="vision")
    uploaded_mask = client.files.create(file=("mask.png", mask, "image/png"), purpose="user_data")
    words = {name: SMALL[name] for name in ("model", "prompt", "size", "quality")} | {"seed": 21}

    by_id, by_url = (
        client.post("/images/edits", body=words | {"images": [image], "mask": mask_reference}, cast_to=ImagesResponse)
        for image, mask_reference in (
            ({"file_id": uploaded.id}, {"file_id": uploaded_mask.id}),
            ({"image_url": _data_url(source)}, {"image_url": _data_url(mask)}),
        )
    )

    assert pictures.content(by_id.data[0]) == pictures.content(sent.data[0]) == pictures.content(by_url.data[0])


def _data_url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def test_a_file_that_is_not_there_is_named(client: OpenAI):
    body = {"prompt": "a red apple", "images": [{"file_id": "file-nothing"}]}

    with pytest.raises(openai.NotFoundError) as refused:
        client.post("/images/edits", body=body, cast_to=ImagesResponse)

    assert refused.value.param == "images[0].file_id"


@pytest.mark.parametrize(
    ("mask_size", "mode", "said"),
    [((128, 256), "RGBA", "same size"), ((256, 256), "RGB", "alpha"), ((256, 256), "opaque", "nothing change")],
)
def test_a_mask_that_does_not_fit_is_refused(
    client: OpenAI, pictures: Any, source: bytes, mask_size: tuple[int, int], mode: str, said: str
):
    picture = Image.new("RGBA", mask_size, (0, 0, 0, 255 if mode == "opaque" else 0)).convert("RGB" if mode == "RGB" else "RGBA")

    with pytest.raises(openai.BadRequestError, match=said) as refused:
        client.images.edit(**SMALL, image=source, mask=pictures.write(picture, "png"))

    assert (refused.value.code, refused.value.type) == ("invalid_mask_image_format", "image_generation_user_error")
    assert refused.value.param == "mask"


def test_what_is_no_picture_is_refused_by_its_place(client: OpenAI, source: bytes):
    with pytest.raises(openai.BadRequestError) as alone:
        client.images.edit(**SMALL, image=b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    with pytest.raises(openai.BadRequestError) as among_others:
        client.images.edit(**SMALL, image=[source, b"GIF89a"])

    assert (alone.value.code, alone.value.param) == ("unsupported_file_mimetype", "image")
    assert among_others.value.param == "image[1]"

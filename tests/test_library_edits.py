"""`limner.edit` and `limner.compose`, as a program that imports the package sees them."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import limner
from limner.errors import IncompatibleFields, InvalidField, InvalidMask, UnsupportedImage, UnusableImage
from limner.media.metadata import describe_file

SMALL = {"size": "256x256", "quality": "low", "seed": 7}
LEFT_HALF = "box:0,0,50%,100%"


@pytest.fixture(autouse=True)
def _weights(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("LIMNER_THREADS", "1")


def noise(width: int = 64, height: int = 48, seed: int = 0, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_what_a_picture_comes_as_does_not_change_what_is_drawn(tmp_path: Path):
    pixels = noise()
    path = tmp_path / "noise.png"
    path.write_bytes(png(pixels))

    results = [
        limner.edit(given, "make it red", region=LEFT_HALF, quality="low", seed=7)[0].pixels
        for given in (path, str(path), png(pixels), Image.fromarray(pixels), pixels, [pixels])
    ]

    assert all(np.array_equal(result, results[0]) for result in results)
    np.testing.assert_array_equal(results[0][:, 32:], pixels[:, 32:])
    assert not np.array_equal(results[0][:, :32], pixels[:, :32])


def test_a_region_and_its_mask_in_either_mode_and_as_an_array_are_the_same():
    source, may_change = noise(), np.zeros((48, 64), np.bool_)
    may_change[:, :32] = True
    clear = np.dstack([np.full((48, 64, 3), 90, np.uint8), np.where(may_change, 0, 255).astype(np.uint8)])
    white = np.where(may_change, 255, 0).astype(np.uint8)

    regional = limner.edit(source, "a fox", region=LEFT_HALF, quality="low", seed=7)[0].pixels
    masked = [
        limner.edit(source, "a fox", mask=mask, mask_mode=mode, quality="low", seed=7)[0].pixels
        for mask, mode in ((may_change, "alpha"), (png(clear), "alpha"), (Image.fromarray(white), "luma"), (white, "luma"))
    ]

    assert all(np.array_equal(pixels, regional) for pixels in masked)


def test_outpainting_keeps_the_picture_where_it_lies():
    source = noise()

    result = limner.edit(source, "a meadow", outpaint="left=16,bottom=50%", quality="low", seed=7)[0].pixels

    assert result.shape == (72, 80, 3)
    np.testing.assert_array_equal(result[:48, 16:], source)


def test_an_edit_knows_its_parent_and_all_its_turns_and_the_parent_is_untouched(tmp_path: Path):
    first = limner.generate("a red kite", **SMALL)[0]
    before = first.to_bytes()

    second = first.edit("make it blue", **SMALL)[0]
    third = second.edit("add a hat", region=LEFT_HALF, quality="low", seed=9)[0]

    assert [record.prompt for record in third.turns] == ["a red kite", "make it blue", "add a hat"]
    assert [record.seed for record in third.turns] == [7, 7, 9]
    assert third.parent is second
    assert second.parent is first
    assert first.parent is None
    assert first.to_bytes() == before
    first.save(tmp_path / "first.png")
    second.save(tmp_path / "second.webp", compression=30)
    record = describe_file(tmp_path / "second.webp").record
    assert record is not None
    assert record.parent == hashlib.sha256((tmp_path / "first.png").read_bytes()).hexdigest()
    assert record.prompt == "make it blue"


def test_a_later_turn_keeps_every_byte_outside_its_region_through_many_turns():
    picture = limner.generate("a red kite", **SMALL)[0]
    first = picture.pixels

    for turn in range(4):
        picture = picture.edit(f"turn {turn}", region="box:0,0,64,64", quality="low", seed=turn)[0]

    np.testing.assert_array_equal(picture.pixels[64:], first[64:])
    np.testing.assert_array_equal(picture.pixels[:, 64:], first[:, 64:])
    assert not np.array_equal(picture.pixels[:64, :64], first[:64, :64])


def test_a_composition_shows_every_image_and_is_as_large_as_asked():
    subjects = [noise(seed=seed) for seed in range(3)]

    whole = limner.compose(subjects, "all three", **SMALL)[0]
    fewer = limner.compose(subjects[:2], "all three", **SMALL)[0]

    assert whole.image.size == (256, 256)
    assert not np.array_equal(whole.pixels, fewer.pixels)
    assert len(whole.record.parent.split()) == 3
    assert whole.parent is None


def test_partial_pictures_of_an_edit_keep_what_the_region_keeps():
    source, seen = noise(), []

    limner.edit(source, "a fox", region=LEFT_HALF, quality="medium", partials=2, on_partial=seen.append)

    assert [partial.partial_index for partial in seen] == [0, 1]
    np.testing.assert_array_equal(np.asarray(seen[0].image)[:, 32:], source[:, 32:])


def test_a_colour_profile_stays_with_the_pixels_that_it_explains(tmp_path: Path):
    profile = Image.open(io.BytesIO(png_with_profile())).info["icc_profile"]

    edited = limner.edit(png_with_profile(), "a fox", region=LEFT_HALF, quality="low")[0]
    edited.save(tmp_path / "fox.png")

    with Image.open(tmp_path / "fox.png") as image:
        assert image.info["icc_profile"] == profile


def test_a_composition_that_edit_was_asked_for_comes_of_all_images_and_has_no_colours_of_one():
    hat = limner.edit(png_with_profile(), "a hat", region=LEFT_HALF, quality="low")[0]

    both = limner.edit([hat, noise()], "image 1 and image 2 side by side", **SMALL)[0]

    assert len(both.record.parent.split()) == 2
    assert both.parent is None
    assert both.icc_profile is None


def png_with_profile() -> bytes:
    file = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(noise()).save(file, "PNG", icc_profile=profile)
    return file.getvalue()


@pytest.mark.parametrize(
    ("images", "options", "error", "param", "message"),
    [
        ("nowhere.png", {}, InvalidField, "image", "image 'nowhere.png' cannot be read: No such file or directory; name a PNG"),
        (b"GIF89a", {}, UnsupportedImage, "image", "image is not a PNG, JPEG or WebP picture"),
        ([noise(), png(noise())[:200]], {}, UnusableImage, "image", "image 2 is cut off; send the whole file"),
        ([], {}, InvalidField, "image", "0 images were given; use 1 to 16"),
        ([noise()] * 17, {}, InvalidField, "image", "17 images were given"),
        (7, {}, InvalidField, "image", "image is int; give a path"),
        (noise().astype(np.float32), {}, InvalidField, "image", "image is an array of float32 (48, 64, 3); give uint8"),
        (Image.new("F", (9, 9)), {}, InvalidField, "image", "image has mode 'F'; convert it to RGB or RGBA first"),
        (noise(), {"mask": noise()}, InvalidMask, "mask", "the mask has no alpha channel"),
        (noise(), {"mask": noise(9, 9), "mask_mode": "luma"}, InvalidMask, "mask", "the mask is 9x9 and its image is 64x48"),
        (noise(), {"mask": "box:1,2,3,4"}, InvalidField, "mask", "mask 'box:1,2,3,4' is a region; give it as region"),
        (noise(), {"mask": np.ones((3, 3), np.bool_)}, InvalidMask, "mask", "the mask is 3x3 and the image is 64x48"),
        (noise(), {"mask_mode": "luma"}, IncompatibleFields, "mask_mode", "there is no mask"),
        (noise(), {"region": "box:1"}, InvalidField, "region", "has 1 numbers and a box has 4"),
        (noise(), {"outpaint": "up=5"}, InvalidField, "canvas", "canvas 'up=5' is not understood"),
        (noise(), {"partials": 2}, InvalidField, "partials", "go together"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(images, options, error, param, message):
    with pytest.raises(error) as refusal:
        limner.edit(images, "a fox", **options)

    assert message in refusal.value.message
    assert refusal.value.param == param

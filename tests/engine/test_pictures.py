"""Finished pictures, made by hand."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from limner.engine.pictures import Picture, trim_alpha
from limner.errors import IncompatibleFields, InvalidField
from limner.media.metadata import PictureRecord


def picture(channels: int) -> Picture:
    record = PictureRecord(
        prompt="a red kite",
        seed=7,
        snapshot="limner-0",
        quality="low",
        background="opaque" if channels == 3 else "transparent",
        machine_kind="avx2",
        software="Limner",
    )
    return Picture(np.full((16, 24, channels), 200, np.uint8), record)


@pytest.mark.parametrize(("name", "expected"), [("png", "PNG"), ("webp", "WEBP"), ("jpeg", "JPEG"), ("jpg", "JPEG"), ("JPG", "JPEG")])
def test_bytes_are_a_file_of_the_format_named(name: str, expected: str) -> None:
    opened = Image.open(io.BytesIO(picture(3).to_bytes(name)))

    assert (opened.format, opened.size) == (expected, (24, 16))


def test_bytes_of_a_format_that_is_not_known_are_refused_by_its_name() -> None:
    with pytest.raises(InvalidField, match="format 'gif' is not known") as caught:
        picture(3).to_bytes("gif")

    assert caught.value.param == "output_format"


def test_bytes_of_a_transparent_picture_are_refused_as_jpg() -> None:
    with pytest.raises(IncompatibleFields, match="no transparency"):
        picture(4).to_bytes("jpg")


def test_an_opaque_picture_loses_its_alpha_channel_unless_an_edit_kept_translucent_pixels() -> None:
    plain = np.full((4, 4, 4), 255, np.uint8)
    kept = plain.copy()
    kept[0, 0, 3] = 254

    assert trim_alpha(plain, "opaque").shape == (4, 4, 3)
    assert trim_alpha(kept, "opaque") is kept
    assert trim_alpha(plain, "transparent") is plain

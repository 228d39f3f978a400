"""Whose style a picture is to have."""

from __future__ import annotations

import pytest

from limner.engine.words.likeness import read_likeness


@pytest.mark.parametrize(
    ("prompt", "number"),
    [
        ("make image 1 look like image 2", 2), ("in the style of image 2", 2), ("can you use the style of image 2?", 2),
        ("redraw it in the style of the second image", 2), ("give it the style of image 3", 3), ("make it look like picture 2", 2),
        ("Please apply the style of image 2 to image 1", 2), ("match the style of image 2", 2),
        ("make the cat look like image 2", None), ("put image 2 on image 1", None), ("in the style of Hokusai", None),
    ],
)  # fmt: skip
def test_image_1_may_be_made_like_another(prompt: str, number: int | None):
    assert read_likeness(prompt, has_source=True) == (None if number is None else ("", number))


@pytest.mark.parametrize(
    ("prompt", "read"),
    [
        ("draw a microscope like image 1", ("a microscope", 1)),
        ("a cat beside a dog in the style of the first image", ("a cat beside a dog", 1)),
        ("a microscope to the left of a motorcycle, in the same style as image 1", ("a microscope to the left of a motorcycle", 1)),
        ("image 1 and image 2 side by side", None),
        ("a cat", None),
    ],
)
def test_what_is_new_may_be_like_an_image(prompt: str, read: tuple[str, int] | None):
    assert read_likeness(prompt, has_source=False) == read

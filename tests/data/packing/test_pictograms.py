"""Illustrations are named after their files, and those that nobody would see are left out."""

from __future__ import annotations

import pytest

from limner.data.packing.pictograms import PICTOGRAM_SETS, name_pictogram, read_pictograms

CARBON, MOMENTUM = PICTOGRAM_SETS[0], PICTOGRAM_SETS[1]


def drawing(colour: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path stroke="{colour}" d="M1 1h5"/></svg>'.encode()


@pytest.mark.parametrize(
    ("set_name", "slug", "concept"),
    [
        ("carbon-pictograms", "yoga--04", "yoga"),
        ("momentum-illustrations", "astronaut-avatar-onetwozero-onboarding-primary", "astronaut avatar"),
        ("momentum-illustrations", "people-headshot-wavy-hair-s-sixzero-success", "person with wavy hair"),
        ("semi-illustrations", "noResult-dark", "no search results"),
        ("gravity-illustrations", "bucket-light-hc", "bucket"),
    ],
)
def test_files_of_each_package_have_plain_names(set_name: str, slug: str, concept: str) -> None:
    assert name_pictogram(set_name, slug) == concept


def test_a_drawing_in_white_alone_is_left_out() -> None:
    files = {f"dist/svg/{name}-onetwozero-error.svg": drawing(colour) for name, colour in (("car", "#fff"), ("bus", "#f00"))}

    assert [asset.concept for asset in read_pictograms(MOMENTUM, files)] == ["bus"]


def test_a_set_in_one_ink_is_drawn_in_the_current_colour() -> None:
    [asset] = read_pictograms(CARBON, {"svg/yoga--04.svg": drawing("none")})

    assert asset.body.startswith(b'<g fill="currentColor">')

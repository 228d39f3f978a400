"""Avatars are told by what can be seen of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.data.packing.avatar_words import KINDS, describe_parts
from limner.data.packing.avatars import CORE, draw_avatars, read_avatars, read_style_info, style_name
from limner.data.packing.packages import read_catalogue
from limner.errors import DamagedFile

SVG = '<svg viewBox="0 0 9 9" xmlns="http://www.w3.org/2000/svg"><mask id="viewboxMask"/><g mask="url(#viewboxMask)"><path/></g></svg>'


@pytest.mark.parametrize(
    ("style", "parts", "phrases"),
    [
        ("adventurer", {"hair": "short15", "hairColor": "#562306", "glasses": "variant01"}, ("short brown hair", "glasses")),
        ("pixel-art", {"hair": "long03", "hairColor": "#bd1700", "mouth": "sad04", "clothing": "variant05", "clothingColor": "#428bca"},
         ("long red hair", "a sad face", "a blue top")),
        ("pixel-art", {"hair": "long03", "hat": "variant01", "hatColor": "#2663a3"}, ("a blue hat",)),
        ("avataaars", {"top": "hijab", "clothing": "hoodie", "clothesColor": "#ff5c5c", "accessories": "sunglasses"},
         ("a hijab", "sunglasses", "a red hoodie")),
        ("open-peeps", {"head": "afro", "face": "smileBig", "headContrastColor": "#c93305", "facialHair": "moustache3"},
         ("an afro", "a moustache", "a big smile")),
        ("bottts", {"baseColor": "#1e88e5", "top": "antennaCrooked", "eyes": "hearts"}, ("a blue head", "an antenna on top", "heart eyes")),
        ("lorelei", {"hair": "variant30", "hairColor": "#000000", "mouth": "happy07", "beard": "variant01"}, ("a beard", "a happy face")),
    ],
)  # fmt: skip
def test_parts_become_phrases(style: str, parts: dict[str, str], phrases: tuple[str, ...]) -> None:
    told = describe_parts(style, parts)

    assert set(told) >= set(phrases)


def test_a_beard_that_cannot_be_seen_is_not_told() -> None:
    assert describe_parts("toon-head", {"beard": "chin"}) == ()
    assert describe_parts("toon-head", {"beard": "fullBeard"}) == ("a beard",)
    assert describe_parts("open-peeps", {"mask": "respirator", "facialHair": "full"}) == ("a face mask",)


def test_every_pinned_style_has_a_word_for_what_it_draws() -> None:
    assert {style_name(package) for package in read_catalogue().avatars if package.name != CORE} == set(KINDS)


def test_ids_are_of_one_avatar_alone() -> None:
    [first, second] = read_avatars("micah", iter([{"svg": SVG, "parts": {}}] * 2))

    assert first.body != second.body
    assert b"viewboxMask" not in first.body


def test_a_style_of_another_licence_is_refused() -> None:
    told = {"title": "A", "creator": "B", "source": "", "license": {"name": "CC BY-NC 4.0"}}

    with pytest.raises(ValueError, match="CC BY-NC"):
        read_style_info("a", told)


def test_missing_packages_are_refused_with_the_command_to_run(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="limner data fetch"):
        draw_avatars(tmp_path, read_catalogue().avatars)

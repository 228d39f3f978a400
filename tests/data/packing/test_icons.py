"""Drawings of sets in one ink stand still, and those that say nothing are left out."""

from __future__ import annotations

import pytest

from limner.data.packing.icons import is_unclear, stand_still

BELL = (
    '<path fill="currentColor" fill-opacity="0" stroke-dasharray="30" stroke-dashoffset="30" d="M12 5">'
    '<animate fill="freeze" attributeName="stroke-dashoffset" to="0"/><animate attributeName="fill-opacity" begin="0.9s" to=".3"/></path>'
)


def test_an_animated_drawing_becomes_its_last_frame() -> None:
    assert stand_still(BELL) == '<path fill="currentColor" fill-opacity=".3" d="M12 5"></path>'


def test_a_drawing_that_does_not_move_stays_as_it_is() -> None:
    assert stand_still('<path stroke-dasharray="2"/>') == '<path stroke-dasharray="2"/>'


@pytest.mark.parametrize(("slug", "concept"), [("bell-loop", "bell loop"), ("wmts", "wmts"), ("letter-m", "letter m"), ("nude", "nude")])
def test_what_moves_says_nothing_or_is_unwanted_is_unclear(slug: str, concept: str) -> None:
    assert is_unclear(slug, concept, {"bell", "letter", "nude"})
    assert not is_unclear("bell", "bell", {"bell"})

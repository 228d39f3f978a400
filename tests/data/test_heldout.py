"""Nothing that is held out reaches training."""

from __future__ import annotations

import hashlib

import pytest

from limner.data.heldout import (
    has_held_out_synonym,
    held_out_synonyms,
    is_held_out_asset,
    is_held_out_concept,
    is_held_out_font,
    is_held_out_word,
    read_heldout,
    replace_held_out_synonyms,
    trainable,
)
from limner.data.packing.pack import Asset
from limner.data.packing.packages import read_catalogue


def make_asset(set_name: str, concept: str, *, code: str = "", keywords: tuple[str, ...] = ()) -> Asset:
    return Asset(set_name, concept.replace(" ", "-"), concept, keywords, "", code, 16, 16, 0, 0, "svg", b"<path/>")


def test_the_list_is_whole() -> None:
    listed = read_heldout()

    assert (len(listed.sets), len(listed.cells), len(listed.concepts), len(listed.synonyms), len(listed.fonts)) == (8, 294, 26, 20, 20)


def test_every_cell_is_held_out_in_its_set_and_kept_in_another() -> None:
    for code, set_name in read_heldout().cells:
        assert is_held_out_asset(make_asset(set_name, "anything", code=code))
        assert not is_held_out_asset(make_asset("emojione", "anything", code=code))


def test_every_cell_obeys_the_hash_rule() -> None:
    for code, set_name in read_heldout().cells:
        bucket = int(hashlib.sha1(f"cell:{code}:{set_name}".encode()).hexdigest()[:8], 16) % 100

        assert bucket < 5


@pytest.mark.parametrize("set_name", ["flat-ui", "streamline-stickies-color", "glyphs-poly", "openmoji", "memory"])
def test_a_held_out_style_is_never_drawn(set_name: str) -> None:
    assert is_held_out_asset(make_asset(set_name, "pizza", code="1f355"))


def test_every_held_out_concept_is_held_out_by_code_and_by_name() -> None:
    for code, label in read_heldout().concepts.items():
        assert is_held_out_asset(make_asset("noto", label, code=code))
        assert is_held_out_asset(make_asset("icon-park", label.lower()))


@pytest.mark.parametrize(
    "concept", ["broken link", "links", "meridian globe", "swirl fish cake", "statue of liberty", "control knob", "Llama"]
)
def test_same_named_drawings_of_other_sets_are_held_out(concept: str) -> None:
    assert is_held_out_concept(concept)


@pytest.mark.parametrize("concept", ["clinking glasses", "globe", "fish", "taxi", "toothpick", "butterfly"])
def test_near_names_stay(concept: str) -> None:
    assert not is_held_out_concept(concept)


def test_another_emoji_with_a_held_out_word_in_its_label_stays() -> None:
    assert not is_held_out_asset(make_asset("noto", "cricket game", code="1f3cf"))


def test_trainable_drops_what_is_held_out_and_keeps_the_rest_in_order() -> None:
    named = {"pizza": "1f355", "llama": "1f999", "sun": "2600"}
    assets = [make_asset("emojione", concept, code=code) for concept, code in named.items()]

    assert [asset.concept for asset in trainable(assets)] == ["pizza", "sun"]


def test_trainable_leaves_no_held_out_synonym_in_keywords() -> None:
    assets = [make_asset("noto", "car", code="1f697", keywords=("automobile", "car", "two aircraft"))]

    [asset] = trainable(assets)

    assert asset.keywords == ("car", "two airplane")


def test_every_held_out_synonym_is_found_and_replaced() -> None:
    for word, synonym in held_out_synonyms().items():
        caption = f"a {synonym.upper()} on a table"

        assert has_held_out_synonym(caption)
        assert replace_held_out_synonyms(caption) == f"a {word} on a table"


@pytest.mark.parametrize(
    ("caption", "allowed"), [("two bunnies", "two rabbits"), ("beer mugs", "beer cups"), ("a smug blader", "a smug blader")]
)
def test_plurals_are_replaced_and_longer_words_are_not(caption: str, allowed: str) -> None:
    assert replace_held_out_synonyms(caption) == allowed


def test_about_one_word_in_twenty_is_held_out_whatever_its_case() -> None:
    words = [f"word{number}" for number in range(2000)]

    held = [word for word in words if is_held_out_word(word)]

    assert 60 < len(held) < 140
    assert all(is_held_out_word(word.upper()) for word in held)


def test_every_held_out_font_is_one_that_is_fetched() -> None:
    families = {family for fonts in read_catalogue().fonts.values() for family in fonts}

    held = {family for family in families if is_held_out_font(family)}

    assert held == read_heldout().fonts

"""Captions of packs say what is there, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from limner.data.colours import COLOUR_WORDS, plain_hue
from limner.data.looks import LOOKS, ONE_INK, look_words
from limner.data.pack_captions import Told, caption_drawing, spoken_name
from limner.data.packing.icons import COLOUR_SETS, MONO_SETS
from limner.data.packing.pack import Asset
from limner.data.recipes import full
from limner.data.treatments import Treated

PIXELS = np.zeros((8, 8, 4), np.uint8)


def asset(set_name: str, concept: str, *, code: str = "", keywords: tuple[str, ...] = (), category: str = "objects") -> Asset:
    return Asset(set_name, concept.replace(" ", "-"), concept, keywords, category, code, 16, 16, 0, 0, "svg", b"")


def captions(told: Told) -> list[str]:
    return [caption_drawing(told, np.random.default_rng(seed)) for seed in range(300)]


def colours_of(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]+", text.lower()) if word in COLOUR_WORDS}


def test_a_painted_icon_is_called_by_its_ink_and_never_by_the_colour_of_its_name():
    told = Told(
        asset=asset("tabler", "red apple", keywords=("fruit",)), palette=(), treated=Treated(pixels=PIXELS, kind="painted", ink="dark blue")
    )

    drawn = captions(told)

    assert all("apple" in caption for caption in drawn)
    assert set().union(*map(colours_of, drawn)) == {"blue"}
    assert sum("blue" in caption for caption in drawn) > 200


@pytest.mark.parametrize(
    ("treated", "words"),
    [
        (Treated(pixels=PIXELS, kind="badge", ink="white", ground="red", shape="circle"), ("white", "red", "circle", "anchor")),
        (
            Treated(pixels=PIXELS, kind="badge", ink="teal", ground="cream", shape="square", has_long_shadow=True),
            ("square", "with a long shadow"),
        ),
        (Treated(pixels=PIXELS, kind="gradient", ink="blue", second="purple"), ("blue to purple gradient", "anchor")),
        (Treated(pixels=PIXELS, kind="duotone", ink="blue", second="orange"), ("blue and orange", "anchor")),
        (Treated(pixels=PIXELS, kind="sticker", ink="green"), ("green", "white", "anchor")),
        (Treated(pixels=PIXELS, kind="outlined", ink="pink"), ("pink", "outline")),
    ],
)
def test_a_treatment_is_told_in_every_caption(treated: Treated, words: tuple[str, ...]):
    told = Told(asset=asset("game-icons", "anchor"), palette=(), treated=treated)

    assert all(all(word in caption for word in words) for caption in captions(told))


def test_a_name_that_says_a_colour_that_is_not_there_gives_way():
    told = Told(asset=asset("icon-park", "telephone", code="260e", keywords=("call",)), palette=("blue", "white"))

    assert not any("red" in caption.split() for caption in captions(told))
    assert any("red" in caption for caption in captions(replace(told, palette=("red",))))


def test_colours_that_are_said_are_those_of_the_drawing():
    told = Told(asset=asset("noto", "guitar", code="1f3b8"), palette=("red", "brown"))

    said = set().union(*(colours_of(caption) for caption in captions(told)))

    assert said == {"red", "brown"}


@pytest.mark.parametrize(("background", "share"), [("light blue background", 1.0), ("white background", 0.4)])
def test_a_background_is_named_always_unless_it_is_white(background: str, share: float):
    told = Told(asset=asset("noto", "guitar", code="1f3b8"), palette=("red",), background=background)

    assert np.mean([background in caption for caption in captions(told)]) == pytest.approx(share, abs=0.1)
    assert not any("transparent" in caption for caption in captions(told))


def test_an_avatar_is_told_by_its_own_attributes_in_order():
    facts = ("short brown hair", "glasses", "a blue shirt")
    told = Told(asset=asset("dicebear-micah", "avatar", keywords=facts, category="avatars"), palette=("blue",))

    drawn = captions(told)

    assert all(any(fact.removeprefix("a ") in caption for fact in facts) for caption in drawn)
    assert any("short brown hair, glasses and a blue shirt" in caption for caption in drawn)
    assert all(caption.index("glasses") < caption.index("shirt") for caption in drawn if "glasses" in caption and "shirt" in caption)


def test_a_name_that_is_no_noun_is_told_as_an_icon():
    told = Told(asset=asset("icon-park", "align left"), palette=("blue",))

    assert all("icon" in caption for caption in captions(told))


@pytest.mark.parametrize(
    ("concept", "spoken"),
    [
        ("bell off", "crossed-out bell"), ("arrow up circle", "arrow up in a circle"), ("user plus", "user with a plus sign"),
        ("half circle", "half circle"), ("circle", "circle"), ("north star", "north with a star"),
    ],
)  # fmt: skip
def test_icon_names_are_said_as_a_person_would(concept: str, spoken: str):
    assert spoken_name(concept) == spoken


def test_held_out_synonyms_are_never_said():
    told = Told(asset=asset("noto", "car", code="1f697", keywords=("automobile", "feline")), palette=("red",), synonyms=("automobile",))

    assert not any(word in caption for caption in captions(told) for word in ("automobile", "feline"))


def test_every_set_of_the_corpus_has_two_to_five_phrases_for_its_look_and_they_name_no_colour_of_an_ink():
    named = {name for pack in full().packs for name, _ in pack.sets}

    assert named == set(LOOKS)
    assert {icon_set.name for icon_set in (*COLOUR_SETS, *MONO_SETS)} <= named
    assert all(2 <= len(phrases) <= 5 for phrases in LOOKS.values())
    assert not any({"black", "white", "red", "blue"} & set(phrase.split()) for name in ONE_INK for phrase in LOOKS[name])


@pytest.mark.parametrize(
    ("set_name", "slug", "word"),
    [
        ("ph", "bell-thin", "thin"),
        ("ph", "traffic-light", "outline icon"),
        ("solar", "bus-bold-duotone", "duotone"),
        ("tabler", "home-filled", "filled"),
    ],
)
def test_the_variant_of_a_set_is_told_by_the_ending(set_name: str, slug: str, word: str):
    assert any(word in phrase for phrase in look_words(set_name, slug))


def test_colours_of_inks_are_told_plainly_or_exactly():
    told = Told(asset=asset("game-icons", "anchor"), palette=(), treated=Treated(pixels=PIXELS, kind="painted", ink="turquoise"))

    drawn = captions(told)

    assert any("turquoise" in caption for caption in drawn)
    assert any(plain_hue("turquoise") in caption.split() for caption in drawn)

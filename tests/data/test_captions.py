"""Captions of single drawings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from limner.data.captions import Single, caption_single

PIZZA = Single("pizza", ("cheese", "feline"), "fluent-emoji-flat", "", "", is_named=False)


def captions(single: Single, *, share_synonym: float = 0.17) -> list[str]:
    return [caption_single(single, np.random.default_rng(seed), share_synonym=share_synonym, share_style=0.4) for seed in range(400)]


def test_most_captions_are_short_and_every_one_names_the_thing():
    drawn = captions(PIZZA)

    assert all("pizza" in caption for caption in drawn)
    assert np.percentile([len(caption.split()) for caption in drawn], 90) <= 9
    assert len(set(drawn)) > 25


def test_a_background_that_must_be_named_is_named_in_every_caption():
    drawn = captions(replace(PIZZA, background="light blue background", is_named=True))

    assert all("light blue background" in caption for caption in drawn)
    assert not any("transparent" in caption or "sticker" in caption for caption in drawn)


def test_a_background_that_need_not_be_named_is_not():
    assert not any("background" in caption for caption in captions(replace(PIZZA, background="white background")))


def test_held_out_keywords_are_never_said():
    assert not any("feline" in caption for caption in captions(PIZZA))


def test_a_clear_colour_is_sometimes_said_but_never_twice():
    car = replace(PIZZA, concept="car", colour="red", keywords=())
    heart = replace(PIZZA, concept="red heart", colour="red", keywords=())

    assert 10 < sum("red car" in caption for caption in captions(car)) < 200
    assert not any("red red" in caption for caption in captions(heart))


def test_the_usual_name_comes_most_often():
    drawn = captions(replace(PIZZA, concept="flying saucer", keywords=()))

    share = sum("flying saucer" in caption for caption in drawn) / len(drawn)
    assert 0.7 < share < 0.95

"""Signs: one word, large, in letters that stand out, and captions that quote it and name what can be seen."""

from __future__ import annotations

import re

import numpy as np
import pytest

from limner.data.colours import contrast
from limner.data.corpus import Corpus, example_rng
from limner.data.heldout import is_held_out_word
from limner.data.recipes import full
from limner.data.scenes.compose import compose_scene
from limner.data.scenes.describe import REGISTERS, Register, describe_scene
from limner.data.scenes.render import render_scene
from limner.data.scenes.scene import Scene
from limner.data.scenes.wording import rgb_of


def signs(corpus: Corpus, count: int = 80) -> list[Scene]:
    return [compose_scene(corpus.stock, example_rng(6, index), layout="sign") for index in range(count)]


def test_letters_stand_out_from_what_they_stand_on(corpus: Corpus):
    for scene in signs(corpus):
        panel = scene.shapes("panel")
        under = panel[0].colour if panel else scene.background.colours[0]

        assert contrast(rgb_of(scene.texts("title")[0].colour), rgb_of(under)) >= 2.4
        assert not any(map(is_held_out_word, re.findall(r"\w+", scene.texts("title")[0].text)))


def test_every_kind_is_composed_and_drawn(corpus: Corpus):
    scenes = signs(corpus)

    assert {scene.kind for scene in scenes} == {"letters", "board", "badge", "label"}
    for scene in scenes[:12]:
        pixels = render_scene(scene, corpus.sprites, corpus.fonts)
        assert (pixels != pixels[0, 0]).any()


@pytest.mark.parametrize("register", REGISTERS)
def test_what_is_lettered_is_quoted_in_every_register(corpus: Corpus, register: Register):
    for index, scene in enumerate(signs(corpus, 24)):
        caption = describe_scene(scene, np.random.default_rng(index), register=register)

        assert scene.texts("title")[0].text in caption
        assert caption == " ".join(caption.split())
        if register in {"short", "sentence", "keywords"}:
            assert f'"{scene.texts("title")[0].text}"' in caption


def test_captions_name_shape_and_colours(corpus: Corpus):
    captions = {
        describe_scene(scene, np.random.default_rng(seed), register="sentence") for scene in signs(corpus, 20) for seed in range(12)
    }

    assert any(re.match(r'the word "\w+" in [\w ]+ letters on an? [\w ]+ background', caption) for caption in captions)
    assert any(re.match(r"an? ([\w ]+ )?round badge (that|with|saying)", caption) for caption in captions)


def test_one_picture_in_seven_of_the_widest_recipe_holds_words():
    lettered = sum(share for layout, share in full().layouts if layout in {"poster", "card", "chart", "diagram", "sign"})

    assert full().share_scene * lettered == pytest.approx(0.15, abs=0.01)

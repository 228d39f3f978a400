"""The language of captions is the one that prompts are put into: captions go through, seldom words of theirs as common ones."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from limner.data.captions import Single, caption_single
from limner.data.corpus import Corpus, example_rng
from limner.data.naming import plain_names
from limner.data.recipes import COMMON_CONCEPTS
from limner.data.scenes.compose import compose_scene
from limner.data.scenes.describe import REGISTERS, Register, describe_scene
from limner.engine.weights import PACKAGED_WEIGHTS, TEXT_ENCODER
from limner.model.prompts.spans import is_code
from limner.model.prompts.translate import translate
from limner.model.prompts.understand import understand
from limner.model.text import load_tokenizer

tokenizer = cache(lambda: load_tokenizer((PACKAGED_WEIGHTS / TEXT_ENCODER / "tokenizer.json").read_bytes()))


@pytest.mark.parametrize("register", REGISTERS)
def test_every_thing_that_a_caption_names_comes_through(corpus: Corpus, register: Register):
    for index in range(25):
        scene = compose_scene(corpus.stock, example_rng(2, index))
        caption = describe_scene(scene, np.random.default_rng(index), register=register)

        text = understand(caption, tokenizer())

        names = {name for layer in scene.assets() for name in plain_names(layer.concept) if name in caption}
        assert [name for name in names if name not in text] == []
        assert text == caption or not is_code(caption)
        assert understand(text, tokenizer()) == text


def test_a_caption_of_a_drawing_goes_through_unchanged():
    rng = np.random.default_rng(0)
    singles = [Single(concept, (), "fluent-emoji-flat", "red", "light blue background", is_named=True) for concept in COMMON_CONCEPTS]
    captions = [caption_single(single, rng, share_synonym=0.2, share_style=0.3) for single in singles]

    assert [caption for caption in captions if translate(caption) != caption] == []
    assert [caption for caption in captions[::4] if understand(caption, tokenizer()) != caption] == []

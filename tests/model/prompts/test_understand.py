"""A whole prompt on its way to the encoder: what it becomes, that it comes back as it is, and that nothing of it gets lost."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from limner.data.heldout import held_out_synonyms
from limner.model.condense import MAX_TEXT_TOKENS, drawable_words
from limner.model.prompts.understand import understand

FILLER = (
    "The committee met to discuss the annual report and agreed that further consultation was needed. ",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore. ",
)
WORDS = (
    "a an the red crimson blue cat dog house tree two 3 dozen of on to left right side beneath atop without no not any hat people and or "
    "but photo of, DSLR 8k in style Van Gogh Pixar pixel art ein roter Hund links von Katze ohne perro azul sin 猫 の 左に #ff8800 , . ; "
    "\" ' background"
).split()


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("A cat in a spacesuit walking on the surface of Mars", "A cat in a spacesuit walking on the surface of Mars"),
        ("A Studio Ghibli-style forest scene with glowing fireflies at dusk", "A forest scene with glowing fireflies at dusk"),
        ("a photo of a red car, DSLR, 8k, bokeh", "a red car"),
        ("A photorealistic 3D render of a teapot, octane render, studio lighting", "A 3D render of a teapot"),
        ("Draw a dog. Do not add any text or logos. Don't include people.", "Draw a dog."),
        ("ein Bild von drei roten Äpfeln ohne Hintergrund", "a picture of three red apples on a transparent background"),
        ("une photo d'un chat noir sans chapeau, sur fond blanc", "a black cat, on a white background"),
        ("a crimson kite, no clouds, left of a tree", "a dark red kite, to the left of a tree"),
        ("an 8-bit dragon", "a pixel art dragon"),
        ('a sign that says "no smoking 8k #ff0000 by Pixar", photorealistic', 'a sign that says "no smoking 8k #ff0000 by Pixar"'),
        ('{"subject": "no cat", "color": "#ff8800"}', '{"subject": "no cat", "color": "orange"}'),
        ('scene(objects=["2 cats"], style="photo")', 'scene(objects=["2 cats"], style="photo")'),
        ("  A CAT,  drawn twice;  A CAT, drawn twice ", "  A CAT,  drawn twice;  A CAT, drawn twice "),
    ],
)
def test_what_a_prompt_becomes(tokenizer: Tokenizer, prompt: str, text: str):
    assert understand(prompt, tokenizer) == text


@pytest.mark.parametrize("prompt", ["photo, 8k, bokeh", "photorealistic", "no people", "Pixar style", "not", "--ar 16:9", "8k DSLR"])
def test_a_prompt_of_nothing_that_can_be_drawn_is_still_a_prompt(tokenizer: Tokenizer, prompt: str):
    assert understand(prompt, tokenizer).strip()


@pytest.mark.parametrize("synonym", sorted(held_out_synonyms().values()))
@pytest.mark.parametrize("form", ["a {}", "two {}s on a table", "{}", "a photo of a {}"])
def test_a_held_out_synonym_reaches_the_encoder(tokenizer: Tokenizer, synonym: str, form: str):
    assert synonym in understand(form.format(synonym), tokenizer)


@settings(deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=60))
def test_what_was_understood_comes_back_as_it_is(tokenizer: Tokenizer, words: list[str]):
    text = understand(" ".join(words), tokenizer)

    assert text
    assert understand(text, tokenizer) == text


@settings(deadline=None)
@given(prompt=st.text(min_size=1, max_size=400), repeats=st.integers(1, 80))
def test_any_text_fits_and_is_never_lost(tokenizer: Tokenizer, prompt: str, repeats: int):
    text = understand((prompt * repeats)[:32_000], tokenizer)

    assert bool(text) == bool(prompt)
    assert len(tokenizer.encode(text).ids) <= MAX_TEXT_TOKENS


@pytest.mark.parametrize("filler", FILLER)
@pytest.mark.parametrize("seed", range(6))
def test_everything_of_a_plain_prompt_is_found_in_32000_characters(tokenizer: Tokenizer, filler: str, seed: int):
    chance = random.Random(seed)
    nouns = chance.sample(["car", "tree", "house", "cat", "umbrella", "kite", "boat", "robot", "piano"], 3)
    plain = f"two red {nouns[0]}s to the left of a small blue {nouns[1]}, and a green {nouns[2]} behind"
    start = chance.randrange(31_000)
    filling = filler * (32_000 // len(filler) + 1)

    text = understand(f"{filling[:start]}. {plain}. Without any people. {filling[start:]}"[: max(start + 300, 32_000)], tokenizer)

    assert {"two", "red", "left", "small", "blue", "green", "behind", *nouns[1:]} <= set(text.replace(",", "").replace(".", "").split())
    assert f"two red {nouns[0]}s to the left of a small blue {nouns[1]}" in text
    assert "people" not in text


@pytest.mark.parametrize(
    "piece", ["no a, ", "not a or ", " and with but", "in the style of A ", "the left of ", "3 ", "的", " ", "\t", "a-"]
)
def test_no_text_is_a_trap(tokenizer: Tokenizer, piece: str):
    start = time.process_time()
    understand("no a" + piece * (31_000 // len(piece)) + "b no ", tokenizer)
    took = time.process_time() - start

    assert took < 3.0  # measured: a tenth of that


def test_nothing_takes_long(tokenizer: Tokenizer):
    understand("ein roter Hund", tokenizer)
    chance = random.Random(1)
    long = " ".join(chance.choices(sorted(drawable_words()) + FILLER[0].split(), k=6000))[:32_000]

    start = time.process_time()
    understand(long, tokenizer)
    took = time.process_time() - start

    assert took < 1.0  # measured: a twentieth of that

"""Prompts of any length become what the network reads, and the informative part of a long one is found wherever it stands."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from limner.engine.weights import PACKAGED_WEIGHTS, TEXT_ENCODER
from limner.errors import DamagedFile
from limner.model import text

LOREM = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore. "
MEETING = "The committee met to discuss the annual report and agreed that further consultation was needed. "
SHUFFLED = " ".join(random.Random(0).choices(LOREM.lower().replace(",", "").replace(".", "").split(), k=5600)) + " "


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return text.load_tokenizer((PACKAGED_WEIGHTS / TEXT_ENCODER / "tokenizer.json").read_bytes())


@pytest.mark.parametrize("filler", [LOREM, MEETING, SHUFFLED])
@pytest.mark.parametrize("place", [0, 15_000, 31_900])
@pytest.mark.parametrize("plain", ["a red car on a yellow background", "a kite over a harbour"])
def test_the_words_that_matter_are_found_anywhere_in_32000_characters(tokenizer: Tokenizer, filler: str, place: int, plain: str):
    filling = filler * (32_000 // len(filler) + 1)
    prompt = f"{filling[:place]} {plain}. {filling[place:]}"[:32_000]

    condensed = text.condense(prompt, tokenizer)

    assert condensed.strip(" .") == plain


@pytest.mark.parametrize("quotation", ['"ACME, ZORG; CORP"', "'hello zorg'", "“Vbn Qwx”", '"A.B"'])
@pytest.mark.parametrize("repeats", [1, 5])
def test_a_quotation_survives_condensing_letter_by_letter(tokenizer: Tokenizer, quotation: str, repeats: int):
    prompt = MEETING * 150 + f"a sign that says {quotation} and a cat. " * repeats + MEETING * 150

    assert f"a sign that says {quotation} and a cat" in text.condense(prompt, tokenizer)


def test_letters_of_the_private_area_stay_what_they_are(tokenizer: Tokenizer):
    assert "\ue041" in text.condense(MEETING * 100 + 'a sign "\ue041" ' + MEETING * 100, tokenizer)


def test_a_long_prompt_of_nothing_that_can_be_drawn_is_cut_rather_than_refused(tokenizer: Tokenizer):
    condensed = text.condense("qwx vbn " * 4000, tokenizer)

    assert condensed
    assert len(tokenizer.encode(condensed).ids) <= text.MAX_TEXT_TOKENS


def test_a_prompt_that_fits_is_encoded_as_it_is(tokenizer: Tokenizer):
    prompt = "  A CAT,  drawn twice;  A CAT, drawn twice "

    assert text.encode_prompt(prompt, tokenizer).text == prompt


@given(prompt=st.text(min_size=1, max_size=3000))
def test_any_text_fits_the_network(tokenizer: Tokenizer, prompt: str):
    encoded = text.encode_prompt(prompt, tokenizer)

    assert 2 <= len(encoded.token_ids) <= text.MAX_TEXT_TOKENS
    assert len(encoded.char_ids) <= text.MAX_CHARACTERS
    assert ((encoded.char_ids >= 0) & (encoded.char_ids < text.NUM_CHARACTERS)).all()
    assert len(encoded.glyphs) == len(encoded.glyph_positions) <= text.MAX_GLYPH_PATCHES
    assert text.pad_prompts([encoded]).token_mask.sum() == len(encoded.token_ids)


@pytest.mark.parametrize(
    ("prompt", "strings"),
    [
        ('a poster "BIG SALE"', ["BIG SALE"]),
        ("a mug that says 'hi there'", ["hi there"]),
        ("the cat's toy isn't here", []),
        ("“eins” und «zwei»", ["eins", "zwei"]),
        ("no words", []),
    ],
)
def test_quoted_strings_are_found_and_apostrophes_are_not(prompt: str, strings: list[str]):
    assert text.quoted(prompt) == strings


def test_glyphs_of_different_words_differ_and_hold_ink():
    cat, dog = text.glyph_strip("CAT"), text.glyph_strip("DOG")

    assert cat.shape == dog.shape
    assert (cat[:, :256] < -0.5).any()
    assert np.abs(cat - dog).max() > 0.5


def test_padding_marks_what_is_real(tokenizer: Tokenizer):
    prompts = [text.encode_prompt(prompt, tokenizer) for prompt in ("a cat", 'a long sign with the words "AB" on a wall')]

    batch = text.pad_prompts(prompts)

    assert batch.token_mask.sum(1).tolist() == [len(prompt.token_ids) for prompt in prompts]
    assert batch.char_mask.sum(1).tolist() == [0, 2]
    assert batch.patches.shape[:2] == batch.patch_mask.shape == batch.patch_segments.shape


def test_a_broken_tokenizer_is_named():
    with pytest.raises(DamagedFile, match=r"tokenizer\.json"):
        text.load_tokenizer(b"{}")

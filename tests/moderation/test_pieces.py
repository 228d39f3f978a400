"""How a text is cut: everything is in some piece, pieces are short, and sentences are only mixed in short texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from limner.engine.weights import PACKAGED_WEIGHTS, TEXT_ENCODER
from limner.model.text import load_tokenizer
from limner.moderation.pieces import MAX_PIECE_TOKENS, cut_pieces, with_marks
from limner.moderation.wording import sentences

TOKENIZER = load_tokenizer((PACKAGED_WEIGHTS / TEXT_ENCODER / "tokenizer.json").read_bytes())


@pytest.fixture
def tokenizer() -> Tokenizer:
    return TOKENIZER


def read(text: str, tokenizer: Tokenizer) -> list[str]:
    return [tokenizer.decode(list(ids)) for ids in cut_pieces(text, tokenizer)]


def test_a_short_text_is_read_whole_in_sentences_in_clauses_and_in_neighbours(tokenizer: Tokenizer):
    assert read("A cat, a dog. The end.", tokenizer) == [
        "a cat, a dog. the end.",
        "a cat, a dog",
        "the end",
        "a cat",
        "a dog",
        "a cat a dog",
    ]


def test_neighbours_of_different_sentences_of_a_long_text_are_not_mixed(tokenizer: Tokenizer):
    text = "No guns. Children play. " + "A quiet meadow with poppies and bees in June. " * 8

    pieces = read(text, tokenizer)

    assert not any("guns" in piece and "children" in piece for piece in pieces)


def test_a_clause_without_end_is_read_to_its_end(tokenizer: Tokenizer):
    words = [f"w{number}" for number in range(200)]

    pieces = read(" ".join(words), tokenizer)

    assert all(any(word in piece.split() for piece in pieces) for word in words)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from([*'abc ,.;:!?\n"()-1é猫']), max_size=400))
def test_every_token_of_every_sentence_is_in_a_piece_and_pieces_are_short(text: str):
    pieces = cut_pieces(text, TOKENIZER)

    assert len(set(pieces)) == len(pieces)
    assert all(0 < len(ids) <= MAX_PIECE_TOKENS for ids in pieces)
    seen = {token for ids in pieces for token in ids}
    separators = {token for sign in ',.;:!?"()-|' for token in TOKENIZER.encode(sign).ids}
    assert {token for sentence in sentences(text) for token in TOKENIZER.encode(sentence).ids[1:-1]} - separators <= seen


def test_marks_stand_at_both_ends(tokenizer: Tokenizer):
    assert list(with_marks((1037, 4937), tokenizer)) == tokenizer.encode("a cat").ids

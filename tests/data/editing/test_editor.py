"""Pairs for editing: the same pair from the same number, pictures that obey their masks, words that are true."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from limner.data.corpus import Corpus
from limner.data.editing.editor import SHARES, Editor
from limner.data.editing.pair import LOCAL, OPERATIONS, EditPair
from limner.data.heldout import has_held_out_synonym, is_held_out_word


@pytest.fixture(scope="module")
def editor(corpus: Corpus) -> Editor:
    return Editor(corpus)


@pytest.fixture(scope="module")
def pairs(editor: Editor) -> list[EditPair]:
    return [editor.pair(index) for index in range(160)]


def same(first: EditPair, second: EditPair) -> bool:
    return (
        first.instruction == second.instruction
        and np.array_equal(first.result, second.result)
        and len(first.references) == len(second.references)
    )


def test_a_pair_does_not_depend_on_order_or_process(editor: Editor, pairs: list[EditPair]):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        there = list(pool.map(editor.pair, range(11, -1, -1)))

    assert all(same(pairs[index], pair) for index, pair in zip(range(11, -1, -1), there, strict=True))


def test_the_result_is_the_source_wherever_nothing_may_change(pairs: list[EditPair]):
    masked = [pair for pair in pairs if pair.source is not None and pair.free is not None]

    assert len(masked) > 30
    for pair in masked:
        assert pair.source is not None
        assert pair.free is not None
        assert np.array_equal(pair.source[~pair.free], pair.result[~pair.free])


def test_changed_is_where_the_result_differs_and_never_nothing(pairs: list[EditPair]):
    for pair in pairs:
        if pair.source is not None:
            assert np.array_equal(pair.changed, (pair.source != pair.result).any(-1))
        assert pair.changed.any(), pair.instruction


def test_a_source_is_all_zeros_where_it_is_not_shown(pairs: list[EditPair]):
    hidden = [pair for pair in pairs if pair.shown is not None]

    assert {pair.operation for pair in hidden} == {"inpaint", "outpaint"}
    for pair in hidden:
        assert pair.source is not None
        assert pair.shown is not None
        assert not pair.source[~pair.shown].any()


def test_pictures_are_square_rgba_and_agree_with_the_background(pairs: list[EditPair]):
    for pair in pairs:
        pictures = [pair.result, *pair.references, *([] if pair.source is None else [pair.source])]

        assert {picture.shape for picture in pictures} == {(64, 64, 4)}
        assert {picture.dtype for picture in pictures} == {np.dtype(np.uint8)}
        assert (pair.result[..., 3].min() == 255) == (pair.background == "opaque")
    assert {pair.background for pair in pairs} == {"opaque", "transparent"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_made_when_asked_for(editor: Editor, operation: str):
    asked = [editor.pair(index, operation=operation) for index in range(6)]

    assert Counter(pair.operation for pair in asked)[operation] >= 5


def test_references_are_numbered_behind_the_source(editor: Editor):
    made = [editor.pair(index, operation=operation) for operation in ("subject", "style", "compose") for index in range(20)]

    for pair in made:
        first = 1 if pair.source is None else 2
        assert pair.reference_numbers == tuple(range(first, first + len(pair.references)))
        assert pair.references or pair.operation == "restore"
    assert {pair.source is None for pair in made if pair.operation == "compose"} == {True, False}


def test_about_half_of_the_local_edits_bring_a_mask(pairs: list[EditPair]):
    local = [pair for pair in pairs if pair.operation in LOCAL]

    assert 0.35 < np.mean([pair.free is not None for pair in local]) < 0.65


def test_instructions_hold_no_held_out_word(pairs: list[EditPair]):
    texts = [layer.text for pair in pairs if pair.after for layer in pair.after.texts()]

    assert not [pair.instruction for pair in pairs if has_held_out_synonym(pair.instruction)]
    assert not [text for text in texts if any(map(is_held_out_word, text.split()))]


def test_the_shares_add_up_to_one():
    assert sum(SHARES.values()) == pytest.approx(1)
    assert set(SHARES) == set(OPERATIONS)

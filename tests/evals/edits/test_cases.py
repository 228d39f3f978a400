"""The edits that ship: enough of each operation, with their truth, read back as they were written."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from limner.data.editing.pair import OPERATIONS
from limner.data.scenes.scene import Box
from limner.errors import DamagedFile
from limner.evals.concepts import NAMED_CONCEPTS
from limner.evals.edits.cases import CASES_FILE, INTO, INTO_FILE, EditCase, digest_cases, read_cases, read_file, write_cases
from limner.evals.tasks import CATEGORIES
from limner.model.layout import Size

MAX_BYTES = 1_500_000
SIDE = 64


def make_case(set_name: str = "add", number: int = 3) -> EditCase:
    """A red square that is to be added to a blue ground, a mask around it."""
    source = np.full((SIDE, SIDE, 4), (60, 90, 200, 255), np.uint8)
    truth = source.copy()
    truth[20:44, 20:44] = (210, 40, 40, 255)
    free = np.zeros((SIDE, SIDE), np.bool_)
    free[16:48, 16:48] = True
    return EditCase(
        set=set_name,
        number=number,
        instruction="add a red square",
        truth=truth,
        changed=(truth != source).any(-1),
        source=source,
        free=free,
        references=(truth[20:44, 20:44].copy(),),
        concept="red square",
        subjects=(Box(0.3, 0.3, 0.4, 0.4),),
    )


def test_every_operation_has_as_many_cases_as_the_full_form_asks_for():
    counts = Counter(case.set for case in read_cases())

    assert set(counts) == {*OPERATIONS, "faces", INTO}
    assert all(counts[name] == CATEGORIES[f"edit-{name}"].size for name in counts)
    assert CASES_FILE.stat().st_size + INTO_FILE.stat().st_size <= MAX_BYTES


def test_what_was_asked_first_is_asked_as_it_was():
    assert digest_cases() == "sha256:a82ebe28c6608c6acf4e414a70d983205eb5fe2ad732726bc5e35a0caa775019"
    assert digest_cases(INTO_FILE) == "sha256:b50afb5f716df7894aca6d8347915c85c30b7c7fd557a0e428977eefcceb3110"
    assert [case.key for case in read_file(CASES_FILE)] == [case.key for case in read_cases()[:-12]]


def test_compositions_into_a_source_put_what_one_image_shows_into_another():
    for case in read_file(INTO_FILE):
        assert case.source is not None
        assert (len(case.images), len(case.subjects)) == (2, 1)
        assert "image 2" in case.instruction or "second image" in case.instruction
        assert 0.01 < case.changed.mean() < 0.2


def test_the_truth_is_the_source_wherever_nothing_changes():
    for case in read_cases():
        if case.source is not None:
            np.testing.assert_array_equal(case.truth[~case.changed], case.source[~case.changed])
            assert case.free is None or not (case.changed & ~case.free).any()


def test_what_the_judge_is_asked_for_is_something_that_it_knows():
    assert {case.concept for case in read_cases() if case.concept} <= set(NAMED_CONCEPTS)


def test_compositions_take_two_to_six_inputs():
    counts = Counter(len(case.images) for case in read_cases() if case.set == "compose")

    assert set(counts) == {2, 3, 4, 5, 6}


def test_cases_are_read_back_as_they_were_written(tmp_path: Path):
    case = make_case()

    write_cases([case], tmp_path / "cases.npz", {"seed": 1})
    (read,) = read_file(tmp_path / "cases.npz")

    assert (read.key, read.instruction, read.concept, read.subjects) == (case.key, case.instruction, case.concept, case.subjects)
    np.testing.assert_array_equal(read.changed, case.changed)
    np.testing.assert_array_equal(read.free, case.free)
    assert np.abs(read.truth.astype(int) - case.truth).mean() < 4
    np.testing.assert_array_equal(read.truth[~read.changed], read.source[~read.changed])


def test_at_another_size_the_truth_still_is_the_source_outside_the_mask():
    large = make_case().at(Size(256, 256))

    assert large.truth.shape == large.source.shape == (256, 256, 4)
    assert large.free.sum() == 16 * make_case().free.sum()
    np.testing.assert_array_equal(large.truth[~large.free], large.source[~large.free])


def test_a_picture_without_a_source_is_compared_with_its_bare_ground():
    case = make_case()
    anew = replace(case, source=None, bare=case.source)

    assert anew.images == anew.references
    np.testing.assert_array_equal(anew.before, case.source)


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_file_that_holds_no_cases_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "cases.npz").write_bytes(content)

    with pytest.raises(DamagedFile, match=r"cases\.npz cannot be read"):
        read_file(tmp_path / "cases.npz")

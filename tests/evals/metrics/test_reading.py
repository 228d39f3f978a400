"""Reading words: what counts as read, and both readers on real drawings of words."""

import numpy as np
import pytest

from limner.errors import MissingExtra
from limner.evals.metrics.reading import draw_word, open_readers, read_all, says


@pytest.mark.parametrize(
    ("texts", "is_right"),
    [
        (("", "Open"), True),
        (("OPEN!", ""), True),
        (("o p e n",), True),
        (("sorry, we are open today",), True),
        (("opened", "0pen"), False),
        (("", ""), False),
    ],
)
def test_a_word_is_read_if_either_reader_reads_exactly_it(texts: tuple[str, ...], is_right: bool):
    assert says(texts, "Open") == is_right


def test_a_real_drawing_of_a_word_fills_the_middle_and_is_the_same_again():
    first, second = draw_word("Hello", 256), draw_word("Hello", 256)

    rows, columns = np.nonzero((first != first[0, 0]).any(axis=-1))
    assert np.array_equal(first, second)
    assert 150 < np.ptp(columns) < 220
    assert 20 < np.ptp(rows) < 110


@pytest.mark.usefixtures("readers")
def test_both_readers_read_a_real_drawing_and_nothing_in_noise():
    readers = open_readers()
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)

    read, from_noise = read_all(draw_word("Harvest", 256), readers), read_all(noise, readers)

    assert len(read) == 2
    assert all(says((text,), "Harvest") for text in read)
    assert not says(from_noise, "Harvest")


def test_a_missing_reader_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MissingExtra, match=r"tesseract.*apt-get install tesseract-ocr"):
        open_readers()

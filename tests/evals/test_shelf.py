"""What a run keeps: pictures byte for byte, verdicts, and no harm from a kill."""

from pathlib import Path

import numpy as np
import pytest

from limner.errors import UnwritableOutput
from limner.evals.examine import Verdict
from limner.evals.shelf import JOURNAL, Shelf

RIGHT = Verdict(task="counting/00", right=True, seen="2 bell")


@pytest.mark.parametrize("channels", [3, 4])
def test_a_picture_comes_back_byte_for_byte(tmp_path: Path, channels: int):
    pixels = np.random.default_rng(0).integers(0, 256, (32, 48, channels), dtype=np.uint8)
    Shelf(tmp_path).keep_picture("abc", pixels, 0.5)

    shelf = Shelf(tmp_path)

    kept = shelf.picture("abc")
    assert kept is not None
    assert np.array_equal(kept, pixels)
    assert (shelf.has_picture("abc"), shelf.has_picture("def"), shelf.picture("def")) == (True, False, None)
    assert shelf.seconds == {"abc": 0.5}


def test_a_verdict_is_of_one_picture_one_task_and_one_examiner(tmp_path: Path):
    Shelf(tmp_path).keep_verdict("abc", RIGHT, "judge-1")

    shelf = Shelf(tmp_path)

    assert shelf.verdict("abc", "counting/00", "judge-1") == RIGHT
    assert shelf.verdict("abc", "counting/01", "judge-1") is None
    assert shelf.verdict("abc", "counting/00", "judge-2") is None
    assert shelf.verdict("def", "counting/00", "judge-1") is None


def test_a_line_that_a_kill_cut_off_is_forgotten_and_harms_no_other(tmp_path: Path):
    shelf = Shelf(tmp_path)
    shelf.keep_verdict("abc", RIGHT, "judge-1")
    with (tmp_path / JOURNAL).open("a") as journal:
        journal.write('{"of": "def", "task": "count')

    Shelf(tmp_path).keep_verdict("ghi", RIGHT, "judge-1")

    shelf = Shelf(tmp_path)
    assert [bool(shelf.verdict(key, "counting/00", "judge-1")) for key in ("abc", "def", "ghi")] == [True, False, True]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("here")

    with pytest.raises(UnwritableOutput, match=r"cannot use .*file.*; name another folder with --out"):
        Shelf(tmp_path / "file")


def test_a_thumbnail_is_small_and_keeps_its_alpha(tmp_path: Path):
    shelf = Shelf(tmp_path)
    pixels = np.zeros((256, 256, 4), np.uint8)
    pixels[64:192, 64:192] = (200, 30, 30, 255)
    shelf.keep_picture("abc", pixels, 0.1)

    content = shelf.thumbnail("abc", 112, 55)

    assert content[8:12] == b"WEBP"
    assert len(content) < 2000
    assert b"ALPH" in content or b"VP8L" in content

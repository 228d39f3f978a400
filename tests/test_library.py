"""`limner.generate`, as a program that imports the package sees it."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import limner
from limner.errors import InvalidField, InvalidPrompt, UnknownModel, UnwritableOutput
from limner.media.metadata import describe_file

SMALL = {"size": "256x256", "quality": "low"}


@pytest.fixture(autouse=True)
def _weights(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("LIMNER_THREADS", "1")


def test_importing_the_package_loads_nothing():
    code = "import limner, sys; print(sorted({'numpy', 'PIL', 'onnxruntime', 'torch'} & set(sys.modules)), limner.__all__)"

    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert answer.stdout == "[] ['PartialPicture', 'Picture', 'Pictures', 'compose', 'describe', 'edit', 'generate']\n"
    assert all(hasattr(limner, name) for name in limner.__all__)


def test_a_script_draws_at_its_top_level_without_a_guard(tmp_path: Path):
    script = tmp_path / "draw.py"
    script.write_text(
        "import limner\nlimner.generate('a red kite', size='256x256', quality='low', seed=1).save('kite.png')\nprint('once')\n"
    )

    answer = subprocess.run([sys.executable, script.name], check=False, cwd=tmp_path, capture_output=True, text=True, env={**os.environ})

    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "once\n", "")
    assert describe_file(tmp_path / "kite.png").width == 256


def test_pictures_are_a_sequence_with_following_seeds():
    pictures = limner.generate("a red kite", **SMALL, n=3, seed=2**53 - 2)

    assert [picture.seed for picture in pictures] == [2**53 - 2, 2**53 - 1, 0]
    assert len(pictures) == 3
    assert pictures[-1].image.size == (256, 256)
    assert pictures[0].snapshot == pictures[2].snapshot != ""
    assert isinstance(pictures[1:], limner.Pictures)


def test_n_pictures_equal_n_single_ones():
    together = limner.generate("a red kite", **SMALL, n=2, seed=4)
    apart = [limner.generate("a red kite", **SMALL, seed=seed)[0] for seed in (4, 5)]

    for one, other in zip(together, apart, strict=True):
        assert one.to_bytes() == other.to_bytes()


def test_a_chosen_seed_is_reported_and_draws_the_same_again():
    first = limner.generate("a red kite", **SMALL)[0]

    again = limner.generate("a red kite", **SMALL, seed=first.seed)[0]

    np.testing.assert_array_equal(again.pixels, first.pixels)


def test_threads_share_one_engine_and_change_no_bytes():
    alone = [limner.generate("a fox", **SMALL, seed=seed)[0].to_bytes() for seed in range(3)]
    found: dict[int, bytes] = {}

    def draw(seed: int) -> None:
        found[seed] = limner.generate("a fox", **SMALL, seed=seed)[0].to_bytes()

    threads = [threading.Thread(target=draw, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [found[seed] for seed in range(3)] == alone


def test_saving_writes_one_name_or_numbered_names(tmp_path: Path):
    one = limner.generate("a sticker of a fox", **SMALL)
    two = limner.generate("a fox", **SMALL, n=2)

    assert one.save(tmp_path / "fox.png") == [tmp_path / "fox.png"]
    assert two.save(str(tmp_path / "fox.jpg"), compression=80) == [tmp_path / "fox-1.jpg", tmp_path / "fox-2.jpg"]
    assert one[0].image.mode == "RGBA"
    assert two[0].image.mode == "RGB"
    assert describe_file(tmp_path / "fox-2.jpg").output_format == "jpeg"
    with pytest.raises(UnwritableOutput):
        two.save(tmp_path / "nowhere" / "fox.png")


def test_partial_pictures_arrive_in_order_at_the_size_of_the_picture():
    seen: list[limner.PartialPicture] = []

    limner.generate("a fox", size="320x256", quality="medium", partials=2, on_partial=seen.append)

    assert [partial.partial_index for partial in seen] == [0, 1]
    assert all(partial.image.size == (320, 256) for partial in seen)


def test_what_a_callback_raises_reaches_the_caller_and_the_engine_goes_on():
    def refuse(_: limner.PartialPicture) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        limner.generate("a fox", **SMALL, n=10, partials=1, on_partial=refuse)

    assert len(limner.generate("a fox", **SMALL)) == 1


def test_partials_without_a_callback_are_refused_not_ignored():
    with pytest.raises(InvalidField, match="go together"):
        limner.generate("a fox", partials=2)


def test_refusals_come_as_their_own_errors():
    with pytest.raises(InvalidPrompt):
        limner.generate("")
    with pytest.raises(UnknownModel, match="'nope'"):
        limner.generate("a fox", model="nope")


def test_a_picture_can_be_described_and_its_file_say_so(tmp_path: Path):
    (picture,) = limner.generate("a red kite", size="256x256", quality="low", seed=7, alt_text=True)

    picture.save(tmp_path / "kite.png")
    record = describe_file(tmp_path / "kite.png").record
    assert record is not None
    assert record.alt_text == picture.alt_text == limner.describe(tmp_path / "kite.png").alt_text
    assert limner.describe(picture) == picture.description

"""Training: the loss falls, a kill costs nothing but the last moments, and two processes train what one would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from limner.model.network import Network
from limner.train.pretrain import Place, Run
from limner.train.recipes import Lesson, tiny
from limner.train.seeing import FrozenEyes
from limner.train.text import FrozenText

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("train_small.py")


def command(folder: Path, pack: Path, weights: Path, *, steps: int, processes: int = 1, group_size: int = 0, shows: int = 1) -> list[str]:
    launcher = [sys.executable]
    if processes > 1:
        launcher += ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    return [*launcher, str(SCRIPT), str(folder), str(pack), str(weights), str(steps), str(group_size), str(shows)]


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def train(folder: Path, pack: Path, weights: Path, *, steps: int, processes: int = 1, group_size: int = 0, shows: int = 1) -> None:
    line = command(folder, pack, weights, steps=steps, processes=processes, group_size=group_size, shows=shows)
    subprocess.run(line, env=environment(), check=True, timeout=240)


def blind() -> FrozenEyes:
    return FrozenEyes(None, "", tiny().model.seen_width, torch.device("cpu"))


def metrics(folder: Path) -> list[dict[str, float]]:
    path = folder / "metrics.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def average(folder: Path) -> dict[str, torch.Tensor]:
    tensors = load_file(folder / json.loads((folder / "state.json").read_text())["file"])
    return {name: tensor for name, tensor in tensors.items() if name.startswith("average.")}


def furthest(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> float:
    return max((first[name] - second[name]).abs().max().item() for name in first)


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory, small_pack: Path, tiny_weights: Path) -> Path:
    folder = tmp_path_factory.mktemp("run")
    train(folder, small_pack, tiny_weights, steps=60)
    return folder


def test_the_loss_falls_and_the_schedule_ends_low(whole_run: Path):
    lines = metrics(whole_run)

    assert lines[-1]["step"] == 60
    assert lines[-1]["loss"] < lines[0]["loss"] / 2
    assert lines[-1]["lr_scale"] < 0.1
    assert list((whole_run / "sheets").glob("*.png"))


def test_a_killed_run_goes_on_and_ends_where_it_would_have(tmp_path: Path, small_pack: Path, tiny_weights: Path, whole_run: Path):
    process = subprocess.Popen(command(tmp_path, small_pack, tiny_weights, steps=60), env=environment())
    deadline = time.monotonic() + 120
    while not (tmp_path / "state.json").exists() or len(metrics(tmp_path)) < 3:
        assert time.monotonic() < deadline, "the run saved nothing"
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()

    killed_at = json.loads((tmp_path / "state.json").read_text())["step"]
    train(tmp_path, small_pack, tiny_weights, steps=60)

    assert 0 < killed_at < 60
    assert json.loads((tmp_path / "state.json").read_text())["step"] == 60
    assert furthest(average(tmp_path), average(whole_run)) < 1e-5


def test_two_processes_train_what_one_would(tmp_path: Path, small_pack: Path, tiny_weights: Path):
    train(tmp_path / "one", small_pack, tiny_weights, steps=2)
    train(tmp_path / "two", small_pack, tiny_weights, steps=2, processes=2)

    assert furthest(average(tmp_path / "one"), average(tmp_path / "two")) < 1e-5


def test_two_processes_with_groups_and_shows_train_what_one_would(tmp_path: Path, small_pack: Path, tiny_weights: Path):
    train(tmp_path / "one", small_pack, tiny_weights, steps=2, shows=2)
    train(tmp_path / "two", small_pack, tiny_weights, steps=2, shows=2, processes=2, group_size=4)

    assert furthest(average(tmp_path / "one"), average(tmp_path / "two")) < 1e-5


def test_groups_of_a_batch_train_what_the_whole_batch_would(tmp_path: Path, small_pack: Path, tiny_weights: Path):
    train(tmp_path / "whole", small_pack, tiny_weights, steps=2)
    train(tmp_path / "groups", small_pack, tiny_weights, steps=2, group_size=4)

    assert furthest(average(tmp_path / "whole"), average(tmp_path / "groups")) < 1e-5


def test_each_lesson_of_a_course_is_shown_in_its_share_of_the_run(tmp_path: Path, small_pack: Path, tiny_weights: Path):
    recipe = tiny()
    lessons = (Lesson(corpus=recipe.lessons[0].corpus, size_px=32), Lesson(begins=0.5, corpus=recipe.lessons[0].corpus, size_px=64))
    course = replace(recipe, lessons=lessons).open_course(small_pack, tmp_path / "sprites")
    config = replace(recipe.train, batch_size=2, max_steps=6, budget_s=1e9, num_workers=0, sheet_every_s=0, log_every=1)
    place = Place.find("cpu")
    sizes: list[int] = []

    run = Run(Network(recipe.model), FrozenText(tiny_weights, place.device), blind(), course, config, tmp_path, place)
    run.train(lambda _progress, _loss: None, lambda _network, _path, size_px: sizes.append(size_px))

    assert sizes == [32, 32, 32, 64, 64, 64]


def test_a_run_in_slices_is_the_whole_run(tmp_path: Path, small_pack: Path, tiny_weights: Path):
    recipe = tiny()
    course = recipe.open_course(small_pack, tmp_path / "sprites")
    text = FrozenText(tiny_weights, torch.device("cpu"))
    config = replace(recipe.train, batch_size=4, max_steps=4, budget_s=1e9, num_workers=0, sheet_every_s=1e9, shows=2)

    def call(folder: Path, slice_s: float) -> int:
        torch.manual_seed(0)
        run = Run(Network(recipe.model), text, blind(), course, replace(config, slice_s=slice_s), folder, Place.find("cpu"))
        run.train(lambda _progress, _loss: None, lambda _network, _path, _size_px: None)
        return run.progress.step

    call(tmp_path / "whole", 1e9)

    assert [call(tmp_path / "sliced", 0) for _ in range(4)] == [1, 2, 3, 4]
    assert furthest(average(tmp_path / "sliced"), average(tmp_path / "whole")) < 1e-6


@pytest.mark.parametrize("begins", [(0.1,), (0.0, 0.5, 0.5), (0.0, 1.0)])
def test_lessons_that_leave_a_gap_or_no_time_are_refused(begins: tuple[float, ...]):
    lessons = tuple(Lesson(begins=share, corpus=tiny().lessons[0].corpus, size_px=64) for share in begins)

    with pytest.raises(ValueError, match="recipe 'tiny'"):
        replace(tiny(), lessons=lessons)

"""Learning few steps: who teaches which of them, and that a student goes as far in one step as others in many."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from limner.data.corpus import Example
from limner.engine.drawing.noise import image_noise
from limner.engine.drawing.runtime import Runtime, Shown
from limner.engine.weights import Catalogue, Sampling
from limner.model import flow
from limner.model.layout import Grid, grid_positions
from limner.model.network import Network
from limner.train.batches import iterate_batches
from limner.train.distilling import NUM_STEPS, Distillation, Remembering, Teacher, Teachers, clamp
from limner.train.objective import Batch, Read, Scene, draw_noise, to_channels
from limner.train.pretrain import Place, Run
from limner.train.recipes import tiny
from limner.train.release import load_start, load_teachers, release_run
from limner.train.seeing import FrozenEyes
from limner.train.text import FrozenText

CPU = torch.device("cpu")
POSITIONS = torch.from_numpy(grid_positions(Grid(2, 2)))
PICTURE = np.full((32, 32, 4), 255, np.uint8)
SHORT, LONG = (0.0, (1 / NUM_STEPS[0]) ** 2), (0.0, 0.25)


class Both:
    """Words alone and edits, in turn; the words of every other pair stand in quotes."""

    size_px, recipe, digest = 32, None, "sha256:0"

    def example(self, index: int) -> Example:
        """One of them."""
        caption = 'a sign that says "GO"' if index % 4 > 1 else "a red car"
        return Example(PICTURE, caption, "opaque", **({"source": PICTURE // 2} if index % 2 else {}))


@pytest.fixture(scope="module")
def text(tiny_weights: Path) -> FrozenText:
    return FrozenText(tiny_weights, CPU)


@pytest.fixture(scope="module")
def teachers(tiny_network: Callable[..., Network]) -> Teachers:
    return Teachers(Teacher(tiny_network(1), 3.0), Teacher(tiny_network(2), 2.0))


@pytest.fixture(scope="module")
def student(tiny_network: Callable[..., Network], teachers: Teachers, text: FrozenText, tiny_weights: Path) -> Distillation:
    eyes = FrozenEyes.open(tiny_weights, "tiny-eyes", 9, CPU)

    def look(batch: Batch) -> Read:
        words = text.read(batch.token_ids, batch.token_mask)
        return Read(words, *eyes.look(batch, words))

    return Distillation(tiny_network(3), tiny_network(4), teachers, look, text.tokenizer_content)


def shown(student: Distillation, text: FrozenText, way: tuple[float, float]) -> tuple[Any, ...]:
    """Four examples, read, and steps of them along one way."""
    batch = next(iterate_batches(Both(), text.tokenizer_content, batch_size=4, start=0, num_workers=0, caption_dropout=0.0))
    _, noise = draw_noise(student.draw_ways, 4, 32, seed=0, step=0, device=CPU)
    return batch, student._look(batch), noise, torch.tensor([way] * 4), POSITIONS


def test_steps_are_those_of_solutions_of_sixteen_to_one_and_begin_anywhere(student: Distillation):
    begins, ends = np.sqrt(student.draw_ways(np.random.default_rng(0), 2000)).T

    counts = 1 / (ends - begins)
    assert np.allclose(counts, counts.round(), rtol=1e-3)
    assert set(counts.round().astype(int)) == set(NUM_STEPS)
    assert begins.min() == 0
    assert ends.max() <= 1
    of_four = begins[counts.round() == 4]
    assert 0.5 < np.isin(of_four, [0, 0.25, 0.5, 0.75]).mean() < 0.9


@torch.no_grad()
def test_what_is_remembered_is_drawn_as_before_and_edits_are_learnt_from_the_truth(
    student: Distillation, tiny_network: Callable[..., Network], text: FrozenText
):
    batch, read, noise, ways, _ = shown(student, text, (0.04, 0.04))
    before = tiny_network(5)

    wanted = Remembering(tiny_network(3), before).wanted(batch, read, noise, ways, POSITIONS)

    guessed, _ = Scene.of(before, batch, read, POSITIONS).guess(before, noise, ways)
    assert torch.allclose(wanted[::2], guessed[::2], atol=1e-4)
    assert torch.equal(wanted[1::2], to_channels(batch.pixels)[1::2])


def test_a_run_begins_with_the_mean_of_several_snapshots(tiny_weights: Path):
    networks = [Network(tiny().model) for _ in range(3)]

    for network, names in zip(networks, ("tiny-0", "tiny-1", "tiny-0+tiny-1"), strict=True):
        load_start(network, names, tiny_weights)

    first, second, both = (network.state_dict() for network in networks)
    assert all(torch.allclose(both[key], (first[key] + second[key]) / 2, atol=1e-6) for key in both)
    assert not torch.allclose(first["text_in.weight"], second["text_in.weight"])


@torch.no_grad()
def test_a_short_step_leads_where_its_teacher_leads_with_guidance(student: Distillation, teachers: Teachers, text: FrozenText):
    batch, read, noise, ways, _ = shown(student, text, SHORT)

    wanted = student.wanted(batch, read, noise, ways, POSITIONS)

    still = torch.zeros(4, 2)
    empty = student._without_prompt(batch)
    for row, teacher in enumerate((teachers.drawing, teachers.editing) * 2):
        guesses = [
            Scene.of(teacher.network, said, student._look(said), POSITIONS).guess(teacher.network, noise, still)[0]
            for said in (batch, empty)
        ]
        assert torch.allclose(wanted[row], clamp(flow.guide(*guesses, teacher.guidance_scale))[row], atol=1e-4)


@torch.no_grad()
def test_a_short_step_of_an_edit_leads_to_the_truth_where_nobody_teaches_it(student: Distillation, teachers: Teachers, text: FrozenText):
    batch, read, noise, ways, _ = shown(student, text, SHORT)
    alone = Distillation(student.network, student._frozen[0], replace(teachers, editing=None), student._look, text.tokenizer_content)

    wanted, taught = (learner.wanted(batch, read, noise, ways, POSITIONS) for learner in (alone, student))

    assert torch.equal(wanted[1::2], to_channels(batch.pixels)[1::2])
    assert torch.equal(wanted[::2], taught[::2])


@torch.no_grad()
def test_guidance_ends_where_it_ends_when_the_teacher_draws(student: Distillation, teachers: Teachers, text: FrozenText):
    batch, read, noise, ways, _ = shown(student, text, (0.81, 0.85))

    wanted = student.wanted(batch, read, noise, ways, POSITIONS)

    teacher = teachers.drawing.network
    plain = Scene.of(teacher, batch, read, POSITIONS).guess(teacher, noise, torch.full((4, 2), 0.81))[0]
    assert torch.allclose(wanted[0], clamp(plain)[0], atol=1e-4)


@torch.no_grad()
def test_a_long_step_leads_as_far_as_two_of_the_average(student: Distillation, text: FrozenText):
    batch, read, noise, ways, _ = shown(student, text, LONG)
    average, _ = student._frozen

    wanted = student.wanted(batch, read, noise, ways, POSITIONS)

    scene, at = Scene.of(average, batch, read, POSITIONS), noise
    for time, until in ((0.0, 0.0625), (0.0625, 0.25)):
        at = flow.step(clamp(scene.guess(average, at, torch.tensor([[time, until]] * 4))[0]), at, time, until)
    straight = noise + (at - noise) / LONG[1]
    assert torch.allclose(flow.step(straight, noise, *LONG), at, atol=1e-5)
    assert torch.allclose(wanted, clamp(straight), atol=1e-4)


def test_clamping_is_that_of_the_engine():
    channels = torch.randn(2, 4, 8, 8) * 2

    assert np.allclose(clamp(channels), flow.clamp_pixels(channels.numpy()))


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_a_student_learns_and_is_released_with_few_steps_and_no_guidance(
    tmp_path: Path, small_pack: Path, tiny_weights: Path, text: FrozenText
):
    weights = tmp_path / "weights"
    shutil.copytree(tiny_weights, weights)
    recipe = tiny()
    course = recipe.open_course(small_pack, tmp_path / "sprites")
    schedule = replace(recipe.train, max_steps=60, budget_s=1e9, num_workers=0, sheet_every_s=1e9, save_every_s=1e9, log_every=15)
    config = replace(schedule, batch_size=8, caption_dropout=0.0, eyes="tiny-eyes", taught_by=("tiny-0", "tiny-1"))
    eyes, place = FrozenEyes.open(tiny_weights, "tiny-eyes", 9, CPU), Place.find("cpu")
    losses: list[float] = []

    teachers = load_teachers(config, recipe.model, weights, CPU)
    torch.manual_seed(0)
    run = Run(Network(recipe.model), text, eyes, course, config, tmp_path / "run", place, teachers)
    run.train(lambda _progress, loss: losses.append(loss), lambda *_sheet: None)
    release_run(tmp_path / "run", "few-1", weights, released="2026-11-22", aliases=[])

    assert losses[-1] < 0.7 * losses[0]
    part = Catalogue.open(weights).snapshot("few-1")
    assert {part.sampling(quality) for quality in ("low", "medium", "high")} == {
        Sampling(steps, 64, 1.0, alpha_margin=0.25) for steps in (2, 4, 8)
    }
    assert part.manifest["training"]["taught_by"] == ["tiny-0", "tiny-1"]
    assert "denoise-int8.onnx" in part.graphs()
    runtime = Runtime(Catalogue.open(weights), "few-1", threads=1)
    shown, prefix = Shown(background=1, positions=POSITIONS.numpy()), runtime.encode("a red car").prompted
    near, far = (runtime.guess(image_noise(1, 32, 32), 0.0, span, shown, prefix)[0] for span in (0.01, 0.9))
    assert not np.allclose(near, far, atol=1e-3)

"""The judge's training: its views, what is kept from it, a head that learns, and limits that follow the costs."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from limner.data.colours import clear_colour
from limner.data.heldout import is_kept_from_judge
from limner.data.scenes.scene import Box
from limner.engine.weights import weights_folder
from limner.evals.concepts import COLOURABLE_CONCEPTS, JUDGED_COLOURS, NAMED_CONCEPTS, SCENE_CONCEPTS, scene_concept_of, unknown_names
from limner.evals.judge import GRAPH, JUDGE, Found
from limner.evals.judging.head import NOTHING, Head, list_classes
from limner.evals.trials import CATEGORIES, Trials
from limner.evals.verdict import fulfils
from limner.train.judging import judge as training
from limner.train.judging.examples import Examples
from limner.train.judging.trunk_graph import trunk_graph
from limner.train.judging.views import broken_view, drawn_view

PX = 160


def sprite(colour: str, *, sides: int = 5) -> np.ndarray:
    image = Image.new("RGBA", (PX, PX))
    ImageDraw.Draw(image).regular_polygon((PX / 2, PX / 2, PX / 2 - 2), sides, fill=colour)
    return np.array(image)


def trials() -> Trials:
    colours = ("#de2830", "#2468e2", "#34a048", "#fa8e1e")
    return Trials({name: [sprite(colours[place % 4], sides=3 + place % 5)] for place, name in enumerate(COLOURABLE_CONCEPTS)})


def test_the_lists_of_concepts_fit_together():
    assert (len(SCENE_CONCEPTS), len(set(NAMED_CONCEPTS))) == (80, 500)
    assert unknown_names(COLOURABLE_CONCEPTS) == []
    assert scene_concept_of("dog face") == "dog"
    assert list_classes()[-1] == NOTHING
    assert len(set(list_classes())) == len(list_classes())


def test_a_fifth_of_the_drawings_and_every_held_out_set_are_kept_from_the_judge():
    kept = sum(is_kept_from_judge(f"noto/drawing-{number}") for number in range(2000))

    assert 350 < kept < 450
    assert all(is_kept_from_judge(f"openmoji/drawing-{number}") for number in range(50))


def test_views_are_a_function_of_their_generator_and_no_two_are_alike():
    first, again = (drawn_view(sprite("#de2830"), np.random.default_rng(3), may_paint=True) for _ in range(2))
    other = drawn_view(sprite("#de2830"), np.random.default_rng(4), may_paint=True)

    assert first.shape == (192, 192, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("seed", range(12))
def test_broken_views_can_be_made_of_any_two_drawings(seed: int):
    view = broken_view([sprite("#de2830"), sprite("#2468e2", sides=3)], np.random.default_rng(seed))

    assert view.shape == (192, 192, 3)
    assert view.std() > 1


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_trial_is_true_to_its_order_and_false_to_its_near_misses(category: str):
    trial = trials().draw(category, np.random.default_rng(5))
    box = next(iter(trial.order.things))

    assert trial.pixels.shape == (256, 256, 4)
    assert trial.near_misses
    assert trial.order not in trial.near_misses
    assert box.colour in ("", *JUDGED_COLOURS)


def test_painted_trials_show_the_colour_that_they_ask_for():
    concept, pixels, colour = trials().painted(np.random.default_rng(1), "")

    assert clear_colour(pixels) == colour
    assert concept in COLOURABLE_CONCEPTS


def test_a_head_learns_to_tell_vectors_apart(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(training, "EPOCHS", 40)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 192)
    deep = rng.random((192, 1280)).astype(np.float32)
    deep[np.arange(192), labels] += 3

    head = Head(training.fit_head(Examples(deep, np.zeros((192, 80), np.float32), labels)), list_classes())
    shares = head.read(deep, np.zeros((192, 80), np.float32))

    assert (shares.argmax(axis=1) == labels).mean() > 0.95
    assert shares.sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_the_graph_that_ships_is_the_one_that_is_written():
    assert (weights_folder() / JUDGE / GRAPH).read_bytes() == trunk_graph()


def test_verdicts_on_perfect_findings_are_right():
    trial = trials().draw("counting", np.random.default_rng(8))
    wanted = trial.order.things[0]
    from_truth = [found(wanted.concept, place) for place in range(wanted.count)]

    assert fulfils(from_truth, trial.order)
    assert not any(fulfils(from_truth, order) for order in trial.near_misses)


def found(concept: str, place: int) -> Found:
    return Found(concept=concept, box=Box(0.2 * place, 0.1, 0.1, 0.1), colour="", score=1.0)

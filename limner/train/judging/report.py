"""How right the judge is: on scenes of drawings that it never learnt from, on what they are not, on noise, and in naming."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from limner.data.corpus import example_rng
from limner.data.packing.pack import Asset
from limner.data.scenes.sprites import asset_key
from limner.evals.concepts import NAMED_CONCEPTS, scene_concept_of
from limner.evals.judge import Found, Judge
from limner.evals.judging.views import Pixels
from limner.evals.trials import CATEGORIES, Trial, Trials
from limner.evals.verdict import Order, fulfils
from limner.train.judging.examples import Drawings

TRIALS = 80  # of each category
TUNING_TRIALS = 40
TUNING_SEED, MEASURING_SEED = 11, 12
THRESHOLDS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5)
COST_OF_FALSE_YES = 2.0
CHOICES, ALIKE = 20, 9
NOISE_PICTURES = 60
SIBLINGS = ({"fluent-emoji-flat", "fluent-emoji", "fluent-3d"}, {"noto", "noto-v1"})  # one drawing in several finishes


@dataclass(frozen=True, kw_only=True)
class Row:
    """One category: shares of verdicts that are wrong.

    `false_no` of true scenes; `false_yes` of orders that belong to other pictures; `near_yes` of orders that the picture misses by a
    number, a colour, a side or one of two things.
    """

    category: str
    trials: int
    false_no: float
    false_yes: float
    near_yes: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """The measured judge. `named` are shares of right choices among 20 and how many drawings they rest on, by group of drawings.

    `noise_found` is the share of noise pictures in which anything was found.
    """

    rows: tuple[Row, ...]
    named: Mapping[str, tuple[float, int]]
    noise_found: float

    @property
    def agreement(self) -> float:
        """Share of true scenes that are judged true, each category counting alike."""
        return 1 - float(np.mean([row.false_no for row in self.rows]))


def choose_threshold(judge: Judge, drawings: Drawings) -> float:
    """Return the score from which a thing counts as found: where false verdicts on a quarter of the kept drawings cost least.

    `judge` must find everything down to the lowest of THRESHOLDS.
    """
    trials = [trial for category in CATEGORIES for trial in _draw(drawings, category, TUNING_TRIALS, TUNING_SEED)]
    found = [judge.find(trial.pixels) for trial in trials]
    costs = []
    for threshold in THRESHOLDS:
        sure = [[thing for thing in things if thing.score >= threshold] for things in found]
        rows = [_row(category, trials, sure) for category in CATEGORIES]
        costs.append(sum(row.false_no + COST_OF_FALSE_YES * row.false_yes + 0.5 * row.near_yes for row in rows))
    return THRESHOLDS[int(np.argmin(costs))]


def measure(judge: Judge, drawings: Drawings) -> Report:
    """Judge scenes of the other three quarters of the kept drawings, noise, and every kept drawing by name."""
    trials = [trial for category in CATEGORIES for trial in _draw(drawings, category, TRIALS, MEASURING_SEED)]
    found = [judge.find(trial.pixels) for trial in trials]
    noise = [bool(judge.find(picture)) for picture in noise_pictures()]
    return Report(
        rows=tuple(_row(category, trials, found) for category in CATEGORIES),
        named=_name_all(judge, drawings),
        noise_found=float(np.mean(noise)),
    )


def noise_pictures() -> Iterator[Pixels]:
    """Yield what a generator that has learnt nothing may draw: noise of several grains, with and without transparency."""
    for number in range(NOISE_PICTURES):
        rng = example_rng(MEASURING_SEED + 1, number)
        cells = (4, 8, 16, 32, 64, 256)[number % 6]
        coarse = rng.integers(0, 256, (cells, cells, 4), np.uint8)
        picture = np.repeat(np.repeat(coarse, 256 // cells, axis=0), 256 // cells, axis=1)
        if number % 2:
            picture[..., 3] = 255
        yield picture


def is_for_tuning(asset: Asset, place: int) -> bool:
    """Say whether a kept drawing helps to choose the threshold; every fourth does, `place` is its place in the list."""
    return place % 4 == 0 and bool(scene_concept_of(asset.concept))


def _draw(drawings: Drawings, category: str, count: int, seed: int) -> list[Trial]:
    trials = Trials(_by_concept(drawings, is_tuning=seed == TUNING_SEED))
    return [trials.draw(category, example_rng(seed, CATEGORIES.index(category) * 10_000 + number)) for number in range(count)]


def _by_concept(drawings: Drawings, *, is_tuning: bool) -> dict[str, list[Pixels]]:
    found: dict[str, list[Pixels]] = {}
    for place, asset in enumerate(drawings.kept):
        if asset.code and scene_concept_of(asset.concept) and is_for_tuning(asset, place) == is_tuning:
            found.setdefault(scene_concept_of(asset.concept), []).append(drawings.sprites[asset_key(asset)].pixels)
    return found


def _row(category: str, trials: Sequence[Trial], found: Sequence[Sequence[Found]]) -> Row:
    own = [(trial, things) for trial, things in zip(trials, found, strict=True) if trial.category == category]
    orders = [trial.order for trial, _ in own]
    right = [fulfils(things, trial.order) for trial, things in own]
    strange = [fulfils(things, order) for place, (trial, things) in enumerate(own) for order in _of_others(orders, place, trial)]
    near = [fulfils(things, order) for trial, things in own for order in trial.near_misses]
    return Row(
        category=category,
        trials=len(own),
        false_no=1 - float(np.mean(right)),
        false_yes=float(np.mean(strange)),
        near_yes=float(np.mean(near)),
    )


def _of_others(orders: Sequence[Order], place: int, trial: Trial) -> list[Order]:
    """Return the orders of the next five pictures that do not ask for what this picture shows."""
    shown = {thing.concept for thing in trial.order.things}
    others = [orders[(place + step) % len(orders)] for step in range(1, 6)]
    return [order for order in others if not {thing.concept for thing in order.things} <= shown]


def _name_all(judge: Judge, drawings: Drawings) -> dict[str, tuple[float, int]]:
    """Choose the name of every kept drawing of a named concept among 20, nine of them of its own category."""
    categories = {asset.concept: asset.category for asset in drawings.named if asset.code}
    learnt = {(asset.set, asset.concept) for asset in drawings.named}
    groups: dict[str, list[bool]] = {}
    for number, asset in enumerate(asset for asset in drawings.kept if asset.concept in NAMED_CONCEPTS):
        candidates = _candidates(asset.concept, categories, example_rng(MEASURING_SEED + 2, number))
        is_right = judge.choose(drawings.sprites[asset_key(asset)].pixels, candidates) == asset.concept
        siblings = next((sets for sets in SIBLINGS if asset.set in sets), {asset.set})
        kind = "with a sibling learnt" if any((name, asset.concept) in learnt for name in siblings) else "without"
        for group in ("all", kind):
            groups.setdefault(group, []).append(is_right)
    return {group: (round(float(np.mean(right)), 4), len(right)) for group, right in groups.items()}


def _candidates(concept: str, categories: Mapping[str, str], rng: np.random.Generator) -> list[str]:
    shuffled = [NAMED_CONCEPTS[int(place)] for place in rng.permutation(len(NAMED_CONCEPTS))]
    others = [name for name in shuffled if name != concept]
    alike = [name for name in others if categories.get(name) == categories.get(concept)][:ALIKE]
    rest = [name for name in others if name not in alike]
    return [concept, *alike, *rest[: CHOICES - 1 - len(alike)]]

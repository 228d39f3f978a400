"""How right the judge is: on scenes of drawings that it never learnt from, on what they are not, on noise, and in naming."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from limner.data.corpus import example_rng
from limner.data.packing.pack import Asset
from limner.data.scenes.sprites import asset_key
from limner.evals.concepts import NAMED_CONCEPTS, scene_concept_of
from limner.evals.judge import Found, Judge, Limits
from limner.evals.judging.views import Pixels
from limner.evals.trials import CATEGORIES, Trial, Trials
from limner.evals.verdict import Order, fulfils
from limner.train.judging.examples import Drawings

TRIALS = 80  # of each category
TUNING_TRIALS = 40
TUNING_SEED, MEASURING_SEED = 11, 12
NAME_LIMITS = (0.001, 0.002, 0.003, 0.005, 0.008, 0.012, 0.02, 0.03, 0.05, 0.08, 0.12)
TRUST_LIMITS = (0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4)
COST_OF_FALSE_YES = 2.0
COST_OF_NOISE = 20.0  # a generator that draws nothing must score next to nothing in each of the six categories
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

    `noise_yes` is the share of right verdicts when each order of the trials is held against each of some pictures of noise.
    """

    rows: tuple[Row, ...]
    named: Mapping[str, tuple[float, int]]
    noise_yes: float

    @property
    def agreement(self) -> float:
        """Share of true scenes that are judged true, each category counting alike."""
        return 1 - float(np.mean([row.false_no for row in self.rows]))


def choose_limits(judge: Judge, drawings: Drawings) -> Limits:
    """Return the limits at which false verdicts cost least: on scenes of a quarter of the kept drawings, and on noise."""
    trials = [trial for category in CATEGORIES for trial in _draw(drawings, category, TUNING_TRIALS, TUNING_SEED)]
    looks = [judge.look(trial.pixels) for trial in trials]
    noise = [judge.look(picture) for picture in noise_pictures(TUNING_SEED)]

    def cost(limits: Limits) -> float:
        found = [judge.conclude(look, limits) for look in looks]
        rows = [_row(category, trials, found) for category in CATEGORIES]
        wrong = sum(row.false_no + COST_OF_FALSE_YES * row.false_yes + 0.5 * row.near_yes for row in rows)
        return wrong + COST_OF_NOISE * _passed([judge.conclude(look, limits) for look in noise], trials)

    return min((Limits(name=name, trust=trust) for name in NAME_LIMITS for trust in TRUST_LIMITS), key=cost)


def measure(judge: Judge, drawings: Drawings) -> Report:
    """Judge scenes of the other three quarters of the kept drawings, noise, and every kept drawing by name."""
    trials = [trial for category in CATEGORIES for trial in _draw(drawings, category, TRIALS, MEASURING_SEED)]
    found = [judge.find(trial.pixels) for trial in trials]
    return Report(
        rows=tuple(_row(category, trials, found) for category in CATEGORIES),
        named=_name_all(judge, drawings),
        noise_yes=_passed([judge.find(picture) for picture in noise_pictures(MEASURING_SEED)], trials),
    )


def noise_pictures(seed: int) -> Iterator[Pixels]:
    """Yield what a generator that has learnt nothing may draw: noise of several grains, with and without transparency."""
    for number in range(NOISE_PICTURES):
        rng = example_rng(seed + 1000, number)
        cells = (4, 8, 16, 32, 64, 256)[number % 6]
        coarse = rng.integers(0, 256, (cells, cells, 4), np.uint8)
        picture = np.repeat(np.repeat(coarse, 256 // cells, axis=0), 256 // cells, axis=1)
        if number % 2:
            picture[..., 3] = 255
        yield picture


def is_for_tuning(asset: Asset, place: int) -> bool:
    """Say whether a kept drawing helps to choose the limits; every fourth does, `place` is its place in the list."""
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


def _passed(found: Sequence[Sequence[Found]], trials: Sequence[Trial]) -> float:
    """Return how often what was found fulfils the orders of trials that show something else."""
    return float(np.mean([fulfils(things, trial.order) for things in found for trial in trials]))


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

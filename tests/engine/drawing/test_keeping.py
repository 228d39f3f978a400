"""What a guess keeps of its source comes back as it was; what it changes does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limner.engine.drawing.keeping import Keeping
from limner.engine.drawing.paste import Overlay
from limner.engine.drawing.plan import Plan
from limner.engine.drawing.sampler import Ground, Guess
from limner.media.boxes import Box
from limner.model import flow
from limner.model.layout import Grid, Size
from limner.model.pictures import source_channels

GRID = Grid(4, 4)
SOURCE = np.random.default_rng(1).integers(0, 256, (256, 256, 4), np.uint8)
SOURCE[..., 3] = 255
INSIDE = np.zeros((64, 64), np.bool_)
INSIDE[20:40, 24:48] = True


def plan_of(fidelity: str = "low", mask: np.ndarray | None = None) -> Plan:
    free = np.ones((256, 256), np.bool_) if mask is None else mask
    whole = Box(0, 0, 256, 256)
    overlay = Overlay(source=SOURCE, mask=free, shown=np.ones_like(free), change=whole, view=whole, grid=GRID, background="opaque")
    under = source_channels(flow.to_channels(SOURCE[::4, ::4]), np.ones((64, 64), np.bool_), np.zeros((64, 64), np.bool_))
    keeping = Keeping(source=under, fidelity=fidelity)
    return Plan(size=Size(256, 256), background="opaque", ground=Ground(grid=GRID), overlay=overlay, keeping=keeping)


def guess_of(changed: np.ndarray, keep: float) -> Guess:
    clean = flow.to_channels(SOURCE[::4, ::4])
    clean[0, changed] = -clean[0, changed] + 0.5
    return Guess(clean, np.where(changed, np.float32(keep), np.float32(1)))


def test_only_what_changes_is_drawn_and_the_rest_is_the_source_to_the_byte():
    picture = plan_of().develop(guess_of(INSIDE, keep=0.1), None)

    far = np.ones((256, 256), np.bool_)
    far[64:176, 80:208] = False
    np.testing.assert_array_equal(picture[far], SOURCE[far])
    assert not np.array_equal(picture[80:160, 96:192], SOURCE[80:160, 96:192])


def test_a_guess_that_changes_nothing_gives_back_the_source():
    picture = plan_of().develop(guess_of(np.zeros_like(INSIDE), keep=0.0), None)

    np.testing.assert_array_equal(picture, SOURCE)


def test_a_guess_that_changes_nearly_everything_is_drawn_whole():
    everywhere = np.ones_like(INSIDE)
    everywhere[:4, :4] = False

    picture = plan_of().develop(guess_of(everywhere, keep=0.0), None)

    assert not np.array_equal(picture[:8, :8], SOURCE[:8, :8])


def test_specks_are_no_change():
    speck = np.zeros_like(INSIDE)
    speck[30:32, 30:32] = True

    picture = plan_of().develop(guess_of(speck, keep=0.0), None)

    np.testing.assert_array_equal(picture, SOURCE)


@pytest.mark.parametrize(("fidelity", "is_changed"), [("low", True), ("high", False)])
def test_high_fidelity_keeps_what_the_guess_half_keeps(fidelity: str, *, is_changed: bool):
    picture = plan_of(fidelity).develop(guess_of(INSIDE, keep=0.5), None)

    assert np.array_equal(picture, SOURCE) != is_changed


def doubtful_guess() -> Guess:
    """A guess that changes the inside for sure, and half keeps another part that it draws a little otherwise."""
    beside = np.zeros_like(INSIDE)
    beside[46:60, 4:20] = True
    guess = guess_of(INSIDE | beside, keep=0.05)
    assert guess.keep is not None
    guess.keep[beside] = 0.45
    return guess


def test_what_a_guess_half_keeps_stays_where_it_changes_something_else_for_sure():
    picture = plan_of().develop(doubtful_guess(), None)

    np.testing.assert_array_equal(picture[176:250, 8:90], SOURCE[176:250, 8:90])
    assert not np.array_equal(picture[80:160, 96:192], SOURCE[80:160, 96:192])


def test_in_a_mask_and_where_something_is_looked_for_what_is_half_kept_counts():
    mask = np.ones((256, 256), np.bool_)
    mask[:4, :4] = False
    masked, plan = plan_of(mask=mask), plan_of()
    assert masked.keeping is not None
    assert plan.keeping is not None
    assert plan.overlay is not None
    under = masked.keeping.source.copy()
    under[5, 0, 0] = 1

    picture = replace(masked, keeping=replace(masked.keeping, source=under)).develop(doubtful_guess(), None)
    found = plan.keeping.narrow(plan.overlay, doubtful_guess(), with_doubts=True)

    assert not np.array_equal(picture[190:236, 20:76], SOURCE[190:236, 20:76])
    assert found is not None
    assert found.mask[190:236, 20:76].all()


def test_what_is_kept_inside_a_mask_is_the_sources_too():
    mask = np.zeros((256, 256), np.bool_)
    mask[:, 100:] = True

    picture = plan_of(mask=mask).develop(guess_of(INSIDE, keep=0.1), None)

    np.testing.assert_array_equal(picture[:, :100], SOURCE[:, :100])
    np.testing.assert_array_equal(picture[200:, 100:], SOURCE[200:, 100:])
    assert not np.array_equal(picture[80:160, 110:180], SOURCE[80:160, 110:180])


def test_what_an_opaque_edit_may_change_is_opaque_even_where_the_guess_keeps_it():
    translucent = SOURCE.copy()
    translucent[:100, :100, 3] = 254
    plan = plan_of()
    assert plan.overlay is not None
    overlay = replace(plan.overlay, source=translucent)

    picture = replace(plan, overlay=overlay).develop(guess_of(INSIDE, keep=0.1), None)

    assert (picture[..., 3] == 255).all()
    np.testing.assert_array_equal(picture[200:], SOURCE[200:])


@pytest.mark.parametrize("height", [1, 4, 8])
def test_a_mask_too_thin_for_a_majority_is_drawn(height: int):
    plan = plan_of()
    free = np.zeros((64, 64), np.bool_)
    free[30 : 30 + max(1, height // 4), 5:60] = True
    mask = np.zeros((256, 256), np.bool_)
    mask[120 : 120 + height, 20:240] = True
    assert plan.overlay is not None
    assert plan.keeping is not None
    under = plan.keeping.source.copy()
    under[5] = ~free
    narrow = replace(plan, overlay=replace(plan.overlay, mask=mask), keeping=replace(plan.keeping, source=under))

    picture = narrow.develop(guess_of(free, keep=0.0), None)

    assert not np.array_equal(picture[mask], SOURCE[mask])
    np.testing.assert_array_equal(picture[~mask], SOURCE[~mask])

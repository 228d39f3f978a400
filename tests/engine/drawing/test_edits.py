"""Edits with the tiny network: what is kept is kept to the byte, and no input is without effect."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limner.engine.drawing.edits import plan_picture
from limner.engine.drawing.laid import spread
from limner.engine.drawing.sampler import Guess
from limner.engine.drawing.source import lay_out
from limner.engine.weights import Abilities
from limner.engine.wire import Order
from limner.errors import InvalidMask
from limner.media.masks import bounding_box
from limner.model.layout import Size
from limner.model.pictures import FIRST_REFERENCE_SEGMENT

Draw = Callable[[Order], list[np.ndarray]]
OrderFor = Callable[..., Order]
PictureOf = Callable[..., np.ndarray]
READS_NONE = Abilities(reads_pictures=False)
SIDES = st.integers(1, 150)
few = settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


def random_mask(height: int, width: int, seed: int, kind: str) -> np.ndarray:
    random = np.random.default_rng(seed)
    if kind == "dust":
        mask = random.random((height, width)) < 0.1
    elif kind == "all":
        mask = np.ones((height, width), np.bool_)
    else:
        mask = np.zeros((height, width), np.bool_)
        top, left = random.integers(0, height), random.integers(0, width)
        mask[top : top + random.integers(1, height + 1), left : left + random.integers(1, width + 1)] = True
    mask[random.integers(0, height), random.integers(0, width)] = True
    return mask


@few
@given(
    height=SIDES,
    width=SIDES,
    seed=st.integers(0, 1000),
    kind=st.sampled_from(["box", "dust", "all"]),
    fidelity=st.sampled_from(["low", "high"]),
    background=st.sampled_from(["opaque", "transparent"]),
    references=st.integers(0, 3),
)
def test_every_byte_outside_the_mask_is_the_sources_in_the_result_and_in_every_partial(
    draw_all: Draw,
    order_for: OrderFor,
    picture_of: PictureOf,
    height: int,
    width: int,
    seed: int,
    kind: str,
    fidelity: str,
    background: str,
    references: int,
) -> None:
    source, mask = picture_of(height, width, seed), random_mask(height, width, seed, kind)
    images = (source, *(picture_of(20, 30, seed + number) for number in range(1, references + 1)))
    order = order_for(images=images, mask=mask, width=width, height=height, fidelity=fidelity, background=background, seed=seed)

    pictures = draw_all(order)

    for picture in pictures:
        assert picture.shape == source.shape
        np.testing.assert_array_equal(picture[~mask], source[~mask])
    if background == "opaque":
        assert (pictures[-1][mask][:, 3] == 255).all()


@few
@given(width=st.integers(16, 40), height=st.integers(16, 40), seed=st.integers(0, 1000))
def test_at_another_size_what_is_kept_is_the_resized_source(
    draw_all: Draw, order_for: OrderFor, picture_of: PictureOf, width: int, height: int, seed: int
) -> None:
    mask = np.zeros((90, 120), np.bool_)
    mask[20:70, 30:90] = True
    order = order_for(images=(picture_of(90, 120, seed),), mask=mask, width=width * 8, height=height * 8, seed=seed)

    result = draw_all(order)[-1]

    fitted, fitted_mask, _ = lay_out(order, Size(order.width, order.height))
    assert result.shape == (order.height, order.width, 4)
    assert 0 < fitted_mask.mean() < 1
    np.testing.assert_array_equal(result[~fitted_mask], fitted[~fitted_mask])
    assert not np.array_equal(result[fitted_mask], fitted[fitted_mask])


@few
@given(
    left=st.integers(-60, 100),
    top=st.integers(-60, 100),
    width=st.integers(40, 160),
    height=st.integers(40, 160),
    seed=st.integers(0, 99),
    has_mask=st.booleans(),
)
def test_a_larger_canvas_keeps_the_old_pixels_where_they_were_put(
    draw_all: Draw, order_for: OrderFor, picture_of: PictureOf, left: int, top: int, width: int, height: int, seed: int, has_mask: bool
) -> None:
    source = picture_of(70, 80, seed)
    mask = random_mask(70, 80, seed, "box") if has_mask else None
    order = order_for(images=(source,), mask=mask, place=(left, top), width=width, height=height, seed=seed)
    expected, changes, _ = lay_out(order, Size(width, height))
    if not changes.any():
        return

    result = draw_all(order)[-1]

    np.testing.assert_array_equal(result[~changes], expected[~changes])
    assert (result[changes][:, 3] == 255).all()
    for y, x in ((y, x) for y in range(0, 70, 9) for x in range(0, 80, 9)):
        is_kept = mask is None or not mask[y, x]
        if is_kept and 0 <= y + top < height and 0 <= x + left < width:
            assert (result[y + top, x + left] == source[y, x]).all()


def smooth_picture() -> np.ndarray:
    y, x = np.mgrid[:128, :128]
    return np.stack([x * 2, y * 2, 255 - x * 2, np.full_like(x, 255)], axis=-1).astype(np.uint8)


CENTRE = np.zeros((128, 128), np.bool_)
CENTRE[40:90, 30:100] = True


@pytest.mark.parametrize("mask", [None, CENTRE])
def test_the_same_seed_draws_the_same_bytes_and_another_seed_others(draw_all: Draw, order_for: OrderFor, mask: np.ndarray | None) -> None:
    facts = {"images": (smooth_picture(),), "mask": mask, "width": 128, "height": 128}

    first, again, other = (draw_all(order_for(**facts, seed=seed))[-1].tobytes() for seed in (1, 1, 2))

    assert first == again
    assert first != other


@pytest.mark.parametrize("prompt", ["", "a red kite"])
@pytest.mark.parametrize("mask", [None, CENTRE])
@pytest.mark.parametrize("count", [1, 2])
def test_where_no_pictures_are_read_high_fidelity_starts_later_and_draws_other_bytes(
    draw_all: Draw, order_for: OrderFor, mask: np.ndarray | None, count: int, prompt: str
) -> None:
    facts = {"images": (smooth_picture(),) * count, "mask": mask, "width": 128, "height": 128, "prompt": prompt}
    orders = [order_for(**facts, fidelity=fidelity) for fidelity in ("low", "high")]

    low, high = (plan_picture(order, 16, READS_NONE).ground for order in orders)

    assert low.start_time < high.start_time
    assert not np.array_equal(*(draw_all(order, READS_NONE)[-1] for order in orders))


def test_a_variation_starts_from_its_picture_even_where_pictures_are_read(order_for: OrderFor) -> None:
    facts = {"images": (smooth_picture(),), "width": 128, "height": 128}

    variation, edit = (plan_picture(order_for(**facts, prompt=prompt), 16) for prompt in ("", "a red kite"))

    assert variation.ground.start_time > 0
    assert variation.ground.source is None
    assert edit.ground.source is not None


@pytest.mark.parametrize("mask", [None, CENTRE])
def test_high_fidelity_keeps_more_of_the_source(draw_all: Draw, order_for: OrderFor, mask: np.ndarray | None) -> None:
    facts = {"images": (smooth_picture(),), "mask": mask, "width": 128, "height": 128}

    low, high = (draw_all(order_for(**facts, fidelity=fidelity))[-1] for fidelity in ("low", "high"))

    kept_low, kept_high = ((picture == smooth_picture()).all(axis=-1).mean() for picture in (low, high))
    assert kept_low < kept_high


def test_of_a_few_references_high_fidelity_reads_more_patches(order_for: OrderFor) -> None:
    def count(references: int, fidelity: str) -> int:
        images = (smooth_picture(),) * (1 + references)
        plan = plan_picture(order_for(images=images, width=128, height=128, fidelity=fidelity), 16)
        return int((plan.pictures.segments >= FIRST_REFERENCE_SEGMENT).sum())

    assert [count(2, fidelity) for fidelity in ("low", "high")] == [2 * 16, 2 * 64]
    assert [count(15, fidelity) for fidelity in ("low", "high")] == [15 * 16, 15 * 16]


def test_a_composition_reads_every_image_under_its_number_and_starts_from_none(order_for: OrderFor) -> None:
    images = (smooth_picture(),) * 3

    plan = plan_picture(order_for(images=images, width=256, height=256, has_source=False), 16)

    assert plan.ground.source is None
    assert plan.overlay is None
    assert sorted({int(segment) for segment in plan.pictures.segments}) == [FIRST_REFERENCE_SEGMENT + number for number in range(3)]
    assert sorted({float(number) for number in plan.pictures.positions[:, 0]}) == [1, 2, 3]


@pytest.mark.parametrize("mask", [None, CENTRE])
def test_a_snapshot_that_knows_squares_alone_sees_a_square_around_an_oblong_source(order_for: OrderFor, mask: np.ndarray | None) -> None:
    source = np.full((128, 256, 4), 255, np.uint8)
    wide = None if mask is None else np.hstack([mask, mask])

    plan = plan_picture(order_for(images=(source,), mask=wide, width=256, height=128), 16, Abilities(knows_ratios=False))

    assert plan.overlay is not None
    assert plan.overlay.view.width == plan.overlay.view.height
    assert plan.ground.grid.rows == plan.ground.grid.columns
    assert plan.ground.source is not None
    assert 0 < plan.ground.source[4].mean() < 1


@pytest.mark.parametrize("mask", [None, CENTRE])
@pytest.mark.parametrize("count", [2, 5, 16])
def test_leaving_out_any_input_changes_the_result(
    draw_all: Draw, order_for: OrderFor, picture_of: PictureOf, mask: np.ndarray | None, count: int
) -> None:
    images = tuple(picture_of(128, 128, seed) for seed in range(count))

    def result(shown: tuple[np.ndarray, ...]) -> bytes:
        return draw_all(order_for(images=shown, mask=mask, width=128, height=128))[-1].tobytes()

    everything = result(images)
    without = [result(images[:left] + images[left + 1 :]) for left in range(0 if mask is None else 1, count)]

    assert everything not in without
    assert len(set(without)) == len(without)


def test_where_no_pictures_are_read_every_input_counts_even_in_a_mask_of_one_pixel(draw_all: Draw, order_for: OrderFor) -> None:
    mask = np.zeros((128, 128), np.bool_)
    mask[64, 64] = True
    plain = [np.full((32, 32, 4), (level, 255 - level, 40, 255), np.uint8) for level in (0, 60, 120, 180, 240)]

    orders = [order_for(images=(smooth_picture(), *plain[:count]), mask=mask, width=128, height=128) for count in range(1, 6)]
    plans = [plan_picture(order, 16, READS_NONE) for order in orders]

    assert len({plan.ground.content.tobytes() for plan in plans}) == 5


def test_the_prompt_counts_inside_the_mask(draw_all: Draw, order_for: OrderFor) -> None:
    facts = {"images": (smooth_picture(),), "mask": CENTRE, "width": 128, "height": 128}

    first, second = (draw_all(order_for(**facts, prompt=prompt))[-1] for prompt in ("a red kite", "a blue house"))

    assert not np.array_equal(first[CENTRE], second[CENTRE])


def test_what_surrounds_the_mask_shapes_what_is_drawn_in_it(draw_all: Draw, order_for: OrderFor) -> None:
    source = smooth_picture()
    other = np.where(CENTRE[..., None], source, 255 - source).astype(np.uint8)
    other[..., 3] = 255
    inside = np.zeros_like(CENTRE)
    inside[55:75, 50:80] = True

    first, second = (
        draw_all(order_for(images=(image,), mask=CENTRE, width=128, height=128, quality="medium"))[-1] for image in (source, other)
    )

    assert not np.array_equal(first[inside], second[inside])


def test_a_small_mask_in_a_large_picture_is_drawn_from_near_by_and_a_large_one_from_the_whole(order_for: OrderFor) -> None:
    source, small, large = np.zeros((1000, 1400, 4), np.uint8), np.zeros((1000, 1400), np.bool_), np.ones((1000, 1400), np.bool_)
    small[100:200, 300:420] = True
    facts = {"images": (source,), "width": 1400, "height": 1000}

    near, whole = (plan_picture(order_for(**facts, mask=mask), 64).overlay for mask in (small, large))

    assert near is not None
    assert whole is not None
    assert near.view.width < 300
    assert near.view.overlap(bounding_box(small)) == bounding_box(small)
    assert whole.view.width >= 1400
    assert whole.view.height >= 1000


def test_known_pixels_of_the_grid_touch_nothing_that_may_change(order_for: OrderFor) -> None:
    mask = np.zeros((128, 128), np.bool_)
    mask[65:70, 65:70] = True

    ground = plan_picture(order_for(images=(smooth_picture(),), mask=mask, width=128, height=128), 16).ground

    assert ground.is_known is not None
    assert 0 < ground.is_known.mean() < 1
    free = bounding_box(~ground.is_known)
    assert free is not None
    assert free.width * free.height == (~ground.is_known).sum()


@pytest.mark.parametrize("abilities", [Abilities(), READS_NONE])
def test_a_mask_of_which_nothing_is_left_is_refused(order_for: OrderFor, abilities: Abilities) -> None:
    mask = np.zeros((512, 512), np.bool_)
    mask[7, 7] = True

    with pytest.raises(InvalidMask, match="nothing is left of the mask at size '256x256'"):
        plan_picture(order_for(images=(np.zeros((512, 512, 4), np.uint8),), mask=mask), 16, abilities)


def test_where_nothing_shows_the_surroundings_are_continued() -> None:
    content = np.zeros((9, 13, 4), np.float32)
    content[:, :6], content[:, 6:] = 0.25, 0.75
    shown = np.ones((9, 13), np.bool_)
    shown[3:6, 2:5] = shown[3:6, 8:11] = False
    content[~shown] = 0

    filled = spread(content, shown)

    np.testing.assert_array_equal(filled[shown], content[shown])
    assert (filled[3:6, 2:5] == 0.25).all()
    assert (filled[3:6, 8:11] == 0.75).all()


def test_drawing_on_a_canvas_leaves_no_translucent_seam_between_old_and_new(draw_all: Draw, order_for: OrderFor) -> None:
    order = order_for(images=(smooth_picture(),), place=(64, 64), width=256, height=256)

    result = draw_all(order)[-1]

    assert (result[..., 3] == 255).all()


def test_a_snapshot_that_knows_squares_alone_draws_a_square_in_the_middle_of_any_size(order_for: OrderFor):
    order = order_for(width=480, height=256, background="transparent")

    plan = plan_picture(order, 16, Abilities(knows_ratios=False))
    guess = np.ones((4, plan.ground.grid.size.height, plan.ground.grid.size.width), np.float32)
    guess[3, :4] = guess[3, -4:] = guess[3, :, :4] = guess[3, :, -4:] = -1

    pixels = plan.develop(Guess(guess), None)
    assert (plan.ground.grid.rows, plan.ground.grid.columns) == (4, 4)
    assert pixels.shape == (256, 480, 4)
    assert pixels[:, :112, 3].max() == pixels[:, -112:, 3].max() == 0
    assert pixels[128, 240, 3] == 255

"""Orders that put things somewhere, with the weights that ship: what moves stays what it was, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from limner.engine.arranging.arrange import Staged, arrange, mark
from limner.engine.arranging.cutouts import take_apart
from limner.engine.drawing.locating import Unwanted
from limner.engine.drawing.runtime import Runtime
from limner.engine.weights import Abilities, Catalogue
from limner.engine.wire import Order
from limner.evals.edits.cases import EditCase, read_cases
from limner.evals.edits.truth import Yardstick

OrderFor = Callable[..., Order]
CASES = {case.key: case for case in read_cases()}


@pytest.fixture(scope="module")
def editor() -> Runtime:
    catalogue = Catalogue.open()
    return Runtime(catalogue, catalogue.resolve_editor(), threads=1)


@pytest.fixture(scope="module")
def drawer(editor: Runtime) -> Runtime:
    return Runtime(Catalogue.open(), editor.drawer, threads=1)


@pytest.fixture(scope="module")
def ask(editor: Runtime, drawer: Runtime, order_for: OrderFor) -> Callable[..., Staged | np.ndarray]:
    def ask(case: EditCase, prompt: str | None = None, **changes: Any) -> Staged | np.ndarray:
        height, width = case.truth.shape[:2]
        facts = {"images": case.images, "mask": case.free, "background": case.background, "has_source": case.source is not None}
        order = order_for(prompt=case.instruction if prompt is None else prompt, **{**facts, "width": width, "height": height, **changes})
        return arrange(editor, order, lambda: True, lambda: drawer)

    return ask


def pixels(arranged: Staged | np.ndarray) -> np.ndarray:
    assert isinstance(arranged, np.ndarray), "nothing was left to the network"
    return arranged


def middle_of(changed: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(changed)
    return float(columns.mean() / changed.shape[1]), float(rows.mean() / changed.shape[0])


def test_a_thing_moves_and_nothing_else_changes(ask: Callable[..., Any]):
    case = CASES["move/11"]  # a balloon to the top right corner, beside a bird
    assert case.source is not None

    picture = pixels(ask(case))

    changed = (picture != case.source).any(-1)
    corner = np.s_[: picture.shape[0] // 2, picture.shape[1] // 2 :]
    assert middle_of(changed[corner]) == pytest.approx((0.57, 0.44), abs=0.15)
    assert np.abs(picture.astype(int) - case.truth).mean() < 3
    bird = np.s_[:, : picture.shape[1] // 2]
    np.testing.assert_array_equal(picture[bird], case.source[bird])


def test_two_wishes_come_true_one_after_the_other(ask: Callable[..., Any]):
    case = CASES["move/04"]

    both = pixels(ask(case, "swap the sunflower and the laptop, then make the sunflower half as large"))
    first = pixels(ask(case))
    second = pixels(ask(case, "make the sunflower half as large", images=(first,)))

    np.testing.assert_array_equal(both, second)


def test_an_arrangement_depends_on_no_seed_and_is_the_same_each_time(ask: Callable[..., Any]):
    pictures = [pixels(ask(CASES["move/00"], seed=seed)) for seed in (1, 1, 2)]

    np.testing.assert_array_equal(pictures[0], pictures[1])
    np.testing.assert_array_equal(pictures[0], pictures[2])


def test_two_things_that_change_places_twice_are_where_they_were(ask: Callable[..., Any]):
    case = CASES["move/04"]
    assert case.source is not None

    there = pixels(ask(case))
    back = pixels(ask(case, images=(there,)))

    assert np.abs(there.astype(int) - case.source).mean() > 10
    assert np.abs(back.astype(int) - case.source).mean() < np.abs(there.astype(int) - case.source).mean() / 3  # a pixel at the edges


def test_what_is_new_is_drawn_with_the_seed_in_the_place_of_what_goes(ask: Callable[..., Any]):
    case = CASES["replace/02"]  # a lollipop instead of the hot dog
    assert case.source is not None

    one, other, again = (pixels(ask(case, seed=seed)) for seed in (1, 2, 1))

    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    untouched = ~case.changed
    rows = np.s_[: int(np.nonzero(case.changed)[0].min() * 0.8)]
    np.testing.assert_array_equal(one[rows], case.source[rows])
    assert (one == case.source).all(-1)[untouched].mean() > 0.9


def test_an_image_that_is_left_out_is_not_in_the_picture(ask: Callable[..., Any]):
    case = CASES["compose/01"]  # all images together on a transparent background

    whole, without = (pixels(ask(case, images=images)) for images in (case.images, case.images[:-1]))

    assert [len(scene.parts) for picture in (whole, without) if (scene := take_apart(picture))] == [3, 2]
    assert whole[0, 0, 3] == 0


def test_sixteen_images_come_together(ask: Callable[..., Any]):
    case = CASES["compose/01"]
    images = (case.images * 6)[:16]

    picture = pixels(ask(case, images=images, width=512, height=512))

    shown = picture[..., 3] > 0
    assert all(shown[down : down + 128, across : across + 128].any() for down in range(0, 512, 128) for across in range(0, 512, 128))


def test_nothing_outside_a_mask_changes_and_a_new_thing_fills_it(ask: Callable[..., Any]):
    case = CASES["move/00"]
    assert case.source is not None
    mask = np.zeros(case.truth.shape[:2], np.bool_)
    mask[10:90, 10:90] = True

    picture = pixels(ask(case, "a red apple", mask=mask))

    np.testing.assert_array_equal(picture[~mask], case.source[~mask])
    assert (picture != case.source).any(-1)[mask].mean() > 0.3


def test_a_part_that_words_name_is_marked_with_a_little_around_it(editor: Runtime, order_for: OrderFor):
    case = CASES["move/04"]
    height, width = case.truth.shape[:2]
    order = order_for(prompt="a red kite", images=case.images, words="the sunflower", width=width, height=height)

    marked = mark(editor, order, lambda: True)

    assert marked.words == ""
    assert marked.mask is not None
    assert middle_of(marked.mask) == pytest.approx((0.5, 0.72), abs=0.08)
    assert 0.03 < marked.mask.mean() < 0.25
    assert (
        mark(editor, order_for(images=case.images, words="the pineapple", background=case.background), lambda: True).words
        == "the pineapple"
    )


def test_a_thing_is_painted_and_all_its_like_with_it(ask: Callable[..., Any]):
    case = CASES["recolour/07"]  # turn the snake gold
    assert case.source is not None

    picture = pixels(ask(case))

    changed = (picture != case.source).any(-1)
    assert changed[case.changed].mean() > 0.5
    envelope = np.s_[:, round(0.55 * picture.shape[1]) :]
    np.testing.assert_array_equal(picture[envelope], case.source[envelope])


def test_another_ground_leaves_what_stands_on_it(ask: Callable[..., Any]):
    case = CASES["background/09"]  # grapes from a gradient to yellow

    picture = pixels(ask(case))

    assert np.abs(picture.astype(int) - case.truth).mean() < 3


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "make it look like winter"},
        {"prompt": "move the pineapple to the left"},
        {"place": (0, 0)},
        {"words": "the cookie"},
    ],
)
def test_what_is_not_understood_or_not_found_is_left_to_the_network(ask: Callable[..., Any], changes: dict[str, Any]):
    staged = ask(CASES["move/04"], **changes)

    assert isinstance(staged, Staged)
    assert staged.finish is None


def test_before_a_landscape_the_network_takes_a_thing_away_and_it_comes_back_elsewhere(ask: Callable[..., Any]):
    case = CASES["resize/05"]  # scale the car down, on a street
    assert case.source is not None

    staged = ask(case, mask=None)

    assert isinstance(staged, Staged)
    assert staged.order.prompt == "remove the car"
    assert staged.finish is not None
    without = case.source.copy()
    without[case.changed] = (90, 90, 90, 255)
    picture = staged.finish(case.source, without)
    came = (picture != without).any(-1)
    assert 0.05 < came.sum() / case.changed.sum() < 0.7


def test_a_snapshot_that_reads_no_pictures_arranges_nothing(editor: Runtime, order_for: OrderFor):
    class ReadsNone:
        abilities = Abilities(reads_pictures=False)

    case = CASES["move/00"]
    order = order_for(prompt=case.instruction, images=case.images)

    staged = arrange(ReadsNone(), order, lambda: True, lambda: editor)

    assert isinstance(staged, Staged)
    assert staged.order is order


def test_what_nobody_wants_any_more_is_arranged_no_further(editor: Runtime, drawer: Runtime, order_for: OrderFor):
    case = CASES["replace/02"]
    order = order_for(prompt=case.instruction, images=case.images, width=256, height=256)

    with pytest.raises(Unwanted):
        arrange(editor, order, lambda: False, lambda: drawer)


def test_a_picture_is_made_again_in_another_medium_with_its_things_where_they_were(ask: Callable[..., Any]):
    case = CASES["restyle/06"]  # a slice of pizza and a cart as a blueprint
    assert case.source is not None

    picture = pixels(ask(case))

    assert Yardstick(case).measure(picture).is_done
    assert np.array_equal(picture, pixels(ask(case)))


def test_a_treatment_keeps_to_a_mask(ask: Callable[..., Any]):
    case = CASES["relight/11"]
    assert case.source is not None
    mask = np.zeros(case.source.shape[:2], np.bool_)
    mask[:, : mask.shape[1] // 2] = True

    picture = pixels(ask(case, "make it sepia", mask=mask))

    assert np.array_equal(picture[~mask], case.source[~mask])
    assert (picture[mask] != case.source[mask]).any(-1).mean() > 0.9


@pytest.mark.parametrize(
    "key",
    [
        "inpaint/06",  # a taxi in a hole, below a bed and a fire engine
        "inpaint/09",  # the foot of a sundae
        "inpaint/14",  # the cap of a pepper, which the caption names
        "outpaint/04",  # a fir and half a lion
        "outpaint/10",  # a palm that the source shows already
        "outpaint/16",
    ],
)
def test_a_hole_shows_the_ground_what_goes_on_into_it_and_what_is_named(ask: Callable[..., Any], key: str):
    case = CASES[key]
    assert case.source is not None
    assert case.free is not None

    picture = pixels(ask(case))

    assert Yardstick(case).measure(picture).truth < 0.5
    assert np.array_equal(picture[~case.free], case.source[~case.free])


@pytest.mark.parametrize(
    "key",
    [
        "replace/11",  # a planet and a crown, and the caption names a motorcycle in its place
        "replace/04",
        "recolour/06",  # the helicopter is teal in the caption
        "remove/09",  # what the mask covers has no name in it
        "background/02",  # two things that are there, on a ground that is not
    ],
)
def test_a_picture_becomes_what_a_caption_says(ask: Callable[..., Any], key: str):
    case = CASES[key]

    picture = pixels(ask(case))

    assert Yardstick(case).measure(picture).is_done


def test_a_caption_that_also_has_another_ground_or_colour_for_what_is_there_is_left_to_the_network(ask: Callable[..., Any]):
    case = CASES["add/02"]  # a cat on nothing

    assert isinstance(ask(case, "a cat and a dog"), np.ndarray)
    assert isinstance(ask(case, "a cat and a dog on a blue background"), Staged)
    assert isinstance(ask(case, "a green cat and a dog"), Staged)


def test_what_a_caption_calls_tiny_is_laid_small(ask: Callable[..., Any]):
    case = CASES["subject/05"]

    large, small = (pixels(ask(case, f"a {size}glass of red wine beside a pink dress on a white background")) for size in ("", "tiny "))

    left = case.truth.shape[1] // 2
    inked = [(picture[:, :left, :3] < 230).any(-1).sum() for picture in (large, small)]
    assert 0 < inked[1] < inked[0] / 3


def test_a_caption_of_what_is_there_and_one_of_a_photograph_are_left_to_the_network(ask: Callable[..., Any]):
    shown, forest = CASES["add/02"], CASES["inpaint/11"]

    assert isinstance(ask(shown, "a cat on a transparent background"), Staged)
    assert isinstance(ask(forest), Staged)


@pytest.mark.parametrize("key", ["restore/04", "restore/13"])
def test_damage_is_taken_out(ask: Callable[..., Any], key: str):
    case = CASES[key]

    picture = pixels(ask(case))

    assert Yardstick(case).measure(picture).is_done
    assert np.array_equal(picture[..., 3], case.images[0][..., 3])


def test_a_caption_of_a_new_picture_is_composed_of_what_images_show_and_what_is_new(ask: Callable[..., Any]):
    case = CASES["subject/05"]  # a glass of wine, which the image shows, on the left, and a dress on the right
    (glass,) = case.references

    picture = pixels(ask(case))

    half = case.truth.shape[1] // 2
    wine = np.abs(picture[..., :3].astype(int) - (166, 0, 132)).max(-1) < 40
    shown = np.abs(glass[..., :3].astype(int) - (166, 0, 132)).max(-1) < 40
    assert shown.any()
    assert wine[:, :half].any()
    assert np.abs(picture[0, 0].astype(int) - case.truth[0, 0]).max() < 12, "on its ground"
    assert isinstance(ask(case, "a pink dress on the right"), Staged), "an image that nothing names"


def test_a_larger_canvas_is_completed_around_the_picture_that_stays(ask: Callable[..., Any]):
    case = CASES["outpaint/16"]
    source = case.truth[10:90, 20:100]  # a dog over a bed, on a ground that fades
    height, width = case.truth.shape[:2]

    picture = pixels(ask(case, "extend the picture", images=(source,), mask=None, place=(20, 10)))

    assert picture.shape == (height, width, 4)
    assert np.array_equal(picture[10:90, 20:100], source)
    assert np.abs(picture.astype(int) - case.truth).mean() < 12
    assert isinstance(ask(case, "make it night", images=(source,), mask=None, place=(20, 10)), Staged)


def test_a_picture_takes_over_the_medium_of_another_and_new_things_do_too(ask: Callable[..., Any]):
    watercolour, pencil = CASES["style/00"], CASES["style/10"]

    assert Yardstick(watercolour).measure(pixels(ask(watercolour))).truth < 0.7
    drawn = pixels(ask(pencil))[..., :3]
    assert np.ptp(drawn.astype(int), axis=-1).max() < 40, "graphite on paper"
    assert (drawn.mean(-1) < 120).mean() > 0.005
    assert isinstance(ask(CASES["subject/05"], "a cat like image 1"), Staged), "in no medium"

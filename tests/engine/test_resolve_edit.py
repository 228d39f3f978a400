"""From images, a mask and words to a settled edit."""

import numpy as np
import pytest

from limner.engine.resolve_edit import EditOptions, resolve_composition, resolve_edit, resolve_variation
from limner.errors import IncompatibleFields, InvalidField, InvalidMask, InvalidPrompt, UnsupportedSize
from limner.model.layout import Size


def picture(width: int, height: int, alpha: int = 255) -> np.ndarray:
    pixels = np.full((height, width, 4), 120, np.uint8)
    pixels[..., 3] = alpha
    return pixels


def box(width: int, height: int, left: int = 0, top: int = 0, right: int = 20, bottom: int = 20) -> np.ndarray:
    mask = np.zeros((height, width), np.bool_)
    mask[top:bottom, left:right] = True
    return mask


def settle(*images: np.ndarray, mask: np.ndarray | None = None, prompt: str = "a red kite", **options):
    return resolve_edit(prompt, EditOptions(**options), images, mask, find_snapshot=str)


@pytest.mark.parametrize(
    ("sides", "size"),
    [((100, 100), Size(1024, 1024)), ((300, 200), Size(1536, 1024)), ((10, 90), Size(1024, 1536)), ((110, 100), Size(1024, 1024))],
)
def test_without_a_mask_the_size_is_the_legal_one_nearest_in_ratio_to_the_first_image(sides, size):
    assert settle(picture(*sides), picture(500, 50)).size == size


@pytest.mark.parametrize("size", ["auto", "333x77"])
def test_with_a_mask_the_size_is_the_sources_own_whatever_it_is(size):
    request = settle(picture(333, 77), mask=box(333, 77), size=size)

    assert request.size == Size(333, 77)
    np.testing.assert_array_equal(request.mask, box(333, 77))


def test_another_size_is_taken_by_the_general_rule_up_to_the_largest_side():
    assert settle(picture(333, 77), mask=box(333, 77, right=333, bottom=77), size="512x512").size == Size(512, 512)
    assert settle(picture(333, 77), size="512x512").size == Size(512, 512)
    assert settle(picture(333, 77), size="3840x2160", largest_side=3840).size == Size(3840, 2160)
    with pytest.raises(UnsupportedSize):
        settle(picture(333, 77), size="333x77")
    with pytest.raises(UnsupportedSize, match="to 2048"):
        settle(picture(333, 77), size="3840x2160")


def test_the_source_of_a_mask_is_kept_whole_and_what_needs_no_exactness_is_reduced():
    large = picture(3000, 1500)

    masked = settle(large, large, mask=box(3000, 1500))
    plain = settle(large, large)

    assert [image.shape[:2] for image in masked.images] == [(1500, 3000), (512, 1024)]
    assert [image.shape[:2] for image in plain.images] == [(512, 1024), (512, 1024)]


@pytest.mark.parametrize("count", [0, 17])
def test_none_or_too_many_images_are_refused(count):
    with pytest.raises(InvalidField, match=f"{count} images") as caught:
        settle(*[picture(20, 20)] * count)

    assert caught.value.param == "image"


@pytest.mark.parametrize(
    "image", [np.zeros((5, 5, 3), np.uint8), np.zeros((5, 5, 4)), np.zeros((0, 5, 4), np.uint8), np.zeros((5001, 5000, 4), np.uint8)]
)
def test_what_is_no_picture_or_too_large_is_refused(image):
    with pytest.raises(InvalidField, match="image 2") as caught:
        settle(picture(20, 20), image)

    assert caught.value.param == "image"


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (box(20, 30), "the mask is 20x30 and the image is 30x20"),
        (np.zeros((20, 30), np.bool_), "lets nothing change"),
        (np.ones((20, 30), np.uint8), "make the mask as large"),
    ],
)
def test_a_mask_that_does_not_fit_or_says_nothing_is_refused(mask, message):
    with pytest.raises(InvalidMask, match=message):
        settle(picture(30, 20), mask=mask)


def test_a_mask_that_vanishes_at_the_size_is_refused():
    with pytest.raises(InvalidMask, match="'256x256'"):
        settle(picture(2000, 2000), mask=box(2000, 2000, 3, 3, 5, 5), size="256x256")


@pytest.mark.parametrize(
    ("alpha", "has_mask", "prompt", "background"),
    [
        (255, False, "a kite", "opaque"),
        (255, False, "a sticker of a kite", "transparent"),
        (254, False, "a kite", "transparent"),
        (255, True, "a sticker of a kite", "opaque"),
        (254, True, "a kite", "transparent"),
    ],
)
def test_auto_background_follows_what_is_kept_and_else_the_prompt(alpha, has_mask, prompt, background):
    mask = box(50, 50) if has_mask else None

    assert settle(picture(50, 50, alpha), mask=mask, prompt=prompt).background == background
    assert settle(picture(50, 50, alpha), mask=mask, prompt=prompt, background="transparent").background == "transparent"


def test_transparency_that_the_mask_lets_change_does_not_make_the_result_transparent():
    source = picture(50, 50)
    source[:20, :20, 3] = 0

    assert settle(source, mask=box(50, 50)).background == "opaque"


@pytest.mark.parametrize("fidelity", ["auto", "", "HIGH", None, 1])
def test_an_unknown_fidelity_is_refused_by_name(fidelity):
    with pytest.raises(InvalidField, match="use low or high") as caught:
        settle(picture(50, 50), input_fidelity=fidelity)

    assert caught.value.param == "input_fidelity"
    assert repr(fidelity) in caught.value.message


def test_the_prompt_and_the_other_fields_follow_the_general_rules():
    request = settle(picture(50, 50), n=3, seed=5, quality="high", num_partials=2, owner="p", input_fidelity="high")

    assert (request.num_images, request.seed, request.quality, request.num_partials) == (3, 5, "high", 2)
    assert (request.owner, request.fidelity, request.prompt) == ("p", "high", "a red kite")
    with pytest.raises(InvalidPrompt):
        settle(picture(50, 50), prompt=" ")
    with pytest.raises(InvalidField, match="n 11"):
        settle(picture(50, 50), n=11)


def test_a_canvas_settles_size_and_place_and_keeps_the_source_whole():
    request = settle(picture(1500, 1200), canvas="2000x1200+250+0")

    assert (request.size, request.place, request.mask, request.background) == (Size(2000, 1200), (250, 0), None, "opaque")
    assert request.images[0].shape == (1200, 1500, 4)


def test_margins_are_a_canvas():
    request = settle(picture(100, 80), canvas="left=28,right=25%")

    assert (request.size, request.place) == (Size(153, 80), (28, 0))
    with pytest.raises(InvalidField, match="canvas 'left=0' leaves nothing to draw"):
        settle(picture(100, 80), canvas="left=0")


def test_a_canvas_with_a_size_off_the_source_or_without_anything_to_draw_is_refused():
    with pytest.raises(IncompatibleFields, match="leave one out"):
        settle(picture(100, 100), canvas="200x200+0+0", size="1024x1024")
    with pytest.raises(InvalidField, match="shows nothing"):
        settle(picture(100, 100), canvas="200x200+200+0")
    with pytest.raises(InvalidField, match="leaves nothing to draw"):
        settle(picture(100, 100), canvas="50x50-10-10")
    with pytest.raises(InvalidField, match="leaves nothing to draw"):
        settle(picture(100, 100), mask=box(100, 100, right=5, bottom=5), canvas="50x50-10-10")
    assert settle(picture(100, 100), mask=box(100, 100), canvas="50x50-10-10").place == (-10, -10)


def band() -> np.ndarray:
    source = np.zeros((90, 120, 4), np.uint8)
    source[20:70, 30:100] = 255
    return source


def test_a_transparent_band_meets_an_opaque_result_and_is_drawn():
    request = settle(band(), background="opaque")

    assert (request.size, request.background) == (Size(120, 90), "opaque")
    np.testing.assert_array_equal(request.mask, band()[..., 3] == 0)


@pytest.mark.parametrize("background", ["auto", "transparent"])
def test_a_transparent_band_means_nothing_unless_opaque_is_asked_for(background):
    request = settle(band(), background=background)

    assert (request.mask, request.background) == (None, "transparent")


def test_a_variation_has_no_words_its_own_seeds_and_stays_near():
    request = resolve_variation(EditOptions(n=2, seed=4, size="512x512"), picture(3000, 1500), find_snapshot=str)

    assert (request.prompt, request.fidelity, request.mask, request.size) == ("", "high", None, Size(512, 512))
    assert (request.num_images, request.seed_of(1)) == (2, 5)
    assert request.images[0].shape == (512, 1024, 4)


def test_a_variation_of_an_opaque_band_is_of_the_whole_picture():
    request = resolve_variation(EditOptions(background="opaque"), band(), find_snapshot=str)

    assert request.mask is None


@pytest.mark.parametrize(
    ("region", "expected"),
    [("box:2,3,20,10", box(50, 40, 2, 3, 22, 13)), ("polygon:0,0 100%,0 100%,50% 0,50%", box(50, 40, 0, 0, 50, 20))],
)
def test_a_drawn_region_is_the_mask_that_it_draws(region, expected):
    request = settle(picture(50, 40), region=region)

    assert request.size == Size(50, 40)
    assert request.background == "opaque"
    np.testing.assert_array_equal(request.mask, expected)


@pytest.mark.parametrize(("alpha", "background"), [(255, "opaque"), (254, "transparent")])
def test_a_region_in_words_counts_as_a_mask_that_will_be_there(alpha, background):
    request = settle(picture(1100, 40, alpha), region="words: the cat ", prompt="a sticker")

    assert (request.mask, request.words, request.size, request.background) == (None, "the cat", Size(1100, 40), background)
    assert request.images[0].shape == (40, 1100, 4)


def test_a_region_in_words_needs_no_larger_canvas():
    assert settle(picture(50, 40), region="words:the cat", canvas="50x40+0+0").words == "the cat"


def test_a_transparent_band_is_no_mask_beside_a_region_in_words():
    source = picture(50, 40)
    source[:10, :, 3] = 0

    request = settle(source, region="words:the cat", background="opaque")

    assert request.mask is None


def test_a_region_beside_a_mask_is_refused():
    with pytest.raises(IncompatibleFields, match="so does the mask; leave one out") as refusal:
        settle(picture(50, 40), mask=box(50, 40), region="words:the cat")

    assert refusal.value.param == "region"


def test_a_composition_has_no_source_and_is_settled_as_words_are():
    request = resolve_composition("a sticker of both", EditOptions(), [picture(3000, 20), picture(20, 20)], find_snapshot=str)

    assert (request.has_source, request.size, request.background, len(request.images)) == (False, Size(1024, 1024), "transparent", 2)
    assert request.images[0].shape == (7, 1024, 4)


@pytest.mark.parametrize("field", ["region", "canvas"])
def test_what_speaks_of_a_source_is_refused_for_a_composition(field):
    options = EditOptions(**{field: "box:0,0,9,9"})

    with pytest.raises(IncompatibleFields, match="a composition has none") as refusal:
        resolve_composition("both", options, [picture(20, 20)], find_snapshot=str)

    assert refusal.value.param == field

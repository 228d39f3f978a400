"""What is painted on a picture: pixels that are or are not drawn anew, and a file that the server reads as exactly those."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from limner.media.decode import decode_images
from limner.media.masks import read_mask
from limner.model.layout import Size

WIDTH, HEIGHT = 61, 47
places = st.fixed_dictionaries({"x": st.floats(-20, WIDTH + 20), "y": st.floats(-20, HEIGHT + 20)})
strokes = st.tuples(st.just("stroke"), places, places, st.integers(1, 40), st.booleans())
boxes = st.tuples(st.just("fillBox"), places, places, st.booleans())
others = st.sampled_from([("invert",), ("clear",)])
actions = st.lists(strokes | boxes | others, min_size=1, max_size=6)


def paint(call: Any, *painted: Any, width: int = WIDTH, height: int = HEIGHT) -> Any:
    return call("paint", {"width": width, "height": height, "actions": painted})


def content_of(painted: Any) -> bytes:
    head, _, encoded = painted["url"].partition(",")
    assert head == "data:image/png;base64"
    return base64.b64decode(encoded, validate=True)


def pixels_of(painted: Any) -> np.ndarray:
    """Return which pixels a mask lets change."""
    alpha = np.asarray(Image.open(io.BytesIO(content_of(painted))).convert("RGBA"))[..., 3]
    assert set(np.unique(alpha)) <= {0, 255}
    return alpha == 0


def centres() -> tuple[np.ndarray, np.ndarray]:
    ys, xs = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return xs, ys


def distance(start: dict[str, float], end: dict[str, float]) -> np.ndarray:
    """Return how far each pixel's centre is from the line between two places."""
    xs, ys = centres()
    x, y = end["x"] - start["x"], end["y"] - start["y"]
    length = x * x + y * y
    along = ((xs - start["x"]) * x + (ys - start["y"]) * y) / length if length else np.zeros_like(xs)
    along = along.clip(0, 1)
    return np.hypot(xs - start["x"] - along * x, ys - start["y"] - along * y)


@settings(max_examples=25, deadline=None)
@given(start=places, end=places, diameter=st.integers(1, 40))
def test_a_stroke_covers_the_pixels_whose_centres_the_brush_touched(call: Any, start: Any, end: Any, diameter: int):
    painted = paint(call, ("invert",), ("stroke", start, end, diameter, False))

    kept = ~pixels_of(painted)
    away = distance(start, end) - diameter / 2
    under = np.zeros_like(kept)
    if 0 <= end["x"] < WIDTH and 0 <= end["y"] < HEIGHT:
        under[int(end["y"]), int(end["x"])] = True  # the pixel under the brush, however thin that is
    assert kept[away < -1e-6].all()
    assert not kept[(away > 1e-6) & ~under].any()
    assert (kept & under).sum() == under.sum()


@settings(max_examples=20, deadline=None)
@given(start=places, end=places)
def test_a_box_covers_every_pixel_that_it_touches(call: Any, start: Any, end: Any):
    (left, right), (top, bottom) = (sorted((start[axis], end[axis])) for axis in "xy")
    xs, ys = centres()
    meant = (xs + 0.5 > left) & (xs - 0.5 < right) & (ys + 0.5 > top) & (ys - 0.5 < bottom)

    painted = paint(call, ("fillBox", start, end, True))

    assert painted["count"] == meant.sum()
    assert (pixels_of(painted) == meant).all()


@settings(max_examples=25, deadline=None)
@given(painted=actions)
def test_what_changed_lies_in_the_box_that_is_told(call: Any, painted: Any):
    before, after = (paint(call, *painted[:count]) for count in (len(painted) - 1, len(painted)))

    was, now = (pixels_of(each) for each in (before, after))
    changed = was != now
    if (box := after["boxes"][-1]) is not None:
        changed[box["top"] : box["top"] + box["height"], box["left"] : box["left"] + box["width"]] = False
    assert not changed.any() or painted[-1][0] in ("invert", "clear")


@settings(max_examples=20, deadline=None)
@given(painted=actions, count=st.integers(1, 6))
def test_undoing_and_doing_again_gives_the_same_pixels(call: Any, painted: Any, count: int):
    count = min(count, len(painted))

    back, forth = [("undo",)] * count, [("redo",)] * count

    whole, undone, again = (paint(call, *painted, *more) for more in ([], back, [*back, *forth]))
    early = paint(call, *painted[: len(painted) - count])

    assert undone["url"] == early["url"]
    assert again["url"] == whole["url"]
    assert undone["canRedo"]
    assert not whole["canRedo"]


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (1024, 256), (2048, 2048)])
def test_the_server_reads_exactly_what_was_painted(call: Any, width: int, height: int):
    end = {"x": width / 2, "y": height}

    painted = paint(call, ("fillBox", {"x": 0, "y": 0}, end, True), width=width, height=height)

    image = decode_images([content_of(painted)], ["mask"])[0]
    mask = read_mask(image.pixels, "alpha", Size(width, height), has_alpha=image.has_alpha)
    assert mask[:, : -(-width // 2)].all()
    assert not mask[:, -(-width // 2) :].any()
    assert len(painted["url"]) < 40_000


def turn(name: str, parent: str | None, created_at: int = 0) -> dict[str, Any]:
    return {"id": name, "parent": parent, "instruction": name, "created_at": created_at}


def test_a_branch_begins_where_was_stepped_back_to_and_the_other_is_found_again(call: Any):
    walked = [("add", turn("a", None)), ("add", turn("b", "a", 1)), ("add", turn("c", "b", 2)), ("stepTo", "a")]

    stepped = call("walk", walked)
    branched = call("walk", [*walked, ("add", turn("d", "a", 3))])
    back = call("walk", [*walked, ("add", turn("d", "a", 3)), ("stepTo", "b")])

    assert (stepped["path"], stepped["current"]) == (["a", "b", "c"], "a")
    assert (branched["path"], branched["current"]) == (["a", "d"], "d")
    assert branched["branches"] == [["a"], ["b", "d"]]
    assert (back["path"], back["current"], back["tip"]) == (["a", "b", "c"], "b", "c")


def test_turns_of_a_picture_that_is_gone_still_lead_somewhere(call: Any):
    walked = [("learn", [turn("b", "a"), turn("c", "b", 1)]), ("stepTo", "c"), ("forget", "b")]

    assert call("walk", walked) == {"path": ["c"], "current": "c", "tip": "c", "branches": [["c"]]}

"""Where things are: what touches comes apart, what belongs together stays together, and the trusted cut is taken."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from limner.evals.judging.things import Node, choose_things, group, walk


def alpha_of(*ellipses: tuple[int, int, int, int]) -> np.ndarray:
    image = Image.new("L", (256, 256))
    for ellipse in ellipses:
        ImageDraw.Draw(image).ellipse(ellipse, fill=255)
    return np.asarray(image)


def boxes(nodes: list[Node]) -> list[tuple[int, int]]:
    return sorted((round(node.box.left * 256), round(node.box.right * 256)) for node in nodes)


def test_pieces_near_each_other_are_one_group_and_also_two():
    nodes = walk(group(alpha_of((40, 40, 100, 100), (106, 40, 166, 100))))

    assert boxes(nodes) == [(40, 101), (40, 167), (106, 167)]


def test_things_that_touch_come_apart_at_their_waist():
    nodes = walk(group(alpha_of((20, 60, 120, 160), (119, 60, 219, 160))))

    widths = [right - left for left, right in boxes(nodes)]

    assert 200 in widths
    assert sum(90 <= width <= 105 for width in widths) == 2


def test_specks_are_no_things():
    assert group(alpha_of((10, 10, 14, 14), (200, 200, 205, 205))) == []
    assert group(alpha_of()) == []


def test_the_cut_follows_trust_weighed_by_area():
    whole = group(alpha_of((40, 40, 100, 100), (106, 40, 166, 100)))
    nodes = walk(whole)

    together = choose_things(whole, {id(node): 0.9 if node is whole[0] else 0.5 for node in nodes})
    apart = choose_things(whole, {id(node): 0.1 if node is whole[0] else 0.5 for node in nodes})

    assert boxes(together) == [(40, 167)]
    assert boxes(apart) == [(40, 101), (106, 167)]

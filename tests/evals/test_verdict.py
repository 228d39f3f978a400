"""Yes or no: counts, colours, places and more than one name for a thing."""

from __future__ import annotations

import pytest

from limner.data.scenes.scene import Box
from limner.evals.judge import Found
from limner.evals.verdict import Order, Relation, Wanted, fulfils


def found(concept: str, *, x: float = 0.5, y: float = 0.5, colour: str = "") -> Found:
    return Found(concept=concept, box=Box(x - 0.1, y - 0.1, 0.2, 0.2), colour=colour, score=0.9)


def test_every_thing_must_be_there():
    both = Order(things=(Wanted(concept="cat"), Wanted(concept="key")))

    assert fulfils([found("cat"), found("key", x=0.2)], both)
    assert not fulfils([found("cat")], both)


@pytest.mark.parametrize(("count", "is_right"), [(2, False), (3, True), (4, False)])
def test_a_count_is_exact_where_the_order_says_so(count: int, is_right: bool):
    order = Order(things=(Wanted(concept="bee", count=3),), is_exact=True)

    assert fulfils([found("bee", x=0.2 * place) for place in range(count)], order) == is_right


def test_colours_belong_to_their_things():
    order = Order(things=(Wanted(concept="car", colour="red"), Wanted(concept="chair", colour="blue")))

    assert fulfils([found("car", colour="red"), found("chair", x=0.2, colour="blue")], order)
    assert not fulfils([found("car", colour="blue"), found("chair", x=0.2, colour="red")], order)


@pytest.mark.parametrize(("relation", "x", "y"), [("left of", 0.2, 0.5), ("right of", 0.8, 0.5), ("above", 0.5, 0.2), ("below", 0.5, 0.8)])
def test_a_relation_is_seen_from_the_second_thing(relation: Relation, x: float, y: float):
    def order(asked: Relation) -> Order:
        return Order(things=(Wanted(concept="cat"), Wanted(concept="dog")), relation=asked)

    things = [found("cat", x=x, y=y), found("dog")]

    right = [asked for asked in ("left of", "right of", "above", "below") if fulfils(things, order(asked))]  # type: ignore[arg-type]

    assert right == [relation]


def test_one_thing_of_which_the_judge_is_not_sure_is_not_two():
    order = Order(things=(Wanted(concept="cat"), Wanted(concept="fox")))

    assert not fulfils([found("cat"), found("fox")], order)

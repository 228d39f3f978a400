"""Which edits are drawn for which row."""

from __future__ import annotations

import numpy as np

from limner.data.editing.pair import OPERATIONS
from limner.evals.edits.tasks import COLOUR_WORDS, FORMS, NUM_TURNS, plan_edits
from limner.evals.tasks import CATEGORIES, GROUPS, is_operation


def test_the_quick_form_is_the_first_part_of_every_category():
    full, quick = ({task.key for task in plan_edits(GROUPS["edits"], is_quick=is_quick)} for is_quick in (False, True))

    assert quick < full
    assert all(f"{name}/{number:02}" in quick for name in GROUPS["edits"] for number in range(CATEGORIES[name].quick_size))


def test_every_operation_is_asked_for_once_a_case():
    names = [name for name in GROUPS["edits"] if is_operation(name)]

    tasks = plan_edits(names, is_quick=True)

    assert [name.removeprefix("edit-") for name in names] == list(OPERATIONS)
    assert all(len(task.orders) == 1 for task in tasks)
    assert all(task.orders[0].has_source == (task.case.source is not None) for task in tasks)


def test_the_same_edit_is_asked_for_in_several_ways_and_one_seed():
    for task in plan_edits(("edit-phrasings",), is_quick=False):
        prompts = [order.prompt for order in task.orders]

        assert len(set(prompts)) == 1 + len(FORMS)
        assert task.seed(0) == plan_edits((f"edit-{task.case.set}",), is_quick=False)[task.case.number].seed(0)


def test_the_last_image_is_what_is_left_out():
    for task in plan_edits(("edit-left-out",), is_quick=False):
        whole, without = task.orders

        assert len(whole.images) - len(without.images) == 1
        assert all(one is other for one, other in zip(whole.images, without.images, strict=False))
        assert len(task.case.subjects) == len(task.case.references)


def test_a_chain_asks_for_eight_colours_one_after_another():
    for name in ("edit-turns", "edit-turns-masked"):
        for task in plan_edits((name,), is_quick=False):
            prompts = [order.prompt for order in task.orders]

            assert (len(prompts), task.is_chain) == (NUM_TURNS, True)
            assert all(colour in prompt for colour, prompt in zip(COLOUR_WORDS, prompts, strict=True))
            assert all((order.mask is not None) == (name == "edit-turns-masked") for order in task.orders)
            assert all(np.array_equal(order.images[0], task.case.source) for order in task.orders)

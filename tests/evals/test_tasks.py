"""Categories, groups and orders by hash."""

import pytest

from limner.errors import InvalidField
from limner.evals.prompts.plan import all_tasks
from limner.evals.tasks import CATEGORIES, GROUPS, chosen_categories, ranked


def test_a_group_stands_for_its_categories_and_nothing_for_all():
    assert chosen_categories(["text", "counting"]) == ("counting", "text-seen", "text-held-out")
    assert chosen_categories([]) == tuple(CATEGORIES)


def test_an_unknown_category_is_refused_by_name():
    with pytest.raises(InvalidField, match=r"category 'speed' is not known; use following, .*counting"):
        chosen_categories(["speed"])


def test_groups_and_categories_have_names_of_their_own_unless_they_are_the_same():
    assert all(GROUPS[name] == (name,) for name in set(GROUPS) & set(CATEGORIES))


def test_an_order_by_hash_keeps_every_item_and_depends_on_the_salt():
    items = [str(number) for number in range(50)]

    first, second = ranked(items, "one"), ranked(items, "two")

    assert sorted(first) == sorted(second) == sorted(items)
    assert first != second
    assert ranked(reversed(items), "one") == first


def test_every_picture_has_a_seed_of_its_own_that_the_base_seed_changes():
    seeds = [task.seed(0) for task in all_tasks()]

    assert len(set(seeds)) == len(seeds)
    assert all(task.seed(1) != task.seed(0) for task in all_tasks())

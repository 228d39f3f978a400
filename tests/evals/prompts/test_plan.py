"""The prompts of the benchmark: fixed, true to what they ask, and free of what is held out where they should be."""

from collections import Counter
from dataclasses import replace

import pytest

from limner.data.heldout import has_held_out_synonym, is_held_out_concept, is_held_out_word, read_heldout
from limner.data.scenes.scene import Box
from limner.evals.concepts import NAMED_CONCEPTS
from limner.evals.judge import Found
from limner.evals.prompts.burying import LANGUAGES, TRANSLATED
from limner.evals.prompts.following import COUNTS, RELATIONS
from limner.evals.prompts.naming import held_out_cells
from limner.evals.prompts.plan import SEEDS, all_tasks, digest_prompts, plan_tasks
from limner.evals.tasks import CATEGORIES, GROUPS, Task
from limner.evals.verdict import Order, fulfils

DIGEST = "sha256:067b7e114d5a047178638cbd0c58dc44b599543ecc4e5068e6ccb1ab79fe6d6a"
ORDERED = [task for task in all_tasks() if task.order is not None and task.category != "transparency"]
HELD_OUT_ON_PURPOSE = {"named-cells", "named-synonyms", "text-held-out", *GROUPS["unscored"]}


def of(category: str) -> list[Task]:
    return [task for task in all_tasks() if task.category == category]


def truth(order: Order) -> list[Found]:
    """What a perfect judge finds in a perfect picture: each thing in a box of its own, the first where the relation wants it."""
    away = {"": (-0.3, 0.0), "left of": (-0.3, 0.0), "right of": (0.3, 0.0), "above": (0.0, -0.3), "below": (0.0, 0.3)}
    starts = [(0.4 + away[order.relation][0], 0.4 + away[order.relation][1]), (0.4, 0.4)]
    return [
        Found(concept=thing.concept, box=Box(left + 0.15 * turn, top, 0.1, 0.1), colour=thing.colour or "red", score=0.9)
        for thing, (left, top) in zip(order.things, starts, strict=False)
        for turn in range(thing.count)
    ]


def test_the_prompts_are_the_ones_that_were_fixed():
    assert digest_prompts() == DIGEST, "a prompt or its truth has changed, so that reports no longer compare"


def test_every_category_has_the_size_that_it_says_with_numbers_from_zero():
    sizes = Counter(task.category for task in all_tasks())

    assert sizes == {name: category.size for name, category in CATEGORIES.items() if not name.startswith("edit-")}
    assert all([task.number for task in of(name)] == list(range(sizes[name])) for name in sizes)
    assert len({task.key for task in all_tasks()}) == len(all_tasks())


def test_the_six_categories_have_genevals_proportions():
    sizes = [CATEGORIES[name].size for name in GROUPS["following"]]
    quick = [CATEGORIES[name].quick_size for name in GROUPS["following"]]

    assert sizes == [80, 99, 80, 94, 100, 100]
    assert all(abs(part / sum(quick) - whole / sum(sizes)) < 0.01 for part, whole in zip(quick, sizes, strict=True))


def test_no_prompt_is_asked_twice_in_a_category():
    twice = [
        prompt
        for name in CATEGORIES
        for prompt, count in Counter(task.prompt for task in of(name)).items()
        if count > 1 and name not in ("html", "languages")
    ]

    assert twice == []


def test_the_quick_form_is_a_part_of_the_full_form_with_the_twin_of_each_long_prompt():
    quick = plan_tasks(tuple(CATEGORIES), is_quick=True)

    keys = {task.key for task in quick}
    assert 400 < len(keys) < 500
    assert keys < {task.key for task in all_tasks()}
    assert [task.twin for task in quick if task.category == "long" and task.twin not in keys] == []


def test_nothing_held_out_is_asked_where_training_could_have_seen_it():
    cells, sets = set(held_out_cells()), read_heldout().sets
    asked = [task for task in all_tasks() if task.category not in HELD_OUT_ON_PURPOSE]

    synonyms = [task.prompt for task in asked if has_held_out_synonym(task.prompt)]
    concepts = [task.concept for task in asked if task.concept and is_held_out_concept(task.concept)]
    drawings = [task.key for task in asked if (task.concept, task.style) in cells or task.style in sets]
    words = [task.word for task in asked if task.word and is_held_out_word(task.word)]

    assert (synonyms, concepts, drawings, words) == ([], [], [], [])


def test_what_is_asked_as_held_out_is_held_out():
    cells = set(held_out_cells())

    assert all((task.concept, task.style) in cells for task in of("named-cells"))
    assert all(has_held_out_synonym(task.prompt) for task in of("named-synonyms"))
    assert all(is_held_out_word(task.word) for task in of("text-held-out"))


@pytest.mark.parametrize("category", ["one-object", "two-objects", "counting", "colours", "position", "colour-attribution", "long"])
def test_a_prompt_names_every_thing_of_its_order_with_its_number_colour_and_place(category: str):
    for task in of(category):
        assert task.order is not None
        for thing in task.order.things:
            assert thing.concept[:3] in task.prompt, task
            assert thing.colour in task.prompt, task
            assert thing.count == 1 or COUNTS[thing.count] in task.prompt or f"{thing.count} " in task.prompt, task
        phrases = [phrase for phrase in RELATIONS if phrase in task.prompt]
        assert [RELATIONS[phrase] for phrase in phrases] == ([task.order.relation] if task.order.relation else []), task


@pytest.mark.parametrize("task", ORDERED[::7], ids=lambda task: task.key)
def test_the_truth_of_a_prompt_fulfils_it_and_less_does_not(task: Task):
    assert task.order is not None
    found = truth(task.order)

    less = fulfils(found[1:], task.order)
    nothing = fulfils([], task.order)

    assert fulfils(found, task.order)
    assert (less, nothing) == (False, False)


def test_one_more_than_was_asked_for_is_a_wrong_count():
    task = of("counting")[0]
    assert task.order is not None
    found = truth(task.order)

    too_many = fulfils([*found, replace(found[0], box=Box(0.8, 0.8, 0.1, 0.1))], task.order)

    assert not too_many


def test_named_things_are_chosen_among_twenty_of_which_one_is_right():
    for task in [task for task in all_tasks() if task.choices]:
        right = [name for name in task.choices if name in (task.concept, *task.also)]

        assert right == [task.concept], task
        assert len(set(task.choices)) == 20, task
        assert set(task.choices) <= set(NAMED_CONCEPTS), task


def test_the_right_choice_stands_anywhere_among_the_twenty():
    places = Counter(task.choices.index(task.concept) for task in of("named-seen"))

    assert len(places) == 20
    assert max(places.values()) < 45


def test_words_to_be_lettered_are_quoted_and_have_two_to_eight_letters():
    for task in [*of("text-seen"), *of("text-held-out")]:
        assert f'"{task.word}"' in task.prompt
        assert 2 <= len(task.word) <= 8
        assert task.word.isalpha()


def test_a_long_prompt_holds_the_words_of_its_twin_and_asks_for_the_same():
    plain = {task.key: task for task in all_tasks()}

    for task in of("long"):
        twin = plain[task.twin]
        assert twin.prompt.removeprefix("draw ").removeprefix("a picture of ").removeprefix("an illustration of ") in task.prompt
        assert task.order == twin.order
        assert len(task.prompt) > 2000


def test_every_language_has_a_word_for_every_thing():
    lengths = {language: len(words.split(", ")) for language, words in LANGUAGES.items()}

    assert set(lengths.values()) == {len(TRANSLATED)}


def test_transparent_ground_is_asked_for_in_words_as_well():
    assert all(task.background == "transparent" for task in of("transparency"))
    assert all(any(word in task.prompt for word in ("sticker", "icon", "sprite", "transparent")) for task in of("transparency"))


def test_the_first_three_prompts_and_a_hundred_everyday_ones_are_drawn():
    everyday = [task.prompt for task in of("everyday")]

    assert tuple(task.prompt for task in of("seeds")) == SEEDS
    assert len(set(everyday)) == 100

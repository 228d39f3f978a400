"""The sentences: enough of each, and nothing shared between what is learnt and what is measured."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from limner.errors import DamagedFile
from limner.moderation.phrases import INNOCENT_FILES, file_of, read_family, read_phrases
from limner.moderation.verdict import CATEGORIES

FILES = [*map(file_of, CATEGORIES), *INNOCENT_FILES]
INNOCENT_PROMPTS = Path(__file__).parents[2] / "benchmarks" / "innocent_prompts.txt"


@pytest.mark.parametrize("name", FILES)
def test_parts_of_a_file_share_neither_templates_nor_words(name: str):
    learn, tune, held = (read_family(name, part) for part in ("learn", "tune", "held"))

    for first, second in ((learn, held), (tune, held), (learn, tune)):
        shared = set(first.templates) & set(second.templates)
        assert {template for template in shared if re.search(r"[a-z]{2}", re.sub(r"\{\w+\}", "", template))} == set()
        words = [{word for values in family.words.values() for word in values} for family in (first, second)]
        assert words[0] & words[1] == set()


def test_no_sentence_is_in_two_parts():
    learn, tune, held = ({phrase.text.lower() for phrase in read_phrases(part)} for part in ("learn", "tune", "held"))

    assert held & (learn | tune) == set()
    assert learn & tune == set()


def test_each_category_is_measured_on_at_least_fifty_sentences():
    held = read_phrases("held")

    counts = Counter(phrase.category for phrase in held)

    assert len({phrase.text for phrase in held}) == len(held)
    assert min(counts[name] for name in CATEGORIES) >= 50
    assert counts[None] >= 500


def test_innocent_prompts_are_three_hundred_and_in_no_part():
    prompts = [line for line in INNOCENT_PROMPTS.read_text("utf-8").splitlines() if not line.startswith("#")]
    texts = {phrase.text.lower() for part in ("learn", "tune", "held") for phrase in read_phrases(part)}

    assert len(set(prompts)) == 300
    assert {prompt.lower() for prompt in prompts} & texts == set()


def test_sentences_are_the_same_each_time():
    assert read_phrases("tune") == read_phrases("tune")


def test_a_missing_file_is_named():
    with pytest.raises(DamagedFile, match=r"sentences/nothing\.txt cannot be read"):
        read_family("nothing", "learn")

"""What should become of a picture, asked in other languages, in the phrasings of training; English instructions come back as they are."""

from __future__ import annotations

import re
import time
from importlib import resources
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from limner.data.editing import damage, editor, references, whole, wording
from limner.evals.edits.tasks import plan_edits
from limner.evals.tasks import GROUPS
from limner.model.prompts.orders import ENGLISH_SLOT, LOCALES, read_orders, translate_orders
from limner.model.prompts.understand import understand_instruction

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
ASKED = [
    [part.strip() for part in line.split("|")]
    for line in (BENCHMARKS / "translated_orders.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
THINGS = {
    "a": "a red hat", "the": "the dog", "bare": "dog", "other": "the cat", "where": " on the table", "where_in": " on the table",
    "colour": "dark blue", "painted": "a dark blue dog", "bigger": "a bigger dog", "smaller": "a smaller dog", "ground": "light blue",
    "a_ground": "a light blue", "place": "on a beach", "old": "OLD", "text": "NEW",
}  # fmt: skip
GAPS = (
    {"the": "the A", "a": "a B", "other": "the B", "colour": "C", "ground": "C", "a_ground": "a C", "old": "", "text": "A"},
    {"the": "the A", "a": "a A", "other": "the B", "colour": "C", "ground": "A", "a_ground": "a C", "old": "", "text": "A"},
    {"the": "the B", "a": "a A", "other": "the A", "colour": "C", "ground": "A", "a_ground": "a C", "old": "", "text": "A"},
)
PLACES = (
    "",
    " to the left",
    " to the right",
    " to the top",
    " to the bottom",
    " to the middle",
    " on the A",
    " on the B",
    " next to the B",
    " to the left of the A",
    " to the right of the A",
)
BEYOND_TRAINING = {"write A on the B", "write B on the A"}  # what is written on is named only where it is a sign


def trained() -> list[str]:
    """Every phrasing of training with something in its gaps, polite ones too."""
    orders = [order.format(**THINGS) for kind in wording.ORDERS.values() for order in kind]
    polite = [form.format(order) for order in orders for form in wording._POLITE]
    media = [order.format(medium) for order in whole._RESTYLE for names in whole.MADE_AS.values() for medium in names]
    light = [order for kinds in (whole._LIGHT, whole._AIRS) for orders in kinds.values() for order in orders]
    likeness = [order.format("the dog", n=2, nth="second") for order in (*references._STYLES, *references._RESTYLES)]
    repairs = [*(order for orders in damage._ORDERS.values() for order in orders), *damage._ANY, *editor._FILL, *editor._EXTEND]
    return [*orders, *polite, *media, *light, *likeness, *repairs]


@pytest.mark.parametrize(("locale", "asked", "english"), ASKED)
def test_an_order_in_another_language_is_said_in_a_phrasing_of_training(tokenizer: Tokenizer, locale: str, asked: str, english: str):
    said = translate_orders(asked)

    assert said == english
    assert understand_instruction(asked, tokenizer) == understand_instruction(said, tokenizer) == said


def test_every_language_is_asked_of_and_has_every_kind_of_order():
    kinds = [{form.english for form in read_orders(locale).forms} for locale in LOCALES]

    assert {locale for locale, _, _ in ASKED} == set(LOCALES)
    assert all({"remove the A", "add a A", "replace the A with a B", "make the A C", "move the A to the left"} <= kind for kind in kinds)
    assert all({"make the A larger", "make the background C", "remove the background", "change the text to A"} <= kind for kind in kinds)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_form_names_the_things_of_its_order_and_every_line_can_be_read(locale: str):
    lines = resources.files("limner.model.prompts").joinpath("edits", f"{locale}.txt").read_text("utf-8").splitlines()

    assert all(" = " in line for line in lines)
    for form in read_orders(locale).forms:
        assert set(re.compile(form.pattern).groupindex) == {slot for _, slot in ENGLISH_SLOT.findall(form.english)}, form


@pytest.mark.parametrize(
    "prompts",
    [
        trained(),
        [order.prompt for task in plan_edits(GROUPS["edits"], is_quick=False) for order in task.orders],
        (BENCHMARKS / "innocent_prompts.txt").read_text("utf-8").splitlines(),
    ],
)
def test_an_english_instruction_is_not_changed_by_a_byte(prompts: list[str]):
    assert [prompt for prompt in prompts if translate_orders(prompt) != prompt] == []
    assert len(set(prompts)) >= 290


@pytest.mark.parametrize(
    ("asked", "english"),
    [
        ("entferne den Hund und mache die Katze rot", "remove the dog and make the cat red"),
        ("Entferne den Hund. Mach die Katze rot.", "remove the dog. make the cat red."),
        ("entferne den Hund und die Katze", "remove the dog and the cat"),
        ("犬を消して、猫を赤くして", "remove the dog and make the cat red"),
        ('schreibe "HUND ENTFERNEN" auf das Schild', 'write "HUND ENTFERNEN" on the sign'),
        ("看板に「カフェ」と書いて", 'write "カフェ" on the sign'),
        ("entferne den Zwackelmann", "remove the Zwackelmann"),
        ("Füge Wolken hinzu", "add clouds"),
        ("im Stil von Bild 2", "in the style of image 2"),
        ("把图2的帽子放在狗上", "put the hat of image 2 on the dog"),
        ("rends le chapeau bleu clair", "make the hat light blue"),
        ("eine Katze mit Hut", "a cat with hat"),
    ],
)
def test_several_orders_quotations_and_what_is_not_known(asked: str, english: str):
    assert translate_orders(asked) == english


@pytest.mark.parametrize("text", ["lösche a und ", "A durch B ersetzen ", "把A换成B", "ersetze ", "ᚠ"])
def test_no_instruction_is_a_trap(text: str):
    began = time.process_time()
    translate_orders((text * 32_000)[:1000])
    translate_orders((text * 32_000)[:32_000])

    assert time.process_time() - began < 3.0  # measured: a third of that

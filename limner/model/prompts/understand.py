"""From what a person asks for to the text that is encoded: small steps, each from text to text.

The steps only meet what they know. A prompt in the words of captions goes through byte for byte, quotations always do, and of code
only colours in numbers change.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tokenizers import Tokenizer

from limner.model.condense import QUOTED, condense
from limner.model.prompts.absence import drop_absent
from limner.model.prompts.colours import name_colours, name_numbers
from limner.model.prompts.counts import spell_counts
from limner.model.prompts.domain import plain_domain
from limner.model.prompts.english import correct_articles
from limner.model.prompts.looks import plain_looks
from limner.model.prompts.orders import translate_orders
from limner.model.prompts.positions import plain_positions
from limner.model.prompts.spans import is_code, outside_quotes
from limner.model.prompts.translate import translate

Step = Callable[[str], str]
STEPS: tuple[Step, ...] = (plain_looks, plain_domain, name_colours, spell_counts, plain_positions)
INSTRUCTION_STEPS: tuple[Step, ...] = (name_colours, plain_positions)
MAX_ROUNDS = 4
LETTER = re.compile(r"[^\W\d_]")
LONG_GAP = re.compile(r"[^\S\n]{16,}")  # steps look for blanks before what they match; without bound that takes long
DOUBLE_SPACE = re.compile(r"[ \t]{2,}")
SPACE_BEFORE_MARK = re.compile(r"[ \t]+(?=[,.;:!?)](?:\s|$))")
EMPTY_CLAUSE = re.compile(r"(?:,[ \t]*)+(?=[,.;:!?])|(?<=[.;:!?])[ \t]*,|(?<=[(])[ \t]*,[ \t]*|\([ \t]*\)")
LOOSE_END = re.compile(r"[ \t]+(?:a|an|the|and|or|in|on|of|with|by|but|as|is|are|that|with an?|in an?)[ \t]*(?=[,.;!?]|$)", re.IGNORECASE)
EMPTY_SENTENCE = re.compile(r"(?<=[.!?])(?:[ \t]*[.;])+(?=\s|$)")
LOOSE_ARTICLE = re.compile(r"\b(an?|the)[ \t]+(?=(?:an?|the)\b[ \t]+\w)", re.IGNORECASE)
EDGES = re.compile(r"^[\s,;:.]+(?:(?:and|or|of|but|in|by|with)[ \t]+)?|[\s,;:]+$", re.IGNORECASE)


def understand(prompt: str, tokenizer: Tokenizer) -> str:
    """Return the text that is encoded: the prompt in the words of captions, at most MAX_TEXT_TOKENS long.

    Given back as a prompt, it comes back as it is. It is empty only for an empty prompt.
    """
    for _ in range(MAX_ROUNDS):
        before, prompt = prompt, _understand_once(prompt, tokenizer)
        if prompt == before:
            break
    return prompt


def understand_instruction(prompt: str, tokenizer: Tokenizer) -> str:
    """Return the text that is encoded of what should become of pictures, at most MAX_TEXT_TOKENS long.

    What should go is named as it is ("without the dog"), and so are the numbers of images; the rest is as in `understand`.
    """
    english = translate_orders(prompt)
    text = condense(english if _says_something(english) else prompt, tokenizer)
    for step in INSTRUCTION_STEPS:
        text = _take(step, text)
    return condense(text, tokenizer)


def _understand_once(prompt: str, tokenizer: Tokenizer) -> str:
    if is_code(prompt):
        return condense(name_numbers(prompt), tokenizer)
    prompt = outside_quotes(prompt, lambda text: LONG_GAP.sub(" ", text))
    english = translate(prompt)
    present = _take(drop_absent, english if _says_something(english) else prompt)
    text = condense(present, tokenizer)
    for step in STEPS:
        text = _take(step, text)
    return condense(text, tokenizer)


def _take(step: Step, text: str) -> str:
    """Take a step outside quotations, unless it would leave nothing."""
    changed = outside_quotes(text, step)
    if changed == text:
        return text
    changed = _tidy(changed)
    return changed if _says_something(changed) else text


def _says_something(text: str) -> bool:
    return bool(LETTER.search(text))


def _tidy(text: str) -> str:
    """Close the gaps that words left which were taken out."""
    text = outside_quotes(text, _close_gaps)
    return text.strip(" ,;") if QUOTED.match(text.lstrip(" ,;:.")) else EDGES.sub("", text)


def _close_gaps(text: str) -> str:
    for pattern, instead in (
        (DOUBLE_SPACE, " "),
        (LOOSE_END, ""),
        (SPACE_BEFORE_MARK, ""),
        (EMPTY_CLAUSE, ""),
        (EMPTY_SENTENCE, ""),
        (LOOSE_ARTICLE, ""),
    ):
        text = pattern.sub(instead, text)
    return correct_articles(text)

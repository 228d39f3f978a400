"""How many: one spelling of the numbers that captions use."""

from __future__ import annotations

import re

from limner.model.prompts.english import NUMBERS

WORN_IN_PAIRS = (
    "glasses|sunglasses|goggles|scissors|jeans|shorts|briefs|gloves|socks|chopsticks|skis|binoculars|pants|trousers|headphones|shoes|boots|"
    "sneakers|earrings|mittens|tongs|pliers|wings|sandals|skates"
)
DOZEN = re.compile(r"\b(?:(half)(?: an?|-an?)? dozen|(?:an?|one) dozen)(?: of)?(?= )", re.IGNORECASE)
GROUP = re.compile(
    rf"\b(?:an?|one) (pair|couple|duo|trio|threesome|quartet|quintet) of(?= (?!(?:[\w-]+ ){{0,2}}(?:{WORN_IN_PAIRS})\b))", re.IGNORECASE
)
SIZES = {"pair": "two", "couple": "two", "duo": "two", "trio": "three", "threesome": "three", "quartet": "four", "quintet": "five"}
NOT_COUNTED = (
    "px|cm|mm|km|kg|am|pm|years?|hours?|days?|months?|weeks?|minutes?|seconds?|percent|by|and|to|or|in|at|on|of|o|point|points|degrees?|inch|"
    "inches|feet|meters?|metres?|is|bit|color|colour|colors|colours|from|for|the"
)
_NOT_AFTER = "".join(f"(?<!{word} )" for word in ("number", "no", r"no\.", "page", "level", "chapter", "day", "size", "year"))
DIGITS = re.compile(rf"(?<![\w<>#$€£%.,:/+*=-]){_NOT_AFTER}(\d{{1,2}})(?:[ ]?[x×])?[ ](?=[a-z](?:[a-z-]+)\b)(?!(?:{NOT_COUNTED})\b)")


def spell_counts(text: str) -> str:
    """Return the text with "3 apples", "a couple of cats" and "a dozen eggs" as three, two and twelve; pairs of what is worn stay."""
    text = DOZEN.sub(lambda match: "six" if match[1] else "twelve", text)
    text = GROUP.sub(lambda match: SIZES[match[1].lower()], text)
    return DIGITS.sub(lambda match: f"{NUMBERS[int(match[1])]} " if int(match[1]) in NUMBERS else match[0], text)

"""As much English grammar as a prompt needs that was put together from words: articles and plurals."""

from __future__ import annotations

import re

IRREGULAR = {
    "mouse": "mice", "goose": "geese", "ox": "oxen", "person": "people", "man": "men", "woman": "women", "child": "children",
    "leaf": "leaves", "knife": "knives", "wolf": "wolves", "foot": "feet", "tooth": "teeth", "loaf": "loaves", "shelf": "shelves",
    "cactus": "cacti",
}  # fmt: skip
UNCHANGED = frozenset("fish sheep deer bison shrimp squid people children mice men women".split())
MASS = frozenset("rain snow fog water grass smoke fire light bread hair text writing sand ice".split())
NUMBERS = dict(enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1))
WRONG_ARTICLE = re.compile(r"\b(an?)(?= ((?:[a-z]|[A-Z](?=[a-z]))[\w'-]*))", re.IGNORECASE)
VOWEL_SOUND = re.compile(r"(?!uni(?!n)|us[eu]|eu|one\b|ufo|ukulele|ewe)[aeiou]|hour|honest", re.IGNORECASE)


def is_several(name: str) -> bool:
    """Say whether a name stands without "a": "clouds", "red apples on a table", "snow"."""
    head = re.split(r" (?:of|with|in|on|behind|without|over|at|to|next) ", name, maxsplit=1)[0].split()[-1:]
    return bool(head) and (head[0] in MASS or head[0] in IRREGULAR.values() or bool(re.search(r"[^su]s$", head[0])))


def plural(name: str) -> str:
    """Return several of a thing: "slices of pizza", "mice", "cherries"; what is a plural already stays."""
    head, *rest = re.split(r"(?= (?:of|with|in|on|behind|without|over|at) )", name, maxsplit=1)
    *before, word = head.split() or [""]
    if word in IRREGULAR:
        word = IRREGULAR[word]
    elif word in UNCHANGED or re.search(r"[^su]s$", word):
        pass
    elif re.search(r"[^aeiou]y$", word):
        word = word[:-1] + "ies"
    elif re.search(r"(s|x|z|ch|sh)$", word) or word in {"potato", "tomato", "mango", "volcano", "mosquito"}:
        word += "es"
    else:
        word += "s"
    return " ".join([*before, word]) + "".join(rest)


def singular(name: str) -> str:
    """Return one of several things: "slice of pizza", "mouse", "cherry"; what is no plural stays."""
    head, *rest = re.split(r"(?= (?:of|with|in|on|behind|without|over|at) )", name, maxsplit=1)
    *before, word = head.split() or [""]
    known = next((one for one, several in IRREGULAR.items() if several == word), "")
    endings = (word[:-3] + "y" if word.endswith("ies") else "", word[:-2] if word.endswith("es") else "", word[:-1])
    one = known or next((each for each in endings if each and plural(each) == word), word)
    return " ".join([*before, one]) + "".join(rest)


def correct_articles(text: str) -> str:
    """Put "a" or "an" by the sound of the next word."""
    return WRONG_ARTICLE.sub(lambda match: match[1][0] + ("n" if VOWEL_SOUND.match(match[2]) else ""), text)

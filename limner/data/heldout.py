"""What training never sees, so that the benchmark can ask for it: styles, cells, concepts, synonyms, fonts, words.

The list is `heldout.json`. Parts hold these drawings all the same, because the benchmark needs them as the truth;
whoever reads parts for training passes the assets through `trainable`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from limner.data.packing.pack import Asset

HELD_OUT_WORDS_PERCENT = 5
AUTHOR_KEYWORDED = {"openclipart"}  # keywords say what is drawn, often better than the title
OTHER_NAMES = (
    "pickaxe",
    "lifebuoy",
    "life buoy",
    "life ring",
    "shuttlecock",
    "onigiri",
    "tempura",
    "narutomaki",
    "buffalo",
)  # of held-out concepts
KEPT_FROM_JUDGE_PERCENT = 20
LINKING_WORDS = {"a", "an", "and", "for", "in", "of", "on", "the", "with"}


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The list, ready for look-ups. `cells` are (emoji code, set); `concepts` maps emoji code to label."""

    sets: frozenset[str]
    cells: frozenset[tuple[str, str]]
    concepts: Mapping[str, str]
    synonyms: Mapping[str, str]
    fonts: frozenset[str]


@cache
def read_heldout() -> HeldOut:
    """Return the list that ships with the package."""
    content = json.loads(resources.files("limner.data").joinpath("heldout.json").read_text())
    return HeldOut(
        sets=frozenset(style.split(" ")[0] for style in content["styles_held_out"]["train_never"]),
        cells=frozenset((cell["hex"], cell["style"]) for cell in content["cells_held_out"]),
        concepts={concept["hex"]: concept["label"] for concept in content["concepts_held_out"]},
        synonyms=content["synonyms_never_in_captions"],
        fonts=frozenset(content["fonts_held_out"]),
    )


def trainable(assets: Iterable[Asset]) -> Iterator[Asset]:
    """Yield the assets that training may draw, with the common word in place of each held-out synonym in their keywords.

    `concept` stays as it is, because recipes choose by it; a caption made from it goes through `replace_held_out_synonyms`.
    """
    for asset in assets:
        if not is_held_out_asset(asset):
            keywords = dict.fromkeys(replace_held_out_synonyms(word) for word in asset.keywords)
            yield replace(asset, keywords=tuple(keywords))


def is_held_out_asset(asset: Asset) -> bool:
    """Say whether a drawing is kept from training: by its set, its cell or its concept."""
    listed = read_heldout()
    if asset.set in listed.sets or (asset.code, asset.set) in listed.cells:
        return True
    names = (asset.concept, *asset.keywords) if asset.set in AUTHOR_KEYWORDED else (asset.concept,)
    return any(is_held_out_concept(name, asset.code) for name in names)


def is_held_out_concept(concept: str, code: str = "") -> bool:
    """Say whether a drawing shows one of the held-out concepts.

    A drawing with an emoji code is judged by the code. One without is judged by name, in any word order and number:
    "broken link", "links" and "globe meridian" are held out, and so is a "pickaxe", which is another name of the pick.
    """
    concepts = read_heldout().concepts
    if code:
        return code in concepts
    words = _content_words(concept)
    return any(held <= words for held in _held_out_names())


def has_held_out_synonym(text: str) -> bool:
    """Say whether a caption contains a held-out synonym, in the singular or the plural."""
    return bool(_synonym_pattern().search(text))


def replace_held_out_synonyms(text: str) -> str:
    """Return the text with the common word in place of each held-out synonym: "two beer mugs" becomes "two beer cups"."""
    return _synonym_pattern().sub(lambda match: _common_words()[match[0].lower()], text)


def held_out_synonyms() -> Mapping[str, str]:
    """Return common word -> the synonym of it that captions never use."""
    return read_heldout().synonyms


def is_held_out_font(family: str) -> bool:
    """Say whether a font family, named as in `fonts.json`, is kept from training."""
    return family in read_heldout().fonts


def is_held_out_word(word: str) -> bool:
    """Say whether a word is never drawn as lettering in training; letter case does not matter."""
    return _bucket(f"word:{word.lower()}") < HELD_OUT_WORDS_PERCENT


def is_kept_from_judge(key: str) -> bool:
    """Say whether the judge of the benchmark never learns from a drawing, "set/slug", because it is validated on it.

    So are all drawings of the held-out sets; this is the fifth of the others whose hash of "judge:set/slug" is below 20 of 100.
    """
    return key.split("/")[0] in read_heldout().sets or _bucket(f"judge:{key}") < KEPT_FROM_JUDGE_PERCENT


def _bucket(text: str) -> int:
    return int(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:8], 16) % 100


@cache
def _held_out_names() -> tuple[frozenset[str], ...]:
    return tuple(_content_words(label) for label in (*read_heldout().concepts.values(), *OTHER_NAMES))


def _content_words(text: str) -> frozenset[str]:
    words = re.findall(r"[a-z]+", text.lower())
    return frozenset(_singular(word) for word in words if word not in LINKING_WORDS)


def _singular(word: str) -> str:
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return word[:-1]
    return word


@cache
def _synonym_pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in _common_words())
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)


@cache
def _common_words() -> dict[str, str]:
    pairs = read_heldout().synonyms
    return {synonym: word for word, synonym in pairs.items()} | {_plural(synonym): _plural(word) for word, synonym in pairs.items()}


def _plural(word: str) -> str:
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "ch", "sh", "x")) else f"{word}s"

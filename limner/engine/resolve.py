"""From what a person may say, with `auto` and names, to a request in which every field is settled."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args
from uuid import uuid4

from limner.engine.protocol import MAX_SEED, Background, Fidelity, GenerateRequest, Priority, Quality
from limner.errors import InvalidField, InvalidPrompt, UnsupportedSize
from limner.model.layout import MAX_SIDE_PX, Size, parse_size
from limner.model.prompts.translate import translate

MAX_PROMPT_CHARS = 32_000
MAX_IMAGES = 10
MAX_PARTIALS = 3
QUALITIES: tuple[Quality, ...] = get_args(Quality)
BACKGROUNDS: tuple[Background, ...] = get_args(Background)
FIDELITIES: tuple[Fidelity, ...] = get_args(Fidelity)
AUTO_QUALITY: Quality = "medium"

ASKS_FOR_TRANSPARENCY = re.compile(
    r"\b(stickers?|icons?|sprites?|logos?|transparency|transparent (background|png|webp|image|picture)s?|(no|without an?y?) background)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class GenerateOptions:
    """Everything beside the prompt, in the words of the front doors; `seed` None means: choose one.

    `largest_side` is the limit of `size` in pixels, `owner` whoever's turn it is when several wait, `priority` whose turns come first.
    """

    model: str = "limner"
    size: str = "auto"
    n: int = 1
    seed: int | None = None
    quality: str = "auto"
    background: str = "auto"
    num_partials: int = 0
    largest_side: int = MAX_SIDE_PX
    owner: str = ""
    priority: Priority = "interactive"


def resolve(prompt: str, options: GenerateOptions, *, find_snapshot: Callable[[str], str]) -> GenerateRequest:
    """Settle every field. `find_snapshot` turns the name of a model, alias or snapshot into a snapshot's name.

    Raises:
        InvalidPrompt: empty, longer than `MAX_PROMPT_CHARS`, or not text.
        InvalidField: a field is outside what it allows.
        UnsupportedSize: not text, or as `parse_size`.
        UnknownModel: as `find_snapshot`.
    """
    check_prompt(prompt)
    return GenerateRequest(
        prompt=prompt,
        size=resolve_size(options.size, options.largest_side),
        background=resolve_background(options.background, prompt),
        **settle_others(options, find_snapshot),
    )


def settle_others(options: GenerateOptions, find_snapshot: Callable[[str], str]) -> dict[str, Any]:
    """Settle the fields of a request that depend on nothing but their own words, under a new id.

    Raises:
        InvalidField, UnknownModel: as `resolve`.
    """
    return {
        "request_id": uuid4().hex,
        "owner": options.owner,
        "priority": options.priority,
        "quality": _resolve_quality(options.quality),
        "num_images": _check_count("n", options.n, 1, MAX_IMAGES),
        "seed": secrets.randbelow(MAX_SEED + 1) if options.seed is None else _check_count("seed", options.seed, 0, MAX_SEED),
        "num_partials": _check_count("partials", options.num_partials, 0, MAX_PARTIALS),
        "snapshot": find_snapshot(options.model),
    }


def check_prompt(prompt: str) -> None:
    """Refuse a prompt that says nothing or too much.

    Raises:
        InvalidPrompt: empty, longer than `MAX_PROMPT_CHARS`, or not text.
    """
    shown = repr(prompt[:20] + "…" if isinstance(prompt, str) and len(prompt) > 20 else prompt)
    if not isinstance(prompt, str):
        raise InvalidPrompt(f"prompt {shown} is not text; give a string")
    if any("\ud800" <= character <= "\udfff" for character in prompt):
        raise InvalidPrompt(f"prompt {shown} is not legal Unicode; write it in UTF-8")
    if not prompt.strip():
        raise InvalidPrompt(f"prompt {shown} is empty; say what to draw")
    if len(prompt) > MAX_PROMPT_CHARS:
        raise InvalidPrompt(f"prompt {shown} has {len(prompt):,} characters; shorten it to {MAX_PROMPT_CHARS:,}")


def resolve_background(background: str, prompt: str) -> Background:
    """Return the background that is asked for; `auto` is transparent for stickers, icons, sprites, logos and transparency,
    in any known language.

    Raises:
        InvalidField: no such background.
    """
    if background == "auto":
        return "transparent" if ASKS_FOR_TRANSPARENCY.search(translate(prompt)) else "opaque"
    for known in BACKGROUNDS:
        if background == known:
            return known
    raise InvalidField("background", f"background {background!r} is not known; use auto, {' or '.join(BACKGROUNDS)}")


def resolve_size(size: str, largest_side: int) -> Size:
    """Return the size that is asked for.

    Raises:
        UnsupportedSize: not text, or as `parse_size`.
    """
    if not isinstance(size, str):
        raise UnsupportedSize(f"size {size!r} is not text; use WIDTHxHEIGHT, such as '1024x1024'")
    return parse_size(size, largest_side=largest_side)


def _resolve_quality(quality: str) -> Quality:
    if quality == "auto":
        return AUTO_QUALITY
    for known in QUALITIES:
        if quality == known:
            return known
    raise InvalidField("quality", f"quality {quality!r} is not known; use auto, {', '.join(QUALITIES[:-1])} or {QUALITIES[-1]}")


def _check_count(name: str, value: int, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidField(name, f"{name} {value!r} is out of range; use a whole number from {least} to {most}")
    return value

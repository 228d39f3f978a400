"""Captions of single drawings of every pack: what is drawn, how, in which colours, and what was done to it, only as far as it is true."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from limner.data.colours import COLOUR_WORDS, plain_hue
from limner.data.heldout import has_held_out_synonym, replace_held_out_synonyms
from limner.data.looks import THING_SETS, look_words
from limner.data.naming import indefinite_article, plain_names, with_article
from limner.data.packing.pack import Asset
from limner.data.treatments import Treated

_ENDINGS: Mapping[str, str] = {
    "off": "crossed-out {}", "slash": "crossed-out {}", "disabled": "crossed-out {}", "circle": "{} in a circle",
    "circled": "{} in a circle", "square": "{} in a square", "plus": "{} with a plus sign", "add": "{} with a plus sign",
    "minus": "{} with a minus sign", "check": "{} with a check mark", "remove": "{} with a cross", "x": "{} with a cross",
    "question": "{} with a question mark", "exclamation": "{} with an exclamation mark", "alert": "{} with an exclamation mark",
    "heart": "{} with a heart", "star": "{} with a star",
}  # fmt: skip
_NO_PLACE = frozenset("half dashed dotted double full chart inner outer color colour shape quarter in of the and".split())
_HUE_WORDS = {"golden": "yellow", "silver": "grey", "gray": "grey"}
_ORDERS = ("draw {}", "make {}", "create {}", "generate {}", "show me {}", "a picture of {}", "an illustration of {}", "please draw {}")
_NO_ARTICLE = frozenset("information advertising female male mate hold wash running frying".split())
_THINGS_IN_ING = frozenset(
    "ring king wing earring string swing building painting drawing spring wedding ceiling meeting clothing sling pudding dumpling duckling "
    "crossing parking wedding icing thing bowling".split()
)
_PEOPLE = ("avatar", "avatar of a person", "portrait of a person", "profile picture of a person", "person", "character")
_GREYS = frozenset({"black", "white", "grey"})


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is known of a picture of one drawing.

    `palette` are its plain colours, the largest first; `background` is "" for transparent, and otherwise like "light blue
    background"; `synonyms` are other words for the concept; `is_bordered` says that a colour drawing has a white border.
    """

    asset: Asset
    palette: tuple[str, ...]
    treated: Treated | None = None
    background: str = ""
    synonyms: tuple[str, ...] = ()
    is_bordered: bool = False


def caption_drawing(told: Told, rng: np.random.Generator) -> str:
    """Return a caption in one of several registers; a background that is not transparent or white is always named."""
    if told.asset.category == "avatars":
        text = _tell_avatar(told, rng)
    elif told.treated is not None:
        text = _tell_icon(told, told.treated, rng)
    elif is_thing(told.asset):
        text = _tell_thing(told, rng)
    else:
        text = _tell_sign(told, rng)
    if told.is_bordered:
        text = f"{text}, {_pick(rng, ('with a white border', 'sticker with a white border', 'as a die-cut sticker'))}"
    return replace_held_out_synonyms(_with_background(text, told.background, rng))


def is_thing(asset: Asset) -> bool:
    """Say whether the name of a drawing is plainly a noun: an emoji, or of a set whose files are named after things."""
    return bool(asset.code or asset.keywords) or asset.set in THING_SETS


def spoken_name(concept: str) -> str:
    """Return an icon's name as a person would say it: "bell off" is a crossed-out bell, "user plus" a user with a plus sign."""
    words = concept.split()
    *rest, last = [word for before, word in zip(["", *words], words, strict=False) if word != before]
    form = _ENDINGS.get(last)
    if (
        form is None
        or not rest
        or rest[-1] in _NO_PLACE
        or len(rest[-1]) == 1
        or (last in {"circle", "square", "heart", "star"} and len(rest) > 3)
    ):
        return " ".join([*rest, last])
    return form.format(" ".join(rest))


def a_thing(name: str) -> str:
    """Return a name with its article, and without one where it is something that is done ("breast-feeding") or told ("information")."""
    last = name.split()[-1].lower()
    if last in _NO_ARTICLE or (last.endswith("ing") and last not in _THINGS_IN_ING):
        return name
    return with_article(name)


def _pick(rng: np.random.Generator, choices: Sequence[str]) -> str:
    return choices[int(rng.integers(len(choices)))]


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _colour_words(text: str) -> set[str]:
    return {_HUE_WORDS.get(word, word) for word in text.lower().split() if word in COLOUR_WORDS}


def _without_colours(name: str) -> str:
    words = [word for word in name.split() if word.lower() not in COLOUR_WORDS]
    return " ".join(words) if words else name


def _name(told: Told, rng: np.random.Generator) -> str:
    """Return a name that says no colour that is not there."""
    asset = told.asset
    names = [*plain_names(asset.concept)] if asset.code else [spoken_name(asset.concept)]
    if told.treated is not None:
        names = [_without_colours(name) for name in names]
    else:
        true = [
            name for name in names if name == asset.concept or (_colour_words(name) <= set(told.palette) and "dark" not in name.split())
        ]
        names = true or [asset.concept]
    if told.synonyms and rng.random() < 0.12:
        return _pick(rng, told.synonyms)
    return names[0] if len(names) == 1 or rng.random() < 0.7 else _pick(rng, names[1:])


def _tell_icon(told: Told, treated: Treated, rng: np.random.Generator) -> str:
    """Return the words for a drawing in one ink that was painted anew."""
    name = _name(told, rng)
    thing = a_thing(name) if is_thing(told.asset) else f"{name}"
    look = _pick(rng, look_words(told.asset.set, told.asset.slug))
    ink = treated.ink if rng.random() < 0.6 else plain_hue(treated.ink)
    if treated.kind == "badge":
        return _tell_badge(treated, rng, name=name, ink=ink)
    forms: tuple[str, ...]
    if treated.kind == "sticker":
        forms = (
            "{a_ink} {name} sticker with a white border",
            "sticker of {thing} in {ink} with a white outline",
            "{ink} {name}, die-cut sticker with a white border",
        )
    elif treated.kind == "outlined":
        forms = (
            "{a_ink} outline icon of {thing}",
            "{ink} outline of {thing}",
            "{name} icon outlined in {ink}",
            "{a_ink} outlined {name} icon",
        )
    elif treated.kind == "duotone":
        forms = (
            "{a_ink} and {second} duotone icon of {thing}",
            "two-tone {name} icon in {ink} and {second}",
            "{name}, duotone, {ink} and {second}",
        )
    elif treated.kind == "gradient":
        ramp = f"{treated.ink} to {treated.second} gradient"
        forms = (
            f"{{name}} icon with {indefinite_article(ramp)} {ramp}",
            f"{{thing}}, {{look}} with {indefinite_article(ramp)} {ramp}",
            f"{ramp} icon of {{thing}}",
        )
    else:
        forms = (
            "{a_ink} {name} icon", "{a_ink} icon of {thing}", "{a_ink} {look} of {thing}", "{name}, {ink} {look}",
            "{thing}, {look}, {ink}", "{name} icon in {ink}", "{look} of {thing} in {ink}", "{name} icon", "{name}, {look}",
            "{ink} {name} icon",
        )  # fmt: skip
    styled = look if not look.endswith(("style", "design", "art")) else "icon"
    a_ink = f"{indefinite_article(ink)} {ink}"
    return _pick(rng, forms).format(name=name, thing=thing, look=styled, ink=ink, a_ink=a_ink, second=treated.second)


def _tell_badge(treated: Treated, rng: np.random.Generator, *, name: str, ink: str) -> str:
    ground = treated.ground if rng.random() < 0.6 else plain_hue(treated.ground)
    badge = f"{ground} {treated.shape}"
    forms = (
        f"{indefinite_article(ink)} {ink} {name} icon on {indefinite_article(badge)} {badge}",
        f"{name} icon, {ink} on {indefinite_article(badge)} {badge}",
        f"{indefinite_article(badge)} {badge} with {indefinite_article(ink)} {ink} {name} icon",
        f"{ink} {name} in {indefinite_article(badge)} {badge}, app icon",
    )  # fmt: skip
    text = _pick(rng, forms)
    return f"{text} with a long shadow" if treated.has_long_shadow else text


def _tell_thing(told: Told, rng: np.random.Generator) -> str:
    """Return the words for a drawing in colour of something that has a plain name."""
    name = _name(told, rng)
    look = _pick(rng, look_words(told.asset.set, told.asset.slug))
    if told.asset.category == "flags" or name.startswith("flag of "):
        return _pick(rng, ("{name}", "{name}, {look}", "the {name}", "{name} icon")).format(name=name, look=look)
    if told.asset.set == "openclipart" and told.palette and _GREYS.issuperset(told.palette) and rng.random() < 0.6:
        look = f"black and white {look}"
    name = _coloured(told, name, rng)
    thing, kind = a_thing(name), rng.random()
    if kind < 0.28:
        text = thing
    elif kind < 0.40:
        text = name
    elif kind < 0.48:
        text = _pick(rng, _ORDERS).format(thing)
    elif kind < 0.62:
        text = ", ".join([name, *_keywords(told.asset, rng)])
    else:
        text = _styled(name, look, rng)
    return f"{text}{_in_colours(told, text, rng)}"


def _coloured(told: Told, name: str, rng: np.random.Generator) -> str:
    """Return the name with the colour of a drawing that is mostly of one, sometimes."""
    is_plain = not _colour_words(name) and " of " not in name and " with " not in name
    if (
        is_plain
        and len(told.palette) == 1
        and told.palette[0] not in _GREYS
        and told.asset.category not in {"smileys-emotion", "people-body", "symbols"}
        and rng.random() < 0.3
    ):
        return f"{told.palette[0]} {name}"
    return name


def _in_colours(told: Told, text: str, rng: np.random.Generator) -> str:
    """Return ", in red and white" sometimes, where no colour is said yet."""
    if len(told.palette) < 2 or _colour_words(text) or rng.random() > 0.2:
        return ""
    return f", in {_join(told.palette)}" if rng.random() < 0.6 else f", {_join(told.palette)}"


def _keywords(asset: Asset, rng: np.random.Generator) -> list[str]:
    usable = [word for word in asset.keywords if len(word) > 2 and not has_held_out_synonym(word) and not _colour_words(word)]
    count = min(len(usable), int(rng.integers(1, 4)))
    return [usable[int(index)] for index in rng.choice(len(usable), count, replace=False)] if count else []


def _styled(name: str, look: str, rng: np.random.Generator) -> str:
    kind = rng.random()
    if kind < 0.45:
        return f"{name}, {look}"
    if look.endswith(("style", "design", "art")) and not look.endswith("clip art"):
        return f"{a_thing(name)} in {look}"
    article = "" if look.endswith("clip art") else f"{indefinite_article(look)} "
    return f"{article}{look} of {a_thing(name)}"


def _tell_sign(told: Told, rng: np.random.Generator) -> str:
    """Return the words for a drawing in colour whose name may be a verb or a state: always as an icon of it."""
    name = _name(told, rng)
    look = _pick(rng, look_words(told.asset.set, told.asset.slug))
    kind = "illustration" if told.asset.category == "pictograms" else "icon"
    forms = ("{name} {kind}", "{name}, {look}", "{a_name} {kind}", "{kind} for {name}", "{name} {kind}, {look}", "{a_look} for {name}")
    a_look = f"{indefinite_article(look)} {look}" if not look.endswith(("style", "design", "art")) else f"{kind} in {look}"
    text = _pick(rng, forms).format(name=name, kind=kind, look=look, a_name=f"{indefinite_article(name)} {name}", a_look=a_look)
    return f"{text}{_in_colours(told, text, rng)}"


def _tell_avatar(told: Told, rng: np.random.Generator) -> str:
    """Return the words for an avatar: some of what is true of it, in order."""
    kind, facts = told.asset.concept, told.asset.keywords
    look = _pick(rng, look_words(told.asset.set, told.asset.slug))
    subject = _pick(rng, _PEOPLE) if kind == "avatar" and rng.random() < 0.6 else kind
    is_noun = not look.endswith(("style", "design", "art", "pattern"))
    if is_noun and rng.random() < 0.35:
        subject = look
    if not facts:
        return f"{with_article(subject)}{_in_colours(told, subject, rng)}" if subject == look else f"{subject}, {look}"
    count = int(rng.integers(1, len(facts) + 1))
    chosen = [facts[index] for index in sorted(rng.choice(len(facts), count, replace=False))]
    if rng.random() < 0.15:
        return ", ".join([subject, *(re.sub("^an? ", "", fact) for fact in chosen)])
    text = f"{with_article(subject) if ' of ' not in subject else f'{indefinite_article(subject)} {subject}'} with {_join(chosen)}"
    return f"{text}, {look}" if subject != look and rng.random() < 0.3 else text


def _with_background(text: str, background: str, rng: np.random.Generator) -> str:
    if not background:
        return f"{text}{_pick(rng, (', transparent background', ' on a transparent background'))}" if rng.random() < 0.08 else text
    if background == "white background" and rng.random() < 0.6:
        return text
    if ", " in text or rng.random() < 0.2:
        return f"{text}, {background}"
    return f"{text} on {indefinite_article(background)} {background}"

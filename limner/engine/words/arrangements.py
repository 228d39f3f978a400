"""What is only to be put somewhere, read from an instruction: moved, made larger, exchanged, replaced, put into a picture or together.

What is shown need not be drawn again: it is cut out and laid where it belongs. What is new is drawn alone. Only an instruction that is
understood from its first word to its last is an arrangement; of any other the network makes what it can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from limner.engine.words.roles import POLITE
from limner.engine.words.treatments import Treatment, read_treatment
from limner.model.prompts.colours import colour_names
from limner.model.prompts.orders import translate_orders
from limner.model.prompts.spans import one_of

Kind = Literal["move", "swap", "resize", "replace", "remove", "paint", "ground", "put", "fill", "compose", "treat", "complete"]
Relation = Literal["left", "right", "above", "below", "behind", "before", "beside"]
MAX_CHARS = 400  # what is longer is no arrangement
MAX_COLOUR_WORDS = 3
MAX_WISHES = 4  # in one instruction
DRAWN = 0  # the number of no image

NUMBERS = {word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}
ORDINALS = {word: number for number, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)}
SPOTS = (0.22, 0.5, 0.78)  # of a side, where the middle of what stands at an edge, in the middle or at the other edge lies
COLUMNS, ROWS = {"left": SPOTS[0], "right": SPOTS[2]}, {"top": SPOTS[0], "upper": SPOTS[0], "bottom": SPOTS[2], "lower": SPOTS[2]}
FACTORS: Mapping[str, tuple[float, float]] = {  # what is made larger and smaller, with a word before that says how much
    "": (1.6, 0.55), "slightly": (1.25, 0.8), "a bit": (1.25, 0.8), "a little": (1.25, 0.8), "a little bit": (1.25, 0.8),
    "somewhat": (1.3, 0.75), "a lot": (2.2, 0.4), "much": (2.2, 0.4), "way": (2.2, 0.4), "far": (2.2, 0.4),
}  # fmt: skip
TIMES = {"twice": 2.0, "double": 2.0, "two times": 2.0, "three times": 3.0, "triple": 3.0, "half": 0.5, "halve": 0.5, "a third": 1 / 3}
RELATIONS: Mapping[str, Relation] = {
    r"(?:to|on) the left(?:[ -]hand)?(?: side)? of": "left", "left of": "left",
    r"(?:to|on) the right(?:[ -]hand)?(?: side)? of": "right", "right of": "right",
    "above": "above", "over": "above", "on top of": "above", "below": "below", "under": "below", "underneath": "below", "beneath": "below",
    "behind": "behind", "in front of": "before", "next to": "beside", "beside": "beside", "by": "beside", "near": "beside",
    "close to": "beside", "alongside": "beside",
}  # fmt: skip

_IMAGE = r"(?:(?:image|picture|photo)(?: number)? #?(?P<{0}number>\d{{1,2}}|[a-z]+)|the (?P<{0}nth>[a-z]+) (?:image|picture|photo))"
IMAGE = _IMAGE.format("")
_SUBJECT = re.compile(rf"(?:(?:the |a |an )?(?P<name>\S+(?: \S+){{0,5}}?) (?:of|in|from|on) )?{IMAGE}")
_THING = r"(?:(?:the|my|our|that|this|all the|both) )?(?P<{}>[^,;:\"]+?)"
RELATION = "|".join(sorted(RELATIONS, key=len, reverse=True))
_NEW = r"(?:an?|one|some|another) (?P<{}>[^,;:\"]+?)"
NO_THING = re.compile(
    r"^(?:an?|the|one|some|another|any|image|picture|photo|its|his|her|their|of)\b|[\d%]|'s?(?:\s|$)|\bwith (?:its|his|her|the)\b|"
    rf"^(?:face|faces)$|\b(?:faces|lid|door) of\b|\b{one_of('no-things')}\b",
    re.IGNORECASE,
)
_NO_NEW = re.compile(  # a look, an amount, a colour alone
    r"^(?:tiny bit|touch|hint|sense|dash|bigger|larger|smaller|better|different|little \w+(?:er|ma)$)|"
    rf"^(?:bright |solid |plain |vivid |deep )?(?!orange$)(?:{'|'.join(map(re.escape, colour_names()))})$",
    re.IGNORECASE,
)
_NOT_ALONE = re.compile(  # what would be drawn with more than itself
    r"\b(?:with|to|on|onto|in|into|at|from|for|around|over|under|above|below|behind|near|beside|by|against|inside|outside|between|through|"
    r"along|wearing|holding)\b", re.IGNORECASE
)  # fmt: skip
_WHICH_ONE = re.compile(r"(?P<name>.+?) (?:on|at|in) the (?P<spot>left|right|top|bottom|middle)(?:[ -]hand)?(?: side)?", re.IGNORECASE)
_JOINT = re.compile(r",? (?:and then|and|then) |[,;.] (?=\w)", re.IGNORECASE)
_BESIDE = re.compile(rf"(?:directly |just |right )?(?P<relation>{RELATION}) (?P<other>.+)")
_SPOT = re.compile(
    r"(?:(?:over |up |down |back )?(?:to|in|into|on|onto|at|towards?) )?(?:the )?(?:very |far |extreme )?"
    r"(?:(?P<middle>middle|cent(?:er|re))|(?P<row>top|upper|bottom|lower)?[ -]?(?P<column>left|right)?"
    r"(?:[ -]hand)?(?: corner| side| edge| part| half)?)(?: (?:of|in) (?:the |this )?(?:picture|image|photo|canvas|frame|scene))?"
)
_TOGETHER = r"(?: (?:together|side by side|in a row|next to each other|in (?:one|a single|the same) (?:picture|image)|on one canvas))*"
_ALL = re.compile(
    r"(?:images \d{1,2} to \d{1,2}|all(?: of)?(?: (?:these|them|the|my))?(?: (?:\w+ )?(?:images|pictures|photos|things|subjects))?"
    rf"|(?:these|the|both)(?: \w+)? (?:images|pictures|photos|things))(?P<how>{_TOGETHER})"
)
GROUND = re.compile(
    r"(?P<heart>.+),? (?:on|against|over|before|in front of|of) "
    r"(?:(?P<plain>(?:an? |the )?[a-z][a-z -]*?) (?:background|backdrop|ground)|(?P<fading>(?:an? |the )?(?:colou?r )?gradient from .+))"
)
_PLAIN = re.compile(r"(?:an? |the )?(?:plain |solid |simple |flat )?(?P<colour>.+)", re.IGNORECASE)
_FADING = re.compile(r"(?:an? |the )?(?:colou?r )?gradient from (?P<first>.+?) to (?P<last>.+?)(?: background)?", re.IGNORECASE)
_PLACING = "put|place|add|insert|paste|lay|set|include|bring|move"
_ARRANGING = (
    r"(?:(?:put|place|show|draw|lay|arrange|set|combine|join|make|create|compose) )?(?:(?:a |one )?(?:picture|image) (?:of|with|from) )?"
)


@dataclass(frozen=True)
class Subject:
    """What is shown: what `name` calls in image `image`, counted from 1, or all that stands in it; of image `DRAWN` it is new.

    `spot` says which of several it is: that on the "left", "right", "top", "bottom" or in the "middle". What is new, or of another image,
    is `size` times as large as it would be.
    """

    image: int
    name: str = ""
    spot: str = ""
    size: float = 1.0

    @property
    def is_new(self) -> bool:
        """Whether no image shows it."""
        return self.image == DRAWN


@dataclass(frozen=True)
class Where:
    """Where something belongs: the middle of it at `x` and `y`, shares of the sides, None where it stays; or its `relation` to another."""

    x: float | None = None
    y: float | None = None
    relation: Relation | None = None
    other: Subject | None = None


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """What goes where; of a replacement the first goes and the second comes. `factor` is that of a size; `ground` the colours behind
    a composition from top to bottom, () where nothing is, None where that is not said; `colour` that in which something is painted. All
    colours have the names that captions use. `treatment` is what is done to the picture as a whole.
    """

    kind: Kind
    subjects: tuple[Subject, ...]
    where: Where = Where()
    factor: float = 1.0
    ground: tuple[str, ...] | None = None
    colour: str = ""
    treatment: Treatment | None = None


def read_arrangements(prompt: str, num_images: int, *, has_source: bool, is_marked: bool = False) -> tuple[Arrangement, ...]:
    """Return what an instruction puts where, one after the other; nothing if it asks for anything else as well.

    With a source, image 1 is changed: things of it move, or others come into it. Without one all of them come together. Where a part of
    the source `is_marked`, the name of a new thing alone asks for it there. Images that are named and that nobody sent are left out.
    """
    if len(prompt) > MAX_CHARS:
        return ()
    words = plainly(translate_orders(prompt))
    if not has_source or num_images > 1:
        one = _read_put(words, num_images) if has_source else _read_composition(words, num_images)
        return (one,) if one else ()
    if is_marked and (new := match(_NEW.format("new"), words)) and (subject := _the_new(new["new"])):
        return (Arrangement(kind="fill", subjects=(subject,)),)
    return _read_changes(words, MAX_WISHES)


def _read_changes(words: str, most: int) -> tuple[Arrangement, ...]:
    """Return one wish, or several that are joined by "and" or "then"; of a later one "it" is the thing of the one before."""
    one = next(filter(None, (read(words) for read in _CHANGES)), None)
    if one:
        return (one,)
    for joint in _JOINT.finditer(words) if most > 1 else ():
        first = next(filter(None, (read(words[: joint.start()]) for read in _CHANGES)), None)
        if first is None:
            continue
        thing = f"the {first.subjects[-1].name}" if first.subjects else "it"
        then = plainly(words[joint.end() :])
        rest = _read_changes(then if read_treatment(then) else re.sub(r"\bit\b", thing, then, flags=re.IGNORECASE), most - 1)
        if rest:
            return (first, *rest)
    return ()


def read_name(words: str) -> Subject | None:
    """Return what of the source words such as "the cat on the left" name, None where that is no thing."""
    return _the_shown(re.sub(r"^(?:the|a|an|my|its) ", "", words.strip(), flags=re.IGNORECASE))


def plainly(words: str) -> str:
    """Return an instruction without what is only polite, and without its last stop."""
    words = re.sub(r"\s+", " ", words.strip().replace("&", "and")).rstrip(" .!?")
    words = re.sub(r",? (?:please|pls|thanks|thank you)$", "", words, flags=re.IGNORECASE).rstrip(" .!?,")
    return re.sub(rf"^{POLITE}", "", words, flags=re.IGNORECASE)


def match(pattern: str, words: str) -> re.Match[str] | None:
    """Match all of the words, whatever their case."""
    return re.fullmatch(pattern, words, re.IGNORECASE)


# ----------------------------------------------------------------------------------------------------- one thing of the source


def _read_move(words: str) -> Arrangement | None:
    """ "move the cat to the left", "the dog should be behind the tree"."""
    verbs = f"{_PLACING}|shift|slide|drag|push|pull|relocate|reposition"
    thing, where = _THING.format("thing"), rf"(?P<where>{_SPOT_OR_BESIDE})"
    if found := match(rf"cent(?:er|re) {thing}", words):
        subject = _the_shown(found["thing"])
        return Arrangement(kind="move", subjects=(subject,), where=Where(SPOTS[1], SPOTS[1])) if subject else None
    found = match(rf"(?:{verbs}|position) {thing} {where}", words) or match(
        rf"{thing} (?:should|must|has to|needs to) (?:be|go|stand|sit|lie|move|appear) {where}", words
    )
    place, subject = found and read_where(found["where"]), found and _the_shown(found["thing"])
    return Arrangement(kind="move", subjects=(subject,), where=place) if subject and place else None


def _read_swap(words: str) -> Arrangement | None:
    """ "swap the cat and the dog", "let the cat and the dog change places"."""
    one, other = _THING.format("one"), _THING.format("other")
    found = (
        match(
            rf"(?:swap|switch|exchange|interchange)(?: the (?:positions|places) of)? {one} (?:and|with) {other}(?: around| places)?", words
        )
        or match(rf"(?:let|make|have) {one} and {other} (?:change|swap|trade|switch|exchange) (?:places|positions)", words)
        or match(rf"{one} and {other} should (?:change|swap|trade|switch|exchange) (?:places|positions)", words)
    )
    subjects = found and (_the_shown(found["one"]), _the_shown(found["other"]))
    return Arrangement(kind="swap", subjects=subjects) if subjects and all(subjects) else None  # type: ignore[arg-type]


def _read_resize(words: str) -> Arrangement | None:
    """ "make the cat a bit larger", "double the size of the cat", "the cat should be half as big", "a bigger cat"."""
    thing, larger, smaller = _THING.format("thing"), "(?P<larger>larger|bigger)", "(?P<smaller>smaller|tinier)"
    how = rf"(?P<how>{'|'.join(sorted(filter(None, FACTORS), key=len, reverse=True))})"
    times = rf"(?P<times>{'|'.join(TIMES)}|\d{{1,2}}(?:\.\d)? times|\d{{2,3}} ?%)"
    size = r"(?: (?:as (?:large|big|tall|small)|(?:the|its|their) (?:original |current )?size|larger|bigger))?"
    found = (
        match(rf"make {thing} (?:{how} )?(?:{larger}|{smaller})", words)
        or match(rf"{thing} (?:should|must) be (?:{how} )?(?:{larger}|{smaller})", words)
        or match(rf"(?:make )?an? (?:{how} )?(?:{larger}|{smaller}) (?P<thing>[^,;:\"]+?)", words)
        or match(rf"(?:(?P<larger>enlarge|magnify|grow)|(?P<smaller>shrink)) {thing}(?: {how})?", words)
        or match(rf"scale {thing} (?:(?P<larger>up)|(?P<smaller>down))", words)
        or match(rf"scale (?:(?P<larger>up)|(?P<smaller>down)) {thing}", words)
        or match(rf"(?:(?P<larger>increase)|(?P<smaller>reduce|decrease)) the size of {thing}", words)
        or match(rf"make {thing} {times}{size}", words)
        or match(rf"{thing} (?:should|must) be {times}{size}", words)
        or match(rf"(?:scale|resize|enlarge|shrink|reduce) {thing} to {times}{size}", words)
        or match(rf"(?P<times>double|triple|halve) (?:the size of )?{thing}", words)
    )
    subject = found and _the_shown(found["thing"])
    if not found or not subject:
        return None
    said = found.groupdict()
    factor = _times(said["times"]) if said.get("times") else FACTORS[(said.get("how") or "").lower()][said.get("larger") is None]
    return Arrangement(kind="resize", subjects=(subject,), factor=factor)


def _read_replacement(words: str) -> Arrangement | None:
    """ "replace the cat with a dog", "a dog instead of the cat"."""
    old, new = _THING.format("old"), _NEW.format("new")
    found = (
        match(rf"(?:replace|exchange|substitute) {old} (?:with|by|for) {new}", words)
        or match(rf"(?:swap|switch) {old} (?:for|with) {new}", words)
        or match(rf"(?:turn|change|make|transform|convert) {old} (?:(?:in)?to )?{new}", words)
        or match(rf"(?:there should be |put |draw |i want )?{new} (?:instead|in place) of {old}", words)
        or match(rf"instead of {old},? (?:put |draw |i want |there should be )?{new}", words)
        or match(rf"{old} should be {new} instead", words)
    )
    subjects = found and (_the_shown(found["old"]), _the_new(found["new"]))
    return Arrangement(kind="replace", subjects=subjects) if subjects and all(subjects) else None  # type: ignore[arg-type]


def _read_addition(words: str) -> Arrangement | None:
    """ "add a dog to the left of the cat", "there should be a dog in the bottom left corner"."""
    new, where = _NEW.format("new"), rf"(?: (?P<where>{_SPOT_OR_BESIDE}))?"
    found = match(rf"(?:add|put|draw|place|insert|include|paint|show|there should be|there must be|i want) {new}{where}", words)
    subject = found and _the_new(found["new"])
    place = read_where(found["where"]) if found and found["where"] else Where()
    return Arrangement(kind="put", subjects=(subject,), where=place) if subject and place else None


def _read_removal(words: str) -> Arrangement | None:
    """ "remove the cat", "without the cat"."""
    thing = _THING.format("thing")
    found = (
        match(
            rf"(?:remove|delete|erase|drop|get rid of|take out|cut out|edit out) {thing}"
            r"(?: (?:from|out of) (?:the|this) (?:picture|image|photo))?",
            words,
        )
        or match(rf"take {thing} (?:away|out)", words)
        or match(rf"(?:it )?without {thing}", words)
        or match(rf"make {thing} (?:disappear|vanish)", words)
        or match(rf"{thing} should (?:be gone|disappear|vanish)", words)
    )
    subject = found and _the_shown(found["thing"])
    return Arrangement(kind="remove", subjects=(subject,)) if subject else None


def _read_paint(words: str) -> Arrangement | None:
    """ "make the car blue", "change the colour of the car to dark green"."""
    order, colour = _split_colour(words)
    thing = _THING.format("thing")
    found = colour and (
        match(rf"(?:change|set|turn) the colou?r of {thing} (?:in)?to", order)
        or match(rf"(?:change|set|turn) {thing}'s colou?r (?:in)?to", order)
        or match(rf"i want {thing} to be", order)
        or match(
            rf"(?:make|paint|dye|turn|tint|change|(?:re)?colou?r) {thing}(?: (?:in)?to| in)?(?: an?)?(?: (?:bright|solid|vivid))?", order
        )
        or match(rf"{thing} (?:should|must) be", order)
    )
    subject = _the_shown(found["thing"]) if found else None
    return Arrangement(kind="paint", subjects=(subject,), colour=colour) if subject else None


def _split_colour(words: str) -> tuple[str, str]:
    """Return what comes before a colour at the end, and that colour as captions name it; "" where there is none."""
    parts = words.split()
    for length in range(min(MAX_COLOUR_WORDS, len(parts) - 1), 0, -1):
        if name := colour_names().get(" ".join(parts[-length:]).lower()):
            return " ".join(parts[:-length]), name
    return words, ""


def _read_new_ground(words: str) -> Arrangement | None:
    """ "change the background to light blue", "put it on a white background", "remove the background"."""
    if match(r"(?:remove|delete|erase|cut out|get rid of) the background|cut (?:it|them) out|without (?:a|the) background", words):
        return Arrangement(kind="ground", subjects=(), ground=())
    new = r"(?P<ground>[a-z][a-z -]*?)"
    found = (
        match(rf"(?:change|make|turn|set|paint|colou?r) the (?:background|backdrop)(?: colou?r)? (?:in)?(?:to )?{new}", words)
        or match(rf"(?:use|give it) {new} background", words)
        or match(rf"(?:the )?background {new}", words)
        or match(rf"replace the background (?:with|by) {new}(?: (?:background|one))?", words)
        or match(rf"the background should be {new}", words)
        or match(rf"(?:put|place|set|show|lay) (?:it|them|everything|this) (?:on|against|before|in front of) {new}(?: background)?", words)
        or match(rf"(?:on )?{new} background", words)
    )
    ground = found and read_ground(found["ground"])
    return Arrangement(kind="ground", subjects=(), ground=ground) if found and ground is not None else None


def _the_shown(words: str) -> Subject | None:
    found = _WHICH_ONE.fullmatch(words)
    name, spot = (found["name"], found["spot"].lower()) if found else (words, "")
    return None if NO_THING.search(name) else Subject(1, name, spot)


def _the_new(name: str) -> Subject | None:
    return None if any(block.search(name) for block in (NO_THING, _NOT_ALONE, _NO_NEW)) else Subject(DRAWN, name)


def _times(words: str) -> float:
    """Return the number in "twice", "1.5 times" or "150%"."""
    if words.lower() in TIMES:
        return TIMES[words.lower()]
    number = float(re.split(r"[ %]", words)[0])
    return number / 100 if words.endswith("%") else number


def _read_treatment(words: str) -> Arrangement | None:
    """ "turn it into a watercolour", "make it night", "remove the scratches"."""
    treatment = read_treatment(words)
    return Arrangement(kind="treat", subjects=(), treatment=treatment) if treatment else None


_CHANGES = (
    _read_treatment,
    _read_move,
    _read_swap,
    _read_resize,
    _read_replacement,
    _read_removal,
    _read_paint,
    _read_addition,
    _read_new_ground,
)

# --------------------------------------------------------------------------------------------------------------- several images


def _read_put(words: str, num_images: int) -> Arrangement | None:
    """ "put image 2 to the left of the dog", "the hat of image 2 should be in the top right corner"."""
    found = match(rf"(?:{_PLACING}) (?P<what>.+?)(?: (?P<where>{_SPOT_OR_BESIDE}))?(?: (?:in|into|to|on|onto) image (?:1|one))?", words)
    found = found or match(rf"(?P<what>.+?) should (?:be|go|stand|sit|lie|appear) (?P<where>{_SPOT_OR_BESIDE})", words)
    subjects = found and _read_subjects(found["what"])
    if not found or not subjects or any(subject.image == 1 for subject in subjects):
        return None
    where = read_where(found["where"]) if found["where"] else Where()
    sent = tuple(subject for subject in subjects if subject.image <= num_images)
    return Arrangement(kind="put", subjects=sent, where=where) if where and sent else None


def _read_composition(words: str, num_images: int) -> Arrangement | None:
    """ "image 1 to the left of image 2 on a yellow background", "all of these side by side"."""
    words = re.sub(f"^{_ARRANGING}", "", words, flags=re.IGNORECASE)
    ground: tuple[str, ...] | None = None
    if found := match(GROUND.pattern, words):
        if (ground := read_ground(found["plain"] or found["fading"])) is None:
            return None
        words = found["heart"]
    if match(_ALL.pattern, words):
        return Arrangement(kind="compose", subjects=tuple(Subject(number) for number in range(1, num_images + 1)), ground=ground)
    subjects, where = _read_group(words)
    sent = tuple(subject for subject in subjects if subject.image <= num_images)
    return Arrangement(kind="compose", subjects=sent, where=where, ground=ground) if sent else None


def _read_group(words: str) -> tuple[tuple[Subject, ...], Where]:
    """Return who is named in a row or beside whom, one of two may be new; nobody where that is not all that the words say."""
    if (found := match(r"(.+?) on the left(?: side)?,? and (.+?) on the right(?: side)?", words)) and (
        subjects := _read_subjects(f"{found[1]}, {found[2]}")
    ):
        return subjects, Where()
    if (found := match(rf"(?P<one>.+?) (?P<where>{SPOT_ONLY})", words)) and (one := _read_subjects(found["one"])) and len(one) == 1:
        return one, read_where(found["where"]) or Where()
    if found := match(rf"(?P<one>.+?) (?P<relation>{RELATION}) (?P<other>.+)", words):
        first, second = _read_either(found["one"]), _read_either(found["other"])
        if first and second and not (first.is_new and second.is_new):
            return (first, second), Where(relation=read_relation(found["relation"]))
    found = match(rf"(?P<names>.+?)(?:{_TOGETHER})", words)
    return (_read_subjects(found["names"]) or () if found else ()), Where()


def _read_either(words: str) -> Subject | None:
    """Return one subject of an image, or a new one."""
    shown, new = _read_subjects(words), match(_NEW.format("new"), words)
    if shown:
        return shown[0] if len(shown) == 1 else None
    return _the_new(new["new"]) if new else None


def _read_subjects(words: str) -> tuple[Subject, ...] | None:
    """Return the subjects of a list, None if it names anything else."""
    subjects = tuple(_read_each(words))
    return subjects if subjects and all(subjects) else None  # type: ignore[return-value]


def _read_each(words: str) -> Iterator[Subject | None]:
    for part in re.split(r",(?: and)? | and ", words):
        found = match(_SUBJECT.pattern, part)
        said = found and (found["number"] or found["nth"]).lower()
        number = said and (int(said) if said.isdecimal() else NUMBERS.get(said) or ORDINALS.get(said))
        name = (found and found["name"]) or ""
        yield Subject(number, name) if number and not NO_THING.search(name) else None


def read_ground(words: str) -> tuple[str, ...] | None:
    """Return the colours of a ground as captions name them, () of a transparent one, None if they are none."""
    fading, plain = _FADING.fullmatch(words), _PLAIN.fullmatch(words)
    said = [fading["first"], fading["last"]] if fading else [plain["colour"]] if plain else []
    if said == ["transparent"]:
        return ()
    named = [colour_names().get(colour.lower()) for colour in said]
    return tuple(name for name in named if name) if said and all(named) else None


# ------------------------------------------------------------------------------------------------------------------------ where

SPOT_ONLY = re.sub(r"[?]P<[a-z]+>", "?:", _SPOT.pattern)
_SPOT_OR_BESIDE = rf"(?:{SPOT_ONLY}|(?:directly |just |right )?(?:{RELATION}) .+)"


def read_where(words: str) -> Where | None:
    """Return the place that words name, None if they name none."""
    if (found := match(_SPOT.pattern, words)) and any(found.groupdict().values()):
        if found["middle"]:
            return Where(SPOTS[1], SPOTS[1])
        return Where(COLUMNS.get((found["column"] or "").lower()), ROWS.get((found["row"] or "").lower()))
    if found := match(_BESIDE.pattern, words):
        other = _read_subjects(found["other"])
        beside = other[0] if other and len(other) == 1 else read_name(found["other"])
        return Where(relation=read_relation(found["relation"]), other=beside) if beside else None
    return None


def read_relation(words: str) -> Relation:
    """Return the relation that such words tell."""
    return next(relation for pattern, relation in RELATIONS.items() if match(pattern, words))

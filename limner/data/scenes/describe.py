"""Describe a scene in words or in code, in several registers, saying only what can be seen in it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from typing import Literal, get_args

import numpy as np
from PIL import ImageColor

from limner.data.colours import name_colour, plain_hue
from limner.data.naming import indefinite_article, plain_names, plural, style_words, with_article
from limner.data.scenes.scene import AssetLayer, Box, Scene, TextLayer

Register = Literal["short", "sentence", "keywords", "detailed", "instruction", "json", "python", "html", "long"]
REGISTERS: tuple[Register, ...] = get_args(Register)
REGISTER_SHARES: Mapping[Register, float] = {
    "short": 0.24,
    "sentence": 0.36,
    "keywords": 0.08,
    "detailed": 0.11,
    "instruction": 0.09,
    "json": 0.03,
    "python": 0.03,
    "html": 0.03,
    "long": 0.03,
}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_PLACES: Mapping[str, tuple[str, ...]] = {
    "sky": ("in the sky", "in a blue sky with clouds"),
    "stars": ("in space", "among the stars", "in a starry sky"),
    "snow": ("in the snow", "in a snowy landscape"),
    "road": ("on a road", "on the street"),
    "desert": ("in a desert", "in the desert"),
    "red planet": ("on a red planet", "on Mars"),
    "sea": ("on the sea", "at sea"),
    "forest": ("in a forest", "in the woods"),
    "hills": ("on green hills", "in a green meadow"),
    "city": ("in a city", "in front of a city skyline"),
    "room": ("in a room", "in a living room"),
    "table": ("on a table", "on a wooden table"),
    "grid paper": ("on grid paper", "on squared paper"),
}
_LIGHTS: Mapping[str, tuple[str, ...]] = {
    "studio": ("",),
    "noon": ("", "", "in daylight"),
    "dusk": ("at dusk", "at sunset"),
    "moon": ("at night", "by moonlight"),
    "lamp": ("by lamplight", "in warm lamp light"),
}
_ORDERS = ("Draw {}.", "Create an image of {}.", "Make {}.", "Please illustrate {}.", "Generate {}.", "I need a picture of {}.")
_FILLER = (
    "This picture is for the front page of a small newsletter.",
    "Keep the composition calm and leave a little room around the edges.",
    "The team will review it on Monday and may ask for changes.",
    "It should read well at a small size as well as at a large one.",
    "Nothing else should distract from what matters.",
    "The same style will be used for the rest of the series.",
    "The client liked the earlier drafts and wants something simple.",
    "Please take care of the details.",
)


def describe_scene(scene: Scene, rng: np.random.Generator, *, register: Register | None = None) -> str:
    """Return a caption of the scene in a register, chosen by `REGISTER_SHARES` if none is named. Drawn text is always quoted."""
    names = tuple(REGISTER_SHARES)
    chosen = register or names[int(rng.choice(len(names), p=np.array(list(REGISTER_SHARES.values()))))]
    return _WRITERS[chosen](_Facts(scene, rng))


class _Facts:
    """What can be seen in a scene, with the words for it chosen once, so that a caption never calls one thing by two names."""

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        self.scene = scene
        self.rng = rng
        self._names: dict[str, str] = {}
        self.light = self.pick(_LIGHTS[scene.light.name])
        self.style = self.pick(style_words(scene.assets()[0].asset.split("/")[0])) if scene.assets() else ""

    def pick(self, choices: tuple[str, ...]) -> str:
        """Return one of the choices."""
        return choices[int(self.rng.integers(len(choices)))]

    def name(self, layer: AssetLayer) -> str:
        """Return what a drawing shows, with its colour if it was painted."""
        if layer.concept not in self._names:
            names = plain_names(layer.concept)
            self._names[layer.concept] = names[0] if self.rng.random() < 0.8 else self.pick(names)
        colour = colour_word(layer.colour)
        return f"{colour} {self._names[layer.concept]}" if colour else self._names[layer.concept]

    def thing(self, layer: AssetLayer) -> str:
        """Return the name with its article."""
        return with_article(self.name(layer))

    def place(self) -> str:
        """Return where it is: "in a forest", "on a light blue background", or "" for transparent."""
        ground = self.scene.background
        if ground.name in _PLACES:
            return self.pick(_PLACES[ground.name])
        if ground.name == "transparent":
            return "on a transparent background"
        colours = [name_colour(_rgb(colour)) for colour in ground.colours[:2]] or ["plain"]
        if ground.name == "gradient" and len(set(colours)) > 1:
            return f"on a gradient from {colours[0]} to {colours[1]}"
        return f"on {indefinite_article(colours[0])} {colours[0]} background"


def colour_word(colour: str) -> str:
    """Return the one-word name of "#rrggbb", or "" of ""."""
    return plain_hue(name_colour(_rgb(colour))) if colour else ""


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def relation(first: Box, second: Box) -> str:
    """Return where the first box is, seen from the second: "on top of", "above", "below", "to the left of" or "to the right of"."""
    across, down = first.centre[0] - second.centre[0], first.centre[1] - second.centre[1]
    if abs(across) >= abs(down):
        return "to the left of" if across < 0 else "to the right of"
    return "above" if down < 0 else "below"


def _side(layer: AssetLayer) -> str:
    x = layer.box.centre[0]
    return "on the left" if x < 0.42 else "on the right" if x > 0.58 else "in the middle"


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _subject(facts: _Facts) -> str:
    """Return the heart of a scene without its place: "a red car", "three apples", "a cat to the left of a dog"."""
    scene = facts.scene
    if scene.layout == "poster":
        return f'a poster that says "{scene.texts("title")[0].text}" with {facts.thing(scene.assets("subject")[0])}'
    if scene.layout == "card":
        return f'an app card with {facts.thing(scene.assets("subject")[0])} and the title "{scene.texts("title")[0].text}"'
    if scene.layout == "chart":
        return f'a bar chart titled "{scene.texts("title")[0].text}" of {_NUMBERS[len(scene.shapes("bar"))]} bars'
    subjects = scene.assets("subject")
    if scene.layout == "relation":
        return _related(facts, subjects[0])
    if len(subjects) == 1:
        return facts.thing(subjects[0])
    return _counted(facts, subjects)


def _related(facts: _Facts, first: AssetLayer) -> str:
    support = facts.scene.assets("support")
    if support:
        return f"{facts.thing(first)} on top of {facts.thing(support[0])}"
    second = facts.scene.assets("second")[0]
    if facts.rng.random() < 0.3:
        first, second = second, first
    if facts.rng.random() < 0.3:
        return f"{facts.thing(first)} and {facts.thing(second)}"
    return f"{facts.thing(first)} {relation(first.box, second.box)} {facts.thing(second)}"


def _counted(facts: _Facts, layers: tuple[AssetLayer, ...]) -> str:
    name = facts.name(layers[0])
    if len(layers) == 1:
        return with_article(name)
    number = _NUMBERS[len(layers)] if facts.rng.random() < 0.8 else str(len(layers))
    return f"{number} {plural(name)}"


def _around(facts: _Facts) -> str:
    """Return what stands behind and hangs in the air: "with two pine trees behind and a bird in the air", or ""."""
    horizon = facts.scene.background.horizon
    scenery = facts.scene.assets("scenery")
    phrases = []
    air = tuple(layer for layer in scenery if layer.box.bottom < horizon)
    ground = tuple(layer for layer in scenery if layer.box.bottom >= horizon)
    if ground:
        phrases.append(f"{_counted(facts, ground)} behind")
    if air:
        phrases.append(f"{_counted(facts, air)} in the air")
    return f"with {' and '.join(phrases)}" if phrases else ""


def _has_place(facts: _Facts) -> bool:
    return facts.scene.layout not in {"poster", "card", "chart"}


def _write_short(facts: _Facts) -> str:
    if facts.scene.layout == "poster":
        return f'poster "{facts.scene.texts("title")[0].text}"'
    subject = _subject(facts)
    if not _has_place(facts):
        return subject
    return _join(subject, facts.place()) if facts.scene.background.name not in {"plain"} or facts.rng.random() < 0.7 else subject


def _write_sentence(facts: _Facts) -> str:
    subject = _subject(facts)
    if not _has_place(facts):
        return _join(subject, _details(facts))
    style = f", {facts.style}" if facts.rng.random() < 0.35 else ""
    around = _around(facts) if facts.rng.random() < 0.7 else ""
    return _join(subject, facts.place(), facts.light, around) + style


def _details(facts: _Facts) -> str:
    """Return the words that a poster, card or chart holds beside its title, all quoted."""
    scene = facts.scene
    if scene.layout == "poster":
        lines = scene.texts("subtitle")
        line = f'and the line "{lines[0].text}"' if lines else ""
        return _join(line, facts.place())
    if scene.layout == "card":
        colour = name_colour(_rgb(scene.shapes("decoration")[-1].colour))
        button = f'{indefinite_article(colour)} {colour} button "{scene.texts("button")[0].text}"'
        return f'the note "{scene.texts("subtitle")[0].text}" and {button}'
    return "with " + ", ".join(f'"{label}" at {value}' for label, value in _chart_rows(scene))


def _chart_rows(scene: Scene) -> list[tuple[str, str]]:
    labels = [layer.text for layer in scene.texts("label")]
    return list(zip(labels[1::2], labels[0::2], strict=True))


def _write_keywords(facts: _Facts) -> str:
    scene = facts.scene
    words = [_subject(facts)] if scene.layout == "relation" else [facts.name(layer) for layer in scene.assets("subject")[:1]]
    if scene.layout == "count" and len(scene.assets("subject")) > 1:
        words = [_counted(facts, scene.assets("subject"))]
    words += [f'"{layer.text}"' for layer in scene.texts("title", "subtitle", "button")]
    words += [{"poster": "poster", "card": "app card", "chart": "bar chart"}.get(scene.layout, scene.background.name)]
    words += [name_colour(_rgb(scene.background.colours[0]))] if scene.background.name == "plain" and scene.background.colours else []
    words += [facts.light] if facts.light else []
    return ", ".join([*words, facts.style] if facts.style else words)


def _write_detailed(facts: _Facts) -> str:
    scene = facts.scene
    opening = _join(_subject(facts), facts.place() if _has_place(facts) else _details(facts), facts.light)
    sentences = [opening[0].upper() + opening[1:] + "."]
    for layer in scene.assets("subject", "second")[:2] if scene.layout in {"landscape", "relation", "single"} else ():
        height = "large" if layer.box.height > 0.4 else "medium-sized" if layer.box.height > 0.3 else "small"
        sentences.append(
            f"The {facts.name(layer)} is {height} and stands {_side(layer)}."
            if not _is_afloat(scene)
            else f"The {facts.name(layer)} is {_side(layer)}."
        )
    around = _around(facts)
    if around:
        sentences.append(f"The scene continues {around}.")
    if facts.style:
        sentences.append(f"Style: {facts.style}.")
    return " ".join(sentences)


def _is_afloat(scene: Scene) -> bool:
    return scene.background.name in {"sky", "stars", "sea", "plain", "gradient", "grid paper"}


def _write_instruction(facts: _Facts) -> str:
    return facts.pick(_ORDERS).format(_write_sentence(facts))


def _write_long(facts: _Facts) -> str:
    filler = [_FILLER[int(index)] for index in facts.rng.choice(len(_FILLER), int(facts.rng.integers(2, 5)), replace=False)]
    filler.insert(int(facts.rng.integers(len(filler) + 1)), _write_detailed(facts))
    return " ".join(filler)


def _fields(facts: _Facts) -> dict[str, object]:
    """Return the scene as a person would write it in code: names, counts, places, texts."""
    scene = facts.scene
    objects: dict[tuple[str, str, str], int] = {}
    for layer in scene.assets():
        key = (facts.name(layer), "" if scene.layout == "count" else _side(layer).split()[-1], "behind" if layer.role == "scenery" else "")
        objects[key] = objects.get(key, 0) + 1
    items = [
        {"name": name} | ({"count": count} if count > 1 else {}) | ({"at": at} if at else {}) | ({"depth": depth} if depth else {})
        for (name, at, depth), count in objects.items()
    ]
    fields: dict[str, object] = {"kind": scene.layout if not _has_place(facts) else "scene"}
    if _has_place(facts):
        fields["place"] = facts.place() if scene.background.name in {"plain", "gradient"} else scene.background.name
    if facts.light:
        fields["light"] = scene.light.name
    if items:
        fields["objects"] = items
    texts: dict[str, object] = {layer.role: layer.text for layer in scene.texts("title", "subtitle", "button")}
    fields.update(texts)
    if scene.layout == "chart":
        fields["bars"] = dict(_chart_rows(scene))
    return fields


def _write_json(facts: _Facts) -> str:
    return json.dumps(_fields(facts), ensure_ascii=False)


def _write_python(facts: _Facts) -> str:
    fields = _fields(facts)
    kind = str(fields.pop("kind"))
    return f"{kind}({', '.join(f'{name}={_literal(value)}' for name, value in fields.items())})"


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write_html(facts: _Facts) -> str:
    scene = facts.scene
    images = [f'<img alt="{html.escape(facts.name(layer))}">' for layer in scene.assets()]
    if scene.layout == "chart":
        bars = "".join(f'<Bar label="{html.escape(label)}" value={{{value}}} />' for label, value in _chart_rows(scene))
        return f'<BarChart title="{html.escape(scene.texts("title")[0].text)}">{bars}</BarChart>'
    if scene.layout in {"poster", "card"}:
        texts = "".join(_text_tag(layer) for layer in scene.texts())
        return f'<div class="{scene.layout}">{"".join(images)}{texts}</div>'
    light = f' light="{scene.light.name}"' if facts.light else ""
    return f'<Scene background="{scene.background.name}"{light}>{"".join(images)}</Scene>'


def _text_tag(layer: TextLayer) -> str:
    tag = {"title": "h1", "subtitle": "p", "button": "button"}.get(layer.role, "span")
    return f"<{tag}>{html.escape(layer.text, quote=False)}</{tag}>"


_WRITERS: Mapping[Register, Callable[[_Facts], str]] = {
    "short": _write_short,
    "sentence": _write_sentence,
    "keywords": _write_keywords,
    "detailed": _write_detailed,
    "instruction": _write_instruction,
    "json": _write_json,
    "python": _write_python,
    "html": _write_html,
    "long": _write_long,
}

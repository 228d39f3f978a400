"""Describe a scene in words or in code, in several registers, saying only what can be seen in it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from typing import Literal, get_args

import numpy as np

from limner.data.colours import name_finely
from limner.data.naming import indefinite_article, is_mass_or_plural
from limner.data.scenes.places import FOREGROUNDS, STANDERS
from limner.data.scenes.scene import AssetLayer, Scene, TextLayer
from limner.data.scenes.wording import MEDIUM_NOUNS, NUMBERS, STAGES, Facts, listed, rgb_of

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


def describe_scene(
    scene: Scene, rng: np.random.Generator, *, register: Register | None = None, shares: Mapping[Register, float] = REGISTER_SHARES
) -> str:
    """Return a caption of the scene in a register, chosen by share if none is named. Drawn text is always quoted."""
    names = tuple(shares)
    chosen = register or names[int(rng.choice(len(names), p=np.array(list(shares.values()))))]
    return _WRITERS[chosen](Facts(scene, rng))


def _side(layer: AssetLayer) -> str:
    x = layer.box.centre[0]
    return "on the left" if x < 0.42 else "on the right" if x > 0.58 else "in the middle"


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _subject(facts: Facts) -> str:
    """Return the heart of a scene without its place: "a red car", "three apples", "a cat to the left of a dog"."""
    scene = facts.scene
    if scene.layout in _HEARTS:
        return _HEARTS[scene.layout](facts)
    subjects, seconds = scene.assets("subject"), scene.assets("second")
    if scene.layout == "view":
        return facts.view()
    if scene.layout == "relation" and scene.assets("support"):
        return _supported(facts, subjects[0], scene.assets("support")[0])
    if scene.layout == "relation":
        return facts.related(subjects[0], seconds[0])
    if seconds:
        groups = [facts.counted(subjects), facts.counted(seconds)]
        return (
            listed(groups if facts.rng.random() < 0.6 else reversed(groups))
            if facts.rng.random() < 0.7
            else f"{groups[0]} above {groups[1]}"
        )
    return facts.counted(subjects)


def _supported(facts: Facts, upper: AssetLayer, lower: AssetLayer) -> str:
    if facts.rng.random() < 0.3:
        return f"{facts.thing(lower)} {facts.pick(('under', 'below'))} {facts.thing(upper)}"
    return f"{facts.thing(upper)} {facts.pick(('on top of', 'on'))} {facts.thing(lower)}"


def _title(scene: Scene) -> str:
    return scene.texts("title")[0].text.replace("\n", " ")


def _poster(facts: Facts) -> str:
    return f'a poster that says "{_title(facts.scene)}" with {facts.thing(facts.scene.assets("subject")[0])}'


def _chart(facts: Facts) -> str:
    kind = facts.scene.kind or "bar"
    parts = {"bar": "bars", "line": "points", "pie": "slices"}[kind]
    return f'a {kind} chart titled "{_title(facts.scene)}" of {NUMBERS[len(_chart_rows(facts.scene))]} {parts}'


def _card(facts: Facts) -> str:
    scene = facts.scene
    things = [facts.thing(layer) for layer in scene.assets("subject")[:1]]
    if scene.kind == "list":
        screen = facts.pick(("an app screen", "a list", "a mobile app list"))
        return f'{screen} titled "{_title(scene)}" of {NUMBERS[len(scene.texts("item"))]} items'
    if scene.kind == "form":
        return f'{facts.pick(("a form", "an app form", "a login form"))} titled "{_title(scene)}"'
    if scene.kind == "product":
        return f'a product card with {things[0]}, the name "{_title(scene)}" and the price "{scene.texts("subtitle")[0].text}"'
    if scene.kind == "weather":
        return f'a weather card for "{_title(scene)}" with {things[0]} and "{scene.texts("subtitle")[0].text}"'
    if scene.kind == "profile":
        return f'a profile card with {things[0]} and the name "{_title(scene)}"'
    return f'an app card with {things[0]} and the title "{_title(scene)}"'


def _diagram(facts: Facts) -> str:
    scene = facts.scene
    things = [facts.thing(layer) for layer in scene.assets("subject")]
    if scene.kind == "parts":
        labels = [f'"{layer.text}"' for layer in scene.texts("label")]
        return f"{facts.pick(('a diagram', 'a labelled diagram'))} of {things[0]} with the labels {listed(labels)}"
    if scene.kind == "cycle":
        return f"{facts.pick(('a cycle diagram', 'a circular diagram with arrows', 'a diagram of a cycle'))} of {listed(things)}"
    chain = " to ".join(things)
    return facts.pick((f"a flow chart from {chain}", f"a diagram with arrows from {chain}"))


def _sign(facts: Facts) -> str:
    """Return what is lettered on what: 'the word "sale" in red letters', 'a blue badge that says "open"'."""
    scene = facts.scene
    word, ink = f'"{_title(scene)}"', name_finely(rgb_of(scene.texts("title")[0].colour))
    letters = f"in {ink} letters" if facts.rng.random() < 0.6 else ""
    if scene.kind == "letters":
        opening = facts.pick((f"the word {word}", f"the text {word}", f"lettering that says {word}", f"{word} written large"))
        return _join(opening if " " not in _title(scene) else opening.replace("the word", "the words"), letters)
    colour = name_finely(rgb_of(scene.shapes("panel")[0].colour))
    noun = _LETTERED[scene.kind]
    noun = f"{colour} {noun}" if facts.rng.random() < 0.6 else noun
    says = facts.pick(("that says", "that reads", "with the text", "saying"))
    return _join(f"{indefinite_article(noun)} {noun} {says} {word}", letters)


_HEARTS: Mapping[str, Callable[[Facts], str]] = {
    "poster": _poster,
    "sign": _sign,
    "card": _card,
    "chart": _chart,
    "diagram": _diagram,
}
_LETTERED = {"letters": "lettering", "board": "sign", "badge": "round badge", "label": "label"}


def _around(facts: Facts) -> str:
    """Return what stands around: "with two pine trees behind, a rock in front and a bird in the air", or ""."""
    horizon = facts.scene.background.horizon
    scenery, near = facts.scene.assets("scenery"), facts.scene.assets("foreground")
    air = tuple(layer for layer in scenery if layer.box.bottom < horizon)
    ground = tuple(layer for layer in scenery if layer.box.bottom >= horizon)
    phrases = [f"{facts.counted(ground)} behind"] if ground else []
    phrases += [f"{facts.counted(near)} in {facts.pick(('the foreground', 'front'))}"] if near else []
    phrases += [f"{facts.counted(air)} in the air"] if air else []
    return f"with {listed(phrases)}" if phrases else ""


def _has_place(facts: Facts) -> bool:
    return facts.scene.layout not in _HEARTS


def _write_short(facts: Facts) -> str:
    if facts.scene.layout == "poster":
        return f'poster "{_title(facts.scene)}"'
    subject = _subject(facts)
    if not _has_place(facts):
        return subject
    if facts.scene.layout == "view":
        return facts.made(_join(subject, facts.light, facts.absence()))
    is_told = facts.scene.background.name != "plain" or facts.rng.random() < 0.7
    return facts.made(_join(subject, facts.place(), facts.absence()) if is_told else subject)


def _write_sentence(facts: Facts) -> str:
    subject = _subject(facts)
    if not _has_place(facts):
        return _join(subject, _details(facts))
    style = f", {facts.style}" if facts.style and facts.rng.random() < 0.35 else ""
    around = _around(facts) if facts.rng.random() < 0.7 else ""
    absence = "" if around else facts.absence()
    stands = "standing" if _is_standing(facts.scene) and facts.rng.random() < 0.25 else ""
    return facts.made(_join(subject, stands, facts.place(), absence, facts.light, _both(facts.air, around))) + style


def _is_standing(scene: Scene) -> bool:
    return (
        scene.layout in {"single", "landscape"} and scene.background.name in FOREGROUNDS and scene.assets("subject")[0].concept in STANDERS
    )


def _both(air: str, around: str) -> str:
    """Return what is in the air and what stands around, with one "with" for the two."""
    return f"{air} and {around.removeprefix('with ')}" if air.startswith("with ") and around else _join(air, around)


def _details(facts: Facts) -> str:
    """Return the words that a printed picture holds beside its title, all quoted."""
    scene = facts.scene
    if scene.layout == "sign":
        return facts.place()
    if scene.layout == "poster":
        lines = scene.texts("subtitle")
        line = f'and the line "{lines[0].text}"' if lines else ""
        return _join(line, facts.place())
    if scene.layout == "chart":
        return "with " + ", ".join(f'"{label}" at {value}' for label, value in _chart_rows(scene))
    if scene.layout == "diagram":
        return (
            ""
            if scene.kind == "parts"
            else f"with the labels {listed(f'{chr(34)}{layer.text}{chr(34)}' for layer in scene.texts('label'))}"
        )
    return _card_details(scene)


def _card_details(scene: Scene) -> str:
    phrases = []
    if scene.texts("item"):
        phrases.append(listed(f'"{layer.text}"' for layer in scene.texts("item")))
    if scene.texts("field"):
        phrases.append("the fields " + listed(f'"{layer.text}"' for layer in scene.texts("field")))
    if scene.texts("subtitle") and scene.kind in {"", "card", "profile"}:
        phrases.append(f'the note "{scene.texts("subtitle")[0].text}"')
    if scene.texts("button"):
        colour = name_finely(rgb_of(scene.shapes("decoration")[-1].colour))
        phrases.append(f'{indefinite_article(colour)} {colour} button "{scene.texts("button")[0].text}"')
    if not phrases:
        return f"on {indefinite_article(colour := name_finely(rgb_of(scene.shapes('panel')[0].colour)))} {colour} card"
    return f"{'and' if scene.kind in {'product', 'profile', 'card', ''} else 'with'} {listed(phrases)}"


def _chart_rows(scene: Scene) -> list[tuple[str, str]]:
    labels = [layer.text for layer in scene.texts("label")]
    return list(zip(labels[1::2], labels[0::2], strict=True))


def _write_keywords(facts: Facts) -> str:
    scene = facts.scene
    is_whole = scene.layout in {"relation", "count", "view", "diagram"}
    words = [_subject(facts)] if is_whole else [facts.name(layer) for layer in scene.assets("subject")[:1]]
    words += [f'"{layer.text}"'.replace("\n", " ") for layer in scene.texts("title", "subtitle", "button")]
    words += [_keyword(scene)] if scene.layout not in {"view", "diagram"} else []
    is_coloured = scene.background.name == "plain" and scene.background.colours and not facts.is_recoloured
    words += [f"{name_finely(rgb_of(scene.background.colours[0]))} background"] if is_coloured else []
    words += [facts.light, *(scene.air for _ in range(scene.air != "clear")), facts.style, MEDIUM_NOUNS.get(scene.medium, "")]
    return ", ".join(word for word in words if word)


def _keyword(scene: Scene) -> str:
    if scene.layout == "sign":
        return _LETTERED[scene.kind]
    if scene.layout == "chart":
        return f"{scene.kind or 'bar'} chart"
    if scene.layout == "card":
        return {"": "app card", "card": "app card", "list": "app list", "form": "form"}.get(scene.kind, f"{scene.kind} card")
    return "poster" if scene.layout == "poster" else "" if scene.background.name in {"plain", "transparent"} else scene.background.name


def _write_detailed(facts: Facts) -> str:
    scene = facts.scene
    opening = _join(_subject(facts), facts.place() if _has_place(facts) else _details(facts), facts.light, facts.air)
    opening = facts.made(opening) if _has_place(facts) else opening
    sentences = [opening[0].upper() + opening[1:] + "."]
    for layer in scene.assets("subject", "second")[:2] if scene.layout in {"landscape", "relation", "single"} else ():
        sentences.append(_where(facts, layer))
    around = _around(facts)
    if around:
        sentences.append(f"The scene continues {around}.")
    elif absence := facts.absence():
        sentences.append(f"It is shown {absence}.")
    if facts.style:
        sentences.append(f"Style: {facts.style}.")
    return " ".join(sentence for sentence in sentences if sentence)


def _where(facts: Facts, layer: AssetLayer) -> str:
    """Return a sentence of how large a thing is and where."""
    scene, name = facts.scene, facts.name(layer)
    is_many = name.endswith("s") and is_mass_or_plural(name)
    verb = "are" if is_many else "is"
    if scene.background.name in STAGES and scene.layout == "single":
        return ""
    if scene.layout == "relation" and abs(layer.box.centre[0] - 0.5) < 0.08:
        return f"The {name} {verb} at the {'top' if layer.box.centre[1] < 0.5 else 'bottom'}."
    if _is_afloat(scene):
        return f"The {name} {verb} {_side(layer)}."
    height = "large" if layer.box.height > 0.4 else "medium-sized" if layer.box.height > 0.3 else "small"
    return f"The {name} {verb} {height} and {'stand' if is_many else 'stands'} {_side(layer)}."


def _is_afloat(scene: Scene) -> bool:
    return scene.background.name in STAGES or scene.background.name in {"sky", "stars", "sea", "underwater"}


def _write_instruction(facts: Facts) -> str:
    return facts.pick(_ORDERS).format(_write_sentence(facts))


def _write_long(facts: Facts) -> str:
    filler = [_FILLER[int(index)] for index in facts.rng.choice(len(_FILLER), int(facts.rng.integers(2, 5)), replace=False)]
    filler.insert(int(facts.rng.integers(len(filler) + 1)), _write_detailed(facts))
    return " ".join(filler)


def _fields(facts: Facts) -> dict[str, object]:
    """Return the scene as a person would write it in code: names, counts, places, texts."""
    scene = facts.scene
    objects: dict[tuple[str, str, str], int] = {}
    for layer in scene.assets():
        depth = {"scenery": "behind", "foreground": "front"}.get(layer.role, "")
        key = (facts.name(layer), "" if scene.layout == "count" else _side(layer).split()[-1], depth)
        objects[key] = objects.get(key, 0) + 1
    items = [
        {"name": name} | ({"count": count} if count > 1 else {}) | ({"at": at} if at else {}) | ({"depth": depth} if depth else {})
        for (name, at, depth), count in objects.items()
    ]
    fields: dict[str, object] = {"kind": "scene" if _has_place(facts) else _keyword(scene).replace(" ", "_") or f"{scene.kind}_diagram"}
    if _has_place(facts):
        place = facts.place() if scene.background.name in {"plain", "gradient"} else scene.background.name
        fields |= {"place": place} if place else {}
    if facts.light:
        fields["light"] = scene.light.name
    if scene.air != "clear":
        fields["air"] = scene.air
    if scene.medium != "none":
        fields["medium"] = MEDIUM_NOUNS[scene.medium]
    if items:
        fields["objects"] = items
    fields |= {layer.role: layer.text.replace("\n", " ") for layer in scene.texts("title", "subtitle", "button")}
    for role in ("item", "field", "label"):
        if scene.texts(role) and scene.layout != "chart":
            fields[f"{role}s"] = [layer.text for layer in scene.texts(role)]
    if scene.layout == "chart":
        fields[{"line": "points", "pie": "slices"}.get(scene.kind, "bars")] = dict(_chart_rows(scene))
    return fields


def _write_json(facts: Facts) -> str:
    return json.dumps(_fields(facts), ensure_ascii=False)


def _write_python(facts: Facts) -> str:
    fields = _fields(facts)
    kind = str(fields.pop("kind"))
    return f"{kind}({', '.join(f'{name}={_literal(value)}' for name, value in fields.items())})"


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write_html(facts: Facts) -> str:
    scene = facts.scene
    images = [f'<img alt="{html.escape(facts.name(layer))}">' for layer in scene.assets()]
    if scene.layout == "chart":
        kind = (scene.kind or "bar").capitalize()
        parts = "".join(f'<{kind} label="{html.escape(label)}" value={{{value}}} />' for label, value in _chart_rows(scene))
        return f'<{kind}Chart title="{html.escape(_title(scene))}">{parts}</{kind}Chart>'
    if not _has_place(facts):
        texts = "".join(_text_tag(layer) for layer in scene.texts())
        return f'<div class="{_keyword(scene).replace(" ", "-") or f"{scene.kind}-diagram"}">{"".join(images)}{texts}</div>'
    light = f' light="{scene.light.name}"' if facts.light else ""
    air = f' air="{scene.air}"' if scene.air != "clear" else ""
    medium = f' medium="{MEDIUM_NOUNS[scene.medium]}"' if scene.medium != "none" else ""
    ground = scene.background
    colours = f' colour="{name_finely(rgb_of(ground.colours[0]))}"' if ground.name == "plain" and not facts.is_recoloured else ""
    return f'<Scene background="{ground.name}"{colours}{light}{air}{medium}>{"".join(images)}</Scene>'


def _text_tag(layer: TextLayer) -> str:
    tag = {"title": "h1", "subtitle": "p", "button": "button", "item": "li", "field": "label"}.get(layer.role, "span")
    line = layer.text.replace("\n", " ")
    return f"<{tag}>{html.escape(line, quote=False)}</{tag}>"


_WRITERS: Mapping[Register, Callable[[Facts], str]] = {
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

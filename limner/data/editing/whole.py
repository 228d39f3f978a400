"""Edits of the whole picture: its medium, its light and weather, its ground, the words on a sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from limner.data.colours import name_finely
from limner.data.editing.pair import Edit, Operation
from limner.data.editing.starts import STAGES, arranged, choose_ground
from limner.data.editing.wording import Telling
from limner.data.naming import indefinite_article
from limner.data.scenes.backgrounds import background_colours
from limner.data.scenes.compose import compose_scene
from limner.data.scenes.places import PLACES
from limner.data.scenes.scene import MEDIA, AirName, Background, BackgroundName, Light, MediumName, Scene, TextLayer
from limner.data.scenes.stock import Stock
from limner.data.scenes.wording import RECOLOURING, rgb_of
from limner.media.filters.light import SKIES, LightName

MADE_AS: Mapping[MediumName, tuple[str, ...]] = {
    "none": ("a flat drawing", "a plain flat picture", "a simple flat icon"),
    "oil": ("an oil painting",),
    "watercolour": ("a watercolour", "a watercolor painting"),
    "pencil": ("a pencil drawing", "a pencil sketch"),
    "ink": ("an ink drawing", "a black and white ink drawing"),
    "paper cut": ("a paper cut", "a paper cutout"),
    "stained glass": ("a stained glass window", "stained glass"),
    "neon": ("a neon sign",),
    "blueprint": ("a blueprint",),
    "halftone": ("a comic print", "a halftone print"),
    "pixel art": ("pixel art", "an 8-bit picture"),
    "art deco": ("an Art Deco poster",),
    "chalk": ("a chalk drawing on a blackboard", "a chalk drawing"),
}
_RESTYLE = (
    "make it {}", "turn it into {}", "turn this into {}", "redraw it as {}", "as {}", "make this picture {}", "in the style of {}",
    "convert this to {}", "show it as {}",
)  # fmt: skip
_LIGHT: Mapping[LightName, tuple[str, ...]] = {
    "studio": ("light it evenly", "turn the lamp off", "in plain even light"),
    "noon": ("make it day", "in daylight", "show it in daylight", "turn it into daytime", "make it a bright day"),
    "dusk": ("at dusk", "at sunset", "make it sunset", "show it at sunset", "change the time to dusk", "turn it into an evening scene"),
    "moon": ("by moonlight", "at night", "make it night", "turn it into a night scene", "show it at night", "make it a night scene"),
    "lamp": ("by lamplight", "in warm lamp light", "light it with a lamp", "turn a lamp on"),
}
_AIRS: Mapping[AirName, tuple[str, ...]] = {
    "clear": ("make the weather clear", "in clear weather", "clear the air"),
    "rain": ("make it rain", "in the rain", "let it rain", "add rain"),
    "falling snow": ("make it snow", "let it snow", "add falling snow", "while it is snowing"),
    "fog": ("add fog", "in the fog", "make it foggy", "with fog all around"),
    "fireflies": ("add fireflies", "with glowing fireflies"),
}
_WEATHERS: Mapping[BackgroundName, tuple[AirName, ...]] = {
    "hills": ("rain", "fog"), "forest": ("fog", "rain"), "snow": ("falling snow",), "road": ("rain", "fog"), "city": ("rain", "fog"),
    "sea": ("rain", "fog"), "mountains": ("fog", "falling snow"), "street": ("rain", "fog"), "open road": ("rain", "fog"),
    "snowy road": ("falling snow",),
}  # fmt: skip
_OPEN_AIR = frozenset(
    {"hills", "forest", "snow", "desert", "sea", "road", "city", "beach", "mountains", "street", "open road", "snowy road", "sky"}
)
_LIGHTS = {place.background: place.lights for place in PLACES}


def restyle(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Make the picture again in another medium."""
    is_coloured = scene.light.name not in {"studio", "noon"}
    media = [name for name in MEDIA if not (is_coloured and name in RECOLOURING)]
    if scene.background.name in {"transparent", "grid paper"} or scene.air != "clear":
        return None
    old = "none" if rng.random() < 0.75 else media[int(rng.integers(len(media)))]
    new = media[int(rng.integers(len(media)))]
    if old == new or (old in RECOLOURING and new not in RECOLOURING):  # the colours are gone
        return None
    telling = Telling(scene, rng)
    order = telling.polite(telling.pick(_RESTYLE).format(telling.pick(MADE_AS[new])))
    return Edit(before=replace(scene, medium=old), after=replace(scene, medium=new), instruction=order)


def relight(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Give a place another light, or another weather."""
    telling, ground = Telling(scene, rng), scene.background
    if ground.name in STAGES or ground.name not in _LIGHTS:
        return None
    if rng.random() < 0.3 and (airs := _WEATHERS.get(ground.name)):
        air = airs[int(rng.integers(len(airs)))] if scene.air == "clear" else "clear"
        return Edit(before=scene, after=replace(scene, air=air), instruction=telling.polite(telling.pick(_AIRS[air])))
    names = sorted(set(_LIGHTS[ground.name]) - {scene.light.name})
    if not names or scene.air != "clear":
        return None
    light: LightName = names[int(rng.integers(len(names)))]
    colours = ground.colours
    if ground.name in _OPEN_AIR:
        skies = SKIES[light]
        colours = (*skies[int(rng.integers(len(skies)))], *colours[2:])
    elif ground.name == "red planet":
        colours = (*background_colours(ground.name, light, rng)[:2], *colours[2:])
    after = replace(scene, background=replace(ground, colours=colours), light=replace(scene.light, name=light))
    return Edit(before=scene, after=after, instruction=telling.polite(telling.pick(_LIGHT[light])))


def background(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Put what stands there on another ground, in a place, or on none."""
    if not scene.assets() or scene.air != "clear" or scene.light.name not in {"studio", "noon"}:
        return None
    if scene.background.name not in STAGES:
        return _out_of_place(scene, stock, rng) if scene.layout in {"single", "relation"} else None
    if scene.layout == "single" and rng.random() < 0.3:
        return _into_place(scene, stock, rng)
    ground = choose_ground(stock, rng, scene.assets(), share_transparent=0.2)
    if _told(ground) == _told(scene.background):
        return None
    return Edit(before=scene, after=replace(scene, background=ground), instruction=_ground_order(scene, ground, rng))


def _told(ground: Background) -> str:
    """Return a ground in words: "light blue", "gradient from white to pink", "transparent"."""
    names = [name_finely(rgb_of(colour)) for colour in ground.colours]
    if ground.name == "gradient":
        return f"gradient from {names[0]} to {names[1]}"
    return names[0] if ground.name == "plain" else ground.name


def _ground_order(scene: Scene, ground: Background, rng: np.random.Generator) -> str:
    telling, words = Telling(scene, rng), _told(ground)
    if ground.name == "transparent":
        return telling.order("no ground")
    if ground.name == "gradient":
        return telling.polite(
            telling.pick(("change the background to a {}", "make the background a {}", "put it on a {}", "on a {}")).format(words)
        )
    return telling.order("ground", ground=words, a_ground=f"{indefinite_article(words)} {words}")


def _out_of_place(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Cut the subjects out of a place; what they threw their shadows on is gone."""
    ground = choose_ground(stock, rng, scene.assets(), share_transparent=0.6)
    layers = tuple(replace(layer, shadow="none") for layer in scene.assets())
    after = arranged(replace(scene, background=ground, light=Light(), layers=layers))
    return Edit(before=scene, after=after, instruction=_ground_order(scene, ground, rng))


def _into_place(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Put a thing that stands low enough into a place that it may be in."""
    thing = scene.assets()[0]
    places = [place for place in PLACES if thing.concept in place.subjects and {"noon", "studio"} & set(place.lights)]
    if not places or not 0.66 < thing.box.bottom < 0.97:
        return None
    place = places[int(rng.integers(len(places)))]
    light: LightName = "noon" if "noon" in place.lights else "studio"
    horizon = round(float(rng.uniform(*place.horizon)), 3)
    ground = Background(place.background, background_colours(place.background, light, rng), horizon, int(rng.integers(2**31)))
    layers = (thing,) if place.background in {"sea", "underwater"} else (replace(thing, shadow="contact"),)
    after = replace(scene, background=ground, light=Light(light, 0.5), layers=layers)
    words = Telling(after, rng).place()
    telling = Telling(scene, rng)
    return Edit(before=scene, after=after, instruction=telling.order("place", the=telling.the(thing), place=words)) if words else None


def text(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Write another word on a sign of the canvas of a scene; now and then the first one, or none."""
    signs = [compose_scene(stock, rng, canvas=scene.canvas, layout="sign", share_medium=0.0) for _ in range(2)]
    old, new = (sign.texts()[0].text for sign in signs)
    if old == new or "\n" in old + new:
        return None
    layers = tuple(replace(layer, text=new) if isinstance(layer, TextLayer) else layer for layer in signs[0].layers)
    telling, chance = Telling(signs[0], rng), rng.random()
    bare = replace(signs[0], layers=tuple(layer for layer in layers if not isinstance(layer, TextLayer)))
    if chance < 0.1:
        return Edit(before=signs[0], after=bare, instruction=telling.order("no text", old=old))
    if chance < 0.25:
        return Edit(before=bare, after=signs[0], instruction=telling.order("first text", text=old))
    return Edit(before=signs[0], after=replace(signs[0], layers=layers), instruction=telling.order("text", old=old, text=new))


WHOLE_EDITS: Mapping[Operation, Callable[[Scene, Stock, np.random.Generator], Edit | None]] = {
    "restyle": restyle, "relight": relight, "background": background, "text": text,
}  # fmt: skip

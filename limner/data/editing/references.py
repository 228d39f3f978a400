"""Edits with other pictures: a subject of image 1 in a new scene, the style of an image, several images put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from limner.data.editing.pair import Edit, Operation
from limner.data.editing.starts import STAGES, arranged, choose_concept, choose_ground, choose_ground_colour, place_thing, quiet_scene
from limner.data.editing.wording import Telling, at_spot, caption_of, spot_words
from limner.data.scenes.compose import compose_scene
from limner.data.scenes.scene import MEDIA, AssetLayer, Background, Canvas, MediumName, Scene
from limner.data.scenes.stock import Stock, centred, hex_colour
from limner.data.scenes.wording import NUMBERS, RECOLOURING, listed, relation_of

_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth")
_GRIDS: Mapping[int, tuple[tuple[float, float, float], ...]] = {
    2: ((0.27, 0.5, 0.42), (0.73, 0.5, 0.42)),
    3: ((0.2, 0.5, 0.28), (0.5, 0.5, 0.28), (0.8, 0.5, 0.28)),
    4: ((0.28, 0.28, 0.36), (0.72, 0.28, 0.36), (0.28, 0.72, 0.36), (0.72, 0.72, 0.36)),
    5: ((0.2, 0.3, 0.28), (0.5, 0.3, 0.28), (0.8, 0.3, 0.28), (0.33, 0.7, 0.28), (0.67, 0.7, 0.28)),
    6: ((0.2, 0.3, 0.28), (0.5, 0.3, 0.28), (0.8, 0.3, 0.28), (0.2, 0.7, 0.28), (0.5, 0.7, 0.28), (0.8, 0.7, 0.28)),
}
_STYLES = (
    "{} in the style of image {n}", "{} in the style of the {nth} image", "draw {} like image {n}", "{}, in the same style as image {n}",
    "draw {} in the style of image {n}",
)  # fmt: skip
_RESTYLES = (
    "make it look like image {n}", "in the style of image {n}", "use the style of image {n}", "redraw it in the style of the {nth} image",
    "give it the style of image {n}", "make image 1 look like image {n}",
)  # fmt: skip


def alone(layer: AssetLayer, stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Return the drawing of a layer, painted and turned as it is there, alone and large on a transparent, white or plain ground."""
    spot = (0.5, 0.5, round(float(rng.uniform(0.7, 0.9)), 2))
    shown = AssetLayer(
        layer.asset, layer.concept, centred(stock, layer.asset, spot, canvas), colour=layer.colour, is_mirrored=layer.is_mirrored
    )
    chance = rng.random()
    colour = "white" if chance < 0.75 else choose_ground_colour(stock, rng, [shown])
    ground = Background("transparent") if chance < 0.45 else Background("plain", (hex_colour(colour),))
    return Scene(canvas, ground, (shown,), layout="single")


def image_words(number: int, telling: Telling, layer: AssetLayer | None = None) -> str:
    """Return "image 2", "the second image" or, of a drawing in it, "the hat of image 2", "the hat in the second image"."""
    image = f"image {number}" if telling.rng.random() < 0.75 else f"the {_ORDINALS[number]} image"
    if layer is None or telling.rng.random() < 0.3:
        return image
    return f"the {telling.bare(layer)} {telling.pick(('of', 'in', 'from'))} {image}"


def subject(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Put the drawing of image 1 into a scene that words describe."""
    things = scene.assets("subject", "second")
    if not things or scene.layout not in {"single", "relation", "landscape"} or scene.assets("support"):
        return None
    target = things[0]
    if scene.light.name not in {"studio", "noon"}:
        return None
    reference = alone(target, stock, rng, scene.canvas)
    telling = Telling(scene, rng)
    name, others = image_words(1, telling, target), [layer for layer in things if layer is not target]
    heart = name if not others else f"{name} {relation_of(target, others[0], scene)} {telling.thing(others[0])}"
    words = " ".join(part for part in (heart, telling.place()) if part)
    if heart == words and not others:
        return None
    order = telling.pick(("{}", "{}", "draw {}", "show {}", "a picture of {}")).format(words)
    caption = caption_of(scene, rng) if rng.random() < 0.15 else ""
    return Edit(before=None, after=scene, instruction=caption or telling.polite(order), references=(reference,))


def style(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Draw something, or the source again, in the medium of a reference."""
    if scene.background.name in {"transparent", "grid paper"} or scene.air != "clear" or not scene.assets():
        return None
    media = [name for name in MEDIA[1:] if scene.light.name in {"studio", "noon"} or name not in RECOLOURING]
    medium: MediumName = media[int(rng.integers(len(media)))]
    other = compose_scene(stock, rng, canvas=scene.canvas, shares={"relation": 0.5, "single": 0.5}, share_medium=0.0)
    if (
        other.background.name == "grid paper"
        or other.air != "clear"
        or (other.light.name not in {"studio", "noon"} and medium in RECOLOURING)
    ):
        return None
    reference, after = replace(other, medium=medium), replace(scene, medium=medium)
    telling = Telling(replace(scene, medium="none") if medium not in RECOLOURING else after, rng)
    if rng.random() < 0.5:
        order = telling.pick(_RESTYLES).format(n=2, nth="second")
        return Edit(before=scene, after=after, instruction=telling.polite(order), references=(reference,))
    words = plain_caption(scene, telling)
    if not words:
        return None
    order = telling.pick(_STYLES).format(words, n=1, nth="first")
    return Edit(before=None, after=after, instruction=telling.polite(order), references=(reference,))


def plain_caption(scene: Scene, telling: Telling) -> str:
    """Return what a quiet scene or a single thing shows, in a few words without its style; "" of others."""
    things = scene.assets()
    if scene.layout == "relation" and len(things) == 2 and not scene.assets("support"):
        heart = f"{telling.thing(things[0])} {relation_of(things[0], things[1], scene)} {telling.thing(things[1])}"
    elif scene.layout in {"single", "free"} and len({layer.concept for layer in things}) == len(things):
        heart = listed(map(telling.thing, things))
    else:
        return ""
    return " ".join(part for part in (heart, telling.place(), telling.light) if part)


def compose(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Put the drawings of several images into one picture, or those of others into the source."""
    if rng.random() < 0.45:
        return _put_into(scene, stock, rng)
    return _put_together(scene.canvas, stock, rng)


def _put_into(scene: Scene, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Add the drawing of image 2 to the source."""
    things = scene.assets()
    if scene.background.name not in STAGES or not 2 <= len(things) <= 3 or len({layer.concept for layer in things}) < len(things):
        return None
    target, others = things[-1], things[:-1]
    telling = Telling(scene, rng)
    name = image_words(2, telling, target)
    if len(others) == 1 and rng.random() < 0.7:
        base = telling.the(others[0]) if rng.random() < 0.5 else f"the {telling.bare(others[0])} of image 1"
        where = f"{relation_of(target, others[0], scene)} {base}"
    else:
        where = at_spot(spot_words(target.box))
    order = telling.pick(("put {} {}", "add {} {}", "place {} {}", "{} should be {}")).format(name, where)
    before = arranged(replace(scene, layers=tuple(layer for layer in scene.layers if layer is not target)))
    after = arranged(scene)
    return Edit(before=before, after=after, instruction=telling.polite(order), references=(alone(target, stock, rng, scene.canvas),))


def _put_together(canvas: Canvas, stock: Stock, rng: np.random.Generator) -> Edit | None:
    """Arrange the drawings of two to six images on one ground."""
    count = (2, 3, 4, 5, 6)[int(rng.choice(5, p=[0.55, 0.25, 0.1, 0.05, 0.05]))]
    scene = quiet_scene(stock, rng, canvas, 2) if count == 2 else _grid_of(count, stock, rng, canvas)
    telling, things = Telling(scene, rng), scene.assets()
    place = telling.place() if scene.background.name != "transparent" or rng.random() < 0.5 else ""
    if count == 2:
        heart = _two_together(scene, telling)
    else:
        names = [image_words(number, telling, layer) for number, layer in enumerate(things, 1)]
        all_of_them = (
            "all of these together",
            f"all {NUMBERS[count]} images together",
            "put all images together",
            f"images 1 to {count} in one picture",
        )
        in_row = (f"{listed(names)} side by side", f"{listed(names)} in a row") if count == 3 else (f"{listed(names)} together",)
        heart = telling.pick(all_of_them if rng.random() < 0.5 else in_row)
    order = telling.polite(" ".join(part for part in (heart, place) if part))
    return Edit(before=None, after=scene, instruction=order, references=tuple(alone(layer, stock, rng, canvas) for layer in things))


def _grid_of(count: int, stock: Stock, rng: np.random.Generator, canvas: Canvas) -> Scene:
    set_name, layers = stock.choose_set(rng), list[AssetLayer]()
    for spot in _GRIDS[count]:
        concept = choose_concept(stock, rng, set_name, apart_from=[layer.concept for layer in layers])
        layers.append(place_thing(stock, rng, set_name, concept, spot, canvas))
    return arranged(Scene(canvas, choose_ground(stock, rng, layers), tuple(layers)))


def _two_together(scene: Scene, telling: Telling) -> str:
    first, second = scene.assets()
    one, other = image_words(1, telling, first), image_words(2, telling, second)
    kind = relation_of(first, second, scene)
    is_row = kind.startswith("to the") and abs(first.box.centre[1] - second.box.centre[1]) < 0.1
    if is_row and kind == "to the left of" and telling.rng.random() < 0.4:
        return f"{one} and {other} side by side"
    told = telling.pick((f"{one} {kind} {other}", f"put {one} {kind} {other}"))
    return f"{one} on the left and {other} on the right" if is_row and telling.rng.random() < 0.25 and kind == "to the left of" else told


REFERENCE_EDITS: Mapping[Operation, Callable[[Scene, Stock, np.random.Generator], Edit | None]] = {
    "subject": subject, "style": style, "compose": compose,
}  # fmt: skip

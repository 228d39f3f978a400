"""The scene language: one picture as a small tree of plain data, the same in memory, in JSON and in a prompt.

Scene
|-- canvas       width and height in pixels, what the scene was designed for; it can be drawn at any size
|-- background   one of BACKGROUNDS, with its colours, its horizon and a seed
|-- light        one of LIGHTS; tints everything that stands in it
|-- layers       drawn in order, the last on top: AssetLayer, TextLayer, ShapeLayer, LineLayer
|-- air          one of AIRS; falls or hangs in front of everything
`-- medium       one of MEDIA; what the whole picture is made with

Boxes are fractions of the canvas, (0, 0) at the top left. Colours are "#rrggbb".
"""

from __future__ import annotations

import json
import math
import re
import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from limner.errors import InvalidField
from limner.media.filters.light import LightName

SCENE_VERSION = 1
MAX_SIDE_PX = 4096
MAX_LAYERS = 200

BackgroundName = Literal[
    "transparent", "plain", "gradient", "sky", "stars", "snow", "road", "desert", "red planet", "sea", "forest", "hills", "city", "room",
    "table", "grid paper", "beach", "mountains", "underwater", "kitchen", "street", "open road", "snowy road",
]  # fmt: skip
AirName = Literal["clear", "rain", "falling snow", "fog", "fireflies"]
MediumName = Literal[
    "none", "oil", "watercolour", "pencil", "ink", "paper cut", "stained glass", "neon", "blueprint", "halftone", "pixel art", "art deco",
    "chalk",
]  # fmt: skip
Role = Literal[
    "subject", "second", "support", "scenery", "foreground", "title", "subtitle", "button", "panel", "bar", "label", "item", "field",
    "decoration",
]  # fmt: skip
Layout = Literal["single", "relation", "count", "landscape", "view", "poster", "card", "chart", "diagram", "sign", "free"]
Kind = Literal[
    "", "bar", "line", "pie", "parts", "cycle", "flow", "card", "list", "form", "product", "weather", "profile", "letters", "board",
    "badge", "label",
]  # fmt: skip
BACKGROUNDS: tuple[BackgroundName, ...] = get_args(BackgroundName)
LIGHTS: tuple[LightName, ...] = get_args(LightName)
AIRS: tuple[AirName, ...] = get_args(AirName)
MEDIA: tuple[MediumName, ...] = get_args(MediumName)
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Box:
    """A rectangle in fractions of the canvas; it may reach beyond the edges by one canvas."""

    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        numbers = (self.left, self.top, self.width, self.height)
        if not all(math.isfinite(number) and -1 <= number <= 2 for number in numbers) or min(self.width, self.height) <= 0:
            raise InvalidField("box", f"box {numbers!r} is outside the canvas; use fractions from -1 to 2 with a width and height above 0")

    @property
    def right(self) -> float:
        """Fraction of the canvas width at the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Fraction of the canvas height at the bottom edge."""
        return self.top + self.height

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the middle."""
        return self.left + self.width / 2, self.top + self.height / 2


@dataclass(frozen=True)
class Canvas:
    """Width and height in pixels."""

    width: int = 1024
    height: int = 1024

    def __post_init__(self) -> None:
        if not (0 < self.width <= MAX_SIDE_PX and 0 < self.height <= MAX_SIDE_PX):
            raise InvalidField("canvas", f"canvas {(self.width, self.height)!r} cannot be drawn; use sides from 1 to {MAX_SIDE_PX}")


@dataclass(frozen=True)
class Background:
    """What is behind everything. `colours` are named from far to near; `horizon` is a fraction of the height from the top."""

    name: BackgroundName
    colours: tuple[str, ...] = ()
    horizon: float = 0.6
    seed: int = 0

    def __post_init__(self) -> None:
        _check_colours("background.colours", self.colours)
        if not 0 <= self.horizon <= 1:
            raise InvalidField("background.horizon", f"horizon {self.horizon!r} is not a fraction; use 0 (top) to 1 (bottom)")
        if not 0 <= self.seed < 2**53:
            raise InvalidField("background.seed", f"seed {self.seed!r} is out of range; use 0 to 2^53-1")


@dataclass(frozen=True)
class Light:
    """The one light of a scene; `side` is where it comes from, -1 the left edge to 1 the right edge."""

    name: LightName = "studio"
    side: float = -0.4

    def __post_init__(self) -> None:
        if not -1 <= self.side <= 1:
            raise InvalidField("light.side", f"side {self.side!r} is out of range; use -1 (left) to 1 (right)")


@dataclass(frozen=True)
class AssetLayer:
    """A drawing, fitted into `box` and standing on its bottom edge.

    `asset` is "set/slug"; `concept` is what it shows; `colour` repaints its main colour unless it is "";
    `depth` is 0 near to 1 far and fades it into the air; `shadow` is what it throws.
    """

    asset: str
    concept: str
    box: Box
    rotation_deg: float = 0.0
    is_mirrored: bool = False
    colour: str = ""
    depth: float = 0.0
    shadow: Literal["none", "contact", "drop"] = "none"
    role: Role = "subject"
    kind: Literal["asset"] = "asset"

    def __post_init__(self) -> None:
        _check_colours("colour", (self.colour,) if self.colour else ())
        if self.asset.count("/") != 1 or not 0 <= self.depth <= 1 or not -360 <= self.rotation_deg <= 360:
            raise InvalidField(
                "asset", f'asset {self.asset!r} must be "set/slug", with a depth from 0 to 1 and a rotation within 360 degrees'
            )


@dataclass(frozen=True)
class TextLayer:
    """One line or a few lines ("\\n") of text, as large as fits `box`. `font` is a family and `weight` 400 or 700."""

    text: str
    box: Box
    colour: str
    font: str = "plain"
    weight: int = 400
    align: Literal["left", "centre", "right"] = "centre"
    role: Role = "title"
    kind: Literal["text"] = "text"

    def __post_init__(self) -> None:
        _check_colours("colour", (self.colour,))
        if not self.text.strip() or len(self.text) > 500:
            raise InvalidField("text", f"text of {len(self.text)} characters cannot be drawn; use 1 to 500 that are not all blank")


@dataclass(frozen=True)
class ShapeLayer:
    """A filled shape. `radius` rounds the corners of a rectangle, as a fraction of its shorter side up to 0.5.

    A wedge is the part of an ellipse clockwise between the turns `start` and `end`, 0 at the top and 1 a whole turn.
    """

    shape: Literal["rectangle", "ellipse", "wedge"]
    box: Box
    colour: str
    radius: float = 0.0
    shadow: Literal["none", "drop"] = "none"
    role: Role = "panel"
    kind: Literal["shape"] = "shape"
    start: float = 0.0
    end: float = 1.0

    def __post_init__(self) -> None:
        _check_colours("colour", (self.colour,))
        if not 0 <= self.radius <= 0.5:
            raise InvalidField("radius", f"radius {self.radius!r} is out of range; use 0 to 0.5")
        if not 0 <= self.start < self.end <= 1:
            raise InvalidField("start", f"turns {(self.start, self.end)!r} are out of order; use 0 to 1, the start before the end")


@dataclass(frozen=True)
class LineLayer:
    """A line through `points`, (x, y) in fractions of the canvas. `width` is a fraction of the shorter canvas side."""

    points: tuple[tuple[float, ...], ...]
    colour: str
    width: float = 0.012
    has_arrow: bool = False
    role: Role = "decoration"
    kind: Literal["line"] = "line"

    def __post_init__(self) -> None:
        _check_colours("colour", (self.colour,))
        if len(self.points) < 2 or not all(len(point) == 2 and all(-1 <= number <= 2 for number in point) for point in self.points):
            raise InvalidField("points", f"{len(self.points)} points make no line; use two or more of two fractions each, from -1 to 2")
        if not 0 < self.width <= 0.5:
            raise InvalidField("width", f"width {self.width!r} is out of range; use above 0 to 0.5")


Layer = AssetLayer | TextLayer | ShapeLayer | LineLayer
_LAYERS: dict[str, type[AssetLayer | TextLayer | ShapeLayer | LineLayer]] = {
    "asset": AssetLayer, "text": TextLayer, "shape": ShapeLayer, "line": LineLayer,
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A whole picture. `kind` says which of its layout it is: "pie" of the charts, "form" of the cards."""

    canvas: Canvas
    background: Background
    layers: tuple[Layer, ...] = ()
    light: Light = Light()
    layout: Layout = "free"
    version: int = SCENE_VERSION
    kind: Kind = ""
    air: AirName = "clear"
    medium: MediumName = "none"

    def __post_init__(self) -> None:
        if self.version != SCENE_VERSION:
            raise InvalidField("version", f"scene version {self.version!r} is not known; this release reads version {SCENE_VERSION}")
        if len(self.layers) > MAX_LAYERS:
            raise InvalidField("layers", f"{len(self.layers)} layers are too many; use up to {MAX_LAYERS}")

    def assets(self, *roles: Role) -> tuple[AssetLayer, ...]:
        """Return the drawings with one of these roles (all drawings if none is named), in order."""
        return tuple(layer for layer in self.layers if isinstance(layer, AssetLayer) and (not roles or layer.role in roles))

    def texts(self, *roles: Role) -> tuple[TextLayer, ...]:
        """Return the texts with one of these roles (all texts if none is named), in order."""
        return tuple(layer for layer in self.layers if isinstance(layer, TextLayer) and (not roles or layer.role in roles))

    def lines(self, *roles: Role) -> tuple[LineLayer, ...]:
        """Return the lines with one of these roles (all lines if none is named), in order."""
        return tuple(layer for layer in self.layers if isinstance(layer, LineLayer) and (not roles or layer.role in roles))

    def shapes(self, *roles: Role) -> tuple[ShapeLayer, ...]:
        """Return the shapes with one of these roles (all shapes if none is named), in order."""
        return tuple(layer for layer in self.layers if isinstance(layer, ShapeLayer) and (not roles or layer.role in roles))


def dump_scene(scene: Scene, *, indent: int | None = None) -> str:
    """Return the scene as JSON; `parse_scene` gives back an equal scene."""
    return json.dumps(asdict(scene), indent=indent, ensure_ascii=False, allow_nan=False)


def parse_scene(text: str) -> Scene:
    """Read a scene from JSON. Nothing unknown is skipped.

    Raises:
        InvalidField: not JSON, an unknown or missing field, or a bad value; the message names its path, such as `scene.layers[2].box.left`.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidField("scene", f"the scene is not JSON: {error}") from error
    scene = _parse(value, Scene, "scene")
    assert isinstance(scene, Scene), "the parser returns what it is asked for"
    return scene


def _parse(value: object, wanted: Any, path: str) -> Any:
    origin = get_origin(wanted)
    if origin is Literal:
        return _parse_literal(value, get_args(wanted), path)
    if origin is tuple:
        if not isinstance(value, list):
            raise _bad(path, value, "a list")
        return tuple(_parse(item, get_args(wanted)[0], f"{path}[{place}]") for place, item in enumerate(value))
    if origin is types.UnionType:
        return _parse_layer(value, path)
    if wanted in (str, int, float, bool):
        return _parse_scalar(value, wanted, path)
    return _parse_dataclass(value, wanted, path)


def _parse_literal(value: object, choices: tuple[str, ...], path: str) -> object:
    if not isinstance(value, str) or value not in choices:
        raise _bad(path, value, f"one of {', '.join(map(repr, choices))}")
    return value


def _parse_scalar(value: object, wanted: type, path: str) -> object:
    if wanted is float and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    if type(value) is not wanted:
        raise _bad(path, value, {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}[wanted])
    return value


def _parse_layer(value: object, path: str) -> object:
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _LAYERS:
        raise _bad(f"{path}.kind", kind, f"one of {', '.join(map(repr, _LAYERS))}")
    return _parse_dataclass(value, _LAYERS[kind], path)


def _parse_dataclass(value: object, wanted: Any, path: str) -> object:
    if not isinstance(value, dict):
        raise _bad(path, value, "an object")
    hints = _hints(wanted)
    if unknown := sorted(set(value) - set(hints)):
        raise InvalidField(f"{path}.{unknown[0]}", f"{path}.{unknown[0]} is not a field; use {', '.join(hints)}")
    parsed = {name: _parse(item, hints[name], f"{path}.{name}") for name, item in value.items()}
    try:
        return wanted(**parsed)
    except TypeError as error:
        raise InvalidField(path, f"{path} lacks a field: {error}") from error
    except InvalidField as error:
        raise InvalidField(path, f"{path}: {error.message}") from error


@cache
def _hints(wanted: Any) -> Mapping[str, Any]:
    hints = get_type_hints(wanted)
    return {field.name: hints[field.name] for field in fields(wanted)}


def _bad(path: str, value: object, wanted: str) -> InvalidField:
    shown = repr(value)
    return InvalidField(path, f"{path} is {shown if len(shown) <= 60 else shown[:57] + '...'}; use {wanted}")


def _check_colours(path: str, colours: tuple[str, ...]) -> None:
    for colour in colours:
        if not _COLOUR.fullmatch(colour):
            raise InvalidField(path, f'colour {colour!r} is not understood; use "#rrggbb" in lower case')

"""Plain colour names: a table of thirty-odd, the nearest name of a colour, and the one colour of a drawing where it has one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Rgb = tuple[int, int, int]

COLOURS: dict[str, Rgb] = {
    "white": (255, 255, 255),
    "light grey": (211, 214, 219),
    "grey": (140, 144, 150),
    "dark grey": (72, 76, 84),
    "black": (20, 21, 24),
    "red": (222, 40, 48),
    "dark red": (140, 18, 32),
    "coral": (255, 127, 104),
    "orange": (250, 142, 30),
    "peach": (255, 208, 170),
    "gold": (222, 172, 38),
    "yellow": (253, 216, 53),
    "light yellow": (255, 244, 170),
    "cream": (253, 246, 224),
    "beige": (230, 214, 186),
    "tan": (204, 164, 118),
    "brown": (132, 84, 50),
    "dark brown": (78, 48, 32),
    "lime green": (160, 214, 52),
    "green": (52, 160, 72),
    "light green": (178, 226, 172),
    "dark green": (18, 90, 54),
    "olive green": (124, 128, 48),
    "mint green": (190, 240, 214),
    "teal": (20, 142, 142),
    "turquoise": (64, 206, 204),
    "light blue": (168, 214, 250),
    "sky blue": (96, 182, 246),
    "blue": (36, 104, 226),
    "dark blue": (22, 50, 130),
    "navy blue": (16, 26, 66),
    "purple": (126, 58, 184),
    "dark purple": (66, 28, 102),
    "lavender": (206, 188, 244),
    "pink": (248, 130, 178),
    "light pink": (254, 206, 220),
    "magenta": (216, 36, 140),
}
RARE_COLOURS: dict[str, Rgb] = {
    "crimson": (186, 14, 62),
    "maroon": (104, 18, 44),
    "orange red": (230, 84, 42),
    "rust brown": (168, 74, 38),
    "amber": (255, 184, 20),
    "mustard yellow": (206, 168, 52),
    "khaki": (190, 180, 120),
    "chartreuse": (196, 236, 40),
    "emerald green": (14, 176, 108),
    "aquamarine": (112, 232, 190),
    "cyan": (24, 204, 240),
    "cobalt blue": (24, 66, 176),
    "indigo": (70, 48, 160),
    "amethyst": (156, 92, 236),
    "lilac": (206, 164, 224),
    "fuchsia": (244, 46, 184),
}  # names that people know and seldom say
HUES: dict[str, str] = {
    "light grey": "grey",
    "dark grey": "grey",
    "dark red": "red",
    "coral": "red",
    "peach": "orange",
    "gold": "yellow",
    "light yellow": "yellow",
    "cream": "white",
    "beige": "brown",
    "tan": "brown",
    "dark brown": "brown",
    "lime green": "green",
    "light green": "green",
    "dark green": "green",
    "olive green": "green",
    "mint green": "green",
    "teal": "green",
    "turquoise": "blue",
    "light blue": "blue",
    "sky blue": "blue",
    "dark blue": "blue",
    "navy blue": "blue",
    "dark purple": "purple",
    "lavender": "purple",
    "light pink": "pink",
    "magenta": "pink",
    "crimson": "red",
    "maroon": "red",
    "orange red": "red",
    "rust brown": "brown",
    "amber": "orange",
    "mustard yellow": "yellow",
    "khaki": "yellow",
    "chartreuse": "green",
    "emerald green": "green",
    "aquamarine": "green",
    "cyan": "blue",
    "cobalt blue": "blue",
    "indigo": "purple",
    "amethyst": "purple",
    "lilac": "purple",
    "fuchsia": "pink",
}
COLOUR_WORDS = frozenset(word for name in COLOURS for word in name.split()) - {"light", "dark", "sky"} | {"golden", "silver", "gray"}
_CLEAR_SHARE = 0.56
_SEEN_SHARE = 0.12
_GREYS = frozenset({"", "black", "white", "grey"})


def _oklab(rgb: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return OKLab of (..., 3) sRGB values in [0, 255]. Source: Ottosson, "A perceptual color space", 2020."""
    srgb = np.asarray(rgb, np.float64) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    to_cone = np.array(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    lab: npt.NDArray[np.float64] = np.cbrt(linear @ to_cone.T) @ to_lab.T
    return lab


_NAMES = tuple(COLOURS)
_TABLE = _oklab(tuple(COLOURS.values()))
_IN_BETWEEN: dict[Rgb, str] = {(255, 176, 46): "", (247, 190, 80): "", (155, 140, 168): "grey", (110, 96, 120): "grey", (244, 190, 150): ""}
_HUES = (*(HUES.get(name, name) for name in _NAMES), *_IN_BETWEEN.values())
_FINE_NAMES = (*_NAMES, *RARE_COLOURS)
_FINE_TABLE = np.concatenate([_TABLE, _oklab(tuple(RARE_COLOURS.values()))])
_HUE_TABLE = np.concatenate([_TABLE, _oklab(tuple(_IN_BETWEEN))])


def name_colour(rgb: Rgb) -> str:
    """Return the nearest name of `COLOURS`."""
    return _NAMES[int(np.argmin(((_TABLE - _oklab(rgb)) ** 2).sum(-1)))]


def name_finely(rgb: Rgb) -> str:
    """Return the nearest name of `COLOURS` and `RARE_COLOURS` together."""
    return _FINE_NAMES[int(np.argmin(((_FINE_TABLE - _oklab(rgb)) ** 2).sum(-1)))]


def colour_named(name: str) -> Rgb:
    """Return the colour of a name of `COLOURS` or `RARE_COLOURS`."""
    return COLOURS.get(name) or RARE_COLOURS[name]


def share_near(sprite: npt.NDArray[np.uint8], rgb: Rgb, distance: float) -> float:
    """Return which share of what is drawn, (H, W, 4), is as near to a colour as `distance`, as seen."""
    opaque = sprite[sprite[..., 3] > 200][:, :3]
    if len(opaque) == 0:
        return 0.0
    pixels = _oklab(opaque[:: max(1, len(opaque) // 1500)])
    return float((((pixels - _oklab(rgb)) ** 2).sum(-1) < distance**2).mean())


def plain_hue(name: str) -> str:
    """Return the one-word colour that a person would use for a name of `COLOURS` or `RARE_COLOURS`."""
    return HUES.get(name, name)


def colour_distance(first: Rgb, second: Rgb) -> float:
    """Return the distance as seen: about 0.02 is barely visible, black to white is 1."""
    return float(np.sqrt(((_oklab(first) - _oklab(second)) ** 2).sum()))


def contrast(first: Rgb, second: Rgb) -> float:
    """Return the contrast of two colours, 1 (none) to 21 (black on white): WCAG 2.2, contrast ratio."""
    dark, light = sorted(map(_luminance, (first, second)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: Rgb) -> float:
    linear = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in (byte / 255 for byte in rgb))
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def hue_shares(rgb: npt.NDArray[np.uint8]) -> dict[str, float]:
    """Return how much of some pixels, (N, 3), has each one-word colour; what lies in between two is under ""."""
    nearest = np.argmin(((_oklab(rgb)[:, None] - _HUE_TABLE[None]) ** 2).sum(-1), axis=1)
    shares: dict[str, float] = {}
    for hue, count in zip(_HUES, np.bincount(nearest, minlength=len(_HUES)), strict=True):
        shares[hue] = shares.get(hue, 0.0) + float(count) / len(rgb)
    return shares


def clear_colour(sprite: npt.NDArray[np.uint8]) -> str:
    """Return the one-word colour that covers most of an (H, W, 4) drawing, or "" where no single colour does."""
    shares = _hue_shares(sprite)
    best = max(shares, key=lambda hue: shares[hue], default="")
    return best if shares.get(best, 0.0) >= _CLEAR_SHARE else ""


def main_colours(sprite: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    """Return the one-word colours that a person would name of an (H, W, 4) drawing, the largest first, at most three.

    Where small spots of several hues make up what no single one does, the largest of them is named.
    """
    shares = _hue_shares(sprite)
    coloured = {hue: share for hue, share in shares.items() if hue not in _GREYS}
    if coloured and sum(coloured.values()) >= _SEEN_SHARE > max(coloured.values()):
        best = max(coloured, key=lambda hue: coloured[hue])
        shares[best] = _SEEN_SHARE
    named = sorted((hue for hue, share in shares.items() if hue and share >= _SEEN_SHARE), key=lambda hue: -shares[hue])
    return tuple(named[:3])


def _hue_shares(sprite: npt.NDArray[np.uint8]) -> dict[str, float]:
    opaque = sprite[sprite[..., 3] > 200][:, :3]
    if len(opaque) < 64:
        return {}
    return hue_shares(opaque[:: max(1, len(opaque) // 1500)])

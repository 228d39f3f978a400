"""Describing pictures: from pixels alone to what is in them, without drawing and without the words that they were asked for with."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import numpy as np

from limner.engine.describing.colours import find_clear_hue, find_main_hues
from limner.engine.describing.description import Description, ShownGround, ShownThing, place_of, say, words_for
from limner.engine.describing.finding import Found, find_numbers, tell_apart, widen
from limner.engine.describing.ground import SOLID_ALPHA, find_ground
from limner.engine.describing.looking import Look, open_look
from limner.engine.protocol import Mask, Pixels
from limner.engine.seeing.names import Names, Thing
from limner.engine.seeing.seen import Seen
from limner.engine.weights import Catalogue, WeightsPart
from limner.errors import DamagedFile
from limner.model.layout import PATCH_PX
from limner.model.prompts.colours import colour_names, nearest_colour

ENOUGH_GROUND = 0.2  # of all patches
_COLOURED = frozenset(colour_names()) | {"golden", "silver"}


class Describer:
    """Describes pictures, loading eyes and names at the first. Safe from many threads, one of which looks at a time."""

    def __init__(self, weights_dir: Path | None = None, *, threads: int = 1) -> None:
        """Use the eyes of a weights folder; None is the one that the settings name."""
        self._weights_dir, self._threads = weights_dir, threads
        self._lock = Lock()
        self._loaded: tuple[Look, Names] | None = None

    def prepare(self) -> None:
        """Load eyes and names now.

        Raises:
            DamagedFile: as `describe`.
        """
        with self._lock:
            self._load()

    def describe(self, pixels: Pixels) -> Description:
        """Return what is seen in straight-alpha RGBA, uint8, (height, width, 4), or (height, width, 3).

        Raises:
            DamagedFile: the weights folder holds no eyes or no names for them, or a file is not what its manifest says.
        """
        if pixels.shape[-1] == 3:
            pixels = np.concatenate([pixels, np.full_like(pixels[..., :1], 255)], axis=-1)
        with self._lock:
            look, names = self._load()
            seen = look(pixels)
        return _describe(seen, names)

    def _load(self) -> tuple[Look, Names]:
        if self._loaded is None:
            catalogue = Catalogue.open(self._weights_dir)
            eyes = find_eyes(catalogue)
            names = Names.open(catalogue, eyes)
            self._loaded = open_look(eyes, names.vectors, self._threads), names
        return self._loaded


def find_eyes(catalogue: Catalogue) -> WeightsPart:
    """Return the eyes of the snapshot that edits, or else of any.

    Raises:
        DamagedFile: no snapshot that is here has eyes.
    """
    here = [name for name in catalogue.snapshots if (catalogue.folder / name).is_dir()]
    for name in (catalogue.resolve_editor(), *here):
        if (eyes := catalogue.companion(catalogue.snapshot(name), "eyes")) is not None:
            return eyes
    raise DamagedFile("no snapshot of the weights folder has eyes, so no picture can be described; use weights that edit pictures")


def _describe(seen: Seen, names: Names) -> Description:
    numbers = find_numbers(seen)
    ground = find_ground(seen.pixels, _ground_mask(seen))
    things = tuple(_show(found, names.things[found.number - 1], seen.pixels) for found in tell_apart(seen, numbers, ground.standing))
    shown = ShownGround(kind=ground.kind, colours=tuple(nearest_colour(*colour) for colour in ground.colours))
    colours = find_main_hues(seen.pixels[..., :3][seen.pixels[..., 3] >= SOLID_ALPHA])
    return Description(alt_text=say(things, shown, colours), things=things, background=shown, colours=colours)


def _ground_mask(seen: Seen) -> Mask:
    """Return the pixels, (H, W), of patches that hold no thing, without those that the edges of things reach into if enough are left."""
    is_thing = seen.chances[-1].argmax(-1) != 0
    is_ground = ~widen(is_thing)
    if is_ground.mean() < ENOUGH_GROUND:
        is_ground = ~is_thing
    return np.kron(is_ground, np.ones((PATCH_PX, PATCH_PX), np.bool_))


def _show(found: Found, thing: Thing, pixels: Pixels) -> ShownThing:
    height, width = found.where.shape
    colour = find_clear_hue(pixels[..., :3][found.where])
    plain, plainly = _without_colour(thing.one), _without_colour(thing.many)
    rows, columns = np.nonzero(found.where)
    return ShownThing(
        name=thing.name,
        words=words_for(plain, plainly, takes_article=thing.takes_article, count=len(found.boxes), colour=colour),
        count=len(found.boxes),
        colour=colour,
        place=place_of(float(columns.mean()) / width, float(rows.mean()) / height),
        boxes=tuple(
            (round(box.left / width, 3), round(box.top / height, 3), round(box.width / width, 3), round(box.height / height, 3))
            for box in found.boxes
        ),
    )


def _without_colour(name: str) -> str:
    """Return a name without the colour that the corpus gives it: what colour it has here is seen."""
    kept = [word for word in name.split() if word not in _COLOURED]
    return " ".join(kept) if kept and len(kept) < len(name.split()) else name

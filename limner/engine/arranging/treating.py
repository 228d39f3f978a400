"""What is done to a source as a whole: another medium, another light, weather, and the repair of damage."""

from __future__ import annotations

import numpy as np

from limner.engine.arranging.desk import Desk, NotArrangedError
from limner.engine.arranging.lettering import letter
from limner.engine.arranging.lighting import relight
from limner.engine.arranging.restoring import restore
from limner.engine.protocol import Mask, Pixels
from limner.engine.words.lettering import Lettering
from limner.engine.words.treatments import Adjust, Relight, Restore, Restyle, Treatment, Weather
from limner.media.filters.air import fill_air
from limner.media.filters.medium import apply_medium
from limner.media.filters.tone import adjust

HALF = 127  # of a pixel, in 255
PLAIN = 24  # of 255 in any channel, from above to below


def treat(desk: Desk, treatment: Treatment) -> Pixels:
    """Return the source, treated where a mask lets it change.

    Raises:
        NotArrangedError: there is no restorer, and the picture is to be repaired; or it shows no sign, and is to be written on.
    """
    seed = desk.order.seed
    match treatment:
        case Restyle(medium):
            treated = apply_medium(desk.source, _standing(desk), medium, seed)
        case Relight(light):
            treated = relight(desk.source, light, seed, is_view=not _stands_on_plain_ground(desk))
        case Weather(air):
            treated = fill_air(desk.source, air, seed)
        case Adjust(tone, amount):
            treated = adjust(desk.source, tone, amount)
        case Lettering():
            treated = letter(desk, treatment)
        case Restore():
            if desk.restorer is None:
                raise NotArrangedError
            treated = restore(desk.restorer, desk.source)
    return desk.within_mask(treated)


def _standing(desk: Desk) -> Mask:
    """Return where something stands before the ground, without its shadow; everywhere where that cannot be told."""
    source = desk.source
    if desk.scene is None or not desk.scene.parts:
        return np.ones(source.shape[:2], np.bool_)
    standing = np.zeros(source.shape[:2], np.bool_)
    for thing in filter(None, map(desk.scene.cut, desk.scene.parts)):
        standing[thing.box.cut] |= thing.pixels[..., 3] > HALF
    return standing


def _stands_on_plain_ground(desk: Desk) -> bool:
    """Tell whether there is no place around what the source shows, nor a sky that fades."""
    if desk.scene is None:
        return False
    above, below = desk.scene.behind[[0, -1]].mean(axis=1)
    return bool(np.abs(above - below).max() < PLAIN)

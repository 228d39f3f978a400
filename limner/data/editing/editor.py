"""What training in editing reads: pairs of pictures with an instruction, each a pure function of the recipe and an index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from limner.data.corpus import Corpus
from limner.data.editing.damage import damage
from limner.data.editing.pair import LOCAL, Edit, EditPair, Mask, Operation
from limner.data.editing.references import REFERENCE_EDITS
from limner.data.editing.regions import grown, hole_in, region_over, window_in
from limner.data.editing.starts import quiet_scene, start_scene
from limner.data.editing.things import THING_EDITS, choose_target
from limner.data.editing.whole import WHOLE_EDITS
from limner.data.editing.wording import Telling, caption_of, maybe_captioned
from limner.data.scenes.render import render_scene
from limner.data.scenes.scene import Canvas, Scene
from limner.data.scenes.sprites import Pixels

SHARES: Mapping[Operation, float] = {
    "inpaint": 0.09, "outpaint": 0.05, "add": 0.10, "remove": 0.10, "replace": 0.11, "recolour": 0.12, "move": 0.05, "resize": 0.05,
    "restyle": 0.04, "relight": 0.04, "background": 0.09, "text": 0.02, "restore": 0.04, "subject": 0.05, "style": 0.02, "compose": 0.03,
}  # fmt: skip
SHARE_SIMPLE: Mapping[Operation, float] = {"relight": 0.0, "background": 0.75, "compose": 1.0, "subject": 0.5}
SHARE_MASKED, SHARE_GROUND_MASKED, SHARE_CAPTIONED = 0.5, 0.2, 0.15
_TRIES, _LEAST_CHANGED = 24, 0.001
_EDITS = {**THING_EDITS, **WHOLE_EDITS, **REFERENCE_EDITS}
_FILL = ("fill the hole", "fill in the missing part", "complete the picture", "fill in what is missing", "restore the missing part")
_EXTEND = ("extend the picture", "continue the picture beyond its edges", "outpaint", "complete the picture", "uncrop the picture")


def pair_rng(seed: int, index: int) -> np.random.Generator:
    """Return the generator of one pair, of another stream than that of the examples."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, 0xED17], np.uint64), counter=np.array([0, 0, index, 0], np.uint64)))


class Editor:
    """Every pair of a corpus. Fork or pickle it freely, as the corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._canvas = Canvas(corpus.size_px, corpus.size_px)

    def pair(self, index: int, *, operation: Operation | None = None) -> EditPair:
        """Return one pair, of an operation chosen by share if none is named; the same answer in every process and in any order.

        Where no drawn scene allows the operation, the pair is one of "restore", which every scene allows.
        """
        rng = pair_rng(self.corpus.recipe.seed, index)
        names = tuple(SHARES)
        chosen = operation or names[int(rng.choice(len(names), p=np.array(list(SHARES.values()))))]
        for _ in range(_TRIES):
            if (pair := self._try(chosen, rng)) is not None:
                return pair
        return self._restore(quiet_scene(self.corpus.stock, rng, self._canvas, 1), rng)

    def _try(self, operation: Operation, rng: np.random.Generator) -> EditPair | None:
        stock = self.corpus.stock
        scene = start_scene(stock, rng, self._canvas, share_simple=SHARE_SIMPLE.get(operation, 0.55))
        if operation == "restore":
            return self._restore(scene, rng)
        if operation == "inpaint":
            return self._inpaint(scene, rng)
        if operation == "outpaint":
            return self._outpaint(scene, rng)
        edit = _EDITS[operation](scene, stock, rng)
        return None if edit is None else self._drawn(edit, operation, rng)

    def draw(self, scene: Scene) -> Pixels:
        """Return a scene as (S, S, 4) straight RGBA, all zeros where nothing covers."""
        pixels = render_scene(scene, self.corpus.sprites, self.corpus.fonts)
        pixels[pixels[..., 3] == 0] = 0
        return pixels

    def _drawn(self, edit: Edit, operation: Operation, rng: np.random.Generator) -> EditPair | None:
        result = self.draw(edit.after)
        source = None if edit.before is None else self.draw(edit.before)
        changed = np.ones(result.shape[:2], np.bool_) if source is None else (source != result).any(-1)
        if changed.mean() < _LEAST_CHANGED:
            return None
        share = SHARE_MASKED if operation in LOCAL else SHARE_GROUND_MASKED if operation == "background" else 0.0
        is_masked = source is not None and rng.random() < share
        first = 1 if source is None else 2
        return EditPair(
            operation=operation,
            instruction=maybe_captioned(edit, operation, rng, share=SHARE_CAPTIONED),
            source=source,
            free=None if not is_masked else region_over(changed, rng) if operation in LOCAL else grown(changed, 1),
            shown=None,
            references=tuple(map(self.draw, edit.references)),
            reference_numbers=tuple(range(first, first + len(edit.references))),
            result=result,
            background=_background(result),
            changed=changed,
            before=edit.before,
            after=edit.after,
        )

    def _restore(self, scene: Scene, rng: np.random.Generator) -> EditPair:
        result = self.draw(scene)
        source, order = damage(result, rng)
        return _from_pixels("restore", Telling(scene, rng).polite(order), source, result, scene)

    def _inpaint(self, scene: Scene, rng: np.random.Generator) -> EditPair | None:
        telling, target = Telling(scene, rng), choose_target(scene, rng)
        is_over_thing = target is not None and rng.random() < 0.6
        result = self.draw(scene)
        if target is not None and is_over_thing:
            without = Edit(before=None, after=scene, instruction="")
            bare = self.draw(_without(without.after, target))
            hole = region_over((bare != result).any(-1), rng, share_generous=0.1)
            order = telling.pick(("{}", "{}", "add {}", "put {} there", "fill the hole with {}")).format(telling.thing(target))
        else:
            hole = hole_in(result.shape[0], rng)
            order = telling.polite(telling.pick(_FILL))
        if rng.random() < 0.4 and (caption := caption_of(scene, rng)):
            order = caption
        return _hidden("inpaint", order, hole, result, scene)

    def _outpaint(self, scene: Scene, rng: np.random.Generator) -> EditPair | None:
        telling, result = Telling(scene, rng), self.draw(scene)
        shown, side = window_in(result.shape[0], rng)
        where = {"left": " to the left", "right": " to the right", "top": " upwards", "bottom": " downwards", "": ""}[side]
        order = telling.polite(f"extend the picture{where}" if where and rng.random() < 0.6 else telling.pick(_EXTEND))
        if rng.random() < 0.5 and (caption := caption_of(scene, rng)):
            order = caption
        return _hidden("outpaint", order, ~shown, result, scene)


def _without(scene: Scene, layer: object) -> Scene:
    return Scene(scene.canvas, scene.background, tuple(other for other in scene.layers if other is not layer), scene.light, air=scene.air)


def _hidden(operation: Operation, order: str, hole: Mask, result: Pixels, scene: Scene) -> EditPair | None:
    source = result.copy()
    source[hole] = 0
    pair = _from_pixels(operation, order, source, result, scene, hole=hole)
    return pair if pair.changed.mean() >= _LEAST_CHANGED else None


def _from_pixels(operation: Operation, order: str, source: Pixels, result: Pixels, scene: Scene, *, hole: Mask | None = None) -> EditPair:
    return EditPair(
        operation=operation,
        instruction=order,
        source=source,
        free=hole,
        shown=None if hole is None else ~hole,
        references=(),
        reference_numbers=(),
        result=result,
        background=_background(result),
        changed=(source != result).any(-1),
        before=None,
        after=scene,
    )


def _background(pixels: Pixels) -> Literal["transparent", "opaque"]:
    return "opaque" if pixels[..., 3].min() == 255 else "transparent"

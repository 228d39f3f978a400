"""How well pictures are described: things, counts, colours, places and grounds of scenes whose content is known; a Markdown table.

    python benchmarks/describing.py --parts ~/.cache/limner/data/parts --count 500 --seed 9100

Scenes and single drawings are of a seed that eyes were not taught with; strange drawings are of the same style and of things that the
eyes do not know, for which the right answer is to name nothing.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from limner.data import recipes
from limner.data.corpus import Corpus, example_rng, select_assets
from limner.data.packing.pack import iterate_assets, list_parts
from limner.data.scenes.scene import Scene
from limner.data.scenes.sprites import asset_key, open_sprites
from limner.data.scenes.wording import colour_word
from limner.engine.describing.colours import name_plainly
from limner.engine.describing.describer import Describer
from limner.engine.describing.description import Description, ShownThing, place_of

SIDE_PX = 160
STRANGE_SHARE = 0.7  # of the picture's side
GROUNDS = {"plain": "plain", "gradient": "gradient", "transparent": "transparent"}


@dataclass
class Tally:
    """Right answers and all answers by row of the table."""

    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def add(self, row: str, right: int, asked: int) -> None:
        """Count some answers."""
        self.right[row] += right
        self.asked[row] += asked

    def ask(self, row: str, *, is_right: bool) -> None:
        """Count one answer."""
        self.add(row, int(is_right), 1)

    def rows(self, title: str) -> Iterator[str]:
        """Yield the table's lines."""
        for row, asked in self.asked.items():
            yield f"| {title} | {row} | {self.right[row] / max(1, asked):.3f} | {self.right[row]} of {asked} |"


def main() -> None:
    """Describe everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "limner" / "sprites")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=9100)
    arguments = parser.parse_args()
    corpus = Corpus.open(arguments.parts, recipes.everyday(seed=arguments.seed), SIDE_PX, arguments.cache)
    describer = Describer()
    describer.prepare()
    print("| pictures | what | share | |\n|---|---|---|---|")
    seconds = [*_describe_scenes(corpus, describer, arguments.count), *_describe_singles(corpus, describer, arguments.count)]
    _describe_strange(arguments, set(corpus.things), describer)
    print(f"\nA description took {np.median(seconds):.3f} s (median), {np.quantile(seconds, 0.99):.3f} s (p99).")


def _describe_scenes(corpus: Corpus, describer: Describer, count: int) -> list[float]:
    tally, seconds = Tally(), []
    for index in range(count):
        begun = time.perf_counter()
        said = describer.describe(corpus.scene_example(index).pixels)
        seconds.append(time.perf_counter() - begun)
        _score_scene(tally, corpus, corpus.scene(index), said)
    print("\n".join(tally.rows("scenes")))
    return seconds


def _score_scene(tally: Tally, corpus: Corpus, scene: Scene, said: Description) -> None:
    layers = scene.assets()
    held = Counter(layer.concept for layer in layers)
    _score_names(tally, set(held), said)
    for shown in said.things:
        ones = [layer for layer in layers if layer.concept == shown.name]
        if not ones:
            continue
        tally.ask("counts right, of things named", is_right=shown.count == len(ones))
        if len(ones) > 1:
            tally.ask("counts right, of several", is_right=shown.count == len(ones))
        else:
            tally.ask("places right, of single things", is_right=_is_near(shown, ones[0].box.centre))
        hues = {colour_word(layer.colour) or corpus.sprites.colour(layer.asset) for layer in ones}
        if shown.colour and len(hues) == 1 and (hue := hues.pop()):
            tally.ask("colours right, where said and the drawing has one", is_right=shown.colour == hue)
    if scene.background.name in GROUNDS:
        tally.ask("grounds told: plain, gradient", is_right=said.background.kind == GROUNDS[scene.background.name])
    else:
        tally.ask("other grounds left out", is_right=said.background.kind == "unknown")
    if scene.background.name == "plain" and said.background.kind == "plain":
        hue = name_plainly(said.background.colours[0])
        tally.ask("colours of plain grounds right", is_right=hue == colour_word(scene.background.colours[0]))


def _is_near(shown: ShownThing, centre: tuple[float, float]) -> bool:
    """Say whether the place is the true one; near the border of two, either is right."""
    near = {place_of(centre[0] + across, centre[1] + down) for across in (-0.04, 0, 0.04) for down in (-0.04, 0, 0.04)}
    return shown.place in near


def _score_names(tally: Tally, held: set[str], said: Description) -> None:
    named = {shown.name for shown in said.things}
    tally.add("precision of names", len(held & named), len(named))
    tally.add("recall of names", len(held & named), len(held))
    tally.ask("pictures with a false name", is_right=bool(named - held))
    tally.ask("pictures of which nothing is named", is_right=not named)


def _describe_singles(corpus: Corpus, describer: Describer, count: int) -> list[float]:
    tally, seconds, index = Tally(), list[float](), 0
    while len(seconds) < count:
        if example_rng(corpus.recipe.seed, index).random() < 1 - corpus.recipe.share_scene:
            example = corpus.example(index)
            begun = time.perf_counter()
            said = describer.describe(example.pixels)
            seconds.append(time.perf_counter() - begun)
            _score_names(tally, {corpus.assets[corpus.deal(index)].concept}, said)
            tally.ask("transparency told", is_right=(said.background.kind == "transparent") == (example.background == "transparent"))
            for shown in said.things:
                tally.ask("counts right", is_right=shown.count == 1)
        index += 1
    print("\n".join(tally.rows("single drawings")))
    return seconds


def _describe_strange(arguments: argparse.Namespace, known: set[str], describer: Describer) -> None:
    vectors = iterate_assets(list_parts(arguments.parts, "vectors"))
    strange = [asset for asset in select_assets(recipes.single_style(), vectors) if asset.concept not in known]
    random.Random(arguments.seed).shuffle(strange)
    strange = strange[: arguments.count]
    sprites = open_sprites(strange, size_px=SIDE_PX, cache_dir=arguments.cache, processes=1)
    tally = Tally()
    for asset in strange:
        if asset_key(asset) in sprites:
            said = describer.describe(_lay_on_white(sprites[asset_key(asset)].pixels))
            tally.ask("pictures of which nothing is named", is_right=not said.things)
    print("\n".join(tally.rows("strange drawings")))


def _lay_on_white(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    side = round(SIDE_PX * STRANGE_SHARE)
    drawing = Image.fromarray(np.ascontiguousarray(pixels)).resize((side, side))
    ground = Image.new("RGBA", (SIDE_PX, SIDE_PX), "white")
    ground.alpha_composite(drawing, ((SIDE_PX - side) // 2, (SIDE_PX - side) // 2))
    return np.asarray(ground)


if __name__ == "__main__":
    main()

"""Draw the cases of the benchmark of edits: `python benchmarks/edit_cases.py PARTS CACHE` writes `limner/evals/edits/cases.npz`.

With `--into` compositions into a source are drawn alone, and `into.npz` is written.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
from PIL import Image

from limner.data.colours import COLOURS
from limner.data.corpus import Corpus
from limner.data.editing.editor import Editor
from limner.data.editing.pair import OPERATIONS, EditPair
from limner.data.heldout import is_held_out_asset
from limner.data.packing.pack import Asset, iterate_assets, list_parts
from limner.data.recipes import RECIPES
from limner.data.scenes.scene import AssetLayer, Box, Scene
from limner.data.scenes.sprites import rasterise
from limner.engine.protocol import Mask, Pixels
from limner.engine.weights import PACKAGED_WEIGHTS
from limner.evals.concepts import NAMED_CONCEPTS
from limner.evals.edits.cases import CASES_FILE, INTO, INTO_FILE, EditCase, digest_cases, write_cases
from limner.evals.edits.subjects import FACES, crop
from limner.evals.judge import Judge
from limner.evals.tasks import CATEGORIES

RECIPE, SEED = "everyday", 20_260_501  # training draws its pairs with seeds from 0 on
SIDE_PX = 128
LEAST_CHANGED = 0.008
MOST_TRIES = 2000
FACE_SETS = ("adventurer", "avataaars", "big-ears", "big-smile", "lorelei", "micah", "notionists", "open-peeps", "personas", "toon-head")
FACE_PX = 100
FACE_GROUNDS = ("white", "light blue", "light yellow", "mint green", "light pink")
FACE_ORDERS = ("change the background to {}", "make the background {}", "put it on a {} background", "{} background")


def draw_pairs(editor: Editor, judge: Judge) -> Iterator[EditCase]:
    """Yield the cases of every operation."""
    for place, operation in enumerate(OPERATIONS):
        size, number, seen = CATEGORIES[f"edit-{operation}"].size, 0, set[str]()
        for index in count(100_000 * (place + 1)):
            if number == size or index % 100_000 > MOST_TRIES:
                break
            pair = editor.pair(index, operation=operation)
            if pair.operation != operation or pair.changed.mean() < LEAST_CHANGED or pair.instruction in seen or is_unfit(pair, number):
                continue
            seen.add(pair.instruction)
            yield make_case(pair, number, editor, judge)
            number += 1
        print(f"{operation:12} {number:3} cases of {index % 100_000:4} pairs", flush=True)


def draw_into(editor: Editor, judge: Judge) -> Iterator[EditCase]:
    """Yield compositions into a source: the drawing of image 2 put into image 1. The judge chooses among no names in them."""
    size, number, seen = CATEGORIES[f"edit-{INTO}"].size, 0, set[str]()
    for index in count(100_000 * (len(OPERATIONS) + 1)):
        pair = editor.pair(index, operation="compose")
        if pair.source is None or pair.changed.mean() < LEAST_CHANGED or pair.instruction in seen:
            continue
        seen.add(pair.instruction)
        yield replace(make_case(pair, number, editor, judge), set=INTO, concept="")
        number += 1
        if number == size:
            return


def is_unfit(pair: EditPair, number: int) -> bool:
    """Say whether a caption for a new ground leaves the ground out, or the inputs are not as many as are due: two to six in turn."""
    if pair.operation == "background":
        return not re.search(r"background|gradient|cut|\b(on|in|at|under|by)\b", pair.instruction)
    return pair.operation == "compose" and len(pair.references) + (pair.source is not None) != 2 + number % 5


def make_case(pair: EditPair, number: int, editor: Editor, judge: Judge) -> EditCase:
    """Return a pair as a case."""
    bare, changed = None, pair.changed
    if pair.source is None and pair.after is not None:
        bare = editor.draw(replace(pair.after, layers=()))
        changed = (bare != pair.result).any(-1)
    new = new_things(pair)
    return EditCase(
        set=pair.operation,
        number=number,
        instruction=pair.instruction,
        truth=pair.result,
        changed=changed,
        source=pair.source,
        bare=bare,
        free=pair.free,
        references=pair.references,
        background=pair.background,
        concept=new[0].concept if len(new) == 1 and new[0].concept in NAMED_CONCEPTS else "",
        word=written(pair),
        medium=pair.after.medium if pair.after is not None else "",
        subjects=tuple(find_subjects(pair, judge)) if pair.operation in ("subject", "compose") else (),
    )


def new_things(pair: EditPair) -> Sequence[AssetLayer]:
    """Return the drawings that the truth shows where something changed and the source does not."""
    after = things(pair.after)
    if pair.operation in ("inpaint", "outpaint"):
        return [layer for layer in after if covered(layer.box, pair.changed) > 0.6]
    before = {(layer.concept, layer.box) for layer in things(pair.before)}
    return [layer for layer in after if (layer.concept, layer.box) not in before]


def things(scene: Scene | None) -> Sequence[AssetLayer]:
    """Return the subjects of a scene."""
    return [] if scene is None else [layer for layer in scene.assets() if layer.role in ("subject", "second")]


def covered(box: Box, mask: Mask) -> float:
    """Return the share of a box that lies in a mask."""
    part = crop(mask[..., None].repeat(4, axis=-1).astype(np.uint8), box)
    return float(part.mean())


def written(pair: EditPair) -> str:
    """Return the word that a case of text asks for."""
    found = re.findall(r'"([^"]+)"', pair.instruction) if pair.operation == "text" else []
    return found[-1] if found and re.fullmatch(r"[A-Za-z]+", found[-1]) else ""


def find_subjects(pair: EditPair, judge: Judge) -> Iterator[Box]:
    """Yield where in the truth each reference stands: the new drawing that looks most like it."""
    layers = list(new_things(pair))
    for reference in pair.references:
        if not layers:
            return
        wanted = judge.features(reference)
        best = max(layers, key=lambda layer: float(wanted @ judge.features(crop(pair.result, layer.box))))
        layers.remove(best)
        yield best.box


def draw_faces(parts: Path) -> Iterator[EditCase]:
    """Yield drawn faces whose ground is to change, and nothing else."""
    sets = [f"dicebear-{name}" for name in FACE_SETS]
    assets = [asset for asset in iterate_assets(list_parts(parts, "vectors")) if asset.set in sets and not is_held_out_asset(asset)]
    ranked = sorted(assets, key=lambda asset: hashlib.sha256(f"{SEED}{asset.set}/{asset.slug}".encode()).digest())
    size = CATEGORIES["edit-faces"].size
    chosen = [[asset for asset in ranked if asset.set == name][: size // len(sets) + 1] for name in sets]
    for number, asset in enumerate([asset for turn in zip(*chosen, strict=False) for asset in turn][:size]):
        yield make_face(asset, number)


def make_face(asset: Asset, number: int) -> EditCase:
    """Return a face on one plain ground, and on another."""
    face = rasterise(asset, FACE_PX)
    assert face is not None, f"{asset.set}/{asset.slug} draws nothing"
    grounds = [FACE_GROUNDS[(number + step) % len(FACE_GROUNDS)] for step in (0, 1 + number % 3)]
    source, truth = (on_ground(face, ground) for ground in grounds)
    edge = (SIDE_PX - FACE_PX) / 2 / SIDE_PX
    return EditCase(
        set=FACES,
        number=number,
        instruction=FACE_ORDERS[number % len(FACE_ORDERS)].format(grounds[1]),
        truth=truth,
        changed=(source != truth).any(-1),
        source=source,
        subjects=(Box(edge, edge, FACE_PX / SIDE_PX, FACE_PX / SIDE_PX),),
    )


def on_ground(face: Pixels, ground: str) -> Pixels:
    """Return a face in the middle of a plain ground."""
    image = Image.new("RGBA", (SIDE_PX, SIDE_PX), (*COLOURS[ground], 255))
    edge = (SIDE_PX - FACE_PX) // 2
    image.alpha_composite(Image.fromarray(face), (edge, edge))
    return np.array(image)


def main() -> None:
    """Draw, write, and print the digest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--into", action="store_true", help="compositions into a source alone")
    parser.add_argument("--out", type=Path, help="the package's own file unless given")
    given = parser.parse_args()
    out = given.out or (INTO_FILE if given.into else CASES_FILE)
    judge = Judge.open(PACKAGED_WEIGHTS / "judge")
    corpus = Corpus.open(given.parts, replace(RECIPES[RECIPE](), seed=SEED), SIDE_PX, given.cache)
    editor = Editor(corpus)
    cases = [*draw_into(editor, judge)] if given.into else [*draw_pairs(editor, judge), *draw_faces(given.parts)]
    write_cases(cases, out, {"recipe": RECIPE, "seed": SEED, "corpus": corpus.digest, "judge": judge.digest})
    print(f"{len(cases)} cases, {out.stat().st_size:,} bytes, {digest_cases(out)}")


if __name__ == "__main__":
    main()

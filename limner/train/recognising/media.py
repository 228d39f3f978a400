"""Training of what tells media apart: drawings of the corpus in each of them, at several sizes, and a linear head over their traits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from limner.data.corpus import example_rng
from limner.data.scenes.sprites import Pixels
from limner.engine.arranging.cutouts import take_apart
from limner.engine.seeing.media import NO_MEDIUM
from limner.media.filters.medium import LOOKS, apply_medium
from limner.media.filters.traits import measure_traits
from limner.model.release import name_helper, write_release
from limner.train.upsampling.truths import Shelf, draw_truth
from limner.train.upsampling.upsampler import check_free

Floats = npt.NDArray[np.float64]

MEDIA = (NO_MEDIUM, *LOOKS)
SIDES_PX = (128, 192, 256, 384)
MOMENTUM = (0.9, 0.99)


@dataclass(frozen=True, kw_only=True)
class MediaRun:
    """How the head is trained: each drawing as it is and in `per_drawing` media; every `held_out` th drawing is measured, not learnt."""

    num_drawings: int = 500
    per_drawing: int = 4
    held_out: int = 7
    side_px: int = 384
    steps: int = 1500
    rate: float = 0.02
    decay: float = 1e-3
    seed: int = 0


def make_media(name: str, parts_dir: Path, weights_dir: Path, run: MediaRun, *, note: Callable[[str], None]) -> tuple[str, float]:
    """Train the head into a folder of its own beside the snapshots, and make it the one that reads media; return its digest and its recall.

    Raises:
        InvalidField: the weights folder has something of this name already.
        DamagedFile: the parts cannot be read.
    """
    check_free(weights_dir / name)
    shelf = Shelf.open(parts_dir)
    note(f"drawing {run.num_drawings} pictures in {run.per_drawing + 1} media each")
    drawn = list(_examples(shelf, run))
    traits, media, numbers = (np.array(each) for each in zip(*drawn, strict=True))
    learnt = numbers % run.held_out > 0
    mean, spread = traits[learnt].mean(0), traits[learnt].std(0) + 1e-6
    weight, bias = fit((traits[learnt] - mean) / spread, media[learnt], run)
    guesses = (((traits[~learnt] - mean) / spread) @ weight.T + bias).argmax(1)
    recall = float((guesses == media[~learnt]).mean())
    tensors = {"weight": weight, "bias": bias, "mean": mean, "spread": spread}
    facts = {
        "name": name, "licence": "Apache-2.0", "media": list(MEDIA), "graphs": {}, "training": {**asdict(run), "recall": round(recall, 4)},
        "corpus": {"drawings": shelf.num_drawings, "digest": shelf.digest},
    }  # fmt: skip
    floats = {key: value.astype(np.float32) for key, value in tensors.items()}
    digest = write_release(weights_dir / name, floats, precise=frozenset(tensors), extra_files={}, facts=facts)
    name_helper(weights_dir, "media", name, digest)
    return digest, recall


def _examples(shelf: Shelf, run: MediaRun) -> Iterator[tuple[npt.NDArray[np.float32], int, int]]:
    """Yield traits, medium and the number of the drawing."""
    for index in range(run.num_drawings):
        rng = example_rng(run.seed, index)
        picture, mask = _draw(shelf, run, index, rng)
        side = int(rng.choice(SIDES_PX))
        small = np.array(Image.fromarray(picture).resize((side, side), Image.Resampling.BOX))
        standing = np.array(Image.fromarray(mask).resize((side, side)))
        for medium in (0, *(1 + rng.permutation(len(LOOKS))[: run.per_drawing])):
            made = apply_medium(small, standing, MEDIA[medium], int(rng.integers(2**31))) if medium else small
            yield measure_traits(made), int(medium), index


def _draw(shelf: Shelf, run: MediaRun, index: int, rng: np.random.Generator) -> tuple[Pixels, npt.NDArray[np.bool_]]:
    """Draw a picture on an opaque ground, and where something stands before it: everywhere or nowhere, where that cannot be told."""
    drawing = Image.fromarray(draw_truth(shelf, run.seed, index, run.side_px).pixels)
    ground = Image.new("RGBA", drawing.size, (*(int(level) for level in rng.integers(110, 256, 3)), 255))
    ground.alpha_composite(drawing)
    picture = np.array(ground)
    scene = take_apart(picture)
    mask = scene.standing if scene is not None else np.full(picture.shape[:2], rng.random() < 1 / 2)
    return picture, mask


def fit(traits: Floats, media: npt.NDArray[np.int64], run: MediaRun) -> tuple[Floats, Floats]:
    """Return weight (media, traits) and bias of a softmax over traits (N, traits), every medium as important as another."""
    inputs = np.hstack([traits, np.ones((len(traits), 1))])
    truth = np.eye(len(MEDIA))[media]
    share = (1 / np.maximum(np.bincount(media, minlength=len(MEDIA)), 1))[media]
    share = (share / share.sum())[:, None]
    weights = np.zeros((inputs.shape[1], len(MEDIA)))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(run.steps):
        scores = inputs @ weights
        chances = np.exp(scores - scores.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        slope = inputs.T @ ((chances - truth) * share) + run.decay * weights
        first, second = first + (1 - MOMENTUM[0]) * (slope - first), second + (1 - MOMENTUM[1]) * (slope**2 - second)
        even = [1 - momentum ** (step + 1) for momentum in MOMENTUM]
        weights -= run.rate * (1 - step / run.steps) * (first / even[0]) / (np.sqrt(second / even[1]) + 1e-8)
    return weights[:-1].T, weights[-1]

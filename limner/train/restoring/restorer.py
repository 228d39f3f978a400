"""Training of the restorer: drawings of the corpus beside damaged copies of them.

drawings of the corpus -> true pictures, large and small -> cuts, each damaged anew in one of the ways of `limner.data.editing.damage`
the error of the colours, from twice as far too -> the average of the weights, in a folder of its own
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from limner.data.corpus import example_rng
from limner.data.editing.damage import damage
from limner.data.scenes.sprites import Pixels
from limner.engine.weights import WeightsPart
from limner.model import flow
from limner.model.export import export_restorer, write_restorer
from limner.model.release import name_helper
from limner.model.restoring.restorer import COLOURS, Restorer, RestorerConfig
from limner.train.optim import Muon, has_fast_bfloat16
from limner.train.upsampling.average import Progress, train_average
from limner.train.upsampling.truths import Shelf, draw_truth
from limner.train.upsampling.upsampler import check_free

SHARE_LARGE, SHARE_WHOLE = 0.3, 0.06  # of the cuts: from the large pictures; not damaged at all
SHARE_SCALED, SCALES, SHARE_JPEG, JPEG_QUALITIES = 0.6, (1.2, 2.4), 0.2, (30, 95)  # of the damaged ones
NEARLY = 0.05  # of 2
LIVELY = 6.0  # standard deviation of a colour, of 255


@dataclass(frozen=True, kw_only=True)
class RestorerRun:
    """How a restorer is trained: until `budget_s` of training or `max_steps` is spent.

    Of a picture `damaged_px` are damaged, and `cut_px` of those are seen.
    """

    network: RestorerConfig = field(default_factory=RestorerConfig)
    num_truths: int = 1600
    sides_px: tuple[int, int] = (256, 512)
    damaged_px: int = 192
    cut_px: int = 128
    batch_size: int = 8
    muon_rate: float = 0.002
    adam_rate: float = 1.2e-3
    ema_decay: float = 0.998
    budget_s: float = 60 * 60
    max_steps: int = 10**9
    save_every_s: float = 240
    log_every: int = 50
    seed: int = 0


class Batches:
    """Damaged cuts and what they were, channels (B, 4, cut, cut), mirrored and turned at random; seeded."""

    def __init__(self, truths: tuple[list[Pixels], list[Pixels]], run: RestorerRun, device: torch.device) -> None:
        self.truths, self.run, self.device = truths, run, device
        self.rng = example_rng(run.seed, 0)

    def next(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: what is given, and what is true."""
        pairs = [self._pair() for _ in range(self.run.batch_size)]
        given, true = (torch.from_numpy(np.stack([flow.to_channels(pair[k]) for pair in pairs])).to(self.device) for k in range(2))
        return given, true

    def _pair(self) -> tuple[Pixels, Pixels]:
        is_large = bool(self.rng.random() < SHARE_LARGE)
        true = self._vary(self._cut(self.truths[is_large]))
        given = true
        if self.rng.random() >= SHARE_WHOLE:
            given = self._spoil(true, self.run.sides_px[is_large])
        top, left = self.rng.integers(0, self.run.damaged_px - self.run.cut_px + 1, 2)
        seen = (slice(top, top + self.run.cut_px), slice(left, left + self.run.cut_px))
        return given[seen], true[seen]

    def _spoil(self, true: Pixels, side_px: int) -> Pixels:
        """Return a cut damaged; often at a smaller size than it is shown at, and now and then stored as JPEG."""
        scale = float(self.rng.uniform(*SCALES)) if self.rng.random() < SHARE_SCALED else 1.0
        small = max(8, round(len(true) / scale))
        given, _ = damage(_resize(true, small, Image.Resampling.BOX), self.rng, side_px=round(side_px / scale))
        if self.rng.random() < SHARE_JPEG:
            given = np.dstack([_through_jpeg(given[..., :COLOURS], int(self.rng.integers(*JPEG_QUALITIES))), given[..., COLOURS:]])
        shown = _resize(given, len(true), Image.Resampling.BICUBIC)
        return _cleared(np.dstack([shown[..., :COLOURS], true[..., COLOURS:]]))

    def _cut(self, pictures: list[Pixels]) -> Pixels:
        """Return a cut of some picture, not often an empty one."""
        side = self.run.damaged_px
        for _ in range(4):
            picture = pictures[int(self.rng.integers(len(pictures)))]
            top, left = self.rng.integers(0, len(picture) - side + 1, 2)
            cut = picture[top : top + side, left : left + side]
            if cut[::4, ::4, :COLOURS].std(axis=(0, 1)).max() > LIVELY:
                break
        return cut

    def _vary(self, pixels: Pixels) -> Pixels:
        turned = np.rot90(pixels[:, ::-1] if self.rng.random() < 0.5 else pixels, int(self.rng.integers(4)))
        return np.ascontiguousarray(turned[..., [*map(int, self.rng.permutation(COLOURS)), COLOURS]])


def draw_truths(shelf: Shelf, run: RestorerRun) -> tuple[list[Pixels], list[Pixels]]:
    """Return true pictures at the smaller and at the larger side, straight RGBA, zeros where nothing covers."""
    small_px, large_px = run.sides_px
    large = [draw_truth(shelf, run.seed, index, large_px).pixels for index in range(run.num_truths)]
    small = [np.asarray(Image.fromarray(picture).resize((small_px, small_px), Image.Resampling.BOX)) for picture in large]
    return list(map(_cleared, small)), list(map(_cleared, large))


def _resize(pixels: Pixels, side_px: int, how: Image.Resampling) -> Pixels:
    return pixels if len(pixels) == side_px else np.asarray(Image.fromarray(pixels).resize((side_px, side_px), how))


def _through_jpeg(colours: Pixels, quality: int) -> Pixels:
    with io.BytesIO() as stored:
        Image.fromarray(np.ascontiguousarray(colours)).save(stored, "jpeg", quality=quality)
        return np.asarray(Image.open(stored).convert("RGB"))


def _cleared(pixels: Pixels) -> Pixels:
    return np.where(pixels[..., 3:] == 0, np.uint8(0), pixels)


def measure_loss(guess: Tensor, true: Tensor) -> Tensor:
    """Return how wrong the colours are, half of it as seen from twice as far; by squares where they are nearly right.

    By absolute values alone it would learn to change nothing: most of a drawing is flat, and whole already.
    """
    wrong = guess[:, :COLOURS] - true[:, :COLOURS]
    return (_size(wrong) + _size(F.avg_pool2d(wrong, 2))) / 2


def _size(wrong: Tensor) -> Tensor:
    return F.huber_loss(wrong, torch.zeros_like(wrong), delta=NEARLY) / NEARLY


def make_optimizers(network: Restorer, run: RestorerRun) -> list[torch.optim.Optimizer]:
    """Return Muon for the kernels, and AdamW for what paints and for all that is no kernel."""
    kernels = {name for name, parameter in network.named_parameters() if parameter.ndim == 4 and not name.startswith("paint")}
    products = torch.bfloat16 if has_fast_bfloat16(next(network.parameters()).device) else torch.float32
    return [
        Muon([parameter for name, parameter in network.named_parameters() if name in kernels], lr=run.muon_rate, products=products),
        torch.optim.AdamW([parameter for name, parameter in network.named_parameters() if name not in kernels], lr=run.adam_rate),
    ]


def make_restorer(
    name: str,
    start: str | None,
    parts_dir: Path,
    weights_dir: Path,
    run: RestorerRun,
    device: torch.device,
    *,
    note: Callable[[str], None],
    report: Callable[[Progress], None],
) -> str:
    """Train a restorer into a folder of its own beside the snapshots, from nothing or from the one named `start`; return its digest.

    At the end it is made the one that repairs pictures.

    What is learnt so far is written every few minutes, so that a run that is stopped leaves a whole restorer.

    Raises:
        InvalidField: the weights folder has something of this name already.
        DamagedFile: the parts, or `start`, cannot be read.
    """
    check_free(weights_dir / name)
    torch.manual_seed(run.seed)
    network = (Restorer(run.network) if start is None else load_restorer(weights_dir / start)).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    shelf = Shelf.open(parts_dir)
    note(f"drawing {run.num_truths} true pictures")
    batches = Batches(draw_truths(shelf, run), run, device)
    graph = export_restorer(network.config)
    facts: dict[str, Any] = {"name": name, "licence": "Apache-2.0", "corpus": {"drawings": shelf.num_drawings, "digest": shelf.digest}}
    if start is not None:
        facts["start"] = {"name": start, "digest": WeightsPart.open(weights_dir / start, digest=None).digest}
    digest = ""

    def next_loss(trained: Restorer) -> Tensor:
        given, true = batches.next()
        with torch.autocast(device.type, torch.bfloat16, enabled=has_fast_bfloat16(device)):
            guess = trained(given)
        return measure_loss(guess.float(), true)

    def save(average: Restorer, progress: Progress) -> None:
        nonlocal digest
        training = {**asdict(run), "step": progress.step, "trained_s": round(progress.trained_s, 1)}
        digest = write_restorer(weights_dir / name, average, graph, {**facts, "training": training})

    train_average(network, make_optimizers(network, run), next_loss, run, report, save)
    name_helper(weights_dir, "restorer", name, digest)
    return digest


def load_restorer(folder: Path) -> Restorer:
    """Return a restorer as it was written.

    Raises:
        DamagedFile: there is none, or it is not as it was written.
    """
    part = WeightsPart.open(folder, digest=None)
    config = part.manifest["config"]
    network = Restorer(RestorerConfig(**{**config, "widths": tuple(config["widths"])}))
    network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in part.tensors().items()})
    return network

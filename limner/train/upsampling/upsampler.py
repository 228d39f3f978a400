"""Training of the upsampler: true drawings beside small worn ones, half of them worn by a snapshot's own hand.

drawings of the corpus -> true pictures -> small ones: reduced and worn (`wear`), or redrawn by the snapshot from half-way noise
random cuts of both -> mean absolute error, more of it at edges -> the average of the weights, in a folder of its own
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from limner.data.corpus import example_rng
from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Channels, Ground, Sitting, denoise
from limner.engine.weights import Catalogue, Sampling, WeightsPart
from limner.errors import InvalidField
from limner.model import flow
from limner.model.export import export_upsampler, write_upsampler
from limner.model.layout import PATCH_PX, Grid
from limner.model.upsampler import SCALE, Upsampler, UpsamplerConfig
from limner.train.optim import has_fast_bfloat16
from limner.train.upsampling.average import Progress, train_average
from limner.train.upsampling.truths import Shelf, Truth, draw_truth
from limner.train.upsampling.wear import reduce_exactly, wear

REDRAWN_FROM = (0.6, 0.92)  # times of the flow: what a picture shows and where is settled, how it is drawn is not
REDRAWN = Sampling(num_steps=3, num_patches=64, guidance_scale=1.0)
MAX_STRAYED = 0.05  # mean difference of a redrawn cut; beyond, it shows something else
SHARE_REDRAWN = 0.6
LIVELY = 0.06  # standard deviation of a channel


@dataclass(frozen=True, kw_only=True)
class UpsamplerRun:
    """How an upsampler is trained: until `budget_s` of training or `max_steps` is spent. Sides are of the small pictures."""

    network: UpsamplerConfig = field(default_factory=UpsamplerConfig)
    num_truths: int = 800
    num_redrawn: int = 500
    side_px: int = 128
    cut_px: int = 48
    batch_size: int = 8
    rate: float = 1.5e-3
    edge_weight: float = 6.0
    ema_decay: float = 0.998
    budget_s: float = 50 * 60
    max_steps: int = 10**9
    save_every_s: float = 240
    log_every: int = 50
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Pairs:
    """True pictures, straight-alpha RGBA, uint8 (N, 4S, 4S, 4), and what a snapshot made of the first M: channels, float16 (M, 4, S, S)."""

    truths: Tensor
    redrawn: Tensor


def make_pairs(shelf: Shelf, runtime: Runtime, run: UpsamplerRun, note: Callable[[str], None]) -> Pairs:
    """Draw the true pictures, and let the snapshot redraw some of them at the small size."""
    note(f"drawing {run.num_truths} true pictures")
    truths = [draw_truth(shelf, run.seed, index, SCALE * run.side_px) for index in range(run.num_truths)]
    note(f"redrawing {run.num_redrawn} of them")
    redrawn = [redraw(runtime, truth, run.seed, index) for index, truth in enumerate(truths[: run.num_redrawn])]
    empty = torch.zeros(0, 4, run.side_px, run.side_px, dtype=torch.float16)
    small = torch.from_numpy(np.stack(redrawn)).half() if redrawn else empty
    return Pairs(torch.from_numpy(np.stack([truth.pixels for truth in truths])), small)


def redraw(runtime: Runtime, truth: Truth, seed: int, index: int) -> Channels:
    """Return the small picture (4, side, side) that a snapshot draws over a true one: the same thing, in its own hand."""
    rng = example_rng(seed + 1, index)
    small = reduce_exactly(torch.from_numpy(flow.to_channels(truth.pixels))[None])[0].numpy()
    side = small.shape[-1] // PATCH_PX
    ground = Ground(grid=Grid(side, side), content=small, start_time=float(rng.uniform(*REDRAWN_FROM)))
    background = "opaque" if truth.is_opaque else "transparent"
    sitting = Sitting(
        condition=runtime.encode(truth.words), sampling=REDRAWN, background=background, seed=int(rng.integers(2**31)), ground=ground
    )
    *_, last = denoise(runtime, sitting)
    return last.clean


class Batches:
    """Cuts of pairs, small (B, 4, cut, cut) and large, mirrored, turned and recoloured at random; seeded."""

    def __init__(self, pairs: Pairs, run: UpsamplerRun, device: torch.device) -> None:
        self.pairs, self.run, self.device = pairs, run, device
        self.rng = example_rng(run.seed, 0)
        self.draw = torch.Generator().manual_seed(run.seed)

    def next(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: what is given, and what is true."""
        count = self.run.batch_size
        is_redrawn = len(self.pairs.redrawn) > 0 and self.rng.random() < SHARE_REDRAWN
        cuts = [self._cut(is_redrawn=is_redrawn) for _ in range(count)]
        large = torch.stack([truth for _, truth in cuts]).to(self.device)
        small = torch.stack([given for given, _ in cuts]).to(self.device) if is_redrawn else wear(large, self.draw)
        return self._vary(small, large)

    def _cut(self, *, is_redrawn: bool) -> tuple[Tensor, Tensor]:
        """Return a cut as (small, large), not often an empty one; small is of no size unless it was redrawn."""
        side, cut = self.run.side_px, self.run.cut_px
        for _ in range(4):
            index = int(self.rng.integers(len(self.pairs.redrawn) if is_redrawn else len(self.pairs.truths)))
            step = SCALE if is_redrawn else 1
            top, left = (int(place) * step for place in self.rng.integers(0, (side - cut) * SCALE // step + 1, 2))
            true = self.pairs.truths[index, top : top + SCALE * cut, left : left + SCALE * cut]
            large = torch.from_numpy(flow.to_channels(true.numpy()))
            small = self.pairs.redrawn[index, :, top // SCALE :, left // SCALE :][:, :cut, :cut] if is_redrawn else torch.zeros(0)
            thin = large[:, SCALE // 2 :: SCALE, SCALE // 2 :: SCALE]
            has_strayed = is_redrawn and (thin - small.float()).abs().mean() > MAX_STRAYED
            if thin.std(dim=(1, 2)).max() > LIVELY and not has_strayed:
                break
        return small.float(), large

    def _vary(self, small: Tensor, large: Tensor) -> tuple[Tensor, Tensor]:
        turns, is_mirrored = int(self.rng.integers(4)), bool(self.rng.integers(2))
        order = [*(int(place) for place in self.rng.permutation(3)), 3]
        sign = torch.tensor([*self.rng.choice([-1.0, 1.0], 3), 1.0], device=self.device, dtype=torch.float32)[:, None, None]

        def vary(pictures: Tensor) -> Tensor:
            turned = torch.rot90(pictures.flip(-1) if is_mirrored else pictures, turns, (-2, -1))
            return (turned[:, order] * sign).contiguous()

        return vary(small), vary(large)


def measure_loss(guess: Tensor, large: Tensor, run: UpsamplerRun) -> Tensor:
    """Return the mean absolute error of alpha and of what shows on white and on black, more of it in small pixels at an edge.

    Where nothing or everything shows, alpha may go beyond its range.
    """
    colour, alpha = guess.split((3, 1), dim=1)
    with torch.no_grad():
        is_beyond = (alpha * large[:, 3:] >= 1) & (large[:, 3:].abs() == 1)
        contrast = (F.max_pool2d(large, SCALE) + F.max_pool2d(-large, SCALE)).amax(dim=1, keepdim=True) / 2
        weight = 1 + run.edge_weight * F.max_pool2d(contrast, 3, 1, 1)
    in_colour, in_alpha = colour - large[:, :3], (alpha - large[:, 3:]).masked_fill(is_beyond, 0)
    shown = torch.cat([in_colour - in_alpha / 2, in_colour + in_alpha / 2, in_alpha], dim=1)
    return (F.avg_pool2d(shown.abs(), SCALE) * weight).mean()


def train_upsampler(
    network: Upsampler,
    pairs: Pairs,
    run: UpsamplerRun,
    device: torch.device,
    report: Callable[[Progress], None],
    save: Callable[[Upsampler, Progress], None],
) -> None:
    """Train on pairs to the end of the budget; `save` gets the average of the weights now and then, and at the end."""
    batches = Batches(pairs, run, device)
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(network.parameters(), lr=run.rate, weight_decay=1e-4)

    def next_loss(trained: Upsampler) -> Tensor:
        small, large = batches.next()
        with torch.autocast(small.device.type, torch.bfloat16, enabled=has_fast_bfloat16(small.device)):
            guess = trained(small)
        return measure_loss(guess.float(), large, run)

    train_average(network, [optimizer], next_loss, run, report, save)


def load_upsampler(folder: Path) -> Upsampler:
    """Return an upsampler as it was written.

    Raises:
        DamagedFile: there is none, or it is not as it was written.
    """
    part = WeightsPart.open(folder, digest=None)
    network = Upsampler(UpsamplerConfig(**part.manifest["config"]))
    network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in part.tensors().items()})
    return network


def make_upsampler(
    name: str,
    start: str | None,
    parts_dir: Path,
    weights_dir: Path,
    run: UpsamplerRun,
    device: torch.device,
    *,
    note: Callable[[str], None],
    report: Callable[[Progress], None],
) -> str:
    """Train an upsampler into a folder of its own beside the snapshots, from nothing or from the one named `start`; return its digest.

    What is learnt so far is written every few minutes, so that a run that is stopped leaves a whole upsampler.

    Raises:
        InvalidField: the weights folder has something of this name already.
        DamagedFile: the parts or the default snapshot, which redraws, cannot be read.
    """
    folder = weights_dir / name
    check_free(folder)
    catalogue = Catalogue.open(weights_dir)
    drawn_by = catalogue.resolve()
    torch.manual_seed(run.seed)
    network = Upsampler(run.network) if start is None else load_upsampler(weights_dir / start)
    shelf = Shelf.open(parts_dir)
    pairs = make_pairs(shelf, Runtime(catalogue, drawn_by, threads=torch.get_num_threads()), run, note)
    graphs = export_upsampler(network.config)
    facts: dict[str, Any] = {
        "name": name,
        "licence": "Apache-2.0",
        "corpus": {"drawings": shelf.num_drawings, "digest": shelf.digest, "redrawn_by": drawn_by},
    }
    if start is not None:
        facts["start"] = {"name": start, "digest": WeightsPart.open(weights_dir / start, digest=None).digest}
    digest = ""

    def save(average: Upsampler, progress: Progress) -> None:
        nonlocal digest
        training = {**asdict(run), "step": progress.step, "trained_s": round(progress.trained_s, 1)}
        digest = write_upsampler(folder, average, graphs, {**facts, "training": training})

    train_upsampler(network, pairs, run, device, report, save)
    return digest


def reissue_upsampler(start: str, name: str, weights_dir: Path) -> str:
    """Write the weights of an upsampler again as `name`, with the graphs of today; return its digest.

    Raises:
        DamagedFile: there is no upsampler `start`.
        InvalidField: as `make_upsampler`.
    """
    check_free(weights_dir / name)
    network, said = load_upsampler(weights_dir / start), WeightsPart.open(weights_dir / start, digest=None).manifest
    facts = {key: said[key] for key in ("licence", "corpus", "training") if key in said}
    return write_upsampler(weights_dir / name, network, export_upsampler(network.config), {**facts, "name": name, "weights_of": start})


def check_free(folder: Path) -> None:
    """Refuse a folder that is there.

    Raises:
        InvalidField: it is.
    """
    if folder.exists():
        raise InvalidField("name", f"{folder.name!r} is in the weights folder already; weights never change, choose a new name")

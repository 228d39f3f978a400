"""A run of the tiny network, as a program of its own so that it can be killed and launched by torchrun."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import torch

from limner.model.network import Network
from limner.train.pretrain import Place, Run
from limner.train.recipes import tiny
from limner.train.seeing import FrozenEyes
from limner.train.sheet import SHEET, draw_sheet
from limner.train.text import FrozenText


def main(folder: Path, pack: Path, weights: Path, steps: int, group_size: int, shows: int) -> None:
    """Train for `steps`, a group of pictures at a time, each shown some times; save and log often."""
    recipe = tiny()
    config = replace(
        recipe.train,
        max_steps=steps,
        budget_s=1e9,
        save_every_s=0.3,
        log_every=4,
        num_workers=1 if steps > 10 else 0,
        precision="float32",
        group_size=group_size,
        shows=shows,
    )
    torch.manual_seed(0)
    place = Place.find("cpu")
    text = FrozenText(weights, place.device)
    course = recipe.open_course(pack, folder / "sprites")
    eyes = FrozenEyes.open(weights, "tiny-eyes", recipe.model.seen_width, place.device)
    run = Run(Network(recipe.model), text, eyes, course, config, folder, place)
    run.train(
        lambda _progress, _loss: None,
        lambda network, path, size_px: draw_sheet(network, text, path, size_px=size_px, sampling=replace(SHEET, num_steps=2)),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6]))

"""Which choice of training learns more from the same arithmetic: rates, batch size, resolution first, shows. Small runs, one after another.

    python -m benchmarks.choices [--recipe NAME] [--narrow] [--steps N] [--threads N] [--only WORD]

Every run begins with the same random weights and spends the same arithmetic: `--steps` batches of the recipe, or as many more as are
cheaper. The score is the loss of the average on examples that no run has seen, at fixed times and with fixed noise: `early` where the words
decide (times up to 0.1), `late` where detail is drawn. Lower is better. `--narrow` takes the network of the tests: minutes instead of
hours. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from limner.data.packing.packages import default_corpus_dir
from limner.engine.weights import weights_folder
from limner.model.network import SIZES, Network
from limner.train.batches import iterate_batches
from limner.train.objective import Objective, draw_noise
from limner.train.pretrain import Place, Run
from limner.train.recipes import RECIPES, Lesson, Recipe
from limner.train.seeing import FrozenEyes
from limner.train.text import FrozenText

UNSEEN = 10**6  # number of the first batch that scores, far beyond any step of these runs
TIMES = {"early": (0.02, 0.05, 0.1), "late": (0.25, 0.5)}


@dataclass(frozen=True)
class Choice:
    """A recipe to compare, and what a picture of it costs beside one of the recipe as it is."""

    name: str
    recipe: Recipe
    cost: float = 1.0


def main() -> None:
    """Train each choice and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", default="limner-1", choices=list(RECIPES))
    parser.add_argument("--narrow", action="store_true")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print("| choice | pictures | early | late |\n|---|---|---|---|", flush=True)
    recipe = RECIPES[options.recipe]()
    if options.narrow:
        recipe = replace(recipe, model=replace(SIZES["tiny"], text_width=recipe.model.text_width))
    for choice in list_choices(recipe):
        if options.only in choice.name:
            with tempfile.TemporaryDirectory() as folder:
                run = train(choice, options.steps, Path(folder))
                scores = " | ".join(f"{score(run, times):.4f}" for times in TIMES.values())
                print(f"| {choice.name} | {run.progress.pictures:,} | {scores} |", flush=True)


def list_choices(recipe: Recipe) -> list[Choice]:
    """Return the recipe as it is and each of its changes, one at a time."""
    config, lesson = recipe.train, recipe.lessons[0]
    half = lesson.size_px // 2
    growing = (Lesson(corpus=lesson.corpus, size_px=half), Lesson(begins=0.5, corpus=lesson.corpus, size_px=lesson.size_px))
    choices = [Choice("as it is", recipe)]
    for factor in (0.5, 2.0):
        optim = replace(config.optim, muon_lr=factor * config.optim.muon_lr)
        choices.append(Choice(f"Muon at {optim.muon_lr:g}", replace(recipe, train=replace(config, optim=optim))))
    for factor in (0.5, 2.0):
        optim = replace(config.optim, adam_lr=factor * config.optim.adam_lr)
        choices.append(Choice(f"AdamW at {optim.adam_lr:g}", replace(recipe, train=replace(config, optim=optim))))
    choices.append(
        Choice(f"batches of {config.batch_size // 2}", replace(recipe, train=replace(config, batch_size=config.batch_size // 2)))
    )
    choices.append(Choice(f"half at {half} px", replace(recipe, lessons=growing), cost=0.7))
    choices.append(Choice("each picture shown 4 times", replace(recipe, train=replace(config, shows=4))))
    return choices


def train(choice: Choice, steps: int, folder: Path) -> Run:
    """Train a choice for the arithmetic of `steps` batches of the recipe as it is."""
    recipe = choice.recipe
    base = RECIPES[recipe.name]().train.batch_size
    count = round(steps * base / recipe.train.batch_size / choice.cost)
    config = replace(recipe.train, max_steps=count, budget_s=1e9, sheet_every_s=1e9, save_every_s=1e9, ema_decay=0.98, start="")
    torch.manual_seed(0)
    place = Place.find("cpu")
    course = recipe.open_course(default_corpus_dir() / "parts", default_corpus_dir() / "cache")
    eyes = FrozenEyes.open(weights_folder(), config.eyes, recipe.model.seen_width, place.device)
    run = Run(Network(recipe.model), FrozenText(weights_folder(), place.device), eyes, course, config, folder, place)
    run.train(lambda _progress, _loss: None, lambda _network, _path, _size_px: None)
    return run


@torch.no_grad()
def score(run: Run, times: tuple[float, ...], batches: int = 6) -> float:
    """Return the mean loss of the average at fixed times, over unseen batches of the last lesson."""
    corpus = run.course[-1][1]
    objective = Objective(run.average)
    losses = []
    unseen = iterate_batches(corpus, run.text.tokenizer_content, batch_size=32, start=UNSEEN, num_workers=0, caption_dropout=0.0)
    for number, batch in zip(range(batches), unseen, strict=False):
        _, noise = draw_noise(objective.draw_ways, 32, corpus.size_px, seed=1, step=number, device=run.place.device)
        for time in times:
            losses.append(objective(batch, run.read(batch), torch.full((32, 2), time), noise, run.positions[corpus.size_px]).item())
    return float(np.mean(losses))


if __name__ == "__main__":
    main()

"""What storing a run's weights as int8 rows costs: the training loss of the same examples and noise, before and after.

python benchmarks/quantization.py RUN_FOLDER RELEASED_FOLDER --parts PARTS [--examples N]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from limner.data.corpus import Corpus
from limner.engine.weights import WeightsPart, weights_folder
from limner.model.layout import PATCH_PX, Grid, grid_positions
from limner.model.network import ModelConfig, Network
from limner.train.batches import iterate_batches
from limner.train.objective import Objective, Read, draw_noise
from limner.train.recipes import RECIPES
from limner.train.release import load_average
from limner.train.seeing import FrozenEyes
from limner.train.text import FrozenText

BATCH = 32
UNSEEN_FROM = 10**6  # a step that no run has reached


def main() -> None:
    """Measure both and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("released", type=Path)
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=512)
    options = parser.parse_args()
    said, average = load_average(options.run)
    part = WeightsPart.open(options.released, digest=None)
    stored = Network(ModelConfig(**part.manifest["config"]))
    stored.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in part.tensors().items()})
    recipe = next(recipe() for recipe in RECIPES.values() if recipe().lessons[-1].corpus.name == said["recipe"])
    corpus = Corpus.open(options.parts, recipe.lessons[-1].corpus, recipe.lessons[-1].size_px, options.run / "sprites")
    text = FrozenText(weights_folder(), torch.device("cpu"))
    exact, rounded = (mean_loss(network.eval(), corpus, text, options.examples // BATCH) for network in (average, stored))
    print(f"| weights | loss over {options.examples} examples |\n|---|---|")
    print(f"| float32 average | {exact:.5f} |\n| as stored | {rounded:.5f} ({(rounded / exact - 1) * 100:+.2f} %) |")


@torch.no_grad()
def mean_loss(network: Network, corpus: Corpus, text: FrozenText, num_batches: int) -> float:
    """Return the mean loss of fixed batches at fixed noise."""
    side = corpus.size_px // PATCH_PX
    positions = torch.from_numpy(grid_positions(Grid(side, side)))
    batches = iterate_batches(corpus, text.tokenizer_content, batch_size=BATCH, start=UNSEEN_FROM, num_workers=0)
    objective, blind = Objective(network), FrozenEyes(None, "", network.config.seen_width, torch.device("cpu"))
    losses = []
    for step in range(num_batches):
        batch = next(batches)
        ways, noise = draw_noise(objective.draw_ways, BATCH, corpus.size_px, seed=1, step=step, device=torch.device("cpu"))
        words = text.read(batch.token_ids, batch.token_mask)
        losses.append(objective(batch, Read(words, *blind.look(batch, words)), ways, noise, positions))
    return torch.stack(losses).mean().item()


if __name__ == "__main__":
    main()

"""The sheet of forty common things: one picture each, seed 0, not chosen; labelled, and shuffled without labels for a blind look.

    python benchmarks/forty.py OUT_FOLDER [--model NAME] [--quality QUALITY]

Writes `forty.png` (labelled), `blind.png` (numbered, in an order made from a seed) and `blind.json` (which number is which prompt).
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
from PIL import Image

import limner
from limner.media.sheet import contact_sheet

THINGS = (
    "a slice of pizza",
    "a red car",
    "a cat face",
    "a dog face",
    "a house",
    "a red apple",
    "a banana",
    "a pine tree",
    "the sun",
    "a crescent moon",
    "a star",
    "a red heart",
    "a rocket",
    "an airplane",
    "a bicycle",
    "a sailboat",
    "a fish",
    "a bird",
    "a butterfly",
    "a sunflower",
    "a rose",
    "a mushroom",
    "a birthday cake",
    "an ice cream",
    "a hamburger",
    "a cup of coffee",
    "an open book",
    "a key",
    "an alarm clock",
    "a light bulb",
    "a guitar",
    "an umbrella",
    "a soccer ball",
    "a crown",
    "a penguin",
    "a robot",
    "a smiley with sunglasses",
    "a snowman",
    "a camera",
    "a gift box",
)


def main() -> None:
    """Draw the forty and write the sheets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="limner")
    parser.add_argument("--quality", default="medium")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    pictures = []
    for number, prompt in enumerate(THINGS, 1):
        drawn = limner.generate(prompt, size="512x512", seed=0, quality=options.quality, background="transparent", model=options.model)
        pictures.append(np.asarray(drawn[0].image.convert("RGBA")))
        print(f"{number:2} of {len(THINGS)}  {prompt}", flush=True)
    order = list(range(len(THINGS)))
    random.Random(40).shuffle(order)
    write_sheet(options.out / "forty.png", pictures, list(THINGS))
    write_sheet(options.out / "blind.png", [pictures[index] for index in order], [str(number) for number in range(1, len(order) + 1)])
    answers = {number: THINGS[index] for number, index in enumerate(order, 1)}
    (options.out / "blind.json").write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


def write_sheet(path: Path, pictures: list[np.ndarray], labels: list[str]) -> None:
    """Write one contact sheet, eight pictures across."""
    Image.fromarray(contact_sheet(pictures, labels, columns=8, cell_px=150)).save(path)


if __name__ == "__main__":
    main()

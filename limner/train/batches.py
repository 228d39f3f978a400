"""Batches by number: which examples are in batch `step` of rank `rank` is fixed, whatever the workers or restarts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.utils.data import DataLoader, Dataset

from limner.data.corpus import Example
from limner.data.recipes import CorpusRecipe
from limner.model.pictures import Mask, PatchRun, Pixels, overview, reference
from limner.model.text import encode_prompt, load_tokenizer, pad_prompts
from limner.train.objective import PICTURES, Batch

BACKGROUNDS = ("transparent", "opaque")


class Examples(Protocol):
    """What is shown in a lesson: examples by number, all of one size."""

    recipe: CorpusRecipe
    size_px: int

    @property
    def digest(self) -> str:
        """What names the examples."""

    @property
    def things(self) -> Mapping[str, int]:
        """What examples show, numbered from 1 on, as their sights do."""

    def example(self, index: int) -> Example:
        """One example; the same answer in every process."""


class _Batches(Dataset[Batch]):
    """Item `step` is this rank's share of batch `step`; each worker process loads its own tokenizer."""

    def __init__(
        self, corpus: Examples, tokenizer_content: bytes, *, batch_size: int, rank: int, world: int, caption_dropout: float
    ) -> None:
        self.corpus = corpus
        self.tokenizer_content = tokenizer_content
        self.first, self.stop = batch_size * rank // world, batch_size * (rank + 1) // world
        self.batch_size = batch_size
        self.caption_dropout = caption_dropout
        self._tokenizer: Tokenizer | None = None

    def __getitem__(self, step: int) -> Batch:
        if self._tokenizer is None:
            self._tokenizer = load_tokenizer(self.tokenizer_content)
        indices = [step * self.batch_size + place for place in range(self.first, self.stop)]
        examples = [self.corpus.example(index) for index in indices]
        captions = [
            "" if _is_dropped(index, self.caption_dropout) else example.caption for index, example in zip(indices, examples, strict=True)
        ]
        pictures = [
            PatchRun.join([] if not caption else prefix_pictures(example)) for caption, example in zip(captions, examples, strict=True)
        ]
        padded = pad_prompts([encode_prompt(caption, self._tokenizer) for caption in captions], pictures)
        backgrounds = torch.tensor([BACKGROUNDS.index(example.background) for example in examples])
        stacked = dict(
            zip(PICTURES, (torch.from_numpy(np.stack(plane)) for plane in zip(*map(_planes, examples), strict=True)), strict=True)
        )
        prompts = {name: torch.from_numpy(array) for name, array in vars(padded).items()}
        return Batch(background=backgrounds, **stacked, **prompts)


def prefix_pictures(example: Example) -> list[PatchRun]:
    """Return the pictures that an example shows beside its caption: the source as a whole, and its references."""
    runs = [] if example.source is None else [overview(example.source, example.shown)]
    return runs + [
        reference(pixels, number, pixels.shape[0]) for number, pixels in zip(example.reference_numbers, example.references, strict=True)
    ]


def _planes(example: Example) -> tuple[Pixels, Pixels, Mask, Mask]:
    """Return what the target is, and what lies under its noise."""
    height, width = example.pixels.shape[:2]
    if example.source is None:
        nothing = np.zeros((height, width), np.bool_)
        return example.pixels, np.zeros_like(example.pixels), nothing, nothing
    shown = np.ones((height, width), np.bool_) if example.shown is None else example.shown
    kept = np.zeros((height, width), np.bool_) if example.free is None else ~example.free
    return example.pixels, example.source, shown, kept


def _is_dropped(index: int, share: float) -> bool:
    return bool(np.random.Generator(np.random.Philox(key=np.array([index, 0xD209], np.uint64))).random() < share)


def iterate_batches(
    corpus: Examples,
    tokenizer_content: bytes,
    *,
    batch_size: int,
    start: int,
    num_workers: int,
    rank: int = 0,
    world: int = 1,
    caption_dropout: float = 0.1,
) -> Iterator[Batch]:
    """Yield this rank's batches from step `start`, for ever."""
    dataset = _Batches(corpus, tokenizer_content, batch_size=batch_size, rank=rank, world=world, caption_dropout=caption_dropout)
    steps = range(start, start + 10**8)
    return iter(DataLoader(dataset, batch_size=None, sampler=steps, num_workers=num_workers, prefetch_factor=4 if num_workers else None))

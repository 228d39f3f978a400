"""Batches by number: which examples are in batch `step` of rank `rank` is fixed, whatever the workers or restarts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.utils.data import DataLoader, Dataset

from limner.data.corpus import Corpus
from limner.model.text import encode_prompt, load_tokenizer, pad_prompts
from limner.train.objective import Batch

BACKGROUNDS = ("transparent", "opaque")


class _Batches(Dataset[Batch]):
    """Item `step` is this rank's share of batch `step`; each worker process loads its own tokenizer."""

    def __init__(self, corpus: Corpus, tokenizer_content: bytes, *, batch_size: int, rank: int, world: int, caption_dropout: float) -> None:
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
        padded = pad_prompts([encode_prompt(caption, self._tokenizer) for caption in captions])
        backgrounds = torch.tensor([BACKGROUNDS.index(example.background) for example in examples])
        prompts = (torch.from_numpy(array) for array in vars(padded).values())
        return Batch(torch.from_numpy(np.stack([example.pixels for example in examples])), backgrounds, *prompts)


def _is_dropped(index: int, share: float) -> bool:
    return bool(np.random.Generator(np.random.Philox(key=np.array([index, 0xD209], np.uint64))).random() < share)


def iterate_batches(
    corpus: Corpus,
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

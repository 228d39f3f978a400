"""Shows: a picture is seen again some steps later, a little moved, and what a step shows depends on its number alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import torch

from limner.train.objective import Batch
from limner.train.shows import GAP, lead, show_again

CPU = torch.device("cpu")


def part(number: int, *, tokens: int = 3) -> Batch:
    """One picture with a dot, in a colour that tells its number."""
    pixels = torch.zeros(1, 64, 64, 4, dtype=torch.uint8)
    pixels[0, 30, 30] = number
    words = torch.full((1, tokens), number)
    quote, mask = torch.zeros(1, 1), torch.zeros(1, 64, 64, dtype=torch.bool)
    mask[0, 30, 30] = True
    pictures = (pixels, pixels.clone(), mask, ~mask)
    return Batch(
        *pictures, torch.zeros(1, dtype=torch.int64), words, torch.ones(1, tokens), quote, quote, quote[..., None], quote, quote, quote
    )


def parts(first: int) -> Iterator[Batch]:
    return (part(number) for number in range(first, 200))


def numbers(batch: Batch) -> list[int]:
    return [int(picture.max()) for picture in batch.pixels]


def test_each_picture_is_shown_as_often_as_asked_and_some_steps_apart():
    shown = [numbers(batch) for batch in islice(show_again(parts(0), 3, CPU, step=0), 3)]

    assert shown == [[lead(3) + step, lead(3) + step - GAP, step] for step in range(3)]


def test_a_step_shows_the_same_wherever_the_run_began():
    whole = list(islice(show_again(parts(0), 2, CPU, step=0), 9))
    later = next(show_again(parts(8), 2, CPU, step=8))

    assert torch.equal(whole[8].pixels, later.pixels)
    assert torch.equal(whole[8].token_ids, later.token_ids)


def test_pictures_that_come_again_are_moved_by_a_few_pixels_and_keep_their_words():
    batches = list(islice(show_again(parts(1), 2, CPU, step=1), 30))
    places = {tuple((batch.pixels[1, ..., 0] > 0).nonzero()[0].tolist()) for batch in batches}

    assert all(batch.pixels[0, 30, 30, 0] > 0 for batch in batches)
    assert len(places) > 5
    assert all(abs(row - 30) <= 2 and abs(column - 30) <= 2 for row, column in places)
    assert all(batch.token_ids[1].tolist() == [numbers(batch)[1]] * 3 for batch in batches)


def test_once_is_the_plain_batch():
    assert numbers(next(show_again(parts(7), 1, CPU, step=7))) == [7]


def test_joined_parts_are_padded_alike():
    joined = Batch.join([part(1, tokens=2), part(2, tokens=5)])

    assert joined.token_ids.tolist() == [[1, 1, 0, 0, 0], [2, 2, 2, 2, 2]]
    assert joined.token_mask.sum(1).tolist() == [2, 5]

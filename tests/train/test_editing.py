"""Learning to edit: older weights go on as they were, and an edit's pictures reach the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from limner.data.corpus import Example
from limner.engine.drawing.noise import image_noise
from limner.engine.drawing.runtime import Runtime, Shown
from limner.engine.weights import Catalogue
from limner.model.layout import Grid, grid_positions
from limner.model.network import SIZES, Network, Prefix
from limner.model.pictures import FIRST_REFERENCE_SEGMENT, SOURCE_CHANNELS, SOURCE_SEGMENT
from limner.model.text import GLYPH_SEGMENT
from limner.train.batches import iterate_batches
from limner.train.objective import CHANGED_WEIGHT, Batch, Objective, Read, draw_noise
from limner.train.release import load_snapshot
from limner.train.seeing import FrozenEyes

PICTURE = np.full((32, 32, 4), 255, np.uint8)
PICTURE[:, 16:, 0] = 0


class Edits:
    """Four examples: words alone, an edit with a mask, one with a reference, one whose source shows nothing on the left."""

    size_px = 32
    recipe = None
    digest = "sha256:0"

    def example(self, index: int) -> Example:
        """One of the four."""
        free, shown = np.zeros((32, 32), np.bool_), np.ones((32, 32), np.bool_)
        free[:8], shown[:, :4] = True, False
        result = PICTURE.copy()
        result[:8] = (10, 20, 30, 255)
        kinds = (
            {},
            {"source": PICTURE, "free": free},
            {"source": PICTURE, "references": (PICTURE,), "reference_numbers": (2,)},
            {"source": PICTURE, "shown": shown},
        )
        return Example(result, "make it dark", "opaque", **kinds[index % 4])


def first_batch(tokenizer: bytes, *, caption_dropout: float = 0.0):
    return next(iterate_batches(Edits(), tokenizer, batch_size=4, start=0, num_workers=0, caption_dropout=caption_dropout))


@pytest.fixture(scope="module")
def tokenizer(tiny_weights: Path) -> bytes:
    return (tiny_weights / "text-encoder" / "tokenizer.json").read_bytes()


def test_a_batch_holds_what_lies_under_the_noise_of_each_example(tokenizer: bytes):
    batch = first_batch(tokenizer)

    assert batch.shown.sum((1, 2)).tolist() == [0, 32 * 32, 32 * 32, 32 * 28]
    assert batch.kept.sum((1, 2)).tolist() == [0, 32 * 24, 0, 0]
    assert (batch.source[1].numpy() == PICTURE).all()
    assert not batch.source[0].any()


def test_the_source_and_the_references_are_patches_of_the_prefix(tokenizer: bytes):
    batch = first_batch(tokenizer)

    segments = [batch.patch_segments[row][batch.patch_mask[row] > 0] for row in range(4)]
    assert [(found == SOURCE_SEGMENT).sum().item() for found in segments] == [0, 16, 16, 16]
    assert [(found == FIRST_REFERENCE_SEGMENT + 1).sum().item() for found in segments] == [0, 0, 4, 0]
    assert (batch.patch_segments[batch.patch_mask == 0] == GLYPH_SEGMENT).all()


def test_without_a_caption_no_picture_is_shown_in_the_prefix(tokenizer: bytes):
    batch = first_batch(tokenizer, caption_dropout=1.0)

    assert not batch.patch_mask.any()
    assert batch.shown[1:].any()


def test_a_group_pads_no_further_than_its_longest_prefix(tokenizer: bytes):
    batch = first_batch(tokenizer)

    assert batch.rows(torch.tensor([0])).patches.shape[1] == 1
    assert batch.rows(torch.tensor([0, 1])).patches.shape[1] == 16
    assert batch.rows(torch.tensor([2])).patches.shape[1] == 32


def loss_of(clean: torch.Tensor, keep: torch.Tensor, tokenizer: bytes, row: int) -> float:
    """The objective of a network that always gives this answer."""

    class Answers(torch.nn.Module):
        def encode_prefix(self, *parts: torch.Tensor) -> None:
            """Nothing is read."""

        def forward(self, *parts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return clean, keep

    batch = first_batch(tokenizer).rows(torch.tensor([row]))
    objective = Objective(Answers())
    ways, noise = draw_noise(objective.draw_ways, 1, 32, seed=0, step=0, device=torch.device("cpu"))
    nothing = Read(torch.zeros(1), torch.zeros(1), torch.zeros(1))
    return objective(batch, nothing, ways, noise, torch.zeros(1)).item()


def test_telling_what_stays_counts_beside_drawing_it(tokenizer: bytes):
    truth = torch.from_numpy(np.stack([channels_of(Edits().example(1).pixels)]))
    stays = torch.ones(1, 32, 32)
    stays[:, :8] = 0

    right, wrong = (loss_of(truth, keep, tokenizer, 2) for keep in (stays, 1 - stays))

    assert right < 1e-4
    assert wrong > 0.1


def test_a_pixel_that_an_edit_changes_counts_more_than_one_that_stays(tokenizer: bytes):
    truth = torch.from_numpy(np.stack([channels_of(Edits().example(1).pixels)]))
    stays = torch.ones(1, 32, 32)
    stays[:, :8] = 0
    changed_wrong, kept_wrong = truth.clone(), truth.clone()
    changed_wrong[0, 0, 0, 0] += 0.5
    kept_wrong[0, 0, -1, 0] += 0.5

    base, first, second = (loss_of(guess, stays, tokenizer, 2) for guess in (truth, changed_wrong, kept_wrong))

    assert (first - base) / (second - base) == pytest.approx(1 + (CHANGED_WEIGHT - 1) * 0.75, rel=0.01)


def channels_of(pixels: np.ndarray) -> np.ndarray:
    unit = pixels.astype(np.float32) / 255
    return np.moveaxis(np.concatenate([unit[..., 3:] * (2 * unit[..., :3] - 1), 2 * unit[..., 3:] - 1], axis=-1), -1, 0)


@torch.no_grad()
def test_the_weights_of_a_snapshot_that_read_no_sources_draw_the_same_in_a_network_that_does():
    catalogue = Catalogue.open()
    runtime = Runtime(catalogue, "limner-1", threads=1)
    network = Network(SIZES["small"]).eval()
    noisy, positions = image_noise(3, 64, 64), grid_positions(Grid(4, 4))
    prefix = runtime.encode("a red car").prompted

    load_snapshot(network, "limner-1", catalogue.folder)

    expected, keep = runtime.guess(noisy, 0.3, 0.2, Shown(background=1, positions=positions), prefix)
    parts = (torch.from_numpy(part) for part in vars(prefix).values())
    facts = torch.from_numpy(noisy)[None], torch.tensor([0.3]), torch.tensor([0.2]), torch.tensor([1]), torch.from_numpy(positions)
    drawn, _ = network(*facts, torch.zeros(1, SOURCE_CHANNELS, 64, 64), torch.zeros(1, 4, 4, 193), Prefix(*parts))
    assert keep is None
    assert np.allclose(drawn.numpy(), expected, atol=2e-3)


def test_eyes_look_at_sources_and_references_and_at_nothing_else(tokenizer: bytes, tiny_weights: Path):
    batch = first_batch(tokenizer)
    eyes = FrozenEyes.open(tiny_weights, "tiny-eyes", 9, torch.device("cpu"))

    seen, patch_seen = eyes.look(batch, words_of(batch))

    has_seen = patch_seen.abs().sum(-1) > 0
    assert [bool(row.any()) for row in seen] == [False, True, True, True]
    assert has_seen.sum(1).tolist() == [0, 0, 4, 0]
    assert (batch.patch_segments[has_seen] == FIRST_REFERENCE_SEGMENT + 1).all()
    assert torch.allclose(patch_seen[has_seen][:, :8], seen_alone(eyes, PICTURE), atol=1e-5)


def test_what_is_spoken_of_is_told_by_the_words_that_are_real(tokenizer: bytes, tiny_weights: Path):
    batch = first_batch(tokenizer)
    eyes = FrozenEyes.open(tiny_weights, "tiny-eyes", 9, torch.device("cpu"))
    words = words_of(batch)
    padded = torch.where(batch.token_mask[..., None] > 0, words, 100.0)
    other = words.clone()
    other[1] = -other[1]

    recognised, ignored, heard = (eyes.look(batch, text)[0][..., 8] for text in (words, padded, other))

    assert torch.equal(recognised, ignored)
    assert not torch.allclose(recognised[1], heard[1])
    assert torch.equal(recognised[2], heard[2])


def words_of(batch: Batch) -> torch.Tensor:
    torch.manual_seed(4)
    return torch.randn(*batch.token_ids.shape, 32)


def seen_alone(eyes: FrozenEyes, pixels: np.ndarray) -> torch.Tensor:
    channels = torch.from_numpy(channels_of(pixels))[None]
    assert eyes.eyes
    return eyes.eyes(torch.cat([channels, torch.ones_like(channels[:, :1])], dim=1)).flatten(0, 2)


def test_without_eyes_nothing_is_seen(tokenizer: bytes):
    batch = first_batch(tokenizer)

    seen, patch_seen = FrozenEyes(None, "", 9, torch.device("cpu")).look(batch, words_of(batch))

    assert seen.shape == (4, 2, 2, 9)
    assert not seen.any()
    assert not patch_seen.any()

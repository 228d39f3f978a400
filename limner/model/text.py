"""From a prompt to what the network reads: word pieces, the characters of quoted strings, and a strip of their glyphs.

Torch-free, so that training and engine share it. A prompt longer than MAX_TEXT_TOKENS is condensed first, as text, so that
what was encoded can be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from tokenizers import Tokenizer

from limner.errors import DamagedFile
from limner.model.condense import MAX_TEXT_TOKENS, QUOTED, condense
from limner.model.flow import to_channels
from limner.model.layout import PATCH_PX, sequence_positions
from limner.model.pictures import PatchRun

MAX_CHARACTERS = 48
MAX_GLYPH_PATCHES = 24
GLYPH_SEGMENT = 2  # network.Segment.GLYPH
TOKEN_BUCKETS = (8, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, MAX_TEXT_TOKENS)
QUOTE_BUCKETS = (1, 16, MAX_CHARACTERS)
PATCH_BUCKETS = (1, 16, 32, 48, 64, 96, 128, 192, 256, 320)  # where pictures are among them
FIRST_CHARACTER, LAST_CHARACTER = 32, 126
NUM_CHARACTERS = LAST_CHARACTER - FIRST_CHARACTER + 2  # the last stands for any other character

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class EncodedPrompt:
    """One prompt as the network reads it: `text` is exactly what was encoded; shapes (L,), (C,), (G, 1024), (G, 3)."""

    text: str
    token_ids: Integers
    char_ids: Integers
    glyphs: Floats
    glyph_positions: Floats


def load_tokenizer(content: bytes) -> Tokenizer:
    """Read the content of a `tokenizer.json`; long texts are not cut.

    Raises:
        DamagedFile: it is not a tokenizer.
    """
    try:
        tokenizer = Tokenizer.from_buffer(content)
    except Exception as error:
        raise DamagedFile("tokenizer.json is not a tokenizer that can be read; install limner again") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def quoted(prompt: str) -> list[str]:
    """Return the strings in quotation marks, in order."""
    return ["".join(match.groups(default="")) for match in QUOTED.finditer(prompt)]


def encode_prompt(prompt: str, tokenizer: Tokenizer) -> EncodedPrompt:
    """Encode a prompt of any length; what does not fit MAX_TEXT_TOKENS is condensed to its informative part."""
    text = condense(prompt, tokenizer)
    token_ids = np.array(tokenizer.encode(text).ids, np.int64)
    letters = " ".join(quoted(text))[:MAX_CHARACTERS]
    glyphs = glyph_strip(letters)
    return EncodedPrompt(text, token_ids, _character_ids(letters), glyphs, _strip_positions(len(glyphs)))


def _character_ids(letters: str) -> Integers:
    codes = np.array([ord(letter) for letter in letters], np.int64)
    known = (codes >= FIRST_CHARACTER) & (codes <= LAST_CHARACTER)
    return np.where(known, codes - FIRST_CHARACTER, NUM_CHARACTERS - 1)


def _strip_positions(count: int) -> Floats:
    positions = np.zeros((count, 3), np.float32)
    positions[:, 2] = sequence_positions(count)[:, 0]
    return positions


@cache
def _glyph_font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=13)


def glyph_strip(letters: str) -> Floats:
    """Draw the letters in one plain font, black on white, one patch high; return patches (G, 1024), none for no letters."""
    if not letters:
        return np.zeros((0, 4 * PATCH_PX**2), np.float32)
    font = _glyph_font()
    count = min(-(-int(font.getlength(letters)) // PATCH_PX), MAX_GLYPH_PATCHES) or 1
    strip = Image.new("RGBA", (count * PATCH_PX, PATCH_PX), "white")
    ImageDraw.Draw(strip).text((0, PATCH_PX - 4), letters, fill="black", font=font, anchor="ls")
    channels = to_channels(np.asarray(strip))
    return np.ascontiguousarray(channels.reshape(4, PATCH_PX, count, PATCH_PX).transpose(2, 0, 1, 3).reshape(count, -1))


@dataclass(frozen=True)
class PromptBatch:
    """Prompts padded to common lengths, as the graphs take them; masks are 1 where a token is real."""

    token_ids: Integers
    token_mask: Floats
    char_ids: Integers
    char_mask: Floats
    patches: Floats
    patch_positions: Floats
    patch_segments: Integers
    patch_mask: Floats


def pad_prompts(prompts: Sequence[EncodedPrompt], pictures: Sequence[PatchRun] = ()) -> PromptBatch:
    """Stack prompts, and the pictures that go with each, every kind of token padded to the smallest bucket that holds the longest."""
    token_ids, token_mask = _pad([prompt.token_ids for prompt in prompts], TOKEN_BUCKETS)
    char_ids, char_mask = _pad([prompt.char_ids for prompt in prompts], QUOTE_BUCKETS)
    runs = [_glyph_run(prompt) for prompt in prompts]
    if pictures:
        runs = [PatchRun.join([glyphs, shown]) for glyphs, shown in zip(runs, pictures, strict=True)]
    buckets = PATCH_BUCKETS if pictures else QUOTE_BUCKETS
    patches, patch_mask = _pad([run.patches for run in runs], buckets)
    positions, _ = _pad([run.positions for run in runs], buckets)
    segments = np.where(patch_mask > 0, _pad([run.segments for run in runs], buckets)[0], GLYPH_SEGMENT)
    return PromptBatch(token_ids, token_mask, char_ids, char_mask, patches, positions, segments, patch_mask)


def bucket_for(count: int, buckets: Sequence[int]) -> int:
    """Return the smallest bucket that holds so many.

    Raises:
        ValueError: they are more than the largest holds.
    """
    if count > buckets[-1]:
        raise ValueError(f"{count} tokens of one kind are too many; use up to {buckets[-1]}")
    return next(bucket for bucket in buckets if bucket >= count)


def _glyph_run(prompt: EncodedPrompt) -> PatchRun:
    return PatchRun(prompt.glyphs, prompt.glyph_positions, np.full(len(prompt.glyphs), GLYPH_SEGMENT, np.int64))


def _pad(rows: Sequence[npt.NDArray[np.generic]], buckets: Sequence[int]) -> tuple[npt.NDArray, Floats]:  # type: ignore[type-arg]
    length = bucket_for(max(len(row) for row in rows), buckets)
    padded = np.zeros((len(rows), length, *rows[0].shape[1:]), rows[0].dtype)
    mask = np.zeros((len(rows), length), np.float32)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return padded, mask

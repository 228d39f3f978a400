"""From a prompt to what the network reads: word pieces, the characters of quoted strings, and a strip of their glyphs.

Torch-free, so that training and engine share it. A prompt longer than MAX_TEXT_TOKENS is condensed first, as text, so that
what was encoded can be shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from tokenizers import Tokenizer

from limner.errors import DamagedFile
from limner.model.flow import to_channels
from limner.model.layout import PATCH_PX, sequence_positions

MAX_TEXT_TOKENS = 256
MAX_CHARACTERS = 48
MAX_GLYPH_PATCHES = 24
GLYPH_SEGMENT = 2  # network.Segment.GLYPH
TOKEN_BUCKETS = (8, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, MAX_TEXT_TOKENS)
QUOTE_BUCKETS = (1, 16, MAX_CHARACTERS)
FIRST_CHARACTER, LAST_CHARACTER = 32, 126
NUM_CHARACTERS = LAST_CHARACTER - FIRST_CHARACTER + 2  # the last stands for any other character

QUOTED = re.compile(r"\"([^\"\n]{1,200})\"|“([^”\n]{1,200})”|«([^»\n]{1,200})»|(?<!\w)'([^'\n]{1,200})'(?!\w)")
WORD = re.compile(r"\w+", re.UNICODE)
CLAUSE = re.compile(r"[^.!?;:,\n]+[.!?;:,\n]*")
QUOTE = re.compile(r'["“”«»]')
FILLER_REPEATS = 3  # a clause said this often is filler when others are not

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


def load_tokenizer(path: Path) -> Tokenizer:
    """Read a `tokenizer.json`; long texts are not cut.

    Raises:
        DamagedFile: the file is missing or is not a tokenizer.
    """
    try:
        tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, Exception) as error:
        raise DamagedFile(f"{path.name} is not a readable tokenizer ({error}); install limner again") from error
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


@cache
def drawable_words() -> frozenset[str]:
    """Return the words of the training captions, lower case: what a drawing can show."""
    return frozenset(resources.files("limner.model").joinpath("drawable_words.txt").read_text(encoding="utf-8").split())


def condense(prompt: str, tokenizer: Tokenizer) -> str:
    """Return the prompt itself if it fits, else its clauses that say most about the picture, in their order.

    A clause scores by the share of its words that can be drawn; quoted strings are always kept; clauses said over and over
    count as filler. The same clauses give the same text wherever they stand in the prompt.
    """
    if len(prompt) <= MAX_TEXT_TOKENS or _count_tokens(prompt, tokenizer) <= MAX_TEXT_TOKENS:
        return prompt
    clauses = [span for clause in _clauses(prompt) for span in _spans(clause)]
    if not clauses:
        return _cut(prompt, tokenizer)
    repeats = Counter(_key(clause) for clause in clauses)
    order = {key: position for position, key in reversed(list(enumerate(map(_key, clauses))))}
    first = {_key(clause): clause for clause in reversed(clauses)}
    scores = {key: _score(first[key]) for key in order}
    if any(score > 0 and repeats[key] < FILLER_REPEATS for key, score in scores.items()):
        scores = {key: score if repeats[key] < FILLER_REPEATS else 0.0 for key, score in scores.items()}
    kept: list[str] = []
    room = MAX_TEXT_TOKENS - 2
    for key in sorted(order, key=lambda key: (-scores[key], order[key])):
        cost = _count_tokens(first[key], tokenizer) - 2
        if kept and (scores[key] <= 0 or cost > room):
            continue
        kept.append(key)
        room -= cost
    text = " ".join(first[key].strip() for key in sorted(kept, key=order.__getitem__)).rstrip(" ,;:")
    return _cut(text, tokenizer)


def _count_tokens(text: str, tokenizer: Tokenizer) -> int:
    return len(tokenizer.encode(text).ids)


def _cut(text: str, tokenizer: Tokenizer) -> str:
    encoding = tokenizer.encode(text)
    if len(encoding.ids) <= MAX_TEXT_TOKENS:
        return text
    return text[: encoding.offsets[MAX_TEXT_TOKENS - 2][1]]


def _clauses(prompt: str) -> list[str]:
    """Split at punctuation, but never inside quotation marks."""
    guarded = QUOTED.sub(lambda match: re.sub(r"[.!?;:,]", lambda mark: chr(0xE000 + ord(mark[0])), match[0]), prompt)
    clauses = CLAUSE.findall(guarded)
    return [re.sub(r"[\ue000-\ue0ff]", lambda mark: chr(ord(mark[0]) - 0xE000), clause) for clause in clauses]


def _spans(clause: str) -> list[str]:
    """Cut a clause into runs of words that can be drawn, the small words that join them, and what those lead to."""
    runs: list[list[str]] = [[]]
    for word in clause.split():
        if _is_shown(word) or _is_joining(word) or (runs[-1] and _is_joining(runs[-1][-1])):
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    return [" ".join(_trim(run)) for run in runs if any(map(_is_shown, run))]


def _trim(run: list[str]) -> list[str]:
    """Begin with the first word that is shown and the small words before it; do not end with a small word."""
    start = next(place for place, word in enumerate(run) if _is_shown(word))
    while start and _is_joining(run[start - 1]):
        start -= 1
    stop = len(run)
    while _is_joining(run[stop - 1]):
        stop -= 1
    return run[start:stop]


def _is_shown(word: str) -> bool:
    return _is_drawable(word) or QUOTE.search(word) is not None


def _is_joining(word: str) -> bool:
    return _key(word) in JOINING_WORDS


def _key(clause: str) -> str:
    return " ".join(WORD.findall(clause.lower()))


def _is_drawable(word: str) -> bool:
    key = _key(word)
    return key in drawable_words() or (key.endswith("s") and key[:-1] in drawable_words())


def _score(clause: str) -> float:
    if QUOTED.search(clause):
        return 2.0
    words = [word for word in WORD.findall(clause.lower()) if word not in JOINING_WORDS]
    return sum(map(_is_drawable, words)) / len(words) if words else 0.0


JOINING_WORDS = frozenset(
    "a an the of on in at by with and or no not without near next to beside left right above below under over behind between "
    "front inside around one two three four five six seven eight nine ten is are its his her their it that this says saying "
    "reads wearing holding made full".split()
)


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


def pad_prompts(prompts: Sequence[EncodedPrompt]) -> PromptBatch:
    """Stack prompts, each kind of token padded to the smallest bucket that holds the longest."""
    token_ids, token_mask = _pad([prompt.token_ids for prompt in prompts], TOKEN_BUCKETS)
    char_ids, char_mask = _pad([prompt.char_ids for prompt in prompts], QUOTE_BUCKETS)
    patches, patch_mask = _pad([prompt.glyphs for prompt in prompts], QUOTE_BUCKETS)
    positions, _ = _pad([prompt.glyph_positions for prompt in prompts], QUOTE_BUCKETS)
    segments = np.full(patch_mask.shape, GLYPH_SEGMENT, np.int64)
    return PromptBatch(token_ids, token_mask, char_ids, char_mask, patches, positions, segments, patch_mask)


def _pad(rows: Sequence[npt.NDArray[np.generic]], buckets: Sequence[int]) -> tuple[npt.NDArray, Floats]:  # type: ignore[type-arg]
    length = max(len(row) for row in rows)
    length = next(bucket for bucket in buckets if bucket >= length)
    padded = np.zeros((len(rows), length, *rows[0].shape[1:]), rows[0].dtype)
    mask = np.zeros((len(rows), length), np.float32)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return padded, mask

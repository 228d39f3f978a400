"""A text as the encoder reads it: all of it, its sentences, its clauses and neighbours among these, each short enough and each once."""

from __future__ import annotations

from itertools import pairwise

from tokenizers import Encoding, Tokenizer

from limner.moderation.wording import clauses, sentences

MAX_PIECE_TOKENS = 62  # with its two marks, what the encoder reads at once
SLIDING_TOKENS, SLIDING_STEP = 24, 12  # a clause without end is cut so
MAX_PAIR_TOKENS = 44

Ids = tuple[int, ...]


def cut_pieces(text: str, tokenizer: Tokenizer) -> list[Ids]:
    """Return the pieces of a text as tokens without marks.

    Neighbours are clauses of one sentence; sentences are read together only where the whole text is short enough.
    """
    wholes = [text, *sentences(text)]
    parts = [list(clauses(sentence)) for sentence in wholes[1:]]
    found = iter(tokenizer.encode_batch(wholes + [clause for clauses_of_one in parts for clause in clauses_of_one]))
    pieces = [ids for _, ids in zip(wholes, map(_bare, found), strict=False) if len(ids) <= MAX_PIECE_TOKENS]
    for clauses_of_one in parts:
        encoded = [_bare(next(found)) for _ in clauses_of_one]
        for ids in encoded:
            pieces.extend([ids] if len(ids) <= SLIDING_TOKENS + SLIDING_STEP else _slide(ids))
        for left, right in pairwise(encoded):
            pieces.append((*left[-MAX_PAIR_TOKENS // 2 :], *right[: MAX_PAIR_TOKENS // 2]))
    return list(dict.fromkeys(ids for ids in pieces if ids))


def with_marks(ids: Ids, tokenizer: Tokenizer) -> Ids:
    """Return tokens between the marks of beginning and end that the encoder was trained with."""
    first, last = tokenizer.encode("").ids
    return (first, *ids, last)


def _bare(encoding: Encoding) -> Ids:
    return tuple(encoding.ids[1:-1])


def _slide(ids: Ids) -> list[Ids]:
    return [ids[start : start + SLIDING_TOKENS] for start in range(0, max(1, len(ids) - SLIDING_STEP), SLIDING_STEP)]

"""Judging text: the head reads its pieces, the word list all of it; the worst piece decides each category."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from limner.engine.weights import Floats
from limner.moderation.encoder import SentenceEncoder
from limner.moderation.head import Head, to_scores
from limner.moderation.pieces import Ids, cut_pieces, with_marks
from limner.moderation.verdict import CATEGORIES, Verdict
from limner.moderation.wording import bare_words, undisguise
from limner.moderation.words import WordHit, read_words

MAX_READ_TOKENS = 3072  # of all pieces of one text together; of more, those that look worst
MAX_KEPT = 1024
SURE_LOGIT = 5.0
MAX_QUOTED = 80


@dataclass(frozen=True)
class Reading:
    """What a text says: log odds (13) with the words counted, those of the head alone, the worst piece by category, the words found."""

    logits: Floats
    head_logits: Floats
    worst: tuple[str, ...]
    hits: tuple[WordHit, ...]


class TextJudge:
    """Judges prompts; the verdicts on the last MAX_KEPT different ones are remembered."""

    def __init__(self, encoder: SentenceEncoder, head: Head) -> None:
        self._encoder = encoder
        self._head = head
        self._words = read_words()
        self._vocabulary = encoder.tokenizer.get_vocab()
        self._kept: OrderedDict[bytes, Verdict] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def open(cls, weights_dir: Path) -> TextJudge:
        """Load encoder and head from a weights folder.

        Raises:
            DamagedFile: one of them is missing, damaged, or not made for the other.
        """
        encoder = SentenceEncoder(weights_dir)
        return cls(encoder, Head.open(weights_dir, encoder.digest))

    def judge(self, text: str) -> Verdict:
        """Return the verdict on a text of any length."""
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        verdict = self._decide(self.read(text))
        with self._lock:
            self._kept[key] = verdict
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return verdict

    def read(self, text: str) -> Reading:
        """Return what a text says, before any threshold."""
        plain = undisguise(text, self._is_word)
        hits = self._words.find(bare_words(plain))
        pieces = self._choose(cut_pieces(plain, self._encoder.tokenizer))
        if not pieces:
            nothing = np.full(len(CATEGORIES), -20, np.float32)
            return Reading(nothing, nothing, ("",) * len(CATEGORIES), tuple(hits))
        logits = self._head.logits(self._encoder.read_ids([with_marks(ids, self._encoder.tokenizer) for ids in pieces]))
        highest = logits.max(axis=0)
        worst = tuple(self._encoder.tokenizer.decode(pieces[row])[:MAX_QUOTED] for row in logits.argmax(axis=0))
        return Reading(self._add_words(highest, hits), highest, worst, tuple(hits))

    def _is_word(self, letters: str) -> bool:
        return letters in self._vocabulary or bool(self._words.find(letters))

    def _add_words(self, logits: Floats, hits: list[WordHit]) -> Floats:
        """Raise a category once for hints, and beyond every threshold for a sure word."""
        raised = logits.copy()
        for name in {hit.category for hit in hits if not hit.is_sure}:
            raised[CATEGORIES.index(name)] += self._head.hint_weight
        for name in {hit.category for hit in hits if hit.is_sure}:
            raised[CATEGORIES.index(name)] = max(raised[CATEGORIES.index(name)], SURE_LOGIT)
        return raised

    def _choose(self, pieces: list[Ids]) -> list[Ids]:
        """Return the pieces to read: all, or as many as MAX_READ_TOKENS allow of those whose bare words look worst."""
        lengths = np.array([len(ids) + 2 for ids in pieces])
        if lengths.sum() <= MAX_READ_TOKENS:
            return pieces
        means = np.stack([self._encoder.words[list(ids)].mean(axis=0) for ids in pieces])
        worst_first = np.argsort(-self._head.screen_logits(means).max(axis=1), kind="stable")
        fitting = int(np.searchsorted(np.cumsum(lengths[worst_first]), MAX_READ_TOKENS, side="right"))
        return [pieces[row] for row in worst_first[:fitting]]

    def _decide(self, reading: Reading) -> Verdict:
        scores = dict(zip(CATEGORIES, to_scores(reading.logits).tolist(), strict=True))
        auto, low = (
            tuple(name for name in CATEGORIES if scores[name] >= self._head.thresholds[strictness][name]) for strictness in ("auto", "low")
        )
        evidence = {name: self._explain(name, reading) for name in auto}
        return Verdict(scores=scores, flagged=auto, flagged_low=low, evidence=evidence, inputs=("text",))

    def _explain(self, name: str, reading: Reading) -> tuple[str, ...]:
        index = CATEGORIES.index(name)
        said = [f"the word {hit.word!r}" for hit in reading.hits if hit.category == name]
        score = float(to_scores(reading.head_logits[index : index + 1])[0])
        return (*said, f"{reading.worst[index]!r} reads as {name} with {score:.2f}") if score >= 0.1 or not said else tuple(said)

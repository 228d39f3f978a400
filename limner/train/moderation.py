"""Training of the text head of moderation: numpy alone, on the sentences of the package; the same bytes each time.

vectors of the shipped text encoder -> two small networks side by side -> one head of their mean
thresholds: chosen on the part `tune`; the part `held` is only measured
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from tokenizers import Tokenizer

from limner.engine.weights import Floats
from limner.model.release import write_release
from limner.moderation.encoder import SentenceEncoder
from limner.moderation.head import HEAD, Head, to_scores
from limner.moderation.phrases import PARTS, Phrase, read_phrases
from limner.moderation.pieces import Ids, cut_pieces, with_marks
from limner.moderation.text import SURE_LOGIT, Reading, TextJudge
from limner.moderation.verdict import CATEGORIES, Strictness

MEMBERS, HIDDEN, STEPS, RATE, DECAY = 2, 96, 400, 0.01, 3e-3
DROPPED = 0.3  # of the inputs and of the hidden units, at each step
INNOCENT_WEIGHT = 3.0  # against sentences of other categories
SCREEN_STEPS, SCREEN_RATE = 200, 0.05
HINT_WEIGHT = 1.0
COST_OF_FALSE_BLOCK = 40.0  # one innocent sentence in a hundred weighs as much as forty missed ones in a hundred
LOWEST_LOGIT, HIGHEST_LOGIT = 0.0, 5.0
RELAXED_BY = 1.2  # log odds between `auto` and `low`
NEVER_RELAXED = ("sexual/minors",)

IMPLIED: dict[str, tuple[str, ...]] = {  # what a sentence of a category is, too
    "harassment/threatening": ("harassment",),
    "hate/threatening": ("hate",),
    "illicit/violent": ("illicit",),
    "self-harm/intent": ("self-harm",),
    "self-harm/instructions": ("self-harm",),
    "sexual/minors": ("sexual",),
    "violence/graphic": ("violence",),
}
UNCLEAR: dict[str, tuple[str, ...]] = {  # what it may be, too: neither taught nor counted
    "harassment": ("hate",),
    "harassment/threatening": ("violence",),
    "hate": ("harassment",),
    "hate/threatening": ("violence", "harassment", "harassment/threatening"),
    "illicit": ("illicit/violent",),
    "illicit/violent": ("violence",),
    "self-harm": ("violence", "violence/graphic", "self-harm/intent"),
    "self-harm/instructions": ("illicit",),
    "sexual": ("harassment",),
    "violence": ("violence/graphic", "illicit/violent"),
    "violence/graphic": ("self-harm",),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """The figures of one category: shares of sentences of the held part, and how many sentences they rest on.

    `recall` counts what is flagged with the category, `refused` what is flagged with any; `false_alarms` are innocent sentences flagged
    with the category, `mixed_up` those of other categories. The `low` figures are at strictness `low`.
    """

    category: str
    sentences: int
    recall: float
    recall_low: float
    refused: float
    false_alarms: float
    mixed_up: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """The measured head: a row for each category, and the share of innocent sentences flagged with any, `auto` and `low`."""

    rows: tuple[Row, ...]
    innocents: int
    false_blocks: float
    false_blocks_low: float
    digest: str


def train_head(weights_dir: Path, *, every: int = 1, note: Callable[[str], None] = lambda _: None) -> Report:
    """Train the head, choose its thresholds, write it into a weights folder and measure it there.

    `every` is 1 for all sentences, n for every n-th of each part: a trial that ends sooner.

    Raises:
        DamagedFile: the text encoder or the sentences cannot be read.
    """
    encoder = SentenceEncoder(weights_dir)
    phrases, pieces = split_innocent(read_phrases("learn")[::every], encoder.tokenizer)
    note(f"reading {len(phrases):,} sentences and pieces")
    vectors = encoder.read_ids([with_marks(ids, encoder.tokenizer) for ids in pieces])
    labels, counted = label(phrases)
    weights = weigh(phrases, labels, counted)
    note("training")
    members = [_fit(vectors, labels, weights, hidden=HIDDEN, seed=seed) for seed in range(MEMBERS)]
    screen = _fit_screen(encoder.words, pieces, labels, weights)
    tensors = {**_merge(members), **screen}
    tensors["shift"], tensors["scale"] = vectors.mean(axis=0), 1 / (vectors.std(axis=0) + 1e-6)
    with TemporaryDirectory() as trial:  # nothing that judges reads a head whose thresholds are not chosen
        _write(Path(trial), tensors, encoder.digest, {"auto": dict.fromkeys(CATEGORIES, 0.0), "low": dict.fromkeys(CATEGORIES, 0.0)})
        judge = TextJudge(encoder, Head.open(Path(trial), encoder.digest))
    note("choosing thresholds")
    tuned = read_phrases("tune")[::every]
    thresholds = choose_thresholds(tuned, [judge.read(phrase.text) for phrase in tuned])
    digest = _write(weights_dir, tensors, encoder.digest, thresholds)
    note("measuring")
    return measure(TextJudge(encoder, Head.open(weights_dir, encoder.digest)), read_phrases("held")[::every], digest)


def split_innocent(phrases: Sequence[Phrase], tokenizer: Tokenizer) -> tuple[list[Phrase], list[Ids]]:
    """Return the sentences as tokens, those that are innocent cut as prompts are: of these every piece is innocent, too."""
    found: dict[Ids, Phrase] = {}
    for phrase in phrases:
        pieces = cut_pieces(phrase.text, tokenizer)
        for ids in pieces if phrase.category is None else pieces[:1]:
            found.setdefault(ids, phrase)
    return list(found.values()), list(found)


def label(phrases: Sequence[Phrase]) -> tuple[Floats, Floats]:
    """Return what each sentence is, and whether it counts for that category; both (sentences, 13), 0 or 1."""
    labels, counted = np.zeros((len(phrases), len(CATEGORIES)), np.float32), np.ones((len(phrases), len(CATEGORIES)), np.float32)
    for row, phrase in enumerate(phrases):
        if phrase.category is None:
            continue
        for name in UNCLEAR.get(phrase.category, ()):
            counted[row, CATEGORIES.index(name)] = 0
        for name in (phrase.category, *IMPLIED.get(phrase.category, ())):
            labels[row, CATEGORIES.index(name)] = counted[row, CATEGORIES.index(name)] = 1
    return labels, counted


def weigh(phrases: Sequence[Phrase], labels: Floats, counted: Floats) -> Floats:
    """Return the weights of each sentence in each category, (sentences, 13), each column 1 in all.

    A template counts by the root of how many sentences it gave, what a category is against what it is not by the root of their sizes.
    """
    sizes = Counter((phrase.category, phrase.template) for phrase in phrases)
    each = [sizes[phrase.category, phrase.template] ** -0.5 * (1 if phrase.category else INNOCENT_WEIGHT) for phrase in phrases]
    base = np.array(each, np.float32)[:, None] * counted
    ratio = np.sqrt((base * (1 - labels)).sum(axis=0) / (base * labels).sum(axis=0))
    weights: Floats = (base * (1 + labels * (ratio - 1))).astype(np.float32)
    return weights / weights.sum(axis=0)


def choose_thresholds(phrases: Sequence[Phrase], readings: Sequence[Reading]) -> dict[Strictness, dict[str, float]]:
    """Return the threshold of each category: where missed sentences and false blocks, at their price, cost least.

    The log odds of words are counted, those of sure words are not: they are the list's, not the head's.
    """
    logits = np.stack([reading.logits for reading in readings])
    innocent = np.array([phrase.category is None for phrase in phrases])
    chosen = {}
    for index, name in enumerate(CATEGORIES):
        own = np.array([phrase.category == name for phrase in phrases])
        grid = np.linspace(LOWEST_LOGIT, HIGHEST_LOGIT, 91)
        missed = (logits[own, index][:, None] < grid).mean(axis=0)
        alarms = (logits[innocent, index][:, None] >= grid).mean(axis=0)
        cost = missed + COST_OF_FALSE_BLOCK * alarms
        best = grid[np.isclose(cost, cost.min())]
        chosen[name] = float(best[len(best) // 2])
    relaxed = {name: value if name in NEVER_RELAXED else min(value + RELAXED_BY, SURE_LOGIT - 0.1) for name, value in chosen.items()}
    return {"auto": _as_scores(chosen), "low": _as_scores(relaxed)}


def measure(judge: TextJudge, phrases: Sequence[Phrase], digest: str) -> Report:
    """Judge sentences as prompts are judged; all categories must occur. `digest` is that of the head."""
    verdicts = [judge.judge(phrase.text) for phrase in phrases]
    _, counted = label(phrases)
    auto, low = (
        np.array([[name in verdict.blocked(strictness) for name in CATEGORIES] for verdict in verdicts]) for strictness in ("auto", "low")
    )
    innocent = np.array([phrase.category is None for phrase in phrases])
    rows = []
    for index, name in enumerate(CATEGORIES):
        own = np.array([phrase.category == name for phrase in phrases])
        implied = np.array([name in IMPLIED.get(phrase.category or "", ()) for phrase in phrases])
        other = ~innocent & ~own & ~implied & (counted[:, index] > 0)
        rows.append(
            Row(
                category=name,
                sentences=int(own.sum()),
                recall=float(auto[own, index].mean()),
                recall_low=float(low[own, index].mean()),
                refused=float(auto[own].any(axis=1).mean()),
                false_alarms=float(auto[innocent, index].mean()),
                mixed_up=float(auto[other, index].mean()),
            )
        )
    return Report(
        rows=tuple(rows),
        innocents=int(innocent.sum()),
        false_blocks=float(auto[innocent].any(axis=1).mean()),
        false_blocks_low=float(low[innocent].any(axis=1).mean()),
        digest=digest,
    )


def _as_scores(logits: dict[str, float]) -> dict[str, float]:
    return {name: round(float(to_scores(np.float32(value))), 4) for name, value in logits.items()}


def _fit(inputs: Floats, labels: Floats, weights: Floats, *, hidden: int, seed: int) -> list[Floats]:
    """Return inner, its bias, outer, its bias of one network, trained on all sentences at once with Adam."""
    known = (inputs - inputs.mean(axis=0)) / (inputs.std(axis=0) + 1e-6)
    draw = np.random.default_rng(seed)
    sizes = [(known.shape[1], hidden), (hidden, labels.shape[1])]
    parameters: list[Floats] = []
    for rows, columns in sizes:
        parameters += [(draw.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32), np.zeros(columns, np.float32)]

    def gradient() -> list[Floats]:
        inner, inner_bias, outer, outer_bias = parameters
        given = known * _keep(draw, known.shape[1])
        kept = _keep(draw, (len(known), hidden))
        active = np.maximum(given @ inner + inner_bias, 0) * kept
        error = (to_scores(active @ outer + outer_bias) - labels) * weights
        back = (error @ outer.T) * (active > 0) * kept
        return [given.T @ back + DECAY * inner, back.sum(axis=0), active.T @ error + DECAY * outer, error.sum(axis=0)]

    _descend(parameters, gradient, steps=STEPS, rate=RATE)
    return parameters


def _keep(draw: np.random.Generator, shape: int | tuple[int, int]) -> Floats:
    """Return what a dropout of DROPPED multiplies with: 0, or what keeps the mean."""
    return np.asarray((draw.random(shape, dtype=np.float32) > DROPPED) / (1 - DROPPED), np.float32)


def _fit_screen(words: Floats, pieces: Sequence[Ids], labels: Floats, weights: Floats) -> dict[str, Floats]:
    """Return a linear judge of bare word vectors: coarse, and thousands of times cheaper than the encoder."""
    means = np.stack([words[list(ids)].mean(axis=0) for ids in pieces])
    spread = means.std() + 1e-6
    known = means / spread
    parameters = [np.zeros((known.shape[1], labels.shape[1]), np.float32), np.zeros(labels.shape[1], np.float32)]

    def gradient() -> list[Floats]:
        error = (to_scores(known @ parameters[0] + parameters[1]) - labels) * weights
        return [known.T @ error + 1e-4 * parameters[0], error.sum(axis=0)]

    _descend(parameters, gradient, steps=SCREEN_STEPS, rate=SCREEN_RATE)
    return {"screen": parameters[0] / spread, "screen_bias": parameters[1]}


def _descend(parameters: list[Floats], gradient: Callable[[], list[Floats]], *, steps: int, rate: float) -> None:
    """Change the parameters in place by Adam, its rate falling to 0."""
    first, second = [np.zeros_like(value) for value in parameters], [np.zeros_like(value) for value in parameters]
    for step in range(1, steps + 1):
        for index, slope in enumerate(gradient()):
            first[index] = 0.9 * first[index] + 0.1 * slope
            second[index] = 0.99 * second[index] + 0.01 * slope**2
            move = first[index] / (1 - 0.9**step) / (np.sqrt(second[index] / (1 - 0.99**step)) + 1e-8)
            parameters[index] -= (rate * (1 - step / steps) * move).astype(np.float32)


def _merge(members: list[list[Floats]]) -> dict[str, Floats]:
    """Lay networks side by side: one hidden layer of all their units, whose outputs are averaged."""
    inner, inner_bias, outer, outer_bias = zip(*members, strict=True)
    return {
        "inner": np.concatenate(inner, axis=1),
        "inner_bias": np.concatenate(inner_bias),
        "outer": np.concatenate(outer) / len(members),
        "outer_bias": np.mean(outer_bias, axis=0),
    }


def _write(weights_dir: Path, tensors: dict[str, Floats], text_encoder: str, thresholds: dict[Strictness, dict[str, float]]) -> str:
    facts = {
        "name": HEAD,
        "text_encoder": text_encoder,
        "hint_weight": HINT_WEIGHT,
        "thresholds": thresholds,
        "sentences": {part: len(read_phrases(part)) for part in PARTS},
        "licence": "Apache-2.0",
        "graphs": {},
    }
    precise = frozenset({"inner_bias", "outer", "screen", "shift", "scale"})
    return write_release(weights_dir / HEAD, tensors, precise=precise, extra_files={}, facts=facts)

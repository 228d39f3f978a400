"""The shipped text encoder, as moderation reads it: many short texts to one vector each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from limner.engine.weights import TEXT_ENCODER, Floats, WeightsPart
from limner.model.text import load_tokenizer
from limner.moderation.pieces import MAX_PIECE_TOKENS

GRAPH = "text.onnx"
WORD_TABLE = "words.weight"
MAX_TOKENS = MAX_PIECE_TOKENS + 2  # of one text, its two marks included; what is longer is cut by the caller
BATCH_TOKENS = 1024
TOKEN_STEP = 8  # lengths are padded to a multiple, so that few shapes occur


class SentenceEncoder:
    """MiniLM on one thread. `digest` names the weights; `words` is its table of word vectors (vocabulary, width)."""

    def __init__(self, weights_dir: Path) -> None:
        """Read, check and load the text encoder of a weights folder.

        Raises:
            DamagedFile: a file is missing or is not what its manifest says.
        """
        part = WeightsPart.open(weights_dir / TEXT_ENCODER, digest=None)
        tensors = part.tensors()
        self.digest = part.digest
        self.tokenizer: Tokenizer = load_tokenizer(part.read("tokenizer.json"))
        self.words: Floats = tensors[WORD_TABLE].astype(np.float32)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 3
        held = {name: onnxruntime.OrtValue.ortvalue_from_numpy(tensors[name]) for name in part.graphs()[GRAPH]}
        options.add_external_initializers(list(held), list(held.values()))
        self._session = onnxruntime.InferenceSession(part.read(GRAPH), options, providers=["CPUExecutionProvider"])

    def read_ids(self, token_ids: Sequence[Sequence[int]]) -> Floats:
        """Return one vector for each text, (texts, 2 x width): the mean and the greatest of its word vectors, each of length 1.

        Texts are tokens, with marks; of each only the first MAX_TOKENS are read.
        """
        order = sorted(range(len(token_ids)), key=lambda index: len(token_ids[index]))
        vectors = np.zeros((len(token_ids), 2 * self.words.shape[1]), np.float32)
        for rows in _batches(order, [min(len(ids), MAX_TOKENS) for ids in token_ids]):
            vectors[rows] = self._pool([token_ids[row][:MAX_TOKENS] for row in rows])
        return vectors

    def _pool(self, rows: Sequence[Sequence[int]]) -> Floats:
        length = _padded(max(map(len, rows)))
        token_ids, mask = np.zeros((len(rows), length), np.int64), np.zeros((len(rows), length), np.float32)
        for index, ids in enumerate(rows):
            token_ids[index, : len(ids)] = ids
            mask[index, : len(ids)] = 1
        hidden = self._session.run(["hidden"], {"token_ids": token_ids, "token_mask": mask})[0]
        real = mask[..., None]
        mean = (hidden * real).sum(1) / real.sum(1)
        highest = np.where(real > 0, hidden, -np.inf).max(1)
        return np.concatenate([unit(mean), unit(highest)], axis=1)


def unit(vectors: Floats) -> Floats:
    """Scale each row to length 1; a row of zeros stays."""
    scaled: npt.NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    return scaled.astype(np.float32)


def _batches(order: list[int], lengths: list[int]) -> list[list[int]]:
    """Cut rows, sorted by length, into batches of one padded length and about BATCH_TOKENS tokens."""
    batches: list[list[int]] = []
    widths = [_padded(length) for length in lengths]
    for row in order:
        last = batches[-1] if batches else []
        if last and widths[last[0]] == widths[row] and widths[row] * len(last) < BATCH_TOKENS:
            last.append(row)
        else:
            batches.append([row])
    return batches


def _padded(length: int) -> int:
    return -(-length // TOKEN_STEP) * TOKEN_STEP

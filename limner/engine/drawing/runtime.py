"""A snapshot in ONNX Runtime: graphs that hold no weights, over arrays that were checked first."""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime

from limner.engine.drawing.enlarging import Upsample
from limner.engine.weights import Catalogue, Floats, Sampling, WeightsPart
from limner.model.pictures import NO_PICTURES, SOURCE_CHANNELS, PatchRun
from limner.model.prompts.understand import understand, understand_instruction
from limner.model.text import EncodedPrompt, PromptBatch, encode_prompt, load_tokenizer, pad_prompts

MAX_KEPT_PREFIXES = 6
WITHOUT_PROMPT = ""

PrefixKey = tuple[str, tuple[int, ...], bytes]  # the text, the lengths that it was padded to, the pictures


@dataclass(frozen=True)
class Prefix:
    """What the target reads of B prompts: keys and values (N, B, heads, P, head width), mask (B, P), pooled (B, D)."""

    keys: Floats
    values: Floats
    prefix_mask: Floats
    pooled: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """What every guess of a picture is told beside its prompt: 0 or 1 for a transparent or opaque `background`, the `positions` of its
    patches (rows, columns, 3), and the `source` (6, H, W) if there is one.
    """

    background: int
    positions: Floats
    source: Floats | None = None


@dataclass(frozen=True)
class Condition:
    """A prompt ready for drawing: `text` is exactly what was encoded; `guided` holds the prompt, then no prompt."""

    text: str
    prompted: Prefix
    guided: Prefix


class Runtime:
    """One snapshot, ready to encode prompts and to take denoising steps. For one thread.

    `upsample` turns channels (4, H, W), sides even, into (4, 4H, 4W); None where the snapshot names no upsampler.
    """

    def __init__(self, catalogue: Catalogue, snapshot: str, threads: int) -> None:
        """Read, check and load a snapshot.

        Raises:
            UnknownModel: no such snapshot is here.
            DamagedFile: one of its files is not what its manifest says.
        """
        self._part = catalogue.snapshot(snapshot)
        text_encoder = catalogue.text_encoder(self._part)
        upsampler = catalogue.upsampler(self._part)
        self._tokenizer = load_tokenizer(text_encoder.read("tokenizer.json"))
        with ThreadPoolExecutor() as pool:
            texts, graphs = pool.map(_open_graphs, (text_encoder, self._part), (threads, threads))
        self.upsample = None if upsampler is None else open_upsample(upsampler, threads)
        _return_freed_memory()
        self._text, self._prefix, self._denoise = (texts["text.onnx"], graphs["prefix.onnx"], graphs["denoise.onnx"])
        self.abilities = self._part.abilities
        self._kept: OrderedDict[PrefixKey, Prefix] = OrderedDict()
        self._empty = encode_prompt(WITHOUT_PROMPT, self._tokenizer)

    def sampling(self, quality: str) -> Sampling:
        """Return how the snapshot draws at a quality."""
        return self._part.sampling(quality)

    def encode(self, prompt: str, pictures: PatchRun = NO_PICTURES) -> Condition:
        """Read a prompt of any length in any known language, put into the words of captions and condensed if it must be.

        `pictures` are read with it; guidance leads away from what would be drawn without either. The last few are remembered.
        """
        has_pictures = len(pictures.patches) > 0
        text = understand_instruction(prompt, self._tokenizer) if has_pictures else understand(prompt, self._tokenizer)
        encoded = encode_prompt(text, self._tokenizer)
        batch = pad_prompts([encoded, self._empty], (pictures, NO_PICTURES) if has_pictures else ())
        prompted = self._encode_row(encoded, batch, 0)
        unprompted = self._encode_row(self._empty, batch, 1)
        return Condition(encoded.text, prompted, _join(prompted, unprompted))

    def guess(self, noisy: Floats, time: float, shown: Shown, prefix: Prefix) -> tuple[Floats, Floats | None]:
        """Guess the clean image behind `noisy` (4, H, W) at `time`, once for each prompt of `prefix`: (B, 4, H, W).

        The second answer, (B, H, W) in [0, 1], is how much of the source each pixel keeps; None from a snapshot that reads none.
        """
        count = len(prefix.pooled)
        feeds = {
            "noisy": np.repeat(noisy[None], count, axis=0),
            "time": np.full(count, time, np.float32),
            "background": np.full(count, shown.background, np.int64),
            "positions": shown.positions,
            **vars(prefix),
        }
        if not self.abilities.reads_pictures:
            return self._denoise.run(["clean"], feeds)[0], None
        source = np.zeros((SOURCE_CHANNELS, *noisy.shape[1:]), np.float32) if shown.source is None else shown.source
        clean, keep = self._denoise.run(["clean", "keep"], {**feeds, "source": np.repeat(source[None], count, axis=0)})
        return clean, keep

    def _encode_row(self, encoded: EncodedPrompt, batch: PromptBatch, row: int) -> Prefix:
        """Encode one prompt of a padded batch; what it was padded with is part of what is remembered."""
        feeds = {name: array[row : row + 1] for name, array in vars(batch).items()}
        key = encoded.text, tuple(array.shape[1] for array in feeds.values()), hashlib.sha256(feeds["patches"].tobytes()).digest()
        if key not in self._kept:
            self._kept[key] = self._read_prompt(feeds)
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_KEPT_PREFIXES:
            self._kept.popitem(last=False)
        return self._kept[key]

    def _read_prompt(self, feeds: dict[str, npt.NDArray[np.generic]]) -> Prefix:
        text_mask = feeds.pop("token_mask")
        text = self._text.run(["hidden"], {"token_ids": feeds.pop("token_ids"), "token_mask": text_mask})[0]
        outputs = self._prefix.run(["keys", "values", "prefix_mask", "pooled"], {"text": text, "text_mask": text_mask, **feeds})
        return Prefix(*outputs)


def open_upsample(part: WeightsPart, threads: int) -> Upsample:
    """Load an upsampler; what it returns takes channels (4, H, W), sides even, and gives (4, 4H, 4W).

    Raises:
        DamagedFile: one of its files is not what its manifest says.
    """
    session = _open_graphs(part, threads)["upsample.onnx"]

    def upsample(channels: Floats) -> Floats:
        large: Floats = session.run(["large"], {"small": channels[None]})[0][0]
        return large

    return upsample


def _join(first: Prefix, second: Prefix) -> Prefix:
    return Prefix(
        np.concatenate([first.keys, second.keys], axis=1),
        np.concatenate([first.values, second.values], axis=1),
        np.concatenate([first.prefix_mask, second.prefix_mask]),
        np.concatenate([first.pooled, second.pooled]),
    )


def _open_graphs(part: WeightsPart, threads: int) -> dict[str, onnxruntime.InferenceSession]:
    """Build a session for each graph of a folder; the arrays are copied into them and dropped when this returns."""
    tensors = part.tensors()
    return {file: _open_graph(part.read(file), {name: tensors[name] for name in asked}, threads) for file, asked in part.graphs().items()}


def _open_graph(graph: bytes, tensors: Mapping[str, Floats], threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(tensor) for tensor in tensors.values()]
    options.add_external_initializers(list(tensors), values)
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _return_freed_memory() -> None:
    """Give back to the system what only loading needed; glibc would keep it for the process."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)

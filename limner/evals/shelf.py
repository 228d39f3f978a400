"""What a run has done so far, on disk: pictures and verdicts by what they depend on, so that a killed run goes on where it was."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from limner.errors import UnwritableOutput
from limner.evals.examine import Verdict
from limner.media.alpha import Pixels
from limner.media.encode import encode

JOURNAL = "journal.jsonl"


class Shelf:
    """The folder of a run. One process at a time writes to it."""

    def __init__(self, folder: Path) -> None:
        """Open a folder, made if it is not there, and read its journal; a line that was cut off by a kill is forgotten.

        Raises:
            UnwritableOutput: the folder cannot be made or written.
        """
        self.folder = folder
        self._pictures = folder / "pictures"
        try:
            self._pictures.mkdir(parents=True, exist_ok=True)
            said = (folder / JOURNAL).read_text("utf-8", errors="replace") if (folder / JOURNAL).is_file() else ""
        except OSError as error:
            raise UnwritableOutput(f"cannot use {str(folder)!r} ({error.strerror}); name another folder with --out") from error
        self._verdicts: dict[tuple[str, str, str], Verdict] = {}
        self.seconds: dict[str, float] = {}
        self._is_cut_off = bool(said) and not said.endswith("\n")
        for entry in map(_parse, said.splitlines()):
            self._learn(entry)

    def has_picture(self, key: str) -> bool:
        """Say whether a picture is kept under a key."""
        return self._path(key).is_file()

    def picture(self, key: str) -> Pixels | None:
        """Return a picture that was kept under a key, None if there is none that can be read."""
        try:
            with Image.open(self._path(key)) as image:
                return np.asarray(image)
        except (OSError, UnidentifiedImageError):
            return None

    def keep_picture(self, key: str, pixels: Pixels, seconds: float) -> None:
        """Keep a picture, and how long it took to draw. It is there whole or not at all."""
        partial = self._path(key).with_suffix(".partial")
        try:
            partial.write_bytes(encode(pixels, "webp"))
            partial.replace(self._path(key))
        except OSError as error:
            raise UnwritableOutput(f"cannot write {str(partial)!r} ({error.strerror}); free some space and start again") from error
        self._note({"picture": key, "seconds": round(seconds, 3)})

    def verdict(self, key: str, task: str, examiner: str) -> Verdict | None:
        """Return what an examiner of this digest said of a picture for a task."""
        return self._verdicts.get((key, task, examiner))

    def keep_verdict(self, key: str, verdict: Verdict, examiner: str) -> None:
        """Keep what was said of a picture."""
        self._note({"of": key, "examiner": examiner, **asdict(verdict)})

    def thumbnail(self, key: str, side_px: int, quality: int) -> bytes:
        """Return a kept picture as a small WebP; transparency stays."""
        with Image.open(self._path(key)) as image:
            image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
            file = io.BytesIO()
            image.save(file, "webp", quality=quality, alpha_quality=40, method=4)  # a slower method takes a second for a soft edge
        return file.getvalue()

    def _path(self, key: str) -> Path:
        return self._pictures / f"{key}.webp"

    def _note(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        try:
            with (self.folder / JOURNAL).open("a", encoding="utf-8") as journal:
                journal.write(f"\n{line}" if self._is_cut_off else line)
        except OSError as error:
            raise UnwritableOutput(f"cannot write in {str(self.folder)!r} ({error.strerror}); free some space and start again") from error
        self._is_cut_off = False
        self._learn(entry)

    def _learn(self, entry: dict[str, Any]) -> None:
        if "picture" in entry:
            self.seconds[entry["picture"]] = entry["seconds"]
        elif "of" in entry:
            said = {name: entry[name] for name in ("task", "right", "seen", "counts")}
            verdict = Verdict(**said, figures=entry.get("figures", {}))
            self._verdicts[entry["of"], entry["task"], entry["examiner"]] = verdict


def _parse(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}

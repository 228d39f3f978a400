"""The edits that are asked for, with their truth: a few hundred pairs that were drawn once from the corpus and ship in two small files."""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from limner.data.scenes.scene import Box
from limner.engine.protocol import Background, Mask, Pixels
from limner.errors import DamagedFile
from limner.media.masks import fit_mask
from limner.media.resize import fit_pixels
from limner.model.layout import Size

CASES_FILE = Path(__file__).parent / "cases.npz"
INTO_FILE = Path(__file__).parent / "into.npz"  # compositions into a source, drawn later: the first file stays as it is
INTO = "into"
FORMAT, VERSION = "limner-edit-cases", 1
SENT_QUALITY, REFERENCE_QUALITY, TRUTH_QUALITY = 88, 82, 65  # of the pictures as they lie in the file
_BEFORE = ("source", "bare")
_MASKS = ("changed", "free")


@dataclass(frozen=True, kw_only=True, eq=False)
class EditCase:
    """One edit of which the right result is known. Pictures are square, straight RGBA; masks are as large as they.

    `set` is an operation of `limner.data.editing`, "faces", or "into" for a composition into a source. `source` is None where a picture
    is drawn anew, and `bare` then the truth without its things; `free` is None where no mask is given. `changed` is True where the truth
    differs from source or bare ground. `phrasings` ask for the same in other words. `concept` names in `NAMED_CONCEPTS` what is new in the
    truth ("" where nothing has one name), `word` what is to be read there, `medium` what the truth is made with; `subjects` say where in
    the truth each reference stands.
    """

    set: str
    number: int
    instruction: str
    truth: Pixels
    changed: Mask
    source: Pixels | None = None
    bare: Pixels | None = None
    free: Mask | None = None
    references: tuple[Pixels, ...] = ()
    background: Background = "opaque"
    phrasings: tuple[str, ...] = ()
    concept: str = ""
    word: str = ""
    medium: str = ""
    subjects: tuple[Box, ...] = ()

    @property
    def key(self) -> str:
        """The name of the case, such as `add/07`; its number is the same in every form."""
        return f"{self.set}/{self.number:02}"

    @property
    def images(self) -> tuple[Pixels, ...]:
        """What is sent with the instruction, image 1 first."""
        return self.references if self.source is None else (self.source, *self.references)

    @property
    def before(self) -> Pixels:
        """What the truth is compared with: the source, or its bare ground where there is none."""
        if self.source is not None:
            return self.source
        return np.zeros_like(self.truth) if self.bare is None else self.bare

    def at(self, size: Size) -> EditCase:
        """Return the case as large as pictures are drawn; references stay as they are."""
        if self.truth.shape[:2] == (size.height, size.width):
            return self
        changed = ~fit_mask(~self.changed, size)
        free = None if self.free is None else fit_mask(self.free, size)
        source = None if self.source is None else fit_pixels(self.source, size)
        bare = None if self.bare is None else fit_pixels(self.bare, size)
        truth = fit_pixels(self.truth, size)
        if source is not None:  # enlarging spreads a difference by a few pixels
            truth = np.where((changed if free is None else changed & free)[..., None], truth, source)
        return replace(self, source=source, bare=bare, truth=truth, changed=changed, free=free)


def read_cases() -> tuple[EditCase, ...]:
    """Return every case, set by set.

    Raises:
        DamagedFile: as `read_file`.
    """
    return (*read_file(CASES_FILE), *read_file(INTO_FILE))


@cache
def read_file(path: Path) -> tuple[EditCase, ...]:
    """Return the cases of one file.

    Raises:
        DamagedFile: the file is missing or holds no cases of this version.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            blob, told = file["pictures"].tobytes(), json.loads(zlib.decompress(file["told"].tobytes()))
        if (told["format"], told["version"]) != (FORMAT, VERSION):
            raise ValueError(f"its format is {told['format']!r} {told['version']!r}, this release reads {FORMAT!r} {VERSION}")
        return tuple(_parse(case, blob) for case in told["cases"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise DamagedFile(f"{path.name} cannot be read ({error}); install limner again") from error


def digest_cases(path: Path = CASES_FILE) -> str:
    """Return `sha256:` and the hash of the file: two reports with one digest asked for the same edits."""
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def write_cases(cases: Sequence[EditCase], path: Path, made: Mapping[str, Any]) -> None:
    """Write cases; `made` is plain data that says how they were drawn. Where nothing changed, the truth is the source and takes no room."""
    shelf = _Shelf()
    told = {"format": FORMAT, "version": VERSION, "made": dict(made), "cases": [_tell(case, shelf) for case in cases]}
    packed = zlib.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    np.savez(path, told=np.frombuffer(packed, np.uint8), pictures=np.frombuffer(b"".join(shelf.files), np.uint8))


class _Shelf:
    """Files one after another, the same one only once."""

    def __init__(self) -> None:
        self.files: list[bytes] = []
        self._places: dict[bytes, tuple[int, int]] = {}
        self._end = 0

    def add(self, file: bytes) -> tuple[int, int]:
        if file not in self._places:
            self._places[file] = (self._end, len(file))
            self.files.append(file)
            self._end += len(file)
        return self._places[file]


def _tell(case: EditCase, shelf: _Shelf) -> dict[str, Any]:
    truth = case.truth.copy()
    if case.source is not None:
        truth[~case.changed] = 0
    told: dict[str, Any] = {name: value for name, value in vars(case).items() if isinstance(value, str) and value}
    told |= {
        "number": case.number,
        "phrasings": case.phrasings,
        "side": len(truth),
        "truth": shelf.add(_pack_picture(truth, TRUTH_QUALITY)),
    }
    told |= {name: shelf.add(_pack_picture(picture, SENT_QUALITY)) for name in _BEFORE if (picture := getattr(case, name)) is not None}
    told |= {name: shelf.add(_pack_mask(mask)) for name in _MASKS if (mask := getattr(case, name)) is not None}
    told["references"] = [shelf.add(_pack_picture(picture, REFERENCE_QUALITY)) for picture in case.references]
    told["subjects"] = [[round(edge, 4) for edge in (box.left, box.top, box.width, box.height)] for box in case.subjects]
    return told


def _parse(told: Mapping[str, Any], blob: bytes) -> EditCase:
    def cut(place: Sequence[int]) -> bytes:
        return blob[place[0] : place[0] + place[1]]

    side = told["side"]
    truth, changed = _read_picture(cut(told["truth"])), _read_mask(cut(told["changed"]), side)
    source = _read_picture(cut(told["source"])) if "source" in told else None
    return EditCase(
        set=told["set"],
        number=told["number"],
        instruction=told["instruction"],
        truth=truth if source is None else np.where(changed[..., None], truth, source),
        changed=changed,
        source=source,
        bare=_read_picture(cut(told["bare"])) if "bare" in told else None,
        free=_read_mask(cut(told["free"]), side) if "free" in told else None,
        references=tuple(_read_picture(cut(place)) for place in told["references"]),
        background=told["background"],
        phrasings=tuple(told["phrasings"]),
        concept=told.get("concept", ""),
        word=told.get("word", ""),
        medium=told.get("medium", ""),
        subjects=tuple(Box(*edges) for edges in told["subjects"]),
    )


def _pack_picture(pixels: Pixels, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "webp", quality=quality, alpha_quality=90, method=4)
    return file.getvalue()


def _read_picture(file: bytes) -> Pixels:
    with Image.open(io.BytesIO(file)) as image:
        return np.asarray(image.convert("RGBA"))


def _pack_mask(mask: Mask) -> bytes:
    return zlib.compress(np.packbits(mask).tobytes(), 9)


def _read_mask(file: bytes, side: int) -> npt.NDArray[np.bool_]:
    bits = np.unpackbits(np.frombuffer(zlib.decompress(file), np.uint8), count=side * side)
    return bits.reshape(side, side).astype(np.bool_)

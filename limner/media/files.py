"""Where pictures go: names for many from the name of one, formats from endings, and refusals before any drawing."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from limner.errors import IncompatibleFields, InvalidField, UnwritableOutput
from limner.media.encode import FORMAT_OF_ENDING, OutputFormat, parse_format

MAX_SHOWN_CHARS = 200
UNFINISHED_PREFIX = ".limner-unfinished-"  # what a killed process may leave


def numbered_paths(path: Path, count: int) -> list[Path]:
    """Return `path` itself for one picture, `kite-1.png`, `kite-2.png` ... for more."""
    if count == 1:
        return [path]
    return [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(1, count + 1)]


def choose_format(path: Path, named: str | None) -> OutputFormat:
    """Return the format that was named, or else the one that the ending says.

    Raises:
        InvalidField: an unknown format, or an ending that says none.
        IncompatibleFields: the ending says another format than the one named.
    """
    implied = FORMAT_OF_ENDING.get(path.suffix.lower())
    if named is None:
        if implied is None:
            raise InvalidField("output_format", f"{str(path)!r} does not end in {', '.join(FORMAT_OF_ENDING)}; rename it or name a format")
        return implied
    chosen = parse_format(named)
    if implied is not None and implied != chosen:
        raise IncompatibleFields("output_format", f"{str(path)!r} says {implied} and the format says {chosen}; change one of them")
    return chosen


def check_writable(path: Path) -> None:
    """Refuse an output that cannot be written, before the work is done.

    Raises:
        UnwritableOutput: its folder is missing or closed to us, or the path is a folder or a protected file.
    """
    problem = _find_problem(path)
    if problem:
        raise UnwritableOutput(f"cannot write {_shown(path)}: {problem}")


def write_file(path: Path, content: bytes) -> None:
    """Write a file's bytes, over what was there: beside it first, so that whoever looks finds the old file or the new one, whole.

    What is no plain file, or lies in a folder that takes no new ones, is written where it is.

    Raises:
        UnwritableOutput: as `check_writable`, or the disk refused.
    """
    check_writable(path)
    place = Path(os.path.realpath(path))
    try:
        if os.access(place.parent, os.W_OK) and (place.is_file() or not place.exists()):
            _replace(place, content)
        else:
            place.write_bytes(content)
    except OSError as error:
        raise UnwritableOutput(f"cannot write {_shown(path)}: {error.strerror or error}; choose another place") from error


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{UNFINISHED_PREFIX}{secrets.token_hex(8)}")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _find_problem(path: Path) -> str | None:
    """Say why a file cannot be written, and what to do; None when it can."""
    folder = path.parent
    try:
        if not folder.is_dir():
            return f"there is no folder {str(folder)!r}; create it first"
        if path.is_dir():
            return "it is a folder; name a file in it"
        if not os.access(path if path.exists() else folder, os.W_OK):
            return "permission denied; choose another place"
    except OSError as error:
        return f"{error.strerror or error}; choose another name"
    return "its name holds a zero byte; choose another name" if "\0" in str(path) else None


def _shown(path: Path) -> str:
    text = str(path)
    return repr(text if len(text) <= MAX_SHOWN_CHARS else "…" + text[-MAX_SHOWN_CHARS:])

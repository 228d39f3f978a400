"""What the pictures of a folder were before: every turn of editing and its exact pixels, in `.limner/turns` beside them.

    .limner/turns/turns.jsonl          one line of JSON a turn, the oldest first
    .limner/turns/files/<sha256>.png   what a file held before or after a turn, to the byte, and the pixels of what is not lossless

A picture is known by the SHA-256 of its file, so it may be moved or renamed within its folder. Every file is written beside its place
and renamed; the line of a turn is written when all that it names is there. A kill at any moment leaves the turns before it whole.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from limner.errors import DamagedFile, InvalidField, UnwritableOutput
from limner.media.files import UNFINISHED_PREFIX, write_file
from limner.media.sniff import recognise

FOLDER = Path(".limner") / "turns"
TURNS, FILES, LOCK = "turns.jsonl", "files", "lock"
MAX_TURNS = 64  # of one picture; the oldest after its first file are forgotten
DIGEST = re.compile("[0-9a-f]{64}")  # names become paths, so nothing else is one


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One edit of a picture: which file became which, and how. Files are named by their SHA-256.

    `pixels` is a lossless file of exactly what `output` shows: the same file, unless that lost something. `root` is the file that the
    first turn began with. `settings` is what else it takes to draw it again. `at` is a time in UTC.
    """

    parent: str
    output: str
    pixels: str
    root: str
    instruction: str
    seed: int
    snapshot: str
    settings: dict[str, Any] = field(default_factory=dict)
    at: str = ""


class History:
    """The turns of one folder's pictures. Safe from several processes; nothing is made on the disk before a turn is recorded."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / FOLDER

    def exact(self, digest: str) -> bytes | None:
        """Return a lossless file of exactly what the file with this digest shows, None if it came of no turn that is known.

        Raises:
            DamagedFile: the history cannot be read.
        """
        turn = self._made(self._read()).get(digest)
        return self._content(turn.pixels) if turn else None

    def root(self, digest: str) -> str:
        """Return the digest of the file with which the turns of a file began: its own, if it came of none that is known.

        Raises:
            DamagedFile: the history cannot be read.
        """
        turns = self._read()
        turn = self._made(turns).get(digest)
        return turn.root if turn else _roots(turns).get(digest, digest)

    def record(self, turn: Turn, contents: Sequence[bytes]) -> None:
        """Keep a turn, after the files that it names; `contents` are those of them that may not be here yet.

        Raises:
            DamagedFile: the history cannot be read.
            UnwritableOutput: it cannot be written.
        """
        try:
            (self.place / FILES).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnwritableOutput(f"no history can be kept in {str(self.place)!r}: {error.strerror}; use --no-history") from error
        with self._locked():
            for content in contents:
                self._keep(content)
            turns = [*self._read(), turn]
            kept = _remember(turns, turn.root)
            lines = "".join(json.dumps(asdict(known), ensure_ascii=False) + "\n" for known in kept)
            write_file(self.place / TURNS, lines.encode())
            self._sweep(_named(turns) - _named(kept))

    def check_writable(self) -> None:
        """Refuse, before anything is drawn, a folder that takes no history.

        Raises:
            UnwritableOutput: as it says.
        """
        place = self.place / FILES
        nearest = next(folder for folder in (place, *place.parents) if folder.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK):
            raise UnwritableOutput(f"no history can be kept in {str(self.place)!r}; open its folder, or use --no-history")

    def before(self, digest: str, count: int) -> bytes:
        """Return the file, to the byte, from which `count` turns led to the file with this digest.

        Where turns were forgotten, one step leads over all of them, to the first file.

        Raises:
            InvalidField: so many turns are not known; `param` is `undo`.
            DamagedFile: the history cannot be read.
        """
        turns = self._read()
        made, roots = self._made(turns), _roots(turns)
        current = digest
        for done in range(count):
            turn = made.get(current)
            previous = turn.parent if turn else roots.get(current, current)
            if previous == current:
                raise InvalidField("undo", self._say_why_not(digest, done, count, is_known=current in roots))
            current = previous
        return self._content(current)

    def _say_why_not(self, digest: str, done: int, count: int, *, is_known: bool) -> str:
        if done:
            return f"{done} turn{'s' * (done > 1)} can be undone, and {count} were asked for; ask for fewer"
        if is_known:
            return "there is nothing to undo: the picture is as it was before its first turn"
        return (
            f"there is nothing to undo: no turn in {str(self.place)!r} made this file ({digest[:12]}…); was it changed by something else?"
        )

    def _read(self) -> list[Turn]:
        try:
            lines = (self.place / TURNS).read_text("utf-8").split("\n")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise DamagedFile(f"{str(self.place / TURNS)!r} cannot be read ({error}); mend it, or use --no-history") from error
        return [self._parse(line, number) for number, line in enumerate(lines, 1) if line.strip()]

    def _parse(self, line: str, number: int) -> Turn:
        try:
            turn = Turn(**json.loads(line))
            if all(DIGEST.fullmatch(digest) for digest in _named([turn])):
                return turn
            problem: Exception | None = None
        except (ValueError, TypeError, RecursionError) as error:
            problem = error
        raise DamagedFile(f"{str(self.place / TURNS)!r} line {number} is no turn; mend or delete it, or use --no-history") from problem

    def _content(self, digest: str) -> bytes:
        path = next((self.place / FILES).glob(f"{digest}.*"), None)
        content = path.read_bytes() if path and path.is_file() else b""
        if sha256(content).hexdigest() != digest:
            problem = "is not what was kept" if path else "is missing"
            raise DamagedFile(f"file {digest[:12]}… in {str(self.place / FILES)!r} {problem}; bring it back, or use --no-history")
        return content

    def _keep(self, content: bytes) -> None:
        path = self.place / FILES / f"{sha256(content).hexdigest()}.{recognise(content) or 'bin'}"
        if not path.exists():
            write_file(path, content)

    def _sweep(self, digests: set[str]) -> None:
        """Delete what no turn names any more, and what killed processes left; only ever called by who holds the lock."""
        for digest in digests:
            for path in (self.place / FILES).glob(f"{digest}.*"):
                path.unlink(missing_ok=True)
        for path in [*self.place.glob(f"{UNFINISHED_PREFIX}*"), *(self.place / FILES).glob(f"{UNFINISHED_PREFIX}*")]:
            path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.place / LOCK).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @staticmethod
    def _made(turns: Sequence[Turn]) -> dict[str, Turn]:
        return {turn.output: turn for turn in turns}


def _named(turns: Sequence[Turn]) -> set[str]:
    return {digest for turn in turns for digest in (turn.parent, turn.output, turn.pixels, turn.root)}


def _roots(turns: Sequence[Turn]) -> dict[str, str]:
    """Return the first file of each file that a turn began with; the oldest turn knows best."""
    return {turn.parent: turn.root for turn in reversed(turns)}


def _remember(turns: Sequence[Turn], root: str) -> list[Turn]:
    """Leave out what is too old of one picture, but not what alone knows the exact pixels that a remembered turn began with."""
    recent = [turn for turn in turns if turn.root == root][-MAX_TURNS:]
    begun = {turn.parent for turn in recent}
    return [turn for turn in turns if turn.root != root or turn in recent or (turn.output in begun and turn.pixels != turn.output)]

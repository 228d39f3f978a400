"""What `limner edit` and `limner compose` read, and turns that follow each other: planned, kept, undone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from limner.cli.drawing.orders import STANDARD_STREAM, Order, OutputOptions, read_text, settle_format, settle_paths
from limner.engine.inputs import GivenImage, ImageFile, open_image, read_inputs
from limner.engine.library import find_editor
from limner.engine.pictures import Origin, Picture
from limner.engine.protocol import EditRequest
from limner.engine.resolve import GenerateOptions
from limner.engine.resolve_edit import EditOptions, resolve_edit
from limner.errors import IncompatibleFields, InvalidField, InvalidPrompt, UnwritableOutput
from limner.media.encode import BEST_COMPRESSION, FORMAT_OF_ENDING
from limner.media.history import History, Turn
from limner.media.sniff import recognise

MAX_COUNT_DIGITS = 4  # of turns to undo, far more than are kept


def read_words(words: Sequence[str], command: str, *, is_chain: bool = False) -> tuple[list[str], list[str]]:
    """Split the words of a command line into names of images and instructions: the last is one, or in a chain all but the first.

    `-` as the instruction reads it from standard input, in a chain one a line.

    Raises:
        InvalidPrompt: an image or an instruction is missing, or a file stands where an instruction should.
    """
    example = f"limner {command} cat.png {'hat.png ' if command == 'compose' else ''}'the cat wears a hat'"
    names, instructions = (list(words[:1]), list(words[1:])) if is_chain else (list(words[:-1]), list(words[-1:]))
    if not words:
        raise InvalidPrompt(f"there is no image and no instruction; name both: {example}")
    if not names or not instructions:
        missing = "instruction after" if is_chain or os.path.exists(words[0]) else "image before"
        raise InvalidPrompt(f"there is no {missing} {words[0]!r}; images come first, then what to do, in quotes: {example}")
    if instructions == ["-"]:
        if "-" in names:
            raise InvalidPrompt("standard input cannot be the image and the instruction; name a file for one of them")
        text = read_text("-")
        instructions = [line.strip() for line in text.splitlines() if line.strip()] if is_chain else [text.removesuffix("\n")]
        if not instructions:
            raise InvalidPrompt("standard input holds no instruction; write one a line")
    for instruction in instructions:
        if Path(instruction).suffix.lower() in FORMAT_OF_ENDING and " " not in instruction:
            raise InvalidPrompt(f"{instruction!r} stands where what to do should; images come first: {example}")
    return names, instructions


def read_file(name: str, *, param: str = "image", has_history: bool) -> tuple[ImageFile, bytes]:
    """Read a picture's file, `-` for standard input: as it is to be edited, and as it is.

    A file that came of a turn of its folder's history is edited from the exact pixels that are kept of it.

    Raises:
        InvalidField, UnusableImage, DamagedFile: as `open_image` and `History.exact`.
    """
    shown = ImageFile(content=sys.stdin.buffer.read(), name="standard input") if name == "-" else open_image(name, param)
    digest = sha256(shown.content).hexdigest()
    exact = History(Path(name).parent).exact(digest) if has_history and name != "-" else None
    return replace(shown, content=exact or shown.content, digest=digest), shown.content


@dataclass(frozen=True)
class EditWords:
    """What was typed for an edit. `mask_name` is a mask picture's file; `is_kept` says whether turns go into the history."""

    names: Sequence[str]
    instructions: Sequence[str]
    options: EditOptions
    wanted: OutputOptions
    mask_name: str | None
    mask_mode: str
    is_kept: bool


class EditJob:
    """One command's edits: all that can be refused is refused when it is made; then each turn is drawn from what the one before drew.

    Raises:
        RequestError: something cannot be read, drawn, encoded or written as asked.
        DamagedFile: the history cannot be read.
    """

    def __init__(self, words: EditWords) -> None:
        self._words = words
        first = self._settle_place()
        self._format, self._options = settle_format(first, words.options, words.wanted)
        self._paths = self._settle_paths(first)
        files = [read_file(name, has_history=words.is_kept) for name in words.names]
        mask = read_file(words.mask_name, param="mask", has_history=words.is_kept)[0] if words.mask_name else None
        self._inputs = read_inputs([file for file, _ in files], mask, mask_mode=words.mask_mode)
        self._parent = self._seen = files[0][1]
        self._settings = self._say_settings(mask)
        self._history = History(first.parent) if words.is_kept and first != STANDARD_STREAM else None
        if self._history is not None:
            self._history.check_writable()
            self._root = self._history.root(self._inputs.origin.digest)
        self._request = self._foresee()
        self.num_pictures = len(words.instructions) * words.options.n

    def orders(self) -> Iterator[Order]:
        """Yield each turn's order; what is drawn of it goes to `keep` before the next is asked for."""
        for number, paths in enumerate(self._paths):
            request = self._resolve(number) if number else self._request
            yield Order(
                request=request,
                paths=paths,
                format=self._format,
                compression=self._words.wanted.compression,
                has_alt_text=self._words.wanted.has_alt_text,
                origin=self._inputs.origin_of(request),
                note="--undo takes it back" if str(paths[0]) == self._words.names[0] and self._history is not None else "",
            )

    def keep(self, picture: Picture, content: bytes, path: Path) -> None:
        """Take in a picture and the file that it is about to become: into the history, and as what the next turn edits.

        Raises:
            UnwritableOutput: that file is the source, and something else has changed it since it was read.
        """
        self._check_unchanged(path, content)
        digest = sha256(content).hexdigest()
        if self._history is not None:
            exact = content if self._is_lossless() else picture.to_bytes()
            turn = Turn(
                parent=self._inputs.origin.digest,
                output=digest,
                pixels=sha256(exact).hexdigest(),
                root=self._root,
                instruction=picture.record.prompt,
                seed=picture.seed,
                snapshot=picture.snapshot,
                settings=self._settings | {"quality": picture.record.quality, "background": picture.record.background},
                at=datetime.now(UTC).isoformat(timespec="seconds"),
            )
            self._history.record(turn, [self._parent, content, exact])
        if len(self._paths) > 1:
            origin = Origin(digest=digest, icc_profile=picture.icc_profile)
            drawn = GivenImage(pixels=np.asarray(picture.image.convert("RGBA")), has_alpha=picture.pixels.shape[-1] == 4, origin=origin)
            self._inputs, self._parent = replace(self._inputs, images=(drawn,)), content

    def _check_unchanged(self, path: Path, content: bytes) -> None:
        source = self._words.names[0]
        if STANDARD_STREAM in (path, Path(source)) or os.path.realpath(path) != os.path.realpath(source):
            return
        if path.is_file() and open_image(path).content != self._seen:
            raise UnwritableOutput(f"{str(path)!r} was changed by something else while it was drawn, so it stays; edit it again")
        self._seen = content

    def _settle_place(self) -> Path:
        """Return where the first picture goes: where it was asked for, or over the source."""
        words, source = self._words, self._words.names[0]
        if len(words.instructions) > 1 and words.options.n != 1:
            raise IncompatibleFields(
                "n", f"each turn of a chain goes on from one picture, and n is {words.options.n}; leave one of them out"
            )
        if len(words.instructions) > 1 and words.options.canvas is not None:
            raise IncompatibleFields("canvas", "a chain would make the canvas larger at every turn; outpaint first, then chain")
        if words.wanted.output is not None:
            return Path(words.wanted.output)
        if source == "-":
            raise InvalidField("output", "the image came from standard input and has no file; name one with -o, or - for standard output")
        if not words.is_kept and words.options.n == 1:
            raise IncompatibleFields("output", f"{source!r} would be changed, and --no-history keeps nothing of it; name a file with -o")
        return Path(source)

    def _settle_paths(self, first: Path) -> list[tuple[Path, ...]]:
        """Return the paths of each turn: numbered, but over and over the same when the source itself is changed."""
        words, n = self._words, self._options.n
        count = len(words.instructions)
        if words.wanted.output is None and n == 1:
            return [settle_paths(first, 1, self._options, words.wanted)] * count
        paths = settle_paths(first, count * n, self._options, words.wanted)
        return [paths[turn * n : (turn + 1) * n] for turn in range(count)]

    def _foresee(self) -> EditRequest:
        """Resolve every turn, with a plain picture of the right size where none is drawn yet; return the first, which is real."""
        given = self._inputs
        requests = [self._resolve(0)]
        for number in range(1, len(self._paths)):
            size = requests[-1].size
            plain = replace(given.images[0], pixels=np.full((size.height, size.width, 4), 255, np.uint8))
            self._inputs = replace(given, images=(plain,))
            requests.append(self._resolve(number))
        self._inputs = given
        return requests[0]

    def _resolve(self, number: int) -> EditRequest:
        inputs = self._inputs
        return resolve_edit(self._words.instructions[number], self._options, inputs.pixels, inputs.mask, find_snapshot=find_editor)

    def _is_lossless(self) -> bool:
        return self._format == "png" or (self._format == "webp" and self._words.wanted.compression in (None, BEST_COMPRESSION))

    def _say_settings(self, mask: ImageFile | None) -> dict[str, Any]:
        """Return what else it takes to draw the turns again, for their lines in the history."""
        options = self._options
        said = {
            "size": options.size,
            "fidelity": options.input_fidelity,
            "canvas": options.canvas,
            "region": options.region,
            "mask": mask and mask.digest,
            "mask_mode": mask and self._words.mask_mode,
            "images": [image.origin.digest for image in self._inputs.images[1:]] or None,
        }
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Undo:
    """A file as it was `count` turns ago, and where it goes."""

    path: Path
    content: bytes
    count: int

    def describe(self) -> dict[str, str | int]:
        """Return what a program wants to know of it."""
        digest = sha256(self.content).hexdigest()
        return {"path": str(self.path), "undone": self.count, "sha256": digest, "size_bytes": len(self.content)}


def plan_undo(words: Sequence[str], wanted: OutputOptions) -> Undo:
    """Find what a file was; `words` are its name, and how many turns ago unless that is 1. Without an output it goes over the file.

    Raises:
        InvalidField: no such file, no number, or not so many turns are known.
        IncompatibleFields: it was of another format than its name now says, or JSON wants standard output too.
        UnwritableOutput: it cannot be written.
        DamagedFile: the history cannot be read.
    """
    numbers = [word for word in words if word.isdecimal() and not os.path.exists(word)]
    names = [word for word in words if word not in numbers]
    count = int(numbers[0][: MAX_COUNT_DIGITS + 1]) if numbers else 1
    if len(names) != 1 or len(numbers) > 1 or not 1 <= count < 10**MAX_COUNT_DIGITS:
        raise InvalidField("undo", "--undo takes one image, and how many turns, from 1: limner edit cat.png --undo 2")
    source, path = Path(names[0]), Path(wanted.output if wanted.output is not None else names[0])
    content = History(source.parent).before(sha256(open_image(source).content).hexdigest(), count)
    was, says = recognise(content), FORMAT_OF_ENDING.get(path.suffix.lower())
    if says is not None and was != says:
        raise IncompatibleFields("output", f"before that it was a {was}, and {str(path)!r} says {says}; name a file with -o")
    settle_paths(path, 1, GenerateOptions(), wanted)
    return Undo(path=path, content=content, count=count)

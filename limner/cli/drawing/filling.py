"""What the commands that draw share: their options, the bar, the files that they write, and what they say of them."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from limner.cli.console import Bar, live_bar, to_stderr
from limner.cli.drawing.orders import STANDARD_STREAM, Order
from limner.engine.library import draw, shared_engine
from limner.engine.pictures import Picture, suit_format, trim_alpha
from limner.engine.protocol import Event, Partial, Progress, Started
from limner.media.encode import encode
from limner.media.files import write_file

OutputOption = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Where to write; the ending says the format. Several become FILE-1, FILE-2 ...; - is standard output.",
    ),
]
SizeOption = Annotated[
    str,
    typer.Option(metavar="SIZE", help="WIDTHxHEIGHT, 256 to 2048 in steps of 16, ratio up to 3:1; or square, portrait, landscape."),
]
CountOption = Annotated[int, typer.Option("-n", "--n", metavar="COUNT", help="Pictures of each prompt, 1 to 10; each has the next seed.")]
SeedOption = Annotated[
    int | None, typer.Option(metavar="SEED", help="The same seed draws the same bytes; without it one is chosen and said.")
]
QualityOption = Annotated[str, typer.Option(metavar="LEVEL", help="low, medium or high: more steps, more time.")]
BackgroundOption = Annotated[
    str, typer.Option(metavar="KIND", help="transparent or opaque; auto is transparent for stickers, icons, sprites, logos.")
]
FormatOption = Annotated[str | None, typer.Option(metavar="FORMAT", help="png, webp or jpeg, where no ending says it.")]
CompressionOption = Annotated[
    int | None, typer.Option(metavar="LEVEL", help="For webp and jpeg: 0, the smallest file, to 100, the best picture.")
]
PartialsOption = Annotated[
    int, typer.Option(metavar="COUNT", help="Write up to so many (0 to 3) pictures on the way, as FILE-partial-1 ...")
]
FidelityOption = Annotated[str, typer.Option(metavar="LEVEL", help="low or high: how near to what the images show the result stays.")]
PicturesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="IMAGE... PROMPT", help="PNG, JPEG or WebP files, 1 to 16, then what to do, in quotes; - is standard input."),
]
ModelOption = Annotated[str, typer.Option(metavar="NAME", help="A model, alias or snapshot; limner models lists them.")]
JsonOption = Annotated[bool, typer.Option("--json", metavar="", help="Print one line of JSON for each picture on standard output.")]
AltTextOption = Annotated[
    bool, typer.Option("--alt-text", metavar="", help="Say in the file what is seen in the picture, for those who cannot see it.")
]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", metavar="", help="No progress bar, no summary; errors only.")]


Keep = Callable[[Picture, bytes, Path], None]


@dataclass(frozen=True)
class Reporting:
    """Who hears what: people on `console`, programs by JSON on standard output."""

    console: Console
    as_json: bool
    is_quiet: bool


def fill_all(orders: Sequence[Order], *, as_json: bool, is_quiet: bool) -> None:
    """Draw the orders in turn, write their files and say so."""
    reporting = Reporting(to_stderr(), as_json, is_quiet)
    with live_bar(reporting.console, num_pictures=sum(len(order.paths) for order in orders), quiet=is_quiet) as bar:
        for order in orders:
            fill(order, bar, reporting)


def fill(order: Order, bar: Bar, reporting: Reporting, keep: Keep | None = None) -> None:
    """Draw one order, write its files and say so; `keep` gets each picture, what its file will hold and which, before it is written."""
    bar.begin(order.request.prompt)
    watch = Watch(order, bar)
    pictures = draw(order.request, shared_engine(), watch.see, origin=order.origin)
    bar.finish(len(pictures))
    for index, (picture, path) in enumerate(zip(pictures, order.paths, strict=True)):
        if order.has_alt_text:
            picture = picture.with_alt_text()
        content = picture.to_bytes(order.format, compression=order.compression)
        if keep is not None:
            keep(picture, content, path)
        write_out(path, content)
        if reporting.as_json:
            typer.echo(json.dumps(watch.describe(index, picture, content)))
        if not reporting.is_quiet:
            reporting.console.print(watch.summarise(index, picture), soft_wrap=True)


def write_out(path: Path, content: bytes) -> None:
    """Write a file, or to standard output.

    Raises:
        UnwritableOutput: as `write_file`.
    """
    if path == STANDARD_STREAM:
        typer.echo(content, nl=False)
    else:
        write_file(path, content)


def name_output(path: Path) -> str:
    """Return what a person is told of where something went."""
    return "standard output" if path == STANDARD_STREAM else str(path)


class Watch:
    """What is seen of one order while it is drawn: its steps, its partial pictures, its encoded prompt, its seconds."""

    def __init__(self, order: Order, bar: Bar) -> None:
        self._order = order
        self._bar = bar
        self._encoded_prompt = ""
        self._seconds: dict[int, float] = {}
        self._last = time.perf_counter()

    def see(self, event: Event) -> None:
        """Take in one event; a partial picture is written at once."""
        self._bar.show(event)
        match event:
            case Started():
                self._encoded_prompt = event.encoded_prompt
            case Partial():
                order = self._order
                pixels = suit_format(trim_alpha(event.pixels, order.request.background), order.format, order.request.background)
                content = encode(pixels, order.format, compression=order.compression, icc_profile=order.origin.icc_profile)
                write_file(order.partial_path(event.index, event.partial_index), content)
            case Progress() if event.step == event.num_steps:
                now = time.perf_counter()
                self._seconds[event.index] = now - self._last
                self._last = now

    def describe(self, index: int, picture: Picture, content: bytes) -> dict[str, str | int | float | None]:
        """Return what a program wants to know of one written picture; `seconds` counts from the picture before, or from the start."""
        request = self._order.request
        seconds = self._seconds.get(index)
        return {
            "path": str(self._order.paths[index]),
            "seed": picture.seed,
            "snapshot": picture.snapshot,
            "size": str(request.size),
            "quality": request.quality,
            "background": request.background,
            "format": self._order.format,
            "encoded_prompt": self._encoded_prompt,
            "sha256": hashlib.sha256(content).hexdigest(),
            "size_bytes": len(content),
            "seconds": None if seconds is None else round(seconds, 3),
            "machine_kind": picture.record.machine_kind,
            **({"alt_text": picture.record.alt_text} if self._order.has_alt_text else {}),
            **({"parent": picture.record.parent} if picture.record.parent else {}),
        }

    def summarise(self, index: int, picture: Picture) -> Text:
        """Return one line for a person."""
        request = self._order.request
        path = self._order.paths[index]
        facts = [
            f"{request.size.width}×{request.size.height}",
            request.quality,
            request.background,
            f"seed {picture.seed}",
            picture.snapshot,
        ]
        if index in self._seconds:
            facts.append(f"{self._seconds[index]:.1f} s")
        if self._order.has_alt_text:
            facts.append(picture.record.alt_text)
        if self._order.note:
            facts.append(self._order.note)
        return Text.assemble(("✓ ", "green"), (name_output(path), "bold"), "  ", (" · ".join(facts), "dim"))

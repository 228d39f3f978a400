"""What will be drawn and where it will lie, settled and checked before any of it is drawn."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from limner.engine.library import shared_describer
from limner.engine.pictures import FROM_WORDS, Origin
from limner.engine.protocol import GenerateRequest
from limner.engine.resolve import GenerateOptions, resolve
from limner.errors import IncompatibleFields, InvalidPrompt, UnwritableOutput
from limner.media.encode import OutputFormat, check_output, parse_format
from limner.media.files import check_writable, choose_format, numbered_paths

STANDARD_STREAM = Path("-")
MAX_NAME_CHARS = 48
Options = TypeVar("Options", bound=GenerateOptions)
FALLBACK_NAME = "picture"


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """Where pictures go, as it was typed."""

    output: str | None
    format: str | None
    compression: int | None
    as_json: bool
    has_alt_text: bool = False
    prompts_file: str | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """One request and the files that it fills: one path for each of its pictures.

    `origin` is what they are made from, `note` what a person is told beside the facts. With `has_alt_text` the files say what they show.
    """

    request: GenerateRequest
    paths: tuple[Path, ...]
    format: OutputFormat
    compression: int | None
    origin: Origin = FROM_WORDS
    note: str = ""
    has_alt_text: bool = False

    def partial_path(self, index: int, partial_index: int) -> Path:
        """Return where picture `index` as it looked on the way is written; both count from 0."""
        path = self.paths[index]
        return path.with_name(f"{path.stem}-partial-{partial_index + 1}{path.suffix}")


def read_prompts(arguments: Sequence[str], prompts_file: str | None) -> list[str]:
    """Return the prompts of the command line, of a file, or of standard input.

    Raises:
        InvalidPrompt: there is none, there are both, or one came in several words.
    """
    if prompts_file is not None:
        if arguments:
            raise InvalidPrompt(f"prompt {arguments[0]!r} and --prompts {prompts_file!r} were both given; give one of them")
        lines = [line.strip() for line in read_text(prompts_file).splitlines()]
        if not any(lines):
            raise InvalidPrompt(f"{prompts_file!r} holds no prompt; write one a line")
        return [line for line in lines if line]
    if not arguments:
        raise InvalidPrompt("there is no prompt; say what to draw: limner generate 'a red kite'")
    if len(arguments) > 1:
        joined = " ".join(arguments)
        raise InvalidPrompt(
            f"the prompt came in {len(arguments)} parts; put one prompt in quotes ({joined[:60]!r}), or several in a file for --prompts"
        )
    return [read_text("-").removesuffix("\n") if arguments[0] == "-" else arguments[0]]


def plan_orders(
    prompts: Sequence[str], options: GenerateOptions, wanted: OutputOptions, *, find_snapshot: Callable[[str], str]
) -> list[Order]:
    """Settle every request and every path; nothing is drawn or written.

    Raises:
        RequestError: anything that cannot be drawn, encoded or written as asked.
    """
    first = first_path(prompts, wanted)
    output_format, options = settle_format(first, options, wanted)
    requests = [resolve(prompt, options, find_snapshot=find_snapshot) for prompt in prompts]
    paths = settle_paths(first, len(requests) * options.n, options, wanted)
    return [
        Order(
            request=request,
            paths=paths[number * options.n : (number + 1) * options.n],
            format=output_format,
            compression=wanted.compression,
            has_alt_text=wanted.has_alt_text,
        )
        for number, request in enumerate(requests)
    ]


def settle_format(first: Path, options: Options, wanted: OutputOptions) -> tuple[OutputFormat, Options]:
    """Return the format of the files, and the options with what it decides: JPEG shows no transparency, so there `auto` is opaque.

    Raises:
        InvalidField, IncompatibleFields: as `choose_format` and `check_output`.
        DamagedFile: the pictures are to be described, and the weights cannot do that.
    """
    output_format = parse_format(wanted.format or "png") if first == STANDARD_STREAM else choose_format(first, wanted.format)
    check_output(output_format, wanted.compression, options.background)
    if wanted.has_alt_text:
        shared_describer().prepare()
    if output_format == "jpeg" and options.background == "auto":
        options = replace(options, background="opaque")
    return output_format, options


def settle_paths(first: Path, count: int, options: GenerateOptions, wanted: OutputOptions) -> tuple[Path, ...]:
    """Return where so many pictures go.

    Raises:
        UnwritableOutput, IncompatibleFields: they cannot be written there.
    """
    if first == STANDARD_STREAM:
        _check_stream(count, options, wanted)
        return (first,)
    paths = tuple(numbered_paths(first, count))
    for path in paths:
        check_writable(path)
    return paths


def name_from(text: str) -> str:
    """Return a short file name, without an ending, that says what the prompt says."""
    words = re.findall(r"\w+", text[:400].lower())
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word[:MAX_NAME_CHARS]
        if len(longer) > MAX_NAME_CHARS:
            break
        name = longer
    return name or FALLBACK_NAME


def first_path(prompts: Sequence[str], wanted: OutputOptions) -> Path:
    """Return where the pictures were asked for, or else a name in this folder that says what the prompts say."""
    if wanted.output is not None:
        return Path(wanted.output)
    name = name_from(prompts[0])
    if wanted.prompts_file not in (None, "-"):
        name = Path(str(wanted.prompts_file)).stem
    return Path(f"{name}.{parse_format(wanted.format or 'png')}")


def _check_stream(count: int, options: GenerateOptions, wanted: OutputOptions) -> None:
    """Standard output holds one picture and nothing else."""
    if count != 1:
        raise IncompatibleFields("output", f"standard output holds one picture and {count} were asked for; name a file with -o")
    if options.num_partials:
        raise IncompatibleFields(
            "partials", "partial pictures are files beside the output and standard output has none; name a file with -o"
        )
    if wanted.as_json:
        raise IncompatibleFields("output", "the picture and --json both want standard output; name a file with -o")
    if sys.stdout.isatty():
        raise UnwritableOutput("standard output is a terminal, which cannot show a picture; redirect it, or name a file with -o")


def read_text(name: str) -> str:
    """Read a whole text file; `-` is standard input.

    Raises:
        InvalidPrompt: it cannot be read, or is not UTF-8.
    """
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return content.decode()
    except OSError as error:
        raise InvalidPrompt(f"cannot read prompts from {name!r}: {error.strerror}; name another file") from error
    except UnicodeDecodeError as error:
        raise InvalidPrompt(f"{name!r} is not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8") from error

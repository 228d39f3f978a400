"""The command line's manual: the `--help` of every command as one Markdown page. `python -m limner.cli.reference > docs/cli.md`."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import redirect_stdout

import typer
from rich.text import Text

from limner.cli.main import DOORS, load_command, run

WIDTH = "100"
INTRODUCTION = """\
# The command line

The help of every command, as the commands print it. Made by `python -m limner.cli.reference > docs/cli.md`.
"""


def list_commands() -> Iterator[tuple[str, ...]]:
    """Yield the words of every command: `()` for `limner` itself, then each subcommand before its own."""
    yield ()
    for name in DOORS:
        yield (name,)
        yield from ((name, child) for child in getattr(load_command(name), "commands", {}))


def read_help(words: tuple[str, ...]) -> str:
    """Return what one command prints for `--help` in a plain terminal of fixed width."""
    printed = io.StringIO()
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = WIDTH
    try:
        with redirect_stdout(printed):
            run([*words, "--help"])
    finally:
        del os.environ["COLUMNS"]
        if before is not None:
            os.environ["COLUMNS"] = before
    plain = Text.from_ansi(printed.getvalue()).plain
    return "\n".join(line.rstrip() for line in plain.splitlines()).strip("\n")


def write_manual() -> str:
    """Return the whole page."""
    sections = (f"\n## `{' '.join(['limner', *words])}`\n\n```text\n{read_help(words)}\n```\n" for words in list_commands())
    return INTRODUCTION + "".join(sections)


if __name__ == "__main__":
    typer.echo(write_manual(), nl=False)

"""The parts of a prompt that may be rewritten, and those that never are: quotations and code."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import resources

from limner.model.condense import QUOTED

CODE_START = re.compile(
    r"\s*(?:[\[{<]|[A-Za-z_][\w.]*\(|(?:const|let|var|def|class|import|function|SELECT)\b|```|#\w+\s*\{|\.\w+\s*\{|---\n)"
)
CODE_MARKS = re.compile(r"[{}<>=;]|\":|\(\)|=>")


def is_code(prompt: str) -> bool:
    """Say whether a prompt is JSON, a call, markup or a style sheet rather than prose."""
    return bool(CODE_START.match(prompt)) and len(CODE_MARKS.findall(prompt, 0, 2000)) >= 2


def outside_quotes(prompt: str, change: Callable[[str], str]) -> str:
    """Return the prompt with everything changed that does not stand in quotation marks."""
    pieces, start = [], 0
    for match in QUOTED.finditer(prompt):
        pieces += [change(prompt[start : match.start()]), match[0]]
        start = match.end()
    return "".join([*pieces, change(prompt[start:])])


def free_text(prompt: str) -> str:
    """Return what stands outside quotation marks."""
    return QUOTED.sub(" ", prompt)


@cache
def read_lines(name: str) -> tuple[str, ...]:
    """Return the lines of a list that was written by hand, a file of `lists/`."""
    text = resources.files("limner.model.prompts").joinpath("lists", f"{name}.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


def one_of(name: str) -> str:
    """Return an expression that matches any line of a list; each line is an expression itself."""
    return f"(?:{'|'.join(read_lines(name))})"

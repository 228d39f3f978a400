"""The terminal: what a person reads goes to standard error, so that standard output carries only pictures and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from limner.engine.protocol import Event
from limner.engine.protocol import Progress as StepDone

MAX_TITLE_CHARS = 44


def to_stderr() -> Console:
    """Return the console on standard error."""
    return Console(stderr=True, highlight=False)


def to_stdout() -> Console:
    """Return the console on standard output, for tables that a person asked for."""
    return Console(highlight=False)


def print_error(message: str) -> None:
    """Say what went wrong in one line on standard error, however many lines it came in."""
    line = Text.assemble(("limner:", "bold red"), " ", " ".join(message.split()))
    to_stderr().print(line, soft_wrap=True)


def shorten(text: str, limit: int = MAX_TITLE_CHARS) -> str:
    """Return the text in one line of at most `limit` characters."""
    line = " ".join(text[: limit * 4].split())
    return line if len(line) <= limit and len(text) <= limit * 4 else line[: limit - 1].rstrip() + "…"


class Bar:
    """The live bar: one step of it is one denoising step of one picture."""

    def __init__(self, progress: Progress | None, num_pictures: int) -> None:
        self.progress = progress
        self._num_pictures = num_pictures
        self._num_done = 0
        self._task: TaskID | None = None

    def begin(self, prompt: str) -> None:
        """Show which prompt is being drawn; until its first step is done the bar only swings."""
        if self.progress is not None:
            if self._task is None:
                self._task = self.progress.add_task("", total=None, note="waking up")
            else:
                self.progress.update(self._task, note=f"picture {self._num_done + 1} of {self._num_pictures}")
            self.progress.update(self._task, description=shorten(prompt))

    def show(self, event: Event) -> None:
        """Move the bar if the event is a step."""
        if self.progress is None or self._task is None or not isinstance(event, StepDone):
            return
        done = self._num_done * event.num_steps + event.index * event.num_steps + event.step
        self.progress.update(self._task, total=self._num_pictures * event.num_steps, completed=done, note=self._note(event))

    def finish(self, num_pictures: int) -> None:
        """Count the pictures of a request that has ended."""
        self._num_done += num_pictures

    def _note(self, event: StepDone) -> str:
        step = f"step {event.step} of {event.num_steps}"
        if self._num_pictures == 1:
            return step
        return f"picture {self._num_done + event.index + 1} of {self._num_pictures}, {step}"


@contextmanager
def live_bar(console: Console, *, num_pictures: int, quiet: bool) -> Iterator[Bar]:
    """Show a bar while pictures are drawn: only on a terminal, gone when they are done."""
    if quiet or not console.is_terminal:
        yield Bar(None, num_pictures)
        return
    columns = (
        SpinnerColumn(style="cyan"),
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
        BarColumn(bar_width=28, complete_style="cyan", finished_style="cyan", pulse_style="cyan"),
        TextColumn("[dim]{task.fields[note]}", table_column=Column(no_wrap=True)),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress, num_pictures)

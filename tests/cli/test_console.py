"""What a person sees while pictures are drawn."""

import io

from rich.console import Console

from limner.cli.console import live_bar, shorten
from limner.engine.protocol import Progress


def drawn_on(console: Console, *, quiet: bool, prompt: str = "a red kite") -> str:
    with live_bar(console, num_pictures=2, quiet=quiet) as bar:
        bar.begin(prompt)
        bar.show(Progress("r", index=1, step=3, num_steps=8))
        if bar.progress is not None:
            bar.progress.refresh()
    return console.file.getvalue()


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)


def test_the_bar_names_prompt_picture_and_step():
    said = drawn_on(terminal(), quiet=False)

    assert "a red kite" in said
    assert "picture 2 of 2, step 3 of 8" in said


def test_the_bar_is_silent_off_a_terminal_and_when_quiet():
    assert drawn_on(Console(file=io.StringIO()), quiet=False) == ""
    assert drawn_on(terminal(), quiet=True) == ""


def test_brackets_in_a_prompt_are_shown_as_they_are():
    assert "[/b] a [red] kite" in drawn_on(terminal(), quiet=False, prompt="[/b] a [red] kite")


def test_long_texts_are_shortened_to_one_line():
    assert shorten("a red\n kite") == "a red kite"
    assert len(shorten("harbour " * 4000, 20)) <= 20
    assert shorten("harbour " * 4000, 20).endswith("…")

"""What `limner generate` settles before it draws."""

import io
import sys
from pathlib import Path

import pytest

from limner.cli.drawing.orders import OutputOptions, name_from, plan_orders, read_prompts
from limner.engine.resolve import GenerateOptions
from limner.errors import IncompatibleFields, InvalidPrompt, UnwritableOutput


def plan(prompts: list[str], tmp_path: Path | None = None, **changes):
    output = {"output": str(tmp_path / "kite.png") if tmp_path else None, "prompts_file": None, "format": None, "compression": None}
    options = {name: changes.pop(name) for name in ("n", "seed", "background", "num_partials") if name in changes}
    wanted = OutputOptions(**(output | {"as_json": False} | changes))
    return plan_orders(prompts, GenerateOptions(**options), wanted, find_snapshot=lambda _: "limner-0")


def feed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_pictures_of_all_prompts_are_numbered_through(tmp_path: Path):
    orders = plan(["a kite", "a boat"], tmp_path, n=2, seed=5)

    assert [[path.name for path in order.paths] for order in orders] == [["kite-1.png", "kite-2.png"], ["kite-3.png", "kite-4.png"]]
    assert [order.request.seed for order in orders] == [5, 5]


def test_partial_pictures_lie_beside_their_picture(tmp_path: Path):
    (order,) = plan(["a kite"], tmp_path, n=2)

    assert order.partial_path(1, 0) == tmp_path / "kite-2-partial-1.png"


def test_without_an_output_the_prompt_names_the_file():
    (order,) = plan(["A red kite, over the harbour!"], format="webp")

    assert order.paths == (Path("a-red-kite-over-the-harbour.webp"),)


def test_without_an_output_the_file_of_prompts_names_the_pictures():
    orders = plan(["a", "b"], prompts_file="list/animals.txt")

    assert [path.name for order in orders for path in order.paths] == ["animals-1.png", "animals-2.png"]


@pytest.mark.parametrize(("text", "name"), [("", "picture"), ("!!", "picture"), ("../../etc/passwd", "etc-passwd"), ("风筝", "风筝")])
def test_a_name_from_a_prompt_is_a_plain_file_name(text: str, name: str):
    assert name_from(text) == name


def test_a_name_from_a_long_prompt_ends_after_a_whole_word():
    name = name_from("harbour " * 4000)

    assert name == "harbour-harbour-harbour-harbour-harbour-harbour"


def test_jpeg_makes_an_auto_background_opaque(tmp_path: Path):
    (order,) = plan(["a sticker of a fox"], output=str(tmp_path / "fox.jpg"))

    assert order.request.background == "opaque"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n": 2}, "holds one picture and 2 were asked for"),
        ({"num_partials": 1}, "partial pictures are files"),
        ({"as_json": True}, "both want standard output"),
    ],
)
def test_standard_output_takes_one_picture_and_nothing_else(changes: dict[str, int], message: str):
    with pytest.raises(IncompatibleFields, match=message):
        plan(["a kite"], output="-", **changes)


def test_every_output_is_checked_before_anything_is_drawn(tmp_path: Path):
    (tmp_path / "kite-2.png").mkdir()

    with pytest.raises(UnwritableOutput, match=r"kite-2\.png.*it is a folder"):
        plan(["a kite"], tmp_path, n=2)


def test_prompts_come_from_the_lines_of_a_file(tmp_path: Path):
    file = tmp_path / "prompts.txt"
    file.write_text("a kite\n\n  a boat  \n", "utf-8")

    assert read_prompts([], str(file)) == ["a kite", "a boat"]


def test_one_prompt_comes_whole_from_standard_input(monkeypatch: pytest.MonkeyPatch):
    feed(monkeypatch, "ein roter Drachen\nüber dem Hafen\n".encode())

    assert read_prompts(["-"], None) == ["ein roter Drachen\nüber dem Hafen"]


def test_many_prompts_come_from_standard_input(monkeypatch: pytest.MonkeyPatch):
    feed(monkeypatch, b"a kite\na boat\n")

    assert read_prompts([], "-") == ["a kite", "a boat"]


def test_text_that_is_not_utf_8_is_refused(monkeypatch: pytest.MonkeyPatch):
    feed(monkeypatch, b"a k\xefte")

    with pytest.raises(InvalidPrompt, match="not UTF-8"):
        read_prompts(["-"], None)


def test_a_prompt_without_quotes_is_refused_with_the_quotes():
    with pytest.raises(InvalidPrompt, match=r"came in 3 parts; put one prompt in quotes \('a red kite'\)"):
        read_prompts(["a", "red", "kite"], None)


def test_no_prompt_two_sources_and_a_missing_file_are_refused(tmp_path: Path):
    empty = tmp_path / "empty.txt"
    empty.write_text("\n\n")

    with pytest.raises(InvalidPrompt, match="there is no prompt"):
        read_prompts([], None)
    with pytest.raises(InvalidPrompt, match="were both given"):
        read_prompts(["a kite"], "prompts.txt")
    with pytest.raises(InvalidPrompt, match=r"cannot read prompts from 'missing\.txt'"):
        read_prompts([], "missing.txt")
    with pytest.raises(InvalidPrompt, match="holds no prompt"):
        read_prompts([], str(empty))

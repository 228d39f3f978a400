"""Turns are kept whole, forgotten in order, and undone to the byte."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from limner.errors import DamagedFile, InvalidField, UnwritableOutput
from limner.media.history import FILES, FOLDER, MAX_TURNS, TURNS, History, Turn

KILLED = """
import os, shutil, sys
from hashlib import sha256
from pathlib import Path
from limner.media.history import History, Turn

before, after, root = (sha256(content).hexdigest() for content in ({before!r}, {after!r}, {root!r}))
turn = Turn(parent=before, output=after, pixels=after, root=root, instruction="x", seed=1, snapshot="s")

def record(history, left):
    def end_at_the_last(_, event, function):
        nonlocal left
        left -= event == "c_return" and function.__name__ in ("open", "write", "flush", "replace", "unlink", "mkdir")
        if left < 0:
            os._exit(9)

    sys.setprofile(end_at_the_last)
    history.record(turn, [{before!r}, {after!r}])
    os._exit(0)

codes = []
while not codes or codes[-1]:
    folder = Path({folder!r}) / str(len(codes))
    shutil.copytree({folder!r} + "/begun", folder)
    child = os.fork()
    if not child:
        record(History(folder), len(codes))
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    assert History(folder).before(before, 1) == {root!r}
    History(folder).record(turn, [{before!r}, {after!r}])
    assert History(folder).before(after, 2) == {root!r}
    assert not list(folder.rglob("*unfinished*"))
print(*codes)
"""


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def turn(before: bytes, after: bytes, root: str, pixels: bytes | None = None) -> Turn:
    exact = after if pixels is None else pixels
    return Turn(
        parent=digest(before),
        output=digest(after),
        pixels=digest(exact),
        root=root,
        instruction="make it \u2028 red",
        seed=7,
        snapshot="tiny-1",
    )


def keep(history: History, before: bytes, after: bytes, pixels: bytes | None = None) -> None:
    history.record(turn(before, after, history.root(digest(before)), pixels), [before, after, *([pixels] if pixels else [])])


def keep_all(history: History, contents: list[bytes]) -> None:
    for before, after in pairwise(contents):
        keep(history, before, after)


def versions(count: int) -> list[bytes]:
    return [f"version {number}".encode() for number in range(count)]


def test_every_turn_can_be_undone_to_the_byte(tmp_path: Path):
    contents = versions(4)

    keep_all(History(tmp_path), contents)

    history = History(tmp_path)
    assert [history.before(digest(contents[3]), count) for count in (1, 2, 3)] == contents[2::-1]
    assert [history.before(digest(contents[number + 1]), 1) for number in range(3)] == contents[:3]
    assert history.root(digest(contents[3])) == digest(contents[0])


def test_the_exact_pixels_of_a_lossy_file_are_found_by_the_file(tmp_path: Path):
    history = History(tmp_path)

    keep(history, b"photograph", b"lossy", pixels=b"lossless")

    assert history.exact(digest(b"lossy")) == b"lossless"
    assert history.exact(digest(b"photograph")) is None
    assert history.before(digest(b"lossy"), 1) == b"photograph"


def test_two_pictures_and_two_branches_of_one_do_not_mix(tmp_path: Path):
    history = History(tmp_path)
    keep_all(history, [b"cat", b"red cat", b"red cat with a hat"])
    keep_all(history, [b"dog", b"blue dog"])
    keep(history, b"red cat", b"red cat in the rain")

    assert history.before(digest(b"red cat with a hat"), 1) == history.before(digest(b"red cat in the rain"), 1) == b"red cat"
    assert history.before(digest(b"blue dog"), 1) == b"dog"


@pytest.mark.parametrize(
    ("content", "count", "message"),
    [
        (b"version 0", 1, "there is nothing to undo: the picture is as it was before its first turn"),
        (b"version 2", 3, "2 turns can be undone, and 3 were asked for; ask for fewer"),
        (b"version 1", 2, "1 turn can be undone, and 2 were asked for"),
        (b"a stranger", 1, "no turn in .* made this file .*; was it changed by something else"),
    ],
)
def test_what_cannot_be_undone_is_refused_with_the_reason(tmp_path: Path, content: bytes, count: int, message: str):
    keep_all(History(tmp_path), versions(3))

    with pytest.raises(InvalidField, match=message) as refusal:
        History(tmp_path).before(digest(content), count)

    assert refusal.value.param == "undo"


def test_the_oldest_turns_are_forgotten_but_never_the_first_file(tmp_path: Path):
    history, contents = History(tmp_path), versions(MAX_TURNS + 6)
    keep(history, b"another", b"other picture")

    keep_all(history, contents)

    last = digest(contents[-1])
    assert history.before(last, MAX_TURNS) == contents[5]
    assert history.before(last, MAX_TURNS + 1) == contents[0]
    with pytest.raises(InvalidField, match=f"{MAX_TURNS + 1} turns can be undone"):
        history.before(last, MAX_TURNS + 2)
    assert history.before(digest(b"other picture"), 1) == b"another"
    kept = {path.stem for path in (tmp_path / FOLDER / FILES).iterdir()}
    assert kept == {digest(content) for content in [contents[0], *contents[5:], b"another", b"other picture"]}


def test_an_edit_after_undoing_all_that_is_remembered_still_leads_to_the_first_file(tmp_path: Path):
    history, contents = History(tmp_path), versions(MAX_TURNS + 3)
    keep_all(history, contents)
    oldest = history.before(digest(contents[-1]), MAX_TURNS)

    keep(history, oldest, b"another way")

    assert oldest == contents[2]
    assert history.root(digest(oldest)) == digest(contents[0])
    assert history.before(digest(b"another way"), 1) == oldest
    assert history.before(digest(b"another way"), 2) == contents[0]


def test_exact_pixels_stay_as_long_as_a_turn_that_began_with_them(tmp_path: Path):
    history, contents = History(tmp_path), versions(MAX_TURNS + 4)
    for before, after in pairwise(contents):
        keep(history, before, after, pixels=b"exact " + after)

    kept = [history.exact(digest(content)) for content in contents]

    assert kept == [None, None, None, *(b"exact " + content for content in contents[3:])]
    assert history.before(digest(contents[-1]), MAX_TURNS) == contents[3]


def test_nothing_is_made_before_a_turn_is_kept(tmp_path: Path):
    history = History(tmp_path)

    history.check_writable()

    assert history.exact("0" * 64) is None
    assert history.root("0" * 64) == "0" * 64
    assert list(tmp_path.iterdir()) == []


def test_a_kill_at_any_moment_leaves_the_turns_before_it_whole_and_the_next_is_kept(tmp_path: Path):
    """A process is ended after its first, second ... touch of the disk, until one is through; after each the history goes on."""
    contents = versions(3)
    (tmp_path / "begun").mkdir()
    keep(History(tmp_path / "begun"), *contents[:2])
    script = KILLED.format(before=contents[1], after=contents[2], root=contents[0], folder=str(tmp_path))

    answer = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)

    assert answer.stderr == ""
    *killed, last = answer.stdout.split()
    assert last == "0"
    assert len(killed) >= 9
    assert set(killed) == {"9"}


def test_turns_that_are_kept_at_once_are_all_kept(tmp_path: Path):
    def edit(number: int) -> None:
        keep(History(tmp_path), f"picture {number}".encode(), f"edited {number}".encode())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(edit, range(24)))

    history = History(tmp_path)
    assert [history.before(digest(f"edited {number}".encode()), 1) for number in range(24)] == [
        f"picture {number}".encode() for number in range(24)
    ]


def test_what_is_damaged_is_refused_and_named(tmp_path: Path):
    history = History(tmp_path)
    keep_all(history, versions(2))
    (path,) = (path for path in (tmp_path / FOLDER / FILES).iterdir() if path.stem == digest(b"version 0"))

    path.write_bytes(b"something else")
    with pytest.raises(DamagedFile, match=r"is not what was kept; bring it back, or use --no-history"):
        history.before(digest(b"version 1"), 1)
    path.unlink()
    with pytest.raises(DamagedFile, match="is missing"):
        history.before(digest(b"version 1"), 1)
    with (tmp_path / FOLDER / TURNS).open("a") as file:
        file.write(json.dumps({"parent": 7}) + "\n")
    with pytest.raises(DamagedFile, match=r"turns\.jsonl' line 2 is no turn"):
        history.root("0" * 64)


@pytest.mark.parametrize("name", ["parent", "output", "pixels", "root"])
@pytest.mark.parametrize("value", ["../../../notes", "/etc/x", "*", [], "0" * 65, "0" * 64 + "\n"])
def test_a_turn_that_names_no_digest_is_refused_and_deletes_nothing(tmp_path: Path, name: str, value: object):
    history, prepared = History(tmp_path), vars(turn(b"before", b"after", digest(b"before"))) | {name: value}
    (tmp_path / FOLDER / FILES).mkdir(parents=True)
    (tmp_path / "notes.txt").write_text("dear diary")
    (tmp_path / FOLDER / TURNS).write_text(json.dumps(prepared) + "\n")

    for ask in (
        lambda: [keep(history, b"before", f"{number}".encode()) for number in range(MAX_TURNS)],
        lambda: history.exact(digest(b"after")),
        lambda: history.before(digest(b"after"), 1),
    ):
        with pytest.raises(DamagedFile, match=r"turns\.jsonl' line 1 is no turn; mend or delete it, or use --no-history"):
            ask()

    assert (tmp_path / "notes.txt").read_text() == "dear diary"


def test_a_line_that_nests_too_deep_is_refused(tmp_path: Path):
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / TURNS).write_text("[" * 100_000)

    with pytest.raises(DamagedFile, match="line 1 is no turn"):
        History(tmp_path).exact("0" * 64)


def test_a_folder_that_takes_no_history_is_refused_before_it_is_needed(tmp_path: Path):
    (tmp_path / ".limner").write_text("a file")

    with pytest.raises(UnwritableOutput, match=r"no history can be kept in .*; open its folder, or use --no-history"):
        History(tmp_path).check_writable()

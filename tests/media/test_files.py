"""Names of outputs, and refusals before any drawing."""

from pathlib import Path

import pytest

from limner.errors import IncompatibleFields, InvalidField, UnwritableOutput
from limner.media.files import check_writable, choose_format, numbered_paths, write_file


def test_one_picture_keeps_the_name_and_more_are_numbered():
    assert numbered_paths(Path("out/kite.png"), 1) == [Path("out/kite.png")]
    assert numbered_paths(Path("out/kite.png"), 3) == [Path("out/kite-1.png"), Path("out/kite-2.png"), Path("out/kite-3.png")]


@pytest.mark.parametrize(("name", "expected"), [("a.png", "png"), ("a.JPG", "jpeg"), ("a.jpeg", "jpeg"), ("a.webp", "webp")])
def test_the_ending_says_the_format(name: str, expected: str):
    assert choose_format(Path(name), None) == expected
    assert choose_format(Path(name), expected) == expected


def test_a_format_may_be_named_where_the_ending_says_none():
    assert choose_format(Path("picture"), "webp") == "webp"


def test_an_ending_that_says_nothing_is_refused():
    with pytest.raises(InvalidField, match=r"'kite\.gif' does not end in \.png, \.webp"):
        choose_format(Path("kite.gif"), None)


def test_an_ending_and_a_format_that_disagree_are_refused():
    with pytest.raises(IncompatibleFields, match=r"says png and the format says jpeg"):
        choose_format(Path("kite.png"), "jpeg")


def test_a_missing_folder_is_refused_with_its_name(tmp_path: Path):
    with pytest.raises(UnwritableOutput, match=r"there is no folder .*nowhere'; create it first"):
        check_writable(tmp_path / "nowhere" / "kite.png")


def test_a_folder_is_no_output(tmp_path: Path):
    with pytest.raises(UnwritableOutput, match="it is a folder"):
        check_writable(tmp_path)


def test_a_disk_that_refuses_is_reported_as_unwritable():
    with pytest.raises(UnwritableOutput, match="No space left on device"):
        write_file(Path("/dev/full"), b"picture")


def test_writing_replaces_what_was_there(tmp_path: Path):
    path = tmp_path / "kite.png"

    write_file(path, b"first, and longer")
    write_file(path, b"second")

    assert path.read_bytes() == b"second"


@pytest.mark.parametrize("name", ["x" * 300 + ".png", "a\0b.png"])
def test_a_name_that_no_system_takes_is_refused(tmp_path: Path, name: str):
    with pytest.raises(UnwritableOutput, match="choose another"):
        check_writable(tmp_path / name)


def test_a_write_that_fails_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "kite.png"
    write_file(path, b"first")

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(UnwritableOutput, match="No space left on device"):
        write_file(path, b"second")

    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_and_a_file_keeps_its_rights(tmp_path: Path):
    path, link = tmp_path / "kite.png", tmp_path / "link.png"
    path.write_bytes(b"first")
    path.chmod(0o640)
    link.symlink_to(path)

    write_file(link, b"second")

    assert link.is_symlink()
    assert path.read_bytes() == b"second"
    assert path.stat().st_mode & 0o777 == 0o640

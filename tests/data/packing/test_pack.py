"""Parts survive a round trip, are the same bytes every time, and say so when they are damaged."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from limner.data.packing import pack
from limner.data.packing.pack import Asset, FontFace, SetInfo
from limner.errors import DamagedFile

SETS = {"noto": SetInfo("Noto Emoji", "Google", "Apache-2.0", "https://example.com/noto")}
FACES = (
    FontFace("arvo", "slab", 400, "OFL-1.1", "Copyright 2010 Anton Koovit", b"regular"),
    FontFace("arvo", "slab", 700, "OFL-1.1", "Copyright 2010 Anton Koovit", b"bold"),
)


def make_asset(slug: str, *, body: bytes = b"<path d='M0 0h9v9z'/>", media: pack.Media = "svg") -> Asset:
    return Asset("noto", slug, slug.replace("-", " "), ("food", "crème"), "food-drink", "1f355", 128, 128.5, 0, -1, media, body)


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    path = tmp_path / "vectors-small.jsonl.xz"
    pack.write_vectors(path, name="small", sets=SETS, assets=[make_asset("pizza"), make_asset("a-taco")])
    return path


def test_a_vectors_part_gives_back_what_was_written_in_slug_order(vectors: Path) -> None:
    part = pack.read_part(vectors)

    assert part.assets == (make_asset("a-taco"), make_asset("pizza"))
    assert (part.header.kind, part.header.name, part.header.sets) == ("vectors", "small", SETS)
    assert part.digest.startswith("sha256:")


def test_a_raster_part_gives_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "raster-small.zip"
    assets = [make_asset("pizza", body=b"RIFF\x00\xff", media="webp")]

    pack.write_raster(path, name="small", sets=SETS, assets=assets)

    assert pack.read_part(path).assets == tuple(assets)


def test_fonts_give_back_their_faces(tmp_path: Path) -> None:
    path = tmp_path / "fonts.zip"

    pack.write_fonts(path, reversed(FACES), {"arvo": "the licence"})

    assert pack.read_fonts(path) == FACES


def test_words_give_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "words.json.xz"
    colours = {"Açaí": "#48295b"}

    pack.write_words(path, {"emoji": {}, "synonyms": {}, "colours": colours})

    assert pack.read_words(path)["colours"] == colours


@pytest.mark.parametrize("order", [1, -1])
def test_the_same_assets_give_the_same_bytes_in_any_order(tmp_path: Path, vectors: Path, order: int) -> None:
    again = tmp_path / "again.jsonl.xz"

    pack.write_vectors(again, name="small", sets=SETS, assets=[make_asset("pizza"), make_asset("a-taco")][::order])

    assert again.read_bytes() == vectors.read_bytes()


@pytest.mark.parametrize("keep", [0, 20, -1])
def test_a_part_that_was_cut_off_is_damaged(vectors: Path, keep: int) -> None:
    vectors.write_bytes(vectors.read_bytes()[:keep])

    with pytest.raises(DamagedFile, match="small"):
        pack.read_part(vectors)


def test_every_single_changed_byte_of_a_part_is_noticed(vectors: Path) -> None:
    whole = vectors.read_bytes()

    for position in range(0, len(whole), 7):
        vectors.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(DamagedFile):
            pack.read_part(vectors)


def test_a_changed_raster_part_is_noticed_by_the_manifest(tmp_path: Path) -> None:
    path = tmp_path / "raster-small.zip"
    pack.write_raster(path, name="small", sets=SETS, assets=[make_asset("pizza", body=b"body", media="webp")])
    pack.write_manifest(tmp_path, {path.name: "recipe"})

    pack.write_raster(path, name="small", sets=SETS, assets=[make_asset("pizza", body=b"other", media="webp")])

    with pytest.raises(DamagedFile, match="sha256"):
        pack.read_part(path)


@pytest.mark.parametrize("lines", [["{}"], ['{"format": "limner-part", "version": 2, "kind": "vectors"}'], ["[]"], ["not json"]])
def test_a_file_of_another_format_is_damaged(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "vectors-odd.jsonl.xz"
    path.write_bytes(lzma.compress("\n".join(lines).encode()))

    with pytest.raises(DamagedFile, match="odd"):
        pack.read_part(path)


def test_a_line_without_a_field_is_damaged(vectors: Path) -> None:
    header, line, _ = lzma.decompress(vectors.read_bytes()).decode().splitlines()
    fields = json.loads(line)
    del fields["concept"]
    vectors.write_bytes(lzma.compress(f"{header}\n{json.dumps(fields)}\n".encode()))

    with pytest.raises(DamagedFile):
        pack.read_part(vectors)


def test_a_missing_part_is_damaged_and_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="limner data build"):
        pack.read_part(tmp_path / "vectors-none.jsonl.xz")


def test_a_part_beyond_the_limit_is_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack, "MAX_PART_BYTES", 100)
    path = tmp_path / "vectors-big.jsonl.xz"

    with pytest.raises(ValueError, match="split"):
        pack.write_vectors(path, name="big", sets=SETS, assets=[make_asset("pizza")])

    assert not path.exists()

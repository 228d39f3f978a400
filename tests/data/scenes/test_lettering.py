"""The shelf of fonts: what may be drawn in training, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

from limner.data.heldout import read_heldout
from limner.data.packing.pack import FontFace, write_fonts
from limner.data.scenes.lettering import FontShelf


def test_only_fonts_that_can_be_read_and_are_not_held_out_are_chosen_from(tmp_path: Path):
    never = min(read_heldout().fonts)
    faces = [FontFace(family, "slab", 400, "OFL-1.1", "Somebody", b"woff2") for family in ("arvo", "redacted-script", never)]
    write_fonts(tmp_path / "fonts.zip", faces, {face.family: "licence" for face in faces})

    assert FontShelf(tmp_path / "fonts.zip").families == {"arvo": "slab serif"}


def test_without_a_fonts_part_there_is_the_plain_face():
    assert FontShelf(None).families == {"plain": "plain"}

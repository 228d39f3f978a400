"""The attribution names who made what, in tables that no odd character breaks."""

from __future__ import annotations

from limner.data.packing.attribution import format_attribution
from limner.data.packing.pack import FontFace, SetInfo
from limner.data.packing.packages import Package

SETS = {"b-set": SetInfo("B", "Beth | Bea", "MIT", ""), "a-set": SetInfo("A", "Ann", "CC-BY-4.0", "https://example.com")}
FACES = [
    FontFace("arvo", "slab", 700, "OFL-1.1", "Copyright 2010\n Anton", b""),
    FontFace("arvo", "slab", 400, "OFL-1.1", "Copyright 2010\n Anton", b""),
]


def format_small() -> str:
    package = Package("emojilib", "4.0.3", "sha512-", 1, "MIT")
    return format_attribution(SETS, [package], faces=FACES, notices={"Licence of words": "Keep this.  \n"})


def test_sets_are_listed_by_name_with_author_licence_and_source() -> None:
    text = format_small()

    assert text.index("| a-set | A | Ann | CC-BY-4.0 | https://example.com |") < text.index("| b-set | B | Beth / Bea | MIT |  |")


def test_a_family_is_listed_once_and_its_copyright_in_one_line() -> None:
    assert format_small().count("| arvo | Copyright 2010 Anton | OFL-1.1 |") == 1


def test_packages_and_full_notices_are_carried() -> None:
    text = format_small()

    assert "| emojilib | 4.0.3 | MIT | https://www.npmjs.com/package/emojilib |" in text
    assert "## Licence of words\n\n```\nKeep this.\n```" in text

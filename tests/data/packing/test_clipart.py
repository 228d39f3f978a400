"""Clip art gets the names that people gave it, without their own."""

from __future__ import annotations

import pytest

from limner.data.packing.clipart import is_clipart_file, plain_title, read_clipart, strip_artist

KNOWN = frozenset({"lizard", "hat", "winter", "wooden", "frog", "dead", "reptile", "cat", "apple"})
ROOT = "share/openclipart/svg/"


def drawing(
    title: str, *, keywords: tuple[str, ...] = (), licence: str = "http://web.resource.org/cc/PublicDomain", d: str = "M1 1h5v5z"
) -> bytes:
    items = "".join(f"<rdf:li>{word}</rdf:li>" for word in keywords)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:cc="http://web.resource.org/cc/" xmlns:dc="http://purl.org/dc/elements/1.1/" width="99" height="88"><metadata><rdf:RDF>
<cc:Work rdf:about=""><dc:title>{title}</dc:title><dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject>
<dc:creator><cc:Agent><dc:title>Benji Park</dc:title></cc:Agent></dc:creator><cc:license rdf:resource="{licence}"/></cc:Work>
</rdf:RDF></metadata><path d="{d}"/></svg>""".encode()


def concepts(**files: bytes) -> list[str]:
    return [asset.concept for asset in read_clipart({f"{ROOT}animals/{name}.svg": raw for name, raw in files.items()}, KNOWN)]


@pytest.mark.parametrize(
    ("stem", "expected"), [("az-lizard_benji_park_01", "az-lizard"), ("dead_frogs_benji_p_01", "dead_frogs"), ("winter_hat", "winter_hat")]
)
def test_numbers_and_cut_off_artists_leave_a_file_name(stem: str, expected: str) -> None:
    assert strip_artist(stem, ["Benji Park"]) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("AZ-lizard", "lizard"),
        ("A Wooden Hat 2", "wooden hat"),
        ("winterHat", "winter hat"),
        ("cappello", ""),
        ("hat of cat clipart", "hat of cat"),
    ],
)
def test_titles_become_plain_words_or_nothing(title: str, expected: str) -> None:
    assert plain_title(title, KNOWN) == expected


def test_the_title_names_a_drawing_else_its_file_else_its_keywords() -> None:
    named = concepts(
        a=drawing("Lizard"), dead_frog_benji_park_01=drawing("Various Cliparts", d="M2 1h5z"),
        gatto=drawing("Gatto", keywords=("animal", "cat"), d="M3 1h5z"), nulla=drawing("Nulla", d="M4 1h5z"),
    )  # fmt: skip

    assert named == ["lizard", "dead frog", "cat"]


def test_only_the_public_domain_is_kept_and_no_drawing_twice() -> None:
    gpl = drawing("Lizard", licence="http://web.resource.org/cc/GPL", d="M9 9h5z")

    assert concepts(a=gpl, b=drawing("Cat"), c=drawing("Hat")) == ["cat"]


def test_brands_and_what_nobody_should_learn_are_left_out() -> None:
    assert concepts(a=drawing("lizard", keywords=("naked",)), b=drawing("Facebook hat", d="M3 3h4z")) == []


@pytest.mark.parametrize("name", ["special/patterns/a.svg", "computer/icons/a/b.svg", "shapes/stars/a.svg", "animals/readme.txt"])
def test_themes_patterns_and_tables_are_no_clip_art(name: str) -> None:
    assert not is_clipart_file(ROOT + name)
    assert is_clipart_file(f"{ROOT}animals/a.svg")

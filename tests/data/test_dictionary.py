"""The words of a language are learnt from what emoji are called in it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from limner.data.colours import COLOURS
from limner.data.dictionary import COLOUR_TABLE, build_dictionary
from limner.data.heldout import held_out_synonyms
from limner.data.packing.packages import Catalogue, Package, read_catalogue
from limner.model.prompts.dictionary import LOCALES, english_too, read_list

EMOJI = {
    "🐕": "dog",
    "🐈": "cat",
    "🚗": "automobile",
    "🌧": "cloud with rain",
    "☔": "umbrella with rain drops",
    "🍽": "fork and knife with plate",
}
GERMAN = {
    "🐕": ("Hund", ["Tier"]), "🐈": ("Katze", ["Tier"]), "🚗": ("Auto", ["PKW | Wagen"]), "🌧": ("Regenwolke", ["Regen"]),
    "☔": ("Regenschirm im Regen", ["Regen"]), "🍽": ("Teller mit Messer und Gabel", ["Gift", "automobile"]),
}  # fmt: skip
ENGLISH = {"🐕": ("dog", ["pet"]), "🐈": ("cat", ["pet"]), "🌧": ("cloud with rain", ["rain"]), "☔": ("umbrella with rain drops", ["rain"])}
LEMMAS = ("dog", "pet", "cat", "rain", "gift", "cloud")


def publish(folder: Path, package: Package, files: Mapping[str, bytes]) -> Package:
    """Write a tarball in the place of a package, and return what pins it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    tarball = buffer.getvalue()
    (folder / package.file_name).write_bytes(tarball)
    digest = base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    return replace(package, integrity=f"sha512-{digest}", size_bytes=len(tarball))


def annotations(words: Mapping[str, tuple[str, list[str]]]) -> bytes:
    table = {emoji: {"tts": [name], "default": others} for emoji, (name, others) in words.items()}
    return json.dumps({"annotations": {"annotations": table}}).encode()


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Catalogue]:
    folder, real = tmp_path_factory.mktemp("packages"), read_catalogue()
    rows = [{"hexcode": f"{ord(emoji):X}", "emoji": emoji, "label": label, "group": 3} for emoji, label in EMOJI.items()]
    folders = {"no" if locale == "nb" else locale for locale in LOCALES} | {"zh-Hant"}
    cldr = {f"annotations/{name}/annotations.json": annotations({}) for name in folders}
    cldr |= {"annotations/de/annotations.json": annotations(GERMAN), "annotations/en/annotations.json": annotations(ENGLISH)}
    cldr["LICENSE"] = b"Unicode License V3"
    nouns = b"00000001 18 n 02 Ada_Lovelace 0 Lovelace 0 001 @i 00000002 n 0000 | a person\n00000002 18 n 01 person 0 000 | somebody\n"
    wordnet = {
        "dict/index.noun": "".join(f"{lemma} n 1 0 1 0 00000002\n" for lemma in LEMMAS).encode(),
        "dict/data.noun": nouns,
        "LICENSE": b"WordNet",
    }
    return folder, replace(
        real,
        emojibase=publish(folder, real.emojibase, {"en/data.json": json.dumps(rows).encode()}),
        cldr=publish(folder, real.cldr, cldr),
        wordnet=publish(folder, real.wordnet, wordnet),
        colours=publish(folder, real.colours, {COLOUR_TABLE: b"name,hex\nCrimson,#dc143c\nScarlet,#ff2400\nFuchsia,#ed0dd9\n"}),
    )


@pytest.fixture(scope="module")
def lists(catalogue: tuple[Path, Catalogue]) -> dict[str, list[str]]:
    with zipfile.ZipFile(io.BytesIO(build_dictionary(*catalogue))) as archive:
        return {name.removesuffix(".txt"): archive.read(name).decode().splitlines() for name in archive.namelist()}


def test_a_word_means_what_the_emoji_is_called_or_what_is_said_of_the_same_ones(lists: dict[str, list[str]]):
    german = dict(line.split("\t") for line in lists["de"])

    assert german["hund"] == "dog"
    assert german["auto"] == "car"  # not the synonym that training never says
    assert german["regen"] == "rain"
    assert german["tier"] == "pet"
    assert not [key for key in german if "|" in key or key in held_out_synonyms().values()]


def test_words_that_are_english_too_and_people_are_listed(lists: dict[str, list[str]]):
    assert "gift" in lists["english-too"]
    assert "hund" not in lists["english-too"]
    assert lists["people"] == ["ada lovelace"]


def test_rarer_colours_get_the_nearest_name_and_held_out_ones_none(lists: dict[str, list[str]]):
    colours = dict(line.split("\t") for line in lists["colour-names"])

    assert set(colours.values()) <= set(COLOURS)
    assert colours["fuchsia"] == "magenta"
    assert "scarlet" not in colours
    assert len(lists["palette"]) == len(COLOURS)


def test_the_licences_travel_with_the_words(lists: dict[str, list[str]]):
    assert lists["licence-of-cldr"] == ["Unicode License V3"]
    assert read_list("licence-of-cldr")
    assert read_list("licence-of-wordnet")


def test_the_same_packages_give_the_same_bytes(catalogue: tuple[Path, Catalogue]):
    assert build_dictionary(*catalogue) == build_dictionary(*catalogue)


def test_what_ships_knows_every_word_written_by_hand_that_is_english():
    assert {"die", "pain", "sale"} <= english_too()
    assert len(read_list("palette")) == len(COLOURS)

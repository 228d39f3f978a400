"""Drawings get the names that a person would use."""

from __future__ import annotations

import json

import pytest

from limner.data.packing import words

EMOJIBASE = [
    {"label": "pizza", "hexcode": "1F355", "emoji": "🍕", "tags": ["cheese", "slice", "g2g"], "group": 4},
    {"label": "artist", "hexcode": "1F9D1-200D-1F3A8", "emoji": "🧑‍🎨", "tags": ["painter"], "group": 1},
    {"label": "flag: Germany", "hexcode": "1F1E9-1F1EA", "emoji": "🇩🇪", "group": 9},
    {"label": "telephone", "hexcode": "260E", "emoji": "☎️", "group": 7},
]
GROUPS = {"groups": [{"order": 4, "key": "food-drink"}, {"order": 1, "key": "people-body"}, {"order": 9, "key": "flags"}]}


@pytest.fixture
def lexicon() -> words.Lexicon:
    return words.read_lexicon(
        json.dumps(EMOJIBASE).encode(),
        json.dumps(GROUPS).encode(),
        emojilib=json.dumps({"🍕": ["pizza", "italy", "food_court", ":P"]}).encode(),
        cldr=json.dumps({"annotations": {"annotations": {"🍕": {"default": ["slice", "Neapolitan"]}}}}).encode(),
    )


def test_keywords_of_all_sources_are_joined_without_the_label_and_without_slang(lexicon: words.Lexicon) -> None:
    assert lexicon.emoji["1f355"].keywords == ("cheese", "slice", "italy", "food court", "neapolitan")


def test_the_group_of_an_emoji_is_its_category(lexicon: words.Lexicon) -> None:
    assert (lexicon.emoji["1f355"].group, lexicon.emoji["260e"].group) == ("food-drink", "component")


@pytest.mark.parametrize("name", ["telephone", "black-telephone", "blacktelephone", "Black Telephone"])
def test_an_emoji_is_found_by_label_and_by_unicode_name_in_any_spelling(lexicon: words.Lexicon, name: str) -> None:
    assert lexicon.find_code(name) == "260e"


def test_names_of_a_set_extend_the_lexicon_and_do_not_override_it(lexicon: words.Lexicon) -> None:
    extended = lexicon.with_names({"slice-of-pizza": "1f355", "pizza": "260e"})

    assert (extended.find_code("slice of pizza"), extended.find_code("pizza")) == ("1f355", "1f355")


def test_terms_shared_by_very_many_emoji_are_dropped() -> None:
    rows = [
        {"label": f"thing {n}", "hexcode": f"{0x1F300 + n:X}", "emoji": chr(0x1F300 + n), "tags": ["face", f"own {chr(97 + n % 26)}"]}
        for n in range(70)
    ]

    lexicon = words.read_lexicon(
        json.dumps(rows).encode(), json.dumps({"groups": []}).encode(), emojilib=b"{}", cldr=b'{"annotations": {"annotations": {}}}'
    )

    assert lexicon.emoji["1f300"].keywords == ("own a",)


@pytest.mark.parametrize(
    ("label", "plain"),
    [
        ("flag: Chad", "flag of Chad"),
        ("man: curly hair", "man with curly hair"),
        ("woman: bald", "bald woman"),
        ("keycap: 1", "keycap 1"),
        ("Japanese “here” button", "Japanese here button"),
        ("A button (blood type)", "A button blood type"),
        ("family: man, woman, boy", "family of man, woman and boy"),
        ("one o’clock", "one o'clock"),
    ],
)
def test_labels_become_words_that_a_person_would_type(label: str, plain: str) -> None:
    assert words.clean_label(label) == plain


@pytest.mark.parametrize(
    ("slug", "plain"),
    [
        ("user-single-2-flat", "user single"),
        ("bedside-two", "bedside"),
        ("alert-48", "alert"),
        ("right-down2", "right down"),
        ("file-mp3", "file mp3"),
        ("one-third-rotation", "one third rotation"),
        ("flat", "flat"),
        ("h3", "h3"),
    ],
)
def test_slugs_lose_numbers_and_theme_endings(slug: str, plain: str) -> None:
    assert words.clean_slug(slug, {"flat"}) == plain


def test_joined_words_are_split_into_the_fewest_known_words() -> None:
    vocabulary = {"white", "sun", "small", "cloud", "sunsmall"}

    assert words.split_joined("whitesunsmallcloud", vocabulary) == "white sunsmall cloud"
    assert words.split_joined("whitexcloud", vocabulary) == ""


def test_skin_tones_are_told_from_the_bare_tone_and_from_plain_people() -> None:
    assert words.has_skin_tone(words.normalize_code("1F44B-1F3FB"))
    assert words.has_skin_tone(words.normalize_code("1F9D1-1F3FD-200D-1F3A8"))
    assert not words.has_skin_tone("1f3fb")
    assert not words.has_skin_tone(words.normalize_code("1F9D1-200D-1F3A8"))


def test_synonyms_and_hypernyms_come_from_the_first_sense() -> None:
    vehicle = b"00000000 06 n 01 vehicle 0 000 | carries\n"
    car = b"%08d 06 n 03 car 0 auto 0 motor_car 0 001 @ 00000000 n 0000 | drives\n" % len(vehicle)
    index = b"  1 licence\ncar n 2 1 @ 2 1 %08d 00000000\n" % len(vehicle)

    found = words.read_synonyms(index, vehicle + car, ["car", "Car", "spoon"])

    assert found["car"] == {"synonyms": ["auto", "motor car"], "hypernyms": ["vehicle"]}
    assert "spoon" not in found


def test_colours_keep_plain_names_only() -> None:
    table = "name,hex\n100 Mph,#c93f38\nAcai,#48295b\nÀ l’Orange,#f2850d\n".encode()

    assert words.read_colours(table) == {"Acai": "#48295b"}

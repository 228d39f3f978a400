"""Prompts in other languages are said in English; English ones come back as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.data.heldout import held_out_synonyms
from limner.model.prompts.dictionary import LOCALES, english_too, fold, read_language
from limner.model.prompts.languages import find_languages
from limner.model.prompts.translate import translate

INNOCENT = Path(__file__).parents[3] / "benchmarks" / "innocent_prompts.txt"


@pytest.mark.parametrize(
    ("locale", "prompt", "english"),
    [
        ("de", "ein roter Hund links von einer blauen Katze", "a red dog to the left of a blue cat"),
        ("de", "Drei gelbe Enten auf weißem Hintergrund", "three yellow ducks on a white background"),
        ("fr", "deux oiseaux bleus à droite d'un arbre", "two blue birds to the right of a tree"),
        ("es", "un perro rojo a la izquierda de un gato azul", "a red dog to the left of a blue cat"),
        ("it", "un cane marrone sotto un ombrello rosso", "a brown dog below a red umbrella"),
        ("pt", "um cachorro vermelho à esquerda de um gato azul", "a red dog to the left of a blue cat"),
        ("nl", "twee gele eenden op een witte achtergrond", "two yellow ducks on a white background"),
        ("sv", "en röd hund till vänster om en blå katt", "a red dog to the left of a blue cat"),
        ("da", "en rød hund til venstre for en blå kat", "a red dog to the left of a blue cat"),
        ("nb", "et rødt eple ved siden av en hvit katt", "a red apple next to a white cat"),
        ("pl", "czerwony pies na lewo od niebieskiego kota", "red dog to the left of blue cat"),
        ("cs", "červený pes vedle modré kočky", "red dog next to blue cat"),
        ("fi", "punainen koira ja sininen kissa", "red dog and blue cat"),
        ("hu", "egy piros alma és egy fekete macska", "a red apple and a black cat"),
        ("ro", "un câine roșu lângă o pisică albastră", "a red dog next to a blue cat"),
        ("tr", "mavi kedinin solunda siyah köpek", "black dog to the left of blue cat"),
        ("id", "seekor anjing merah di sebelah kiri kucing biru", "a red dog to the left of blue cat"),
        ("vi", "con mèo đen trên bàn", "black cat on table"),
        ("ru", "красная собака слева от синей кошки", "red dog to the left of blue cat"),
        ("uk", "червоний собака ліворуч від синьої кішки", "red dog to the left of blue cat"),
        ("el", "ένα κόκκινο σκυλί δίπλα στη γάτα", "a red dog next to cat"),
        ("ja", "青い猫の左に赤い犬", "red dog to the left of blue cat"),
        ("ja", "赤い犬が青い猫の左にいる", "red dog to the left of blue cat"),
        ("ko", "파란 고양이 왼쪽에 있는 빨간 개", "red dog to the left of blue cat"),
        ("ko", "테이블 위의 사과 세 개", "three apples on table"),
        ("zh", "红色的狗在蓝色的猫的左边", "red dog to the left of blue cat"),
        ("zh", "桌子上的一只貓", "a cat on table"),
        ("th", "แมวสีดำบนโต๊ะ", "black cat on table"),
        ("hi", "लाल कुत्ता और नीली बिल्ली", "red dog and blue cat"),
        ("ar", "كلب أحمر على يسار قطة زرقاء", "red dog to the left of blue cat"),
        ("he", "כלב אדום ליד חתול כחול", "red dog next to blue cat"),
    ],
)
def test_a_prompt_in_another_language_is_said_in_english(locale: str, prompt: str, english: str):
    assert find_languages(prompt) == [locale]
    assert translate(prompt) == english
    assert translate(english) == english


@pytest.mark.parametrize(
    "prompt",
    [
        *INNOCENT.read_text("utf-8").splitlines(),
        "Gift",
        "a gift",
        "die hard",
        "pain",
        "a rosé wine for sale",
        "a Hund on the beach",
        "piñata",
    ],
)
def test_an_english_prompt_is_not_changed_by_a_byte(prompt: str):
    assert translate(prompt) == prompt


def test_one_word_alone_is_understood_if_it_is_not_english():
    assert [translate(word) for word in ("perro", "Schmetterling", "бабочка", "蝴蝶")] == ["dog", "butterfly", "butterfly", "butterfly"]


def test_quotations_unknown_words_and_code_stay():
    assert translate('ein Plakat mit der Aufschrift "Guten Morgen"') == 'a poster that says "Guten Morgen"'
    assert translate("ein roter Zwackelmann neben einem Haus") == "a red Zwackelmann next to a house"
    assert translate('{"subject": "ein roter Hund"}') == '{"subject": "ein roter Hund"}'


def test_sentences_of_two_languages_stand_side_by_side():
    assert translate("A red car on a road. 桌子上的猫") == "A red car on a road. cat on table"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_knows_things_colours_and_numbers(locale: str):
    meanings = set(read_language(locale).words.values())

    assert {"dog", "cat", "house", "tree", "car", "red", "blue", "two", "three"} <= meanings
    assert len(meanings) > 1500


@pytest.mark.parametrize("locale", LOCALES)
def test_no_table_maps_a_held_out_synonym(locale: str):
    synonyms = set(held_out_synonyms().values())

    assert synonyms.isdisjoint(read_language(locale).words)


def test_words_that_are_english_too_prove_nothing():
    assert {"die", "pain", "sale", "son"} <= english_too()
    assert fold("Café’s  ÉTÉ") == "café' s été"

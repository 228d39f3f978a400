"""Words of other languages -> what captions call the same thing in English, learnt from how emoji are named in each language."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from PIL import ImageColor

from limner.data.colours import COLOURS, name_colour
from limner.data.heldout import has_held_out_synonym, replace_held_out_synonyms
from limner.data.naming import plain_names
from limner.data.packing.fetch import read_members
from limner.data.packing.packages import Catalogue
from limner.data.packing.words import clean_label, has_skin_tone, normalize_code, normalize_emoji, read_colours
from limner.model.prompts.colours import COLOUR_NAMES, PALETTE
from limner.model.prompts.dictionary import ENGLISH_TOO, LATIN_LOCALES, LOCALES, PEOPLE, fold, read_phrases

CLDR_FOLDERS = {"nb": ("no",), "zh": ("zh", "zh-Hant")}
MAX_KEY_WORDS, MAX_KEY_LETTERS = 4, 30
MIN_OVERLAP = 0.3
LATIN = re.compile(r"[a-zA-Z]")
NOT_A_NAME = re.compile(r"[|:;#*“”\"(){}\[\]<>=/\\0-9_!?]")
PLAIN_NAME = re.compile(r"[a-z][a-z' -]{1,28}")
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
PERSON_FILE = "18"  # the file of WordNet that holds nouns for people

WORDNET_FILES = {"dict/data.noun", "LICENSE"}
COLOUR_TABLE = "dist/colornames.csv"
SPELLINGS = {"gray": "grey", "light gray": "light grey", "dark gray": "dark grey", "navy": "navy blue"}
RARE_COLOURS = resources.files("limner.data").joinpath("rare_colours.txt").read_text(encoding="utf-8").splitlines()
DRAWN_PEOPLE = {"grim reaper", "father time", "robin hood", "uncle sam", "king arthur", "saint george", "saint nicholas", "peter pan"}

Codes = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class _Sources:
    """What is read of the packages: our names of emoji by code, CLDR's files by folder, WordNet's files by name, the table of colours."""

    names: Mapping[str, str]
    cldr: Mapping[str, bytes]
    wordnet: Mapping[str, bytes]
    colours: bytes
    licences: Mapping[str, Sequence[str]]


def build_dictionary(packages_dir: Path, catalogue: Catalogue) -> bytes:
    """Return the file that ships as `limner/model/prompts/dictionary.zip`: one list of words for each language, the words that are
    English too, names of famous people and of colours, and the licences of what they were taken from.

    Raises:
        DamagedFile: a package is missing or changed.
    """
    sources = _read_sources(packages_dir, catalogue)
    english, lemmas = _terms([sources.cldr["en"]]), _lemmas(sources.wordnet)
    concepts = _english_concepts(english, sources.names, lemmas)
    entries = {locale: _locale_words(_locale_terms(locale, sources), sources.names, concepts, locale) for locale in LOCALES}
    said = {fold(term) for _, terms in english.values() for term in terms}
    known = lemmas | said
    people = set(_people(sources.wordnet["dict/data.noun"])) - said - set(map(fold, sources.names.values())) - DRAWN_PEOPLE
    palette, colours = _colours(sources.colours)
    lists: dict[str, Sequence[str]] = {
        ENGLISH_TOO: sorted(form for form in _latin_forms(entries) if _is_english(form, known)),
        PEOPLE: sorted(people),
        PALETTE: palette,
        COLOUR_NAMES: colours,
    }
    words = {locale: [f"{key}\t{name}" for key, name in sorted(found.items())] for locale, found in entries.items()}
    return _pack(words | lists | dict(sources.licences))


def _read_sources(packages_dir: Path, catalogue: Catalogue) -> _Sources:
    rows = json.loads(read_members(packages_dir, catalogue.emojibase, {"en/data.json"}.__contains__)["en/data.json"])
    names = {normalize_code(row["hexcode"]): _usual_name(clean_label(row["label"])) for row in rows if "group" in row}
    wanted = {folder: f"annotations/{folder}/annotations.json" for locale in (*LOCALES, "en") for folder in _folders(locale)}
    cldr = read_members(packages_dir, catalogue.cldr, {*wanted.values(), "LICENSE"}.__contains__)
    wordnet = read_members(packages_dir, catalogue.wordnet, lambda name: name.startswith("dict/index.") or name in WORDNET_FILES)
    colours = read_members(packages_dir, catalogue.colours, {COLOUR_TABLE}.__contains__)
    return _Sources(
        names={code: name for code, name in names.items() if not has_skin_tone(code)},
        cldr={folder: cldr[path] for folder, path in wanted.items()},
        wordnet=wordnet,
        colours=colours[COLOUR_TABLE],
        licences={f"licence-of-{name}": files["LICENSE"].decode().splitlines() for name, files in (("cldr", cldr), ("wordnet", wordnet))},
    )


def _folders(locale: str) -> Sequence[str]:
    return CLDR_FOLDERS.get(locale, (locale,))


def _locale_terms(locale: str, sources: _Sources) -> dict[str, tuple[str, list[str]]]:
    return _terms(sources.cldr[folder] for folder in _folders(locale))


def _latin_forms(entries: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Return every word and phrase in Latin letters, and the words of the phrases."""
    forms = {form for locale in LATIN_LOCALES for form in (*entries[locale], *read_phrases(locale)[0])}
    return forms | {word for form in forms for word in form.split()}


def _usual_name(label: str) -> str:
    """Return the label where captions use it, else the first of the names that they use."""
    names = plain_names(label)
    return label if label in names else names[0]


def _terms(files: Iterable[bytes]) -> dict[str, tuple[str, list[str]]]:
    """Return emoji code -> (its name, all its words) of one language."""
    found: dict[str, tuple[str, list[str]]] = {}
    for content in files:
        for emoji, entry in json.loads(content)["annotations"]["annotations"].items():
            name = (entry.get("tts") or [""])[0]
            code = normalize_emoji(emoji)
            before = found.get(code, (name, []))
            found[code] = (before[0], [*before[1], name, *entry.get("default", [])])
    return found


def _english_concepts(english: Mapping[str, tuple[str, list[str]]], names: Mapping[str, str], lemmas: set[str]) -> Codes:
    """Return each English word with the emoji that it is said of; what emoji are called comes first."""
    said = defaultdict(set)
    for code, name in names.items():
        said[name].add(code)
        for term in english.get(code, ("", []))[1]:
            plain = replace_held_out_synonyms(term.lower())
            if PLAIN_NAME.fullmatch(plain) and plain in lemmas:
                said[plain].add(code)
    return {term: frozenset(codes) for term, codes in said.items()}


def _locale_words(terms: Mapping[str, tuple[str, list[str]]], names: Mapping[str, str], concepts: Codes, locale: str) -> dict[str, str]:
    """Return folded word -> English of one language: what an emoji is called means its name, another word what overlaps with it most."""
    is_latin = locale in LATIN_LOCALES
    said: dict[str, set[str]] = defaultdict(set)
    words: dict[str, str] = {}
    by_code: dict[str, list[str]] = defaultdict(list)
    for concept, codes in concepts.items():
        for code in codes:
            by_code[code].append(concept)
    for code, name in names.items():
        called, others = terms.get(code, ("", []))
        for term in others:
            for key in _keys(term, is_latin=is_latin):
                said[key].add(code)
        for key in _keys(called, is_latin=is_latin):
            words.setdefault(key, name)
    for key, found in said.items():
        if key not in words and (best := _best_concept(found, by_code, concepts, names)):
            words[key] = best
    return {key: name for key, name in words.items() if key != fold(name)}


def _best_concept(codes: Collection[str], by_code: Mapping[str, list[str]], concepts: Codes, names: Mapping[str, str]) -> str:
    """Return the English word said of nearly the same emoji, or "" where none is."""
    if len(codes) == 1:
        return names[next(iter(codes))]
    shared = Counter(concept for code in codes for concept in by_code[code])
    scored = ((count / (len(codes) + len(concepts[concept]) - count), concept) for concept, count in shared.items())
    score, best = max(scored, key=lambda pair: (pair[0], -len(pair[1].split()), -len(pair[1]), pair[1]), default=(0.0, ""))
    return best if score >= MIN_OVERLAP else ""


def _keys(term: str, *, is_latin: bool) -> Iterator[str]:
    key = fold(term)
    if not key or len(key) > MAX_KEY_LETTERS or len(key.split()) > MAX_KEY_WORDS or NOT_A_NAME.search(key):
        return
    if (bool(LATIN.search(key)) == is_latin) and (len(key) > 1 or not is_latin) and not has_held_out_synonym(key):
        yield key


def _colours(table: bytes) -> tuple[list[str], list[str]]:
    """Return the palette of captions, and the rarer names that mean a colour and nothing else, each with the nearest of the palette."""
    codes = {name.lower(): code for name, code in read_colours(table).items()}
    names = {name: name_colour(ImageColor.getrgb(codes[name])[:3]) for name in RARE_COLOURS if name in codes}
    rows = [f"{name}\t{nearest}" for name, nearest in sorted((names | SPELLINGS).items()) if not has_held_out_synonym(name)]
    return [f"{name}\t{bytes(rgb).hex()}" for name, rgb in COLOURS.items()], rows


def _lemmas(wordnet: Mapping[str, bytes]) -> set[str]:
    lines = (line for name, content in wordnet.items() if "index." in name for line in content.decode().splitlines())
    return {line.split(" ", 1)[0].replace("_", " ") for line in lines if not line.startswith(" ")}


def _is_english(key: str, lemmas: set[str]) -> bool:
    """Say whether an English reader could take it for English, in the singular or the plural."""
    stems = [key, *(key.removesuffix(ending) for ending in ("s", "es", "ed", "ing", "er"))]
    return any(stem in lemmas for stem in stems)


def _people(nouns: bytes) -> Iterator[str]:
    """Yield folded full names of people that lived or were told of; a single name could mean anything."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for line in nouns.decode().splitlines():
        fields = line.split(" | ")[0].split()
        if line.startswith(" ") or len(fields) < 5:
            continue
        is_person = fields[1] == PERSON_FILE and "@i" in fields
        for word in _synset_words(fields):
            kinds[fold(word.replace("_", " "))].add("person" if is_person and word[:1].isupper() else "other")
    for name, found in kinds.items():
        if found == {"person"} and len(name) > 4 and " " in name:
            yield name


def _synset_words(fields: Sequence[str]) -> Sequence[str]:
    return fields[4 : 4 + 2 * int(fields[3], 16) : 2]


def _pack(lists: Mapping[str, Sequence[str]]) -> bytes:
    """Pack lists of lines so that the same lists give the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, lines in lists.items():
            info = zipfile.ZipInfo(f"{name}.txt", FIRST_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, "\n".join(lines), compresslevel=9)
    return content.getvalue()

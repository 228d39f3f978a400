"""What drawings are called: labels and keywords of emoji, names made from file slugs, synonyms, colour names."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

SHARED_BY_TOO_MANY = 60
MAX_KEYWORDS = 12
MIN_JOINED_LETTERS = 3
PLAIN_TERM = re.compile(r"[a-z][a-z' -]{1,23}")
IGNORED_CODE_POINTS = {"fe0f", "200d"}
SKIN_TONES = {"1f3fb", "1f3fc", "1f3fd", "1f3fe", "1f3ff"}
COUNTERS = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
THEME_WORDS = {"outline", "filled", "fill", "bold", "duo", "flat", "duotone", "colors", "alt", "new", "streamline"}


@dataclass(frozen=True, slots=True)
class EmojiWords:
    """The words of one emoji: its label ("slice of pizza"), its group ("food-drink"), and related terms."""

    label: str
    group: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words by emoji code, and emoji codes by name. Keys of `codes` are names folded by `fold_name`; `vocabulary` is every single word."""

    emoji: Mapping[str, EmojiWords]
    codes: Mapping[str, str]
    vocabulary: frozenset[str]

    def find_code(self, name: str) -> str:
        """Return the emoji code that `name` (a slug or a label) stands for, or ""."""
        return self.codes.get(fold_name(name), "")

    def with_names(self, names: Mapping[str, str]) -> Lexicon:
        """Return a lexicon that also knows these names (a slug or label -> emoji code); its own names win."""
        return replace(self, codes={fold_name(name): code for name, code in names.items()} | dict(self.codes))


def normalize_code(hexcode: str) -> str:
    """Return a hexcode in lower case, without variation selectors and joiners."""
    return "-".join(point for point in hexcode.lower().split("-") if point not in IGNORED_CODE_POINTS)


def has_skin_tone(code: str) -> bool:
    """Say whether a normalized code is a skin-tone variant of another emoji."""
    points = code.split("-")
    return len(points) > 1 and not SKIN_TONES.isdisjoint(points)


def fold_name(name: str) -> str:
    """Return the letters and digits of a name, so that "Black Telephone", "black-telephone" and "blacktelephone" are one."""
    plain = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in plain if letter.isalnum())


def read_lexicon(emojibase: bytes, messages: bytes, *, emojilib: bytes, cldr: bytes) -> Lexicon:
    """Join emojibase's `data.json` and `messages.json` with emojilib's and CLDR's keyword files."""
    rows = json.loads(emojibase)
    groups = {group["order"]: group["key"] for group in json.loads(messages)["groups"]}
    libraries = [_emojilib_terms(emojilib), _cldr_terms(cldr)]
    terms = {normalize_code(row["hexcode"]): _join_terms(row, libraries) for row in rows}
    shared = {term for term, count in Counter(t for found in terms.values() for t in found).items() if count > SHARED_BY_TOO_MANY}
    emoji: dict[str, EmojiWords] = {}
    for row in rows:
        code = normalize_code(row["hexcode"])
        label = clean_label(row["label"])
        keywords = [term for term in terms[code] if term not in shared and term != label.lower()]
        emoji[code] = EmojiWords(label, groups.get(row.get("group", -1), "component"), tuple(keywords[:MAX_KEYWORDS]))
    return Lexicon(emoji, _codes_by_name(rows), _vocabulary(rows, terms))


def clean_label(label: str) -> str:
    """Turn a Unicode label into words that a person would type: "flag: Chad" into "flag of Chad", no quotes or brackets."""
    plain = re.sub(r"[“”\"()]", "", label).replace("’", "'")
    head, colon, rest = plain.partition(": ")
    if not colon or head == "keycap":
        return plain.replace(": ", " ")
    if rest.endswith(("hair", "beard")):
        return f"{head} with {rest}"
    if rest == "bald":
        return f"bald {head}"
    listed = " and ".join(rest.rsplit(", ", 1))
    return f"{head} of {listed}" if head in {"flag", "family"} else f"{head}, {listed}"


def clean_slug(slug: str, endings: Iterable[str] = ()) -> str:
    """Turn a file slug into words: "user-single-2-flat" into "user single". `endings` are theme endings of its set."""
    words = [word for word in re.split(r"[-_]+", slug.lower()) if word]
    dropped = THEME_WORDS | COUNTERS | set(endings)
    while len(words) > 1 and (words[-1] in dropped or words[-1].isdigit()):
        words.pop()
    return " ".join(re.sub(r"(?<=[a-z]{3})\d+$", "", word) for word in words)


def split_joined(name: str, vocabulary: Collection[str]) -> str:
    """Split a name without separators into the fewest known words ("whitesunsmallcloud"); "" where it cannot be done."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(name) + 1):
        splits = [[*head, name[start:end]] for start, head in enumerate(best) if head is not None and name[start:end] in vocabulary]
        best.append(min(splits, key=len, default=None))
    return " ".join(best[-1] or [])


def read_known_words(*indexes: bytes) -> frozenset[str]:
    """Return every single word of WordNet's index files."""
    return frozenset(word for index in indexes for word in _first_words(index) if "_" not in word)


def read_synonyms(index: bytes, data: bytes, phrases: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """Look up nouns in WordNet's `index.noun` and `data.noun`.

    Returns phrase -> {"synonyms": [...], "hypernyms": [...]}, both of the first sense; phrases without a sense are left out.
    """
    senses = _first_senses(index)
    found: dict[str, dict[str, list[str]]] = {}
    for phrase in sorted(set(phrases)):
        offset = senses.get(phrase.lower().replace(" ", "_"))
        if offset is None:
            continue
        words, parents = _read_synset(data, offset)
        hypernyms = [word for parent in parents for word in _read_synset(data, parent)[0]]
        entry = {"synonyms": _other_words(words, phrase), "hypernyms": _other_words(hypernyms[:2], phrase)}
        if any(entry.values()):
            found[phrase] = entry
    return found


def read_colours(table: bytes) -> dict[str, str]:
    """Return colour name -> "#rrggbb" from the `name,hex` table of color-name-list."""
    rows = csv.DictReader(io.StringIO(table.decode()))
    return {row["name"]: row["hex"] for row in rows if PLAIN_TERM.fullmatch(row["name"].lower())}


def _join_terms(row: Mapping[str, object], libraries: Sequence[Mapping[str, list[str]]]) -> list[str]:
    tags = row.get("tags", [])
    terms: list[str] = list(tags) if isinstance(tags, list) else []
    for library in libraries:
        terms += library.get(normalize_emoji(str(row["emoji"])), [])
    plain = (term.lower().replace("_", " ").replace("-", " ").strip() for term in terms)
    return list(dict.fromkeys(term for term in plain if PLAIN_TERM.fullmatch(term)))


def normalize_emoji(text: str) -> str:
    """Return the normalized code of an emoji given as text."""
    return normalize_code("-".join(f"{ord(letter):04x}" for letter in text))


def _emojilib_terms(raw: bytes) -> dict[str, list[str]]:
    return {normalize_emoji(emoji): terms for emoji, terms in json.loads(raw).items()}


def _cldr_terms(raw: bytes) -> dict[str, list[str]]:
    table = json.loads(raw)["annotations"]["annotations"]
    return {normalize_emoji(emoji): entry.get("default", []) for emoji, entry in table.items()}


def _codes_by_name(rows: Sequence[Mapping[str, object]]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for row in rows:
        code = normalize_code(str(row["hexcode"]))
        codes[fold_name(str(row["label"]))] = code
        codes[fold_name(clean_label(str(row["label"])))] = code
    for row in rows:
        code = normalize_code(str(row["hexcode"]))
        if "-" not in code:
            codes.setdefault(fold_name(unicodedata.name(chr(int(code, 16)), code)), code)
    return codes


def _vocabulary(rows: Sequence[Mapping[str, object]], terms: Mapping[str, list[str]]) -> frozenset[str]:
    names = [str(row["label"]) for row in rows]
    names += [unicodedata.name(letter, "") for row in rows for letter in str(row["emoji"])]
    names += [term for found in terms.values() for term in found]
    words = {word for name in names for word in re.findall(r"[a-z]+", name.lower())}
    return frozenset(word for word in words if len(word) >= MIN_JOINED_LETTERS)


def _first_words(index: bytes) -> Iterator[str]:
    return (line.split(" ", 1)[0] for line in index.decode().splitlines() if not line.startswith(" "))


def _first_senses(index: bytes) -> dict[str, int]:
    senses: dict[str, int] = {}
    for line in index.decode().splitlines():
        if not line.startswith(" "):
            fields = line.split()
            senses[fields[0]] = int(fields[-int(fields[2])])
    return senses


def _read_synset(data: bytes, offset: int) -> tuple[list[str], list[int]]:
    fields = data[offset : data.index(b"\n", offset)].decode().split(" | ")[0].split()
    num_words = int(fields[3], 16)
    words = [word.replace("_", " ") for word in fields[4 : 4 + 2 * num_words : 2]]
    pointers = fields[5 + 2 * num_words :]
    parents = [int(pointers[i + 1]) for i in range(0, len(pointers) - 3, 4) if pointers[i] in {"@", "@i"}]
    return words, parents


def _other_words(words: Iterable[str], phrase: str) -> list[str]:
    others = (word for word in words if word.lower() != phrase.lower() and PLAIN_TERM.fullmatch(word.lower()))
    return list(dict.fromkeys(others))

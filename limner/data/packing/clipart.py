"""Open Clip Art to assets: which of its files, and what each is called by its title, its keywords and its name."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Mapping, Sequence

from limner.data.packing.icons import is_brand, is_unwanted
from limner.data.packing.pack import Asset, SetInfo
from limner.data.packing.svg import read_svg
from limner.data.packing.words import MAX_KEYWORDS, PLAIN_TERM, fold_name

CLIPART_SET = "openclipart"
CLIPART_INFO = SetInfo(
    "Open Clip Art Library 0.18", "the contributors of openclipart.org", "CC0-1.0", "https://packages.debian.org/openclipart-svg"
)
ROOT = "share/openclipart/svg/"
SKIPPED_FOLDERS = (
    "shapes/stars", "shapes/flowchart", "special/", "computer/icons", "signs_and_symbols/flags", "signs_and_symbols/led", "shapes/jigsaw",
    "recreation/games/cards", "geography",
)  # fmt: skip
MAX_BODY_BYTES = 150_000
MAX_FILE_BYTES = 400_000
MAX_NAME_WORDS = 5
PUBLIC_DOMAIN = re.compile(rb"licenses?/publicdomain|cc/PublicDomain", re.IGNORECASE)
TITLE = re.compile(rb"<dc:title[^>]*>([^<]*)</dc:title>")
LIST_ITEM = re.compile(rb"<rdf:li[^>]*>([^<]*)</rdf:li>")
THEME_TITLE = re.compile(
    r"collection|various|aiga|part of|untitled|clip ?art|openclipart|https?:|www\.|template|unnamed|drawing\d*$|icon theme", re.IGNORECASE
)
LINKS = {"a", "and", "at", "for", "from", "in", "of", "on", "the", "to", "with"}
FOLDER_NAMES = {"shapes/callouts": "speech bubble"}
KEYWORD_FOLDERS = ("animals", "plants", "food/fruit", "food/vegetables")  # elsewhere keywords tell the shelf, not the thing
TRAILING = {"of", "and", "by", "the", "a", "bw", "simple", "black", "symbol", "contour", "etiquette", "glace"}
BROAD = {
    "animal",
    "food",
    "people",
    "transport",
    "tool",
    "tools",
    "plant",
    "office",
    "computer",
    "recreation",
    "geography",
    "mammal",
    "beverage",
}
GENERIC = set(
    """
    art artistic background border button cartoon clip clipart color colour decoration design drawing free gradient graphic hash icon image
    images inkscape line lineart logo media openclipart outline part picture public domain shape silhouette svg symbol template unsorted
    vector web new remix remixed
    """.split()
)
NOT_SAID = GENERIC | {
    "signs and symbols",
    "map symbols",
    "clip art",
    "line art",
    "public domain",
    "black and white",
    "part of",
    "externalsource",
    "etiquette",
}


def is_clipart_file(name: str) -> bool:
    """Say whether a file of the package is a drawing that is wanted: no themes, patterns, flags or tables of stars."""
    return name.startswith(ROOT) and name.endswith(".svg") and not name.removeprefix(ROOT).startswith(SKIPPED_FOLDERS)


def read_clipart(files: Mapping[str, bytes], known_words: frozenset[str]) -> Iterator[Asset]:
    """Yield the drawings of the package that are in the public domain, drawn by vectors alone, small enough, and nameable.

    `known_words` are the words of which a name must hold one. Of two equal drawings the first is kept.
    """
    seen: set[str] = set()
    for name, raw in sorted(files.items()):
        drawing = read_svg(raw) if len(raw) <= MAX_FILE_BYTES and PUBLIC_DOMAIN.search(raw) else None
        if drawing is None or len(drawing.body) > MAX_BODY_BYTES:
            continue
        digest = hashlib.sha256(drawing.body).hexdigest()
        concept, keywords = _words(name, raw, known_words)
        if digest in seen or not concept or is_brand(concept.replace(" ", "-")) or is_unwanted([concept]):
            continue
        seen.add(digest)
        path = name.removeprefix(ROOT).removesuffix(".svg")
        yield Asset(
            CLIPART_SET, path.replace("/", "--"), concept, keywords, path.split("/")[0].replace("_", "-"), "",
            drawing.width, drawing.height, drawing.left, drawing.top, "svg", drawing.body,
        )  # fmt: skip


def _words(name: str, raw: bytes, known_words: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    title, *artists = _texts(TITLE, raw) or [""]
    terms = [text.lower().replace("_", " ") for text in _texts(LIST_ITEM, raw)]
    if is_unwanted([title, *terms]):
        return "", ()
    plain = (term for term in terms if PLAIN_TERM.fullmatch(term) and term not in NOT_SAID and not is_brand(term))
    keywords = list(dict.fromkeys(term for term in plain if known_words.issuperset(term.split())))
    path = name.removeprefix(ROOT).removesuffix(".svg")
    folder = next((called for shelf, called in FOLDER_NAMES.items() if path.startswith(shelf)), "")
    title = re.sub(r"^Clipart by [\w ]+ - ", "", title)
    candidates = [title] if not THEME_TITLE.search(title) else []
    candidates.append(strip_artist(path.split("/")[-1], artists).removeprefix("aiga_"))
    if path.startswith(KEYWORD_FOLDERS):
        candidates += [word for word in reversed(keywords) if word not in BROAD] + [word for word in reversed(keywords) if word in BROAD]
    persons = {word for artist in artists for word in artist.lower().split()}
    names = (plain_title(text, known_words) for text in candidates)
    concept = folder or next((found for found in names if found and not persons.issuperset(found.split())), "")
    return concept, tuple(word for word in keywords if word != concept)[:MAX_KEYWORDS]


def _texts(pattern: re.Pattern[bytes], raw: bytes) -> list[str]:
    return [html.unescape(text.decode(errors="replace")).strip() for text in pattern.findall(raw)]


def strip_artist(stem: str, artists: Sequence[str]) -> str:
    """Return a file name without its number and its (often cut off) artist: "dead_frogs_lumen_desig_01" -> "dead_frogs"."""
    stem = re.sub(r"_+\d*$", "", stem)
    folded = [fold_name(artist) for artist in artists if artist.strip()]
    words = stem.split("_")
    for start in range(1, len(words)):
        tail = fold_name("".join(words[start:]))
        if tail and any(artist.startswith(tail) for artist in folded):
            return "_".join(words[:start])
    return stem


def plain_title(text: str, known_words: frozenset[str]) -> str:
    """Return a title as lower-case words without numbers, or "" where it holds no known word or too many words."""
    words = re.findall(r"[a-z']+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower().replace("_", " ").replace("-", " "))
    words = [word for word in words if len(word) > 1 or word == "a"]
    while words and words[-1] in GENERIC | TRAILING:
        words.pop()
    while words and words[0] in {"a", "an", "the", "az", "clipart", "simple", "my"}:
        words = words[1:]
    unknown = [word for word in words if not {word, word.removesuffix("s"), word.removesuffix("es")} & (LINKS | known_words)]
    if not words or len(words) > MAX_NAME_WORDS or unknown or GENERIC.issuperset(words):
        return ""
    return " ".join(words) if any(len(word) > 2 for word in words) else ""

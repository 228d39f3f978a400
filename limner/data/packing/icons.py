"""Icon sets to assets: which sets, which of their drawings, and what each drawing is called."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from limner.data.packing.pack import Asset, SetInfo
from limner.data.packing.words import Lexicon, clean_slug, has_skin_tone, normalize_code, split_joined

PERMISSIVE = {"MIT", "Apache-2.0", "CC-BY-4.0", "CC-BY-3.0", "CC0-1.0", "ISC", "OFL-1.1"}
DEFAULT_SIDE = 16
BRANDS = """
    adobe airbnb airdrop airpods alipay amazon amex android apple batman behance bitcoin brand chatgpt chrome darth
    discord disney dogecoin dribbble dropbox ethereum evernote facebook facetime figma firefox foursquare gameboy github
    gitlab gmail google homer imac instagram ipad iphone ipod itunes kindle lego linkedin litecoin logo macbook mario
    mastercard microsoft minion mitsubishi netflix nintendo openai pac-man pacman paypal pinterest playstation pokeball
    pokemon powerpoint reddit safari skype slack snapchat sponge spotify star-wars stumbleupon superman telegram tetris
    tiktok tinder tumblr twitter vimeo visa wall-e wechat weibo whatsapp wikipedia windows xbox youtobe youtube
""".split()
BRANDS_AS_WHOLE_WORDS = """
    app-store bbc captain-shield debian excel finder go-pro gopro ibm icons8 linux mac nook onedrive play-store predator qq steam vespa vlc
    walkman wii
""".split()
BRAND_CATEGORY = "brand"
BRAND_PATTERN = re.compile(rf"(?:^|-)(?:(?:{'|'.join(BRANDS)})|(?:{'|'.join(BRANDS_AS_WHOLE_WORDS)})(?:-|$))")
MOVING = re.compile(r"-(?:loop|transition)\b|-to-.*-transition|^letter-|^number-|^uni[0-9a-f]{4}|^brand-|^nest-|-logo(?:-|$)|^social-")
UNWANTED = re.compile(
    r"\b(?:nude|naked|sex|sexy|sexual|penis|vagina|erotic|swastika|nazi|nazis|hitler|stalin|lenin|mao|osama|obama|trump|putin|chaplin|einstein|gandhi|elvis|kkk|suicide|hanged|marijuana)\b"
)
SKIN_TONE_ENDING = re.compile(r"-(?:light|medium|dark)(?:-skin-tone)?$")
FRUIT = re.compile(r"(?:red|green|golden|sweet)-apples?|apple-(?:one|fruit|slice|core|juice|pie|tree)|apples")

Names = Literal["emoji", "country", "slug"]


@dataclass(frozen=True, slots=True)
class IconSet:
    """One set of the icon package, the part it goes into, and what its slugs are: emoji names, country codes or free names.

    `joined_slugs`: words are written without hyphens. `keep_largest_size`: slugs end in a size, and only the largest counts.
    `endings`: theme endings beside those that the set tells itself. `is_mono`: drawn in one ink, and more is left out.
    """

    name: str
    part: str
    names: Names = "slug"
    keep_largest_size: bool = False
    joined_slugs: bool = False
    endings: tuple[str, ...] = ()
    is_mono: bool = False


COLOUR_SETS = (
    IconSet("noto", "emoji-1", "emoji"),
    IconSet("twemoji", "emoji-1", "emoji"),
    IconSet("fluent-emoji-flat", "emoji-1", "emoji"),
    IconSet("noto-v1", "emoji-2", "emoji"),
    IconSet("emojione", "emoji-2", "emoji"),
    IconSet("fxemoji", "emoji-2", "emoji", joined_slugs=True),
    IconSet("streamline-emojis", "emoji-2", "emoji"),
    IconSet("fluent-emoji", "gradient-emoji", "emoji"),
    IconSet("icon-park", "icons"),
    IconSet("streamline-color", "icons"),
    IconSet("streamline-plump-color", "icons"),
    IconSet("streamline-freehand-color", "icons"),
    IconSet("streamline-flex-color", "icons"),
    IconSet("streamline-sharp-color", "icons"),
    IconSet("streamline-ultimate-color", "icons"),
    IconSet("streamline-cyber-color", "icons"),
    IconSet("streamline-kameleon-color", "icons"),
    IconSet("fluent-color", "icons", keep_largest_size=True),
    IconSet("marketeq", "icons"),
    IconSet("flat-color-icons", "icons"),
    IconSet("meteocons", "icons"),
    IconSet("flag", "flags", "country"),
    IconSet("circle-flags", "flags", "country"),
    IconSet("flagpack", "flags", "country"),
)


def _mono(part: str, names: str, *, endings: str = "", kind: Names = "slug") -> tuple[IconSet, ...]:
    return tuple(IconSet(name, f"mono-{part}", kind, endings=tuple(endings.split()), is_mono=True) for name in names.split())


MONO_SETS = (
    *_mono("solid", "game-icons healthicons pinhead temaki maki roentgen nrk guidance", endings="24px expressive solid"),
    *_mono("emoji", "emojione-monotone fluent-emoji-high-contrast", kind="emoji"),
    *_mono("line", "tabler lucide iconoir carbon gis wi covid line-md mingcute teenyicons", endings="line twotone"),
    *_mono("weights", "ph solar", endings="thin light broken linear"),
    *_mono("material", "material-symbols", endings="rounded sharp"),
    *_mono(
        "streamline", " ".join(f"streamline-{name}" for name in "freehand pixel ultimate plump cyber block".split()), endings="remix solid"
    ),
    *_mono("marks", "icon-park-outline icon-park-solid icon-park-twotone pepicons-print pepicons-pencil duo-icons"),
    *_mono("pixels", "dinkie-icons pixelarticons pixel", endings="sharp solid small"),
)


def read_set_info(raw: bytes) -> SetInfo:
    """Return who made the set in an Iconify JSON file.

    Raises:
        ValueError: its licence is not one that allows use with attribution only.
    """
    info = json.loads(raw)["info"]
    licence = info["license"].get("spdx", "")
    if licence not in PERMISSIVE:
        raise ValueError(f"set {info['name']!r} has licence {licence!r}, which is not permissive")
    author = info["author"]
    return SetInfo(info["name"], author["name"], licence, author.get("url", info["license"].get("url", "")))


def read_icons(raw: bytes, icon_set: IconSet, lexicon: Lexicon, known_words: Collection[str] = ()) -> Iterator[Asset]:
    """Yield the assets of one Iconify JSON file: no hidden ones, no skin tones, no brands, nothing nameless.

    Of a set in one ink, a drawing whose name holds none of `known_words` is left out too, as are moving parts of the others.
    """
    content = json.loads(raw)
    categories = {slug: name for name, members in content.get("categories", {}).items() for slug in members}
    visible = (slug for slug, icon in content["icons"].items() if not icon.get("hidden"))
    slugs = [slug for slug in visible if categories.get(slug, "").lower() != BRAND_CATEGORY]
    if icon_set.keep_largest_size:
        slugs = list(_largest_sizes(slugs))
    codes = read_names(raw)
    endings = {ending for ending in content.get("suffixes", {}) if ending} | set(icon_set.endings)
    for slug in slugs:
        code = codes.get(slug) or find_code(slug, icon_set.names, lexicon)
        name = _name(slug, code, icon_set=icon_set, lexicon=lexicon, endings=endings)
        if name is not None and not (icon_set.is_mono and is_unclear(slug, name.concept, known_words)):
            yield _asset(content, slug, icon_set.name, name=name, code=code, category=categories.get(slug, ""))


def find_code(slug: str, names: Names, lexicon: Lexicon) -> str:
    """Return the emoji code behind a slug of an emoji or flag set, or ""."""
    if names == "slug":
        return ""
    if names == "country":
        country = slug.split("-")[0] if re.fullmatch(r"[a-z]{2}(?:-[14]x[13])?", slug) else ""
        code = "-".join(f"{0x1F1E6 + ord(letter) - ord('a'):x}" for letter in country)
        return code if code in lexicon.emoji else ""
    flag = re.sub(r"^flag-for-(?:flag-)?", "", slug)
    unnumbered = re.sub(r"-\d+$", "", slug)
    return next(filter(None, map(lexicon.find_code, (slug, unnumbered, f"flag-{flag}", flag))), "")


@dataclass(frozen=True, slots=True)
class _Name:
    concept: str
    keywords: tuple[str, ...]
    group: str


def read_names(raw: bytes) -> dict[str, str]:
    """Return slug -> emoji code where an Iconify JSON file tells it; empty where it does not."""
    return {slug: normalize_code(code) for code, slug in json.loads(raw).get("chars", {}).items()}


def is_brand(slug: str) -> bool:
    """Say whether a slug names a brand or somebody's character; fruit is let through."""
    return bool(BRAND_PATTERN.search(slug)) and not FRUIT.search(slug)


def is_unwanted(texts: Iterable[str]) -> bool:
    """Say whether a name or keyword is one of what the corpus leaves out: sex, violence against oneself, named persons, signs of hate."""
    return any(UNWANTED.search(text.lower()) for text in texts)


def _name(slug: str, code: str, *, icon_set: IconSet, lexicon: Lexicon, endings: set[str]) -> _Name | None:
    if has_skin_tone(code):
        return None
    if code in lexicon.emoji:
        words = lexicon.emoji[code]
        return _Name(words.label, words.keywords, words.group)
    concept = _free_name(slug, icon_set, lexicon=lexicon, endings=endings)
    if not re.search(r"[a-z]{2}", concept) or is_brand(slug):
        return None
    similar = lexicon.emoji.get(lexicon.find_code(concept))
    return _Name(concept, similar.keywords if similar else (), "")


def _free_name(slug: str, icon_set: IconSet, *, lexicon: Lexicon, endings: set[str]) -> str:
    if icon_set.names == "country" or (icon_set.names == "emoji" and SKIN_TONE_ENDING.search(slug)):
        return ""
    if icon_set.joined_slugs:
        return split_joined(slug, lexicon.vocabulary)
    if icon_set.names == "emoji":
        return re.sub(r"-\d+$", "", slug).replace("flag-for-", "flag-of-").replace("-", " ")
    return clean_slug(slug, endings)


def _largest_sizes(slugs: Iterable[str]) -> Iterator[str]:
    largest: dict[str, int] = {}
    for slug in slugs:
        stem, _, size = slug.rpartition("-")
        largest[stem] = max(largest.get(stem, 0), int(size))
    return (f"{stem}-{size}" for stem, size in largest.items())


def _asset(content: Mapping[str, Any], slug: str, set_name: str, *, name: _Name, code: str, category: str) -> Asset:
    icon = content["icons"][slug]
    return Asset(
        set=set_name,
        slug=slug,
        concept=name.concept,
        keywords=name.keywords,
        category=name.group or "-".join(re.findall(r"[A-Z]?[a-z]+|\d+", category)).lower(),
        code=code,
        width=icon.get("width", content.get("width", DEFAULT_SIDE)),
        height=icon.get("height", content.get("height", DEFAULT_SIDE)),
        left=icon.get("left", 0),
        top=icon.get("top", 0),
        media="svg",
        body=stand_still(icon["body"]).encode(),
    )


def stand_still(body: str) -> str:
    """Return an animated drawing as it looks at the end: every stroke drawn, every fill filled."""
    if "<animate" not in body:
        return body
    body = re.sub(
        r'<(path|circle|rect|g|ellipse)([^>]*?) fill-opacity="0"([^>]*)>(?=(?:(?!</\1>).)*?attributeName="fill-opacity"[^>]*to="([^"]+)")',
        r'<\1\2 fill-opacity="\4"\3>',
        body,
    )
    body = re.sub(r"<(?:animate|set)\b[^>]*?/>|<(animate\w*)\b[^>]*>.*?</\1>", "", body)
    return re.sub(r' (?:stroke-dasharray|stroke-dashoffset|opacity)="[^"]*"', "", body)


def is_unclear(slug: str, concept: str, known_words: Collection[str]) -> bool:
    """Say whether a drawing of a set in one ink is nothing to learn from: no known word in its name, moving, or unwanted."""
    if MOVING.search(slug) or is_unwanted([concept]):
        return True
    return not any(word in known_words or word.removesuffix("s") in known_words for word in concept.split() if len(word) > 2)

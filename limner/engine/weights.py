"""Snapshots on disk: names to folders, and folders to arrays, with every byte checked against its digest before it is used.

    weights/snapshots.json           names, aliases, digests: what exists
    weights/text-encoder/            shared by all snapshots
    weights/<upsampler>/, <eyes>/    shared by the snapshots that name them
    weights/<snapshot>/              manifest.json, shards, graphs

A manifest lists the size and hash of every file of its folder; the digest of a snapshot is the hash of its manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_safetensors

from limner.engine.protocol import Quality
from limner.engine.settings import read_settings
from limner.errors import DamagedFile, UnknownModel
from limner.model.flow import GUIDED_UNTIL

Floats = npt.NDArray[np.float32]

PACKAGED_WEIGHTS = Path(__file__).resolve().parents[1] / "weights"
TEXT_ENCODER = "text-encoder"
MANIFEST_FORMAT = 1
ANY_RATIO = "any"
NUMBERS = ".int8"  # after a tensor's name: its rows as they are stored, without their scales
REMEDY = "install limner again; `limner doctor` checks every file"

Companion = Literal["upsampler", "far_upsampler", "eyes"]
Helper = Literal["restorer", "media"]  # what repairs pictures, and what reads their media
HELPERS: tuple[Helper, ...] = get_args(Helper)
COMPANIONS: tuple[Companion, ...] = get_args(Companion)
UPSAMPLERS: tuple[Companion, Companion] = ("upsampler", "far_upsampler")
Fields = Mapping[str, type | tuple[type, ...]]
CATALOGUE_FIELDS: Fields = {"default": str, "snapshots": dict, "models": dict}
LISTED_FIELDS: Fields = {"digest": str, "size_bytes": int, "released": str}
MANIFEST_FIELDS: Fields = {"files": dict, "tensors": dict, "graphs": dict}
FILE_FIELDS: Fields = {"sha256": str, "size_bytes": int}
TENSOR_FIELDS: Fields = {"scale": (str, type(None))}
COMPANION_FIELDS: Fields = {"name": str, "digest": str}
SNAPSHOT_FIELDS: Fields = {"text_encoder": str, "sampler": dict}
SAMPLING_FIELDS: Fields = {"num_steps": int, "num_patches": int, "guidance_scale": (int, float)}
FEW_STEPS_FIELDS: Fields = {"alpha_margin": (int, float), "guided_until": (int, float), "order": int, "late": list}


def weights_folder(given: Path | str | None = None) -> Path:
    """Return where weights are read from: the folder given, else that of the settings, else the package's own.

    Raises:
        InvalidField: the environment names a folder that is not there.
    """
    return Path(given or read_settings(os.environ).weights_dir or PACKAGED_WEIGHTS)


@dataclass(frozen=True)
class Catalogue:
    """What `snapshots.json` says: `snapshots` by name (digest, size_bytes, released) and `models`, names that stand for them.

    `editors` name, for a snapshot, the one that edits pictures for the models that stand for it; `helpers` are what
    repairs pictures and what reads their media.
    """

    folder: Path
    default: str
    snapshots: Mapping[str, Mapping[str, Any]]
    models: Mapping[str, str]
    editors: Mapping[str, str] = field(default_factory=dict)
    helpers: Mapping[Helper, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path | str | None = None) -> Catalogue:
        """Read the catalogue of a weights folder, or of the one that `weights_folder` chooses.

        Raises:
            DamagedFile: there is none, or it does not say what a catalogue says.
        """
        chosen = weights_folder(folder)
        try:
            said = json.loads((chosen / "snapshots.json").read_bytes())
            _check_catalogue(said)
        except (OSError, ValueError, TypeError) as error:
            where = "the package" if chosen == PACKAGED_WEIGHTS else repr(str(chosen))
            raise DamagedFile(f"snapshots.json in {where} is missing or damaged; {REMEDY}") from error
        return cls(
            chosen,
            said["default"],
            said["snapshots"],
            said["models"],
            said.get("editors", {}),
            {role: said[role] for role in HELPERS if role in said},
        )

    def resolve(self, model: str | None = None) -> str:
        """Return the snapshot that a model, alias or snapshot name stands for; None stands for the default.

        Raises:
            UnknownModel: nothing has this name, or the snapshot's files are not here.
        """
        name = self.default if model is None else model
        snapshot = self.models.get(name, name)
        if snapshot not in self.snapshots:
            raise UnknownModel(f"model {name!r} does not exist; use one of {', '.join(self.names())}")
        if not (self.folder / snapshot).is_dir():
            raise UnknownModel(f"the files of snapshot {snapshot!r} are not here; use one of {', '.join(self.names())}")
        return snapshot

    def resolve_editor(self, model: str | None = None) -> str:
        """Return the snapshot that edits pictures for a model, alias or the default; a snapshot named itself edits with its own weights.

        Raises:
            UnknownModel: as `resolve`.
        """
        snapshot = self.resolve(model)
        return snapshot if model in self.snapshots else self.resolve(self.editors.get(snapshot, snapshot))

    def drawer_for(self, editor: str) -> str:
        """Return the snapshot that draws what is new in the pictures that `editor` edits: the latest that it edits for, or itself."""
        drawers = [name for name, edited_by in self.editors.items() if edited_by == editor and (self.folder / name).is_dir()]
        return max(drawers, key=lambda name: self.snapshots[name]["released"], default=editor)

    def names(self) -> list[str]:
        """Return every name that `resolve` takes, sorted: snapshots whose files are here, and the models that stand for them."""
        here = {snapshot for snapshot in self.snapshots if (self.folder / snapshot).is_dir()}
        return sorted(here | {model for model, snapshot in self.models.items() if snapshot in here})

    def snapshot(self, name: str) -> WeightsPart:
        """Open a snapshot by its own name.

        Raises:
            UnknownModel: no such snapshot is here.
            DamagedFile: its manifest is not the one that the catalogue lists, or is not a snapshot's.
        """
        resolved = self.resolve(name)
        part = WeightsPart.open(self.folder / resolved, digest=self.snapshots[resolved]["digest"])
        try:
            _check_fields(part.manifest, SNAPSHOT_FIELDS)
            for role in COMPANIONS:
                if role in part.manifest:
                    _check_fields(part.manifest[role], COMPANION_FIELDS)
            for quality in get_args(Quality):
                sampling = part.manifest["sampler"].get(quality)
                _check_fields(sampling, SAMPLING_FIELDS)
                _check_fields(sampling, {name: kind for name, kind in FEW_STEPS_FIELDS.items() if name in sampling})
        except TypeError as error:
            raise DamagedFile(f"{resolved}/manifest.json is not the manifest of a snapshot; {REMEDY}") from error
        return part

    def text_encoder(self, snapshot: WeightsPart) -> WeightsPart:
        """Open the text encoder that a snapshot was trained with.

        Raises:
            DamagedFile: the text encoder here is another one.
        """
        return WeightsPart.open(self.folder / TEXT_ENCODER, digest=snapshot.manifest["text_encoder"])

    def companion(self, snapshot: WeightsPart, role: Companion) -> WeightsPart | None:
        """Open what a snapshot was released with in a role; None without one: Lanczos enlarges, or pictures are seen by patches alone.

        Raises:
            DamagedFile: it is missing, or what has its name is another one.
        """
        named = snapshot.manifest.get(role)
        return None if named is None else WeightsPart.open(self.folder / named["name"], digest=named["digest"])

    def open_helper(self, role: Helper) -> WeightsPart | None:
        """Open what does this for every snapshot; None where nothing does.

        Raises:
            DamagedFile: it is missing, or what has its name is another one.
        """
        named = self.helpers.get(role)
        return None if named is None else WeightsPart.open(self.folder / named["name"], digest=named["digest"])


@dataclass(frozen=True)
class Sampling:
    """How one quality of a snapshot draws: denoising steps, patches of the grid, strength of guidance (1 is none) and until which time.

    A solution of `order` 2 looks ahead from two guesses (`flow.look_ahead`), one of 1 follows the last; its last steps begin at the
    times `late`.

    Alpha within `alpha_margin` of nothing or of everything is that in the picture: the mean of possible edges, which few steps guess, is
    a haze.
    """

    num_steps: int
    num_patches: int
    guidance_scale: float
    alpha_margin: float = 0.0
    guided_until: float = GUIDED_UNTIL
    order: int = 1
    late: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What a snapshot learnt: to draw other ratios than squares, and to read the pictures of an edit.

    For a snapshot that reads none, drawing starts from what the pictures show.
    """

    knows_ratios: bool = True
    reads_pictures: bool = True


@dataclass(frozen=True)
class WeightsPart:
    """A folder with a manifest: a snapshot or the text encoder. Files are checked as they are read."""

    folder: Path
    manifest: Mapping[str, Any]
    digest: str

    @classmethod
    def open(cls, folder: Path, *, digest: str | None) -> WeightsPart:
        """Read the manifest of a folder; `digest` is `sha256:` and the hash that its bytes must have, None for any.

        Raises:
            DamagedFile: the manifest is missing, damaged, another one, or of a format that this release cannot read.
        """
        name = f"{folder.name}/manifest.json"
        content = _read(folder / "manifest.json", name)
        found = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if digest is not None and found != digest:
            raise DamagedFile(f"{name} is not the one that was released; {REMEDY}")
        try:
            manifest = json.loads(content)
            _check_fields(manifest, {"format": int})
            if manifest["format"] == MANIFEST_FORMAT:
                _check_manifest(manifest)
        except (ValueError, TypeError) as error:
            raise DamagedFile(f"{name} is damaged; {REMEDY}") from error
        if manifest["format"] != MANIFEST_FORMAT:
            raise DamagedFile(f"{name} has format {manifest['format']!r}, this release reads {MANIFEST_FORMAT}; install a newer limner")
        return cls(folder, manifest, found)

    def read(self, file: str) -> bytes:
        """Read one file of the folder whole.

        Raises:
            DamagedFile: it is missing, or its size or hash is not what the manifest says.
        """
        name = f"{self.folder.name}/{file}"
        listed = self.manifest["files"].get(file)
        if listed is None:
            raise DamagedFile(f"{name} is not listed in its manifest; {REMEDY}")
        content = _read(self.folder / file, name)
        if len(content) != listed["size_bytes"]:
            raise DamagedFile(f"{name} has {len(content)} bytes where {listed['size_bytes']} belong; {REMEDY}")
        if hashlib.sha256(content).hexdigest() != listed["sha256"]:
            raise DamagedFile(f"{name} is damaged: its sha256 is not what its manifest says; {REMEDY}")
        return content

    def verify(self) -> None:
        """Check every file of the folder.

        Raises:
            DamagedFile: the first file that is not as the manifest says.
        """
        for file in self.manifest["files"]:
            self.read(file)

    def tensors(self) -> dict[str, Floats]:
        """Read every tensor as float32 by initializer name; int8 rows are multiplied by their scales.

        Raises:
            DamagedFile: as `arrays`.
        """
        return self.arrays(self.manifest["tensors"])

    def arrays(self, asked: Collection[str]) -> dict[str, npt.NDArray[Any]]:
        """Read what graphs ask for: tensors as float32, and of those stored as int8 rows also the numbers, `NAME.int8`, and the scales.

        Raises:
            DamagedFile: a shard is damaged or a tensor is missing.
        """
        listed = self.manifest["tensors"]
        stored: dict[str, npt.NDArray[Any]] = {}
        for file in self.manifest["files"]:
            if file.endswith(".safetensors"):
                stored.update(self._shard(file))
        try:
            narrow = {name: stored[name.removesuffix(NUMBERS)] for name in asked if name not in listed}
            return narrow | {name: _widen(stored, name, listed[name].get("scale")) for name in asked if name in listed}
        except KeyError as error:
            raise DamagedFile(f"tensor {error.args[0]!r} is in no shard of {self.folder.name}; {REMEDY}") from error

    def graphs(self) -> Mapping[str, list[str]]:
        """Return the ONNX files of the folder, each with the names of the tensors that it asks for."""
        asked: Mapping[str, list[str]] = self.manifest["graphs"]
        return asked

    @property
    def abilities(self) -> Abilities:
        """Return what this snapshot learnt."""
        reads_pictures = any(name.startswith("source_in.") for asked in self.graphs().values() for name in asked)
        return Abilities(knows_ratios=self.manifest.get("ratios") == ANY_RATIO, reads_pictures=reads_pictures)

    def sampling(self, quality: str) -> Sampling:
        """Return how this snapshot draws at a quality."""
        said = self.manifest["sampler"][quality]
        found = {field.name: said[field.name] for field in fields(Sampling) if field.name in said}
        return Sampling(**{**found, "late": tuple(found.get("late", ()))})

    def _shard(self, file: str) -> dict[str, npt.NDArray[Any]]:
        try:
            return load_safetensors(self.read(file))
        except SafetensorError as error:
            raise DamagedFile(f"{self.folder.name}/{file} is not a safetensors file; {REMEDY}") from error


def _check_catalogue(said: Any) -> None:
    """Raise TypeError or ValueError unless every name of a catalogue stands for a snapshot that is listed in full."""
    _check_fields(said, CATALOGUE_FIELDS)
    for entry in said["snapshots"].values():
        _check_fields(entry, LISTED_FIELDS)
    for role in HELPERS:
        if role in said:
            _check_fields(said[role], COMPANION_FIELDS)
    default = said["models"].get(said["default"], said["default"])
    for snapshot in (default, *said["models"].values(), *said.get("editors", {}).values()):
        if not isinstance(snapshot, str) or snapshot not in said["snapshots"]:
            raise ValueError(f"snapshot {snapshot!r} is not listed")


def _check_manifest(said: Any) -> None:
    """Raise TypeError or ValueError unless a manifest has what every part needs, and its graphs ask for tensors that it lists."""
    _check_fields(said, MANIFEST_FIELDS)
    for entry in said["files"].values():
        _check_fields(entry, FILE_FIELDS)
    for entry in said["tensors"].values():
        _check_fields(entry, TENSOR_FIELDS)
    rows = {name: entry["scale"] for name, entry in said["tensors"].items() if entry["scale"] is not None}
    known = {*said["tensors"], *rows.values(), *(name + NUMBERS for name in rows)}
    for file, asked in said["graphs"].items():
        if not isinstance(asked, list) or not all(isinstance(name, str) and name in known for name in asked):
            raise ValueError(f"graph {file!r} asks for tensors that are not listed")


def _check_fields(said: Any, fields: Fields) -> None:
    """Raise TypeError unless this is a JSON object with these fields of these kinds."""
    if not isinstance(said, dict):
        raise TypeError(f"{said!r} is not an object")
    for name, kind in fields.items():
        if not isinstance(said.get(name), kind):
            raise TypeError(f"{name} is {said.get(name)!r}")


def _read(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamagedFile(f"{name} cannot be read ({error.strerror}); {REMEDY}") from error


def _widen(stored: dict[str, npt.NDArray[Any]], name: str, scale: str | None) -> Floats:
    """Turn one stored tensor into float32 and forget it, so that both forms of all tensors are never held at once."""
    tensor = stored.pop(name).astype(np.float32)
    if scale is not None:
        tensor *= stored[scale].astype(np.float32).reshape(-1, *[1] * (tensor.ndim - 1))
    return tensor

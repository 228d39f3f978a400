"""Write a network as it ships: int8 rows where a matrix is large, shards of bounded size, weightless graphs, one manifest."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from limner.errors import InvalidField

MAX_SHARD_BYTES = 15_000_000
MANIFEST_FORMAT = 1
MIN_INT8_NUMBERS = 1 << 14  # smaller tensors gain nothing
NUMBERS, SCALE = ".int8", ".scale"  # after a matrix's name: what is stored of it, for graphs that multiply in int8

Floats = npt.NDArray[np.float32]
Arrays = dict[str, npt.NDArray[Any]]


def quantize_rows(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return int8 numbers and a scale per row whose product is the matrix, to half a step of each row's largest number."""
    flat = matrix.reshape(len(matrix), -1)
    scale = np.abs(flat).max(axis=1) / 127
    scale = np.where(scale == 0, 1, scale).astype(np.float32)
    return np.round(flat / scale[:, None]).astype(np.int8).reshape(matrix.shape), scale


def write_release(
    folder: Path, tensors: Mapping[str, Floats], *, precise: frozenset[str], extra_files: Mapping[str, bytes], facts: Mapping[str, Any]
) -> str:
    """Write a folder that `limner.engine.weights` reads; return `sha256:` and the digest of its manifest.

    Tensors whose name starts with one of `precise`, and small ones, stay float16 or float32; other matrices become int8 per row.
    `facts` are the manifest's own entries (name, config, sampler, training, licence, ...).
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries: dict[str, dict[str, Any]] = {}
    stored: Arrays = {}
    for name, tensor in sorted(tensors.items()):
        entries[name], arrays = _store(name, tensor, precise)
        stored.update(arrays)
    files: dict[str, bytes] = dict(extra_files)
    shards = list(_split(stored))
    for number, shard in enumerate(shards, 1):
        file = f"weights-{number:05}-of-{len(shards):05}.safetensors"
        files[file] = save(shard)
        for name in shard:
            if name in entries:
                entries[name]["file"] = file
    for stale in folder.glob("weights-*.safetensors"):
        stale.unlink()
    for file, content in files.items():
        (folder / file).write_bytes(content)
    listed = {file: {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)} for file, content in sorted(files.items())}
    manifest = json.dumps({"format": MANIFEST_FORMAT, **facts, "files": listed, "tensors": entries}, indent=1).encode() + b"\n"
    (folder / "manifest.json").write_bytes(manifest)
    return f"sha256:{hashlib.sha256(manifest).hexdigest()}"


def _store(name: str, tensor: Floats, precise: frozenset[str]) -> tuple[dict[str, Any], Arrays]:
    if is_int8(name, tensor.shape, precise):
        numbers, scale = quantize_rows(tensor)
        return {"dtype": "int8", "scale": name + SCALE}, {name: numbers, name + SCALE: scale}
    kind = np.dtype(np.float16 if tensor.size >= MIN_INT8_NUMBERS else np.float32)
    return {"dtype": kind.name, "scale": None}, {name: tensor.astype(kind)}


def is_int8(name: str, shape: Sequence[int], precise: frozenset[str]) -> bool:
    """Tell whether a tensor is stored as int8 rows."""
    return len(shape) >= 2 and math.prod(shape) >= MIN_INT8_NUMBERS and not any(name.startswith(prefix) for prefix in precise)


def _split(arrays: Arrays) -> Iterator[Arrays]:
    """Cut into shards of at most MAX_SHARD_BYTES, by whole tensors; rows of a larger tensor are never split."""
    shard: Arrays = {}
    for name, array in sorted(arrays.items()):
        if shard and sum(held.nbytes for held in shard.values()) + array.nbytes > MAX_SHARD_BYTES - 100_000:
            yield shard
            shard = {}
        shard[name] = np.ascontiguousarray(array)
    yield shard


def write_catalogue(
    weights_dir: Path,
    snapshot: str,
    digest: str,
    *,
    released: str,
    aliases: Mapping[str, str],
    edits_for: str | None = None,
    edited_by: str | None = None,
) -> None:
    """Add a snapshot to `snapshots.json`; names once listed stay for ever.

    It becomes the default, and `edited_by` edits for the models that stand for it; or it edits itself for those of `edits_for`.

    Raises:
        InvalidField: the name already stands for other weights, or no such other snapshot is listed.
    """
    catalogue = check_unlisted(weights_dir, snapshot, digest)
    size_bytes = sum(file.stat().st_size for file in (weights_dir / snapshot).iterdir())
    for param, other in (("edits_for", edits_for), ("edited_by", edited_by)):
        if other is not None and other not in catalogue["snapshots"]:
            raise InvalidField(param, f"snapshot {other!r} is not listed; name one of {', '.join(catalogue['snapshots'])}")
    if edits_for is not None:
        catalogue.setdefault("editors", {})[edits_for] = snapshot
    else:
        catalogue["default"] = snapshot
    if edited_by is not None:
        catalogue.setdefault("editors", {})[snapshot] = edited_by
    catalogue["snapshots"][snapshot] = {"digest": digest, "size_bytes": size_bytes, "released": released}
    catalogue["models"].update(aliases)
    _replace(weights_dir, catalogue)


def name_helper(weights_dir: Path, role: str, name: str, digest: str) -> None:
    """Make a part of a weights folder, which has a catalogue, the one that does what `role` says, for every snapshot."""
    catalogue = json.loads((weights_dir / "snapshots.json").read_text(encoding="utf-8"))
    _replace(weights_dir, {**catalogue, role: {"name": name, "digest": digest}})


def _replace(weights_dir: Path, catalogue: Mapping[str, Any]) -> None:
    written = weights_dir / "snapshots.json.new"
    written.write_text(json.dumps(catalogue, indent=1) + "\n", encoding="utf-8")
    written.replace(weights_dir / "snapshots.json")


def check_unlisted(weights_dir: Path, snapshot: str, digest: str) -> dict[str, Any]:
    """Return the catalogue of a weights folder, or an empty one; a snapshot never changes.

    Raises:
        InvalidField: the name already stands for other weights.
    """
    path = weights_dir / "snapshots.json"
    empty = {"default": snapshot, "snapshots": {}, "models": {}}
    catalogue: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else empty
    listed = catalogue["snapshots"].get(snapshot)
    if listed is not None and listed["digest"] != digest:
        raise InvalidField(
            "name", f"snapshot {snapshot!r} is already listed with other weights; a snapshot never changes, choose a new name"
        )
    return catalogue

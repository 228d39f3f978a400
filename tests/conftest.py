"""What many tests share: the tiny network, exported once, with random weights and the real tokenizer."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

from limner.data.packing.pack import Asset, SetInfo, write_vectors
from limner.engine.weights import PACKAGED_WEIGHTS, TEXT_ENCODER
from limner.model.export import export_network, export_upsampler, write_snapshot, write_text_encoder, write_upsampler
from limner.model.minilm import TINY_TEXT, TextEncoder
from limner.model.network import SIZES, Network
from limner.model.release import write_catalogue
from limner.model.upsampler import TINY_UPSAMPLER, Upsampler

COLOURS = {"red": "#e03030", "green": "#30a040", "blue": "#3050d0", "yellow": "#f0c020"}
SHAPES = {
    "ball": "<circle cx='16' cy='16' r='14' fill='{}'/>",
    "box": "<rect x='3' y='3' width='26' height='26' fill='{}'/>",
    "tent": "<path d='M16 2 L30 30 L2 30 Z' fill='{}'/>",
}
TINY_SAMPLER = {
    "low": {"num_steps": 2, "num_patches": 16, "guidance_scale": 2.0},
    "medium": {"num_steps": 4, "num_patches": 16, "guidance_scale": 2.0},
    "high": {"num_steps": 6, "num_patches": 36, "guidance_scale": 2.0},
}


def make_tiny_network(seed: int = 0) -> Network:
    """Return the tiny network with every parameter random, so that no input is without effect."""
    torch.manual_seed(seed)
    network = Network(SIZES["tiny"])
    for parameter in network.parameters():
        if parameter.abs().sum() == 0:
            torch.nn.init.normal_(parameter, std=0.2)
    return network.eval()


def make_tiny_text_encoder() -> TextEncoder:
    """Return the tiny text encoder with random weights."""
    torch.manual_seed(1)
    return TextEncoder(TINY_TEXT).eval()


def make_tiny_upsampler() -> Upsampler:
    """Return a tiny upsampler with random weights, small enough for its pictures to be pictures."""
    torch.manual_seed(2)
    upsampler = Upsampler(TINY_UPSAMPLER)
    torch.nn.init.normal_(upsampler.unfold.weight, std=0.02)
    return upsampler.eval()


@pytest.fixture(scope="session")
def tiny_network() -> Callable[..., Network]:
    """Makes the tiny network with random weights; takes a seed."""
    return make_tiny_network


@pytest.fixture(scope="session")
def tiny_weights(request: pytest.FixtureRequest) -> Path:
    """A weights folder with two tiny snapshots: `tiny-1`, the default, also called `tiny` and `limner`, and `tiny-0`.

    Pictures of `tiny-1` are enlarged by an upsampler, those of `tiny-0` with Lanczos.

    The exporter takes its time, so the folder is kept in pytest's cache under a hash of everything that it is made by.
    """
    cache: pytest.Cache = request.config.cache  # type: ignore[assignment]
    kept = cache.mkdir("tiny-weights") / hash_of_makers()
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            export_tiny_weights(Path(folder) / "weights")
            with contextlib.suppress(OSError):  # another run was faster
                (Path(folder) / "weights").rename(kept)
    return kept


def hash_of_makers() -> str:
    """Return a hash of the code and the versions that the tiny weights depend on."""
    root = Path(__file__).parents[1]
    sources = [*sorted((root / "limner" / "model").glob("*.py")), root / "limner" / "engine" / "weights.py", Path(__file__)]
    versions = " ".join(map(version, ("torch", "onnx", "onnxscript", "onnxruntime", "safetensors", "numpy")))
    return hashlib.sha256(versions.encode() + b"".join(path.read_bytes() for path in sources)).hexdigest()[:32]


def export_tiny_weights(folder: Path) -> None:
    """Write the folder."""
    tokenizer = (PACKAGED_WEIGHTS / TEXT_ENCODER / "tokenizer.json").read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own
        text_digest = write_text_encoder(folder / TEXT_ENCODER, make_tiny_text_encoder(), tokenizer, {"name": "tiny-text"})
        graphs = export_network(make_tiny_network())
        upsampler = make_tiny_upsampler()
        upsampler_digest = write_upsampler(folder / "tiny-up", upsampler, export_upsampler(upsampler), {"name": "tiny-up"})
    for number in (0, 1):
        name = f"tiny-{number}"
        facts = {"name": name, "sampler": TINY_SAMPLER, "text_encoder": text_digest, "ratios": "any", "licence": "Apache-2.0"}
        if number == 1:
            facts["upsampler"] = {"name": "tiny-up", "digest": upsampler_digest}
        digest = write_snapshot(folder / name, make_tiny_network(seed=number), graphs, facts)
        write_catalogue(folder, name, digest, released="2026-11-21", aliases={"tiny": name, "limner": name})


@pytest.fixture(scope="session")
def small_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of parts with one part: three shapes in four colours, in a set that recipes know."""
    folder = tmp_path_factory.mktemp("parts")
    assets = [
        Asset(
            set="fluent-emoji-flat",
            slug=f"{colour}-{shape}",
            concept=f"{colour} {shape}",
            keywords=(shape,),
            category="objects",
            code="",
            width=32,
            height=32,
            left=0,
            top=0,
            media="svg",
            body=body.format(paint).encode(),
        )
        for shape, body in SHAPES.items()
        for colour, paint in COLOURS.items()
    ]
    sets = {"fluent-emoji-flat": SetInfo(title="Shapes", author="Limner", licence="Apache-2.0", url="https://example.com")}
    write_vectors(folder / "vectors-shapes.jsonl.xz", name="shapes", sets=sets, assets=assets)
    return folder

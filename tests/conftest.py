"""What many tests share: the tiny network, exported once, with random weights and the real tokenizer, and a whole server on it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx2
import pytest
import torch

from limner.data.packing.pack import Asset, SetInfo, write_vectors
from limner.engine.local import LocalEngine
from limner.engine.weights import PACKAGED_WEIGHTS, TEXT_ENCODER
from limner.model.export import export_network, export_upsampler, write_snapshot, write_text_encoder, write_upsampler
from limner.model.minilm import TINY_TEXT, TextEncoder
from limner.model.network import SIZES, Network
from limner.model.release import write_catalogue
from limner.model.upsampler import TINY_UPSAMPLER, Upsampler
from limner.server.app import create_app
from limner.server.assembly import Opened, open_services
from limner.server.settings import ServerSettings
from limner.store.settings import StoreSettings

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


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def tiny_engine(tiny_weights: Path) -> Iterator[LocalEngine]:
    """One engine for all servers of these tests: starting a process for each would be most of their time."""
    with closing(LocalEngine(tiny_weights, threads=1)) as engine:
        yield engine


@pytest.fixture
def open_server(
    tmp_path: Path, tiny_weights: Path, tiny_engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Opened]]:
    """Opens the parts of a server in a new data folder: real engine, real SQLite, real files; takes settings."""
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    with ExitStack() as stack:

        def open_parts(**settings: Any) -> Opened:
            folder = tmp_path / f"server-{len(os.listdir(tmp_path))}"
            store = StoreSettings(data_dir=folder, database=folder / "limner.db", blobs=folder / "blobs")
            chosen = ServerSettings(store=store, **{"moderation": "off", "grace_s": 1.0, **settings})
            return stack.enter_context(open_services(chosen, engine=tiny_engine))

        yield open_parts


@pytest.fixture
def opened(open_server: Callable[..., Opened]) -> Opened:
    return open_server()


@pytest.fixture
async def client(opened: Opened) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that speaks to the server with its first key, without a socket."""
    headers = {"authorization": f"Bearer {opened.first_secret}"}
    transport = httpx2.ASGITransport(create_app(opened.services))
    async with httpx2.AsyncClient(transport=transport, base_url="http://limner.test", headers=headers, timeout=120) as client:
        yield client

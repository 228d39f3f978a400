"""What many tests share: the tiny network, exported once, with random weights and the real tokenizer, and a whole server on it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
import torch
from cryptography.hazmat.primitives.asymmetric import ec

from limner.data.packing.pack import Asset, SetInfo, write_vectors
from limner.engine.local import LocalEngine
from limner.engine.weights import PACKAGED_WEIGHTS, TEXT_ENCODER
from limner.model.export import (
    export_eyes,
    export_network,
    export_restorer,
    export_upsampler,
    write_eyes,
    write_restorer,
    write_snapshot,
    write_text_encoder,
    write_upsampler,
)
from limner.model.eyes import TINY_EYES, Eyes
from limner.model.minilm import TINY_TEXT, TextEncoder
from limner.model.network import SIZES, Network
from limner.model.pictures import EYES_CHANNELS
from limner.model.release import name_helper, write_catalogue
from limner.model.restoring.restorer import TINY_RESTORER, Restorer
from limner.model.upsampler import TINY_UPSAMPLER, Upsampler
from limner.server.app import create_app
from limner.server.assembly import Opened, open_services
from limner.server.settings import ServerSettings
from limner.store.settings import StoreSettings
from limner.train.names import write_names
from limner.train.text import FrozenText

NODE = Path(__file__).parent / "contract" / "node"
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


def make_tiny_upsampler(seed: int = 0) -> Upsampler:
    """Return a tiny upsampler with random weights, small enough for its pictures to be pictures."""
    torch.manual_seed(2 + seed)
    upsampler = Upsampler(TINY_UPSAMPLER)
    torch.nn.init.normal_(upsampler.unfold.weight, std=0.02)
    return upsampler.eval()


def make_tiny_restorer() -> Restorer:
    """Return a tiny restorer with random weights, which changes pictures a little."""
    torch.manual_seed(5)
    restorer = Restorer(TINY_RESTORER)
    torch.nn.init.normal_(restorer.paint.weight, std=0.05)
    return restorer.eval()


def make_tiny_eyes() -> Eyes:
    """Return tiny eyes with random weights that have looked at noise, so that their norms are of use."""
    torch.manual_seed(3)
    eyes = Eyes(TINY_EYES)
    for parameter in eyes.parameters():
        if parameter.abs().sum() == 0:
            torch.nn.init.normal_(parameter, std=0.2)
    eyes(torch.rand(4, EYES_CHANNELS, 64, 64))
    return eyes.eval()


@pytest.fixture(scope="session")
def tiny_network() -> Callable[..., Network]:
    """Makes the tiny network with random weights; takes a seed."""
    return make_tiny_network


@pytest.fixture(scope="session")
def cached(request: pytest.FixtureRequest) -> Callable[[str], AbstractContextManager[Path]]:
    """Opens a folder that outlives the session, by name, for one of the processes that run tests at a time."""
    cache: pytest.Cache = request.config.cache  # type: ignore[assignment]

    @contextmanager
    def open_folder(name: str) -> Iterator[Path]:
        folder = cache.mkdir(name)
        with folder.with_name(f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder

    return open_folder


@pytest.fixture(scope="session")
def packages(cached: Callable[[str], AbstractContextManager[Path]]) -> Path:
    """A folder with the scripts of clients for Node and the packages that the lock file pins; npm runs only when that has changed."""
    npm = shutil.which("npm")
    assert npm, "npm is not on the path: install Node.js 20 or newer, with npm (Debian: apt-get install nodejs npm)"
    digest = hashlib.sha256((NODE / "package-lock.json").read_bytes()).hexdigest()[:16]
    with cached(f"contract-node-{digest}") as folder:
        for path in NODE.iterdir():
            if path.is_file():
                shutil.copy(path, folder)
        if not (folder / "node_modules" / ".package-lock.json").exists():  # npm writes it last
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def tiny_weights(cached: Callable[[str], AbstractContextManager[Path]]) -> Path:
    """A weights folder with two tiny snapshots: `tiny-1`, the default, also called `tiny` and `limner`, and `tiny-0`.

    Pictures of `tiny-1` are enlarged by two upsamplers and those it is given seen by eyes; `tiny-0` has neither. A restorer repairs.

    The exporter takes its time, so the folder is kept in pytest's cache under a hash of everything that it is made by.
    """
    with cached("tiny-weights") as folder:
        kept = folder / hash_of_makers()
        if not kept.exists():
            with tempfile.TemporaryDirectory(dir=folder) as staged:
                export_tiny_weights(Path(staged) / "weights")
                (Path(staged) / "weights").rename(kept)
    return kept


def hash_of_makers() -> str:
    """Return a hash of the code and the versions that the tiny weights depend on."""
    root = Path(__file__).parents[1]
    model = root / "limner" / "model"
    sources = [
        *sorted(model.glob("*.py")),
        *sorted(model.glob("restoring/*.py")),
        root / "limner" / "engine" / "weights.py",
        Path(__file__),
    ]
    versions = " ".join(map(version, ("torch", "onnx", "onnxscript", "onnxruntime", "safetensors", "numpy")))
    return hashlib.sha256(versions.encode() + b"".join(path.read_bytes() for path in sources)).hexdigest()[:32]


def export_tiny_weights(folder: Path) -> None:
    """Write the folder."""
    tokenizer = (PACKAGED_WEIGHTS / TEXT_ENCODER / "tokenizer.json").read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own
        text_digest = write_text_encoder(folder / TEXT_ENCODER, make_tiny_text_encoder(), tokenizer, {"name": "tiny-text"})
        graphs = export_network(SIZES["tiny"])
        enlarging = export_upsampler(TINY_UPSAMPLER)
        upsamplers = {
            role: {"name": name, "digest": write_upsampler(folder / name, make_tiny_upsampler(seed), enlarging, {"name": name})}
            for seed, (role, name) in enumerate({"upsampler": "tiny-up", "far_upsampler": "tiny-far"}.items())
        }
        eyes = make_tiny_eyes()
        restorer_digest = write_restorer(
            folder / "tiny-restorer", make_tiny_restorer(), export_restorer(TINY_RESTORER), {"name": "tiny-restorer"}
        )
        eyes_digest = write_eyes(folder / "tiny-eyes", eyes, export_eyes(TINY_EYES), {"name": "tiny-eyes"})
    write_names(folder, "tiny-eyes", ("red apple", "cat", "house with garden", "scissors"), FrozenText(folder, torch.device("cpu")))
    for number in (0, 1):
        name = f"tiny-{number}"
        facts = {"name": name, "sampler": TINY_SAMPLER, "text_encoder": text_digest, "ratios": "any", "licence": "Apache-2.0"}
        if number == 1:
            facts |= upsamplers
            facts["eyes"] = {"name": "tiny-eyes", "digest": eyes_digest}
        digest = write_snapshot(folder / name, make_tiny_network(seed=number), graphs, facts)
        write_catalogue(folder, name, digest, released="2026-11-21", aliases={"tiny": name, "limner": name})
    name_helper(folder, "restorer", "tiny-restorer", restorer_digest)


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
    """Opens the parts of a server in a new data folder: real engine, real SQLite, real files.

    Takes settings, and whether the engine is the one that all tests share.
    """
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    with ExitStack() as stack:

        def open_parts(*, shares_engine: bool = True, **settings: Any) -> Opened:
            folder = tmp_path / f"server-{len(os.listdir(tmp_path))}"
            store = StoreSettings(data_dir=folder, database=folder / "limner.db", blobs=folder / "blobs")
            chosen = ServerSettings(store=store, **{"moderation": "off", "grace_s": 1.0, **settings})
            return stack.enter_context(open_services(chosen, engine=tiny_engine if shares_engine else None))

        yield open_parts


@pytest.fixture
def opened(open_server: Callable[..., Opened]) -> Opened:
    return open_server()


@pytest.fixture
async def client(opened: Opened) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that speaks to the server with its first key, without a socket; the server's queued work is done meanwhile."""
    headers = {"authorization": f"Bearer {opened.first_secret}"}
    transport = httpx2.ASGITransport(create_app(opened.services))
    async with (
        opened.services.work.running(),
        httpx2.AsyncClient(transport=transport, base_url="http://limner.test", headers=headers, timeout=120) as client,
    ):
        yield client


class LocalIssuer:
    """An OpenID Connect provider on loopback: a discovery document, a set of keys that rotates, and tokens that it signs.

    `asked` are the paths that were fetched; `answers` replaces what is answered at a path, with None for a connection that is cut.
    """

    audience = "api://limner"

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                body = issuer.answer(self.path)
                if body is None:
                    self.close_connection = True
                    return
                self.send_response(200 if body else 404)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.asked: list[str] = []
        self.answers: dict[str, bytes | None] = {}
        self.keys: dict[str, Any] = {}
        self.rotate("first")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self._server.server_port}/tenant"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def rotate(self, key_id: str) -> None:
        """Sign with a new key from now on, and forget the old one."""
        self.keys = {key_id: ec.generate_private_key(ec.SECP256R1())}

    def answer(self, path: str) -> bytes | None:
        """Return what stands at a path; nothing is 404."""
        if path in self.answers:
            return self.answers[path]
        if path == "/tenant/.well-known/openid-configuration":
            return json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"}).encode()
        return json.dumps({"keys": [self.public(key_id) for key_id in self.keys]}).encode() if path == "/tenant/keys" else b""

    def public(self, key_id: str) -> dict[str, Any]:
        """Return a key as the set of keys tells it."""
        known: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(self.keys[key_id].public_key(), as_dict=True)
        return known | {"kid": key_id, "use": "sig", "alg": "ES256"}

    def claims(self, **claims: Any) -> dict[str, Any]:
        """Return the claims of a good token, and others over them; those that are None are left out."""
        now = int(time.time())
        usual = {
            "iss": self.url,
            "aud": self.audience,
            "sub": "somebody",
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "limner_project": "art",
        }
        return {name: value for name, value in {**usual, **claims}.items() if value is not None}

    def token(self, **claims: Any) -> str:
        """Return a signed token."""
        key_id, key = next(iter(self.keys.items()))
        return jwt.encode(self.claims(**claims), key, algorithm="ES256", headers={"kid": key_id})

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def make_issuer() -> Callable[..., LocalIssuer]:
    """Starts a provider of tokens; whoever makes one closes it."""
    return LocalIssuer


@pytest.fixture
def issuer() -> Iterator[LocalIssuer]:
    """A provider of tokens of this test's own."""
    with closing(LocalIssuer()) as issuer:
        yield issuer

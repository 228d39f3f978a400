"""What the serving benchmarks of other projects say of `limner serve`: their programs as they were published, not a byte changed.

    python -m benchmarks.public_serving --sglang [--requests 8] [--at-once 1] [--size 256x256] [--quality low] [--cache FOLDER]
    python -m benchmarks.public_serving --vllm-omni ...

sglang's program is in its wheel; it imports the whole of sglang, and with that torch, which must be here already (extra `train`).
vLLM-Omni's is in the source package of 0.20.0, the last on PyPI that has it, and imports neither. Packages come through pip into the
cache folder (0.9 GB for sglang, most of it triton), those that a program imports with them, and nothing into this environment; a program
that is not the one that was read for this is not run. Neither sends a key, so the server is started with `--dev`, on a free port with a
folder of its own. Neither can name a quality in the same way, so `--quality` is the default of a deployment, and its name the model.
A request that is not counted goes before, because theirs would ask for one denoising step, which is no field here.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2

from benchmarks.generate import describe_machine

DEPLOYMENT = "public-benchmark"
START_S, WARM_S, STOP_S = 120.0, 120.0, 30.0
PACKAGES = ("aiohttp==3.14.5", "numpy==2.4.6", "pillow==13.0.0", "requests==2.34.2", "tqdm==4.70.1")
SGLANG_PACKAGES = (
    *PACKAGES,
    "httpx==0.28.1",
    "huggingface-hub==2.4.0",
    "ipython==9.18.1",
    "msgspec==0.22.0",
    "opencv-python-headless==5.0.0.93",
    "orjson==3.13.0",
    "psutil==7.2.2",
    "pybase64==1.5.1",
    "pydantic==2.14.3",
    "python-dateutil==4.0.0",
    "pyzmq==27.3.0",
    "starlette==1.10.0",
    "triton==3.9.0",
)


@dataclass(frozen=True, kw_only=True)
class Published:
    """A benchmark on PyPI: the `requirement` that pip gets, the SHA-256 of the files that are run, the `packages` that they import.

    `command` gives Python's arguments for the unpacked folder, the server's address and our own options.
    """

    requirement: str
    pip_options: tuple[str, ...]
    digests: Mapping[str, str]
    packages: tuple[str, ...]
    command: Callable[[Path, str, argparse.Namespace], list[str]]


def ask_sglang(folder: Path, url: str, options: argparse.Namespace) -> list[str]:
    """Return the arguments for sglang's program."""
    del folder  # it is found by its name
    module = ["-m", "sglang.multimodal_gen.benchmarks.bench_serving", "--base-url", url, "--model", DEPLOYMENT, "--task", "text-to-image"]
    return module + common_flags(options) + ["--width", str(options.width), "--height", str(options.height)]


def ask_vllm_omni(folder: Path, url: str, options: argparse.Namespace) -> list[str]:
    """Return the arguments for vLLM-Omni's program, which asks for fifty denoising steps unless its requests are described in full."""
    profile = {"width": options.width, "height": options.height, "num_inference_steps": None, "weight": 1}
    program = str(folder / "benchmarks/diffusion/diffusion_benchmark_serving.py")
    chosen = [program, "--base-url", url, "--model", DEPLOYMENT, "--backend", "openai", "--task", "t2i"]
    return chosen + common_flags(options) + ["--random-request-config", json.dumps([profile])]


def common_flags(options: argparse.Namespace) -> list[str]:
    """Return what both take: prompts of their own making, so many in all and at once, no warming up."""
    numbers = ["--num-prompts", str(options.requests), "--max-concurrency", str(options.at_once)]
    return ["--dataset", "random", *numbers, "--warmup-requests", "0", "--disable-tqdm"]


SGLANG = Published(
    requirement="sglang==0.5.23",
    pip_options=("--only-binary", ":all:"),
    digests={
        "sglang/multimodal_gen/benchmarks/bench_serving.py": "c7a84d76d06255e0ba29ce0d183808b2a52ca1faceec8de734ecc48c20a9d315",
        "sglang/multimodal_gen/benchmarks/datasets.py": "1897ad432e7a48172d2b1464c337acc7ea1812015c171527a271ca6cc3c2bbf7",
    },
    packages=SGLANG_PACKAGES,
    command=ask_sglang,
)
VLLM_OMNI = Published(
    requirement="vllm-omni==0.20.0",
    pip_options=("--no-binary", "vllm-omni"),
    digests={
        "benchmarks/diffusion/diffusion_benchmark_serving.py": "b6a136392905f7eb06f7171f0f8e0234ccf5ce4282495bba4f87d78dce8d105e",
        "benchmarks/diffusion/backends.py": "97a83acb2b611cb94a28d758c19eddb749ab81c02da8f4704534eb4a8847fee8",
    },
    packages=PACKAGES,
    command=ask_vllm_omni,
)


def main() -> None:
    """Get a program, start a server, run the one against the other."""
    options = parse_arguments()
    published: Published = options.published
    folder = options.cache / published.requirement
    sources = unpack(published, folder)
    check(published, sources)
    packages = install(published, folder)
    print(describe_machine(), f"; {published.requirement}, {options.size} at {options.quality}\n", sep="")
    with tempfile.TemporaryDirectory() as data, serving(Path(data), options) as url:
        arguments = published.command(sources, url, options)
        print(f"python {shlex.join(arguments)}\n", flush=True)
        paths = os.pathsep.join([str(sources), str(packages), *filter(None, [os.environ.get("PYTHONPATH")])])
        done = subprocess.run([sys.executable, *arguments], check=False, env={**os.environ, "PYTHONPATH": paths})
    raise SystemExit(done.returncode)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--sglang", dest="published", action="store_const", const=SGLANG)
    which.add_argument("--vllm-omni", dest="published", action="store_const", const=VLLM_OMNI)
    parser.add_argument("--requests", type=int, default=8)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--size", default="256x256")
    parser.add_argument("--quality", default="low", choices=["low", "medium", "high"])
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "limner-public-serving")
    options = parser.parse_args()
    options.width, options.height = map(int, options.size.split("x"))
    return options


def unpack(published: Published, folder: Path) -> Path:
    """Return the folder of the package's files, which pip gets unless they are here."""
    sources = folder / "sources"
    if sources.exists():
        return sources
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as staged:
        run_pip("download", "--no-deps", *published.pip_options, "--dest", staged, published.requirement)
        (archive,) = Path(staged).iterdir()
        files = Path(staged) / "files"
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(files)
            files.rename(sources)
        else:
            with tarfile.open(archive) as package:
                package.extractall(files, filter="data")
            (inside,) = files.iterdir()
            inside.rename(sources)
    return sources


def check(published: Published, sources: Path) -> None:
    """End here if what would be run is not what was published."""
    for name, digest in published.digests.items():
        if hashlib.sha256((sources / name).read_bytes()).hexdigest() != digest:
            raise SystemExit(f"{sources / name} is not the file of {published.requirement} that was read for this; delete {sources.parent}")


def install(published: Published, folder: Path) -> Path:
    """Return the folder of the packages that the program imports, which pip installs unless they are here."""
    packages = folder / "packages"
    if not packages.exists():
        with tempfile.TemporaryDirectory(dir=folder) as staged:
            run_pip("install", "--target", f"{staged}/packages", *published.packages)
            Path(staged, "packages").rename(packages)
    return packages


def run_pip(*arguments: str) -> None:
    """Run pip, quietly unless it fails."""
    subprocess.run([sys.executable, "-m", "pip", arguments[0], "--quiet", *arguments[1:]], check=True)


@contextlib.contextmanager
def serving(data: Path, options: argparse.Namespace) -> Iterator[str]:
    """Run a server that has drawn one picture, and yield its address."""
    limner, folder = [sys.executable, "-m", "limner"], ["--data-dir", str(data / "data")]
    log = data / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([*limner, "serve", "--port", "0", "--dev", *folder], stdout=output, stderr=output)
        try:
            url = wait_for_address(process, log)
            create = [*limner, "deployments", "create", DEPLOYMENT, "limner", "--default", f"quality={options.quality}", *folder]
            subprocess.run(create, check=True, capture_output=True)
            body = {"model": DEPLOYMENT, "prompt": "a red kite", "size": options.size}
            httpx2.post(f"{url}/v1/images/generations", json=body, timeout=WARM_S).raise_for_status()
            yield url
        finally:
            process.terminate()
            process.wait(STOP_S)


def wait_for_address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return where a server listens, as its log says."""
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        if found := re.search(r"http://\S+?:\d+", log.read_text("utf-8")):
            return found.group()
        time.sleep(0.05)
    raise SystemExit(f"the server did not start: {log.read_text('utf-8')}")


if __name__ == "__main__":
    main()

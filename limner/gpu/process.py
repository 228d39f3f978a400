"""The engine's process on a GPU: the loop, frames and orders of `limner.engine.process`, with torch below.

Started by `limner.engine.local` as `python -m limner.gpu.process` where the settings say so. The same seed gives the same bytes on one
model of GPU with one release of torch: products are float32 (on tensor cores as TF32), and only algorithms that repeat are used.
"""

from __future__ import annotations

import argparse
import os

import torch

from limner.engine.drawing.runtime import Runtime
from limner.engine.process import make_parser, serve
from limner.engine.weights import Catalogue
from limner.gpu.graphs import open_graphs

CUBLAS_VARIABLE, CUBLAS_THAT_REPEATS = "CUBLAS_WORKSPACE_CONFIG", ":4096:8"


def main() -> None:
    """Serve the program that started this process."""
    parser = make_parser("python -m limner.gpu.process", __doc__)
    parser.add_argument("--device", default="cuda", help="a device of torch: cuda, cuda:1, cpu")
    arguments = parser.parse_args()
    device = find_device(parser, arguments.device)
    repeat_exactly(arguments.threads)
    serve(lambda name: Runtime(Catalogue.open(arguments.weights_dir), name, arguments.threads, lambda part, _: open_graphs(part, device)))


def find_device(parser: argparse.ArgumentParser, name: str) -> torch.device:
    """Return a device that can draw; what cannot ends the process with a reason."""
    kind = name.partition(":")[0]
    if kind not in ("cpu", "cuda") or (kind == "cuda" and not torch.cuda.is_available()):
        parser.error(f"device {name!r} cannot be used here; use cpu, or cuda where there is an NVIDIA GPU and a torch built for it")
    return torch.device(name)


def repeat_exactly(threads: int) -> None:
    """Let torch use only what gives the same numbers each time, and so many threads."""
    os.environ[CUBLAS_VARIABLE] = CUBLAS_THAT_REPEATS
    torch.use_deterministic_algorithms(True)
    torch.set_float32_matmul_precision("high")
    torch.set_num_threads(threads)


if __name__ == "__main__":
    main()

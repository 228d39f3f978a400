"""Draw with stable-diffusion.cpp and random weights of SD-Turbo's shape, and say how long it took: what `peers.py` starts for it.

    python benchmarks/peer_sdcpp.py ARCHITECTURE WIDTHxHEIGHT REPEATS

Needs what `peer_diffusers.py` needs, which writes the weights, and `pip install stable-diffusion-cpp-python==0.4.7`, which is built from
its source for the instructions of this machine. The weights are in half precision, as SD-Turbo is published; the arithmetic is ggml's.
Text encoder, one step of the network and decoder are all in the time, as for the others. Prints the line of JSON that
`peer_diffusers.py` prints.
"""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from safetensors import safe_open
from stable_diffusion_cpp import StableDiffusion

WRITER = Path(__file__).with_name("peer_diffusers.py")
NETWORKS = {"sdcpp-sd-turbo": "sd-turbo"}
PROMPT = "a red kite over a harbour"  # padded to the window, as these pipelines always read


def main() -> None:
    """Write the weights, draw, report."""
    architecture, size, repeats = sys.argv[1:]
    width, height = (int(side) for side in size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(WRITER), NETWORKS[architecture], "--save", folder], check=True, stdout=sys.stderr)
        parameters = count_parameters(Path(folder))
        model = StableDiffusion(model_path=folder, n_threads=int(os.environ["OMP_NUM_THREADS"]), prediction="eps", verbose=False)
        asked = {"prompt": PROMPT, "width": width, "height": height, "sample_steps": 1, "cfg_scale": 1.0, "sample_method": "euler_a"}
        model.generate_image(**asked, seed=0)
        before, seconds = processor_seconds(), []
        for seed in range(1, int(repeats) + 1):
            started = time.perf_counter()
            model.generate_image(**asked, seed=seed)
            seconds.append(time.perf_counter() - started)
        report = {
            "seconds": seconds,
            "processor_s": processor_seconds() - before,
            "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "parameters": parameters,
        }
    print(json.dumps(report))


def processor_seconds() -> float:
    """Return the user and system seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def count_parameters(folder: Path) -> int:
    """Return how many numbers the networks have."""
    total = 0
    for path in folder.rglob("*.safetensors"):
        with safe_open(path, "numpy") as file:
            total += sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118 - it is no mapping
    return total


if __name__ == "__main__":
    main()

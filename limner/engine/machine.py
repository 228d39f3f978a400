"""What kind of machine draws: pictures of one seed are the same bytes on every machine of one kind."""

from __future__ import annotations

import functools
import os
import platform
from importlib import metadata
from pathlib import Path

from limner.engine.settings import DEVICE_VARIABLE, Device
from limner.errors import InvalidField

MAX_DEFAULT_THREADS = 4
GPU_FACTS = Path("/proc/driver/nvidia/gpus")  # of Linux, a folder for each
INSTRUCTION_SETS = (  # widest first: the runtime picks the first that the processor has
    ("amx_tile", "amx"),
    ("avx512_vnni", "avx512_vnni"),
    ("avx512f", "avx512"),
    ("avx_vnni", "avx_vnni"),
    ("avx2", "avx2"),
    ("avx", "avx"),
    ("sve", "sve"),
    ("asimddp", "neon_dot"),
    ("asimd", "neon"),
)
FAST_WITH_INT8 = ("amx", "avx512_vnni")  # measured with the second


def num_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_threads() -> int:
    """Return how many threads one picture is drawn with unless the caller says otherwise."""
    return min(num_cores(), MAX_DEFAULT_THREADS)


@functools.cache
def instruction_set() -> str:
    """Return the widest instruction set that the runtime finds here, such as `avx2`; the architecture where that is unknown."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.machine().lower()
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Features"))), [])
    return next((name for flag, name in INSTRUCTION_SETS if flag in flags), platform.machine().lower())


def has_fast_int8() -> bool:
    """Tell whether this processor multiplies bytes so fast that products in int8 take less time than in float32."""
    return instruction_set() in FAST_WITH_INT8


def machine_kind(threads: int, device: Device = "cpu") -> str:
    """Return the kind of this machine, such as `avx2/onnxruntime-1.23.0/threads-2` or `cuda/nvidia-h100-80gb-hbm3/torch-2.11.0`.

    Raises:
        InvalidField: the device is a GPU, and none is here or torch is not installed.
    """
    if device == "cpu":
        return f"{instruction_set()}/onnxruntime-{metadata.version('onnxruntime')}/threads-{threads}"
    try:
        return f"cuda/{_gpu_model()}/torch-{metadata.version('torch')}"
    except metadata.PackageNotFoundError as error:
        raise InvalidField(DEVICE_VARIABLE, f"{DEVICE_VARIABLE}=cuda needs torch; run pip install 'limner[cuda]', or unset it") from error


def _gpu_model() -> str:
    """Return the model of the first GPU as the driver calls it, in small letters with hyphens."""
    for facts in sorted(GPU_FACTS.glob("*/information")):
        for line in facts.read_text(encoding="utf-8", errors="replace").splitlines():
            field, _, said = line.partition(":")
            if field == "Model" and said.strip():
                return "-".join(said.lower().split())
    raise InvalidField(
        DEVICE_VARIABLE, f"{DEVICE_VARIABLE}=cuda, but no driver of an NVIDIA GPU is loaded here; load one, or unset {DEVICE_VARIABLE}"
    )

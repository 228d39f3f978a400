"""The only place that reads the environment for drawing: where the weights lie, what computes, whether to show tracebacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from limner.errors import InvalidField

WEIGHTS_DIR_VARIABLE, THREADS_VARIABLE, DEVICE_VARIABLE = "LIMNER_WEIGHTS_DIR", "LIMNER_THREADS", "LIMNER_DEVICE"
DEBUG_VARIABLE = "LIMNER_DEBUG"
MAX_THREADS = 256

Device = Literal["cpu", "cuda"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """None means: the weights of this package, the threads that the engine chooses. `device` is what computes."""

    weights_dir: Path | None = None
    threads: int | None = None
    device: Device = "cpu"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings out of environment variables; an empty one counts as unset.

    Raises:
        InvalidField: a variable is set to something that cannot be used; `param` is its name.
    """
    return Settings(weights_dir=_read_weights_dir(environment), threads=_read_threads(environment), device=_read_device(environment))


def is_debugging(environment: Mapping[str, str]) -> bool:
    """Say whether an unexpected failure shows its traceback."""
    return environment.get(DEBUG_VARIABLE) == "1"


def _read_weights_dir(environment: Mapping[str, str]) -> Path | None:
    text = environment.get(WEIGHTS_DIR_VARIABLE)
    if not text:
        return None
    path = Path(text).expanduser()
    if not path.is_dir():
        raise InvalidField(
            WEIGHTS_DIR_VARIABLE, f"{WEIGHTS_DIR_VARIABLE}={text!r} is not a folder; name one that holds snapshots.json, or unset it"
        )
    return path


def _read_threads(environment: Mapping[str, str]) -> int | None:
    text = environment.get(THREADS_VARIABLE)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_THREADS:
        raise InvalidField(
            THREADS_VARIABLE, f"{THREADS_VARIABLE}={text!r} is not a count; use a whole number from 1 to {MAX_THREADS}, or unset it"
        )
    return int(text)


def _read_device(environment: Mapping[str, str]) -> Device:
    text = environment.get(DEVICE_VARIABLE) or "cpu"
    if text not in get_args(Device):
        raise InvalidField(DEVICE_VARIABLE, f"{DEVICE_VARIABLE}={text!r} is not a device; use cpu, or cuda on a machine with an NVIDIA GPU")
    return cast(Device, text)

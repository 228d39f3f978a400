"""What kind of machine draws."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from limner.engine import machine
from limner.engine.machine import INSTRUCTION_SETS, default_threads, instruction_set, machine_kind, num_cores
from limner.errors import InvalidField


def test_a_machine_kind_names_instruction_set_runtime_version_and_threads() -> None:
    assert machine_kind(3) == f"{instruction_set()}/onnxruntime-{metadata.version('onnxruntime')}/threads-3"


def test_the_instruction_set_is_a_known_one_or_the_architecture() -> None:
    known = {name for _, name in INSTRUCTION_SETS}

    assert instruction_set() in known or instruction_set().isidentifier()


def test_threads_are_as_many_as_cores_up_to_four() -> None:
    assert default_threads() == min(num_cores(), 4)
    assert num_cores() >= 1


def test_a_gpu_s_kind_is_its_model_and_the_release_of_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "GPU_FACTS", tmp_path)
    (tmp_path / "0000:01:00.0").mkdir()
    (tmp_path / "0000:01:00.0" / "information").write_text("Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 78\n")

    assert machine_kind(3, "cuda") == f"cuda/nvidia-h100-80gb-hbm3/torch-{metadata.version('torch')}"


def test_a_gpu_without_a_driver_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "GPU_FACTS", tmp_path)

    with pytest.raises(InvalidField, match="LIMNER_DEVICE=cuda, but no driver of an NVIDIA GPU is loaded here"):
        machine_kind(3, "cuda")


def test_a_gpu_without_torch_is_refused_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(machine, "GPU_FACTS", tmp_path)
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "information").write_text("Model: NVIDIA L4\n")
    monkeypatch.setattr(machine.metadata, "version", version)

    with pytest.raises(InvalidField, match="needs torch; run pip install 'limner\\[cuda\\]'"):
        machine_kind(3, "cuda")

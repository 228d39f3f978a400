"""What `pip install .` brings: every shipped file, one command, and nothing that draws in torch or CUDA."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "limner"


@pytest.fixture(scope="module")
def wheel_paths() -> set[str]:
    return {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}


@pytest.fixture(scope="module")
def sdist_paths() -> set[str]:
    return {file.relative_path for file in SdistBuilder(str(ROOT)).recurse_included_files()}


def shipped_files() -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def name_of(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def installed_with(distribution: str) -> set[str]:
    """Names of everything that installing a distribution without extras brings, itself left out."""
    found: set[str] = set()
    waiting = [distribution]
    while waiting:
        for requirement in metadata.requires(waiting.pop()) or []:
            name = name_of(requirement)
            if "extra ==" not in requirement and name not in found and is_installed(name):
                found.add(name)
                waiting.append(name)
    return found


def is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def test_the_wheel_holds_the_package_with_weights_and_data_and_nothing_else(wheel_paths):
    assert shipped_files() <= wheel_paths
    assert {path for path in wheel_paths if not path.startswith("limner/")} == set()


def test_the_wheel_holds_a_snapshot_that_draws(wheel_paths):
    assert "limner/weights/snapshots.json" in wheel_paths
    assert "limner/weights/text-encoder/manifest.json" in wheel_paths
    assert any(re.fullmatch(r"limner/weights/limner-[\d.]+/denoise\.onnx", path) for path in wheel_paths)


def test_the_source_archive_can_be_built_tested_and_read(sdist_paths):
    needed = {
        "pyproject.toml",
        "LICENSE",
        "NOTICE",
        "README.md",
        "check",
        "docs/README.md",
        "tests/test_packaging.py",
        "benchmarks/generate.py",
    }

    assert needed | shipped_files() <= sdist_paths


def test_a_plain_install_brings_neither_torch_nor_cuda():
    brought = installed_with("limner")

    assert {"numpy", "onnxruntime"} <= brought
    assert [name for name in brought if name.startswith(("torch", "nvidia", "cuda", "triton", "onnxscript"))] == []


def test_each_requirement_has_a_lower_and_an_upper_bound():
    requirements = [line for line in metadata.requires("limner") or [] if name_of(line) != "limner"]

    loose = [line for line in requirements if not (">=" in line and "<" in line)]

    assert loose == []


def test_a_picture_is_drawn_where_nothing_of_the_train_extra_can_be_imported(tmp_path: Path):
    for module in ("torch", "onnx", "onnxscript", "resvg_py"):
        (tmp_path / f"{module}.py").write_text(f"raise ModuleNotFoundError('{module} is not installed')\n", "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "limner", "generate", "a red kite", "--quality", "low", "-o", str(tmp_path / "kite.png")]

    answer = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=ROOT)

    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "kite.png").read_bytes().startswith(b"\x89PNG")


def test_the_package_installs_the_command():
    scripts = {script.name: script.value for script in metadata.entry_points(group="console_scripts")}

    assert scripts["limner"] == "limner.cli.main:main"

"""openai-python's own tests of images, files, models and moderations, of exactly the version that is installed here."""

from __future__ import annotations

import sys
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openai
import pytest

REQUIREMENTS = Path(__file__).parent / "suite" / "requirements.txt"
SUITES = {"images": 100, "files": 117, "models": 55, "moderations": 20}  # at least so many tests pass


@pytest.fixture(scope="module")
def sources(cached: Callable[[str], Path], run_client: Callable[..., str]) -> Path:
    """The unpacked source distribution, with its tests."""
    name = f"openai-{openai.__version__}"
    folder = cached("contract-openai-source")
    if not (folder / name / "pyproject.toml").exists():
        options = ["--no-deps", "--no-binary", "openai", "--no-build-isolation", "--quiet", "--dest", str(folder)]
        run_client([sys.executable, "-m", "pip", "download", *options, f"openai=={openai.__version__}"], None)
        with tarfile.open(folder / f"{name}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    return folder / name


@pytest.fixture(scope="module")
def python(make_environment: Callable[..., Path]) -> Path:
    """An interpreter that has what those tests need."""
    return make_environment("openai-suite", REQUIREMENTS, f"openai[aiohttp]=={openai.__version__}")


@pytest.fixture(scope="module")
def outcomes(
    conforming: Any, sources: Path, python: Path, run_client: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Counter[str]]:
    """How often the tests of each file passed, failed or were skipped."""
    report = tmp_path_factory.mktemp("suite") / "report.xml"
    files = [f"tests/api_resources/test_{name}.py" for name in SUITES]
    command = [str(python), "-m", "pytest", "-o", "addopts=", "-p", "no:cacheprovider", "-q", "--tb=short", f"--junitxml={report}", *files]
    run_client(command, conforming.environment() | {"TEST_API_BASE_URL": conforming.url}, folder=sources)
    found: dict[str, Counter[str]] = {name: Counter() for name in SUITES}
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.attrib["classname"].split(".")[2].removeprefix("test_")
        found[name][case[0].tag if len(case) else "passed"] += 1
    return found


@pytest.mark.parametrize("name", sorted(SUITES))
def test_the_vendor_s_own_tests_pass(outcomes: dict[str, Counter[str]], name: str):
    skipped = outcomes[name].pop("skipped", 0)  # by the suite itself: what it mocks does not go with every transport

    assert set(outcomes[name]) == {"passed"}
    assert outcomes[name]["passed"] >= SUITES[name]
    assert skipped <= 3

"""openai-python's own tests of every API that is served here, of exactly the version that is installed here."""

from __future__ import annotations

import sys
import tarfile
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openai
import pytest

REQUIREMENTS = Path(__file__).parent / "suite" / "requirements.txt"
SUITES = {  # files of tests: at least so many of their tests pass
    "test_images": 100,
    "test_files": 117,
    "test_models": 55,
    "test_moderations": 20,
    "test_responses": 150,
    "responses/test_input_items": 25,
    "responses/test_input_tokens": 20,
    "test_conversations": 80,
    "conversations/test_items": 95,
    "test_batches": 80,
}


@pytest.fixture(scope="module")
def sources(cached: Callable[[str], AbstractContextManager[Path]], run_client: Callable[..., str]) -> Path:
    """The unpacked source distribution, with its tests."""
    name = f"openai-{openai.__version__}"
    with cached("contract-openai-source") as folder:
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
    files = [f"tests/api_resources/{name}.py" for name in SUITES]
    command = [str(python), "-m", "pytest", "-o", "addopts=", "-p", "no:cacheprovider", "-q", "--tb=short", f"--junitxml={report}", *files]
    run_client(command, conforming.environment() | {"TEST_API_BASE_URL": conforming.url}, folder=sources)
    found: dict[str, Counter[str]] = {name: Counter() for name in SUITES}
    for case in ElementTree.parse(report).iter("testcase"):
        name = "/".join(case.attrib["classname"].split(".")[2:-1])
        found[name][case[0].tag if len(case) else "passed"] += 1
    return found


@pytest.mark.parametrize("name", sorted(SUITES))
def test_the_vendor_s_own_tests_pass(outcomes: dict[str, Counter[str]], name: str):
    skipped = outcomes[name].pop("skipped", 0)  # by the suite itself: what it mocks does not go with every transport

    assert set(outcomes[name]) == {"passed"}
    assert outcomes[name]["passed"] >= SUITES[name]
    assert skipped <= 3

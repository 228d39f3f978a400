"""What the tests of the page's pure modules share: the modules themselves, called in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import limner.server

STATIC = Path(limner.server.__file__).parent / "static"
HARNESS = Path(__file__).parent / "harness.mjs"
Call = Callable[..., Any]


@pytest.fixture(scope="session")
def call(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Call]:
    """Calls a function of the page's modules by name, with arguments and an answer in JSON."""
    node = shutil.which("node")
    assert node is not None, "these tests need Node.js 20 or newer: apt-get install nodejs"
    folder = tmp_path_factory.mktemp("modules")
    for path in STATIC.glob("*.js"):
        shutil.copy(path, folder)
    (folder / "package.json").write_text('{"type": "module"}', "utf-8")
    process = subprocess.Popen([node, str(HARNESS), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    assert process.stdin is not None
    assert process.stdout is not None

    def ask(name: str, *given: Any) -> Any:
        process.stdin.write(json.dumps({"name": name, "given": given}) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer, f"{name} of {str(given)[:300]} ended Node"
        return json.loads(answer)

    yield ask
    process.stdin.close()
    process.wait(20)
    process.stdout.close()

"""The rules that the repository keeps about itself: sizes, names of errors, forbidden calls, tests that assert."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from limner import errors

ROOT = Path(__file__).parents[1]
MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_FOLDER_FILES = 500, 50, 15
MAX_SHARD_BYTES, MAX_WEIGHTS_BYTES, MAX_OTHER_BYTES = 15_000_000, 120_000_000, 10_000_000

FULL_FOLDERS: dict[str, str] = {}  # path: why it may hold more than MAX_FOLDER_FILES modules
LONG_FILES: dict[str, str] = {  # path: why it may exceed MAX_FILE_LINES
    "tests/properties/test_isolation.py": "one table of everything that a caller can name, and how a project comes by it",
}
LONG_FUNCTIONS: dict[str, str] = {}  # path::function: why it may exceed MAX_FUNCTION_LINES

PICKLING_MODULES = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
PICKLING_CALLS = {"torch.load", "torch.save"}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:root|home|work|mnt|Users)/\w")

SOURCES = sorted(path for folder in ("limner", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
TESTS = [path for path in SOURCES if path.is_relative_to(ROOT / "tests") and path.name.startswith("test_")]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def import_contracts() -> dict[str, dict[str, list[str]]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {contract["name"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


def test_no_file_is_longer_than_the_limit_unless_listed_with_a_reason():
    long_files = {relative(path) for path in SOURCES if len(path.read_text("utf-8").splitlines()) > MAX_FILE_LINES}

    assert long_files == set(LONG_FILES)


def test_no_function_is_longer_than_the_limit_unless_listed_with_a_reason():
    long_functions = {
        f"{relative(path)}::{function.name}"
        for path in SOURCES
        for function in functions(parse(path))
        if (function.end_lineno or 0) - function.lineno + 1 > MAX_FUNCTION_LINES
    }

    assert long_functions == set(LONG_FUNCTIONS)


def test_no_folder_is_deeper_than_the_limit_or_fuller_unless_listed_with_a_reason():
    modules = [path.relative_to(ROOT) for path in (ROOT / "limner").rglob("*.py")]

    deep = [path for path in modules if len(path.parts) > 4]
    counts = {path.parent: sum(other.parent == path.parent and other.name != "__init__.py" for other in modules) for path in modules}

    assert deep == []
    assert {folder.as_posix() for folder, count in counts.items() if count > MAX_FOLDER_FILES} == set(FULL_FOLDERS)


def test_only_the_top_package_exports_names():
    filled = [relative(path) for path in (ROOT / "limner").rglob("__init__.py") if path.read_text("utf-8").strip()]

    assert set(filled) <= {"limner/__init__.py"}


def test_each_error_has_its_own_code_and_says_what_went_wrong():
    classes = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, errors.LimnerError)]

    codes = [value.__dict__.get("code") for value in classes]

    assert None not in codes
    assert len(set(codes)) == len(codes)
    assert all(value.__doc__ for value in classes)
    assert all(f"{value.__name__}" in (errors.__doc__ or "") for value in classes), "the tree at the top of errors.py names them all"


def pickling(path: Path) -> Iterator[str]:
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            names = {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {(node.module or "").split(".")[0]}
        else:
            names = set()
        if names & PICKLING_MODULES or (isinstance(node, ast.Call) and ast.unparse(node.func) in PICKLING_CALLS):
            yield f"{relative(path)}:{node.lineno}"
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            yield f"{relative(path)}:{node.value.lineno}"


def test_nothing_is_ever_pickled():
    assert [place for path in SOURCES for place in pickling(path)] == []


def test_tracked_files_stay_within_their_sizes():
    weights = ROOT / "limner" / "weights"
    sizes = {path: path.stat().st_size for path in tracked_files()}
    shipped = {path: size for path, size in sizes.items() if path.is_relative_to(weights)}

    too_big = [relative(path) for path, size in sizes.items() if size > MAX_SHARD_BYTES]

    assert too_big == []
    assert sum(shipped.values()) <= MAX_WEIGHTS_BYTES
    assert sum(sizes.values()) - sum(shipped.values()) <= MAX_OTHER_BYTES


def asserts(function: ast.AST, helpers: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if (
                called.split(".")[-1] in {"raises", "assert_allclose", "assert_array_equal", "assert_close", "assert_equal", "expect"}
                or called in helpers
            ):
                return True
    return False


@pytest.mark.parametrize("path", TESTS, ids=relative)
def test_every_test_asserts_something(path: Path):
    tree = parse(path)
    helpers = {function.name for function in functions(tree) if not function.name.startswith("test_") and asserts(function, set())}

    silent = [function.name for function in functions(tree) if function.name.startswith("test_") and not asserts(function, helpers)]

    assert silent == []


def test_no_text_names_a_path_of_one_machine():
    texts = [
        path for path in tracked_files() if path.suffix in {".md", ".py", ".toml", ".sh", ".json", ""} and path.stat().st_size < 1_000_000
    ]

    found = [
        f"{relative(path)}:{number}: {line.strip()[:120]}"
        for path in texts
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]

    assert found == []


def test_the_import_contract_names_every_file_of_the_model():
    contract = import_contracts()["The engine takes only layout, flow, text, pictures and prompts from the model"]
    model = ROOT / "limner" / "model"
    paths = [*model.glob("*.py"), *(path.parent for path in model.glob("*/__init__.py"))]
    modules = {f"limner.model.{path.stem}" for path in paths if path.stem != "__init__"}

    shared = {f"limner.model.{name}" for name in ("layout", "flow", "pictures", "text", "condense", "prompts")}  # text calls condense

    assert modules - shared == set(contract["forbidden_modules"])


def test_the_torch_contract_names_every_command_but_those_that_train():
    contract = import_contracts()["Drawing starts without torch"]
    commands = {f"limner.cli.{path.stem}" for path in (ROOT / "limner" / "cli").glob("*.py") if path.stem != "__init__"}

    free = {module for module in contract["source_modules"] if module.startswith("limner.cli.")}

    assert commands - free <= {"limner.cli.train"}

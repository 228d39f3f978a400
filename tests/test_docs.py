"""The documents say what the code does: names, commands, links, trees and examples."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from limner import errors
from limner.cli.reference import list_commands, write_manual
from limner.schema.images import EditBody, EditFields, GenerationBody, VariationFields
from limner.schema.oxen import OxenBody
from limner.schema.responses.requests import ImageTool, ResponseBody
from limner.schema.webhooks import EventType
from limner.server.app import make_router_app
from limner.server.documents import build_document
from limner.server.errors import ANSWERS

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
API = (ROOT / "docs" / "api.md").read_text("utf-8")
RESPONSES = (ROOT / "docs" / "responses.md").read_text("utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
DRAWING_EXAMPLES = {  # document: the files that its Python example writes
    "README.md": {"heart-1.png", "heart-2.png"},
    "docs/reference.md": {"7.webp", "8.webp", "partial-0-0.png", "partial-0-1.png", "partial-1-0.png", "partial-1-1.png"},
}
UNLISTED_FOLDERS = {"build", "dist", "runs"}  # made by commands, ignored by git


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        for match in re.finditer(rf"^```{language}\n(.*?)^```", document.read_text("utf-8"), re.DOTALL | re.MULTILINE):
            yield relative(document), match[1]


def table_names(heading: str, document: str = REFERENCE) -> set[str]:
    """The names in backticks in the first column of the table under a heading of the reference, or of another document."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", document, re.DOTALL | re.MULTILINE)
    assert section is not None, f"there is no section {heading!r}"
    first_columns = re.findall(r"^\| (`[^|]+`) \|", section[1], re.MULTILINE)
    return {name for column in first_columns for name in re.findall(r"`([^`]+)`", column)}


def readme_tree() -> set[str]:
    """The paths of the tree in the README, folders with a closing slash."""
    block = next(text for name, text in blocks("text") if name == "README.md")
    paths, top = set(), ""
    for line in block.splitlines():
        name = line.split()[0]
        top = top if line.startswith(" ") else name
        paths.add(top + name if line.startswith(" ") else name)
    return paths


def test_the_reference_lists_exactly_the_error_codes_that_exist():
    codes = {value.code for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, errors.LimnerError)}

    assert table_names("Errors") == codes


def test_the_reference_lists_exactly_the_settings_that_the_code_reads():
    sources = [path.read_text("utf-8") for path in (ROOT / "limner").rglob("*.py")]

    settings = {name for source in sources for name in re.findall(r"[\"'](LIMNER_[A-Z_]+)[\"']", source)}

    assert table_names("Settings") == settings


def test_the_reference_lists_exactly_the_commands_that_exist():
    commands = {" ".join(("limner", *words)) for words in list_commands()}
    groups = {command for command in commands if any(other.startswith(command + " ") for other in commands)}

    assert table_names("Commands") == commands - groups


def test_the_api_page_lists_exactly_the_routes_that_exist():
    paths = build_document(make_router_app())["paths"]

    routes = {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}

    assert table_names("Routes", API) == routes | {"GET /openapi.json"}


def test_the_api_page_lists_exactly_the_fields_that_are_taken():
    schemas = (GenerationBody, EditFields, EditBody, VariationFields)

    fields = {name for schema in schemas for name in schema.model_fields}

    assert table_names("Fields of the Images routes", API) == fields | {"image", "image[]"}


def test_the_page_of_oxens_dialect_lists_exactly_the_fields_that_are_taken():
    page = (ROOT / "docs" / "oxen.md").read_text("utf-8")

    assert table_names("Generate and edit", page) == set(OxenBody.model_fields)


def test_the_page_of_webhooks_names_every_event():
    page = (ROOT / "docs" / "webhooks.md").read_text("utf-8")

    assert set(get_args(EventType)) <= set(re.findall(r"`([a-z.]+)`", page))


def test_the_page_of_responses_lists_exactly_the_fields_that_are_taken():
    assert table_names("Fields of a response", RESPONSES) == set(ResponseBody.model_fields)
    assert table_names("Fields of the tool", RESPONSES) == set(ImageTool.model_fields)


def test_the_api_page_names_every_code_that_is_answered():
    codes = {answer.code or kind.code for kind, answer in ANSWERS.items() if answer.is_told}

    told = set(re.findall(r"`([a-z_]+)`", API))

    assert codes - told == {"invalid_request"}


def test_the_manual_is_what_the_commands_print():
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == write_manual()


def test_the_tree_of_the_readme_is_the_tree_on_disk():
    folders = {f"limner/{path.name}/" for path in (ROOT / "limner").iterdir() if path.is_dir() and path.name != "__pycache__"}
    modules = {f"limner/{path.name}" for path in (ROOT / "limner").glob("*.py") if not path.name.startswith("__")}
    top = {f"{path.name}/" for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}

    assert readme_tree() == folders | modules | {name for name in top if name.rstrip("/") not in UNLISTED_FOLDERS}


def test_architecture_draws_the_arrows_that_are_checked():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contract = next(contract for contract in settings["tool"]["importlinter"]["contracts"] if contract["type"] == "layers")

    assert " > ".join(contract["layers"]) in (ROOT / "ARCHITECTURE.md").read_text("utf-8")


def test_architecture_names_a_test_that_exists_for_each_invariant():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))

    named = re.findall(r"`(test_\w+)`", text)

    assert named
    assert [name for name in named if f"def {name}(" not in sources] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_links_between_documents_lead_somewhere(document: Path):
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text("utf-8"))

    broken = [target for target in targets if "://" not in target and not (document.parent / target).exists()]

    assert broken == []


def test_the_index_lists_every_document():
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    documents = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")} - {"README.md"}

    assert documents <= set(re.findall(r"\]\(([^)]+)\)", index))


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("*.md"))

    assert numbers == list(range(1, len(numbers) + 1))


def test_continuous_integration_runs_the_test_command_of_the_readme():
    commands = [line for name, text in blocks("bash") if name == "README.md" for line in text.splitlines() if "./check" in line]

    command = commands[0].split("activate && ", 1)[1]

    assert command in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_the_changelog_names_the_version_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    versions = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert versions[0] == project["version"]


def test_deployments_are_shown_with_snapshots_that_ship():
    shipped = {path.name for path in (ROOT / "limner" / "weights").iterdir()}
    commands = "".join(re.findall(r"^## `limner deployments.*?(?=^## |\Z)", write_manual(), re.DOTALL | re.MULTILINE))
    written = (ROOT / "docs" / "deployments.md").read_text("utf-8") + commands

    named = set(re.findall(r"\blimner-\d(?:\.\d)?\b", written))

    assert len(named) > 1
    assert named <= shipped


@pytest.mark.parametrize(("document", "code"), list(blocks("python")))
def test_python_in_the_documents_compiles(document: str, code: str):
    compiled = compile(textwrap.dedent(code), document, "exec")

    assert compiled.co_names


@pytest.mark.parametrize(("document", "code"), [(name, code) for name, code in blocks("python") if name in DRAWING_EXAMPLES])
def test_drawing_examples_in_the_documents_run_and_write_what_they_say(document: str, code: str, tmp_path: Path):
    answer = subprocess.run([sys.executable, "-c", code], check=False, cwd=tmp_path, capture_output=True, text=True)

    assert answer.returncode == 0, answer.stderr
    assert {path.name for path in tmp_path.iterdir()} == DRAWING_EXAMPLES[document]

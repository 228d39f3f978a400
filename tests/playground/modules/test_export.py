"""Exported programs: whatever stands in a prompt or a value, all three languages send exactly what the page sends."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

NASTY = [
    "'",
    '"',
    "`",
    "\\",
    "$",
    "${x}",
    "$(id)",
    "\\(.a)",
    "{",
    "}",
    "{{",
    "%s",
    "\n",
    "\r\n",
    "\t",
    "END",
    "\nEND\n",
    "</script>",
    "<!--",
]
NASTY += [
    "\u2028",
    "\u202e",
    "\ufeff",
    "\u0000",
    "\x7f",
    "\\u0041",
    "\\N{DOLLAR SIGN}",
    "#{x}",
    "!!",
    "''",
    "'\\''",
    '"""',
    "🦊",
    "👩‍🚀",
    "é",
    " ",
]
NAMES = [
    "product",
    "class",
    "function",
    "_",
    "draw",
    "draw_",
    "str",
    "index",
    "http_proxy",
    "x1",
    "constructor",
    "__proto__",
    "__loc__",
    "end",
]
characters = st.characters(exclude_categories=["Cs"])
texts = st.lists(st.sampled_from(NASTY) | st.text(characters, max_size=8), min_size=1, max_size=8).map("".join)
values = texts.map(lambda text: text.replace("\0", "")).filter(bool)  # no program can be given the character 0
fields = st.fixed_dictionaries(
    {"keep": st.just(True)},
    optional={
        "model": st.sampled_from(["limner", "gpt-image-1.5"]),
        "n": st.integers(1, 10),
        "seed": st.integers(0, 2**53 - 1),
        "size": st.sampled_from(["auto", "256x256"]),
        "output_format": st.sampled_from(["png", "webp"]),
        "safety_identifier": values,
        "stream": st.just(True),
        "partial_images": st.just(3),
    },
)
edits = st.fixed_dictionaries(
    {"images": st.lists(texts.map(lambda text: {"file_id": text}), min_size=1, max_size=3)},
    optional={"region": texts, "canvas": texts, "mask": st.integers(1, 2000).map(lambda count: {"image_url": f"data:{'A' * count}"})},
)
quickly = settings(max_examples=25, deadline=None)
CURL = """#!/usr/bin/env bash
while [ "$1" != --output ]; do shift; done
printf '{"data": [{"b64_json": "AAAA"}, {"b64_json": "AAAA"}]}' > "$2"
printf '%s' "$3" > "$SEEN/path"
exec cat > "$SEEN/body"
"""


def sent(order: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in order.items() if name not in ("stream", "partial_images")}


def texts_of(call: Any, recipe: dict[str, Any]) -> dict[str, str]:
    return {program["language"]: program["text"] for program in call("exportAll", recipe)}


@contextmanager
def recording_openai(asked: list[tuple[str, Any]]) -> Iterator[None]:
    """Put a client in the place of `openai` that only takes down what it is given."""
    answer = types.SimpleNamespace(data=[types.SimpleNamespace(b64_json="AAAA")] * 2)

    def generate(*, extra_body: Any = None, **body: Any) -> Any:
        asked.append(("/images/generations", body | (extra_body or {})))
        return answer

    def post(path: str, *, body: Any, cast_to: Any) -> Any:
        asked.append((path, body))
        return answer

    client = types.SimpleNamespace(images=types.SimpleNamespace(generate=generate), post=post)
    modules = {name: types.ModuleType(name) for name in ("openai", "openai.types")}
    modules["openai"].OpenAI = lambda: client  # type: ignore[attr-defined]
    modules["openai.types"].ImagesResponse = object  # type: ignore[attr-defined]
    with mock.patch.dict(sys.modules, modules):
        yield


@pytest.fixture(scope="session")
def run_python(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Runs a program with a client that only takes down what it is given, and returns that."""
    path = tmp_path_factory.mktemp("python") / "exported.py"

    def run(text: str) -> list[tuple[str, Any]]:
        asked: list[tuple[str, Any]] = []
        path.write_text(text, "utf-8", newline="")
        with recording_openai(asked):
            runpy.run_path(str(path), {"open": mock.mock_open()})
        return asked

    return run


@pytest.fixture(scope="session")
def run_bash(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Runs a program with a `curl` that only takes down what it is given."""
    folder = tmp_path_factory.mktemp("bash")
    (folder / "curl").write_text(CURL, "utf-8")
    (folder / "curl").chmod(0o755)
    variables = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "SEEN": str(folder),
        "OPENAI_BASE_URL": "",
        "OPENAI_API_KEY": "k",
        "LANG": "C.UTF-8",
    }

    def run(text: str) -> tuple[str, Any]:
        (folder / "exported.sh").write_text(text, "utf-8", newline="")
        command = ["bash", str(folder / "exported.sh")]
        ran = subprocess.run(command, check=False, env=variables, cwd=folder, capture_output=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
        assert (folder / "picture-2.png").exists() or (folder / "picture-2.webp").exists()
        return (folder / "path").read_text("utf-8"), json.loads((folder / "body").read_text("utf-8"))

    return run


@quickly
@given(prompt=texts, order=fields)
@example(prompt="".join(NASTY), order={"keep": True})
def test_any_prompt_is_drawn_as_it_is_by_python_and_javascript(call: Any, run_python: Any, prompt: str, order: dict[str, Any]):
    order = {"prompt": prompt, **order}

    programs = texts_of(call, {"route": "generations", "order": order})

    assert run_python(programs["Python"]) == [("/images/generations", sent(order))]
    assert call("runProgram", programs["JavaScript"])["asked"] == [{"path": "/images/generations", "body": sent(order)}]


@quickly
@given(prompt=texts, order=fields, edit=edits)
def test_any_edit_is_drawn_as_it_is_by_python_and_javascript(
    call: Any, run_python: Any, prompt: str, order: dict[str, Any], edit: dict[str, Any]
):
    order = {"prompt": prompt, **order, **edit}

    programs = texts_of(call, {"route": "edits", "order": order})

    assert run_python(programs["Python"]) == [("/images/edits", sent(order))]
    assert call("runProgram", programs["JavaScript"])["asked"] == [{"path": "/images/edits", "body": sent(order)}]


@quickly
@given(parts=st.lists(st.tuples(texts, st.sampled_from(NAMES)), max_size=4), end=texts, order=fields, filled=st.data())
def test_variables_become_parameters_that_take_any_value(
    call: Any, run_python: Any, parts: list[tuple[str, str]], end: str, order: dict[str, Any], filled: Any
):
    chosen = {name: filled.draw(values) for _, name in parts}
    template = "".join(f"{call('escapeBraces', text)}{{{name}}}" for text, name in parts) + call("escapeBraces", end)
    meant = "".join(text + chosen[name] for text, name in parts) + end

    programs = texts_of(call, {"route": "generations", "order": {"prompt": template, **order}, "values": chosen})

    body = sent(order) | {"prompt": meant}
    assert call("fillIn", template, chosen) == meant
    assert call("variablesOf", template) == list(chosen)
    assert run_python(programs["Python"]) == [("/images/generations", body)]
    assert call("runProgram", programs["JavaScript"])["asked"] == [{"path": "/images/generations", "body": body}]


@settings(max_examples=12, deadline=None)
@given(before=texts, name=st.sampled_from(NAMES), value=values, order=fields, edit=edits | st.just({}), is_template=st.booleans())
@example(before="".join(NASTY), name="_", value="".join(NASTY).replace("\0", ""), order={}, edit={}, is_template=True)
def test_any_prompt_and_value_is_sent_as_it_is_by_curl(
    call: Any, run_bash: Any, before: str, name: str, value: str, order: dict[str, Any], edit: dict[str, Any], is_template: bool
):
    route = "edits" if edit else "generations"
    prompt = f"{call('escapeBraces', before)}{{{name}}}" if is_template else before
    recipe = {"route": route, "order": {"prompt": prompt, **order, **edit}} | ({"values": {name: value}} if is_template else {})

    path, body = run_bash(texts_of(call, recipe)["curl"])

    assert path == f"/images/{route}"
    assert body == sent(recipe["order"]) | {"prompt": before + value if is_template else before}


def test_a_variable_without_a_value_stands_for_its_own_name_so_that_the_program_runs(call: Any, run_python: Any):
    order = {"prompt": "a {colour} {thing}"}

    programs = texts_of(call, {"route": "generations", "order": order, "values": {"colour": "red"}})

    assert run_python(programs["Python"]) == [("/images/generations", {"prompt": "a red thing"})]


@pytest.mark.parametrize(
    "name", ["constructor", "__proto__", "to_string", "__loc__", "then", "end", "reduce", "foreach", "label", "include"]
)
def test_names_that_mean_something_to_objects_or_to_jq_are_variables_like_others(call: Any, run_python: Any, run_bash: Any, name: str):
    order = {"prompt": f"a {{{name}}}"}

    filled, unfilled = (texts_of(call, {"route": "generations", "order": order, "values": each}) for each in ({name: "kite"}, {}))

    assert (call("fillIn", order["prompt"], {name: "kite"}), call("fillIn", order["prompt"], {})) == ("a kite", "a ")
    for programs, meant in (filled, {"prompt": "a kite"}), (unfilled, {"prompt": f"a {name}"}):
        assert run_python(programs["Python"]) == [("/images/generations", meant)]
        assert call("runProgram", programs["JavaScript"])["asked"] == [{"path": "/images/generations", "body": meant}]
        assert run_bash(programs["curl"])[1] == meant


def test_a_prompt_that_has_no_variables_keeps_its_braces(call: Any, run_python: Any):
    order = {"prompt": "a {colour} {{thing}}"}

    plain, template = (texts_of(call, {"route": "generations", "order": order} | more) for more in ({}, {"values": {}}))

    assert run_python(plain["Python"])[0][1] == order
    assert run_python(template["Python"])[0][1] == {"prompt": "a colour {thing}"}


def test_names_that_answer_with_urls_are_asked_for_bytes(call: Any, run_python: Any):
    recipe = {"route": "generations", "order": {"prompt": "a kite", "model": "dall-e-3"}}

    assert run_python(texts_of(call, recipe)["Python"])[0][1]["response_format"] == "b64_json"


def test_files_are_named_after_the_prompt_and_its_format(call: Any):
    recipe = {"route": "generations", "order": {"prompt": "a kite", "output_format": "webp"}, "name": "kite-2.0"}

    programs = call("exportAll", recipe)

    assert [program["filename"] for program in programs] == ["kite-2.0.py", "kite-2.0.mjs", "kite-2.0.sh"]
    assert call("runProgram", programs[1]["text"])["written"] == ["kite-2.0-1.webp", "kite-2.0-2.webp"]

"""`limner doctor`: what is installed, what this machine can do, and what is missing, each with its remedy."""

from __future__ import annotations

import json
import os
import platform
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table
from rich.text import Text

from limner.cli.console import to_stdout
from limner.engine.library import draw, find_snapshot, open_catalogue, shared_engine
from limner.engine.machine import default_threads, has_fast_int8, instruction_set, machine_kind, num_cores
from limner.engine.resolve import GenerateOptions, resolve
from limner.engine.seeing.names import open_names
from limner.engine.settings import read_settings
from limner.engine.weights import COMPANIONS, Catalogue, WeightsPart
from limner.errors import LimnerError

NEEDED_MB = 900
TRIAL = GenerateOptions(size="256x256", quality="low", seed=0)
REINSTALL = "run: pip install --force-reinstall limner"

State = Literal["ok", "note", "problem"]
MARKS: dict[State, tuple[str, str]] = {"ok": ("✓", "green"), "note": ("•", "yellow"), "problem": ("✗", "bold red")}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. Only a `problem` keeps pictures from being drawn or described; `remedy` may be empty."""

    subject: str
    value: str
    state: State = "ok"
    remedy: str = ""


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print JSON on standard output.")] = False) -> None:
    """Say what is installed, what this machine can do, and what is missing.

    Every weights file is read and checked, and one small picture is drawn. The exit code is 1 when pictures cannot be drawn or described.
    """
    findings = list(examine())
    is_well = all(finding.state != "problem" for finding in findings)
    if as_json:
        typer.echo(json.dumps({"ok": is_well, "findings": [asdict(finding) for finding in findings]}, indent=2, ensure_ascii=False))
    else:
        to_stdout().print(_table(findings))
    if not is_well:
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """Look at the package, the machine, the settings, the weights and the extras, in this order."""
    yield from _look_at_packages()
    yield from _look_at_machine()
    subject = "settings"
    try:
        drawing = read_settings(os.environ)
        subject = "machine kind"
        yield Finding(subject, machine_kind(drawing.threads or default_threads(), drawing.device))
        subject = "weights"
        yield from _look_at_weights()
        subject = "drawing"
        yield _try_drawing()
    except PackageNotFoundError as error:
        yield Finding(subject, f"{error.name} is missing", "problem", REINSTALL)
    except LimnerError as error:
        yield Finding(subject, error.message, "problem")


def _look_at_packages() -> Iterator[Finding]:
    yield Finding("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    try:
        requirements = requires("limner") or []
        yield Finding("limner", version("limner"))
    except PackageNotFoundError:
        yield Finding("limner", "not installed, run from its source", "note", "run: pip install . in the folder of the source")
        return
    packages: dict[str, list[str]] = {}
    for requirement in requirements:
        name, _, marker = requirement.partition(";")
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", marker)
        packages.setdefault(extra[1] if extra else "", []).append(re.split(r"[\s<>=!~(]", name.strip())[0])
    yield _look_at_group("runtime", packages.pop("", []), "problem", REINSTALL)
    packages.pop("dev", None)
    for title, names in packages.items():
        yield _look_at_group(f"extra {title}", names, "note", f"run: pip install 'limner[{title}]'")


def _look_at_group(subject: str, names: list[str], state_if_missing: State, remedy: str) -> Finding:
    """Report the versions of a group of packages, or which of them are missing."""
    versions = {name: _version(name) for name in names if "[" not in name}
    missing = [name for name, found in versions.items() if found is None]
    if missing:
        return Finding(subject, f"missing: {', '.join(missing)}", state_if_missing, remedy)
    return Finding(subject, ", ".join(f"{name} {found}" for name, found in sorted(versions.items())))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _look_at_machine() -> Iterator[Finding]:
    yield Finding("processor", f"{instruction_set()}, {num_cores()} cores for this process")
    narrow = "int8 where a snapshot has graphs for it, else float32" if has_fast_int8() else "float32, into which int8 weights are widened"
    yield Finding("arithmetic", narrow)
    free = _free_mb()
    if free is None:
        return
    enough = free >= NEEDED_MB
    remedy = "" if enough else f"close other programs: drawing takes up to {NEEDED_MB} MB"
    yield Finding("free memory", f"{free:,} MB", "ok" if enough else "note", remedy)


def _free_mb() -> int | None:
    """Return the memory that programs can still get, in MB; None where the system does not say."""
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) // 1000 if found else None


def _look_at_weights() -> Iterator[Finding]:
    """Read every weights file and check it against its digest."""
    catalogue = open_catalogue()
    yield Finding("weights folder", str(catalogue.folder))
    for name in catalogue.snapshots:
        if name not in catalogue.names():
            yield Finding(f"weights {name}", "not here", "note")
            continue
        try:
            snapshot = catalogue.snapshot(name)
            snapshot.verify()
            catalogue.text_encoder(snapshot).verify()
            companions = [part for role in COMPANIONS if (part := catalogue.companion(snapshot, role))]
            if (eyes := catalogue.companion(snapshot, "eyes")) is not None:
                companions.append(open_names(catalogue, eyes))
            for part in companions:
                part.verify()
        except LimnerError as error:
            yield Finding(f"weights {name}", error.message, "problem")
        else:
            yield Finding(f"weights {name}", f"{len(snapshot.manifest['files'])} files, {_what_it_needs(companions)}, every digest right")
    yield from _look_at_helpers(catalogue)


def _look_at_helpers(catalogue: Catalogue) -> Iterator[Finding]:
    for role in catalogue.helpers:
        try:
            helper = catalogue.open_helper(role)
            if helper is not None:
                helper.verify()
        except LimnerError as error:
            yield Finding(f"weights {role}", error.message, "problem")
        else:
            yield Finding(f"weights {role}", f"{catalogue.helpers[role]['name']}, every digest right")


def _what_it_needs(companions: Sequence[WeightsPart]) -> str:
    return " and ".join(["the text encoder", *(part.folder.name for part in companions)])


def _try_drawing() -> Finding:
    request = resolve("a red kite", TRIAL, find_snapshot=find_snapshot)
    started = time.perf_counter()
    draw(request, shared_engine(), lambda _: None)
    return Finding("drawing", f"{request.size} at {request.quality} in {time.perf_counter() - started:.1f} s, start included")


def _table(findings: list[Finding]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        value = Text(finding.value, "red" if finding.state == "problem" else "")
        if finding.remedy:
            value.append(f"\n{finding.remedy}", "yellow")
        table.add_row(Text(*MARKS[finding.state]), finding.subject, value)
    return table

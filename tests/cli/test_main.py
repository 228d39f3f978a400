"""The command as a whole: what starts fast, what a failure looks like, what the manual says."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest
from typer.main import get_command

from limner.cli import main
from limner.errors import MissingExtra


def limner(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "limner", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **environment})


def imported_by(*arguments: str) -> set[str]:
    code = f"import sys; from limner.cli.main import run; run({list(arguments)!r}); print('MODULES', *sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(answer.stdout.rpartition("MODULES")[2].split())


def test_help_lists_every_command_and_loads_none():
    modules = imported_by("--help")
    answer = limner("--help")

    assert answer.returncode == 0
    assert all(f" {name} " in answer.stdout for name in main.DOORS)
    assert modules.isdisjoint({"torch", "onnxruntime", "numpy", "PIL", "limner.cli.generate", "limner.cli.train"})


def test_help_of_generate_needs_neither_torch_nor_the_runtime():
    assert imported_by("generate", "--help").isdisjoint({"torch", "onnxruntime", "onnx"})


def test_help_is_quick():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    for _ in range(3):
        limner("--help")

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor_s = (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / 3
    assert processor_s < 0.6  # a third of it on an idle machine


def test_the_installed_command_and_the_module_are_the_same():
    assert get_command(main.app).name == "limner"
    assert limner("--version").stdout.startswith("limner ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["generte"], "limner: no such command 'generte'. Did you mean 'generate'?; see limner --help"),
        (["generate", "kite", "--sze", "3"], "limner: no such option: --sze"),
        (["generate", "kite", "--n", "two"], "limner: invalid value for '-n' / '--n'"),
        (["generate", "kite", "--seed"], "limner: option '--seed' requires an argument"),
    ],
)
def test_a_mistyped_command_line_is_one_clear_line(arguments: list[str], message: str):
    answer = limner(*arguments)

    assert answer.returncode == 2
    assert answer.stderr.startswith(message)
    assert answer.stderr.count("\n") == 1
    assert answer.stdout == ""


def test_a_command_whose_extra_is_missing_names_the_install_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(main.DOORS, "train", main.Door("not_installed_anywhere", "Train.", "train"))

    with pytest.raises(MissingExtra, match=r"needs 'not_installed_anywhere'.*pip install 'limner\[train\]'"):
        main.load_command("train")


def test_an_unexpected_failure_is_one_line_unless_debugging(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setitem(main.DOORS, "models", main.Door("not.installed.anywhere", "Fail."))

    code = main.run(["models"])

    assert code == 1
    assert capsys.readouterr().err == "limner: unexpected ModuleNotFoundError: No module named 'not'; set LIMNER_DEBUG=1 to see where\n"
    monkeypatch.setenv("LIMNER_DEBUG", "1")
    with pytest.raises(ModuleNotFoundError):
        main.run(["models"])

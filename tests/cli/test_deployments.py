"""`limner deployments`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from limner.cli.main import run
from limner.store.database import Database
from limner.store.keys import KeyStore


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.delenv("LIMNER_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "100")


def do(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """Run a command, and return what it told the person."""
    assert run(["deployments", *words]) == code
    return capsys.readouterr().err


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run(["deployments", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_deployment_is_made_split_switched_and_rolled_back_in_one_command_each(capsys: pytest.CaptureFixture[str]):
    said = [
        do(capsys, "create", "art", "tiny-0", "--default", "quality=low", "--default", "n=2", "--policy", "sizes=square,256x256"),
        do(capsys, "split", "art", "tiny-0=90", "tiny-1=10"),
        do(capsys, "switch", "art", "tiny-1"),
        do(capsys, "rollback", "art"),
    ]

    (now,) = shown(capsys, "list")["deployments"]
    versions = shown(capsys, "show", "art")["versions"]
    assert said == [
        "art is at version 1: tiny-0.\n",
        "art is at version 2: tiny-0=90 tiny-1=10.\n",
        "art is at version 3: tiny-1.\n",
        "art is at version 2: tiny-0=90 tiny-1=10.\n",
    ]
    assert (now["project_id"], now["plan"]["defaults"]) == (None, {"n": 2, "quality": "low"})
    assert now["plan"]["policy"]["sizes"] == ["1024x1024", "256x256"]
    assert [(version["version"], version["is_current"]) for version in versions] == [(3, False), (2, True), (1, False)]


def test_defaults_and_policies_are_given_anew_and_taken_away(capsys: pytest.CaptureFixture[str]):
    do(capsys, "create", "art", "tiny-0", "--default", "quality=low", "--policy", "max_n=2")

    do(capsys, "change", "art", "--default", "size=256x256", "--policy", "")

    (now,) = shown(capsys, "list")["deployments"]
    assert now["plan"]["defaults"] == {"size": "256x256"}
    assert now["plan"]["policy"] == {"moderation": "low", "qualities": [], "sizes": [], "max_n": None}


def test_people_see_what_holds_and_what_held(capsys: pytest.CaptureFixture[str]):
    do(capsys, "create", "art", "tiny-0", "--default", "quality=low", "--policy", "max_n=2")
    do(capsys, "switch", "art", "tiny-1")

    run(["deployments", "show", "art"])

    table = capsys.readouterr().out
    assert [word for word in ("2 now", "tiny-1", "quality=low", "only max_n=2", "server") if word in table] == [
        "2 now",
        "tiny-1",
        "quality=low",
        "only max_n=2",
        "server",
    ]
    assert max(map(len, table.splitlines())) <= 100


def test_a_project_has_its_own_beside_the_servers(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    database = Database.open(tmp_path / "data" / "limner.db")
    project = KeyStore(database).create("one")[0].project_id
    database.close()

    do(capsys, "create", "art", "tiny-0")
    do(capsys, "create", "art", "tiny-1", "--project", project)
    deleted = do(capsys, "delete", "art", "--project", project)

    assert deleted == "art is deleted, 1 version.\n"
    assert shown(capsys, "list", "--project", project)["deployments"][0]["project_id"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "tiny", "tiny-0"), "no deployment may hide"),
        (("create", "art", "nobody"), "'nobody' is no model or snapshot here"),
        (("create", "art", "tiny-0=80"), "do not make 100"),
        (("create", "art", "tiny-0=many"), "write MODEL=PERCENT"),
        (("create", "art", "tiny-0", "--default", "quality"), "write NAME=VALUE"),
        (("create", "art", "tiny-0", "--default", "prompt=x"), "Unknown parameter: 'prompt'"),
        (("create", "art", "tiny-0", "--default", "n=11"), "'n'"),
        (("create", "art", "tiny-0", "--policy", "max_n=2", "--default", "n=3"), "use at most 2"),
        (("create", "art", "tiny-0", "--project", "proj-0123456789abcdef"), "no project has the id"),
        (("switch", "art", "tiny-1"), "no deployment has the name 'art'"),
        (("rollback", "art"), "no deployment has the name 'art'"),
        (("delete", "art"), "no deployment has the name 'art'"),
        (("show", "art"), "no deployment has the name 'art'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str):
    told = do(capsys, *words, code=2)

    assert said in told
    assert told.count("\n") == 1

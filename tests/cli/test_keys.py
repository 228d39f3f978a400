"""`limner keys`."""

import json
from pathlib import Path

import pytest

from limner.cli.main import run
from limner.store.database import Database
from limner.store.keys import KeyStore


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMNER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("LIMNER_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "80")


def create(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["keys", "create", *arguments]) == 0
    return capsys.readouterr().out.strip()


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    assert run(["keys", "list", "--json"]) == 0
    keys: list[dict[str, object]] = json.loads(capsys.readouterr().out)["keys"]
    return keys


def test_standard_output_carries_the_secret_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["keys", "create", "--name", "ci", "--role", "admin"]) == 0

    said = capsys.readouterr()
    database = Database.open(tmp_path / "data" / "limner.db")
    key = KeyStore(database).find(said.out.strip())
    database.close()
    assert key is not None
    assert said.out == said.out.strip() + "\n"
    assert (key.name, key.role) == ("ci", "admin")
    assert said.err == f"{key.key_id} for {key.project_id}, role admin. The secret is shown this once: keep it.\n"


def test_programs_get_every_key_as_json_and_no_secret(capsys: pytest.CaptureFixture[str]):
    secret = create(capsys, "--name", "ci")

    (key,) = listed(capsys)

    assert set(key) == {"key_id", "name", "project_id", "role", "created_at", "revoked_at", "expires_at", "hint"}
    assert key["hint"] == secret[-4:]
    assert secret not in json.dumps(key)


def test_people_see_keys_by_project_with_ids_whole_in_80_columns(capsys: pytest.CaptureFixture[str]):
    create(capsys, "--name", "a name that is much longer than its column, which folds")
    (first,) = listed(capsys)
    create(capsys, "--name", "second", "--project", str(first["project_id"]), "--role", "admin")
    create(capsys, "--name", "[bold]third")
    keys = listed(capsys)
    run(["keys", "revoke", str(keys[1]["key_id"])])
    capsys.readouterr()

    assert run(["keys", "list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("project")] == list(dict.fromkeys(key["project_id"] for key in keys))
    assert all(any(str(key["key_id"]) in line for line in lines) for key in keys)
    assert any("[bold]third" in line for line in lines)
    assert sum(line.count("-") >= 5 for line in lines) == 1, "one line has a day of creation and one of revocation"
    assert max(map(len, lines)) <= 80


def test_a_first_list_says_how_to_make_a_key(capsys: pytest.CaptureFixture[str]):
    assert run(["keys", "list"]) == 0

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "There is no key yet. Make one: limner keys create --name NAME\n"


def test_a_revoked_key_ends_and_stays_in_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    secret = create(capsys, "--name", "ci")
    (key,) = listed(capsys)

    assert run(["keys", "revoke", str(key["key_id"])]) == 0

    assert capsys.readouterr().err == f"{key['key_id']}, 'ci', is revoked.\n"
    assert listed(capsys)[0]["revoked_at"] is not None
    database = Database.open(tmp_path / "data" / "limner.db")
    assert KeyStore(database).find(secret) is None
    database.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["create"], "limner: missing option '--name'"),
        (["create", "--name", " "], "limner: a key's name must be 1 to 64 printable characters"),
        (["create", "--name", "ci", "--role", "boss"], "limner: role 'boss' is not known; use one of member, admin"),
        (["create", "--name", "ci", "--project", "mine"], "limner: no project has the id 'mine'; limner keys list shows them"),
        (["revoke", "key-nope"], "limner: no key has the id 'key-nope'; limner keys list shows them"),
        (["list", "--database-url", "mysql://u:hunter2@db/x"], "limner: databases of the kind 'mysql' are not supported"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]):
    assert run(["keys", *arguments]) == 2

    said = capsys.readouterr()
    assert said.err.startswith(message)
    assert said.err.count("\n") == 1
    assert "hunter2" not in said.err
    assert said.out == ""


def test_options_say_where_the_keys_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    create(capsys, "--name", "one", "--data-dir", str(tmp_path / "elsewhere"))
    create(capsys, "--name", "two", "--database-url", f"sqlite:///{tmp_path}/named.db")

    assert listed(capsys) == []
    assert {path.name for path in tmp_path.rglob("*.db")} == {"limner.db", "named.db"}
    assert (tmp_path / "elsewhere" / "limner.db").is_file()


def test_a_key_that_ends_shows_its_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    create(capsys, "--name", "a name that is much longer than its column, which folds")
    database = Database.open(tmp_path / "data" / "limner.db")
    ending, _ = KeyStore(database, clock=lambda: 1_800_000_000.0).create("playground", project=None, lifetime_s=86_400)
    database.close()
    run(["keys", "revoke", str(listed(capsys)[0]["key_id"])])
    capsys.readouterr()

    assert run(["keys", "list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if ending.key_id in line]
    assert line.split()[1:] == ["playground", "member", f"…{ending.hint}", "2027-01-15", "2027-01-16"]
    assert sum("ended" in line for line in lines) == 1
    assert max(map(len, lines)) <= 80

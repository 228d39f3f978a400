"""`limner keys`: make, list and revoke the API keys of a server, whether or not it runs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from limner.cli.console import to_stderr, to_stdout
from limner.store.database import Database
from limner.store.keys import ROLES, ApiKey, KeyStore
from limner.store.settings import read_store_settings

app = typer.Typer(help="Make, list and revoke the API keys of the server, while it runs too.", no_args_is_help=True, add_completion=False)

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="The server's folder; $LIMNER_DATA_DIR or ~/.local/share/limner where left out.", show_default=False),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url", help="Its database; $LIMNER_DATABASE_URL or limner.db in that folder where left out.", show_default=False
    ),
]


@app.command()
def create(
    name: Annotated[str, typer.Option(help="Who or what will use it, for people to read.", show_default=False)],
    project: Annotated[
        str | None, typer.Option(help="Id of the project whose files it shares; a new project where left out.", show_default=False)
    ] = None,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")] = ROLES[0],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a key and print its secret, this once.

    Standard output carries the secret alone. Keys of one project share its files; other projects see none of them.
    """
    with _open(data_dir, database_url) as keys:
        key, secret = keys.create(name, project=project, role=role)
    typer.echo(secret)
    said = f" for {key.project_id}, role {key.role}. The secret is shown this once: keep it."
    to_stderr().print(Text.assemble((key.key_id, "bold cyan"), said), soft_wrap=True)


@app.command(name="list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print JSON on standard output.")] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List all keys by project, revoked ones too.

    The secrets are not kept; a hint is the end of one. A key that signed a browser in ends by itself.

    Times are UTC; --json has them to the second, as unix time.
    """
    with _open(data_dir, database_url) as keys:
        found = keys.list()
    if as_json:
        typer.echo(json.dumps({"keys": [asdict(key) for key in found]}, indent=2, ensure_ascii=False))
    elif found:
        console = to_stdout()
        for project_id in dict.fromkeys(key.project_id for key in found):
            console.print(_block(project_id, [key for key in found if key.project_id == project_id]))
    else:
        to_stderr().print("There is no key yet. Make one: limner keys create --name NAME")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As limner keys list shows it.", show_default=False)],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """End a key for good.

    A running server refuses it within a second.
    """
    with _open(data_dir, database_url) as keys:
        key = keys.revoke(key_id)
    to_stderr().print(Text.assemble((key.key_id, "bold cyan"), f", {key.name!r}, is revoked."), soft_wrap=True)


@contextmanager
def _open(data_dir: Path | None, database_url: str | None) -> Iterator[KeyStore]:
    settings = read_store_settings(os.environ, data_dir=data_dir, database_url=database_url)
    database = Database.open(settings.database)
    try:
        yield KeyStore(database)
    finally:
        database.close()


def _block(project_id: str, keys: list[ApiKey]) -> Group:
    """Return one project for the terminal: its id, and a table of its keys that fits into 80 columns."""
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("id", "name", "role", "hint", "created", "ends"):
        table.add_column(title, no_wrap=title != "name", overflow="fold")
    for key in keys:
        end = _end(key)
        cells = (key.key_id, key.name, key.role, f"…{key.hint}", _day(key.created_at), end)
        table.add_row(*map(Text, cells), style="dim" if end.startswith("ended") else "")
    return Group(Text.assemble(("project ", "dim"), (project_id, "bold cyan")), Padding(table, (0, 0, 1, 2)))


def _end(key: ApiKey) -> str:
    """Return the day on which a key ends, or on which it ended: revoked, or by itself."""
    end = key.expires_at if key.revoked_at is None else key.revoked_at
    return "" if end is None else f"ended {_day(end)}" if end <= time.time() else _day(end)


def _day(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%d")

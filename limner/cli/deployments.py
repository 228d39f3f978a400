"""`limner deployments`: names for models, made, switched, split and rolled back on the database, whether or not the server runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from limner.cli.console import to_stderr, to_stdout
from limner.cli.keys import DatabaseUrl, DataDir
from limner.engine.library import open_catalogue
from limner.errors import InvalidField
from limner.jobs.deployments.book import DeploymentBook
from limner.jobs.deployments.directory import Directory
from limner.jobs.models import ModelTable
from limner.schema.deployments import DeploymentDefaults, DeploymentPolicy
from limner.server.account.deployments import read_policy
from limner.server.forms import check
from limner.store.database import Database
from limner.store.deployments import Deployment, DeploymentStore, Plan, Policy, Target
from limner.store.settings import read_store_settings

LISTS = ("qualities", "sizes")
app = typer.Typer(
    help="Give names to models, and switch, split and roll them back while the server runs.", no_args_is_help=True, add_completion=False
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What requests say as their model.", show_default=False)]
Models = Annotated[
    list[str],
    typer.Argument(
        metavar="MODEL[=PERCENT]...", help="Models or snapshots; with several, the percent of requests of each.", show_default=False
    ),
]
Project = Annotated[
    str | None, typer.Option(help="Id of the project whose own it is; the server's, for every project, where left out.", show_default=False)
]
Defaults = Annotated[
    list[str] | None,
    typer.Option(
        "--default", metavar="FIELD=VALUE", help="A field for requests that leave it out, such as quality=high.", show_default=False
    ),
]
Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--policy", metavar="RULE=VALUE", help="moderation=auto, qualities=low,medium, sizes=1024x1024 or max_n=4.", show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="Print JSON on standard output.")]


@app.command()
def create(
    name: Name,
    models: Models,
    default: Defaults = None,
    policy: Rules = None,
    project: Project = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a deployment.

    It may hide a name of upstream's or an alias, and no model or snapshot of this server's own.
    """
    plan = Plan(targets=_read_targets(models), defaults=_read_defaults(default or []), policy=_read_policy(policy or []))
    with _open(data_dir, database_url) as book:
        _say(book.create(project, name, plan))


@app.command(name="list")
def list_deployments(as_json: AsJson = False, project: Project = None, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """List the server's deployments, or what holds for a project, as they stand."""
    with _open_store(data_dir, database_url) as store:
        found = sorted(store.holding(project).values(), key=lambda deployment: deployment.name)
    if as_json:
        typer.echo(json.dumps({"deployments": [asdict(deployment) for deployment in found]}, indent=2, ensure_ascii=False))
    elif found:
        to_stdout().print(_table(found))
    else:
        to_stderr().print("There is no deployment yet. Make one: limner deployments create NAME MODEL")


@app.command()
def show(name: Name, as_json: AsJson = False, project: Project = None, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Show the last hundred versions of a deployment, the newest first."""
    with _open_store(data_dir, database_url) as store:
        versions = store.versions(project, name).items
    if as_json:
        typer.echo(json.dumps({"versions": [asdict(version) for version in versions]}, indent=2, ensure_ascii=False))
    else:
        to_stdout().print(_table(versions))


@app.command()
def switch(
    name: Name,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model or snapshot.", show_default=False)],
    project: Project = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Let one model draw every request from now on.

    A running server does so within a second; requests that have begun end as they began.
    """
    with _open(data_dir, database_url) as book:
        _say(book.change(project, name, targets=[Target(model=model, percent=100)]))


@app.command()
def split(name: Name, models: Models, project: Project = None, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Share requests among models: limner deployments split NAME limner-1=90 limner-1.5=10."""
    with _open(data_dir, database_url) as book:
        _say(book.change(project, name, targets=_read_targets(models)))


@app.command()
def change(
    name: Name,
    default: Defaults = None,
    policy: Rules = None,
    project: Project = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Give a deployment other defaults or another policy.

    All defaults, or all rules, are given anew: --default '' leaves none.
    """
    defaults = None if default is None else _read_defaults([pair for pair in default if pair])
    rules = None if policy is None else _read_policy([pair for pair in policy if pair])
    with _open(data_dir, database_url) as book:
        _say(book.change(project, name, defaults=defaults, policy=rules))


@app.command()
def rollback(name: Name, project: Project = None, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Go back to the version before; once more goes back further."""
    with _open(data_dir, database_url) as book:
        _say(book.roll_back(project, name))


@app.command()
def delete(name: Name, project: Project = None, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Delete a deployment with all its versions."""
    with _open(data_dir, database_url) as book:
        num_deleted = book.delete(project, name)
    to_stderr().print(Text.assemble((name, "bold cyan"), f" is deleted, {num_deleted} version{'s' * (num_deleted != 1)}."), soft_wrap=True)


@contextmanager
def _open_store(data_dir: Path | None, database_url: str | None) -> Iterator[DeploymentStore]:
    settings = read_store_settings(os.environ, data_dir=data_dir, database_url=database_url)
    database = Database.open(settings.database)
    try:
        yield DeploymentStore(database)
    finally:
        database.close()


@contextmanager
def _open(data_dir: Path | None, database_url: str | None) -> Iterator[DeploymentBook]:
    with _open_store(data_dir, database_url) as store:
        yield DeploymentBook(Directory(ModelTable(open_catalogue()), store))


def _read_targets(written: Sequence[str]) -> tuple[Target, ...]:
    """Read `MODEL` or `MODEL=PERCENT`.

    Raises:
        InvalidField: a percent is no whole number.
    """
    targets = []
    for text in written:
        model, _, percent = text.partition("=")
        if percent and not (percent.isascii() and percent.isdigit() and len(percent) < 4):
            raise InvalidField("models", f"{text!r} is not understood; write MODEL=PERCENT, such as limner-1=90")
        targets.append(Target(model=model, percent=int(percent or 100)))
    return tuple(targets)


def _read_defaults(pairs: Sequence[str]) -> dict[str, Any]:
    return check(DeploymentDefaults, _read_pairs("default", pairs), strict=False).model_dump()


def _read_policy(pairs: Sequence[str]) -> Policy:
    rules: dict[str, Any] = {name: value.split(",") if name in LISTS else value for name, value in _read_pairs("policy", pairs).items()}
    return read_policy(check(DeploymentPolicy, rules, strict=False))


def _read_pairs(option: str, pairs: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not (name and sign and value):
            raise InvalidField(option, f"--{option} {pair!r} is not understood; write NAME=VALUE, such as quality=high")
        found[name] = value
    return found


def _say(deployment: Deployment) -> None:
    what = f" is at version {deployment.version}: {_describe(deployment)}."
    to_stderr().print(Text.assemble((deployment.name, "bold cyan"), what), soft_wrap=True)


def _table(deployments: Sequence[Deployment]) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("name", "version", "draws with", "defaults and policy", "of", "made"):
        table.add_column(title, overflow="fold")
    for deployment in deployments:
        version = f"{deployment.version}{' now' if deployment.is_current else ''}"
        made = datetime.fromtimestamp(deployment.created_at, UTC).strftime("%Y-%m-%d")
        of = "server" if deployment.project_id is None else deployment.project_id
        cells = (deployment.name, version, _describe(deployment), _describe_rest(deployment), of, made)
        table.add_row(*map(Text, cells), style="" if deployment.is_current else "dim")
    return table


def _describe(deployment: Deployment) -> str:
    targets = deployment.plan.targets
    return targets[0].model if len(targets) == 1 else " ".join(f"{target.model}={target.percent}" for target in targets)


def _describe_rest(deployment: Deployment) -> str:
    policy = {name: ",".join(value) if isinstance(value, tuple) else value for name, value in vars(deployment.plan.policy).items()}
    rules = {name: value for name, value in policy.items() if value and (name, value) != ("moderation", "low")}
    said = {**deployment.plan.defaults, **{f"only {name}": value for name, value in rules.items()}}
    return " ".join(f"{name}={value}" for name, value in said.items())

"""The `limner` command: finds a subcommand, loads it alone, and turns every failure into one line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from limner.errors import DamagedFile, LimnerError, MissingExtra, RequestError

DEBUG_VARIABLE = "LIMNER_DEBUG"
SUCCESS, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Door:
    """A subcommand: the module whose `app` it is, what it does, and the extra of this package that it needs."""

    module: str
    summary: str
    extra: str | None = None


DOORS = {
    "generate": Door("limner.cli.generate", "Draw pictures from words."),
    "edit": Door("limner.cli.edit", "Change pictures as an instruction says, and undo it."),
    "compose": Door("limner.cli.compose", "Draw a new picture of what several pictures show."),
    "describe": Door("limner.cli.describe", "Say what pictures show, in one sentence each."),
    "serve": Door("limner.cli.serve", "Serve the OpenAI image API on this machine."),
    "models": Door("limner.cli.models", "List the models, their snapshots and what each can draw."),
    "doctor": Door("limner.cli.doctor", "Say what is installed, what this machine can do, and what is missing."),
    "keys": Door("limner.cli.keys", "Make, list and revoke the API keys of the server."),
    "deployments": Door("limner.cli.deployments", "Give names to models, and switch, split and roll them back."),
    "eval": Door("limner.cli.eval", "Draw the benchmark Limner Scenes and score it.", "eval"),
    "data": Door("limner.cli.data", "Fetch and build what the model learns from.", "train"),
    "train": Door("limner.cli.train", "Train a model and export its weights.", "train"),
}


class LazyGroup(TyperGroup):
    """Lists subcommands by their summaries and imports only the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the subcommand by name, and put the real one in the place of its stub."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name else None, rest


def load_command(name: str) -> Any:
    """Import one subcommand.

    Raises:
        MissingExtra: it needs packages that are not installed.
    """
    door = DOORS[name]
    try:
        return get_command(import_module(door.module).app)
    except ModuleNotFoundError as error:
        if door.extra is None or str(error.name).startswith("limner"):
            raise
        raise MissingExtra(
            f"limner {name} needs {error.name!r}, which is not installed; run: pip install 'limner[{door.extra}]'"
        ) from error


app = typer.Typer(
    cls=LazyGroup,
    name="limner",
    help="Draw pictures from words, with a model of its own, on this machine.",
    epilog="Start here: limner generate 'a red kite over a harbour' -o kite.png",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _stub() -> None:
    """Hold a subcommand's place in the list."""


for _name, _door in DOORS.items():
    app.command(_name, help=_door.summary)(_stub)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - an option's callback is called with the value alone
    if wanted:
        try:
            typer.echo(f"limner {version('limner')}")
        except PackageNotFoundError:
            typer.echo("limner, not installed")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, metavar="", help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and leave with its exit code."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before any command imports the runtime, which would report to its vendor
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; return 0, or 1 when our side failed, 2 when the request was refused, 130 when interrupted."""
    try:
        code = int(app(list(arguments), prog_name="limner", standalone_mode=False) or SUCCESS)
        return code if code != INTERRUPTED else _fail("interrupted", INTERRUPTED)
    except (KeyboardInterrupt, Abort):
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - what is left unwritten must not fail at exit
        return FAILED
    except TyperException as error:
        if not error.format_message():  # a group called without a command: its help is printed already
            return error.exit_code
        return _fail(_usage_message(error), error.exit_code)
    except LimnerError as error:
        return _fail(error.message, REFUSED if isinstance(error, RequestError | DamagedFile) else FAILED)
    except Exception as error:  # noqa: BLE001 - the top: no traceback reaches a person
        return _fail(f"unexpected {type(error).__name__}: {error}; set {DEBUG_VARIABLE}=1 to see where", FAILED)


def _usage_message(error: TyperException) -> str:
    message = error.format_message().strip().rstrip(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "limner"
    return f"{message[:1].lower()}{message[1:]}; see {path} --help"


def _fail(message: str, code: int) -> int:
    """Say what went wrong; with the debug variable set, raise it again where it came from."""
    if os.environ.get(DEBUG_VARIABLE) == "1" and code != INTERRUPTED:
        raise  # noqa: PLE0704 - called only where an exception is being handled
    import_module("limner.cli.console").print_error(message)
    return code

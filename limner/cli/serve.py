"""`limner serve`: the API on this machine."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.text import Text

from limner.cli.console import to_stderr
from limner.engine.local import MAX_WAITING
from limner.errors import InvalidField
from limner.jobs.access.identity import PROJECT_CLAIM, IdentitySettings, parse_grants
from limner.jobs.access.sign_in import TOKEN_LIFETIME_S
from limner.jobs.durable.sending import Reach
from limner.jobs.models import parse_aliases
from limner.jobs.responses.chat import PlannerSettings
from limner.server.assembly import Opened
from limner.server.running import serve as run_server
from limner.server.settings import LOCAL_MODERATION, ServerSettings
from limner.store.settings import read_store_settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
MODERATION_KEY_VARIABLE = "LIMNER_MODERATION_KEY"
PLANNER_KEY_VARIABLE = "LIMNER_PLANNER_KEY"

HostOption = Annotated[str, typer.Option(envvar="LIMNER_HOST", metavar="HOST", help="Where to listen; 0.0.0.0 is every address.")]
PortOption = Annotated[int, typer.Option(envvar="LIMNER_PORT", metavar="PORT", min=0, max=65535, help="The port; 0 takes a free one.")]
DataDirOption = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where keys, files and pictures lie.")]
DatabaseOption = Annotated[str | None, typer.Option(metavar="URL", help="A PostgreSQL database, in place of SQLite in the data folder.")]
BlobOption = Annotated[str | None, typer.Option(metavar="URL", help="An S3 bucket or folder for contents, in place of the data folder.")]
DevOption = Annotated[bool, typer.Option("--dev", metavar="", help="Take any key or none; on loopback alone.")]
AliasOption = Annotated[
    list[str] | None,
    typer.Option("--alias", envvar="LIMNER_ALIAS", metavar="NAME=MODEL", help="Let a name stand for a model; * catches every other name."),
]
ModerationOption = Annotated[
    str, typer.Option(envvar="LIMNER_MODERATION", metavar="KIND", help="local, off, or the URL of an OpenAI-compatible endpoint.")
]
PlannerOption = Annotated[
    str | None,
    typer.Option(
        envvar="LIMNER_PLANNER_URL", metavar="URL", help="An OpenAI-compatible chat endpoint that plans responses; none unless given."
    ),
]
PlannerModelOption = Annotated[
    str | None, typer.Option(envvar="LIMNER_PLANNER_MODEL", metavar="NAME", help="The model to ask it for; the request's own unless given.")
]
PlannerVisionOption = Annotated[
    bool,
    typer.Option(
        "--planner-vision/--no-planner-vision",
        envvar="LIMNER_PLANNER_VISION",
        metavar="",
        help="Whether the planner gets the pictures, too.",
    ),
]
PlannerTimeoutOption = Annotated[
    float, typer.Option(envvar="LIMNER_PLANNER_TIMEOUT", metavar="SECONDS", help="How long one answer of the planner may take.")
]
FetchOption = Annotated[
    bool, typer.Option("--fetch/--no-fetch", envvar="LIMNER_FETCH", metavar="", help="Whether pictures may be named by https URLs.")
]
WebhooksOption = Annotated[
    str,
    typer.Option(envvar="LIMNER_WEBHOOKS", metavar="REACH", help="public (https to public addresses), any (inside and http too), or off."),
]
StrictOption = Annotated[
    bool,
    typer.Option(
        "--strict",
        envvar="LIMNER_STRICT",
        metavar="",
        help="Refuse as upstream does: response_format for GPT models, Azure's deployments without api-version.",
    ),
]
PublicUrlOption = Annotated[
    str | None,
    typer.Option(envvar="LIMNER_PUBLIC_URL", metavar="URL", help="What URLs in answers begin with; the asked host unless given."),
]
RetentionOption = Annotated[
    int, typer.Option(envvar="LIMNER_RETENTION_DAYS", metavar="DAYS", help="How long pictures are kept that requests ask to keep.")
]
WaitingOption = Annotated[
    int, typer.Option("--max-waiting", envvar="LIMNER_MAX_WAITING", metavar="REQUESTS", help="How many requests may wait to be drawn.")
]
GraceOption = Annotated[
    float, typer.Option(envvar="LIMNER_GRACE", metavar="SECONDS", help="How long open requests may go on after a signal to stop.")
]
FilterResultsOption = Annotated[
    bool,
    typer.Option("--filter-results", envvar="LIMNER_FILTER_RESULTS", metavar="", help="Say on Azure's paths what the filters found."),
]
IssuerOption = Annotated[
    str | None,
    typer.Option("--oidc-issuer", envvar="LIMNER_OIDC_ISSUER", metavar="URL", help="Take tokens of this OpenID Connect issuer as keys."),
]
AudienceOption = Annotated[
    list[str] | None,
    typer.Option("--oidc-audience", envvar="LIMNER_OIDC_AUDIENCE", metavar="NAME", help="What tokens must be meant for; one of several."),
]
ProjectClaimOption = Annotated[
    str, typer.Option("--oidc-project-claim", envvar="LIMNER_OIDC_PROJECT_CLAIM", metavar="CLAIM", help="The claim that names a project.")
]
GrantOption = Annotated[
    list[str] | None,
    typer.Option(
        "--oidc-grant",
        envvar="LIMNER_OIDC_GRANT",
        metavar="CLAIM=VALUE:PROJECT[:ROLE]",
        help="Lead tokens with that claim to a project of keys.",
    ),
]
ConformanceOption = Annotated[
    bool, typer.Option("--conformance", metavar="", help="Answer vendors' test suites with fixed objects; on loopback alone.")
]


@app.command(epilog="For example: limner serve --port 8000, then OPENAI_BASE_URL=http://127.0.0.1:8000/v1")
def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    data_dir: DataDirOption = None,
    database_url: DatabaseOption = None,
    blob_url: BlobOption = None,
    dev: DevOption = False,
    alias: AliasOption = None,
    moderation: ModerationOption = LOCAL_MODERATION,
    planner_url: PlannerOption = None,
    planner_model: PlannerModelOption = None,
    planner_vision: PlannerVisionOption = False,
    planner_timeout: PlannerTimeoutOption = 120.0,
    fetch: FetchOption = True,
    webhooks: WebhooksOption = "public",
    strict: StrictOption = False,
    public_url: PublicUrlOption = None,
    retention_days: RetentionOption = 30,
    max_waiting: WaitingOption = MAX_WAITING,
    grace: GraceOption = 20.0,
    oidc_issuer: IssuerOption = None,
    oidc_audience: AudienceOption = None,
    oidc_project_claim: ProjectClaimOption = PROJECT_CLAIM,
    oidc_grant: GrantOption = None,
    filter_results: FilterResultsOption = False,
    conformance: ConformanceOption = False,
) -> None:
    """Serve the OpenAI image API on this machine. The first start prints a key, once; SIGTERM and Ctrl-C end it gracefully."""
    settings = ServerSettings(
        store=read_store_settings(os.environ, data_dir=data_dir, database_url=database_url, blob_url=blob_url),
        host=host,
        port=port,
        is_dev=dev,
        is_conformance=conformance,
        is_strict=strict,
        aliases=parse_aliases(alias or []),
        moderation=moderation,
        moderation_key=os.environ.get(MODERATION_KEY_VARIABLE) or None,
        planner=_planner(planner_url, planner_model, planner_timeout, sees=planner_vision),
        fetches_urls=fetch,
        webhooks=cast(Reach, webhooks),  # the settings check it
        public_url=public_url,
        retention_days=retention_days,
        max_waiting=max_waiting,
        grace_s=grace,
        has_filter_results=filter_results,
        oidc=_read_identity(oidc_issuer, oidc_audience or [], oidc_project_claim, oidc_grant or []),
    )
    _run(settings)


def _run(settings: ServerSettings) -> None:
    console = to_stderr()
    _log()
    run_server(settings, on_open=lambda opened, port: _greet(console, settings, opened, port))


def _planner(url: str | None, model: str | None, timeout_s: float, *, sees: bool) -> PlannerSettings | None:
    if url is None:
        return None
    key = os.environ.get(PLANNER_KEY_VARIABLE) or None
    return PlannerSettings(url=url, model=model, api_key=key, is_seeing=sees, timeout_s=timeout_s)


def _read_identity(issuer: str | None, audiences: list[str], project_claim: str, grants: list[str]) -> IdentitySettings | None:
    """Return whose tokens are taken, None for nobody's.

    Raises:
        InvalidField: something is said of tokens, and not whose.
    """
    if issuer:
        return IdentitySettings(issuer=issuer, audiences=tuple(audiences), project_claim=project_claim, grants=parse_grants(grants))
    if audiences or grants:
        raise InvalidField("oidc_issuer", "an audience or a grant says nothing without an issuer; set --oidc-issuer")
    return None


def _greet(console: Console, settings: ServerSettings, opened: Opened, port: int) -> None:
    if opened.first_secret is not None:
        typer.echo(opened.first_secret)
        console.print("↑ your API key: it is shown this once, and stored only as a hash", style="dim")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    console.print(Text.assemble(("✓ ", "green"), ("Limner", "bold"), f"  http://{host}:{port}/v1"), soft_wrap=True)
    about = f"draws with {opened.services.models.default.snapshot} · moderation {settings.moderation} · data in {settings.store.data_dir}"
    console.print(f"  {about} · Ctrl-C stops", style="dim", soft_wrap=True, highlight=False)
    if not settings.is_conformance:
        console.print(f"  playground: {_playground(settings, opened, port)}", soft_wrap=True, highlight=False)
    if settings.is_dev:
        console.print("--dev: any key or none is taken, on this machine alone", style="yellow")
    if settings.is_conformance:
        console.print("--conformance: nothing is drawn; every answer is a fixed one", style="yellow")


def _playground(settings: ServerSettings, opened: Opened, port: int) -> str:
    """Return the address of the page; where a key is needed, with what signs a browser in, once and not for long."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    base = settings.public_url or f"http://{f'[{host}]' if ':' in host else host}:{port}"
    token = None if settings.is_dev else opened.services.sign_ins.issue()
    address = f"{base.rstrip('/')}/"
    return address if token is None else f"{address}#sign-in={token} (signs in once, within {TOKEN_LIFETIME_S / 60:.0f} minutes)"


def _log() -> None:
    """Write one line for each request, and for what went wrong, to standard error; never a prompt, a key or a path of a client's making."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("limner").setLevel(logging.INFO)
    for noisy in ("uvicorn.error", "python_multipart"):  # a line for each byte of a stranger's that they cannot read
        logging.getLogger(noisy).setLevel(logging.ERROR)

"""Azure's paths, in front of everything: each is rewritten to the path of `/v1` that does the same, once, in one place.

```
/openai/deployments/{d}/images/generations      /v1/images/generations, drawn by {d} whatever the body calls its model
/openai/v1/deployments/{d}/images/edits         as a client asks whose base URL ends in /openai/v1
/openai/deployments/{d}/batches                 /v1/batches; openai-node asks so, and each line names its own model
/openai/v1/X, /openai/X                         /v1/X, for every X that /v1 has or will have
```
Source: Microsoft's REST reference of Azure OpenAI, and what `AzureOpenAI` of openai-python, openai-node and `@ai-sdk/azure` send.
"""

from __future__ import annotations

from urllib.parse import parse_qs, unquote

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from limner.errors import UnknownRoute

PREFIX = "/openai/"
DEPLOYED = frozenset({"images/generations", "images/edits", "batches"})  # what may stand behind /deployments/{d}/
VERSION_QUERY = "api-version"


class AzurePaths:
    """Rewrites paths. Where it `needs_version`, as upstream, a path with a deployment is not there without an `api-version`."""

    def __init__(self, app: ASGIApp, *, needs_version: bool = False) -> None:
        self._app, self._needs_version = app, needs_version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and is_azure(scope["path"]):
            self._rewrite(scope)
        await self._app(scope, receive, send)

    def _rewrite(self, scope: Scope) -> None:
        """Put the path of `/v1` into the scope, and the deployment into its state.

        Raises:
            UnknownRoute: nothing is served behind a deployment here, or the version is missing.
        """
        segments = scope["raw_path"].decode("latin-1").removeprefix(PREFIX).split("/")
        if segments[0] == "v1":
            segments = segments[1:]
        if segments[:1] == ["deployments"]:
            deployment, segments = unquote("".join(segments[1:2])), segments[2:]
            if not deployment or "/".join(segments) not in DEPLOYED:
                raise UnknownRoute(
                    f"Behind a deployment there are {', '.join(sorted(DEPLOYED))}; the others need no deployment in the path"
                )
            if self._needs_version and not parse_qs(scope["query_string"].decode("latin-1")).get(VERSION_QUERY):
                raise UnknownRoute("Resource not found: a path with a deployment needs an api-version; add ?api-version=2025-04-01-preview")
            scope["state"]["deployment"] = deployment
        rest = "/".join(segments)
        scope["raw_path"], scope["path"] = f"/v1/{rest}".encode("latin-1"), f"/v1/{unquote(rest)}"


def is_azure(path: str) -> bool:
    """Say whether the path, as the client wrote it, is one of Azure's dialect."""
    return path.startswith(PREFIX)


def asked_path(scope: Scope) -> str:
    """Return the path as the client wrote it, decoded."""
    return str(scope["state"].get("asked_path", scope["path"]))


def named_model(request: Request, said: str | None) -> str | None:
    """Return the model of a request: the deployment of its path, else what its body said."""
    deployment: str | None = getattr(request.state, "deployment", None)
    return deployment or said

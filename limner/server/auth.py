"""Who is calling: an API key in `Authorization: Bearer` or in `api-key`, or an issuer's token as bearer. No other header names a caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from limner.engine.protocol import Priority
from limner.errors import Forbidden, Unauthenticated
from limner.jobs.access.identity import is_token
from limner.jobs.addresses import is_loopback
from limner.server.services import DEV_PROJECT, Services
from limner.store.keys import ApiKey

CALLER = "limner.caller"  # in the scope of a request that this process makes itself; nothing that comes over a socket can set it


@dataclass(frozen=True)
class Caller:
    """Whose files and pictures a request may see, and the key that it came with: none with an issuer's token, or with `--dev`.

    `priority` is `batch` for lines of batches, which this process itself asks.
    """

    project_id: str
    is_admin: bool
    key: ApiKey | None
    priority: Priority = "interactive"


def services_of(request: Request) -> Services:
    """Return what the application was made with."""
    services: Services = request.app.state.services
    return services


async def provide_services(request: Request) -> Services:
    """As `services_of`, for routes: what is not async would cost each request a thread."""
    return services_of(request)


async def authenticate(request: Request) -> Caller:
    """Return the caller.

    Raises:
        Unauthenticated: no key, an unknown one, one that was revoked or has ended, or a token that is not good.
        Forbidden: the token leads to no project.
        IssuerUnreachable: the token could not be verified.
    """
    if CALLER in request.scope:
        known: Caller = request.scope[CALLER]
        return known
    services = services_of(request)
    secret = _secret(request)
    if services.settings.is_dev:
        _check_local(request)
        return Caller(DEV_PROJECT, is_admin=True, key=None)
    if not secret:
        raise Unauthenticated(
            "You didn't provide an API key. Send it as `Authorization: Bearer KEY` or as `api-key: KEY`; `limner keys create` makes one"
        )
    if services.identity is not None and is_token(secret):
        identity = await services.identity.identify(secret)
        return Caller(identity.project_id, is_admin=identity.role == "admin", key=None)
    key = await services.key_ring.find(secret)
    if key is None:
        raise Unauthenticated(f"Incorrect API key provided: {_masked(secret)}. `limner keys list` shows the keys that exist")
    return Caller(key.project_id, is_admin=key.role == "admin", key=key)


def _check_local(request: Request) -> None:
    """Refuse what a web page of another host made a browser send: without a key, nothing else tells it apart.

    Raises:
        Forbidden: the request was meant for another host, or comes from a page of one.
    """
    origin = urlsplit(request.headers.get("origin", "")).hostname
    if not is_loopback(request.url.hostname or "") or (origin is not None and not is_loopback(origin)):
        raise Forbidden("With --dev only this machine is served: ask for http://127.0.0.1, and not from a page of another host")


def require_admin(caller: Caller) -> None:
    """Let admins pass.

    Raises:
        Forbidden: the caller's key has another role.
    """
    if not caller.is_admin:
        raise Forbidden("This needs a key with the role admin; `limner keys create --role admin` makes one")


def _secret(request: Request) -> str:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer.strip():
        return bearer.strip()
    return request.headers.get("api-key", "").strip()


def _masked(secret: str) -> str:
    return f"{secret[:3]}***{secret[-4:]}" if len(secret) > 16 else "***"


CallerOf = Annotated[Caller, Depends(authenticate)]
ServicesOf = Annotated[Services, Depends(provide_services)]

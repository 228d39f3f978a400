"""Who is calling: an API key in `Authorization: Bearer` or in `api-key`, and nothing else. No other header names a caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from limner.errors import Forbidden, Unauthenticated
from limner.server.services import DEV_PROJECT, Services
from limner.server.settings import is_loopback
from limner.store.keys import ApiKey


@dataclass(frozen=True)
class Caller:
    """Whose files and pictures a request may see, and the key that it came with; with `--dev` none is looked at."""

    project_id: str
    is_admin: bool
    key: ApiKey | None


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
        Unauthenticated: no key, an unknown one, or one that was revoked or has ended.
    """
    services = services_of(request)
    secret = _secret(request)
    if services.settings.is_dev:
        _check_local(request)
        return Caller(DEV_PROJECT, is_admin=True, key=None)
    if not secret:
        raise Unauthenticated(
            "You didn't provide an API key. Send it as `Authorization: Bearer KEY` or as `api-key: KEY`; `limner keys create` makes one"
        )
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

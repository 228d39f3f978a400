"""Tokens of an issuer (Microsoft Entra, any OpenID Connect provider) in place of keys: verified, then led to a project and a role.

Source: RFC 7519 (JSON Web Token), RFC 8725 (best practices), RFC 9068 (access tokens).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from anyio import to_thread
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidTokenError,
    PyJWTError,
)

from limner.errors import Forbidden, InvalidField, Unauthenticated
from limner.jobs.access.issuer import Issuer, is_safe_address
from limner.store.keys import ROLES, KeyStore

TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")  # a key has no dots
MAX_TOKEN_CHARS, MAX_CLAIM_CHARS, MAX_KEY_ID_CHARS = 16_384, 256, 256
CLOCK_SKEW_S = 60
PROJECT_CLAIM, ROLES_CLAIM, TENANT_CLAIM = "limner_project", "roles", "tid"
ADMIN_ROLE = "limner.admin"  # in `roles`, of a project that a claim names
NUM_PROJECT_DIGITS = 40
MAX_REMEMBERED_PROJECTS = 4096
GRANT = re.compile(rf"(?P<claim>[^=\s]+)=(?P<value>\S+?):(?P<project>proj-[0-9a-f]+)(?::(?P<role>{'|'.join(ROLES)}))?")
REASONS: Mapping[type[PyJWTError], str] = {
    ExpiredSignatureError: "it has expired; get a new one",
    ImmatureSignatureError: "it is not good yet; compare the clocks",
    InvalidAudienceError: "it is meant for another service; ask for one with this server's audience",
    InvalidIssuerError: "another issuer gave it out",
}


NOT_OURS = "it is not one that the issuer signed for this server"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Whoever's token has this value in this claim, or in the list that the claim is, works in a project that exists, with a role."""

    claim: str
    value: str
    project_id: str
    role: str = ROLES[0]


@dataclass(frozen=True, kw_only=True)
class IdentitySettings:
    """Whose tokens are taken, and where they lead: the first of `grants` that fits, else the project that `project_claim` names.

    Raises:
        InvalidField: a setting cannot be used.
    """

    issuer: str
    audiences: tuple[str, ...]
    project_claim: str = PROJECT_CLAIM
    grants: tuple[Grant, ...] = ()

    def __post_init__(self) -> None:
        if not is_safe_address(self.issuer):
            raise InvalidField(
                "oidc_issuer", f"the issuer {self.issuer!r} is no https address; write it as the claim iss of its tokens has it"
            )
        if not self.audiences:
            raise InvalidField("oidc_audience", "without an audience tokens for any service would be taken; set --oidc-audience")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whom a token speaks for."""

    project_id: str
    role: str


class IdentityDesk:
    """Takes tokens. For one event loop."""

    def __init__(self, settings: IdentitySettings, keys: KeyStore, *, issuer: Issuer | None = None) -> None:
        """`issuer` is that of the settings.

        Raises:
            InvalidField: a grant leads to a project that is not there.
        """
        self._settings, self._keys = settings, keys
        self._issuer = issuer or Issuer(settings.issuer)
        self._made: set[str] = set()
        for grant in settings.grants:
            if not keys.has_project(grant.project_id):
                raise InvalidField("oidc_grant", f"no project has the id {grant.project_id!r}; limner keys list shows them")

    async def identify(self, token: str) -> Identity:
        """Return whom a token speaks for; a project that a claim names exists from the first token on.

        Raises:
            Unauthenticated: the token is not good.
            Forbidden: it is good, and leads to no project.
            IssuerUnreachable: it could not be verified.
        """
        claims = await self._verify(token)
        for grant in self._settings.grants:
            if grant.value in _texts(claims.get(grant.claim)):
                return Identity(project_id=grant.project_id, role=grant.role)
        name = claims.get(self._settings.project_claim)
        if not isinstance(name, str) or not 0 < len(name) <= MAX_CLAIM_CHARS:
            raise Forbidden(
                f"The token is good and leads to no project: it needs the claim {self._settings.project_claim!r}, or a grant here"
            )
        project_id = self._project_of(name, claims)
        if project_id not in self._made:
            await to_thread.run_sync(self._keys.ensure_project, project_id)
            if len(self._made) >= MAX_REMEMBERED_PROJECTS:
                self._made.clear()
            self._made.add(project_id)
        return Identity(project_id=project_id, role="admin" if ADMIN_ROLE in _texts(claims.get(ROLES_CLAIM)) else "member")

    async def _verify(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that is good."""
        settings = self._settings
        try:
            if len(token) > MAX_TOKEN_CHARS:
                raise InvalidTokenError
            header = jwt.get_unverified_header(token)
            key_id = header.get("kid")
            if not isinstance(key_id, str) or len(key_id) > MAX_KEY_ID_CHARS or "crit" in header:
                raise InvalidTokenError
            key = await self._issuer.find(key_id)
            if key is None:
                raise InvalidTokenError
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=list(settings.audiences),
                issuer=settings.issuer,
                leeway=CLOCK_SKEW_S,
                options={"require": ["exp", "iss", "aud"], "enforce_minimum_key_length": True},
            )
        except (PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
            reason = next((said for kind, said in REASONS.items() if isinstance(error, kind)), NOT_OURS)
            raise Unauthenticated(f"The token is not taken: {reason}") from None
        return claims

    def _project_of(self, name: str, claims: Mapping[str, Any]) -> str:
        """Return an id that only this issuer, and of its tenants only this one, can lead to: it is never that of a key's project."""
        parts = (self._settings.issuer, str(claims.get(TENANT_CLAIM, "")), name)
        return f"proj-oidc-{hashlib.sha256(repr(parts).encode()).hexdigest()[:NUM_PROJECT_DIGITS]}"


def is_token(secret: str) -> bool:
    """Say whether what came as a bearer's secret has the form of a token and not of a key."""
    return TOKEN.fullmatch(secret) is not None


def parse_grants(written: Sequence[str]) -> tuple[Grant, ...]:
    """Read `CLAIM=VALUE:PROJECT` or `CLAIM=VALUE:PROJECT:ROLE`, as the command line and `LIMNER_OIDC_GRANT` give them.

    Raises:
        InvalidField: a grant is not one.
    """
    grants = []
    for text in written:
        match = GRANT.fullmatch(text)
        if match is None:
            rule = "write CLAIM=VALUE:PROJECT or CLAIM=VALUE:PROJECT:admin, such as roles=artists:proj-0123456789abcdef"
            raise InvalidField("oidc_grant", f"grant {text!r} is not understood; {rule}")
        grants.append(Grant(claim=match["claim"], value=match["value"], project_id=match["project"], role=match["role"] or ROLES[0]))
    return tuple(grants)


def _texts(claim: Any) -> tuple[str, ...]:
    """Return a claim's texts: it is one, or a list of some."""
    return tuple(text for text in (claim if isinstance(claim, list) else [claim]) if isinstance(text, str))

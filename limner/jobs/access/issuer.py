"""The public keys of an issuer of tokens: found through its discovery document, kept for minutes, asked for again when a new one appears.

Source: OpenID Connect Discovery 1.0, section 4; RFC 7517 (JSON Web Key).
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from limner.errors import IssuerUnreachable
from limner.jobs.addresses import is_loopback

DISCOVERY = "/.well-known/openid-configuration"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")  # none with a shared secret
FRESH_S, USABLE_S = 300.0, 3600.0  # keys are asked for again after the first, and used after it at most so long while nobody answers
ASK_AGAIN_S = 10.0  # after an answer without the key, or none: tokens that name unknown keys make no traffic
TIMEOUT_S, TOTAL_TIMEOUT_S = 5.0, 10.0
MAX_ANSWER_BYTES, MAX_KEYS = 2**19, 100


class Issuer:
    """Keys of one issuer. For one event loop; nothing is fetched before a token comes."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.url, self._clock = url, clock
        self._keys: Mapping[str, PyJWK] = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._was_heard = True
        self._asking = asyncio.Lock()

    async def find(self, key_id: str) -> PyJWK | None:
        """Return the key of this id, None if the issuer has none.

        Raises:
            IssuerUnreachable: the issuer gave no keys, so nobody knows.
        """
        if not self._has(key_id, FRESH_S) and not (self._has(key_id, USABLE_S) and self._asking.locked()):
            async with self._asking:
                if not self._has(key_id, FRESH_S) and self._may_ask():
                    await self._ask()
        if not self._has(key_id, USABLE_S) and not (self._was_heard and self._age() < USABLE_S):
            raise IssuerUnreachable("the issuer of the token cannot be reached to verify it; try again later")
        return self._keys.get(key_id)

    def _has(self, key_id: str, at_most_s: float) -> bool:
        return key_id in self._keys and self._age() < at_most_s

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._clock() - self._fetched_at

    def _may_ask(self) -> bool:
        return self._asked_at is None or self._clock() - self._asked_at >= ASK_AGAIN_S

    async def _ask(self) -> None:
        """Fetch all keys; if that fails, those that are known stay as long as they may."""
        self._asked_at, self._was_heard = self._clock(), False
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT_S):
                keys = await self._fetch()
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, TypeError, KeyError):
            return
        self._keys, self._fetched_at, self._was_heard = keys, self._clock(), True

    async def _fetch(self) -> dict[str, PyJWK]:
        async with httpx2.AsyncClient(
            timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, verify=ssl.create_default_context()
        ) as client:
            document = await _read_json(client, self.url.rstrip("/") + DISCOVERY)
            if document["issuer"] != self.url:
                raise ValueError("the document is of another issuer")
            if not is_safe_address(str(document["jwks_uri"])):
                raise ValueError("keys are not fetched without TLS")
            return read_keys(await _read_json(client, document["jwks_uri"]))


def is_safe_address(url: str) -> bool:
    """Say whether what is fetched there comes from whom it names: over TLS, or from this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(str(parts.hostname))))


def read_keys(document: Mapping[str, Any]) -> dict[str, PyJWK]:
    """Return the keys of a set that verify signatures with `ALGORITHMS`, by id; the others are none of ours."""
    keys = {}
    for entry in document["keys"][:MAX_KEYS]:
        if (
            not isinstance(entry, dict)
            or not isinstance(entry.get("kid"), str)
            or entry.get("use", "sig") != "sig"
            or entry.get("kty") == "oct"
        ):
            continue
        try:
            keys[entry["kid"]] = PyJWK(entry)
        except (PyJWTError, ValueError, TypeError):  # of a kind that is not known here
            continue
    return {key_id: key for key_id, key in keys.items() if key.algorithm_name in ALGORITHMS}


async def _read_json(client: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    content = bytearray()
    async with client.stream("GET", url, headers={"accept": "application/json"}) as answer:
        if answer.status_code != 200:
            raise ValueError(f"{answer.status_code} was answered")
        async for chunk in answer.aiter_bytes():
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise ValueError("the answer is too long")
    document = json.loads(content)
    if not isinstance(document, dict):
        raise TypeError("the answer is no object")
    return document

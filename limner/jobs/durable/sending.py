"""The guarded way out for webhooks: posts to where an endpoint says, never inside the network unless the operator lets it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Literal

import anyio
import httpcore2
import httpx2

from limner.errors import InvalidField, WebhookNotDelivered
from limner.jobs.addresses import is_full_name, is_public, parse_address
from limner.jobs.fetching import GuardedBackend, NotPublic, Resolve, look_up

Reach = Literal["public", "any", "off"]
TIMEOUT_S, CONNECT_TIMEOUT_S = 15.0, 5.0
AT_ONCE = 16
FAILURES = (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError)


class Sender:
    """Posts small bodies. Reach `public` takes https and public addresses alone, `any` also http and what stands inside, `off` nothing.

    No redirect is followed, no answer is read, no cookie, proxy or credential is used. `resolve` turns a host's name into addresses.
    """

    def __init__(
        self, *, reach: Reach, resolve: Resolve = look_up, tls: ssl.SSLContext | None = None, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._reach, self._timeout_s = reach, timeout_s
        self._backend = GuardedBackend(resolve, (lambda _: True) if reach == "any" else is_public)
        self._tls = tls or httpcore2.default_ssl_context()
        self._slots = anyio.CapacityLimiter(AT_ONCE)

    def check(self, url: str) -> httpx2.URL:
        """Return the URL if it is one that may be tried; looks nothing up.

        Raises:
            InvalidField: webhooks are switched off, or the URL is not plain `https://host/...`.
        """
        if self._reach == "off":
            raise InvalidField("url", "webhooks are switched off on this server; its operator can start it with --webhooks public")
        try:
            parsed = httpx2.URL(url)
        except httpx2.InvalidURL as error:
            raise InvalidField("url", "url is not a URL; use https://host/path") from error
        host = parsed.raw_host.decode("ascii")
        if parsed.scheme != "https" and not (self._reach == "any" and parsed.scheme == "http"):
            raise InvalidField("url", f"url has the scheme {parsed.scheme[:20]!r}; use https://host/path")
        if parsed.userinfo or not host:
            raise InvalidField("url", "url has a user name, or no host; use https://host/path")
        address = parse_address(host)
        if self._reach != "any" and (not is_full_name(host) if address is None else not is_public(address)):
            raise InvalidField("url", "url names a host that is not public; use one that everyone can reach")
        return parsed

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> int:
        """Post a body and return the status of the answer.

        Raises:
            WebhookNotDelivered: there was no answer in time, or the address may not be reached.
        """
        try:
            target = self.check(url)
            with anyio.fail_after(self._timeout_s):
                async with self._slots:
                    return await self._post(target, content, headers)
        except NotPublic as error:
            raise WebhookNotDelivered("the host has no public address") from error
        except TimeoutError as error:
            raise WebhookNotDelivered(f"the receiver did not answer within {self._timeout_s:g} s") from error
        except InvalidField as error:
            raise WebhookNotDelivered(error.message) from error
        except FAILURES as error:
            raise WebhookNotDelivered("the receiver could not be reached") from error

    async def _post(self, target: httpx2.URL, content: bytes, headers: Mapping[str, str]) -> int:
        request = httpcore2.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        step = self._timeout_s
        timeouts = {"connect": min(CONNECT_TIMEOUT_S, step), "read": step, "write": step, "pool": step}
        sent = [*headers.items(), ("host", target.netloc.decode("ascii")), ("content-length", str(len(content)))]
        async with (
            httpcore2.AsyncConnectionPool(ssl_context=self._tls, network_backend=self._backend) as pool,
            pool.stream("POST", request, headers=sent, content=content, extensions={"timeout": timeouts}) as response,
        ):
            return response.status

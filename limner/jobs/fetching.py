"""The one guarded way out: fetches what a stranger's URL names, and nothing that stands inside the network.

The name is looked up once, every address that it has is checked, and the connection goes to a checked address; the certificate is
still checked against the name. A host that has no address and one whose address is not public are answered alike.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import anyio
import anyio.to_thread
import httpcore2
import httpx2

from limner.errors import ImageNotFetched, RefusedAddress
from limner.jobs.addresses import Address, is_full_name, is_public, parse_address
from limner.media.sniff import is_web_page

HTTPS_PORT = 443
MAX_TRIED_ADDRESSES = 4
CONNECT_TIMEOUT_S = 5.0
MAX_SHOWN_CHARS = 100
MAX_URL_CHARS = 8192
REDIRECTS = (301, 302, 303, 307, 308)

Resolve = Callable[[str], Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class FetchLimits:
    """What one fetch may take: bytes of the body, seconds in all with lookups and redirects, and how many run at once."""

    body_bytes: int = 50 << 20
    seconds: float = 20.0
    redirects: int = 3
    at_once: int = 8


DEFAULT_LIMITS = FetchLimits()


def look_up(host: str) -> list[str]:
    """Return the addresses of a full host name; no search domain is tried. Blocks."""
    found = socket.getaddrinfo(f"{host.rstrip('.')}.", None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Fetcher:
    """Fetches over HTTPS from public addresses, without cookies, proxies or credentials of any kind.

    `resolve` turns a host name into addresses and raises OSError when it has none; `is_allowed_address` says which of them may be
    connected to. Both, the TLS context and the port are for those who run servers of their own inside.
    """

    def __init__(
        self,
        *,
        is_allowed: bool = True,
        limits: FetchLimits = DEFAULT_LIMITS,
        resolve: Resolve = look_up,
        is_allowed_address: Callable[[Address], bool] = is_public,
        tls: ssl.SSLContext | None = None,
        port: int = HTTPS_PORT,
    ) -> None:
        self._is_allowed = is_allowed
        self._limits = limits
        self._backend = GuardedBackend(resolve, is_allowed_address)
        self._tls = tls or httpcore2.default_ssl_context()
        self._port = port
        self._slots = anyio.CapacityLimiter(limits.at_once)

    def check(self, url: str, *, param: str) -> httpx2.URL:
        """Return the URL if it is one that may be tried; looks nothing up.

        Raises:
            RefusedAddress: fetching is switched off, or the URL is not plain `https://host/...`.
        """
        if not self._is_allowed:
            raise RefusedAddress(f"{param} is a URL, and this server fetches none; send the bytes, a data URL or a file id", param=param)
        if len(url) > MAX_URL_CHARS:
            raise RefusedAddress(f"{param} is a URL of {len(url):,} characters; use one of at most {MAX_URL_CHARS:,}", param=param)
        try:
            parsed = httpx2.URL(url)
        except httpx2.InvalidURL as error:
            raise RefusedAddress(f"{param} is not a URL: {_shown(url)}; use https://host/path", param=param) from error
        problem = self._find_problem(parsed)
        if problem:
            raise RefusedAddress(f"{param} {problem}", param=param)
        return parsed

    async def fetch(self, url: str, *, param: str) -> bytes:
        """Return the body behind a URL, whatever type it claims; `param` names the field that the URL came in.

        Raises:
            RefusedAddress: as `check`, or the host, or one that it redirects to, is not public.
            ImageNotFetched: it took too long, is too large, is no file, or the server did not give it.
        """
        target = self.check(url, param=param)
        try:
            with anyio.fail_after(self._limits.seconds):
                async with self._slots:
                    return await self._follow(target, param)
        except TimeoutError as error:
            message = f"{param} was not fetched within {self._limits.seconds:g} s; send the bytes instead"
            raise ImageNotFetched(message, param=param) from error

    async def _follow(self, target: httpx2.URL, param: str) -> bytes:
        for _ in range(self._limits.redirects + 1):
            answer = await self._get(target, param)
            if isinstance(answer, bytes):
                return answer
            try:
                target = self.check(str(target.join(answer)), param=param)
            except (RefusedAddress, httpx2.InvalidURL) as error:
                message = f"{param} redirects to where this server does not fetch from; use the picture's own https address"
                raise RefusedAddress(message, param=param) from error
        raise ImageNotFetched(f"{param} redirects more than {self._limits.redirects} times; use the picture's own address", param=param)

    async def _get(self, target: httpx2.URL, param: str) -> bytes | str:
        """Ask once. Return the body, or where to ask next."""
        request = httpcore2.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        step = self._limits.seconds
        timeouts = {"connect": min(CONNECT_TIMEOUT_S, step), "read": step, "write": step, "pool": step}
        try:
            async with (
                httpcore2.AsyncConnectionPool(ssl_context=self._tls, network_backend=self._backend) as pool,
                pool.stream("GET", request, headers=HEADERS, extensions={"timeout": timeouts}) as response,
            ):
                return await self._read(response, param)
        except NotPublic as error:
            message = f"{param} names a host without a public address; use a picture that everyone can reach, or send its bytes"
            raise RefusedAddress(message, param=param) from error
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError) as error:
            raise ImageNotFetched(
                f"{param} could not be fetched from {_shown(target.host)}; send the bytes instead", param=param
            ) from error

    async def _read(self, response: httpcore2.Response, param: str) -> bytes | str:
        headers = {name.lower(): value for name, value in response.headers}
        if response.status in REDIRECTS and b"location" in headers:
            return headers[b"location"].decode("latin-1")
        if response.status != 200:
            raise ImageNotFetched(f"{param} could not be fetched: the server answered with status {response.status}", param=param)
        if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
            raise ImageNotFetched(f"{param} comes packed although it was asked for plain; send the bytes instead", param=param)
        body = bytearray()
        async for piece in response.aiter_stream():
            if len(body) + len(piece) > self._limits.body_bytes:
                raise ImageNotFetched(f"{param} has over {self._limits.body_bytes:,} bytes; use a smaller picture", param=param)
            body += piece
        if is_web_page(bytes(body[:4096])):
            raise ImageNotFetched(f"{param} is the address of a web page; use the address of the picture itself", param=param)
        return bytes(body)

    def _find_problem(self, url: httpx2.URL) -> str | None:
        """Say what is wrong with a URL, and what to do, as the end of a sentence; None when it may be tried."""
        if url.scheme != "https":
            return f"is a URL with scheme {_shown(url.scheme)}; use https"
        if url.userinfo:
            return "is a URL with a user name or password in it; use one that needs none"
        if not url.host:
            return "is a URL without a host; use https://host/path"
        port = HTTPS_PORT if url.port is None else url.port
        if port != self._port:
            return f"is a URL with port {port}; only port {self._port} is fetched from"
        host = url.raw_host.decode("ascii")
        if parse_address(host) is None and not is_full_name(host):
            return f"is a URL with a host that is neither a full name nor a plain address: {_shown(host)}; use https://host/path"
        return None


class NotPublic(Exception):
    """A host has no address, or one that is not allowed."""


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to names by looking them up once and trusting only addresses that it has checked."""

    def __init__(self, resolve: Resolve, is_allowed_address: Callable[[Address], bool]) -> None:
        self._resolve = resolve
        self._is_allowed_address = is_allowed_address
        self._tcp = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the name is the library's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._find_addresses(host)
        if not addresses or not all(self._is_allowed_address(address) for address in addresses):
            raise NotPublic
        failure: Exception = NotPublic()
        for address in addresses[:MAX_TRIED_ADDRESSES]:
            try:
                return await self._tcp.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _find_addresses(self, host: str) -> list[Address]:
        literal = parse_address(host)
        if literal is not None:
            return [literal]
        try:
            found = await anyio.to_thread.run_sync(self._resolve, host, abandon_on_cancel=True)
        except (OSError, UnicodeError):
            return []
        addresses = [parse_address(text.partition("%")[0]) for text in found]
        return [] if None in addresses else [address for address in addresses if address is not None]


HEADERS: dict[str | bytes, str | bytes] = {
    "user-agent": f"limner/{version('limner')}",
    "accept": "image/png, image/webp, image/jpeg, */*;q=0.1",
    "accept-encoding": "identity",
    "connection": "close",
}


def _shown(text: str) -> str:
    return repr(text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + "…")

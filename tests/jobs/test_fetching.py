"""The way out, against a real server with a certificate of its own: what it brings, and where it never goes."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import anyio
import httpx2
import pytest
import trustme
from hypothesis import example, given
from hypothesis import strategies as st

from limner.errors import ImageNotFetched, RefusedAddress
from limner.jobs.addresses import Address, is_full_name, parse_address
from limner.jobs.fetching import Fetcher, FetchLimits, look_up

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
SECRET = b"the secret of the inside"
QUICK = FetchLimits(seconds=3.0)
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """A running HTTPS server. `paths` says how each path is answered; `seen` are the requests that came."""

    address: str
    port: int
    paths: dict[str, Answer]
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def send(body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in (
            {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
        ).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Never be silent and never be done."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b".")
        handler.wfile.flush()
        time.sleep(0.1)


def pour(handler: BaseHTTPRequestHandler) -> None:
    """Send far too much and not say how much."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(10_000):
        handler.wfile.write(bytes(1 << 16))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context


def serve(
    authority: trustme.CA, address: str, port: int, names: Sequence[str], paths: dict[str, Answer]
) -> tuple[Site, Callable[[], None]]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            site.paths.get(self.path, send(b"", 404))(self)

        def log_message(self, format: str, *arguments: object) -> None: ...

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None: ...

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    server = Server((address, port), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site = Site(address=address, port=server.server_port, paths=paths)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return site, stop


@pytest.fixture(scope="module")
def outside(authority: trustme.CA) -> Iterator[Site]:
    """A server that counts as public, at 127.0.0.1."""
    paths = {
        "/picture": send(PICTURE, Content_Type="text/html", Set_Cookie="id=1"),
        "/picture?token=hush": send(PICTURE),
        "/drip": drip,
        "/pour": pour,
    }
    site, stop = serve(authority, "127.0.0.1", 0, ["pictures.test", "127.0.0.1"], paths)
    yield site
    stop()


@pytest.fixture(scope="module")
def inside(authority: trustme.CA, outside: Site) -> Iterator[Site]:
    """A server that counts as private, at 127.0.0.2 and the same port, with a certificate for every name in these tests."""
    names = ["pictures.test", "inside.test", "127.0.0.2"]
    site, stop = serve(authority, "127.0.0.2", outside.port, names, {"/picture": send(SECRET)})
    yield site
    assert site.seen == []
    stop()


class Names:
    """A stand-in for DNS: each name's answers, one after the other; the last goes on."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): answer for name, answer in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        answers = self.answers.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return answers.pop(0) if len(answers) > 1 else answers[0]


OUTSIDE_ONLY = {"pictures_test": [["127.0.0.1"]], "inside_test": [["127.0.0.2"]]}


def is_outside(address: Address) -> bool:
    return str(address) == "127.0.0.1"


def fetch(site: Site, tls: ssl.SSLContext, url: str, *, names: Names | None = None, limits: FetchLimits = QUICK) -> bytes:
    """Fetch from `url`, in which PORT stands for the site's port."""
    names = names or Names(**OUTSIDE_ONLY)
    fetcher = Fetcher(limits=limits, resolve=names, is_allowed_address=is_outside, tls=tls, port=site.port)

    async def run() -> bytes:
        return await fetcher.fetch(url.replace("PORT", str(site.port)), param="image[0]")

    return anyio.run(run)


def test_a_public_picture_is_fetched_whatever_type_it_claims(outside, tls):
    fetched = fetch(outside, tls, "https://pictures.test:PORT/picture")

    assert fetched == PICTURE


def test_the_request_carries_no_cookie_no_password_and_says_who_asks(outside, tls, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@127.0.0.2:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.2:9")
    fetch(outside, tls, "https://pictures.test:PORT/picture")
    outside.seen.clear()

    fetch(outside, tls, "https://pictures.test:PORT/picture")

    [(_, headers)] = outside.seen
    assert headers["user-agent"].startswith("limner/")
    assert headers["accept-encoding"] == "identity"
    assert headers["host"] == f"pictures.test:{outside.port}"
    assert {"cookie", "authorization", "referer", "proxy-authorization"}.isdisjoint(headers)


def test_a_redirect_to_a_public_address_is_followed(outside, tls):
    outside.paths |= {"/a": send(b"", 302, Location="/b"), "/b": send(b"", 307, Location=f"https://127.0.0.1:{outside.port}/c")}
    outside.paths |= {"/c": send(b"", 303, Location="picture")}

    assert fetch(outside, tls, "https://pictures.test:PORT/a") == PICTURE


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.2:PORT/picture",
        "https://inside.test:PORT/picture",
        "//inside.test:PORT/picture",
        "https://[::1]:PORT/picture",
        "http://pictures.test:PORT/picture",
        "https://pictures.test/picture",
        "https://user:word@pictures.test:PORT/picture",
        "file:///etc/passwd",
        "gopher://inside.test:PORT/",
        "https://169.254.169.254:PORT/latest/meta-data/",
        "https://[zz/",
    ],
)
def test_a_redirect_to_where_nothing_is_fetched_from_is_refused_and_not_described(outside, inside, tls, location):
    outside.paths["/away"] = send(b"", 302, Location=location.replace("PORT", str(outside.port)))

    with pytest.raises(RefusedAddress) as refusal:
        fetch(outside, tls, "https://pictures.test:PORT/away")

    assert refusal.value.param == "image[0]"
    assert not any(word in refusal.value.message for word in ("127.0.0.2", "169.254", "inside", "secret", "refused", "passwd"))


def test_a_circle_of_redirects_ends(outside, tls):
    outside.paths["/circle"] = send(b"", 301, Location="/circle")
    outside.seen.clear()

    with pytest.raises(ImageNotFetched, match="more than 3 times"):
        fetch(outside, tls, "https://pictures.test:PORT/circle")

    assert len(outside.seen) == 4


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(outside, inside, tls):
    names = Names(pictures_test=[["127.0.0.1"], ["127.0.0.2"]])

    fetched = fetch(outside, tls, "https://pictures.test:PORT/picture", names=names)

    assert fetched == PICTURE
    assert names.asked == ["pictures.test"]


def test_a_name_with_a_single_private_address_among_public_ones_is_refused(outside, inside, tls):
    for addresses in (["127.0.0.2"], ["127.0.0.1", "127.0.0.2"], ["127.0.0.1", "fe80::1%eth0"], ["127.0.0.1", "nonsense"]):
        with pytest.raises(RefusedAddress, match="without a public address"):
            fetch(outside, tls, "https://pictures.test:PORT/picture", names=Names(pictures_test=[addresses]))


def test_a_name_of_the_inside_and_a_name_of_nowhere_cannot_be_told_apart(outside, inside, tls):
    messages = []
    for name in ("inside.test", "nowhere.test"):
        with pytest.raises(RefusedAddress) as refusal:
            fetch(outside, tls, f"https://{name}:PORT/picture")
        messages.append(refusal.value.message)

    assert messages[0] == messages[1]


def test_a_second_address_is_tried_when_the_first_does_not_answer(outside, tls):
    fetcher_names = Names(pictures_test=[["127.0.0.3", "127.0.0.1"]])
    fetcher = Fetcher(limits=QUICK, resolve=fetcher_names, is_allowed_address=lambda _: True, tls=tls, port=outside.port)

    async def run() -> bytes:
        return await fetcher.fetch(f"https://pictures.test:{outside.port}/picture", param="image")

    assert anyio.run(run) == PICTURE


def test_the_certificate_is_checked_against_the_name_and_the_authority(outside, tls):
    other = Names(other_test=[["127.0.0.1"]])

    with pytest.raises(ImageNotFetched):
        fetch(outside, tls, "https://other.test:PORT/picture", names=other)
    with pytest.raises(ImageNotFetched):
        fetch(outside, ssl.create_default_context(), "https://pictures.test:PORT/picture")


def test_a_body_over_the_limit_is_not_read_to_its_end(outside, tls):
    outside.paths["/exact"] = send(bytes(1000))
    limits = FetchLimits(seconds=5, body_bytes=1000)

    assert len(fetch(outside, tls, "https://pictures.test:PORT/exact", limits=limits)) == 1000
    for path in ("/picture", "/pour"):
        with pytest.raises(ImageNotFetched, match="over 1,000 bytes"):
            fetch(outside, tls, f"https://pictures.test:PORT{path}", limits=limits)


def test_a_body_that_drips_is_given_up_in_time(outside, tls):
    started = time.monotonic()
    with pytest.raises(ImageNotFetched, match=r"within 0\.5 s"):
        fetch(outside, tls, "https://pictures.test:PORT/drip", limits=FetchLimits(seconds=0.5))

    assert time.monotonic() - started < 2


def test_a_lookup_that_hangs_is_given_up_in_time(outside, tls):
    gate = threading.Event()

    def hang(host: str) -> list[str]:
        gate.wait(10)
        return ["127.0.0.1"]

    fetcher = Fetcher(limits=FetchLimits(seconds=0.3), resolve=hang, is_allowed_address=is_outside, tls=tls, port=outside.port)

    async def run() -> float:
        started = time.monotonic()
        with pytest.raises(ImageNotFetched, match=r"within 0\.3 s"):
            await fetcher.fetch(f"https://pictures.test:{outside.port}/picture", param="image")
        gate.set()
        return time.monotonic() - started

    assert anyio.run(run) < 2


def test_a_packed_body_is_refused_and_never_unpacked(outside, tls):
    outside.paths["/packed"] = send(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")

    with pytest.raises(ImageNotFetched, match="packed"):
        fetch(outside, tls, "https://pictures.test:PORT/packed")


def test_a_web_page_and_a_missing_picture_say_so(outside, tls):
    outside.paths["/page"] = send(b"<!doctype html><html>", Content_Type="image/png")

    with pytest.raises(ImageNotFetched, match="web page"):
        fetch(outside, tls, "https://pictures.test:PORT/page")
    with pytest.raises(ImageNotFetched, match="404"):
        fetch(outside, tls, "https://pictures.test:PORT/missing")


def test_the_switch_ends_every_fetch_before_anything_is_looked_up(outside, tls):
    names = Names(**OUTSIDE_ONLY)
    fetcher = Fetcher(is_allowed=False, resolve=names, is_allowed_address=is_outside, tls=tls, port=outside.port)

    async def run() -> None:
        with pytest.raises(RefusedAddress, match="data URL"):
            await fetcher.fetch(f"https://pictures.test:{outside.port}/picture", param="image")

    anyio.run(run)
    assert names.asked == []


def test_no_more_than_so_many_are_fetched_at_once(outside, tls):
    running, most = 0, 0

    def slow(handler: BaseHTTPRequestHandler) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.1)
        running -= 1
        send(PICTURE)(handler)

    outside.paths["/slow"] = slow
    limits = FetchLimits(seconds=5, at_once=2)
    fetcher = Fetcher(limits=limits, resolve=Names(**OUTSIDE_ONLY), is_allowed_address=is_outside, tls=tls, port=outside.port)

    async def run() -> None:
        async with anyio.create_task_group() as group:
            for index in range(6):
                group.start_soon(lambda index=index: fetcher.fetch(f"https://pictures.test:{outside.port}/slow", param=f"image[{index}]"))

    anyio.run(run)
    assert most == 2


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://pictures.test/a.png", "use https"),
        ("ftp://pictures.test/a.png", "use https"),
        ("file:///etc/passwd", "use https"),
        ("pictures.test/a.png", "use https"),
        ("", "use https"),
        ("https:///a.png", "without a host"),
        ("https://user@pictures.test/", "user name or password"),
        ("https://:word@pictures.test/", "user name or password"),
        ("https://pictures.test:8443/", "only port 443"),
        ("https://pictures.test:0/", "only port 443"),
        ("https://pictures.test:80/", "only port 443"),
        ("https://2130706433/", "neither a full name"),
        ("https://0x7f.1/", "neither a full name"),
        ("https://0x7f000001/", "neither a full name"),
        ("https://0177.0.0.1/", "not a URL"),
        ("https://127.1/", "neither a full name"),
        ("https://127.0.0.1./", "neither a full name"),
        ("https://1.2.3.4.5/", "neither a full name"),
        ("https://%31%32%37.0.0.1/", "neither a full name"),
        ("https://localhost/", "neither a full name"),
        ("https://metadata/", "neither a full name"),
        ("https://[fe80::1%25eth0]/", "neither a full name"),
        ("https://a..b/", ""),
        ("https://pictures.test\\@evil.test/", "user name or password"),
        ("https://pictures.test/\r\nHost: evil", "not a URL"),
        ("https://pictures.test/" + "a" * 9000, "characters"),
    ],
)
def test_a_url_that_is_not_plain_is_refused_before_anything_is_looked_up(url, said):
    with pytest.raises(RefusedAddress) as refusal:
        Fetcher(resolve=lambda host: pytest.fail("looked up")).check(url, param="mask")

    assert said in refusal.value.message
    assert refusal.value.param == "mask"
    assert len(refusal.value.message) < 400


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fd00:ec2::254]", "[64:ff9b::7f00:1]"],
)
def test_a_plain_private_address_is_refused_by_default(host):
    fetcher = Fetcher(limits=QUICK)

    async def run() -> None:
        with pytest.raises(RefusedAddress, match="public address"):
            await fetcher.fetch(f"https://{host}/latest/meta-data/", param="image")

    anyio.run(run)


def test_a_name_of_this_machine_is_refused_by_default():
    fetcher = Fetcher(limits=QUICK, resolve=lambda host: ["127.0.0.1"])

    async def run() -> None:
        with pytest.raises(RefusedAddress, match="public address"):
            await fetcher.fetch("https://localtest.example/", param="image")

    anyio.run(run)


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z0-9.:@\[\]%/\\-]{0,30}"))
@example("https://[::ffff:1.2.3.4%1]/")
@example("https://\uff41.test/")
def test_any_text_is_a_url_to_try_or_refused_never_anything_else(text):
    fetcher = Fetcher(resolve=lambda host: [], tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    try:
        url = fetcher.check(text, param="image")
    except RefusedAddress:
        url = httpx2.URL("https://refused.test")

    host = url.raw_host.decode("ascii")
    assert url.scheme == "https"
    assert parse_address(host) or is_full_name(host)


def test_names_are_looked_up_as_they_are_without_search_domains(monkeypatch):
    asked = []

    def answer(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))] * 2

    monkeypatch.setattr(socket, "getaddrinfo", answer)

    assert look_up("pictures.test") == ["192.0.2.1"]
    assert asked == ["pictures.test."]


def test_nothing_that_came_with_a_url_is_logged(outside, tls, caplog):
    caplog.set_level(logging.INFO)

    fetch(outside, tls, "https://pictures.test:PORT/picture?token=hush")

    assert "hush" not in caplog.text

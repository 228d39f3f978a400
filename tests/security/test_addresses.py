"""Addresses that strangers name: through every field that takes one, nothing of the inside is ever asked."""

from __future__ import annotations

import base64
import io
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trustme
from PIL import Image

from limner.jobs.fetching import Fetcher, FetchLimits
from limner.jobs.inputs import ImageLoader
from limner.jobs.moderate import Gate
from limner.moderation.local import LocalModerator
from limner.server.app import create_app
from limner.server.assembly import Opened
from limner.server.services import Services

pytestmark = pytest.mark.anyio
SMALL = {"size": "256x256", "quality": "low", "seed": 7}
PUBLIC, INSIDE = "127.0.0.1", "127.0.0.2"  # two addresses of this machine, of which one counts as public


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (48, 32), "red").save(file, "PNG")
    return file.getvalue()


def error_of(answer: httpx2.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    return error


def speak_to(services: Services, secret: str | None) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(create_app(services))
    return httpx2.AsyncClient(transport=transport, base_url="http://limner.test", headers={"authorization": f"Bearer {secret}"}, timeout=60)


@contextmanager
def trap(address: str, port: int = 0) -> Iterator[socket.socket]:
    """A socket that nobody may connect to."""
    with closing(socket.create_server((address, port))) as listener:
        listener.setblocking(False)
        yield listener
        with pytest.raises(BlockingIOError):
            listener.accept()


@contextmanager
def site(authority: trustme.CA, paths: dict[str, tuple[int, dict[str, str], bytes]]) -> Iterator[int]:
    """An HTTPS server at PUBLIC that answers paths, and the port that it has."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = paths[self.path]
            self.send_response(status)
            for name, value in ({"content-length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None: ...

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("pictures.test", PUBLIC).configure_cert(context)
    server = ThreadingHTTPServer((PUBLIC, 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def with_fetcher(opened: Opened, fetcher: Fetcher, *, moderator: LocalModerator | None = None) -> Services:
    loader = ImageLoader(opened.services.files, opened.services.pictures, fetcher)
    opened.services.studio.loader = loader
    return replace(opened.services, loader=loader, gate=Gate(moderator, ThreadPoolExecutor(1)))


@pytest.fixture(scope="module")
def moderator() -> Iterator[LocalModerator]:
    with closing(LocalModerator(Path(__file__).parents[2] / "limner" / "weights")) as moderator:
        yield moderator


FORBIDDEN_URLS = [
    "https://127.0.0.1:{port}/x.png",
    "https://[::ffff:127.0.0.1]:{port}/x.png",
    "https://[::1]:{port}/x.png",
    "https://0.0.0.0:{port}/x.png",
    "https://2130706433:{port}/x.png",
    "https://0x7f.0.0.1:{port}/x.png",
    "https://127.1:{port}/x.png",
    "https://localhost:{port}/x.png",
    "https://inside.example:{port}/x.png",
    "https://inside.example.:{port}/x.png",
    "https://public.example@127.0.0.1:{port}/x.png",
    "https://169.254.169.254:{port}/latest/meta-data/iam/",
    "https://[fd00:ec2::254]:{port}/latest/meta-data/",
    "https://10.0.0.1:{port}/x.png",
    "https://100.100.100.200:{port}/x.png",
    "http://127.0.0.1:{port}/x.png",
    "http://pictures.example/x.png",
    "ftp://127.0.0.1:{port}/x.png",
    "gopher://127.0.0.1:{port}/_GET",
    "file:///etc/passwd",
    "//127.0.0.1:{port}/x.png",
    "https://pictures.example:22/x.png",
]


@pytest.mark.parametrize("url", FORBIDDEN_URLS)
async def test_no_address_of_the_inside_is_asked_for_a_picture(opened: Opened, moderator: LocalModerator, url: str):
    with trap(PUBLIC) as listener:
        port = listener.getsockname()[1]
        fetcher = Fetcher(resolve=lambda _: [PUBLIC], port=port, limits=FetchLimits(seconds=3))
        good = {"image_url": f"data:image/png;base64,{base64.b64encode(picture()).decode()}"}
        bad = {"image_url": url.format(port=port)}
        async with speak_to(with_fetcher(opened, fetcher, moderator=moderator), opened.first_secret) as client:
            answers = [
                await client.post("/v1/images/edits", json={"prompt": "x", "images": [bad]}),
                await client.post("/v1/images/edits", json={"prompt": "x", "images": [good, bad]}),
                await client.post("/v1/images/edits", json={"prompt": "x", "images": [good], "mask": bad}),
                await client.post("/v1/moderations", json={"input": [{"type": "image_url", "image_url": {"url": bad["image_url"]}}]}),
            ]

    assert [(answer.status_code, error_of(answer)["code"]) for answer in answers] == [(400, "invalid_image_url")] * 4


@pytest.mark.parametrize(
    "target", ["https://{inside}:{port}/x", "https://inside.test:{port}/x", "http://{inside}:{port}/x", "file:///etc/passwd"]
)
async def test_no_redirect_leads_inside(opened: Opened, target: str):
    authority, paths = trustme.CA(), dict[str, tuple[int, dict[str, str], bytes]]()
    with site(authority, paths) as port, trap(INSIDE, port):
        paths["/x.png"] = (302, {"location": target.format(inside=INSIDE, port=port)}, b"")
        async with speak_to(with_fetcher(opened, trusting(authority, port)), opened.first_secret) as client:
            answer = await client.post(
                "/v1/images/edits", json={"prompt": "x", "images": [{"image_url": f"https://pictures.test:{port}/x.png"}]}
            )

    assert (answer.status_code, error_of(answer)["code"]) == (400, "invalid_image_url")


async def test_a_name_that_changes_its_address_after_the_check_gains_nothing(opened: Opened):
    authority, asked = trustme.CA(), list[str]()

    def rebind(host: str) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else [INSIDE]

    with site(authority, {"/x.png": (200, {}, picture())}) as port, trap(INSIDE, port):
        async with speak_to(with_fetcher(opened, trusting(authority, port, rebind)), opened.first_secret) as client:
            answer = await client.post(
                "/v1/images/edits", json={"prompt": "x", **SMALL, "images": [{"image_url": f"https://pictures.test:{port}/x.png"}]}
            )

    assert answer.status_code == 200, answer.text
    assert asked == ["pictures.test"]


async def test_a_name_with_one_address_inside_is_refused_whole(opened: Opened):
    authority = trustme.CA()
    with site(authority, {"/x.png": (200, {}, picture())}) as port, trap(INSIDE, port):
        services = with_fetcher(opened, trusting(authority, port, lambda _: [PUBLIC, INSIDE]))
        async with speak_to(services, opened.first_secret) as client:
            answer = await client.post(
                "/v1/images/edits", json={"prompt": "x", "images": [{"image_url": f"https://pictures.test:{port}/x.png"}]}
            )

    assert error_of(answer)["code"] == "invalid_image_url"


def trusting(authority: trustme.CA, port: int, resolve: Callable[[str], list[str]] | None = None) -> Fetcher:
    """A fetcher for which PUBLIC alone is public."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(tls)

    def look_up(host: str) -> list[str]:
        return [INSIDE if host == "inside.test" else PUBLIC]

    return Fetcher(
        resolve=resolve or look_up,
        is_allowed_address=lambda address: address == ip_address(PUBLIC),
        tls=tls,
        port=port,
        limits=FetchLimits(seconds=3),
    )

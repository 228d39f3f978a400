"""What is too much, too large, too deep or too slow is refused early, in the one shape, and costs nobody else anything."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import signal
import socket
import struct
import time
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

from limner.engine.local import MAX_WAITING, LocalEngine
from limner.jobs.studio import MAX_OPEN_OF_PROJECT
from limner.server.app import create_app
from limner.server.assembly import Opened
from limner.server.middleware import BodyLimits, RequestFrame
from limner.server.protocol import MAX_HEAD_BYTES, BoundedHttp
from limner.store.database import Database
from limner.store.keys import KeyStore

pytestmark = pytest.mark.anyio
SMALL = {"size": "256x256", "quality": "low", "seed": 7}
AT_ONCE_S = 5.0  # far less than what is asked for would take
JSON = {"content-type": "application/json"}
MEBIBYTE = 1 << 20
NUM_TOO_MANY = 5


def picture(width: int = 48, height: int = 32, file_format: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.zeros((height, width, 4), np.uint8)).convert("RGB").save(file, file_format, **options)
    return file.getvalue()


def error_of(answer: httpx2.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) >= {"message", "type", "param", "code"}
    return error


async def generate(client: httpx2.AsyncClient, **fields: Any) -> httpx2.Response:
    return await client.post("/v1/images/generations", json={"prompt": "a red ball", **SMALL, **fields})


async def edit(client: httpx2.AsyncClient, contents: list[bytes], **fields: Any) -> httpx2.Response:
    files = [("image[]", ("a.png", content)) for content in contents]
    return await client.post("/v1/images/edits", data={"prompt": "x", "size": "256x256", "quality": "low", **fields}, files=files)


# ------------------------------------------------------------ too much is asked for


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 10**6}, "n"),
        ({"n": 10**300}, "n"),
        ({"size": "99999x99999"}, "size"),
        ({"size": "2064x2048"}, "size"),
        ({"size": "9" * 10_000 + "x256"}, "size"),
        ({"model": "gpt-image-2", "size": "3856x3840"}, "size"),
        ({"prompt": "x" * 32_001}, "prompt"),
        ({"stream": True, "partial_images": 4}, "partial_images"),
        ({"stream": True, "partial_images": 10**9}, "partial_images"),
        ({"output_compression": 101}, "output_compression"),
        ({"quality": "ultra"}, "quality"),
        ({"num_inference_steps": 10**6}, "num_inference_steps"),
        ({"steps": 10**6}, "steps"),
    ],
)
async def test_more_than_may_be_asked_for_is_refused_by_its_name(client: httpx2.AsyncClient, fields: dict[str, Any], param: str):
    begun = time.monotonic()

    answer = await generate(client, **fields)

    assert (answer.status_code, error_of(answer)["param"]) == (400, param)
    assert time.monotonic() - begun < AT_ONCE_S


async def test_a_prompt_that_is_too_long_is_refused_before_it_is_judged(
    opened: Opened, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    judged: list[str] = []

    async def check_text(text: str, _: str) -> None:
        judged.append(text)

    monkeypatch.setattr(opened.services.studio.gate, "check_text", check_text)

    long = await generate(client, prompt="x" * 32_001)
    broken = await client.post("/v1/images/generations", content=json.dumps({"prompt": "\ud800"}), headers=JSON)

    assert (long.status_code, broken.status_code) == (400, 400)
    assert judged == []


# ------------------------------------------------------------ bodies


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 10**6,
        b'{"a":' * 10**5,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"user":"' + b"x" * 70_000 + b'","prompt":' + b'{"a":' * 700 + b"1" + b"}" * 701,
        b'{"prompt":[' + b"1," * 400_000 + b"1]}",
        b"{" + b",".join(b'"f%d":1' % number for number in range(260_000)) + b"}",
    ],
    ids=["brackets", "open", "deep", "deep-and-large", "long", "wide"],
)
async def test_json_that_is_too_deep_or_too_wide_holds_up_nobody(client: httpx2.AsyncClient, content: bytes):
    begun = time.monotonic()

    answer = await client.post("/v1/images/edits", content=content, headers=JSON)

    assert answer.status_code in {400, 413}
    assert error_of(answer)["code"] in {"invalid_body", "request_too_large", "unknown_parameter", "missing_required_parameter"}
    assert time.monotonic() - begun < 1.0


@pytest.mark.parametrize(("count", "status"), [(2_000, 400), (200_000, 413)])
async def test_no_schema_looks_at_json_of_too_many_values(client: httpx2.AsyncClient, count: int, status: int):
    many = b'{"prompt": "x", "images": [' + b"0," * count + b"0]}"

    answer = await client.post("/v1/images/edits", content=many, headers=JSON)

    assert (answer.status_code, error_of(answer)["code"]) == (status, "invalid_body" if status == 400 else "request_too_large")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([("prompt", (None, "x"))] * 65, "Too many fields"),
        ([("image", ("a.png", b"x"))] * 21, "Too many files"),
        ([("prompt", (None, "x" * (MEBIBYTE + 1)))], "exceeded maximum size"),
        ([("x" * 5000, (None, "x"))], "cannot be read"),
    ],
)
async def test_a_form_of_too_many_or_too_large_parts_is_refused(client: httpx2.AsyncClient, parts: list[Any], said: str):
    answer = await client.post("/v1/images/edits", files=parts)

    assert (answer.status_code, error_of(answer)["code"]) == (400, "invalid_body")
    assert said in error_of(answer)["message"]


async def test_a_form_that_is_cut_off_is_never_taken_for_a_whole_one(client: httpx2.AsyncClient):
    request = client.build_request(
        "POST", "/v1/images/edits", data={"prompt": "x", **SMALL}, files=[("image", ("a", picture())), ("mask", ("m", picture()))]
    )
    whole = request.read()
    cut = whole[: whole.rindex(b"--" + whole[2:34])]

    answer = await client.post("/v1/images/edits", content=cut, headers={"content-type": request.headers["content-type"]})

    assert (answer.status_code, error_of(answer)["code"]) == (400, "invalid_body")


@pytest.mark.parametrize("path", ["/v1/images/generations", "/v1/images/edits", "/v1/files", "/v1/moderations", "/v1/models", "/nothing"])
@pytest.mark.parametrize("announced", ["9" * 12, "9" * 5000, "-1", "1e3", "\xb2", "0x10"])
async def test_a_body_that_is_announced_too_large_or_strangely_is_not_read(client: httpx2.AsyncClient, path: str, announced: str):
    answer = await client.post(path, content=b"{}", headers={"content-length": announced.encode("latin-1"), **JSON})

    assert (answer.status_code, error_of(answer)["code"]) == (413, "request_too_large")


@pytest.mark.parametrize("path", ["/v1/images/generations", "/v1/images/edits", "/v1/files"])
async def test_an_upload_that_trickles_in_is_ended(opened: Opened, path: str):
    async def trickle() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        while True:
            await asyncio.sleep(0.05)
            yield b"x"

    app = RequestFrame(BodyLimits(create_app(opened.services), limits={}, default=MEBIBYTE, timeout_s=0.4))
    headers = {"authorization": f"Bearer {opened.first_secret}", "content-type": "multipart/form-data; boundary=b"}
    if path.endswith("generations"):
        headers |= JSON
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://limner.test", headers=headers) as client:
        begun = time.monotonic()
        async with asyncio.timeout(AT_ONCE_S):
            answer = await client.post(path, content=trickle())

    assert (answer.status_code, error_of(answer)["code"]) == (408, "request_timeout")
    assert time.monotonic() - begun < AT_ONCE_S


# ------------------------------------------------------------ pictures


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that unfolds to width x height pixels."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(MEBIBYTE)) for _ in range(min(64, height * (width // 8 + 1) // MEBIBYTE + 1))) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def animated(file_format: str) -> bytes:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "green", "blue")]
    file = io.BytesIO()
    frames[0].save(file, file_format, save_all=True, append_images=frames[1:])
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bomb(30_000, 30_000), "invalid_image"),
        (bomb(2**31 - 1, 2**31 - 1), "invalid_image"),
        (bomb(17_000, 16), "invalid_image"),
        (bomb(5_100, 5_000), "invalid_image"),
        (animated("PNG"), "invalid_image"),
        (animated("WEBP"), "invalid_image"),
        (animated("GIF"), "unsupported_file_mimetype"),
        (picture()[:60], "invalid_image"),
    ],
    ids=["pixels", "overflow", "side", "just-over", "apng", "webp", "gif", "cut-off"],
)
async def test_a_picture_that_unfolds_is_refused_wherever_it_comes_in(client: httpx2.AsyncClient, content: bytes, code: str):
    url = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    stored = await client.post("/v1/files", data={"purpose": "vision"}, files={"file": ("a.png", content)})
    file_id = stored.json()["id"]
    begun = time.monotonic()

    answers = [
        await edit(client, [content]),
        await edit(client, [picture(), content]),
        await client.post("/v1/images/edits", json={"prompt": "x", "images": [{"image_url": url}]}),
        await client.post("/v1/images/edits", json={"prompt": "x", "images": [{"file_id": file_id}]}),
        await client.post("/v1/images/variations", files={"image": content}),
    ]

    assert [(answer.status_code, error_of(answer)["code"]) for answer in answers] == [(400, code)] * 5
    params = [error_of(answer)["param"] for answer in answers]
    assert params == ["image", "image[1]", "images[0].image_url", "images[0].file_id", "image"]
    assert time.monotonic() - begun < 4 * AT_ONCE_S


async def test_the_seventeenth_picture_is_one_too_many_however_it_comes(client: httpx2.AsyncClient):
    url = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"

    answers = [
        await edit(client, [picture()] * 17),
        await client.post("/v1/images/edits", json={"prompt": "x", "images": [{"image_url": url}] * 17}),
    ]

    assert [(answer.status_code, error_of(answer)["param"]) for answer in answers] == [(400, "image[16]"), (400, "images")]


# ------------------------------------------------------------ the waiting line


async def test_the_line_is_bounded_for_each_and_for_all_and_nothing_in_it_is_lost(
    client: httpx2.AsyncClient, opened: Opened, tiny_engine: LocalEngine
):
    await generate(client)
    process = tiny_engine.process_id
    assert process is not None
    database = Database.open(opened.services.settings.store.database)
    other = {"authorization": f"Bearer {KeyStore(database).create('other')[1]}"}
    database.close()
    num_left = MAX_WAITING + 1 - MAX_OPEN_OF_PROJECT  # one is being drawn
    os.kill(process, signal.SIGSTOP)
    try:
        first, refused = await ask_until_refused(client, MAX_OPEN_OF_PROJECT + NUM_TOO_MANY)
        second, refused_too = await ask_until_refused(client, num_left + NUM_TOO_MANY, headers=other)
    finally:
        os.kill(process, signal.SIGCONT)
    answers = [await asyncio.gather(*first), await asyncio.gather(*second)]
    again = await generate(client)

    for answer in [*refused, *refused_too]:
        assert (answer.status_code, error_of(answer)["code"]) == (429, "rate_limit_exceeded")
        assert int(answer.headers["retry-after"]) > 0
        assert int(answer.headers["retry-after-ms"]) > 0
    drawn = [[number for number, answer in enumerate(told) if answer.status_code == 200] for told in answers]
    assert [len(numbers) for numbers in drawn] == [MAX_OPEN_OF_PROJECT, num_left]
    assert all(f'"seed":{number},' in told[number].text for told, numbers in zip(answers, drawn, strict=True) for number in numbers)
    assert again.status_code == 200


async def ask_until_refused(
    client: httpx2.AsyncClient, count: int, headers: dict[str, str] | None = None
) -> tuple[list[asyncio.Task[httpx2.Response]], list[httpx2.Response]]:
    """Ask `count` times at once of an engine that stands still; return every request, and the answers of those that were refused."""
    fields = [{"prompt": "a red ball", **SMALL, "seed": number, "stream": number % 7 == 0} for number in range(count)]
    asked = [asyncio.create_task(client.post("/v1/images/generations", json=each, headers=headers)) for each in fields]
    return asked, [await coming for _, coming in zip(range(NUM_TOO_MANY), asyncio.as_completed(asked, timeout=30), strict=False)]


# ------------------------------------------------------------ connections


def talk(port: int, *chunks: bytes, pause_s: float = 0.0) -> tuple[bytes, float]:
    """Send chunks, then read until the server closes; return what it said, and after how many seconds it closed."""
    begun = time.monotonic()
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=AT_ONCE_S) as connection:
        try:
            for chunk in chunks:
                connection.sendall(chunk)
                time.sleep(pause_s)
            while piece := connection.recv(65_536):
                said += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
    return said, time.monotonic() - begun


def shape_of(said: bytes) -> tuple[int, str]:
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head
    assert b"x-request-id: req_" in head
    return int(head.split()[1]), json.loads(body)["error"]["code"]


HEAD = b"GET /v1/models HTTP/1.1\r\nhost: limner.test\r\n"


def test_headers_are_bounded_in_bytes(listening: Any):
    one = HEAD + b"x: " + b"y" * (MAX_HEAD_BYTES + 1) + b"\r\n\r\n"
    many = HEAD + b"".join(b"x-%d: y\r\n" % number for number in range(10_000)) + b"\r\n"
    address = b"GET /" + b"y" * (MAX_HEAD_BYTES + 1) + b" HTTP/1.1\r\nhost: limner.test\r\n\r\n"

    answers = [shape_of(talk(listening.port, head)[0]) for head in (one, many, address)]

    assert answers == [(413, "request_too_large")] * 3


def test_a_head_that_never_ends_is_cut_off(listening: Any):
    said, _ = talk(listening.port, HEAD + b"x: ", *[b"y" * MEBIBYTE] * 8)

    assert not said or shape_of(said) == (413, "request_too_large")


@pytest.mark.parametrize("chunks", [[b""], [b"G"], [HEAD[:30]], [HEAD, b"x-slow: 1\r\n"] * 1], ids=["silence", "letter", "half", "trickle"])
def test_a_head_that_does_not_come_is_not_waited_for(listening: Any, monkeypatch: pytest.MonkeyPatch, chunks: list[bytes]):
    monkeypatch.setattr(BoundedHttp, "head_timeout_s", 0.3)

    said, seconds = talk(listening.port, *chunks, pause_s=0.05)

    assert seconds < AT_ONCE_S - 1
    assert shape_of(said) == (408, "request_timeout")


@pytest.mark.parametrize(
    "said",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nhost: a\r\nx\0y: z\r\n\r\n",
        b"POST /v1/files HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/files HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        b"POST /v1/files HTTP/1.1\r\nhost: a\r\ncontent-length: " + b"9" * 40 + b"\r\n\r\n",
        b"CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["nonsense", "path", "nul", "two-lengths", "other-lengths", "huge-length", "connect", "tls"],
)
def test_what_is_not_http_gets_the_one_shape_too(listening: Any, said: bytes):
    answer, _ = talk(listening.port, said)

    assert shape_of(answer) == (400, "invalid_body")


def test_many_idle_connections_keep_nobody_out(listening: Any, open_server: Callable[..., Opened]):
    idle = [socket.create_connection(("127.0.0.1", listening.port)) for _ in range(200)]
    try:
        begun = time.monotonic()
        answer = httpx2.get(f"http://127.0.0.1:{listening.port}/v1/models", headers={"authorization": f"Bearer {listening.key}"})
    finally:
        for connection in idle:
            connection.close()

    assert answer.status_code == 200
    assert time.monotonic() - begun < AT_ONCE_S

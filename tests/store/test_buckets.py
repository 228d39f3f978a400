"""Contents in a bucket, over a real socket, with a small server that speaks as much of S3 as is used."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from limner.errors import StoreFailed
from limner.store.blobs import Blobs


class Bucket(BaseHTTPRequestHandler):
    """Objects and parts by path; the bucket `full` takes nothing."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]
    parts: dict[int, bytes]

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"tag"')
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 12:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_PUT(self) -> None:
        where, body = urlsplit(self.path), self.read_body()
        number = parse_qs(where.query).get("partNumber")
        if where.path.startswith("/full/"):
            self.answer(403)
            return
        if number:
            self.parts[int(number[0])] = body
        else:
            self.objects[where.path] = body
        self.answer(200)

    def do_POST(self) -> None:
        where, body = urlsplit(self.path), self.read_body()
        asked = parse_qs(where.query, keep_blank_values=True)
        if "delete" in asked:
            keys = re.findall(r"<Key>(.*?)</Key>", body.decode())
            for key in keys:
                self.objects.pop(f"{where.path.rstrip('/')}/{key}", None)
            deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            self.answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())
        elif "uploads" in asked:
            self.answer(200, b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>")
        else:
            self.objects[where.path] = b"".join(self.parts[number] for number in sorted(self.parts))
            self.answer(200, b"<CompleteMultipartUploadResult><ETag>tag</ETag></CompleteMultipartUploadResult>")

    def do_GET(self) -> None:
        found = self.objects.get(urlsplit(self.path).path)
        self.answer(404) if found is None else self.answer(200, found)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """What lies in the buckets of a server that the variables of this process name."""
    kept: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OwnBucket", (Bucket,), {"objects": kept, "parts": {}}))
    Thread(target=server.serve_forever, daemon=True).start()
    settings = {"ENDPOINT": f"http://127.0.0.1:{server.server_port}", "ALLOW_HTTP": "true", "REGION": "here"}
    for name, value in (settings | {"ACCESS_KEY_ID": "id", "SECRET_ACCESS_KEY": "secret"}).items():
        monkeypatch.setenv(f"AWS_{name}", value)
    yield kept
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("size", [0, 3, (10 << 20) + 1])
def test_a_bucket_keeps_contents_under_the_prefix_until_they_are_deleted(objects: dict[str, bytes], size: int):
    blobs = Blobs.open("s3://bucket/limner/blobs")
    content = os.urandom(size)

    blobs.put("files/file-1", io.BytesIO(content))
    kept, got, chunks = dict(objects), blobs.get("files/file-1"), b"".join(blobs.iterate("files/file-1") or ())
    blobs.delete("files/file-1")

    assert kept == {"/bucket/limner/blobs/files/file-1": content}
    assert got == chunks == content
    assert objects == {}
    assert blobs.get("files/file-1") is None
    assert blobs.iterate("files/file-1") is None
    assert blobs.sweep() == 0


def test_a_bucket_that_refuses_is_a_failure_without_its_address(objects: dict[str, bytes]):
    with pytest.raises(StoreFailed) as failure:
        Blobs.open("s3://full").put("files/file-1", b"x")

    assert failure.value.message == "a content could not be kept; try again"
    assert objects == {}


def test_a_bucket_is_not_spoken_to_in_the_clear_unless_that_is_allowed(objects: dict[str, bytes], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AWS_ALLOW_HTTP")

    with pytest.raises(StoreFailed):
        Blobs.open("s3://bucket").put("files/file-1", b"x")

    assert objects == {}

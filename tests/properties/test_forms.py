"""Whatever a multipart body holds, in whatever order, whole or broken: a success that means it, or an error object of the one shape."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

Check = Callable[[httpx2.Response], None]
wire_settings = settings(settings.get_profile("wire"), max_examples=60)
BOUNDARY = b"limit"


def picture() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 2, (24, 32, 4), np.uint8) * 255).save(file, "PNG")
    return file.getvalue()


@dataclass(frozen=True)
class Part:
    """One part as it stands in a body; `filename` None makes it text."""

    name: bytes
    content: bytes
    filename: bytes | None = None
    extra: bytes = b""

    def write(self) -> bytes:
        """Return the part between two boundaries."""
        filename = b"" if self.filename is None else b'; filename="' + self.filename + b'"'
        return b'Content-Disposition: form-data; name="' + self.name + b'"' + filename + self.extra + b"\r\n\r\n" + self.content + b"\r\n"


def write_form(parts: Sequence[Part]) -> bytes:
    return b"".join(b"--" + BOUNDARY + b"\r\n" + part.write() for part in parts) + b"--" + BOUNDARY + b"--\r\n"


PICTURE = picture()
FIELDS = ["prompt", "model", "n", "size", "quality", "background", "stream", "seed", "input_fidelity", "user"]
FIELDS += ["mask_mode", "canvas", "region", "keep"]
ODD_NAMES = [b"", b"image[]", b"image[0]", b"images[]", b"mask[]", b"prompt[x]", b"expires_after[seconds]", b"__proto__", b"a\\", b"\xff"]
NAMES = st.sampled_from([*(field.encode() for field in FIELDS), b"image", b"mask", b"purpose", b"file", *ODD_NAMES]) | st.binary(max_size=8)
WORDS = [b"", b"auto", b"low", b"1", b"-1", b"true", b"256x256", b"64x64+1+1", b"a ball", b"null", b"NaN", b"\x00", b"\xed\xa0\x80"]
CONTENTS = st.sampled_from([*WORDS, PICTURE, PICTURE[:200], b"<html>", b"GIF89a"]) | st.binary(max_size=60)
FILENAMES = st.none() | st.sampled_from([b"a.png", b"", b"../../x", b"\x00", b'a\\"b', b"x" * 3000, b"\xff\xfe"]) | st.binary(max_size=12)
EXTRAS = st.sampled_from(
    [
        b"",
        b"",
        b"\r\nContent-Type: image/png",
        b"\r\nContent-Type: text/plain; charset=utf-7",
        b"\r\nContent-Transfer-Encoding: base64",
        b"; filename*=utf-8''%00%ff",
        b"; name*0=pro; name*1=mpt",
        b"\r\n" * 2,
    ]
)
PARTS = st.lists(st.builds(Part, NAMES, CONTENTS, FILENAMES, EXTRAS), max_size=6)
GOOD = [Part(b"image", PICTURE, b"a.png"), Part(b"prompt", b"a red ball"), Part(b"size", b"256x256"), Part(b"quality", b"low")]
ROUTES = ["/v1/images/edits", "/v1/images/variations", "/v1/files"]
CHARSETS = ["utf-7", "utf-16", "undefined", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "rot13", "zlib", "mbcs", "x" * 100]


def send(
    wire: httpx2.Client, path: str, body: bytes, content_type: bytes = b"multipart/form-data; boundary=" + BOUNDARY
) -> httpx2.Response:
    return wire.post(path, content=body, headers={b"content-type": content_type})


def hold(answer: httpx2.Response, check_failure: Check) -> None:
    if answer.status_code != 200:
        check_failure(answer)
    elif "text/event-stream" not in answer.headers["content-type"]:
        assert "auto" not in {answer.json().get(name) for name in ("size", "quality", "background", "output_format")}


@pytest.mark.parametrize("path", ROUTES)
@given(parts=PARTS, is_good=st.booleans(), data=st.data())
@settings(settings.get_profile("wire"), max_examples=40)
def test_any_parts_in_any_order(
    wire: httpx2.Client, check_failure: Check, path: str, parts: list[Part], is_good: bool, data: st.DataObject
):
    everything = data.draw(st.permutations([*GOOD, *parts])) if is_good else parts

    answer = send(wire, path, write_form(everything))

    hold(answer, check_failure)


@given(cut=st.integers(0, 500), junk=st.binary(max_size=6), is_cut=st.booleans(), path=st.sampled_from(ROUTES))
@wire_settings
def test_a_form_that_is_cut_off_or_has_bytes_changed(
    wire: httpx2.Client, check_failure: Check, cut: int, junk: bytes, is_cut: bool, path: str
):
    whole = write_form(list(reversed(GOOD)))
    place = min(cut, len(whole))
    body = whole[:place] + junk + (b"" if is_cut else whole[place + len(junk) :])

    answer = send(wire, path, body)

    hold(answer, check_failure)


@given(content_type=st.binary(max_size=40).map(lambda value: bytes(byte for byte in value if byte > 32 and byte != 127)))
@wire_settings
def test_any_content_type(wire: httpx2.Client, check_failure: Check, content_type: bytes):
    answer = send(wire, "/v1/images/edits", write_form(GOOD), b"multipart/form-data;" + content_type)

    hold(answer, check_failure)


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("content", [b"\xff\xfe\x00\xd8", b"+2AA-", b"\\ud800", b"xn--\xff"])
def test_any_charset(wire: httpx2.Client, check_failure: Check, charset: str, content: bytes):
    body = write_form([*GOOD, Part(b"user", content), Part(content, content, content)])

    answer = send(wire, "/v1/images/edits", body, b"multipart/form-data; boundary=limit; charset=" + charset.encode())

    hold(answer, check_failure)


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (b"multipart/form-data", write_form(GOOD)),
        (b"multipart/form-data; boundary=", write_form(GOOD)),
        (b"multipart/form-data; boundary=other", write_form(GOOD)),
        (b"multipart/form-data; boundary=" + b"b" * 5000, write_form(GOOD)),
        (b"multipart/mixed; boundary=limit", write_form(GOOD)),
        (b"multipart/form-data; boundary=limit", b""),
        (b"multipart/form-data; boundary=limit", b"--limit--\r\n"),
        (b"multipart/form-data; boundary=limit", b"\r\n" * 200_000),
        (b"multipart/form-data; boundary=limit", b"--limit\r\n" * 50_000),
        (b"multipart/form-data; boundary=limit", b"--limit\r\nX: " + b"y" * 1_000_000),
        (b"multipart/form-data; boundary=limit", b"--limit\r\n" + b"X: y\r\n" * 100_000),
        (b"multipart/form-data; boundary=limit", write_form([Part(b"prompt", b"x")] * 65)),
        (b"multipart/form-data; boundary=limit", write_form([Part(b"image", b"x", b"a")] * 21)),
        (b"multipart/form-data; boundary=limit", write_form([Part(b"prompt", b"x" * 1_100_000)])),
        (b"application/x-www-form-urlencoded", b"a=b&" * 100_000),
        (b"application/x-www-form-urlencoded", b"prompt=" + b"x" * 2_000_000),
        (b"application/x-www-form-urlencoded", b"%ff%00=%ed%a0%80&;;&&=&"),
        (b"text/plain", b"prompt"),
        (b"", b"{}"),
        (b"application/json", write_form(GOOD)),
    ],
)
def test_a_form_that_is_none_is_refused_in_little_time(
    wire: httpx2.Client, check_failure: Check, path: str, content_type: bytes, body: bytes
):
    answer = send(wire, path, body, content_type)

    check_failure(answer)
    assert answer.elapsed.total_seconds() < 5

"""Multipart bodies of edits as the clients out there write them, byte by byte: names of parts, names of files, types, order, chunks."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

BOUNDARY = "----limner7f3a"
TEXTS = {"prompt": "a red apple", "model": "gpt-image-1.5", "size": "256x256", "quality": "low", "n": "1", "seed": "51"}
Part = tuple[str, bytes, str | None, str | None]  # name, content, filename, content type


def text_parts(**more: str) -> list[Part]:
    return [(name, value.encode(), None, None) for name, value in (TEXTS | more).items()]


def encode(parts: list[Part]) -> bytes:
    lines = []
    for name, content, filename, kind in parts:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
        head += f'; filename="{filename}"' if filename is not None else ""
        head += f"\r\nContent-Type: {kind}" if kind else ""
        lines.append(head.encode() + b"\r\n\r\n" + content + b"\r\n")
    return b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()


def send(wire: httpx2.Client, body: bytes | Iterator[bytes]) -> httpx2.Response:
    return wire.post("/v1/images/edits", content=body, headers={"content-type": f"multipart/form-data; boundary={BOUNDARY}"})


def drawn(response: httpx2.Response) -> bytes:
    assert response.status_code == 200, response.text[:500]
    return base64.b64decode(response.json()["data"][0]["b64_json"])


@pytest.fixture(scope="module")
def source(pictures: Any) -> bytes:
    return pictures.draw(seed=6)


@pytest.fixture(scope="module")
def expected(wire: httpx2.Client, source: bytes) -> bytes:
    """The picture that all ways to write the same request give."""
    return drawn(send(wire, encode([*text_parts(), ("image", source, "apple.png", "image/png")])))


@pytest.mark.parametrize("name", ["image", "image[]", "image[0]"])
@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        ("upload", "application/octet-stream"),  # openai-python, bytes
        ("unknown_file", "application/octet-stream"),  # openai-node, nameless
        ("apple.png", "application/octet-stream"),  # openai-node, a file stream
        ("blob", "image/png"),  # the AI SDK
        ("apple.png", None),  # no type at all
        ("apple.jpg", "image/jpeg"),  # a wrong name and type
        ("../../apple.png", "image/png"),
        ("äpfel „rot“.png", "image/png"),
    ],
)
def test_a_picture_is_known_by_its_bytes_whatever_its_part_is_called(
    wire: httpx2.Client, source: bytes, expected: bytes, name: str, filename: str, kind: str | None
):
    response = send(wire, encode([*text_parts(), (name, source, filename, kind)]))

    assert drawn(response) == expected


def test_parts_may_come_in_any_order(wire: httpx2.Client, source: bytes, expected: bytes):
    texts = text_parts()
    image: Part = ("image[]", source, "blob", "image/png")

    orders = [[image, *texts], [*texts, image], [*texts[:2], image, *texts[2:]], [*texts[::-1], image]]

    assert {drawn(send(wire, encode(parts))) for parts in orders} == {expected}


def test_a_body_in_chunks_without_a_length_is_read(wire: httpx2.Client, source: bytes, expected: bytes):
    body = encode([*text_parts(), ("image", source, "apple.png", "application/octet-stream")])

    response = send(wire, (body[start : start + 1000] for start in range(0, len(body), 1000)))

    assert response.request.headers["transfer-encoding"] == "chunked"
    assert drawn(response) == expected


def test_several_pictures_are_read_under_either_name_and_in_order(wire: httpx2.Client, pictures: Any, source: bytes):
    second = pictures.draw(seed=7)
    spellings = [("image", "image"), ("image[]", "image[]"), ("image", "image[]"), ("image[0]", "image[1]")]

    contents = {
        drawn(send(wire, encode([*text_parts(), (first, source, "blob", None), (other, second, "blob", None)])))
        for first, other in spellings
    }
    swapped = drawn(send(wire, encode([*text_parts(), ("image", second, "blob", None), ("image", source, "blob", None)])))

    assert len(contents) == 1
    assert swapped not in contents


def test_an_empty_text_part_counts_as_absent(wire: httpx2.Client, source: bytes, expected: bytes):
    empty = text_parts(user="", background="", output_compression="", stream="", partial_images="", mask="")

    assert drawn(send(wire, encode([*empty, ("image", source, "blob", "image/png")]))) == expected


@pytest.mark.parametrize("word", ["true", "True", "1"])
def test_words_for_true_begin_a_stream(wire: httpx2.Client, source: bytes, word: str):
    response = send(wire, encode([*text_parts(stream=word, partial_images="1"), ("image", source, "blob", "image/png")]))

    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text.count("event: ") == 2


@pytest.mark.parametrize("word", ["false", "False", "0"])
def test_words_for_false_begin_none(wire: httpx2.Client, source: bytes, expected: bytes, word: str):
    assert drawn(send(wire, encode([*text_parts(stream=word), ("image", source, "blob", "image/png")]))) == expected


@pytest.mark.parametrize(
    ("parts", "code", "param"),
    [
        ([("image", b"no file", None, None)], "invalid_type", "image"),
        ([], "missing_required_parameter", "image"),
        ([("image", b"", "blob", "image/png")], "invalid_image", "image"),
        ([("prompt", b"twice", None, None)], "invalid_value", "prompt"),
        ([("photo", b"x", "blob", "image/png")], "invalid_type", "photo"),
        ([("strength", b"0.5", None, None)], "unknown_parameter", "strength"),
    ],
    ids=["text for a file", "no image", "an empty image", "twice", "a strange file", "a strange text"],
)
def test_what_does_not_belong_is_refused_by_name(wire: httpx2.Client, parts: list[Part], code: str, param: str):
    response = send(wire, encode([*text_parts(), *parts]))

    error = response.json()["error"]
    assert response.status_code == 400
    assert (error["code"], error["param"]) == (code, param)


@pytest.mark.parametrize("cut", [10, 200, -20, -4])
def test_a_body_that_breaks_off_is_refused(wire: httpx2.Client, source: bytes, cut: int):
    body = encode([*text_parts(), ("image", source, "blob", "image/png")])

    response = send(wire, body[:cut])

    assert response.status_code == 400
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}

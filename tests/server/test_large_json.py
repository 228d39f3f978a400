"""Large JSON bodies say the same as they do to an ordinary parser, whatever stands in their strings."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.errors import BodyTooLarge, InvalidBody
from limner.server import large_json
from limner.server.forms import parse_json
from limner.server.large_json import parse_large_json

TEXTS = st.text(st.sampled_from('ab"\\/é☂😀\n,[{'), max_size=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let strings of a few bytes count as long, and cut them into pieces of a few bytes."""
    for name, count in {"LONG_STRING_BYTES": 8, "PIECE_BYTES": 16, "SEARCH_BYTES": 5}.items():
        monkeypatch.setattr(large_json, name, count)


@pytest.mark.usefixtures("short_pieces")
@settings(max_examples=200)
@given(VALUES, st.booleans())
def test_a_body_says_what_it_says_to_an_ordinary_parser(value: Any, ensure_ascii: bool):
    body = json.dumps(value, ensure_ascii=ensure_ascii)

    parsed = parse_large_json(bytearray(body.encode()), parse_json)

    assert parsed == json.loads(body)


@pytest.mark.usefixtures("short_pieces")
@given(st.text(st.sampled_from('{}[]":,\\ab1 \n'), max_size=80))
def test_what_is_not_json_is_refused_as_an_ordinary_parser_refuses_it(body: str):
    try:
        expected = json.loads(body)
    except ValueError:
        with pytest.raises(InvalidBody):
            parse_large_json(bytearray(body.encode()), parse_json)
    else:
        assert parse_large_json(bytearray(body.encode()), parse_json) == expected


@pytest.mark.parametrize("escape", [("/", "\\/"), ("+", "\\u002B"), ("=", "\\u003d"), ("a", "a")])
def test_a_picture_comes_through_as_every_encoder_writes_it(escape: tuple[str, str]):
    text = base64.b64encode(os.urandom(3_000_001)).decode()
    body = '{"images": [{"image_url": "' + text.replace(*escape) + '"}], "n": 1}'

    parsed = parse_large_json(bytearray(body.encode()), parse_json)

    assert parsed == {"images": [{"image_url": text}], "n": 1}


@pytest.mark.parametrize(
    "body",
    [b'["' + b"a" * (25 << 20) + b'"]', b"[" + b"1," * (3 << 20) + b"1]", b'["' + b'\\"' * 300_000 + b'"]'],
    ids=["a string of 25 MiB", "6 MiB of numbers", "300,000 quotation marks"],
)
def test_what_would_hold_up_everybody_else_is_refused(body: bytes):
    with pytest.raises(BodyTooLarge):
        parse_large_json(bytearray(body), parse_json)


def test_more_values_than_any_request_has_are_refused_before_a_schema_looks_at_them():
    body = json.dumps({f"k{number}": 1 for number in range(2000)})

    with pytest.raises(InvalidBody, match="more than 1,000 values"):
        parse_json(bytearray(body.encode()))

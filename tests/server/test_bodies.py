"""JSON with pictures inside comes out as plain JSON would, whatever the strings hold."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from limner.server.bodies import CHUNK_BYTES, Base64, encode_json, iterate

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary().map(Base64),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def plain(value: Any) -> Any:
    match value:
        case Base64():
            return base64.b64encode(value.content).decode()
        case list():
            return [plain(entry) for entry in value]
        case dict():
            return {name: plain(entry) for name, entry in value.items()}
    return value


@given(VALUES)
def test_pieces_join_to_the_json_of_the_value_with_base64_in_its_place(value: Any):
    pieces = encode_json(value)

    joined = b"".join(iterate(pieces))

    assert json.loads(joined) == plain(value)
    assert sum(piece.size if isinstance(piece, Base64) else len(piece) for piece in pieces) == len(joined)


def test_a_large_picture_comes_in_many_pieces_of_which_none_is_large():
    content = bytes(range(256)) * 20_000

    pieces = list(Base64(content).pieces())

    assert len(pieces) > 4
    assert max(map(len, pieces)) == CHUNK_BYTES // 3 * 4
    assert base64.b64decode(b"".join(pieces)) == content

"""Frames between the engine and its process."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.engine.wire import MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, Order, read_frame, write_frame
from limner.errors import EngineDied

plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()


class OneByteAtATime(io.BytesIO):
    """A stream that gives little at once, as a pipe may."""

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        return super().readinto(buffer[:1])


@given(st.dictionaries(st.text().filter(lambda name: name != "kind"), plain), st.binary(max_size=200))
def test_a_frame_comes_out_as_it_went_in(fields: dict[str, object], payload: bytes) -> None:
    stream = OneByteAtATime()
    write_frame(stream, "picture", fields, payload)
    stream.seek(0)

    frame = read_frame(stream)

    assert frame is not None
    assert (frame.kind, frame.fields, frame.payload) == ("picture", fields, payload)
    assert read_frame(stream) is None


def test_a_stream_that_ends_anywhere_inside_a_frame_is_told_from_one_that_ends_between_frames() -> None:
    whole = io.BytesIO()
    write_frame(whole, "step", {"request_id": "r"}, b"pixels")
    content = whole.getvalue()

    assert read_frame(io.BytesIO(b"")) is None
    for length in range(1, len(content)):
        with pytest.raises(EngineDied, match="in the middle"):
            read_frame(io.BytesIO(content[:length]))


@pytest.mark.parametrize("lengths", [(MAX_HEADER_BYTES + 1, 0), (2, MAX_PAYLOAD_BYTES + 1), (2**32 - 1, 2**32 - 1)])
def test_lengths_over_the_limit_are_refused_before_anything_is_read(lengths: tuple[int, int]) -> None:
    stream = io.BytesIO(struct.pack(">II", *lengths))

    with pytest.raises(EngineDied, match="over the limit"):
        read_frame(stream)


@pytest.mark.parametrize("header", [b"{", b"[]", b"{}", b'"kind"', b"\xff\xfe"])
def test_a_header_that_is_no_message_is_refused(header: bytes) -> None:
    stream = io.BytesIO(struct.pack(">II", len(header), 0) + header)

    with pytest.raises(EngineDied, match="not a message"):
        read_frame(stream)


def test_a_frame_over_the_limit_is_not_sent_at_all() -> None:
    stream = io.BytesIO()

    with pytest.raises(ValueError, match="over the limit"):
        write_frame(stream, "draw", {"prompt": "x" * MAX_HEADER_BYTES})

    assert stream.getvalue() == b""


def order(**changes: object) -> Order:
    facts = {"request_id": "r", "index": 1, "prompt": "a kite", "snapshot": "tiny", "width": 256, "height": 512, "quality": "low"}
    return Order(**{**facts, "background": "opaque", "seed": 2**53 - 1, "num_partials": 2, **changes})


IMAGES = tuple(np.random.default_rng(0).integers(0, 256, (height, 5, 4), np.uint8) for height in (3, 4))


@pytest.mark.parametrize(
    "sent",
    [
        order(),
        order(images=IMAGES, fidelity="high"),
        order(images=IMAGES, mask=IMAGES[0][..., 0] > 100),
        order(images=IMAGES[:1], place=(-3, 7)),
        order(images=IMAGES[:1], words="the cat"),
        order(images=IMAGES, has_source=False),
        order(images=(IMAGES[0][:, ::-1],), mask=(IMAGES[0][..., 0] > 100)[::-1]),
    ],
    ids=["words", "images", "mask", "place", "region", "composition", "views"],
)
def test_an_order_comes_out_as_it_went_in(sent: Order) -> None:
    stream, message = io.BytesIO(), sent.to_message()
    write_frame(stream, message.kind, message.fields, *message.parts)
    stream.seek(0)
    frame = read_frame(stream)
    assert frame is not None

    came = Order.of_frame(frame)

    plain = {"images", "mask"}
    assert {name: value for name, value in vars(came).items() if name not in plain} == {
        name: value for name, value in vars(sent).items() if name not in plain
    }
    assert [image.tolist() for image in came.images] == [image.tolist() for image in sent.images]
    assert (came.mask is None and sent.mask is None) or np.array_equal(came.mask, sent.mask)


def test_an_order_shares_the_memory_of_its_images() -> None:
    assert np.shares_memory(np.frombuffer(order(images=IMAGES).to_message().parts[0], np.uint8), IMAGES[0])

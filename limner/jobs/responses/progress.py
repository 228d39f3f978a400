"""How a response comes into being, step by step, and the same steps once more from what was kept of it.

Followers count steps: the steps of a response that is repeated, or told from what was kept, stand at the same places as the first time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from limner.store.responses.items import StoredItem


@dataclass(frozen=True, kw_only=True)
class CallBegan:
    """A picture is being drawn; `index` is the place of its item in the output."""

    index: int
    item_id: str


@dataclass(frozen=True, kw_only=True)
class CallPartial:
    """The picture on its way; `content` is its file, None if nobody has that any more. The words are as answered."""

    index: int
    item_id: str
    partial_index: int
    content: bytes | None
    size: str | None = None
    quality: str | None = None
    background: str | None = None
    output_format: str | None = None


@dataclass(frozen=True, kw_only=True)
class CallEnded:
    """The picture is there, or its item says why not; `content` is its file, None if it is to be read by the item."""

    index: int
    item: StoredItem
    content: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class MessageBegan:
    """Something is about to be said."""

    index: int
    item_id: str


@dataclass(frozen=True, kw_only=True)
class MessageSaid:
    """The next words."""

    index: int
    item_id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class MessageEnded:
    """Everything was said."""

    index: int
    item: StoredItem


Progress = CallBegan | CallPartial | CallEnded | MessageBegan | MessageSaid | MessageEnded


def write_message(item_id: str, said: Sequence[str], status: str = "completed") -> StoredItem:
    """Return a message as it is kept, with the lengths of the parts that it was said in."""
    parts = [{"type": "output_text", "text": "".join(said)}]
    content = {"type": "message", "role": "assistant", "status": status, "content": parts, "lengths": [len(text) for text in said]}
    return StoredItem(item_id=item_id, content=content, is_output=True)


def replay(outputs: Sequence[StoredItem]) -> Iterator[Progress]:
    """Yield the steps of a response that has ended; partial pictures are not kept, and their steps are empty."""
    for index, item in enumerate(outputs):
        if item.content["type"] == "message":
            yield from _replay_message(index, item)
            continue
        yield CallBegan(index=index, item_id=item.item_id)
        for partial_index in range(item.content.get("num_partials", 0)):
            yield CallPartial(index=index, item_id=item.item_id, partial_index=partial_index, content=None)
        yield CallEnded(index=index, item=item)


def _replay_message(index: int, item: StoredItem) -> Iterator[Progress]:
    yield MessageBegan(index=index, item_id=item.item_id)
    text, start = item.content["content"][0]["text"], 0
    for length in item.content["lengths"]:
        yield MessageSaid(index=index, item_id=item.item_id, text=text[start : start + length])
        start += length
    yield MessageEnded(index=index, item=item)

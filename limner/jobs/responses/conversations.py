"""Conversations by hand: begun, added to, read and deleted without a response; and pages of items with what they show."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anyio import to_thread

from limner.errors import UnknownFile
from limner.jobs.responses.desk import ResponseDesk
from limner.jobs.responses.intake import WireItem
from limner.store.identifiers import is_attachment_id, new_sorted_id
from limner.store.pages import Page
from limner.store.responses.conversations import StoredConversation
from limner.store.responses.items import StoredItem

MAX_PAGE_BYTES = 64 * 2**20  # of pictures; a page with more is cut


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page of items, with the files of drawn pictures by item, and of others by their content's name."""

    items: tuple[StoredItem, ...]
    contents: Mapping[str, bytes]
    has_more: bool


class Conversations:
    """Conversations of projects."""

    def __init__(self, desk: ResponseDesk) -> None:
        self._desk, self._shelf = desk, desk.shelf

    async def create(self, project_id: str, metadata: Mapping[str, str], said: Sequence[WireItem]) -> StoredConversation:
        """Begin a conversation.

        Raises:
            RequestError: an item cannot be taken; `param` names it.
        """
        created_us = time.time_ns() // 1000
        created_at = created_us // 1_000_000
        conversation = StoredConversation(
            conversation_id=new_sorted_id("conv_", created_us),
            project_id=project_id,
            metadata=metadata,
            created_at=created_at,
            expires_at=created_at + self._desk.lifetime_s,
        )
        await to_thread.run_sync(self._shelf.conversations.add, conversation, ())
        try:
            await self.add(project_id, conversation.conversation_id, said)
        except BaseException:
            await self.delete(project_id, conversation.conversation_id)
            raise
        return conversation

    async def add(self, project_id: str, conversation_id: str, said: Sequence[WireItem]) -> tuple[StoredItem, ...]:
        """Put items behind the last, and return them.

        Raises:
            UnknownConversation: the project has no such conversation.
            RequestError: an item cannot be taken; `param` names it.
        """
        await to_thread.run_sync(self._shelf.conversations.get, project_id, conversation_id)
        taken = await self._desk.intake.take(project_id, conversation_id, said, field="items")
        expires_at = int(time.time()) + self._desk.lifetime_s

        def append() -> tuple[StoredItem, ...]:
            return self._shelf.conversations.append(project_id, conversation_id, taken.items, expires_at=expires_at)

        return await to_thread.run_sync(append)

    async def delete(self, project_id: str, conversation_id: str) -> None:
        """Delete a conversation, and what was sent to it; responses that were made in it keep what is theirs.

        Raises:
            UnknownConversation: the project has no such conversation.
        """
        await to_thread.run_sync(self._shelf.conversations.delete, project_id, conversation_id)
        await to_thread.run_sync(self._shelf.attachments.delete_owned, project_id, conversation_id)

    async def delete_item(self, project_id: str, conversation_id: str, item_id: str) -> StoredConversation:
        """Delete an item, and what was sent with it, and return the conversation.

        Raises:
            UnknownConversation, UnknownItem: there is no such conversation or item.
        """

        def delete() -> StoredConversation:
            item = self._shelf.conversations.get_item(project_id, conversation_id, item_id)
            self._shelf.conversations.delete_item(project_id, conversation_id, item_id)
            for content_id in filter(is_attachment_id, contents_of(item)):
                self._forget(project_id, conversation_id, content_id)
            return self._shelf.conversations.get(project_id, conversation_id)

        return await to_thread.run_sync(delete)

    async def show(self, project_id: str, page: Page[StoredItem], *, is_image_shown: bool) -> Shown:
        """Read what a page of items shows: drawn pictures, and if asked those that came in; a page that shows too much is cut."""
        contents: dict[str, bytes] = {}
        for index, item in enumerate(page.items):
            found = await self._read(project_id, item, is_image_shown=is_image_shown)
            held = sum(len(content) for content in {**contents, **found}.values())
            if index and held > MAX_PAGE_BYTES:
                return Shown(items=page.items[:index], contents=contents, has_more=True)
            contents |= found
        return Shown(items=page.items, contents=contents, has_more=page.has_more)

    async def _read(self, project_id: str, item: StoredItem, *, is_image_shown: bool) -> dict[str, bytes]:
        if item.content["type"] != "message":
            return await self._desk.read_results(project_id, [item])
        found = {}
        for content_id in filter(is_attachment_id, contents_of(item) if is_image_shown else []):
            try:
                found[content_id] = await self._desk.reader.read(project_id, content_id)
            except UnknownFile:
                continue
        return found

    def _forget(self, project_id: str, conversation_id: str, content_id: str) -> None:
        """Delete a content, if it is the conversation's own."""
        try:
            if self._shelf.attachments.get(project_id, content_id).owner_id == conversation_id:
                self._shelf.attachments.delete(project_id, content_id)
        except UnknownFile:
            return


def contents_of(item: StoredItem) -> list[str]:
    """Return the names of the contents of an item."""
    if item.content["type"] != "message":
        return [item.content["content_id"]] if "content_id" in item.content else []
    return [part["content_id"] for part in item.content["content"] if "content_id" in part]

"""Pictures that callers sent with a response or a conversation, and answers that are not the kept PNG: each a blob, gone with its owner."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from limner.errors import UnknownFile
from limner.store.blobs import Blobs
from limner.store.contents import Contents
from limner.store.database import Database
from limner.store.identifiers import is_attachment_id, new_sorted_id
from limner.store.pages import PageReader
from limner.store.tables import attachments

MAX_PAGE_ATTACHMENTS = 100


@dataclass(frozen=True, kw_only=True)
class StoredAttachment:
    """What is known of an attachment. Times are UTC unix seconds; `owner_id` names a response or a conversation."""

    attachment_id: str
    project_id: str
    owner_id: str
    size_bytes: int
    created_at: int
    expires_at: int


class AttachmentStore(Contents[StoredAttachment]):
    """Attachments. No caller names one: items do. A project's are read for it alone. Safe from many threads."""

    def __init__(self, database: Database, blobs: Blobs, *, clock: Callable[[], float] = time.time) -> None:
        pages = PageReader(
            id_column=attachments.c.attachment_id,
            is_id=is_attachment_id,
            from_row=lambda row: StoredAttachment(**row),
            most=MAX_PAGE_ATTACHMENTS,
        )
        super().__init__(database, blobs, pages, unknown=_unknown, clock=clock)

    def add(self, project_id: str, owner_id: str, content: bytes, *, expires_at: int) -> str:
        """Keep a content for an owner, and return its id; it is on the disk when this returns.

        Raises:
            StoreFailed: it was not kept.
        """
        created_us = int(self._clock() * 1_000_000)
        attachment = StoredAttachment(
            attachment_id=new_sorted_id("att_", created_us),
            project_id=project_id,
            owner_id=owner_id,
            size_bytes=len(content),
            created_at=created_us // 1_000_000,
            expires_at=expires_at,
        )
        self._add([vars(attachment)], [content])
        return attachment.attachment_id


def _unknown(attachment_id: str) -> UnknownFile:
    return UnknownFile(f"the picture {attachment_id[:100]!r} of an earlier turn is gone; send it again", param="input")

"""Pictures behind URLs that cannot be guessed and that expire: for clients who ask for a URL in place of the bytes."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import delete, insert, select

from limner.errors import UnknownFile
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.identifiers import digest, new_id, new_token
from limner.store.tables import results

KIND = "results"
MAX_TOKEN_CHARS = 100
NUM_AT_ONCE = 500


class ResultStore:
    """Rows of `results` and their blobs; nothing else knows either. Who has a token may read, without a key. Safe from many threads."""

    def __init__(self, database: Database, blobs: Blobs, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock

    def add(self, content: bytes, media_type: str, *, project_id: str, lifetime_s: int) -> str:
        """Keep a picture for so many seconds and return its token, which is kept only as a digest.

        Raises:
            StoreFailed: it was not kept.
        """
        token, result_id, now = new_token(), new_id("result"), int(self._clock())
        row = {"result_id": result_id, "project_id": project_id, "token_digest": digest(token), "media_type": media_type}
        with self._database.writing() as connection:
            # First the row: should the process be killed now, the row's expiry takes the blob with it.
            connection.execute(insert(results).values(**row, created_at=now, expires_at=now + lifetime_s))
        self._blobs.put(_blob(result_id), content)
        return token

    def read(self, token: str) -> tuple[bytes, str]:
        """Return the picture's bytes and media type.

        Raises:
            UnknownFile: there is no such picture, or it has expired.
        """
        if len(token) > MAX_TOKEN_CHARS:
            raise _unknown()
        is_this = results.c.token_digest == digest(token)
        with self._database.reading() as connection:
            row = connection.execute(
                select(results.c.result_id, results.c.media_type).where(is_this, results.c.expires_at > int(self._clock()))
            ).first()
        content = None if row is None else self._blobs.get(_blob(row.result_id))
        if row is None or content is None:
            raise _unknown()
        return content, row.media_type

    def delete_expired(self, now: int) -> int:
        """Delete the pictures whose time had come at `now`, UTC unix seconds, and return how many.

        Raises:
            StoreFailed: some are left for the next call.
        """
        num_deleted = 0
        while True:
            with self._database.reading() as connection:
                expired = (
                    connection.execute(select(results.c.result_id).where(results.c.expires_at <= now).limit(NUM_AT_ONCE)).scalars().all()
                )
            if not expired:
                return num_deleted
            for result_id in expired:
                self._blobs.delete(_blob(result_id))
            with self._database.writing() as connection:
                connection.execute(delete(results).where(results.c.result_id.in_(expired)))
            num_deleted += len(expired)


def _blob(result_id: str) -> str:
    return f"{KIND}/{result_id}"


def _unknown() -> UnknownFile:
    return UnknownFile("there is no picture at this address, or its time is over; ask for it again")

"""Links to results that need no key and expire: signed for one generation and one hour, and found again when they come back as an input."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from anyio import to_thread

from limner.errors import UnknownFile
from limner.jobs.inputs import ImageSource
from limner.jobs.orders import PictureOrder
from limner.store.results import ResultStore
from limner.store.work.generations import GenerationStore, StoredGeneration

LIFETIME_S = 3600
RESULT_PATH = re.compile(r"/limner/v1/results/(?P<token>[A-Za-z0-9_-]+)")
GENERATION_PATH = re.compile(r"/limner/v1/generations/(?P<generation_id>[0-9a-f-]+)/result")
DIGITS = re.compile(r"[0-9]{1,12}")
MAX_LINK_CHARS = 1000


class ResultLinks:
    """Makes and checks links. A link stops when its time is over, and when the picture is deleted. Safe from many threads."""

    def __init__(self, generations: GenerationStore, results: ResultStore, *, clock: Callable[[], float] = time.time) -> None:
        self.generations, self._results, self._clock = generations, results, clock

    def make(self, generation: StoredGeneration, base_url: str) -> str | None:
        """Return a link to what a generation has drawn, None if there is nothing."""
        if generation.status != "succeeded" or generation.picture_id is None:
            return None
        expires = str(int(self._clock()) + LIFETIME_S)
        signature = _sign(generation, expires)
        return f"{base_url}/limner/v1/generations/{generation.generation_id}/result?expires={expires}&signature={signature}"

    def open(self, generation_id: str, expires: str, signature: str) -> StoredGeneration:
        """Return the generation of a link.

        Raises:
            UnknownFile: the link is none of ours, its time is over, or the picture is gone.
        """
        found = self.generations.find(generation_id)
        is_fresh = DIGITS.fullmatch(expires) is not None and int(expires) > self._clock()
        if found is None or found.picture_id is None or not is_fresh or not _is_signed(found, expires, signature):
            raise UnknownFile("there is no picture at this address, or its time is over; ask for the generation again")
        return found

    async def settle(self, order: PictureOrder, project_id: str) -> PictureOrder:
        """Put in the place of links of this server what they stand for, whatever their host, so that a result can be the next input.

        A kept picture of the project's own becomes the parent. What is no good link stays as it is.
        """
        if not order.images:
            return order

        def read() -> PictureOrder:
            images = tuple(self._settle(source, project_id) for source in order.images)
            return replace(order, images=images, mask=order.mask and self._settle(order.mask, project_id))

        return await to_thread.run_sync(read)

    def _settle(self, source: ImageSource, project_id: str) -> ImageSource:
        url = source.url
        if url is None or len(url) > MAX_LINK_CHARS:
            return source
        try:
            parts = urlsplit(url)
            if result := RESULT_PATH.fullmatch(parts.path):
                content, _ = self._results.read(result["token"])
                return replace(source, content=content, url=None)
            if generation := GENERATION_PATH.fullmatch(parts.path):
                query = parse_qs(parts.query)
                found = self.open(generation["generation_id"], query.get("expires", [""])[0], query.get("signature", [""])[0])
                if found.project_id == project_id:
                    return replace(source, file_id=found.picture_id, url=None)
        except (UnknownFile, ValueError):
            return source
        return source


def _sign(generation: StoredGeneration, expires: str) -> str:
    return hmac.new(generation.link_key.encode(), f"{generation.generation_id}.{expires}".encode(), hashlib.sha256).hexdigest()


def _is_signed(generation: StoredGeneration, expires: str, signature: str) -> bool:
    return hmac.compare_digest(_sign(generation, expires).encode(), signature.encode("utf-8", "replace"))

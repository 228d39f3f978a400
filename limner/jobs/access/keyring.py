"""API keys on the fast path: looked up in the store, remembered for less than a second."""

from __future__ import annotations

import hashlib
import time

from anyio import CapacityLimiter, to_thread

from limner.store.keys import ApiKey, KeyStore

KEY_MEMORY_S = 0.5  # a revoked key stops within this
MAX_REMEMBERED_KEYS = 4096
LOOKUP_THREADS = 4


class KeyRing:
    """Looks keys up, and remembers good ones for a moment."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._known: dict[bytes, tuple[ApiKey, float]] = {}
        self._threads = CapacityLimiter(LOOKUP_THREADS)  # its own, so that nobody waits behind uploads to be let in

    async def revoke(self, key: ApiKey) -> ApiKey:
        """End a key for good, in this process at once, and return it."""
        revoked = await to_thread.run_sync(self._keys.revoke, key.key_id, limiter=self._threads)
        self._known = {digest: known for digest, known in self._known.items() if known[0].key_id != key.key_id}
        return revoked

    async def find(self, secret: str) -> ApiKey | None:
        """Return the key of a secret, None if there is none, or it is revoked or has ended."""
        digest = hashlib.sha256(secret.encode()).digest()
        known = self._known.get(digest)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        key = await to_thread.run_sync(self._keys.find, secret, limiter=self._threads)
        self._known.pop(digest, None)
        if key is not None:
            if len(self._known) >= MAX_REMEMBERED_KEYS:
                self._known.clear()
            left_s = KEY_MEMORY_S if key.expires_at is None else min(KEY_MEMORY_S, key.expires_at - time.time())
            self._known[digest] = key, time.monotonic() + left_s
        return key

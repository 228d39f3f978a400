"""Signing in with a link: a token that is good once and not for long becomes a key that ends by itself."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import NoReturn

from anyio import to_thread

from limner.errors import QueueFull, Unauthenticated
from limner.store.identifiers import digest, new_token
from limner.store.keys import ApiKey, KeyStore

TOKEN_LIFETIME_S = 600.0
KEY_LIFETIME_S = 12 * 3600
KEY_NAME = "playground"
MAX_WRONG, WRONG_WINDOW_S = 10, 5.0


class SignInDesk:
    """Gives out tokens and takes them back, in the memory of this process alone. For one event loop."""

    def __init__(self, keys: KeyStore, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys, self._clock = keys, clock
        self._deadlines: dict[str, float] = {}  # by the digest of the token
        self._wrong: deque[float] = deque(maxlen=MAX_WRONG)

    def issue(self) -> str | None:
        """Return a new token, None if no key is left whose project it could lead to."""
        if self._keys.oldest() is None:
            return None
        token = new_token()
        self._deadlines[digest(token)] = self._clock() + TOKEN_LIFETIME_S
        return token

    async def redeem(self, token: str) -> tuple[ApiKey, str]:
        """Take a token, which ends if this succeeds, and return a new key with its secret: of the project and role of the oldest good key.

        Raises:
            Unauthenticated: the token was never given out, was used, or is too old; or every key was revoked meanwhile.
            QueueFull: the token is wrong, as too many were just now. A right one is never held up by wrong ones.
        """
        now, mark = self._clock(), digest(token)
        deadline = self._deadlines.pop(mark, now)
        if deadline <= now:
            self._refuse(now)
        made = None
        try:
            made = await to_thread.run_sync(self._make_key)
            return made
        finally:
            if made is None:
                self._deadlines[mark] = deadline  # nobody had anything for it

    def _refuse(self, now: float) -> NoReturn:
        if len(self._wrong) == MAX_WRONG and self._wrong[0] > now - WRONG_WINDOW_S:
            raise QueueFull("too many wrong sign-in tokens were sent", retry_after_s=self._wrong[0] + WRONG_WINDOW_S - now)
        self._wrong.append(now)
        raise Unauthenticated("This sign-in link was used or is too old; start the server again for another, or sign in with an API key")

    def _make_key(self) -> tuple[ApiKey, str]:
        oldest = self._keys.oldest()
        if oldest is None:
            raise Unauthenticated("Every API key was revoked, so this link leads nowhere; `limner keys create` makes a key")
        return self._keys.create(KEY_NAME, project=oldest.project_id, role=oldest.role, lifetime_s=KEY_LIFETIME_S)

"""Names of stored things: unguessable, safe in a path, a URL and a log, and made here alone."""

from __future__ import annotations

import hashlib
import re
import secrets

SECRET_PREFIX = "sk-limner-"
NUM_SECRET_BYTES = 32
NUM_HINT_CHARS = 4
MAX_SECRET_CHARS = 200
NUM_TIME_DIGITS = 13
FILE_ID, PICTURE_ID, PROMPT_ID = (re.compile(rf"{kind}[0-9a-f]{{45}}") for kind in ("file-", "pic_", "prompt_"))
SHORT_DIGITS = re.compile(r"[0-9a-f]{16}")


def new_id(kind: str) -> str:
    """Return an id with 64 random bits, such as `key-9f86d081884c7d65`."""
    return f"{kind}-{secrets.token_hex(8)}"


def new_file_id(created_us: int) -> str:
    """Return an id with 128 random bits that sorts by the microsecond of its creation."""
    return f"file-{_sorted_digits(created_us)}"


def new_picture_id(created_us: int) -> str:
    """Return an id like a file's, for a kept picture."""
    return f"pic_{_sorted_digits(created_us)}"


def new_prompt_id(created_us: int) -> str:
    """Return an id like a file's, for a version of a saved prompt."""
    return f"prompt_{_sorted_digits(created_us)}"


def is_file_id(text: str) -> bool:
    """Say whether the text has the form of a file's id, whether or not such a file exists."""
    return FILE_ID.fullmatch(text) is not None


def is_picture_id(text: str) -> bool:
    """Say whether the text has the form of a kept picture's id, whether or not such a picture exists."""
    return PICTURE_ID.fullmatch(text) is not None


def is_prompt_id(text: str) -> bool:
    """Say whether the text has the form of a saved prompt's id, whether or not such a prompt exists."""
    return PROMPT_ID.fullmatch(text) is not None


def is_short_id(text: str, kind: str) -> bool:
    """Say whether the text has the form of an id of this kind, whether or not it names something."""
    return text.startswith(f"{kind}-") and SHORT_DIGITS.fullmatch(text, len(kind) + 1) is not None


def new_secret() -> str:
    """Return the secret of an API key."""
    return SECRET_PREFIX + secrets.token_urlsafe(NUM_SECRET_BYTES)


def new_token() -> str:
    """Return the unguessable part of a URL, 256 random bits."""
    return secrets.token_urlsafe(NUM_SECRET_BYTES)


def digest(secret: str) -> str:
    """Return the SHA-256 of a secret in hexadecimal. 256 random bits cannot be guessed, so neither salt nor a slow hash adds anything."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _sorted_digits(created_us: int) -> str:
    return f"{created_us:0{NUM_TIME_DIGITS}x}{secrets.token_hex(16)}"

"""Names of stored things: unguessable, safe in a path, a URL and a log, and made here alone."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid

SECRET_PREFIX = "sk-limner-"
NUM_SECRET_BYTES = 32
NUM_HINT_CHARS = 4
MAX_SECRET_CHARS = 200
NUM_TIME_DIGITS = 13
FILE_ID, PICTURE_ID, PROMPT_ID, BATCH_ID = (re.compile(rf"{kind}[0-9a-f]{{45}}") for kind in ("file-", "pic_", "prompt_", "batch_"))
ENDPOINT_ID = re.compile(r"we_[0-9a-f]{45}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
RESPONSE_ID, CONVERSATION_ID, ATTACHMENT_ID = (re.compile(rf"{kind}[0-9a-f]{{45}}") for kind in ("resp_", "conv_", "att_"))
ITEM_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # of ours or of a caller's: items come back as they went out
DEPLOYMENT_ID = re.compile(r"dep_[0-9a-f]{45}")
SHORT_DIGITS = re.compile(r"[0-9a-f]{16}")


def new_id(kind: str) -> str:
    """Return an id with 64 random bits, such as `key-9f86d081884c7d65`."""
    return f"{kind}-{secrets.token_hex(8)}"


def new_key_id(created_us: int) -> str:
    """Return an id like `new_id`'s with 44 random bits, which sorts by the microsecond among the keys of a second."""
    return f"key-{created_us % 1_000_000:05x}{secrets.token_hex(6)[:11]}"


def new_file_id(created_us: int) -> str:
    """Return an id with 128 random bits that sorts by the microsecond of its creation."""
    return f"file-{_sorted_digits(created_us)}"


def new_picture_id(created_us: int) -> str:
    """Return an id like a file's, for a kept picture."""
    return f"pic_{_sorted_digits(created_us)}"


def new_prompt_id(created_us: int) -> str:
    """Return an id like a file's, for a version of a saved prompt."""
    return f"prompt_{_sorted_digits(created_us)}"


def new_uuid(created_us: int) -> str:
    """Return a UUID of version 7 that sorts by the microsecond of its creation, with 62 random bits.

    Source: RFC 9562, section 6.2, method 3.
    """
    milliseconds, rest_us = divmod(created_us, 1000)
    number = milliseconds << 80 | 7 << 76 | (rest_us * 4096 // 1000) << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=number))


def is_uuid(text: str) -> bool:
    """Say whether the text has the form of `new_uuid`, whether or not it names something."""
    return UUID.fullmatch(text) is not None


def is_endpoint_id(text: str) -> bool:
    """Say whether the text has the form of a webhook endpoint's id, whether or not there is such an endpoint."""
    return ENDPOINT_ID.fullmatch(text) is not None


def new_sorted_id(prefix: str, created_us: int) -> str:
    """Return an id like a file's that begins with `resp_`, `conv_`, `msg_`, `ig_`, `att_`, `we_`, `wh_` or `evt_`."""
    return f"{prefix}{_sorted_digits(created_us)}"


def is_response_id(text: str) -> bool:
    """Say whether the text has the form of a response's id, whether or not such a response exists."""
    return RESPONSE_ID.fullmatch(text) is not None


def is_conversation_id(text: str) -> bool:
    """Say whether the text has the form of a conversation's id, whether or not such a conversation exists."""
    return CONVERSATION_ID.fullmatch(text) is not None


def is_attachment_id(text: str) -> bool:
    """Say whether the text has the form of an attachment's id, whether or not such an attachment exists."""
    return ATTACHMENT_ID.fullmatch(text) is not None


def is_item_id(text: str) -> bool:
    """Say whether the text can be the id of an item, whether or not such an item exists."""
    return ITEM_ID.fullmatch(text) is not None


def new_deployment_id(created_us: int) -> str:
    """Return an id like a file's, for a version of a deployment."""
    return f"dep_{_sorted_digits(created_us)}"


def new_batch_id(created_us: int) -> str:
    """Return an id like a file's, for a batch."""
    return f"batch_{_sorted_digits(created_us)}"


def is_file_id(text: str) -> bool:
    """Say whether the text has the form of a file's id, whether or not such a file exists."""
    return FILE_ID.fullmatch(text) is not None


def is_picture_id(text: str) -> bool:
    """Say whether the text has the form of a kept picture's id, whether or not such a picture exists."""
    return PICTURE_ID.fullmatch(text) is not None


def is_prompt_id(text: str) -> bool:
    """Say whether the text has the form of a saved prompt's id, whether or not such a prompt exists."""
    return PROMPT_ID.fullmatch(text) is not None


def is_deployment_id(text: str) -> bool:
    """Say whether the text has the form of a deployment's id, whether or not such a version exists."""
    return DEPLOYMENT_ID.fullmatch(text) is not None


def is_batch_id(text: str) -> bool:
    """Say whether the text has the form of a batch's id, whether or not such a batch exists."""
    return BATCH_ID.fullmatch(text) is not None


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

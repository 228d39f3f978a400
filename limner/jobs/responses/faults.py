"""What went wrong inside a response, in the words of its `error` and of the `error` of an item.

Source: `ResponseError` and `ImageGenerationCall.error` in openai-python's types.
"""

from __future__ import annotations

from typing import Any

from limner import errors
from limner.errors import EngineError, LimnerError, RequestError

SERVER_ERROR, USER_ERROR, IMAGE_ERROR = "server_error", "invalid_request_error", "image_generation_user_error"
CODES: dict[type[LimnerError], str] = {
    errors.Blocked: "image_content_policy_violation",
    errors.UnsupportedImage: "unsupported_image_media_type",
    errors.UnusableImage: "invalid_image",
    errors.InvalidMask: "invalid_image",
    errors.RefusedAddress: "invalid_image_url",
    errors.ImageNotFetched: "failed_to_download_image",
    errors.UnknownFile: "image_file_not_found",
    errors.QueueFull: "rate_limit_exceeded",
    errors.RequestError: "invalid_prompt",
    LimnerError: SERVER_ERROR,
}
UNTOLD = "The server had an error while it worked on this response. Ask again"


def response_error(error: LimnerError) -> dict[str, Any]:
    """Return the `error` of a response."""
    code = next(CODES[known] for known in type(error).__mro__ if known in CODES)
    return {"code": code, "message": _message(error)}


def item_error(error: LimnerError) -> dict[str, Any]:
    """Return the `error` of a picture that was not drawn."""
    kind = SERVER_ERROR if not isinstance(error, RequestError) else USER_ERROR
    if isinstance(error, errors.Blocked | errors.InvalidMask):
        kind = IMAGE_ERROR
    told: dict[str, Any] = {"code": error.code, "message": _message(error), "param": error.param, "type": kind}
    if isinstance(error, errors.Blocked):
        told["moderation_details"] = {"moderation_stage": error.stage, "categories": list(error.categories)}
    return told


def _message(error: LimnerError) -> str:
    """Return what may be told: what is neither the caller's fault nor a known failure tells of the inside."""
    message = error.message if isinstance(error, RequestError | EngineError) else UNTOLD
    return message[:1].upper() + message[1:] + ("" if message.endswith((".", "!", "?")) else ".")

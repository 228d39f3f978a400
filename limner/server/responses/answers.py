"""Responses and their items as answered: which value stands in which field, with every picture read back from its blob.

Source: `Response`, `ResponseItem` and `ConversationItem` in openai-python's types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from limner.jobs.responses.desk import NO_SUMS, write_sums
from limner.jobs.responses.orders import ResponseOrder
from limner.jobs.tokens import Usage
from limner.media.sniff import recognise
from limner.server.bodies import Base64
from limner.server.routes.answers import write_usage
from limner.store.identifiers import is_attachment_id
from limner.store.responses.conversations import StoredConversation
from limner.store.responses.items import StoredItem
from limner.store.responses.responses import UNENDED, StoredResponse

GONE = {"code": "image_file_not_found", "message": "The picture is gone: it was deleted, or has expired.", "param": None}
DRAWN_FIELDS = ("action", "background", "output_format", "quality", "size", "revised_prompt")


def write_response(response: StoredResponse, contents: Mapping[str, bytes], *, status: str | None = None) -> dict[str, Any]:
    """Return a response as answered; with a `status` that is not an end's, as it was then."""
    order = ResponseOrder.from_json(response.asked)
    shown = status or response.status
    ended = response.ended if response.ended is not None and shown not in UNENDED else None
    reason = ended["incomplete"] if ended else None
    return {
        "id": response.response_id,
        "object": "response",
        "created_at": response.created_at,
        "status": shown,
        "background": response.is_background,
        "completed_at": response.completed_at if ended else None,
        "conversation": {"id": response.conversation_id} if response.conversation_id else None,
        "error": ended["error"] if ended else None,
        "incomplete_details": {"reason": reason} if reason else None,
        "model": order.model,
        "output": [write_item(item, contents) for item in response.outputs] if ended else [],
        "previous_response_id": response.previous_id,
        "store": order.is_stored,
        "tools": [_write_tool(order)] if order.tool else [],
        **order.echo,
        **(_write_sums(ended) if ended else {"usage": None, "tool_usage": _write_sums(write_sums(NO_SUMS))["tool_usage"]}),
    }


def write_item(item: StoredItem, contents: Mapping[str, bytes], *, is_image_shown: bool = False) -> dict[str, Any]:
    """Return an item as answered; `contents` has the file of each drawn picture by item, and, if those are shown, of each that came in."""
    if item.content["type"] == "message":
        return _write_message(item, contents, is_image_shown=is_image_shown)
    content = contents.get(item.item_id)
    drawn = {name: item.content[name] for name in DRAWN_FIELDS if name in item.content}
    written: dict[str, Any] = {"id": item.item_id, "type": item.content["type"], "status": item.content["status"], **drawn}
    if item.content["status"] == "failed":
        return written | {"result": "", "error": item.content.get("error")}
    written["result"] = None if content is None else Base64(content)
    if content is None:
        written["error"] = {**GONE, "type": "invalid_request_error"}
    if origin := item.content.get("origin"):
        written["limner"] = {"picture_id": item.content.get("content_id"), **origin}
    return written


def write_begun_item(item_id: str, kind: str) -> dict[str, Any]:
    """Return an item that is being made."""
    if kind == "message":
        return {"id": item_id, "type": kind, "status": "in_progress", "role": "assistant", "content": []}
    return {"id": item_id, "type": kind, "status": "in_progress", "result": None}


def write_part(text: str) -> dict[str, Any]:
    """Return a part of a message of the model."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def write_conversation(conversation: StoredConversation) -> dict[str, Any]:
    """Return a conversation as answered."""
    return {
        "id": conversation.conversation_id,
        "object": "conversation",
        "created_at": conversation.created_at,
        "metadata": dict(conversation.metadata),
    }


def write_list(items: list[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    """Return a page of items."""
    first, last = (items[0]["id"], items[-1]["id"]) if items else (None, None)
    return {"object": "list", "data": items, "first_id": first, "last_id": last, "has_more": has_more}


def _write_message(item: StoredItem, contents: Mapping[str, bytes], *, is_image_shown: bool) -> dict[str, Any]:
    parts = []
    for part in item.content["content"]:
        if part["type"] == "output_text":
            parts.append(write_part(part["text"]))
        elif part["type"] == "input_image":
            parts.append(_write_picture(part, contents, is_shown=is_image_shown))
        else:
            parts.append(dict(part))
    plain = {"id": item.item_id, "type": "message", "status": item.content["status"], "role": item.content["role"]}
    return plain | {"content": parts}


def _write_picture(part: Mapping[str, Any], contents: Mapping[str, bytes], *, is_shown: bool) -> dict[str, Any]:
    """Return a picture that came in: named as it was, or, if it came in full or is to be shown, as a data URL or nothing."""
    content_id, url = part["content_id"], part.get("image_url")
    is_sent = is_attachment_id(content_id) or content_id.startswith("held-")
    content = contents.get(content_id)
    if is_sent and url is None and is_shown and content is not None:
        url = Base64(content, prefix=f"data:image/{recognise(content) or 'png'};base64,")
    return {"type": "input_image", "detail": part["detail"], "file_id": None if is_sent else content_id, "image_url": url}


def _write_tool(order: ResponseOrder) -> dict[str, Any]:
    assert order.tool is not None
    return dict(order.tool.echo)


def _write_sums(ended: Mapping[str, Any]) -> dict[str, Any]:
    text = ended["text_usage"]
    usage = {
        "input_tokens": text["input_tokens"],
        "input_tokens_details": {"cached_tokens": text["cached_tokens"], "cache_write_tokens": 0},
        "output_tokens": text["output_tokens"],
        "output_tokens_details": {"reasoning_tokens": text["reasoning_tokens"]},
        "total_tokens": text["input_tokens"] + text["output_tokens"],
    }
    image = write_usage(Usage(**ended["image_usage"]))
    return {"usage": usage, "tool_usage": {"image_gen": image, "web_search": {"num_requests": 0}}}

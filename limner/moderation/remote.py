"""Moderation by another service: any endpoint that speaks OpenAI's `/v1/moderations`."""

from __future__ import annotations

import base64
import io
import json
import math
import time
from collections.abc import Mapping
from typing import Any

import httpx2

from limner.engine.protocol import Pixels
from limner.errors import InvalidField, ModerationFailed
from limner.moderation.images import shrink
from limner.moderation.verdict import CATEGORIES, InputType, Verdict

ROUTE = "/moderations"
MODEL = "omni-moderation-latest"
TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 1_000_000
LOW_SCORE = 0.8  # what the service flags below this score passes at strictness `low`
NEVER_RELAXED = ("sexual/minors",)


class RemoteModerator:
    """A `Moderator` that asks a service. What goes wrong there refuses the request: nothing passes unjudged."""

    def __init__(self, url: str, api_key: str | None = None, *, model: str = MODEL, timeout_s: float = TIMEOUT_S) -> None:
        """`url` is the base of the API, such as https://api.example.com/v1, or the route itself; redirects are not followed.

        Raises:
            InvalidField: the URL is not one of http or https.
        """
        self._url = _find_route(url)
        self._timeout_s = timeout_s
        self._model = model
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx2.Client(headers=headers, timeout=timeout_s, follow_redirects=False, trust_env=False)

    def judge_text(self, text: str) -> Verdict:
        """Judge a prompt of any length.

        Raises:
            ModerationFailed: the service gave no verdict.
        """
        return self._ask(text, "text")

    def judge_image(self, pixels: Pixels) -> Verdict:
        """Judge straight-alpha RGBA, uint8, (height, width, 4); the service gets it small, on white, as PNG.

        Raises:
            ModerationFailed: the service gave no verdict.
        """
        file = io.BytesIO()
        shrink(pixels).save(file, format="PNG")
        url = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
        return self._ask([{"type": "image_url", "image_url": {"url": url}}], "image")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, content: Any, kind: InputType) -> Verdict:
        try:
            with self._client.stream("POST", self._url, json={"model": self._model, "input": content}) as answer:
                if answer.status_code != 200:
                    raise ModerationFailed(f"the moderation service answered {answer.status_code}; try again later")
                return read_answer(_read_bounded(answer, time.monotonic() + self._timeout_s), kind)
        except httpx2.TimeoutException as error:
            raise ModerationFailed("the moderation service did not answer in time; try again later") from error
        except (httpx2.HTTPError, RuntimeError) as error:
            raise ModerationFailed("the moderation service cannot be reached; try again later") from error


def read_answer(content: bytes, kind: InputType) -> Verdict:
    """Turn the body of an answer into a verdict; categories that it leaves out, or gives as null, are taken as not flagged.

    Raises:
        ModerationFailed: it is not an answer of a moderation service.
    """
    try:
        result = json.loads(content)["results"][0]
        flags, said = dict(result["categories"]), dict(result["category_scores"])
        known = [name for name in CATEGORIES if flags.get(name) is not None]
        scores = {name: _read_score(said, name) for name in CATEGORIES}
        flagged = tuple(name for name in known if flags[name] is True)
        is_flagged = bool(result["flagged"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ModerationFailed("the moderation service gave an answer that cannot be read") from error
    if is_flagged != bool(flagged) or not known:
        raise ModerationFailed("the moderation service gave an answer that contradicts itself")
    low = tuple(name for name in flagged if scores[name] >= LOW_SCORE or name in NEVER_RELAXED)
    evidence = {name: (f"the moderation service gives it {scores[name]:.2f}",) for name in flagged}
    return Verdict(scores=scores, flagged=flagged, flagged_low=low, evidence=evidence, inputs=(kind,))


def _read_score(said: Mapping[str, Any], name: str) -> float:
    score = float(said.get(name) or 0.0)
    if not math.isfinite(score):
        raise ValueError(name)
    return min(max(score, 0.0), 1.0)


def _find_route(url: str) -> str:
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        parsed = httpx2.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InvalidField("moderation_url", "the URL of the moderation service must be one of https or http; correct the setting")
    base = url.rstrip("/")
    return base if base.endswith(ROUTE) else base + ROUTE


def _read_bounded(answer: httpx2.Response, deadline: float) -> bytes:
    """Read the body; neither a long one nor one that trickles in holds the caller."""
    content = bytearray()
    for chunk in answer.iter_bytes():
        if time.monotonic() > deadline:
            raise ModerationFailed("the moderation service did not answer in time; try again later")
        content.extend(chunk)
        if len(content) > MAX_ANSWER_BYTES:
            raise ModerationFailed("the moderation service gave an answer that is too long")
    return bytes(content)

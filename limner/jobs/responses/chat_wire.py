"""The way out to a chat model: one question, one answer, of any endpoint that speaks OpenAI's `/chat/completions` with tool calls.

Source: `POST /chat/completions` in OpenAI's published OpenAPI document. Of an answer the first choice is read, and nothing is believed.
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

import anyio
import httpcore2
import httpx2
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from limner.errors import InvalidField, LimnerError, PlannerFailed, QueueFull, UnknownModel

log = logging.getLogger("limner.planner")

ROUTE = "/chat/completions"
CONNECT_TIMEOUT_S = 5.0
DEFAULT_TIMEOUT_S = 120.0
MAX_ANSWER_BYTES = 4_000_000
MAX_CODE_CHARS = 60
LIMIT_FIELDS = ("max_tokens", "max_completion_tokens")  # what most take, and what they ask for that do not
SAMPLING_FIELDS = ("temperature", "top_p")
TOO_LONG = "context_length_exceeded"

Message = dict[str, Any]
Count = Annotated[int, Field(ge=0)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)  # what it does not name is left out: endpoints add fields of their own


class FunctionCall(_Read):
    """What a model wants to be called. `arguments` is JSON of its own making; a few endpoints give an object."""

    name: str
    arguments: str | dict[str, Any] = ""


class ToolCall(_Read):
    """One call; some endpoints give it no id."""

    id: str | None = None
    function: FunctionCall


class Reply(_Read):
    """What a model said."""

    content: str | None = None
    refusal: str | None = None
    tool_calls: Sequence[ToolCall] | None = None

    @property
    def text(self) -> str:
        """Its words, those of a refusal among them; empty if there is nothing to read in them."""
        text = (self.content or "") + (self.refusal or "")
        return text if text.strip() else ""


class _Choice(_Read):
    message: Reply
    finish_reason: str | None = None


class _CachedTokens(_Read):
    cached_tokens: Count | None = None


class _ReasoningTokens(_Read):
    reasoning_tokens: Count | None = None


class Usage(_Read):
    """Tokens of one answer."""

    prompt_tokens: Count
    completion_tokens: Count
    prompt_tokens_details: _CachedTokens | None = None
    completion_tokens_details: _ReasoningTokens | None = None


class ChatAnswer(_Read):
    """An answer, of which there is one choice at least."""

    choices: Annotated[Sequence[_Choice], Field(min_length=1)]
    usage: Usage | None = None

    @property
    def reply(self) -> Reply:
        """What the model said."""
        return self.choices[0].message

    @property
    def finish_reason(self) -> str | None:
        """Why it stopped: `stop`, `tool_calls`, `length`, `content_filter`, or a word of the endpoint's own."""
        return self.choices[0].finish_reason


@dataclass(frozen=True, kw_only=True)
class ChatQuestion:
    """What a model is asked. Without `tools` it can only speak; None leaves a field to the endpoint."""

    model: str
    messages: Sequence[Message]
    tools: Sequence[Mapping[str, Any]] = ()
    tool_choice: Literal["none", "auto", "required"] = "auto"
    is_parallel: bool = True
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None


class ChatEndpoint:
    """An endpoint that the operator named. It may stand inside the network; no redirect is followed, and its key is told to nobody else."""

    def __init__(self, url: str, *, api_key: str | None, timeout_s: float) -> None:
        """`url` is the base of the API, such as https://api.example.com/v1, or the route itself. One answer may take `timeout_s`."""
        self._url = find_route(url)
        self._headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout_s = timeout_s
        self._limit_field = LIMIT_FIELDS[0]

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[httpx2.AsyncClient]:
        """Hold connections for the questions of one conversation."""
        timeout = httpx2.Timeout(self._timeout_s, connect=min(CONNECT_TIMEOUT_S, self._timeout_s))
        async with httpx2.AsyncClient(
            headers=self._headers, timeout=timeout, verify=_tls(), follow_redirects=False, trust_env=False
        ) as client:
            yield client

    async def ask(self, client: httpx2.AsyncClient, question: ChatQuestion) -> ChatAnswer:
        """Ask once and return the answer; what is asked in vain is not asked again, but for the name of one field.

        Raises:
            InvalidField, UnknownModel: the endpoint refused what the caller chose.
            QueueFull: the endpoint is busy.
            PlannerFailed: it cannot be reached, takes too long, failed, or gave no answer that can be read.
        """
        try:
            with anyio.fail_after(self._timeout_s):
                status, content = await self._post(client, question)
                other = LIMIT_FIELDS[1 - LIMIT_FIELDS.index(self._limit_field)]
                if status == 400 and question.max_tokens is not None and other.encode() in content:
                    self._limit_field = other
                    status, content = await self._post(client, question)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise PlannerFailed("the planner did not answer in time; try again later") from error
        except httpx2.HTTPError as error:
            raise PlannerFailed("the planner cannot be reached; try again later") from error
        if status != 200:
            raise _failure(status, content, question)
        return read_answer(content)

    async def _post(self, client: httpx2.AsyncClient, question: ChatQuestion) -> tuple[int, bytes]:
        content = bytearray()
        async with client.stream("POST", self._url, json=self._write(question)) as answer:
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > MAX_ANSWER_BYTES:
                    raise PlannerFailed("the planner gave an answer that is too long; try again later")
            return answer.status_code, bytes(content)

    def _write(self, question: ChatQuestion) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": question.model,
            "messages": list(question.messages),
            "temperature": question.temperature,
            "top_p": question.top_p,
            self._limit_field: question.max_tokens,
        }
        if question.tools:
            only_one = None if question.is_parallel else False  # several are what every endpoint does, and some refuse the field
            body |= {"tools": list(question.tools), "tool_choice": question.tool_choice, "parallel_tool_calls": only_one}
        return {name: value for name, value in body.items() if value is not None}


@cache
def _tls() -> ssl.SSLContext:
    """Return what every endpoint's certificate is checked with; reading the roots takes its time."""
    return httpcore2.default_ssl_context()


def read_answer(content: bytes) -> ChatAnswer:
    """Read the body of an answer.

    Raises:
        PlannerFailed: it is not an answer of a chat endpoint.
    """
    try:
        return ChatAnswer.model_validate_json(content)
    except ValidationError as error:
        raise PlannerFailed("the planner gave an answer that cannot be read; try again later") from error


def find_route(url: str) -> str:
    """Return where to ask, for the base of an API or the route itself.

    Raises:
        InvalidField: the URL is not one of http or https.
    """
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        parsed = httpx2.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InvalidField("planner_url", "the URL of the planner must be one of https or http; correct the setting")
    base = url.rstrip("/")
    return base if base.endswith(ROUTE) else base + ROUTE


class _Said(_Read):
    code: str | int | None = None
    type: str | None = None
    param: str | None = None


class _Envelope(_Read):
    error: _Said = _Said()


def _failure(status: int, content: bytes, question: ChatQuestion) -> LimnerError:
    """Turn an error of the endpoint's into one of ours; its text, which may tell of the inside, goes no further."""
    try:
        said = _Envelope.model_validate_json(content).error
    except ValidationError:
        said = _Said()
    code = re.sub(r"[^\w.-]", "?", str(said.code or said.type or "no code"))[:MAX_CODE_CHARS]
    log.warning("the planner answered %d (%s)", status, code)
    if status == 429:
        return QueueFull("the planner is busy")
    if status in (400, 413, 422):
        if code == TOO_LONG or status == 413:
            return InvalidField("input", "input is longer than what this server's planner reads; send fewer or shorter turns")
        if said.param in SAMPLING_FIELDS and getattr(question, said.param) is not None:
            value = getattr(question, said.param)
            return InvalidField(said.param, f"{said.param} {value!r} is refused by this server's planner; leave it out")
        if said.param in LIMIT_FIELDS and question.max_tokens is not None:
            return InvalidField("max_output_tokens", f"max_output_tokens {question.max_tokens!r} is refused by this server's planner")
    if status == 404 and code == UnknownModel.code:
        return UnknownModel(f"this server's planner has no model {question.model[:100]!r}; use another name")
    return PlannerFailed(f"the planner answered with status {status}; try again later")

"""What a caller asks for in one response, settled and plain: it is kept as JSON until a background response is worked on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from limner.engine.protocol import Priority
from limner.errors import IncompatibleFields, InvalidField, LimnerError, UnknownField
from limner.jobs.models import Model
from limner.jobs.responses.planning import ActionWord, Tool, ToolChoice
from limner.schema.responses.requests import AllowedTools, ImageTool, NamedTool, ResponseBody

DEFAULT_MODEL = "limner-planner"
TOOL = "tools[0]"
PARAMS = {"prompt": "input", "mask": f"{TOOL}.input_image_mask"}  # what a drawing calls its fields, and what a response does
TOOL_PARAMS = ("model", "size", "quality", "background", "output_format", "output_compression", "input_fidelity")
CONFINING_PARAMS = ("canvas", "mask_mode", "region")  # what of a picture an edit may change
OWN_TOOL_PARAMS = ("seed", "alt_text", *CONFINING_PARAMS)
Error = TypeVar("Error", bound=LimnerError)
ECHOED: Mapping[str, Any] = {  # fields of a body that come back as they came, and what stands there when they are absent
    "instructions": None,
    "metadata": {},
    "max_output_tokens": None,
    "max_tool_calls": None,
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "top_p": 1.0,
    "top_logprobs": 0,
    "truncation": "disabled",
    "service_tier": "default",
    "prompt_cache_key": None,
    "user": None,
    "safety_identifier": None,
}
TOOL_DEFAULTS: Mapping[str, Any] = {
    "background": "auto",
    "moderation": "auto",
    "n": 1,
    "output_compression": 100,
    "output_format": "png",
    "quality": "auto",
    "size": "auto",
}


@dataclass(frozen=True, kw_only=True)
class ToolOrder:
    """The drawing tool as the caller set it up; the words are those of `PictureOrder`. `mask_id` names a content, not yet here at first."""

    action: ActionWord = "auto"
    num_partials: int = 0
    n: int = 1
    seed: int | None = None
    mask_id: str | None = None
    drawing: Mapping[str, Any] = field(default_factory=dict)  # other fields of a `PictureOrder`
    echo: Mapping[str, Any] = field(default_factory=dict)  # as it comes back, with no picture inside


@dataclass(frozen=True, kw_only=True)
class ResponseOrder:
    """A response that is asked for, beside its items."""

    model: str
    tool: ToolOrder | None
    tool_choice: ToolChoice
    previous_id: str | None = None
    conversation_id: str | None = None
    is_stored: bool = True
    is_background: bool = False
    is_streamed: bool = False
    priority: Priority = "interactive"
    temperature: float | None = None  # as given, None where the planner chooses
    top_p: float | None = None
    echo: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ResponseOrder:
        """Return what `as_json` was made of."""
        tool = value["tool"]
        return cls(**{**value, "tool": None if tool is None else ToolOrder(**tool)})

    @property
    def brief_tool(self) -> Tool | None:
        """The tool as a planner sees it."""
        if self.tool is None:
            return None
        words = {name: self.tool.echo[name] for name in ("size", "quality", "background")}
        return Tool(action=self.tool.action, has_mask=self.tool.mask_id is not None, num_pictures=self.tool.n, **words)


def read_order(body: ResponseBody, *, image_model: str | None, image_models: Iterable[Model], is_strict: bool) -> ResponseOrder:
    """Settle a body; `image_model` is named beside it and wins, `image_models` are names that draw and do not plan.

    Raises:
        InvalidField, UnknownField, IncompatibleFields: a field cannot be used, or not beside another.
    """
    model = body.model or DEFAULT_MODEL
    if body.model in {known.name for known in image_models}:
        raise InvalidField("model", f"model {model!r} draws pictures; name it in tools[0].model, and a text model, or nothing, as model")
    is_stored, conversation = body.store is not False, body.conversation
    _check_together(body)
    tool = _read_tool(body, image_model, is_strict=is_strict)
    choice, choice_echo = _read_choice(body, tool)
    given = body.model_dump(include=set(ECHOED), exclude_none=True)
    text = {"format": {"type": "text"}, "verbosity": (body.text and body.text.verbosity) or "medium"}
    reasoning = {"effort": body.reasoning.effort if body.reasoning else None, "summary": body.reasoning.summary if body.reasoning else None}
    return ResponseOrder(
        model=model,
        tool=tool,
        tool_choice=choice,
        previous_id=body.previous_response_id,
        conversation_id=conversation if conversation is None or isinstance(conversation, str) else conversation.id,
        is_stored=is_stored,
        is_background=body.background or False,
        is_streamed=body.stream or False,
        temperature=body.temperature,
        top_p=body.top_p,
        echo={**ECHOED, **given, "tool_choice": choice_echo, "text": text, "reasoning": reasoning},
    )


def told_of_response(error: Error) -> Error:
    """Let an error name the field of the response that the caller wrote."""
    if error.param in PARAMS:
        error.param = PARAMS[error.param]
    elif error.param in (*TOOL_PARAMS, *OWN_TOOL_PARAMS, "partial_images", "moderation"):
        error.param = f"{TOOL}.{error.param}"
    return error


def _check_together(body: ResponseBody) -> None:
    is_stored = body.store is not False
    if body.previous_response_id is not None and body.conversation is not None:
        raise IncompatibleFields("previous_response_id", "previous_response_id and conversation cannot be had together; give one of them")
    if body.background and not is_stored:
        raise IncompatibleFields("background", "background needs store true: what nobody keeps cannot be asked for later")
    if body.conversation is not None and not is_stored:
        raise IncompatibleFields("conversation", "conversation needs store true: its items are kept")
    if body.stream_options is not None and not body.stream:
        raise IncompatibleFields("stream_options", "stream_options needs stream true; set it, or leave stream_options out")


def _read_tool(body: ResponseBody, image_model: str | None, *, is_strict: bool) -> ToolOrder | None:
    """Settle the one tool that there is."""
    if not body.tools:
        return None
    if len(body.tools) > 1:
        raise InvalidField("tools[1]", f"{len(body.tools)} image_generation tools were given; give one")
    tool = body.tools[0]
    if is_strict and tool.n is not None:
        raise UnknownField(f"{TOOL}.n", f"Unknown parameter: '{TOOL}.n'")
    given = tool.model_dump(exclude_none=True)
    model = image_model or tool.model
    drawing = {name: given[name] for name in (*TOOL_PARAMS, *CONFINING_PARAMS) if name in given}
    drawing |= {"model": model} if model else {}
    drawing |= {"strictness": tool.moderation} if tool.moderation else {}
    drawing |= {"is_described": True} if tool.alt_text else {}
    _check_mask(tool)
    return ToolOrder(
        action=tool.action or "auto",
        num_partials=(tool.partial_images or 0) if body.stream else 0,
        n=tool.n or 1,
        seed=tool.seed,
        drawing=drawing,
        echo=_echo(given, model),
    )


def _check_mask(tool: ImageTool) -> None:
    mask = tool.input_image_mask
    if mask is not None and (mask.image_url is None) == (mask.file_id is None):
        raise InvalidField(f"{TOOL}.input_image_mask", f"{TOOL}.input_image_mask needs exactly one of image_url and file_id")
    for name in ("input_image_mask", *CONFINING_PARAMS):
        if tool.action == "generate" and getattr(tool, name) is not None:
            raise IncompatibleFields(
                f"{TOOL}.{name}", f"{name} says what an edit may change, and action is generate; leave one of them out"
            )


def _echo(given: dict[str, Any], model: str | None) -> dict[str, Any]:
    """Return the tool as it comes back: with what was absent, and without a mask that came in full."""
    echo = {**TOOL_DEFAULTS, **given} | ({"model": model} if model else {})
    url = echo.get("input_image_mask", {}).get("image_url")
    if url is not None and (":" not in url or url[:5].lower() == "data:"):
        echo["input_image_mask"] = {}
    return echo


def _read_choice(body: ResponseBody, tool: ToolOrder | None) -> tuple[ToolChoice, Any]:
    """Return what a choice comes to, and how it comes back.

    Raises:
        IncompatibleFields: a picture must be drawn, and there is no tool.
    """
    asked = body.tool_choice
    choice: ToolChoice = "auto"
    if isinstance(asked, str):
        choice = asked
    elif isinstance(asked, NamedTool):
        choice = "required"
    elif isinstance(asked, AllowedTools):
        choice = asked.mode
    if tool is None and choice == "required":
        raise IncompatibleFields("tool_choice", "tool_choice asks for a picture, and tools has no image_generation; add it to tools")
    return choice, "auto" if asked is None else asked if isinstance(asked, str) else asked.model_dump()

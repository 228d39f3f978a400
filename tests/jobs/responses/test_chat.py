"""The chat planner against an endpoint on a socket: what the model is asked, what comes of its answers, and every way to fail."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from limner.errors import Blocked, IncompatibleFields, InvalidField, LimnerError, PlannerFailed, QueueFull, UnknownModel
from limner.jobs.responses.chat import MAX_DRAWS, MAX_QUESTIONS, ChatPlanner, PlannerSettings
from limner.jobs.responses.planning import Brief, Call, Cut, Draw, Drawn, Message, Outcome, Picture, Refused, Say, Spent, Step, Tool

pytestmark = pytest.mark.anyio
KEY = "sk-planner-secret"
HELLO = (Message(role="user", parts=("draw a kite",)),)


def brief(turns: tuple[Any, ...] = HELLO, **fields: Any) -> Brief:
    return Brief(**{"model": "gpt-5", "instructions": None, "turns": turns, "tool": Tool(), **fields})


def picture_file() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 30)).save(file, "PNG")
    return file.getvalue()


async def read(_: Picture) -> bytes:
    return picture_file()


class Studio:
    """Says how each draw went: as it was told, or drawn."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.num_drawn = 0

    def draw(self, wanted: Draw) -> Outcome:
        self.num_drawn += 1
        return self.outcomes.pop(0) if self.outcomes else Drawn(pictures=(Picture(name=f"ig_{self.num_drawn}"),), prompt=wanted.prompt)


@pytest.fixture
def follow(chat: Any) -> Callable[..., Any]:
    """Follows a plan to its end and returns its steps."""

    async def follow(asked: Brief, studio: Studio | None = None, **options: Any) -> list[Step]:
        studio = studio or Studio()
        planner = ChatPlanner(PlannerSettings(url=chat.url, api_key=KEY, **options))
        steps: list[Step] = []
        plan = planner.plan(asked, read)
        outcome: Outcome = None
        while True:
            try:
                step = await plan.asend(outcome)
            except StopAsyncIteration:
                return steps
            steps.append(step)
            outcome = studio.draw(step) if isinstance(step, Draw) else None

    return follow


async def until(is_so: Callable[[], Any]) -> None:
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.01)


def told(chat: Any, question: int = -1) -> list[str]:
    """What the functions answered, in the messages of a question."""
    return [message["content"] for message in chat.asked[question]["messages"] if message["role"] == "tool"]


async def test_a_picture_is_called_for_told_back_and_spoken_of(chat: Any, follow: Any, saying: Any, calling: Any):
    chat.answers = [saying(None, calling(prompt="a red kite")), saying("Here is your kite.", usage=(20, 5))]

    steps = await follow(brief(instructions="Be brief."))

    assert steps == [
        Spent(input_tokens=7, output_tokens=3),
        Draw(prompt="a red kite", action="generate"),
        Spent(input_tokens=20, output_tokens=5),
        Say("Here is your kite."),
    ]
    first, second = (asked["messages"] for asked in chat.asked)
    assert first == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "draw a kite"}]
    assert second[:2] == first
    assert second[2]["tool_calls"] == [calling(prompt="a red kite")]
    assert (second[3]["tool_call_id"], second[3]["content"].split(".")[0]) == ("call_a", "Drawn as picture 1")
    assert [header["authorization"] for header in chat.headers] == [f"Bearer {KEY}"] * 2


async def test_several_calls_of_one_answer_and_several_answers_are_drawn_in_their_order(chat: Any, follow: Any, saying: Any, calling: Any):
    chat.answers = [
        saying("First two.", calling(prompt="a"), calling(prompt="b", call_id="call_b")),
        saying(None, calling(prompt="c", action="edit", pictures=[2, 1])),
        saying(None, calling(prompt="d", action="edit")),
        saying("Done."),
    ]

    steps = await follow(brief())

    said_and_drawn = [step for step in steps if not isinstance(step, Spent)]
    assert said_and_drawn == [
        Say("First two."),
        Draw(prompt="a", action="generate"),
        Draw(prompt="b", action="generate"),
        Draw(prompt="c", action="edit", pictures=(Picture(name="ig_2"), Picture(name="ig_1"))),
        Draw(prompt="d", action="edit", pictures=(Picture(name="ig_3"),)),
        Say("Done."),
    ]


async def test_what_was_drawn_before_stands_in_the_conversation_by_its_number(chat: Any, follow: Any, saying: Any, calling: Any):
    turns = (
        Message(role="developer", parts=("Rules.",)),
        Message(role="user", parts=("make it like this", Picture(name="input[0]"))),
        Call(picture=Picture(name="ig_old"), prompt="a kite"),
        Message(role="assistant", parts=("Here.",)),
        Message(role="user", parts=("bluer",)),
    )
    chat.answers = [saying(None, calling(prompt="a blue kite", action="edit", pictures=[2])), saying("Done.")]

    steps = await follow(brief(turns))

    assert Draw(prompt="a blue kite", action="edit", pictures=(Picture(name="ig_old"),)) in steps
    system, user, drawn, result, assistant, last = chat.asked[0]["messages"]
    assert (system, last) == ({"role": "system", "content": "Rules."}, {"role": "user", "content": "bluer"})
    assert user["content"] == "make it like this\n[picture 1]"
    assert json.loads(drawn["tool_calls"][0]["function"]["arguments"]) == {"prompt": "a kite"}
    assert result["content"].startswith("Drawn as picture 2")
    assert assistant["content"] == "Here."


async def test_a_model_that_may_see_gets_pictures_that_came_in_and_pictures_that_were_drawn(
    chat: Any, follow: Any, saying: Any, calling: Any
):
    turns = (
        Message(role="user", parts=("look", Picture(name="input[0]", detail="low"))),
        Call(picture=Picture(name="ig_old"), prompt="a kite"),
        Message(role="user", parts=("and now?",)),
    )
    chat.answers = [saying(None, calling(prompt="x")), saying("Done.")]

    await follow(brief(turns), is_seeing=True)

    users = [message["content"] for message in chat.asked[1]["messages"] if message["role"] == "user"]
    assert [[part.get("text", "image") for part in parts] for parts in users] == [
        ["look", "[picture 1]", "image"],
        ["[picture 2]", "image", "and now?"],
        ["[picture 3]", "image"],
    ]
    assert users[0][2]["image_url"]["url"].startswith("data:image/png;base64,iVBORw0KGgo")
    assert [parts[-1 if index == 2 else 2 - index]["image_url"]["detail"] for index, parts in enumerate(users)] == ["low", "auto", "auto"]


async def test_a_model_that_may_not_see_is_sent_no_picture(chat: Any, follow: Any, saying: Any):
    chat.answers = [saying("Hello.")]

    await follow(brief((Message(role="user", parts=("look", Picture(name="input[0]"))),)))

    assert "base64" not in json.dumps(chat.asked)


async def test_what_the_caller_chose_is_handed_on(chat: Any, follow: Any, saying: Any):
    chat.answers = [saying("Hello.")]

    await follow(brief(temperature=0.2, top_p=0.5, max_output_tokens=50, parallel_tool_calls=False))

    asked = chat.asked[0]
    assert {name: asked[name] for name in ("temperature", "top_p", "max_tokens", "parallel_tool_calls", "tool_choice", "model")} == {
        "temperature": 0.2,
        "top_p": 0.5,
        "max_tokens": 50,
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "model": "gpt-5",
    }


async def test_what_the_caller_left_open_is_left_to_the_endpoint(chat: Any, follow: Any, saying: Any):
    chat.answers = [saying("Hello.")]

    await follow(brief(tool=None), model="qwen3")

    assert chat.asked[0] == {"model": "qwen3", "messages": [{"role": "user", "content": "draw a kite"}]}


async def test_an_endpoint_that_wants_the_newer_name_of_the_bound_gets_it_from_then_on(chat: Any, saying: Any):
    wants = {"error": {"message": "Use 'max_completion_tokens' instead.", "param": "max_tokens", "code": "unsupported_parameter"}}
    chat.answers = [(400, wants), saying("a"), saying("b")]
    planner = ChatPlanner(PlannerSettings(url=chat.url))

    for _ in range(2):
        async for _ in planner.plan(brief(max_output_tokens=50), read):
            pass

    assert ["max_tokens" in asked for asked in chat.asked] == [True, False, False]
    assert [asked.get("max_completion_tokens") for asked in chat.asked] == [None, 50, 50]


@pytest.mark.parametrize(("tool", "actions"), [(Tool(), ["generate", "edit"]), (Tool(action="edit", size="1024x1536"), ["edit"])])
async def test_the_function_says_what_the_caller_allows(chat: Any, follow: Any, saying: Any, tool: Tool, actions: list[str]):
    chat.answers = [saying("Hello.")]

    await follow(brief(tool=tool))

    function = chat.asked[0]["tools"][0]["function"]
    assert function["parameters"]["properties"]["action"]["enum"] == actions
    assert ("1024x1536" in function["description"]) == (tool.size != "auto")


async def test_with_tool_choice_none_no_call_is_taken(chat: Any, follow: Any, saying: Any, calling: Any):
    chat.answers = [saying("No.", calling(prompt="x"))]

    steps = await follow(brief(tool_choice="none"))

    assert steps[1:] == [Say("No.")]
    assert "tools" not in chat.asked[0]


async def test_what_must_be_drawn_is_asked_for_once_more_and_then_speaking_is_free(chat: Any, follow: Any, saying: Any, calling: Any):
    chat.answers = [saying("I would rather talk."), saying(None, calling(prompt="x")), saying("There.")]

    steps = await follow(brief(tool_choice="required"))

    assert [step for step in steps if not isinstance(step, Spent)] == [Draw(prompt="x", action="generate"), Say("There.")]
    assert [asked["tool_choice"] for asked in chat.asked] == ["required", "required", "auto"]


async def test_a_model_that_never_draws_what_it_must_fails_the_response(chat: Any, follow: Any, saying: Any):
    chat.answers = [saying("No."), saying("Never.")]

    with pytest.raises(PlannerFailed, match="drew nothing although"):
        await follow(brief(tool_choice="required"))


@pytest.mark.parametrize(
    ("tool", "wrong", "said"),
    [
        (Tool(), {"name": "get_weather", "prompt": "x"}, "no function 'get_weather'"),
        (Tool(), {"prompt": 5}, "prompt Input should be a valid string"),
        (Tool(), {}, "prompt Field required"),
        (Tool(), {"prompt": "x", "n": 4}, "n Extra inputs are not permitted"),
        (Tool(), {"prompt": "x", "action": "erase"}, "action Input should be"),
        (Tool(), {"prompt": "x", "pictures": ["one"]}, "pictures.0 Input should be a valid integer"),
        (Tool(), {"prompt": "x", "pictures": [1]}, "has no picture yet"),
        (Tool(), {"prompt": "x", "action": "generate", "pictures": [1]}, "generate takes no pictures"),
        (Tool(action="generate"), {"prompt": "x", "action": "edit"}, "only the action generate"),
    ],
)
async def test_what_is_called_wrongly_is_told_back_and_can_be_done_better(
    chat: Any, follow: Any, saying: Any, calling: Any, tool: Tool, wrong: dict[str, Any], said: str
):
    chat.answers = [saying(None, calling(**wrong)), saying(None, calling(prompt="right")), saying("There.")]

    steps = await follow(brief(tool=tool))

    assert [step.prompt for step in steps if isinstance(step, Draw)] == ["right"]
    assert said in told(chat, 1)[0]


@pytest.mark.parametrize("arguments", ["", "{", "[]", '"x"', "null", '{"prompt": "\\ud800"}', "[" * 5000])
async def test_arguments_that_are_no_object_are_told_back(chat: Any, follow: Any, saying: Any, calling: Any, arguments: str):
    broken = calling() | {"function": {"name": "image_generation", "arguments": arguments}}
    chat.answers = [saying(None, broken), saying("Sorry.")]

    steps = await follow(brief())

    assert steps[-1] == Say("Sorry.")
    assert told(chat)[0].startswith("Not drawn: the arguments are wrong")


async def test_arguments_that_came_as_an_object_and_calls_without_ids_are_taken(chat: Any, follow: Any, saying: Any, calling: Any):
    loose = [calling(call_id=None) | {"function": {"name": "image_generation", "arguments": {"prompt": name}}} for name in "ab"]
    chat.answers = [saying(None, *loose), saying("There.")]

    steps = await follow(brief())

    assert [step.prompt for step in steps if isinstance(step, Draw)] == ["a", "b"]
    messages = chat.asked[1]["messages"]
    made = [call["id"] for call in messages[1]["tool_calls"]]
    assert len(set(made)) == 2
    assert [message["tool_call_id"] for message in messages[2:]] == made


async def test_a_refused_draw_is_told_back_with_its_reason(chat: Any, follow: Any, saying: Any, calling: Any):
    refusal = Blocked("your prompt was rejected", stage="input", categories=("violence",))
    chat.answers = [saying(None, calling(prompt="a")), saying("I cannot.")]

    steps = await follow(brief(), Studio(Refused(refusal)))

    assert steps[-1] == Say("I cannot.")
    assert told(chat) == ["Not drawn: your prompt was rejected"]


async def test_no_more_is_drawn_than_the_caller_allows(chat: Any, follow: Any, saying: Any, calling: Any):
    chat.answers = [saying(None, *(calling(prompt=str(index), call_id=f"c{index}") for index in range(4))), saying("Two.")]

    steps = await follow(brief(max_tool_calls=2))

    assert [step.prompt for step in steps if isinstance(step, Draw)] == ["0", "1"]
    assert [text.startswith("Not drawn: 2 calls are the most") for text in told(chat)] == [False, False, True, True]
    assert chat.asked[1]["tool_choice"] == "none"


async def test_without_parallel_calls_only_the_first_of_an_answer_is_drawn(chat: Any, follow: Any, saying: Any, calling: Any):
    chat.answers = [saying(None, calling(prompt="a"), calling(prompt="b", call_id="call_b")), saying("One.")]

    steps = await follow(brief(parallel_tool_calls=False))

    assert [step.prompt for step in steps if isinstance(step, Draw)] == ["a"]
    assert "call once" in told(chat)[1]


@pytest.mark.parametrize("wanted", [{"prompt": "x"}, {"wrong": "x"}])
async def test_a_model_that_calls_for_ever_is_ended(chat: Any, follow: Any, saying: Any, calling: Any, wanted: dict[str, Any]):
    chat.answers = [saying("Again.", calling(**wanted)) for _ in range(50)]

    steps = await follow(brief())

    assert len(chat.asked) <= MAX_QUESTIONS
    assert chat.asked[-1]["tool_choice"] == "none"
    assert sum(isinstance(step, Draw) for step in steps) <= MAX_DRAWS


async def test_words_that_were_cut_off_are_said_and_the_cut_is_told(chat: Any, follow: Any, saying: Any):
    chat.answers = [saying("Once upon", finish="length")]

    steps = await follow(brief(max_output_tokens=3))

    assert steps[1:] == [Say("Once upon"), Cut("max_output_tokens")]


async def test_the_bound_of_tokens_is_one_for_all_answers(chat: Any, follow: Any, saying: Any, calling: Any):
    chat.answers = [saying(None, calling(prompt="a"), usage=(7, 30)), saying(None, calling(prompt="b"), usage=(7, 25))]

    steps = await follow(brief(max_output_tokens=50))

    assert [asked["max_tokens"] for asked in chat.asked] == [50, 20]
    assert steps[-1] == Cut("max_output_tokens")
    assert [step.prompt for step in steps if isinstance(step, Draw)] == ["a"]


async def test_what_the_endpoint_filtered_is_told_as_a_cut(chat: Any, follow: Any, saying: Any, calling: Any):
    chat.answers = [saying("", calling(prompt="x"), finish="content_filter")]

    steps = await follow(brief())

    assert steps[1:] == [Cut("content_filter")]


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ((500, {"error": {"message": "boom at 10.0.0.7"}}), PlannerFailed, "status 500"),
        ((401, {"error": {"message": f"bad key {KEY}", "code": "invalid_api_key"}}), PlannerFailed, "status 401"),
        ((404, b"<html>not here</html>"), PlannerFailed, "status 404"),
        ((307, "http://127.0.0.1:1/"), PlannerFailed, "status 307"),
        ((429, {"error": {"code": "rate_limit_exceeded"}}), QueueFull, "busy"),
        ((404, {"error": {"code": "model_not_found"}}), UnknownModel, "gpt-5"),
        ((400, {"error": {"code": "context_length_exceeded"}}), InvalidField, "longer than"),
        ((400, {"error": {"param": "temperature", "code": "unsupported_value"}}), InvalidField, "temperature 0.3"),
        (b"", PlannerFailed, "cannot be read"),
        (b"data: {}\n\n", PlannerFailed, "cannot be read"),
        ({"choices": []}, PlannerFailed, "cannot be read"),
        ({"choices": [{"message": {"content": 5}}]}, PlannerFailed, "cannot be read"),
        ({"choices": [{"message": {}}], "usage": {"prompt_tokens": -1, "completion_tokens": 0}}, PlannerFailed, "cannot be read"),
        (b"[" * 100_000, PlannerFailed, "cannot be read"),
        (b" " * 5_000_000, PlannerFailed, "too long"),
        ({"choices": [{"message": {"content": "  "}}]}, PlannerFailed, "neither drew nor said"),
    ],
)
async def test_every_failure_of_the_endpoint_is_one_clear_error_of_ours(
    chat: Any, follow: Any, caplog: pytest.LogCaptureFixture, answer: Any, kind: type[LimnerError], said: str
):
    chat.answers = [answer]
    caplog.set_level(logging.DEBUG)

    with pytest.raises(kind, match=said) as caught:
        await follow(brief(temperature=0.3))

    assert "10.0.0.7" not in caught.value.message
    assert KEY not in caught.value.message + caplog.text
    assert len(chat.asked) == 1


async def test_an_endpoint_that_is_not_there_is_told(follow: Any, chat: Any):
    chat.url = "http://127.0.0.1:9/v1"

    with pytest.raises(PlannerFailed, match="cannot be reached"):
        await follow(brief())


async def test_an_endpoint_that_takes_too_long_is_left(chat: Any, follow: Any, saying: Any):
    chat.answers, chat.delay_s = [saying("late")], 5.0

    with pytest.raises(PlannerFailed, match="in time"):
        await follow(brief(), timeout_s=0.3)


async def test_a_plan_that_nobody_waits_for_any_more_leaves_the_endpoint(chat: Any, saying: Any):
    chat.answers, chat.delay_s = [saying("late")], 20.0
    plan = ChatPlanner(PlannerSettings(url=chat.url)).plan(brief(), read)
    waiting = asyncio.ensure_future(anext(plan))
    await until(lambda: chat.asked)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await plan.aclose()

    await until(lambda: chat.num_left)
    assert chat.num_left == 1


async def test_what_must_be_drawn_and_may_not_be_is_refused_before_anybody_is_asked(chat: Any, follow: Any):
    with pytest.raises(IncompatibleFields) as caught:
        await follow(brief(tool_choice="required", max_tool_calls=0))

    assert caught.value.param == "max_tool_calls"
    assert chat.asked == []


@pytest.mark.parametrize("url", ["ftp://example.com/v1", "example.com", "", "http://"])
def test_an_address_that_is_none_is_refused_by_the_setting_s_name(url: str):
    with pytest.raises(InvalidField) as caught:
        PlannerSettings(url=url)

    assert caught.value.param == "planner_url"


@pytest.mark.parametrize("timeout_s", [0.0, -1.0, float("nan"), float("inf"), 3601.0])
def test_a_time_that_nobody_waits_is_refused(timeout_s: float):
    with pytest.raises(InvalidField, match="3,600"):
        PlannerSettings(url="https://chat.example/v1", timeout_s=timeout_s)


def test_a_key_is_not_shown():
    assert KEY not in repr(PlannerSettings(url="https://chat.example/v1", api_key=KEY))

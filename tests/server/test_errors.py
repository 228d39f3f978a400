"""Every error has one shape, one status, and tells nothing of the inside."""

from __future__ import annotations

import inspect

import pytest
from starlette.exceptions import HTTPException

from limner import errors
from limner.errors import Blocked, DamagedFile, IncompatibleFields, InvalidField, InvalidMask, LimnerError, QueueFull, Stopping
from limner.server.errors import ANSWERS, answer

CLASSES = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, LimnerError)]


def make(kind: type[LimnerError]) -> LimnerError:
    error = kind.__new__(kind)
    LimnerError.__init__(error, "the 'thing' is wrong; change it", param="thing")
    if isinstance(error, Blocked):
        error.stage, error.categories = "input", ("violence",)
    return error


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_has_the_four_fields_and_a_status_of_a_failure(kind: type[LimnerError]):
    told = answer(make(kind), "req_1")

    error = told.as_json()["error"]
    assert {"message", "type", "param", "code"} <= set(error)
    assert 400 <= told.status < 600
    assert error["message"].endswith(".")


@pytest.mark.parametrize("kind", [RuntimeError, KeyError, DamagedFile])
def test_what_is_not_the_callers_fault_is_told_in_a_fixed_sentence(kind: type[Exception], caplog: pytest.LogCaptureFixture):
    told = answer(kind("/var/lib/secret/path"), "req_77")

    assert told.status == 500
    assert "secret" not in str(told.as_json())
    assert "req_77" in told.as_json()["error"]["message"]
    assert "req_77" in caplog.text


def test_what_moderation_refused_names_stage_and_categories_and_the_request():
    told = answer(Blocked("The request was rejected", stage="output", categories=("sexual", "violence")), "req_5")

    error = told.as_json()["error"]
    assert error["code"] == "moderation_blocked"
    assert error["type"] == "image_generation_user_error"
    assert error["moderation_details"] == {"moderation_stage": "output", "categories": ["sexual", "violence"]}
    assert "safety_violations=[sexual, violence]" in error["message"]
    assert "req_5" in error["message"]


@pytest.mark.parametrize(("estimate_s", "told_s"), [(None, 5), (0.0, 1), (0.2, 1), (3.0, 3), (3.01, 4), (59.9, 60), (7200.0, 60)])
def test_a_full_line_says_when_to_come_back_in_whole_seconds_that_clients_will_wait(estimate_s: float | None, told_s: int):
    told = answer(QueueFull("64 requests wait", retry_after_s=estimate_s), "req_1")

    assert told.status == 429
    assert (told.headers["retry-after"], told.headers["retry-after-ms"]) == (str(told_s), str(told_s * 1000))
    assert told.as_json()["error"]["message"] == f"64 requests wait. Please try again in {told_s}s."
    assert told.as_json()["error"]["code"] == "rate_limit_exceeded"


@pytest.mark.parametrize(
    ("status", "code"), [(404, "unknown_url"), (405, "method_not_allowed"), (413, "request_too_large"), (400, "invalid_body")]
)
def test_what_the_framework_refuses_has_the_same_shape(status: int, code: str):
    told = answer(HTTPException(status, "detail"), "req_1")

    assert told.status == status
    assert told.as_json()["error"]["code"] == code


def test_codes_are_those_of_upstream_where_upstream_has_one():
    assert answer(InvalidMask("sizes differ"), "r").as_json()["error"]["type"] == "image_generation_user_error"
    assert answer(InvalidField("n", "n 11 is out of range"), "r").as_json()["error"] == {
        "message": "n 11 is out of range.",
        "type": "invalid_request_error",
        "param": "n",
        "code": "invalid_value",
    }


@pytest.mark.parametrize(
    ("param", "said", "told"),
    [
        ("tools[0].action", "action edit needs a picture", "action edit needs a picture."),
        ("image", "input_image and image are names for the same", "input_image and image are names for the same."),
        ("input", "the prompt is empty", "The prompt is empty."),
        (None, "nothing was sent", "Nothing was sent."),
    ],
)
def test_a_sentence_that_begins_with_a_field_leaves_its_name_as_it_is(param: str | None, said: str, told: str):
    assert answer(IncompatibleFields(param, said) if param else Stopping(said), "r").body.error.message == told


def test_every_answer_in_the_table_is_of_a_class_that_exists():
    assert set(ANSWERS) <= set(CLASSES)

"""Lines of a batch's file: cut apart however they come, and refused with their numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.jobs.batches import lines
from limner.jobs.batches.lines import MAX_ERRORS, LineError, Request, cut, read_request, survey, write_answer, write_unanswered

ENDPOINT = "/v1/images/generations"


def line(custom_id: str = "a", **fields: Any) -> bytes:
    return json.dumps({"custom_id": custom_id, "method": "POST", "url": ENDPOINT, "body": {"prompt": "x"}} | fields).encode()


@given(st.lists(st.binary(max_size=6).map(lambda part: part.replace(b"\r", b"")), max_size=12), st.data())
def test_lines_are_the_same_wherever_chunks_end(parts: list[bytes], data: st.DataObject):
    content = b"\n".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=4)))
    chunks = [content[start:end] for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]

    found = list(cut(chunks))

    assert found == [(number, part.strip()) for number, part in enumerate(content.split(b"\n"), 1) if part.strip()]


def test_a_line_without_an_end_is_not_gathered_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 100)

    ((number, content),) = cut([b"x" * 60] * 1000)

    assert number == 1
    assert len(content) < 300
    assert read_request(1, content, ENDPOINT) == LineError(
        code="line_too_long", message="a line has at most 100 bytes and 100,000 commas; upload pictures as files", line=1
    )


@pytest.mark.parametrize(
    ("written", "code", "param"),
    [
        (b"{", "invalid_json_line", None),
        (b"\xff\xfe", "invalid_json_line", None),
        (b"[" * 100_000, "invalid_json_line", None),
        (b"[1]", "invalid_json_line", None),
        (json.dumps({"custom_id": "a", "method": "POST", "url": ENDPOINT}).encode(), "missing_required_parameter", "body"),
        (line(extra=1), "unknown_parameter", "extra"),
        (line(custom_id=""), "invalid_value", "custom_id"),
        (line(custom_id="x" * 513), "invalid_value", "custom_id"),
        (line(custom_id=7), "invalid_value", "custom_id"),
        (line(method="GET"), "invalid_method", "method"),
        (line(url="/v1/images/edits"), "mismatched_url", "url"),
        (line(body="x"), "invalid_value", "body"),
        (line(body={"prompt": "x", "stream": True}), "invalid_value", "body.stream"),
        (line(body={"prompt": "x", "background": True}), "invalid_value", "body.background"),
    ],
)
def test_a_line_that_cannot_be_asked_says_why_and_where(written: bytes, code: str, param: str | None):
    error = read_request(3, written, ENDPOINT)

    assert isinstance(error, LineError)
    assert (error.code, error.param, error.line) == (code, param, 3)


def test_words_that_only_look_like_a_stream_are_left_to_the_endpoint():
    body = {"prompt": "x", "background": "transparent", "stream": False}

    request = read_request(1, line(body=body), ENDPOINT)

    assert request == Request(line=1, custom_id="a", body=body)


def test_a_survey_counts_what_can_be_asked_and_names_the_model_of_all():
    content = line("a", body={"model": "limner"}) + b"\n\n" + line("b", body={"model": "limner"})

    found, mixed = survey([content], ENDPOINT), survey([content, b"\n", line("c")], ENDPOINT)

    assert (found.total, found.model, found.errors) == (2, "limner", ())
    assert (mixed.total, mixed.model) == (3, None)


def test_an_id_that_stands_twice_is_named_with_both_lines():
    (error,) = survey([line("a") + b"\n" + line("b") + b"\n" + line("a")], ENDPOINT).errors

    assert (error.code, error.line) == ("duplicate_custom_id", 3)
    assert "stands on line 1 already" in error.message


def test_an_empty_file_a_long_one_and_one_full_of_errors_are_not_read_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lines, "MAX_LINES", 3)

    (empty,) = survey([b"\n \n"], ENDPOINT).errors
    (long,) = survey([b"\n".join(line(str(number)) for number in range(9))], ENDPOINT).errors
    monkeypatch.setattr(lines, "MAX_LINES", 50_000)
    many = survey([b"{\n" * 5_000], ENDPOINT).errors

    assert (empty.code, long.code) == ("empty_file", "too_many_requests")
    assert [error.line for error in many] == list(range(1, MAX_ERRORS + 1))


def test_answers_are_lines_of_json_with_the_same_id_each_time():
    request = Request(line=7, custom_id='a"\n', body={})

    answered = write_answer("batch_1", request, status=400, request_id="req_1", body=b'{"error":{}}')
    unanswered = write_unanswered("batch_1", 7, 'a"\n', "batch_expired", "Too late.")

    assert [content.count(b"\n") for content in (answered, unanswered)] == [1, 1]
    response = {"status_code": 400, "request_id": "req_1", "body": {"error": {}}}
    expected = {"id": json.loads(unanswered)["id"], "custom_id": 'a"\n', "response": response, "error": None}
    assert json.loads(answered) == expected
    assert json.loads(unanswered)["error"] == {"code": "batch_expired", "message": "Too late."}

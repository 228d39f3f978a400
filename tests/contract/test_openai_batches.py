"""`openai` for Python works through batches: its file up, the batch looked at, listed and cancelled, its answers down."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types import Batch, ImagesResponse

ENDPOINT = "/v1/images/generations"
WAIT_S = 120.0


def create(client: OpenAI, *bodies: dict[str, Any], **options: Any) -> Batch:
    small = {"model": "gpt-image-1.5", "prompt": "a red ball", "size": "256x256", "quality": "low"}
    lines = [
        {"custom_id": f"request-{number}", "method": "POST", "url": ENDPOINT, "body": small | body} for number, body in enumerate(bodies)
    ]
    content = "\n".join(json.dumps(line) for line in lines).encode()
    file = client.files.create(file=("requests.jsonl", content), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint=ENDPOINT, completion_window="24h", **options)


def wait(client: OpenAI, batch: Batch) -> Batch:
    deadline = time.monotonic() + WAIT_S
    while batch.status not in ("completed", "failed", "expired", "cancelled") and time.monotonic() < deadline:
        time.sleep(0.05)
        batch = client.batches.retrieve(batch.id)
    return batch


def read(client: OpenAI, file_id: str | None) -> dict[str, Any]:
    assert file_id is not None
    return {answer["custom_id"]: answer for answer in map(json.loads, client.files.content(file_id).text.splitlines())}


def test_a_batch_is_answered_and_read_back(client: OpenAI):
    batch = create(client, {}, {"n": 2}, {"prompt": ""}, metadata={"shop": "one"})

    ended = wait(client, batch)

    output, errors = read(client, ended.output_file_id), read(client, ended.error_file_id)
    assert (ended.status, ended.object, ended.model, ended.metadata) == ("completed", "batch", "gpt-image-1.5", {"shop": "one"})
    assert ended.request_counts is not None
    assert (ended.request_counts.total, ended.request_counts.completed, ended.request_counts.failed) == (3, 2, 1)
    assert ended.usage is not None
    assert ended.usage.total_tokens == sum(answer["response"]["body"]["usage"]["total_tokens"] for answer in output.values())
    pictures = [ImagesResponse.model_validate(output[f"request-{number}"]["response"]["body"]) for number in (0, 1)]
    assert [len(answer.data or ()) for answer in pictures] == [1, 2]
    assert base64.b64decode((pictures[0].data or [])[0].b64_json or "").startswith(b"\x89PNG")
    assert errors["request-2"]["response"]["status_code"] == 400
    assert client.files.retrieve(str(ended.output_file_id)).purpose == "batch_output"


def test_batches_are_listed_page_by_page_the_newest_first(client: OpenAI):
    ids = [create(client, {"prompt": ""}).id for _ in range(3)]

    listed = [batch.id for batch in client.batches.list(limit=2) if batch.id in ids]

    assert listed == ids[::-1]


def test_a_batch_is_cancelled(client: OpenAI):
    batch = create(client, *({"n": 10} for _ in range(30)))

    cancelling = client.batches.cancel(batch.id)
    ended = wait(client, batch)

    assert (cancelling.status, ended.status) == ("cancelling", "cancelled")
    assert ended.cancelled_at is not None
    assert ended.cancelling_at is not None


def test_a_broken_file_is_told_line_by_line(client: OpenAI):
    file = client.files.create(file=("requests.jsonl", b"{}\nx\n"), purpose="batch")

    ended = wait(client, client.batches.create(input_file_id=file.id, endpoint=ENDPOINT, completion_window="24h"))

    assert ended.status == "failed"
    assert ended.errors is not None
    assert [(error.line, error.code) for error in ended.errors.data or ()] == [(1, "missing_required_parameter"), (2, "invalid_json_line")]


def test_an_unknown_batch_is_not_found(client: OpenAI):
    with pytest.raises(openai.NotFoundError) as refusal:
        client.batches.retrieve("batch_unknown")

    assert refusal.value.code == "batch_not_found"

"""`openai` for Python keeps files: upload, list page by page, read back, delete."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI


@pytest.fixture(scope="module")
def five(client: OpenAI) -> Iterator[list[str]]:
    """The ids of five files with a purpose that no other test gives, oldest first."""
    ids = [client.files.create(file=(f"{number}.jsonl", b"{}\n" * number), purpose="evals").id for number in range(1, 6)]
    yield ids
    for file_id in ids:
        client.files.delete(file_id)


def test_an_uploaded_file_is_described_as_it_was_sent(client: OpenAI):
    before = int(time.time())

    file = client.files.create(file=("apfel, rot.png", b"12345", "image/png"), purpose="vision")

    assert file.id.startswith("file-")
    assert (file.object, file.bytes, file.filename, file.purpose, file.status) == ("file", 5, "apfel, rot.png", "vision", "processed")
    assert before <= file.created_at <= time.time()
    assert file.expires_at is None
    assert client.files.retrieve(file.id) == file


@pytest.mark.parametrize("purpose", ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"])
def test_every_purpose_is_taken(client: OpenAI, purpose: Any):
    file = client.files.create(file=b"{}", purpose=purpose)

    client.files.delete(file.id)
    assert file.purpose == purpose


def test_the_content_comes_back_byte_for_byte(client: OpenAI):
    content = bytes(range(256)) * 5000

    file = client.files.create(file=io.BytesIO(content), purpose="user_data")

    assert client.files.content(file.id).read() == content
    with client.files.with_streaming_response.content(file.id) as response:
        assert b"".join(response.iter_bytes()) == content


def test_an_empty_file_is_a_file(client: OpenAI):
    file = client.files.create(file=("nothing.txt", b""), purpose="user_data")

    assert file.bytes == 0
    assert client.files.content(file.id).read() == b""


def test_the_client_walks_through_all_pages_by_itself(client: OpenAI, five: list[str]):
    first = client.files.list(purpose="evals", limit=2)

    newest_first = [file.id for file in first]
    oldest_first = [file.id for file in client.files.list(purpose="evals", limit=2, order="asc")]

    assert (len(first.data), first.has_more) == (2, True)
    assert [file_id for file_id in newest_first if file_id in five] == five[::-1]
    assert [file_id for file_id in oldest_first if file_id in five] == five


def test_a_page_begins_after_the_file_that_is_named(client: OpenAI, five: list[str]):
    page = client.files.list(purpose="evals", order="asc", after=five[1], limit=2)

    assert [file.id for file in page.data] == five[2:4]
    assert page.model_extra == {"object": "list", "first_id": five[2], "last_id": five[3]}


def test_a_list_without_bounds_holds_everything(client: OpenAI, five: list[str]):
    assert set(five) <= {file.id for file in client.files.list().data}


def test_a_deleted_file_is_gone(client: OpenAI):
    file = client.files.create(file=b"{}", purpose="user_data")

    deleted = client.files.delete(file.id)

    assert (deleted.id, deleted.object, deleted.deleted) == (file.id, "file", True)
    for call in (client.files.retrieve, client.files.delete, client.files.content):
        with pytest.raises(openai.NotFoundError) as missing:
            call(file.id)
        assert missing.value.code == "file_not_found"


def test_a_file_says_when_it_goes_away(client: OpenAI):
    file = client.files.create(file=b"{}", purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3600})

    assert file.expires_at == file.created_at + 3600
    assert client.files.retrieve(file.id).expires_at == file.expires_at


@pytest.mark.parametrize("seconds", [3599, 2_592_001])
def test_a_lifetime_outside_the_bounds_is_refused_by_name(client: OpenAI, seconds: int):
    with pytest.raises(openai.BadRequestError) as refused:
        client.files.create(file=b"{}", purpose="user_data", expires_after={"anchor": "created_at", "seconds": seconds})

    assert refused.value.param == "expires_after.seconds"


def test_a_purpose_that_does_not_exist_is_refused_by_name(client: OpenAI):
    with pytest.raises(openai.BadRequestError) as refused:
        client.files.create(file=b"{}", purpose="mischief")  # type: ignore[arg-type]

    assert (refused.value.code, refused.value.param) == ("invalid_value", "purpose")


def test_a_file_counts_as_processed_at_once(client: OpenAI):
    file = client.files.create(file=b"{}", purpose="batch")

    assert client.files.wait_for_processing(file.id, max_wait_seconds=5).status == "processed"


def test_names_that_look_like_paths_are_only_names(client: OpenAI):
    file = client.files.create(file=("../../etc/passwd", b"mine"), purpose="user_data")

    assert client.files.content(file.id).read() == b"mine"

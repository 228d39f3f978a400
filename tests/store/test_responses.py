"""Responses, conversations, items and attachments: one end for each, chains, pages, time, and nothing for another project."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from limner.errors import InvalidField, UnknownConversation, UnknownFile, UnknownItem, UnknownResponse
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.identifiers import new_sorted_id
from limner.store.pictures import NewPicture, PictureStore, Turn
from limner.store.responses.attachments import AttachmentStore
from limner.store.responses.conversations import ConversationStore, StoredConversation
from limner.store.responses.items import StoredItem
from limner.store.responses.responses import (
    CANCELLED,
    COMPLETED,
    IN_PROGRESS,
    MAX_CHAIN,
    QUEUED,
    UNENDED,
    End,
    ResponseStore,
    StoredResponse,
)

DAY_S = 86_400
NOTHING: dict[str, Any] = {"error": None}
Make = Callable[..., StoredResponse]


@pytest.fixture
def responses(database: Database, clock: Any) -> ResponseStore:
    return ResponseStore(database, clock=clock)


@pytest.fixture
def conversations(database: Database, clock: Any) -> ConversationStore:
    return ConversationStore(database, clock=clock)


@pytest.fixture
def attachments(database: Database, blobs: Blobs, clock: Any) -> AttachmentStore:
    return AttachmentStore(database, blobs, clock=clock)


def item(words: str, *, is_output: bool = False) -> StoredItem:
    content = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": words}]}
    return StoredItem(item_id=new_sorted_id("msg_", 1), content=content, is_output=is_output)


def words(items: Any) -> list[str]:
    return [entry.content["content"][0]["text"] for entry in items]


@pytest.fixture
def add(responses: ResponseStore, project: str, clock: Any) -> Make:
    """Keeps a response that says and answers words, and returns it."""

    def keep(said: str = "a \x00 🦊", *, answered: str | None = "yes", **fields: Any) -> StoredResponse:
        now = int(clock.now)
        response = StoredResponse(
            **{
                "response_id": new_sorted_id("resp_", int(clock.now * 1e6)),
                "project_id": project,
                "previous_id": None,
                "conversation_id": None,
                "status": QUEUED if answered is None else COMPLETED,
                "is_background": answered is None,
                "asked": {"model": "\ud83e x \x00"},
                "ended": None if answered is None else NOTHING,
                "created_at": now,
                "completed_at": None,
                "expires_at": now + DAY_S,
                "inputs": (item(said),),
                "outputs": () if answered is None else (item(answered, is_output=True),),
                **fields,
            }
        )
        responses.add(response)
        clock.now += 1
        return response

    return keep


@pytest.fixture
def talk(conversations: ConversationStore, project: str, clock: Any) -> StoredConversation:
    now = int(clock.now)
    made = StoredConversation(
        conversation_id=new_sorted_id("conv_", now), project_id=project, metadata={"a": "\x00"}, created_at=now, expires_at=now + DAY_S
    )
    conversations.add(made, [item("hello")])
    return made


def draw(pictures: PictureStore, project: str, owner_id: str, lifetime_s: int = DAY_S) -> str:
    turn = Turn(kind="generation", instruction="x", snapshot="tiny-1", parent_id=None, settings={}, owner_id=owner_id)
    return pictures.add(project, turn, [NewPicture(content=b"png", seed=7, width=64, height=48)], lifetime_s=lifetime_s)[0]


def test_a_response_comes_back_as_it_was_kept(responses: ResponseStore, project: str, add: Make):
    kept = add()

    assert responses.get(project, kept.response_id) == kept


def test_a_response_ends_once_whoever_ends_it_first(responses: ResponseStore, project: str, add: Make):
    kept = add(answered=None)
    ends = [End(status=COMPLETED, ended={"by": number}, outputs=(item(str(number), is_output=True),)) for number in range(8)]
    counted: list[int] = []

    def end(number: int) -> None:
        if responses.end(kept.response_id, ends[number]):
            counted.append(number)

    threads = [threading.Thread(target=end, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    response = responses.get(project, kept.response_id)
    assert len(counted) == 1
    assert (response.ended, words(response.outputs)) == ({"by": counted[0]}, [str(counted[0])])
    assert responses.begin(kept.response_id) is None
    assert not responses.end(kept.response_id, End(status=CANCELLED, ended=NOTHING))


def test_work_begins_with_the_response_as_it_is_and_again_after_a_kill(responses: ResponseStore, add: Make):
    kept = add(answered=None)

    begun, again = responses.begin(kept.response_id), responses.begin(kept.response_id)

    assert begun == again == replace(kept, status=IN_PROGRESS)
    assert begun.status in UNENDED
    assert responses.begin("resp_" + "0" * 45) is None


def test_a_chain_is_everything_that_was_said_before_in_order(responses: ResponseStore, project: str, add: Make):
    first = add("one", answered="two")
    second = add("three", answered="four", previous_id=first.response_id)
    third = add("five", answered="six", previous_id=second.response_id)
    add("not this", previous_id=first.response_id)

    chain = responses.chain(project, third.response_id)
    responses.delete(project, first.response_id)
    shorter = responses.chain(project, third.response_id)

    assert (words(chain.items), chain.missing_id) == (["one", "two", "three", "four", "five", "six"], None)
    assert (words(shorter.items), shorter.missing_id) == (["three", "four", "five", "six"], first.response_id)


def test_a_chain_is_no_longer_than_its_bound(responses: ResponseStore, project: str, add: Make):
    previous = None
    for number in range(MAX_CHAIN + 5):
        previous = add(f"{number}", answered="", previous_id=previous and previous.response_id)

    chain = responses.chain(project, previous.response_id)

    assert len(chain.items) == 2 * (MAX_CHAIN + 1)
    assert (words(chain.items)[-2], chain.missing_id) == (f"{MAX_CHAIN + 4}", None)


def test_what_is_made_in_a_conversation_stands_there_and_lives_as_long_as_it(
    responses: ResponseStore,
    conversations: ConversationStore,
    attachments: AttachmentStore,
    pictures: PictureStore,
    project: str,
    add: Make,
    talk: StoredConversation,
    clock: Any,
):
    sent = attachments.add(project, talk.conversation_id, b"sent", expires_at=talk.expires_at)
    first = add("one", answered="two", conversation_id=talk.conversation_id)
    picture = draw(pictures, project, first.response_id)
    other = draw(pictures, project, add().response_id)
    clock.now += DAY_S - 100
    queued = add("three", answered=None, conversation_id=talk.conversation_id)
    responses.end(queued.response_id, End(status=COMPLETED, ended=NOTHING, outputs=(item("four", is_output=True),)))
    clock.now += DAY_S - 100
    for store in (responses, conversations, pictures, attachments):
        store.delete_expired(int(clock.now))

    assert words(conversations.newest_items(project, talk.conversation_id)) == ["hello", "one", "two", "three", "four"]
    assert responses.get(project, first.response_id).outputs
    assert (pictures.read(project, picture), attachments.read(project, sent)) == (b"png", b"sent")
    with pytest.raises(UnknownFile):
        pictures.read(project, other)


def test_what_was_deleted_is_not_brought_back_by_its_conversation(
    responses: ResponseStore, pictures: PictureStore, project: str, add: Make, talk: StoredConversation, tmp_path: Path
):
    first = add(conversation_id=talk.conversation_id)
    picture = draw(pictures, project, first.response_id)
    pictures.delete(project, picture)
    responses.delete(project, first.response_id)

    add("more", conversation_id=talk.conversation_id)

    with pytest.raises(UnknownFile):
        pictures.get(project, picture)
    with pytest.raises(UnknownResponse):
        responses.get(project, first.response_id)


def test_everything_ends_at_its_time(
    responses: ResponseStore, conversations: ConversationStore, project: str, add: Make, talk: StoredConversation, clock: Any, database: Any
):
    kept = add()

    clock.now += DAY_S + 1

    with pytest.raises(UnknownResponse):
        responses.get(project, kept.response_id)
    with pytest.raises(UnknownConversation):
        conversations.get(project, talk.conversation_id)
    assert [store.delete_expired(int(clock.now)) for store in (responses, conversations)] == [1, 1]
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM items").scalar() == 0


def test_pictures_that_a_kill_left_behind_go_a_day_later_and_no_others(
    responses: ResponseStore, pictures: PictureStore, project: str, add: Make, clock: Any
):
    kept, queued = add(expires_at=2**40), add(answered=None, expires_at=2**40)
    lost = draw(pictures, project, new_sorted_id("resp_", 3), 9 * DAY_S)
    left = draw(pictures, project, queued.response_id, 9 * DAY_S)
    good = draw(pictures, project, kept.response_id, 9 * DAY_S)
    turn = Turn(kind="generation", instruction="x", snapshot="tiny-1", parent_id=None, settings={})
    mine = pictures.add(project, turn, [NewPicture(content=b"png", seed=7, width=64, height=48)], lifetime_s=9 * DAY_S)[0]
    responses.end(queued.response_id, End(status=CANCELLED, ended=NOTHING))

    seen = []
    for _ in range(2):
        responses.delete_expired(int(clock.now))
        pictures.delete_expired(int(clock.now))
        seen.append({picture.picture_id for picture in pictures.page(project).items})
        clock.now += DAY_S + 1

    assert seen == [{lost, left, good, mine}, {good, mine}]


def test_what_belongs_to_an_owner_goes_with_it_and_nothing_else(
    attachments: AttachmentStore, pictures: PictureStore, project: str, other_project: str
):
    mine, others = (new_sorted_id("resp_", number) for number in (1, 2))
    gone = [attachments.add(project, mine, b"x", expires_at=2**40) for _ in range(3)]
    left = [attachments.add(project, others, b"y", expires_at=2**40), attachments.add(other_project, mine, b"y", expires_at=2**40)]
    picture, free = draw(pictures, project, mine), draw(pictures, project, others)

    attachments.delete_owned(project, mine)
    pictures.delete_owned(project, mine)

    for attachment_id in gone:
        with pytest.raises(UnknownFile):
            attachments.get(project, attachment_id)
    with pytest.raises(UnknownFile):
        pictures.get(project, picture)
    assert pictures.get(project, free).turn.owner_id == others
    assert [attachments.read(owner, attachment_id) for owner, attachment_id in zip((project, other_project), left, strict=True)] == [
        b"y"
    ] * 2


def test_items_are_paged_and_found_by_their_ids(conversations: ConversationStore, project: str, talk: StoredConversation):
    conversations.append(project, talk.conversation_id, [item(str(number)) for number in range(5)], expires_at=talk.expires_at)

    first = conversations.page(project, talk.conversation_id, limit=2, order="asc", after=None)
    second = conversations.page(project, talk.conversation_id, limit=2, order="asc", after=first.items[-1].item_id)
    newest = conversations.page(project, talk.conversation_id, limit=100, order="desc", after=None)

    assert (words(first.items), first.has_more) == (["hello", "0"], True)
    assert (words(second.items), second.has_more) == (["1", "2"], True)
    assert (words(newest.items), newest.has_more) == (["4", "3", "2", "1", "0", "hello"], False)
    assert conversations.get_item(project, talk.conversation_id, first.items[1].item_id) == first.items[1]
    for wrong in ({"limit": 0}, {"order": "up"}, {"after": "msg_none"}, {"after": "\x00"}):
        with pytest.raises(InvalidField):
            conversations.page(project, talk.conversation_id, **{"limit": 2, "order": "asc", "after": None, **wrong})


def test_an_item_of_one_conversation_is_not_deleted_in_another(conversations: ConversationStore, project: str, talk: StoredConversation):
    again = replace(talk, conversation_id=new_sorted_id("conv_", 5))
    (said,) = conversations.newest_items(project, talk.conversation_id)
    conversations.add(again, [said])

    conversations.delete_item(project, again.conversation_id, said.item_id)

    assert words(conversations.newest_items(project, talk.conversation_id)) == ["hello"]
    with pytest.raises(UnknownItem):
        conversations.get_item(project, again.conversation_id, said.item_id)


def test_another_project_sees_and_changes_nothing(
    responses: ResponseStore, conversations: ConversationStore, project: str, other_project: str, add: Make, talk: StoredConversation
):
    kept = add()
    calls: list[tuple[Callable[..., Any], tuple[Any, ...], type[Exception]]] = [
        (responses.get, (kept.response_id,), UnknownResponse),
        (responses.delete, (kept.response_id,), UnknownResponse),
        (responses.chain, (kept.response_id,), UnknownResponse),
        (conversations.get, (talk.conversation_id,), UnknownConversation),
        (conversations.delete, (talk.conversation_id,), UnknownConversation),
        (conversations.set_metadata, (talk.conversation_id, {}), UnknownConversation),
        (conversations.newest_items, (talk.conversation_id,), UnknownConversation),
        (conversations.get_item, (talk.conversation_id, kept.inputs[0].item_id), UnknownConversation),
    ]

    for call, arguments, error in calls:
        with pytest.raises(error):
            call(other_project, *arguments)

    assert responses.find_items(other_project, [kept.inputs[0].item_id]) == {}
    assert list(responses.find_items(project, [kept.inputs[0].item_id, "\x00", "unknown"])) == [kept.inputs[0].item_id]
    assert responses.get(project, kept.response_id) == kept
    assert conversations.get(project, talk.conversation_id).metadata == {"a": "\x00"}


@pytest.mark.parametrize("wrong", ["", "resp_1", "\x00", "\ud800", "conv_" + "0" * 45, "' OR 1=1"])
def test_what_is_no_id_is_an_unknown_one(responses: ResponseStore, conversations: ConversationStore, project: str, wrong: str):
    with pytest.raises(UnknownResponse):
        responses.get(project, wrong)
    with pytest.raises(UnknownConversation):
        conversations.get(project, wrong)

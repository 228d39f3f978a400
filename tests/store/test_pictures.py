"""Kept pictures: the same bytes for as long as they are kept, a chain of turns, and nothing for another project."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import text

from limner.errors import InvalidField, StoreFailed, UnknownFile
from limner.store import pictures as pictures_module
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.pictures import NewPicture, PictureStore, Turn

DAY_S = 86_400


def turn(parent: str | None = None, instruction: str = "a red ball") -> Turn:
    settings = {"size": "64x48", "mask_sha256": None, "inputs": [parent]}
    return Turn(kind="edit" if parent else "generation", instruction=instruction, snapshot="tiny-1", parent_id=parent, settings=settings)


def keep(pictures: PictureStore, project: str, parent: str | None = None, *, content: bytes = b"png", instruction: str = "x") -> str:
    drawn = [NewPicture(content=content, seed=7, width=64, height=48)]
    return pictures.add(project, turn(parent, instruction), drawn, lifetime_s=DAY_S)[0]


def keep_chain(pictures: PictureStore, project: str, clock, length: int) -> list[str]:
    chain: list[str] = []
    for _ in range(length):
        chain.append(keep(pictures, project, chain[-1] if chain else None))
        clock.now += 1
    return chain


def lineage(pictures: PictureStore, project: str, picture_id: str) -> list[str]:
    return [picture.picture_id for picture in pictures.lineage(project, picture_id).items]


def test_a_picture_and_its_turn_come_back_as_they_were(pictures: PictureStore, project: str):
    content, instruction = os.urandom(100_000), "rouge \x00 🦊 \u202e " * 100

    picture_id = keep(pictures, project, content=content, instruction=instruction)

    stored = pictures.get(project, picture_id)
    assert stored.turn == turn(instruction=instruction)
    assert (stored.seed, stored.width, stored.height, stored.size_bytes) == (7, 64, 48, 100_000)
    assert (stored.created_at, stored.expires_at) == (1_800_000_000, 1_800_000_000 + DAY_S)
    assert [pictures.read(project, picture_id) for _ in range(2)] == [content, content]
    assert b"".join(pictures.iterate(project, picture_id)) == content


def test_pictures_of_one_turn_are_kept_together_in_their_order(pictures: PictureStore, project: str):
    drawn = [NewPicture(content=bytes([seed]), seed=seed, width=1, height=1) for seed in range(5)]

    ids = pictures.add(project, turn(), drawn, lifetime_s=DAY_S)

    assert ids == sorted(ids)
    assert [picture.seed for picture in pictures.page(project, order="asc").items] == [0, 1, 2, 3, 4]
    assert [pictures.read(project, picture_id) for picture_id in ids] == [bytes([seed]) for seed in range(5)]


def test_when_one_picture_of_a_turn_cannot_be_kept_none_is(
    pictures: PictureStore, database: Database, blobs: Blobs, project: str, monkeypatch: pytest.MonkeyPatch
):
    put, names = blobs.put, []

    def put_but_the_third(name: str, content: bytes) -> None:
        names.append(name)
        if len(names) == 3:
            raise StoreFailed("no room")
        put(name, content)

    monkeypatch.setattr(blobs, "put", put_but_the_third)
    drawn = [NewPicture(content=b"x", seed=seed, width=1, height=1) for seed in range(4)]
    with pytest.raises(StoreFailed, match="no room"):
        pictures.add(project, turn(), drawn, lifetime_s=DAY_S)

    with database.reading() as connection:
        num_rows = connection.execute(text("SELECT count(*) FROM pictures")).scalar()
    assert num_rows == 0
    assert [blobs.get(name) for name in names] == [None] * 3


def test_pictures_of_a_turn_that_was_given_up_meanwhile_are_never_seen(
    pictures: PictureStore, database: Database, blobs: Blobs, project: str, monkeypatch: pytest.MonkeyPatch
):
    put, delete, seen, names = blobs.put, blobs.delete, [], []

    def put_and_give_one_up(name: str, content: bytes) -> None:
        put(name, content)
        names.append(name)
        if len(names) == 2:
            with database.writing() as connection:
                connection.execute(text(f"UPDATE pictures SET expires_at = 0 WHERE picture_id = '{name.removeprefix('pictures/')}'"))

    def look_and_delete(name: str) -> None:
        seen.extend(pictures.page(project).items)
        delete(name)

    monkeypatch.setattr(blobs, "put", put_and_give_one_up)
    monkeypatch.setattr(blobs, "delete", look_and_delete)
    drawn = [NewPicture(content=b"x", seed=seed, width=1, height=1) for seed in range(2)]
    with pytest.raises(StoreFailed, match="send the request again"):
        pictures.add(project, turn(), drawn, lifetime_s=DAY_S)

    assert seen == []
    assert pictures.page(project).items == ()
    assert [blobs.get(name) for name in names] == [None, None]


def test_the_lineage_is_the_chain_of_turns_from_the_first(pictures: PictureStore, project: str, clock):
    chain = keep_chain(pictures, project, clock, 4)
    branch = keep(pictures, project, chain[1])

    assert lineage(pictures, project, chain[3]) == chain
    assert lineage(pictures, project, branch) == [*chain[:2], branch]
    assert lineage(pictures, project, chain[0]) == chain[:1]


def test_a_long_lineage_gives_the_last_turns_and_says_that_more_came_before(
    pictures: PictureStore, project: str, clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pictures_module, "MAX_TURNS", 3)
    chain = keep_chain(pictures, project, clock, 4)

    page, whole = pictures.lineage(project, chain[3]), pictures.lineage(project, chain[2])

    assert ([picture.picture_id for picture in page.items], page.has_more) == (chain[1:], True)
    assert ([picture.picture_id for picture in whole.items], whole.has_more) == (chain[:3], False)


def test_what_was_made_of_a_deleted_picture_stays_and_still_names_it(pictures: PictureStore, blobs: Blobs, project: str, clock):
    first, second, third = keep_chain(pictures, project, clock, 3)

    pictures.delete(project, second)

    with pytest.raises(UnknownFile):
        pictures.get(project, second)
    assert blobs.get(f"pictures/{second}") is None
    assert pictures.read(project, third) == b"png"
    assert pictures.get(project, third).turn.parent_id == second
    assert lineage(pictures, project, third) == [third]
    assert lineage(pictures, project, first) == [first]


def test_a_picture_of_another_project_does_not_exist(pictures: PictureStore, project: str, other_project: str):
    picture_id = keep(pictures, project)
    own = keep(pictures, other_project, picture_id)  # as if its parent had been learnt from somewhere

    for look in (pictures.get, pictures.read, pictures.iterate, pictures.lineage, pictures.delete):
        with pytest.raises(UnknownFile) as refusal:
            look(other_project, picture_id)
        with pytest.raises(UnknownFile) as nothing:
            look(other_project, "pic_" + "0" * 45)

        assert refusal.value.message.replace(picture_id, "") == nothing.value.message.replace("pic_" + "0" * 45, "")

    assert [picture.picture_id for picture in pictures.page(other_project).items] == [own]
    assert lineage(pictures, other_project, own) == [own]
    assert pictures.read(project, picture_id) == b"png"


@pytest.mark.parametrize("picture_id", ["", "pic_", "file-" + "0" * 45, "../limner.db", "pic_\x00", "pic_\udcff", "p" * 100_000])
def test_an_id_of_nothing_is_unknown(pictures: PictureStore, project: str, picture_id: str):
    for look in (pictures.get, pictures.read, pictures.iterate, pictures.lineage, pictures.delete):
        with pytest.raises(UnknownFile) as refusal:
            look(project, picture_id)

        assert len(refusal.value.message) < 800


def test_a_picture_is_gone_at_its_second_and_its_content_soon_after(pictures: PictureStore, blobs: Blobs, project: str, clock):
    picture_id = keep(pictures, project)
    clock.now += DAY_S - 0.1
    seen_before = pictures.read(project, picture_id)
    clock.now += 0.1

    with pytest.raises(UnknownFile):
        pictures.read(project, picture_id)
    num_deleted = pictures.delete_expired(int(clock.now))

    assert seen_before == b"png"
    assert num_deleted == 1
    assert blobs.get(f"pictures/{picture_id}") is None


def test_pages_follow_one_another_in_both_orders(pictures: PictureStore, project: str, clock):
    made = keep_chain(pictures, project, clock, 5)

    for order, expected in (("asc", made), ("desc", made[::-1])):
        seen, after, more = [], None, True
        while more:
            page = pictures.page(project, limit=2, order=order, after=after)
            seen += [picture.picture_id for picture in page.items]
            after, more = seen[-1], page.has_more

        assert seen == expected


@pytest.mark.parametrize(
    ("fields", "param"), [({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"order": "up"}, "order"), ({"after": "file-x"}, "after")]
)
def test_a_page_that_cannot_be_had_is_refused_by_name(pictures: PictureStore, project: str, fields, param: str):
    with pytest.raises(InvalidField) as refusal:
        pictures.page(project, **fields)

    assert refusal.value.param == param


def test_a_project_with_a_picture_cannot_be_deleted(pictures: PictureStore, database: Database, project: str):
    picture_id = keep(pictures, project)
    with database.writing() as connection:
        connection.execute(text("DELETE FROM api_keys"))

    with pytest.raises(StoreFailed), database.writing() as connection:
        connection.execute(text("DELETE FROM projects"))

    assert pictures.read(project, picture_id) == b"png"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["a red KITE", "100% Straße", "under_score", "a blue kite\x00"]),
        ("kite", ["a red KITE", "a blue kite\x00"]),
        ("KITE Red", ["a red KITE"]),
        ("kite green", []),
        ("strasse", ["100% Straße"]),
        ("0%", ["100% Straße"]),
        ("%", ["100% Straße"]),
        ("_", ["under_score"]),
        ("/", []),
        ("\x00 kite", ["a red KITE", "a blue kite\x00"]),
    ],
)
def test_a_search_finds_what_holds_every_word_in_any_case(pictures: PictureStore, project: str, clock, search: str, found: list[str]):
    for instruction in ("a red KITE", "100% Straße", "under_score", "a blue kite\x00"):
        keep(pictures, project, instruction=instruction)
        clock.now += 1

    page = pictures.page(project, search=search, order="asc")

    assert [picture.turn.instruction for picture in page.items] == found


def test_a_search_looks_at_nothing_but_the_instruction_and_the_own_project(pictures: PictureStore, project: str, other_project: str):
    keep(pictures, project, instruction="a red kite")

    assert pictures.page(project, search="tiny-1").items == ()
    assert pictures.page(other_project, search="kite").items == ()


def test_pages_of_a_kind_a_parent_or_a_search_follow_one_another(pictures: PictureStore, project: str, clock):
    first, second, third = keep_chain(pictures, project, clock, 3)
    branch = keep(pictures, project, first, instruction="a kite")

    assert [picture.picture_id for picture in pictures.page(project, kind="generation").items] == [first]
    assert [picture.picture_id for picture in pictures.page(project, parent_id=first).items] == [branch, second]
    assert [picture.picture_id for picture in pictures.page(project, parent_id=first, limit=1, after=branch).items] == [second]
    assert [picture.picture_id for picture in pictures.page(project, kind="edit", search="x").items] == [third, second]


@pytest.mark.parametrize(("fields", "param"), [({"search": "x" * 201}, "search"), ({"parent_id": "%"}, "parent")])
def test_a_choice_that_cannot_be_made_is_refused_by_name(pictures: PictureStore, project: str, fields, param: str):
    with pytest.raises(InvalidField) as refusal:
        pictures.page(project, **fields)

    assert refusal.value.param == param

"""Saved prompts: versions that never change, pictures that stay for them, and nothing for another project."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import text

from limner.errors import InvalidField, UnknownFile, UnknownPrompt
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.pictures import NewPicture, PictureStore, Turn
from limner.store.prompts import PromptDraft, PromptStore, StoredPrompt

DAY_S = 86_400


def draft(prompt: str = "a {colour} kite", **fields: Any) -> PromptDraft:
    return PromptDraft(prompt=prompt, **{"settings": {"size": "256x256", "seed": 7}, **fields})


def keep(pictures: PictureStore, project: str) -> str:
    turn = Turn(kind="generation", instruction="x", snapshot="tiny-1", parent_id=None, settings={})
    return pictures.add(project, turn, [NewPicture(content=b"png", seed=7, width=64, height=48)], lifetime_s=DAY_S)[0]


def named(prompts: tuple[StoredPrompt, ...]) -> list[tuple[str, int]]:
    return [(prompt.name, prompt.version) for prompt in prompts]


def test_a_prompt_comes_back_as_it_was_saved(prompts: PromptStore, project: str):
    whole = draft("rouge \x00 🦊", inputs=("pic_b", "pic_a", "pic_b"), chosen="pic_c", note="\u202e for the shop")

    saved = prompts.save(project, "kite", whole)

    assert prompts.get(project, "kite") == saved
    assert (saved.version, saved.created_at, saved.draft) == (1, 1_800_000_000, whole)


def test_saving_a_name_again_makes_its_next_version_and_changes_no_other(prompts: PromptStore, project: str, clock):
    saved = []
    for name in ("kite", "boat", "kite", "kite"):
        saved.append(prompts.save(project, name, draft(f"words of {name} {len(saved)}")))
        clock.now += 1

    assert named(tuple(saved)) == [("kite", 1), ("boat", 1), ("kite", 2), ("kite", 3)]
    assert prompts.get(project, "kite") == saved[3]
    assert [prompts.get(project, "kite", version) for version in (1, 2, 3)] == [saved[0], saved[2], saved[3]]
    assert prompts.versions(project, "kite").items == (saved[3], saved[2], saved[0])


def test_versions_that_are_saved_at_once_all_get_a_number_of_their_own(url: str, project: str):
    def save() -> None:
        with closing(Database.open(url)) as database:
            for _ in range(5):
                PromptStore(database).save(project, "kite", draft())

    threads = [threading.Thread(target=save, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    with closing(Database.open(url)) as database:
        versions = [prompt.version for prompt in PromptStore(database).versions(project, "kite").items]
    assert sorted(versions) == list(range(1, 21))


def test_the_list_has_the_newest_version_of_each_name_a_page_at_a_time(prompts: PromptStore, project: str, clock):
    for name in ("a", "b", "a", "c", "b"):
        prompts.save(project, name, draft())
        clock.now += 1
    expected = [("b", 2), ("c", 1), ("a", 2)]

    for order, wanted in (("desc", expected), ("asc", expected[::-1])):
        seen, after, more = [], None, True
        while more:
            page = prompts.page(project, limit=2, order=order, after=after)
            seen += named(page.items)
            after, more = page.items[-1].prompt_id, page.has_more

        assert seen == wanted


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("KITE", ["kite"]),
        ("shop", ["boat"]),
        ("words", ["boat", "kite"]),
        ("old", []),
        ("%", []),
        ("{colour}", ["kite"]),
        ("kite shop", []),
    ],
)
def test_a_search_looks_at_name_words_and_note_of_the_newest(prompts: PromptStore, project: str, clock, search: str, found: list[str]):
    for name, words, note in (("kite", "old words", ""), ("kite", "new {colour} words", ""), ("boat", "words", "for the Shop")):
        prompts.save(project, name, draft(words, note=note))
        clock.now += 1

    assert [prompt.name for prompt in prompts.page(project, search=search).items] == found


@pytest.mark.parametrize("name", ["nothing", "", "kite\x00", "\udcff", "%", "KITE", "k" * 100_000])
def test_a_name_of_nothing_is_unknown(prompts: PromptStore, project: str, name: str):
    prompts.save(project, "kite", draft())

    for look in (prompts.get, prompts.versions, prompts.delete):
        with pytest.raises(UnknownPrompt) as refusal:
            look(project, name)

        assert len(refusal.value.message) < 1000


def test_a_version_that_never_was_is_unknown(prompts: PromptStore, project: str):
    prompts.save(project, "kite", draft())

    for version in (0, 2, -1, 2**53 - 1):
        with pytest.raises(UnknownPrompt, match=f"in version {version}"):
            prompts.get(project, "kite", version)


@pytest.mark.parametrize(
    ("fields", "param"),
    [({"limit": 101}, "limit"), ({"order": "up"}, "order"), ({"after": "pic_x"}, "after"), ({"search": "x" * 201}, "search")],
)
def test_a_page_that_cannot_be_had_is_refused_by_name(prompts: PromptStore, project: str, fields, param: str):
    with pytest.raises(InvalidField) as refusal:
        prompts.page(project, **fields)

    assert refusal.value.param == param


def test_prompts_of_one_project_do_not_exist_for_another(prompts: PromptStore, project: str, other_project: str):
    own = prompts.save(project, "kite", draft())

    for look in (prompts.get, prompts.versions, prompts.delete):
        with pytest.raises(UnknownPrompt):
            look(other_project, "kite")
    theirs = prompts.save(other_project, "kite", draft("other words"))

    assert theirs.version == 1
    assert prompts.page(other_project).items == (theirs,)
    assert prompts.page(project).items == (own,)


def test_a_deleted_prompt_is_gone_with_every_version(prompts: PromptStore, database: Database, project: str):
    for name in ("kite", "kite", "boat"):
        prompts.save(project, name, draft(inputs=("pic_a", "pic_b"), chosen="pic_c"))

    num_deleted = prompts.delete(project, "kite")

    with database.reading() as connection:
        counts = [connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in ("prompts", "prompt_pictures")]
    assert (num_deleted, counts) == (2, [1, 3])
    assert named(prompts.page(project).items) == [("boat", 1)]
    assert prompts.save(project, "kite", draft()).version == 1


def test_pictures_that_a_saved_prompt_names_do_not_expire_while_it_is_saved(
    prompts: PromptStore, pictures: PictureStore, blobs: Blobs, project: str, clock
):
    source, chosen, other = [keep(pictures, project) for _ in range(3)]
    prompts.save(project, "kite", draft(inputs=(source,), chosen=chosen))
    prompts.save(project, "kite", draft())
    clock.now += 2 * DAY_S

    num_deleted = pictures.delete_expired(int(clock.now))

    assert num_deleted == 1
    assert blobs.get(f"pictures/{other}") is None
    assert [pictures.read(project, picture) for picture in (source, chosen)] == [b"png"] * 2
    assert {picture.picture_id: picture.expires_at for picture in pictures.page(project).items} == {source: None, chosen: None}
    assert pictures.lineage(project, source).items[0].expires_at is None


def test_pictures_expire_again_when_the_last_prompt_that_names_them_is_deleted(
    prompts: PromptStore, pictures: PictureStore, blobs: Blobs, project: str, clock
):
    old, young = keep(pictures, project), ""
    prompts.save(project, "kite", draft(inputs=(old,)))
    prompts.save(project, "boat", draft(chosen=old))
    clock.now += 2 * DAY_S
    young = keep(pictures, project)
    prompts.save(project, "boat", draft(chosen=young))

    prompts.delete(project, "boat")
    expires_before = [pictures.get(project, picture).expires_at for picture in (old, young)]
    prompts.delete(project, "kite")

    assert expires_before == [None, int(clock.now) + DAY_S]
    with pytest.raises(UnknownFile):
        pictures.get(project, old)
    assert pictures.delete_expired(int(clock.now)) == 1
    assert blobs.get(f"pictures/{old}") is None


def test_a_picture_that_a_prompt_names_is_really_deleted_by_hand(
    prompts: PromptStore, pictures: PictureStore, blobs: Blobs, database: Database, project: str
):
    picture = keep(pictures, project)
    saved = prompts.save(project, "kite", draft(chosen=picture))

    pictures.delete(project, picture)

    with pytest.raises(UnknownFile):
        pictures.get(project, picture)
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM pictures")).scalar() == 0
    assert blobs.get(f"pictures/{picture}") is None
    assert prompts.get(project, "kite") == saved


def test_a_deletion_by_hand_that_was_cut_off_is_gone_on_with_though_a_prompt_names_the_picture(
    prompts: PromptStore, pictures: PictureStore, blobs: Blobs, database: Database, project: str, clock
):
    picture = keep(pictures, project)
    prompts.save(project, "kite", draft(chosen=picture))
    with database.writing() as connection:
        connection.execute(text("UPDATE pictures SET expires_at = 0"))

    with pytest.raises(UnknownFile):
        pictures.get(project, picture)

    assert pictures.delete_expired(int(clock.now)) == 1
    assert blobs.get(f"pictures/{picture}") is None

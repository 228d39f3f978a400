"""Rows of queued generations: who sees them, how they end, and what goes with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from limner.errors import StoreFailed, UnknownGeneration
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.pictures import NewPicture, PictureStore, Turn
from limner.store.work.generations import Choice, GenerationDraft, GenerationStore

DATA_URI = "data:image/png;base64," + "A" * 10_000


@pytest.fixture
def generations(database: Database, blobs: Blobs, clock: Any) -> GenerationStore:
    return GenerationStore(database, blobs, clock=clock)


def add(generations: GenerationStore, project: str, *, count: int = 1, targets: dict[str, str | None] | None = None, **parameters: Any):
    draft = GenerationDraft(model_name="limner", prompt="a \x00 \ud800 kite", parameters=parameters, targets=targets or {})
    return generations.add(project, draft, count=count, lifetime_s=3600, then=lambda *_: None)


def blobs_of(tmp_path: Path) -> list[str]:
    folder = tmp_path / "data" / "blobs" / "generations"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_a_generation_comes_back_as_it_was_asked_for(generations: GenerationStore, project: str):
    (name,) = add(generations, project, size="1x1", input_image=[DATA_URI, "https://example.com/a.png"], other={"deep": DATA_URI})

    found = generations.get(project, name)

    assert (found.prompt, found.status, found.picture_id) == ("a \x00 \ud800 kite", "queued", None)
    assert found.parameters == {
        "size": "1x1",
        "input_image": ["data:image/png;base64,", "https://example.com/a.png"],
        "other": {"deep": "data:image/png;base64,"},
    }
    assert generations.read_parameters(found)["input_image"][0] == DATA_URI


def test_an_end_is_the_only_one(generations: GenerationStore, project: str):
    (name,) = add(generations, project)
    first, again = generations.begin(name), generations.begin(name)

    ends = [
        generations.end(name, status, error) for status, error in (("failed", "bad \x00 size"), ("succeeded", None), ("cancelled", None))
    ]

    found = generations.get(project, name)
    assert first is not None
    assert again is not None
    assert [end is not None for end in ends] == [True, False, False]
    assert (found.status, found.error_message) == ("failed", "bad \x00 size")
    assert generations.begin(name) is None


def test_nothing_is_kept_of_what_could_not_be_enqueued(generations: GenerationStore, project: str):
    def refuse(*_: Any) -> None:
        raise StoreFailed("no")

    draft = GenerationDraft(model_name="limner", prompt="a kite", parameters={"input_image": DATA_URI})
    with pytest.raises(StoreFailed):
        generations.add(project, draft, count=2, lifetime_s=3600, then=refuse)

    assert generations.list(project, Choice(), offset=0, limit=10) == ([], 0)


def test_a_project_sees_its_own_alone(generations: GenerationStore, project: str, other_project: str):
    (name,) = add(generations, project)

    with pytest.raises(UnknownGeneration):
        generations.get(other_project, name)

    assert generations.list(other_project, Choice(), offset=0, limit=10) == ([], 0)


def test_lists_choose_and_have_pages(generations: GenerationStore, project: str, clock: Any):
    names = add(generations, project, count=3, targets={"target_repo": "assets"})
    clock.now += 1
    others = add(generations, project)
    generations.end(names[0], "failed", "no")

    page, num_all = generations.list(project, Choice(target_repo="assets"), offset=1, limit=1)

    assert ([found.generation_id for found in page], num_all) == ([names[1]], 3)
    assert generations.list(project, Choice(statuses=("failed",)), offset=0, limit=10)[1] == 1
    assert generations.list(project, Choice(statuses=()), offset=0, limit=10)[1] == 0
    assert [found.generation_id for found in generations.list(project, Choice(), offset=0, limit=10)[0]] == [*others, *reversed(names)]


def test_its_picture_is_kept_once_under_the_reserved_id_and_told_while_it_is_there(
    generations: GenerationStore, pictures: PictureStore, project: str
):
    (name,) = add(generations, project)
    reserved = generations.get(project, name).reserved_id
    turn = Turn(kind="generation", instruction="a kite", snapshot="tiny-1", parent_id=None, settings={}, reserved_id=reserved)
    drawn = NewPicture(content=b"png", seed=1, width=1, height=1)

    kept = pictures.add(project, turn, [drawn], lifetime_s=3600)
    with pytest.raises(StoreFailed):
        pictures.add(project, turn, [drawn], lifetime_s=3600)

    assert kept == [reserved]
    assert generations.get(project, name).picture_id == reserved
    pictures.delete(project, reserved)
    assert generations.get(project, name).picture_id is None


def test_expiry_takes_rows_and_what_they_share(generations: GenerationStore, project: str, clock: Any, tmp_path: Path):
    names = add(generations, project, count=3, input_image=DATA_URI)
    (kept,) = blobs_of(tmp_path)

    early = generations.delete_expired(int(clock.now + 3599))
    late = generations.delete_expired(int(clock.now + 3600))

    assert kept == names[0]
    assert (early, late) == (0, 3)
    assert blobs_of(tmp_path) == []

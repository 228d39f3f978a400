"""What a prompt may be to be saved: variables that every reader understands alike, and settings that could be drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from limner.engine.weights import Catalogue
from limner.errors import InvalidPrompt, RequestError
from limner.jobs.deployments.directory import Directory
from limner.jobs.models import ModelTable
from limner.jobs.prompts import PromptBook, find_variables
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.deployments import DeploymentStore
from limner.store.keys import KeyStore
from limner.store.pictures import NewPicture, PictureStore, Turn
from limner.store.prompts import PromptDraft, PromptStore

UNKNOWN = "pic_" + "0" * 45


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("a kite", []),
        ("a {colour} kite of {size_2} over {_place}", ["colour", "size_2", "_place"]),
        ("{a}{b}{a}", ["a", "b"]),
        ("{{a}} is {b}", ["b"]),
        ("{{{a}}}", ["a"]),
        ("}}{{", []),
    ],
)
def test_variables_are_named_once_in_their_order(prompt: str, names: list[str]):
    assert find_variables(prompt) == names


@pytest.mark.parametrize("prompt", ["{", "a } b", "{Colour}", "{ a }", "{1}", "{}", "{{{", "{a", "{{a}", "{é}"])
def test_a_brace_that_is_neither_a_variables_nor_doubled_is_refused(prompt: str):
    with pytest.raises(InvalidPrompt, match=r"write \{name\}, or (\{\{|\}\}) for a brace"):
        find_variables(prompt)


@pytest.fixture
def project(database: Database) -> str:
    return KeyStore(database).create("one")[0].project_id


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database.open(tmp_path / "limner.db")) as database:
        yield database


@pytest.fixture
def pictures(tmp_path: Path, database: Database) -> PictureStore:
    return PictureStore(database, Blobs.open(tmp_path / "blobs"))


@pytest.fixture
def picture(pictures: PictureStore, project: str) -> str:
    turn = Turn(kind="generation", instruction="x", snapshot="tiny-1", parent_id=None, settings={})
    return pictures.add(project, turn, [NewPicture(content=b"png", seed=7, width=256, height=512)], lifetime_s=60)[0]


@pytest.fixture
def book(database: Database, pictures: PictureStore, tiny_weights: Path) -> PromptBook:
    directory = Directory(ModelTable(Catalogue.open(tiny_weights)), DeploymentStore(database))
    return PromptBook(PromptStore(database), pictures, directory)


SETTINGS: list[dict[str, Any]] = [
    {},
    {"model": "gpt-image-1.5", "n": 10, "size": "2048x1024", "quality": "high", "background": "transparent", "seed": 0},
    {"model": "dall-e-3", "quality": "hd", "style": "natural"},
    {"model": "gpt-image-2", "size": "3840x2160"},
    {"output_format": "jpeg", "output_compression": 10, "moderation": "low"},
    {"input_fidelity": "high", "region": "box:0,0,50%,8"},
    {"region": "words:the kite"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_what_could_be_drawn_is_saved(book: PromptBook, project: str, picture: str, settings: dict[str, Any]):
    draft = PromptDraft(prompt="a {colour} kite", settings=settings, inputs=(picture, picture), chosen=picture)

    assert book.save(project, "kite", draft).draft == draft


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 32_001}, "prompt"),
        ({"prompt": "a {kite"}, "prompt"),
        ({"settings": {"model": "nothing"}}, "settings.model"),
        ({"settings": {"size": "100x100"}}, "settings.size"),
        ({"settings": {"size": "3840x2160"}}, "settings.size"),
        ({"settings": {"quality": "hd"}}, "settings.quality"),
        ({"settings": {"style": "vivid"}}, "settings.style"),
        ({"settings": {"output_compression": 10}}, "settings.output_compression"),
        ({"settings": {"output_format": "jpeg", "background": "transparent"}}, "settings.background"),
        ({"settings": {"region": "circle:1"}}, "settings.region"),
        ({"settings": {"canvas": "all=10%"}}, "settings.canvas"),
        ({"settings": {"canvas": "all=9"}, "inputs": (UNKNOWN,)}, "inputs[0]"),
        ({"chosen": UNKNOWN}, "chosen"),
    ],
)
def test_what_could_never_be_drawn_is_refused_by_its_place_in_the_body(book: PromptBook, project: str, fields: dict[str, Any], param: str):
    draft = PromptDraft(**{"prompt": "a kite", "settings": {}, **fields})

    with pytest.raises(RequestError) as refusal:
        book.save(project, "kite", draft)

    assert refusal.value.param == param


@pytest.mark.parametrize(("canvas", "is_good"), [("left=25%", True), ("512x512+0+0", True), ("right=2000", False), ("up=3", False)])
def test_a_canvas_is_measured_on_the_first_input(book: PromptBook, project: str, picture: str, canvas: str, is_good: bool):
    draft = PromptDraft(prompt="a kite", settings={"canvas": canvas}, inputs=(picture,))

    if is_good:
        assert book.save(project, "kite", draft).version == 1
    else:
        with pytest.raises(RequestError) as refusal:
            book.save(project, "kite", draft)
        assert refusal.value.param == "settings.canvas"


def test_pictures_of_another_project_cannot_be_named(book: PromptBook, database: Database, picture: str):
    other = KeyStore(database).create("another")[0].project_id

    with pytest.raises(RequestError) as refusal:
        book.save(other, "kite", PromptDraft(prompt="a kite", settings={}, inputs=(picture,)))

    assert refusal.value.code == "file_not_found"

"""What the studio takes on, and what it refuses before it would hold too much."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from limner.engine.describing.describer import Describer
from limner.engine.local import LocalEngine
from limner.engine.weights import Catalogue
from limner.errors import IncompatibleFields, QueueFull, Stopping
from limner.jobs import studio as studio_module
from limner.jobs.deployments.directory import Directory
from limner.jobs.fetching import Fetcher
from limner.jobs.inputs import ImageLoader, ImageSource
from limner.jobs.keeping import Keeper
from limner.jobs.ledger import Ledger
from limner.jobs.models import ModelTable
from limner.jobs.orders import PictureOrder
from limner.jobs.studio import Drawing, Studio
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.deployments import DeploymentStore
from limner.store.files import FileStore
from limner.store.keys import KeyStore
from limner.store.pictures import PictureStore
from limner.store.usage import UsageStore

pytestmark = pytest.mark.anyio
ORDER = PictureOrder(prompt="a red ball", size="256x256", quality="low", seed=7)


@pytest.fixture
def studio(tmp_path: Path, tiny_weights: Path) -> Iterator[Studio]:
    with (
        closing(LocalEngine(tiny_weights, threads=1)) as engine,
        closing(Database.open(tmp_path / "limner.db")) as database,
    ):
        for project in ("p", "another"):
            KeyStore(database).ensure_project(project)
        blobs = Blobs.open(tmp_path / "blobs")
        pictures = PictureStore(database, blobs)
        loader = ImageLoader(FileStore(database, blobs), pictures, Fetcher(is_allowed=False))
        directory = Directory(ModelTable(Catalogue.open(tiny_weights)), DeploymentStore(database))
        keeper = Keeper(pictures, retention_days=1)
        parts: dict[str, Any] = {"engine": engine, "directory": directory, "loader": loader, "keeper": keeper}
        with (
            closing(Ledger(UsageStore(database))) as ledger,
            closing(Studio(**parts, ledger=ledger, moderator=None, describer=Describer(tiny_weights), count_tokens=len)) as studio,
        ):
            yield studio


async def start(studio: Studio, project: str = "p", **changes: Any) -> Drawing:
    order = PictureOrder(**{**vars(ORDER), **changes})
    return studio.start(await studio.prepare(order, project))


async def test_one_project_cannot_take_the_whole_line(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(studio_module, "MAX_OPEN_OF_PROJECT", 2)
    drawings = [await start(studio), await start(studio)]

    with pytest.raises(QueueFull, match="of this project"):
        await start(studio)
    drawings.append(await start(studio, "another"))

    assert [len((await drawing.finished()).pictures) for drawing in drawings] == [1, 1, 1]


async def test_orders_that_are_not_ready_yet_count_as_open_ones_of_their_project(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(studio_module, "MAX_OPEN_OF_PROJECT", 2)
    monkeypatch.setattr(studio_module, "SHORT_PROMPT_CHARS", 0)  # longer ones are looked at by a thread
    preparing = [asyncio.ensure_future(studio.prepare(ORDER, "p")) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(QueueFull, match="of this project"):
        await studio.prepare(ORDER, "p")
    other = await start(studio, "another")
    drawings = [other, *(studio.start(commission) for commission in await asyncio.gather(*preparing))]

    assert [len((await drawing.finished()).pictures) for drawing in drawings] == [1, 1, 1]


async def test_a_project_that_has_too_much_open_is_told_when_there_will_be_room(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(studio_module, "MAX_OPEN_OF_PROJECT", 1)
    large = {"size": "1024x1024", "quality": "medium"}
    drawing = await start(studio, n=2, **large)
    with pytest.raises(QueueFull) as unknown:
        await start(studio)
    await drawing.finished()
    await (await start(studio, n=4, **large)).finished()  # at the pace of an engine that has started
    drawing, begun = await start(studio, n=6, **large), time.monotonic()

    with pytest.raises(QueueFull) as refused:
        await start(studio)

    told_s = refused.value.retry_after_s
    await drawing.finished()
    assert unknown.value.retry_after_s is None
    assert told_s is not None
    assert told_s / 4 < time.monotonic() - begun < told_s * 4


@pytest.mark.parametrize(("prompt", "has_profile"), [("add the hat of image 2", True), ("image 1 and image 2 side by side", False)])
async def test_colours_are_those_of_a_source_and_a_composition_has_none(studio: Studio, prompt: str, has_profile: bool):
    profile, file = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "PNG", icc_profile=profile)
    order = PictureOrder(kind="edit", prompt=prompt, images=(ImageSource(param="image", content=file.getvalue()),) * 2)

    commission = await studio.prepare(order, "p")

    assert commission.icc_profile == (profile if has_profile else None)


async def test_pixels_that_open_orders_will_hold_are_bounded(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(studio_module, "MAX_HELD_BYTES", 3 * 256 * 256 * 4)
    first = await start(studio, n=2)

    with pytest.raises(QueueFull, match="pixels"):
        await start(studio, n=2)

    await first.finished()
    assert len((await (await start(studio, n=3)).finished()).pictures) == 3


async def test_a_finished_drawing_is_forgotten_before_anybody_reads_it(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(studio_module, "MAX_OPEN_OF_PROJECT", 1)
    drawing = await start(studio)
    outcomes = drawing.outcomes()

    await anext(outcomes)  # taken, and read no further

    assert (await (await start(studio)).finished()).pictures


async def test_a_studio_that_stops_takes_nothing_and_ends_what_waits(studio: Studio):
    drawing = await start(studio, n=10, quality="high")
    waiting = asyncio.ensure_future(drawing.finished())

    studio.refuse_orders()
    studio.end_drawings()

    with pytest.raises(Stopping):
        await waiting
    with pytest.raises(Stopping):
        await studio.prepare(ORDER, "p")


@pytest.mark.parametrize("close", [Drawing.close, Drawing.end])
async def test_closing_a_drawing_frees_the_engine_for_the_next(studio: Studio, close: Callable[[Drawing], None]):
    slow = await start(studio, n=10, quality="high")

    close(slow)

    assert (await (await start(studio)).finished()).pictures


async def test_alt_text_is_refused_by_its_name_where_the_weights_describe_nothing(studio: Studio, tmp_path: Path):
    studio.describer = Describer(tmp_path)

    with pytest.raises(IncompatibleFields, match="describe no pictures") as refused:
        await studio.prepare(replace(ORDER, is_described=True), "p")

    assert refused.value.param == "alt_text"

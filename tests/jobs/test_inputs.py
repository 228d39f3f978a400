"""The pictures of a request, from all four places that they come from, with a real store, real processes and no network."""

from __future__ import annotations

import base64
import contextlib
import io
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import anyio
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from limner.errors import (
    ImageNotFetched,
    InvalidField,
    RefusedAddress,
    RequestError,
    UnknownFile,
    UnsupportedImage,
    UnusableImage,
)
from limner.jobs.fetching import Fetcher, FetchLimits
from limner.jobs.inputs import ImageLoader, ImageSource, InputLimits, LoadedImages, read_data_url
from limner.media.alpha import Pixels
from limner.media.decode import DecodeLimits
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.files import FileStore
from limner.store.keys import KeyStore
from limner.store.pictures import NewPicture, PictureStore, Turn

Stores = tuple[FileStore, PictureStore]
OFF = Fetcher(is_allowed=False)


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)


def png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def data_url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database.open(tmp_path / "limner.db")) as opened:
        yield opened


@pytest.fixture
def stores(database: Database, tmp_path: Path) -> Stores:
    blobs = Blobs.open(tmp_path / "blobs")
    return FileStore(database, blobs), PictureStore(database, blobs)


@pytest.fixture
def projects(database: Database) -> list[str]:
    keys = KeyStore(database)
    return [keys.create(name)[0].project_id for name in ("ours", "theirs")]


def upload(stores: Stores, project: str, content: bytes) -> str:
    return stores[0].add(project, filename="../../a.png", purpose="vision", content=io.BytesIO(content), expires_after_s=None).file_id


def keep(stores: Stores, project: str, content: bytes) -> str:
    turn = Turn(kind="generation", instruction="a ball", snapshot="tiny-1", parent_id=None, settings={})
    return stores[1].add(project, turn, [NewPicture(content=content, seed=1, width=1, height=1)], lifetime_s=60)[0]


def load(
    stores: Stores,
    sources: Sequence[ImageSource],
    *,
    mask: ImageSource | None = None,
    project: str = "nobody",
    fetcher: Fetcher = OFF,
    limits: InputLimits | None = None,
) -> LoadedImages:
    loader = ImageLoader(*stores, fetcher, limits=limits or InputLimits())

    async def run() -> LoadedImages:
        return await loader.load(sources, mask, project_id=project)

    return anyio.run(run)


def refuse(stores: Stores, sources: Sequence[ImageSource], kind: type[RequestError], **options: object) -> RequestError:
    with pytest.raises(kind) as refusal:
        load(stores, sources, **options)
    return refusal.value


def test_pictures_from_a_body_a_data_url_and_a_file_come_in_order_even_under_one_name(stores, projects):
    pixels = [noise(5 + index, 7, seed=index) for index in range(4)]
    sources = [
        ImageSource(param="image", content=png(pixels[0])),
        ImageSource(param="image", url=data_url(png(pixels[1]))),
        ImageSource(param="image", file_id=upload(stores, projects[0], png(pixels[2]))),
    ]

    loaded = load(stores, sources, mask=ImageSource(param="mask", content=png(pixels[3])), project=projects[0])

    for image, expected in zip([*loaded.images, loaded.mask], pixels, strict=True):
        np.testing.assert_array_equal(image.pixels, expected)


def test_without_a_mask_there_is_none(stores):
    loaded = load(stores, [ImageSource(param="image", content=png(noise(3, 3)))])

    assert loaded.mask is None
    assert len(loaded.images) == 1


def test_references_are_reduced_but_never_the_source_or_the_mask(stores):
    content = png(noise(40, 80))
    sources = [ImageSource(param=f"image[{index}]", content=content) for index in range(3)]
    limits = InputLimits(reference_side=20)

    loaded = load(stores, sources, mask=ImageSource(param="mask", content=content), limits=limits)

    assert [(image.width, image.height) for image in loaded.images] == [(80, 40), (20, 10), (20, 10)]
    assert [image.source_width for image in loaded.images] == [80] * 3
    assert loaded.mask is not None
    assert loaded.mask.width == 80


@pytest.mark.parametrize("given_fields", [{}, {"content": b"a", "url": "data:,"}, {"file_id": "file-a", "url": "data:,"}])
def test_a_source_is_exactly_one_thing(given_fields):
    with pytest.raises(InvalidField, match="exactly one") as refusal:
        ImageSource(param="images[3]", **given_fields)

    assert refusal.value.param == "images[3]"


def test_a_source_never_shows_its_content():
    shown = repr(ImageSource(param="a", content=b"hush")) + repr(ImageSource(param="a", url="data:hush"))

    assert "hush" not in shown


def test_the_seventeenth_picture_is_refused_by_its_name(stores):
    sources = [ImageSource(param=f"images[{index}]", content=b"x") for index in range(17)]

    error = refuse(stores, sources, InvalidField)

    assert error.param == "images[16]"
    assert "at most 16" in error.message


def test_kept_pictures_come_with_their_very_pixels_beside_files_and_as_masks(stores, projects):
    pixels = [noise(20, 30, seed) for seed in range(3)]
    kept, uploaded = keep(stores, projects[0], png(pixels[0])), upload(stores, projects[0], png(pixels[1]))
    sources = [ImageSource(param="a", file_id=kept), ImageSource(param="b", file_id=uploaded)]
    mask = ImageSource(param="mask", file_id=keep(stores, projects[0], png(pixels[2])))

    loaded = load(stores, sources, mask=mask, project=projects[0])

    assert loaded.mask is not None
    assert [source.picture_id for source in sources] == [kept, None]
    assert [np.array_equal(image.pixels, seen) for image, seen in zip((*loaded.images, loaded.mask), pixels, strict=True)] == [True] * 3


@pytest.mark.parametrize("store", [upload, keep])
def test_what_is_of_another_project_is_as_unknown_as_what_never_was(stores, projects, store: Callable[..., str]):
    theirs = store(stores, projects[1], png(noise(3, 3)))
    never = theirs[:-4] + ("aaaa" if not theirs.endswith("aaaa") else "bbbb")

    errors = [
        refuse(stores, [ImageSource(param="images[0].file_id", file_id=name)], UnknownFile, project=projects[0])
        for name in (theirs, never, "../../../etc/passwd", "file-\0", "")
    ]

    assert {error.param for error in errors} == {"images[0].file_id"}
    assert errors[0].message.replace(theirs, "ID") == errors[1].message.replace(never, "ID")


def test_a_file_over_the_limit_is_refused_before_it_is_read(stores, projects, tmp_path):
    large = upload(stores, projects[0], os.urandom(2000))
    for blob in (tmp_path / "blobs").rglob("*"):
        if blob.is_file():
            blob.unlink()

    limits = InputLimits(decode=DecodeLimits(image_bytes=1000))
    error = refuse(stores, [ImageSource(param="mask", file_id=large)], UnusableImage, project=projects[0], limits=limits)

    assert "2,000 bytes" in error.message
    assert error.param == "mask"


def test_the_bytes_of_all_pictures_together_are_bounded_wherever_they_come_from(stores, projects):
    content = png(noise(20, 20))
    limits = InputLimits(total_bytes=2 * len(content))
    kept = upload(stores, projects[0], content)
    sources = [ImageSource(param="a", content=content), ImageSource(param="b", url=data_url(content)), ImageSource(param="c", file_id=kept)]

    assert len(load(stores, sources[:2], limits=limits).images) == 2
    assert refuse(stores, sources, UnusableImage, project=projects[0], limits=limits).param == "c"


def test_what_cannot_be_decoded_is_refused_by_the_name_of_its_field(stores):
    good = ImageSource(param="image[0]", content=png(noise(3, 3)))

    assert refuse(stores, [good, ImageSource(param="image[1]", content=b"<svg/>")], UnsupportedImage).param == "image[1]"
    assert refuse(stores, [good, ImageSource(param="image[1]", content=b"")], UnusableImage).param == "image[1]"
    broken = ImageSource(param="mask", url=data_url(good.content[:50]))
    assert refuse(stores, [good], UnusableImage, mask=broken).param == "mask"


def test_a_url_is_refused_while_fetching_is_off_before_any_file_is_read(stores):
    sources = [ImageSource(param="a", file_id="file-none"), ImageSource(param="b", url="https://pictures.test/a.png")]

    assert refuse(stores, sources, RefusedAddress).param == "b"


def test_a_url_that_is_too_long_is_refused(stores):
    source = ImageSource(param="image", url="data:image/png;base64," + "A" * 20_971_520)

    assert "20,971,520" in refuse(stores, [source], InvalidField).message


def test_pictures_are_fetched_together_and_the_first_failure_ends_the_rest(stores):
    started, over = threading.Barrier(3), threading.Event()

    def look_up(host: str) -> list[str]:
        started.wait(5)
        if not host.startswith("b."):
            over.wait(10)
        return []

    fetcher = Fetcher(resolve=look_up, limits=FetchLimits(seconds=30))
    loader = ImageLoader(*stores, fetcher)
    sources = [ImageSource(param=name, url=f"https://{name}.test/") for name in ("a", "b", "c")]

    async def run() -> float:
        before = time.monotonic()
        with pytest.raises(RefusedAddress) as refusal:
            await loader.load(sources, None, project_id="p")
        over.set()
        assert refusal.value.param == "b"
        return time.monotonic() - before

    assert anyio.run(run) < 5


def test_a_fetch_that_fails_names_its_field(stores):
    fetcher = Fetcher(resolve=lambda host: ["127.0.0.9"], is_allowed_address=lambda address: True, limits=FetchLimits(seconds=2), port=9)

    error = refuse(stores, [ImageSource(param="images[0].image_url", url="https://a.test:9/")], ImageNotFetched, fetcher=fetcher)

    assert error.param == "images[0].image_url"
    assert "127.0.0.9" not in error.message


def decoding_processes() -> int:
    commands = []
    for listing in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread may end while it is being read, a child too
            commands += [Path(f"/proc/{child}/cmdline").read_bytes() for child in listing.read_text().split()]
    return sum(b"limner.media.decode_process" in command for command in commands)


def test_at_most_two_decoding_processes_run_at_once_for_all_requests_and_none_stays(stores):
    loader = ImageLoader(*stores, OFF)
    sources = [ImageSource(param="image", content=png(noise(500, 500)))]
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, decoding_processes())
            await anyio.sleep(0.005)

    async def run() -> None:
        async with anyio.create_task_group() as watching:
            watching.start_soon(watch)
            async with anyio.create_task_group() as group:
                for _ in range(6):
                    group.start_soon(lambda: loader.load(sources, None, project_id="p"))
            watching.cancel_scope.cancel()

    anyio.run(run)
    assert most == 2
    assert decoding_processes() == 0


def test_the_event_loop_goes_on_while_large_data_urls_are_read_and_decoded(stores):
    content = png(noise(1500, 1500))
    sources = [ImageSource(param=f"image[{index}]", url=data_url(content)) for index in range(3)]
    loader = ImageLoader(*stores, OFF)
    gaps: list[float] = []

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await anyio.sleep(0.001)
            gaps.append(time.perf_counter() - before)

    async def run() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            await loader.load(sources, None, project_id="p")
            group.cancel_scope.cancel()

    anyio.run(run)
    assert len(gaps) > 50
    assert sorted(gaps)[-2] < 0.2


@given(st.binary(max_size=3000), st.booleans(), st.integers(1, 100))
def test_what_base64_holds_comes_back_in_both_alphabets_with_and_without_its_end_and_line_breaks(content, is_safe, width):
    text = (base64.urlsafe_b64encode if is_safe else base64.b64encode)(content).decode()
    wrapped = "\r\n".join(text[start : start + width] for start in range(0, len(text), width))

    for written in (text, text.rstrip("="), wrapped):
        assert read_data_url(f"data:image/png;base64,{written}", param="image") == content


@pytest.mark.parametrize("start", ["data:;base64,", "DATA:image/jpg;BASE64,", "data:application/octet-stream;charset=utf-8;base64,"])
def test_the_type_that_a_data_url_claims_does_not_matter(start):
    assert read_data_url(start + "aGV5", param="image") == b"hey"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("data:image/png;base64,a", "good base64"),
        ("data:image/png;base64,aGV5*", "good base64"),
        ("data:image/png;base64,aG=5", "good base64"),
        ("data:image/png;base64,aGV5=", "good base64"),
        ("data:image/png;base64,aGV=====", "good base64"),
        ("data:image/png;base64,a+b-", "good base64"),
        ("data:image/png;base64,aGV5Cg%3D%3D", "percent-encoded"),
        ("data:image/png;base64,data:image/png;base64,aGV5", "data URL inside"),
        ("data:image/png;base64,aGV5\u00e9", "not base64"),
        ("data:image/svg+xml,%3Csvg/%3E", "only base64"),
        ("data:image/png;base64", "only base64"),
        ("data:" + "x" * 5000, "only base64"),
    ],
)
def test_bad_base64_is_an_error_that_names_its_field_never_dropped(url, said):
    with pytest.raises(InvalidField) as refusal:
        read_data_url(url, param="images[2].image_url")

    assert refusal.value.param == "images[2].image_url"
    assert said in refusal.value.message
    assert len(refusal.value.message) < 300


@given(st.text(max_size=80))
def test_any_text_after_the_comma_is_bytes_or_the_one_error(text):
    try:
        content = read_data_url("data:image/png;base64," + text, param="image")
    except InvalidField:
        content = b""

    assert len(content) <= len(text)

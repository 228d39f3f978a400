"""Several turns with one picture, in this process, on the tiny network: kept pixels, what was made of what, and the way back."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Callable
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image, ImageCms
from sqlalchemy import text

from limner.server.app import create_app
from limner.server.assembly import Opened
from limner.server.running import sweep_regularly
from limner.store.database import Database
from limner.store.keys import KeyStore

pytestmark = pytest.mark.anyio
SMALL = {"size": "256x256", "quality": "low", "seed": 7}
PICTURES = "/limner/v1/pictures"
UNKNOWN = "pic_" + "0" * 45


def read(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGBA"))


def noise(width: int = 64, height: int = 48, *, seed: int = 0, icc_profile: bytes | None = None) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)).save(file, "PNG", icc_profile=icc_profile)
    return file.getvalue()


async def generate(client: httpx2.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/v1/images/generations", json={"prompt": "a red ball", **SMALL, "keep": True, **fields})
    assert answer.status_code == 200, answer.text
    item: dict[str, Any] = answer.json()["data"][0]
    return item


async def edit(client: httpx2.AsyncClient, *ids: str, **fields: Any) -> httpx2.Response:
    images = [{"file_id": picture_id} for picture_id in ids]
    return await client.post("/v1/images/edits", json={"prompt": "a blue box", "quality": "low", "seed": 8, "images": images, **fields})


async def edited(client: httpx2.AsyncClient, *ids: str, **fields: Any) -> dict[str, Any]:
    answer = await edit(client, *ids, **{"keep": True, **fields})
    assert answer.status_code == 200, answer.text
    item: dict[str, Any] = answer.json()["data"][0]
    return item


async def content(client: httpx2.AsyncClient, picture_id: str) -> bytes:
    answer = await client.get(f"{PICTURES}/{picture_id}/content")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    return answer.content


@pytest.fixture
def stranger(opened: Opened) -> dict[str, str]:
    """The header of a key of another project."""
    database = Database.open(opened.services.settings.store.database)
    _, secret = KeyStore(database).create("stranger")
    database.close()
    return {"authorization": f"Bearer {secret}"}


async def test_a_kept_picture_is_named_and_comes_back_as_the_very_file_that_was_answered(client: httpx2.AsyncClient):
    item = await generate(client)

    assert item["limner"] == {"picture_id": item["limner"]["picture_id"], "seed": 7, "snapshot": "tiny-1", "parent": None}
    assert [await content(client, item["limner"]["picture_id"]) for _ in range(2)] == [base64.b64decode(item["b64_json"])] * 2


@pytest.mark.parametrize("keep", [False, None])
async def test_what_nobody_asks_to_keep_is_not_kept(client: httpx2.AsyncClient, keep: bool | None):
    item = await generate(client, keep=keep)

    assert item["limner"]["picture_id"] is None
    assert (await client.get(PICTURES)).json()["data"] == []


@pytest.mark.parametrize(
    "fields", [{"output_format": "jpeg", "output_compression": 10}, {"output_format": "webp", "output_compression": 0}]
)
async def test_exact_pixels_are_kept_whatever_the_output_loses(client: httpx2.AsyncClient, fields: dict[str, Any]):
    exact = await generate(client, keep=False)

    lossy = await generate(client, **fields)

    kept = await content(client, lossy["limner"]["picture_id"])
    assert np.array_equal(read(kept), read(base64.b64decode(exact["b64_json"])))
    assert not np.array_equal(read(kept), read(base64.b64decode(lossy["b64_json"])))


async def test_an_edit_starts_from_the_kept_pixels_and_not_from_what_was_answered(client: httpx2.AsyncClient):
    lossy = await generate(client, background="transparent", output_format="webp", output_compression=0)
    source = read(await content(client, lossy["limner"]["picture_id"]))

    item = await edited(client, lossy["limner"]["picture_id"], region="box:0,0,32,32")

    result = read(base64.b64decode(item["b64_json"]))
    outside = np.ones(source.shape[:2], bool)
    outside[:32, :32] = False
    assert item["limner"]["parent"] == lossy["limner"]["picture_id"]
    assert np.array_equal(result[outside], source[outside])
    assert not np.array_equal(result[~outside], source[~outside])


async def test_each_turn_tells_what_was_asked_and_the_lineage_is_their_chain(client: httpx2.AsyncClient):
    first = await generate(client)
    second = await edited(client, first["limner"]["picture_id"], region="box:0,0,50%,50%", input_fidelity="high", prompt="a green hat")
    third = await edited(client, second["limner"]["picture_id"], size="256x256", prompt="at night \u0000\u2603")

    ids = [item["limner"]["picture_id"] for item in (first, second, third)]
    lineage = (await client.get(f"{PICTURES}/{ids[2]}/lineage")).json()
    turns = lineage["data"]
    assert [turn["id"] for turn in turns] == ids
    assert [turn["parent"] for turn in turns] == [None, *ids[:2]]
    assert [turn["kind"] for turn in turns] == ["generation", "edit", "edit"]
    assert [turn["instruction"] for turn in turns] == ["a red ball", "a green hat", "at night \u0000\u2603"]
    assert [turn["seed"] for turn in turns] == [7, 8, 8]
    assert {turn["snapshot"] for turn in turns} == {"tiny-1"}
    assert {name: turns[1]["settings"][name] for name in ("size", "input_fidelity", "region", "inputs")} == {
        "size": "256x256",
        "input_fidelity": "high",
        "region": "box:0,0,50%,50%",
        "inputs": ids[:1],
    }
    assert len(turns[1]["settings"]["mask_sha256"]) == 64
    assert turns[2]["settings"]["mask_sha256"] is None
    assert (lineage["first_id"], lineage["last_id"], lineage["has_more"]) == (ids[0], ids[2], False)
    assert (await client.get(f"{PICTURES}/{ids[1]}")).json() == turns[1]


async def test_the_same_turn_from_the_same_picture_gives_the_same_bytes(client: httpx2.AsyncClient):
    picture_id = (await generate(client))["limner"]["picture_id"]

    first, again = [await edited(client, picture_id, region="box:0,0,64,64") for _ in range(2)]

    assert first["b64_json"] == again["b64_json"]
    assert first["limner"]["picture_id"] != again["limner"]["picture_id"]


async def test_an_edit_that_is_not_kept_still_tells_what_it_began_with(client: httpx2.AsyncClient):
    picture_id = (await generate(client))["limner"]["picture_id"]

    item = await edited(client, picture_id, keep=False, region="box:0,0,32,32")

    assert item["limner"] == {"picture_id": None, "seed": 8, "snapshot": "tiny-1", "parent": picture_id}


async def test_several_pictures_and_streams_are_kept_too(client: httpx2.AsyncClient):
    answer = await client.post("/v1/images/generations", json={"prompt": "a red ball", **SMALL, "keep": True, "n": 3})
    parent = answer.json()["data"][2]["limner"]["picture_id"]
    streamed = await edit(client, parent, region="box:0,0,32,32", keep=True, stream=True, partial_images=1)

    partial, completed = [json.loads(line.removeprefix("data: ")) for line in streamed.text.splitlines() if line.startswith("data: ")]
    listed = (await client.get(PICTURES, params={"order": "asc"})).json()["data"]
    assert "limner" not in partial
    assert completed["limner"]["parent"] == parent
    assert await content(client, completed["limner"]["picture_id"]) == base64.b64decode(completed["b64_json"])
    assert [picture["seed"] for picture in listed] == [7, 8, 9, 8]
    assert listed[-1]["id"] == completed["limner"]["picture_id"]


async def test_forms_keep_too_and_a_colour_profile_with_the_pixels(client: httpx2.AsyncClient):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    files = {"image": ("a.png", noise(icc_profile=profile))}
    fields = {"prompt": "x", "quality": "low", "keep": "true", "region": "box:0,0,8,8", "output_format": "jpeg"}

    drawn = [
        await client.post("/v1/images/edits", data=fields, files=files),
        await client.post("/v1/images/variations", data={"size": "256x256", "keep": "true", "response_format": "url"}, files=files),
    ]

    ids = [answer.json()["data"][0]["limner"]["picture_id"] for answer in drawn]
    kinds = [(await client.get(f"{PICTURES}/{picture_id}")).json()["kind"] for picture_id in ids]
    kept = Image.open(io.BytesIO(await content(client, ids[0])))
    assert kinds == ["edit", "variation"]
    assert kept.info["icc_profile"] == profile
    assert np.array_equal(np.asarray(kept.convert("RGBA"))[8:], read(files["image"][1])[8:])


async def test_sixteen_kept_pictures_are_taken_and_all_are_told(client: httpx2.AsyncClient):
    ids = []
    for seed in (1, 2):
        answer = await client.post("/v1/images/generations", json={"prompt": "x", **SMALL, "seed": seed, "keep": True, "n": 8})
        ids += [item["limner"]["picture_id"] for item in answer.json()["data"]]

    item = await edited(client, *ids, size="256x256")
    fewer = await edited(client, *ids[:15], size="256x256")

    turn = (await client.get(f"{PICTURES}/{item['limner']['picture_id']}")).json()
    assert turn["settings"]["inputs"] == ids
    assert turn["parent"] == ids[0]
    assert item["b64_json"] != fewer["b64_json"]


async def test_pictures_are_listed_a_page_at_a_time(client: httpx2.AsyncClient):
    await client.post("/v1/images/generations", json={"prompt": "x", **SMALL, "keep": True, "n": 5})
    seen: list[int] = []
    page: dict[str, Any] = {"has_more": True, "last_id": None}

    while page["has_more"]:
        after = {"after": page["last_id"]} if page["last_id"] else {}
        page = (await client.get(PICTURES, params={"limit": "2", "order": "asc", **after})).json()
        seen += [picture["seed"] for picture in page["data"]]

    assert seen == [7, 8, 9, 10, 11]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"order": "up"}, {"after": "file-x"}])
async def test_a_page_that_cannot_be_had_is_refused_by_name(client: httpx2.AsyncClient, query: dict[str, str]):
    answer = await client.get(PICTURES, params=query)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] in query


async def test_what_was_made_of_a_deleted_picture_can_still_be_edited_and_names_it(client: httpx2.AsyncClient):
    first = (await generate(client))["limner"]["picture_id"]
    second = (await edited(client, first, region="box:0,0,32,32"))["limner"]["picture_id"]

    deleted = await client.delete(f"{PICTURES}/{first}")

    assert deleted.json() == {"id": first, "object": "picture", "deleted": True}
    assert (await client.get(f"{PICTURES}/{first}/content")).status_code == 404
    assert (await client.get(f"{PICTURES}/{first}/thumbnail")).status_code == 404
    assert [turn["parent"] for turn in (await client.get(f"{PICTURES}/{second}/lineage")).json()["data"]] == [first]
    assert (await edit(client, first)).status_code == 404
    assert (await edit(client, second, region="box:0,0,32,32")).status_code == 200


async def test_a_thumbnail_is_a_small_copy_with_the_transparency_of_its_picture(client: httpx2.AsyncClient):
    picture_id = (await generate(client, size="768x512", background="transparent"))["limner"]["picture_id"]

    answer = await client.get(f"{PICTURES}/{picture_id}/thumbnail")

    small, whole = Image.open(io.BytesIO(answer.content)), Image.open(io.BytesIO(await content(client, picture_id))).convert("RGBA")
    assert answer.headers["content-type"] == "image/webp"
    assert (small.format, small.mode, small.size) == ("WEBP", "RGBA", (384, 256))
    expected = np.asarray(whole.resize(small.size, Image.Resampling.BOX), np.float32)
    assert np.abs(np.asarray(small, np.float32)[..., 3] - expected[..., 3]).mean() < 4


async def test_pictures_of_one_project_do_not_exist_for_another(client: httpx2.AsyncClient, stranger: dict[str, str]):
    picture_id = (await generate(client))["limner"]["picture_id"]

    async def look(wanted: str) -> list[tuple[int, str]]:
        path = f"{PICTURES}/{wanted}"
        other = {"prompt": "x", "images": [{"file_id": wanted}]}
        uploaded = {"prompt": "x", "images": [{"image_url": f"data:image/png;base64,{base64.b64encode(noise()).decode()}"}]}
        answers = [
            await client.get(path, headers=stranger),
            await client.get(f"{path}/content", headers=stranger),
            await client.get(f"{path}/thumbnail", headers=stranger),
            await client.get(f"{path}/lineage", headers=stranger),
            await client.delete(path, headers=stranger),
            await client.post("/v1/images/edits", json=other, headers=stranger),
            await client.post("/v1/images/edits", json=uploaded | {"mask": {"file_id": wanted}}, headers=stranger),
        ]
        return [(answer.status_code, answer.text.replace(wanted, "ID")) for answer in answers]

    theirs, nothing = await look(picture_id), await look(UNKNOWN)

    assert theirs == nothing
    assert {status for status, _ in theirs} == {404}
    assert json.loads(theirs[5][1])["error"]["param"] == "images[0].file_id"
    assert (await client.get(PICTURES, headers=stranger)).json()["data"] == []
    assert await content(client, picture_id)


async def test_an_edit_that_is_refused_keeps_nothing(client: httpx2.AsyncClient):
    picture_id = (await generate(client))["limner"]["picture_id"]

    answer = await edit(client, picture_id, region="box:9999,0,8,8", keep=True)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "region")
    assert [picture["id"] for picture in (await client.get(PICTURES)).json()["data"]] == [picture_id]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("generations", "region"),
        ("generations", "canvas"),
        ("generations", "mask_mode"),
        ("variations", "region"),
        ("variations", "canvas"),
        ("variations", "mask_mode"),
    ],
)
async def test_fields_of_edits_are_refused_by_name_elsewhere(client: httpx2.AsyncClient, path: str, field: str):
    values = {"region": "box:0,0,8,8", "canvas": "256x256+0+0", "mask_mode": "luma"}
    body: dict[str, Any] = {"json": {"prompt": "x", field: values[field]}}
    if path == "variations":
        body = {"data": {field: values[field]}, "files": {"image": ("a.png", noise())}}

    answer = await client.post(f"/v1/images/{path}", **body)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, field)
    assert answer.json()["error"]["code"] == "unknown_parameter"


@pytest.mark.parametrize(
    ("fields", "param", "said"),
    [
        ({"region": "circle:1,2"}, "region", "polygon:X,Y"),
        ({"region": ""}, "region", "polygon:X,Y"),
        ({"region": 3}, "region", "string"),
        ({"region": "box:0,0,8,8", "mask": {"image_url": "MASK"}}, "region", "leave one out"),
        ({"keep": "yes"}, "keep", "boolean"),
        ({"mask": {"image_url": "MASK"}, "mask_mode": "white"}, "mask_mode", "luma"),
    ],
)
async def test_what_cannot_be_honoured_is_refused_by_name(client: httpx2.AsyncClient, fields: dict[str, Any], param: str, said: str):
    picture_id = (await generate(client))["limner"]["picture_id"]
    mask = base64.b64encode(noise(256, 256)).decode()
    body = json.loads(json.dumps(fields).replace("MASK", f"data:image/png;base64,{mask}"))

    answer = await edit(client, picture_id, **body)

    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param), error
    assert said in error["message"]


MASKS: dict[str, tuple[Callable[[], Image.Image], list[str]]] = {
    "another size": (lambda: Image.new("RGBA", (32, 32)), ["32x32", "scale the mask to 64x48"]),
    "no alpha": (lambda: Image.new("RGB", (64, 48), "grey"), ["no alpha channel", "fully transparent", "mask_mode luma"]),
    "white means edit": (lambda: Image.linear_gradient("L").resize((64, 48)).point(lambda value: 255 * (value > 128)), ["mask_mode luma"]),
}


@pytest.mark.parametrize("kind", MASKS)
async def test_a_mask_in_another_convention_is_refused_in_words_that_tell_how_to_convert_it(client: httpx2.AsyncClient, kind: str):
    make, said = MASKS[kind]
    file = io.BytesIO()
    make().save(file, "PNG")
    fields = {"prompt": "x", "quality": "low"}

    answer = await client.post("/v1/images/edits", data=fields, files={"image": ("a.png", noise()), "mask": ("m.png", file.getvalue())})

    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["code"]) == (400, "mask", "invalid_mask_image_format")
    assert all(words in error["message"] for words in said), error["message"]


async def test_a_white_mask_is_taken_when_the_caller_says_so(client: httpx2.AsyncClient):
    source, file = noise(), io.BytesIO()
    MASKS["white means edit"][0]().save(file, "PNG")
    fields = {"prompt": "x", "quality": "low", "seed": "7", "mask_mode": "luma"}

    answer = await client.post("/v1/images/edits", data=fields, files={"image": ("a", source), "mask": ("m", file.getvalue())})

    black = np.asarray(Image.open(file)) == 0
    result = read(base64.b64decode(answer.json()["data"][0]["b64_json"]))
    assert np.array_equal(result[black], read(source)[black])
    assert not np.array_equal(result[~black], read(source)[~black])


async def test_kept_pictures_expire_after_the_days_that_the_server_is_told(open_server: Callable[..., Opened]):
    opened = open_server(retention_days=3, is_dev=True)
    transport = httpx2.ASGITransport(create_app(opened.services))

    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", timeout=60) as client:
        picture_id = (await generate(client))["limner"]["picture_id"]
        picture = (await client.get(f"{PICTURES}/{picture_id}")).json()

    assert picture["expires_at"] - picture["created_at"] == 3 * 86_400


async def test_a_running_server_removes_what_has_expired(client: httpx2.AsyncClient, opened: Opened):
    picture_id = (await generate(client))["limner"]["picture_id"]
    folder = opened.services.settings.store.data_dir / "blobs" / "pictures"
    kept = [path.name for path in folder.iterdir()]
    database = Database.open(opened.services.settings.store.database)
    with database.writing() as connection:
        connection.execute(text("UPDATE pictures SET expires_at = 1"))
    database.close()

    sweeping = asyncio.create_task(sweep_regularly(opened.services))
    async with asyncio.timeout(20):
        while list(folder.iterdir()):  # noqa: ASYNC110 - a sweep sets no event
            await asyncio.sleep(0.02)
    sweeping.cancel()

    assert kept == [picture_id]
    assert (await client.get(PICTURES)).json()["data"] == []

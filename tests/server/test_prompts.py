"""Prompts as assets: saved with what they are drawn with, found again, and seen by their own project alone."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from limner.server.assembly import Opened

pytestmark = pytest.mark.anyio
PROMPTS, PICTURES = "/limner/v1/prompts", "/limner/v1/pictures"
KITE = {"name": "kite", "prompt": "a {colour} kite", "settings": {"size": "256x256", "quality": "low", "seed": 7}}


@pytest.fixture
def stranger(opened: Opened) -> dict[str, str]:
    """The header of a key of another project."""
    return {"authorization": f"Bearer {opened.services.keys.create('stranger', role='admin')[1]}"}


async def save(client: httpx2.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(PROMPTS, json=KITE | fields)
    assert answer.status_code == 200, answer.text
    saved: dict[str, Any] = answer.json()
    return saved


async def draw(client: httpx2.AsyncClient) -> str:
    body = {"prompt": "a ball", "size": "256x256", "quality": "low", "keep": True}
    return str((await client.post("/v1/images/generations", json=body)).json()["data"][0]["limner"]["picture_id"])


async def test_a_prompt_comes_back_whole_with_its_variables_and_without_nulls(client: httpx2.AsyncClient):
    picture = await draw(client)

    saved = await save(client, settings=KITE["settings"] | {"n": None}, inputs=[picture], chosen=picture, note="for the shop")

    assert saved == {
        "object": "prompt",
        "id": saved["id"],
        "name": "kite",
        "version": 1,
        "created_at": saved["created_at"],
        "prompt": "a {colour} kite",
        "variables": ["colour"],
        "settings": {"size": "256x256", "quality": "low", "seed": 7},
        "inputs": [picture],
        "chosen": picture,
        "note": "for the shop",
    }
    assert [(await client.get(f"{PROMPTS}/kite{path}")).json() for path in ("", "/versions/1")] == [saved] * 2
    assert (await client.get(f"{PICTURES}/{picture}")).json()["expires_at"] is None


async def test_what_was_saved_can_be_sent_to_the_images_route_as_it_stands(client: httpx2.AsyncClient):
    saved = await save(client, prompt="a red kite")

    answer = await client.post("/v1/images/generations", json={"prompt": saved["prompt"], **saved["settings"]})

    assert answer.status_code == 200, answer.text
    assert answer.json()["size"] == "256x256"


async def test_versions_are_listed_and_deleted_together(client: httpx2.AsyncClient):
    for words in ("one", "two", "three"):
        await save(client, prompt=words)
    await save(client, name="boat")

    versions = (await client.get(f"{PROMPTS}/kite/versions", params={"limit": "2"})).json()
    newest = (await client.get(PROMPTS, params={"order": "asc"})).json()
    deleted = (await client.delete(f"{PROMPTS}/kite")).json()

    assert [(item["version"], item["prompt"]) for item in versions["data"]] == [(3, "three"), (2, "two")]
    assert (versions["has_more"], versions["last_id"]) == (True, versions["data"][1]["id"])
    assert [(item["name"], item["version"]) for item in newest["data"]] == [("kite", 3), ("boat", 1)]
    assert deleted == {"object": "prompt", "name": "kite", "deleted": True, "versions": 3}
    assert [item["name"] for item in (await client.get(PROMPTS)).json()["data"]] == ["boat"]


async def test_prompts_are_found_by_their_words(client: httpx2.AsyncClient):
    await save(client)
    await save(client, name="boat", prompt="a boat")

    found = (await client.get(PROMPTS, params={"search": "COLOUR kite"})).json()

    assert [item["name"] for item in found["data"]] == ["kite"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"name": "Kite"}, "name"),
        ({"name": "-kite"}, "name"),
        ({"name": "k" * 65}, "name"),
        ({"name": "kite\n"}, "name"),
        ({"prompt": "a {kite"}, "prompt"),
        ({"prompt": 3}, "prompt"),
        ({"settings": {"size": "9x9"}}, "settings.size"),
        ({"settings": {"n": 11}}, "settings.n"),
        ({"settings": {"stream": True}}, "settings.stream"),
        ({"settings": {"keep": True}}, "settings.keep"),
        ({"inputs": ["pic_x"]}, "inputs[0]"),
        ({"inputs": ["pic_" + "0" * 45] * 17}, "inputs"),
        ({"note": "x" * 2001}, "note"),
        ({"note": "\ud800"}, "note"),
        ({"version": 3}, "version"),
    ],
)
async def test_what_cannot_be_saved_is_refused_by_name(client: httpx2.AsyncClient, fields: dict[str, Any], param: str):
    answer = await client.post(PROMPTS, content=json.dumps(KITE | fields), headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), answer.text
    assert (await client.get(PROMPTS)).json()["data"] == []


async def test_a_name_that_is_refused_is_told_the_rule_in_words(client: httpx2.AsyncClient):
    answer = await client.post(PROMPTS, json=KITE | {"name": "Sticker Pack"})

    said = answer.json()["error"]["message"]
    assert "'Sticker Pack'" in said
    assert "use 1 to 64 small letters" in said
    assert "pattern" not in said


@pytest.mark.parametrize("path", ["nothing", "nothing/versions", "kite/versions/2", "%00", "kite%00/versions"])
async def test_what_was_never_saved_is_not_found(client: httpx2.AsyncClient, path: str):
    await save(client)

    answer = await client.get(f"{PROMPTS}/{path}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "prompt_not_found")


async def test_prompts_of_one_project_do_not_exist_for_another(client: httpx2.AsyncClient, stranger: dict[str, str]):
    picture = await draw(client)
    await save(client)

    async def look(name: str) -> list[tuple[int, str]]:
        calls = [("GET", ""), ("GET", "/versions"), ("GET", "/versions/1"), ("DELETE", "")]
        answers = [await client.request(method, f"{PROMPTS}/{name}{path}", headers=stranger) for method, path in calls]
        return [(answer.status_code, answer.text.replace(name, "NAME")) for answer in answers]

    theirs, nothing = await look("kite"), await look("nothing")
    refused = [await client.post(PROMPTS, json=KITE | fields, headers=stranger) for fields in ({"inputs": [picture]}, {"chosen": picture})]

    assert theirs == nothing
    assert {status for status, _ in theirs} == {404}
    assert [(answer.status_code, answer.json()["error"]["param"]) for answer in refused] == [(404, "inputs[0]"), (404, "chosen")]
    assert (await client.get(PROMPTS, headers=stranger)).json()["data"] == []
    assert (await client.get(f"{PROMPTS}/kite")).status_code == 200


async def test_searches_see_pictures_of_the_own_project_alone(client: httpx2.AsyncClient, stranger: dict[str, str]):
    picture = await draw(client)

    own, theirs = [(await client.get(PICTURES, params={"search": "BALL"}, headers=headers)).json() for headers in ({}, stranger)]
    parents = [(await client.get(PICTURES, params={"parent": picture}, headers=headers)).status_code for headers in ({}, stranger)]

    assert ([item["id"] for item in own["data"]], theirs["data"]) == ([picture], [])
    assert parents == [200, 200]
    assert (await client.get(PICTURES, params={"kind": "edit"})).json()["data"] == []
    assert (await client.get(PICTURES, params={"search": "x" * 201})).json()["error"]["param"] == "search"

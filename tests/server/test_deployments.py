"""`/limner/v1/deployments`: whose they are, who may change them, and that each picture says what drew it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import cycle
from typing import Any

import httpx2
import pytest
from anyio import to_thread

from limner.server.app import create_app
from limner.server.assembly import Opened
from limner.store.deployments import Plan, Target

pytestmark = pytest.mark.anyio
PATH = "/limner/v1/deployments"
SMALL = {"prompt": "a red ball", "size": "256x256", "quality": "low", "seed": 7}
GREEN = (Target(model="tiny-1", percent=100),)
ART = {"name": "art", "targets": [{"model": "tiny-0"}]}


def key(opened: Opened, *, project: str | None = None, role: str = "member") -> dict[str, str]:
    return {"authorization": f"Bearer {opened.services.keys.create('other', project=project, role=role)[1]}"}


def project_of(opened: Opened) -> str:
    return opened.services.keys.list()[0].project_id


async def make(client: httpx2.AsyncClient, **parts: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json=ART | parts)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def draw(client: httpx2.AsyncClient, headers: dict[str, str] | None = None, **fields: Any) -> httpx2.Response:
    return await client.post(
        "/v1/images/generations", json={"prompt": "a red ball", "model": "art", "size": "256x256"} | fields, headers=headers
    )


async def test_a_deployment_is_made_split_switched_and_rolled_back(client: httpx2.AsyncClient):
    made = await make(client, defaults={"quality": "low", "n": None}, policy={"max_n": 2})
    split = (
        await client.post(f"{PATH}/art", json={"targets": [{"model": "tiny-0", "percent": 90}, {"model": "tiny-1", "percent": 10}]})
    ).json()
    switched = (await client.post(f"{PATH}/art", json={"targets": [{"model": "tiny-1"}]})).json()
    back = [(await client.post(f"{PATH}/art/rollback")).json() for _ in range(2)]
    versions = (await client.get(f"{PATH}/art/versions?order=asc")).json()["data"]

    assert (made["version"], made["previous"], made["scope"], made["defaults"]) == (1, None, "project", {"quality": "low"})
    assert [target["percent"] for target in split["targets"]] == [90, 10]
    assert (switched["version"], switched["previous"], switched["policy"]["max_n"]) == (3, 2, 2)
    assert [version["version"] for version in back] == [2, 1]
    assert (back[1]["id"], back[1]["is_current"]) == (made["id"], True)
    assert [(version["version"], version["is_current"]) for version in versions] == [(1, True), (2, False), (3, False)]
    assert (await client.post(f"{PATH}/art/rollback")).json()["error"]["param"] == "name"


async def test_defaults_are_drawn_and_the_policy_is_kept(client: httpx2.AsyncClient):
    await make(client, defaults={"quality": "low", "output_format": "webp"}, policy={"qualities": ["low"], "max_n": 1})

    drawn = (await draw(client)).json()
    refused = [
        (await draw(client, **fields)).json()["error"] for fields in ({"quality": "high"}, {"n": 2}, {"model": "art", "quality": "auto"})
    ]

    assert (drawn["quality"], drawn["output_format"]) == ("low", "webp")
    assert drawn["data"][0]["limner"]["deployment"] == "art"
    assert [error["param"] for error in refused] == ["quality", "n", "quality"]


async def test_members_read_and_admins_change(client: httpx2.AsyncClient, opened: Opened):
    await make(client)
    member = key(opened, project=project_of(opened))

    reads = [await client.get(path, headers=member) for path in (PATH, f"{PATH}/art", f"{PATH}/art/versions")]
    changes = [
        await client.post(PATH, json=ART | {"name": "other"}, headers=member),
        await client.post(f"{PATH}/art", json={"targets": [{"model": "tiny-1"}]}, headers=member),
        await client.post(f"{PATH}/art/rollback", headers=member),
        await client.delete(f"{PATH}/art", headers=member),
    ]

    assert [answer.status_code for answer in reads] == [200] * 3
    assert [answer.status_code for answer in changes] == [403] * 4
    assert (await client.get(f"{PATH}/art")).json()["version"] == 1


async def test_deployments_of_one_project_do_not_exist_for_another(client: httpx2.AsyncClient, opened: Opened):
    await make(client)
    stranger = key(opened, role="admin")

    answers = [
        await client.get(f"{PATH}/art", headers=stranger),
        await client.get(f"{PATH}/art/versions", headers=stranger),
        await client.post(f"{PATH}/art", json={"targets": [{"model": "tiny-1"}]}, headers=stranger),
        await client.post(f"{PATH}/art/rollback", headers=stranger),
        await client.delete(f"{PATH}/art", headers=stranger),
        await client.get("/v1/models/art", headers=stranger),
        await draw(client, stranger),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert (await client.get(PATH, headers=stranger)).json()["data"] == []
    assert "art" not in (await client.get("/v1/models", headers=stranger)).text


async def test_the_servers_own_hold_for_every_project_and_no_key_changes_them(client: httpx2.AsyncClient, opened: Opened):
    opened.services.deployments.create(None, "art", Plan(targets=(Target(model="tiny-0", percent=100),)))
    stranger = key(opened, role="admin")

    drawn = [(await draw(client, headers, quality="low")).json()["data"][0]["limner"] for headers in (None, stranger)]
    refused = [
        await client.post(f"{PATH}/art", json={"targets": [{"model": "tiny-1"}]}),
        await client.post(f"{PATH}/art/rollback"),
        await client.delete(f"{PATH}/art"),
    ]
    await make(client, targets=[{"model": "tiny-1"}])

    assert [(origin["snapshot"], origin["deployment"]) for origin in drawn] == [("tiny-0", "art")] * 2
    assert [answer.status_code for answer in refused] == [403] * 3
    assert (await draw(client, quality="low")).json()["data"][0]["limner"]["snapshot"] == "tiny-1"
    assert (await draw(client, stranger, quality="low")).json()["data"][0]["limner"]["snapshot"] == "tiny-0"


async def test_a_deleted_deployment_is_gone_with_its_versions_and_upstreams_name_shows_again(client: httpx2.AsyncClient):
    await make(client, name="gpt-image-1.5")
    hidden = (await client.get("/v1/models/gpt-image-1.5")).json()["snapshot"]

    deleted = (await client.delete(f"{PATH}/gpt-image-1.5")).json()

    assert (deleted["deleted"], deleted["versions"]) == (True, 1)
    assert (hidden, (await client.get("/v1/models/gpt-image-1.5")).json()["snapshot"]) == ("tiny-0", "tiny-1")
    assert (await client.get(f"{PATH}/gpt-image-1.5")).json()["error"]["code"] == "deployment_not_found"


async def test_lists_come_in_pages(client: httpx2.AsyncClient):
    for name in ("a", "b", "c"):
        await make(client, name=name)

    first = (await client.get(f"{PATH}?limit=2")).json()
    rest = (await client.get(f"{PATH}?limit=2&after={first['last_id']}")).json()

    assert [item["name"] for item in (*first["data"], *rest["data"])] == ["c", "b", "a"]
    assert (first["has_more"], rest["has_more"]) == (True, False)


async def test_of_a_hundred_requests_in_flight_over_switches_and_roll_backs_each_is_drawn_by_the_one_snapshot_that_it_names(
    open_server: Callable[..., Opened],
):
    opened = open_server(max_waiting=128, shares_engine=False)
    book, projects = opened.services.deployments, [key(opened) for _ in range(3)]  # each may have 48 open
    book.create(None, "art", Plan(targets=(Target(model="tiny-0", percent=100),)))
    small = {"seed": 7, "quality": "low"}
    open_at_once, switching, in_flight = asyncio.Semaphore(100), asyncio.Lock(), []
    turns = cycle((lambda: book.change(None, "art", targets=GREEN), lambda: book.roll_back(None, "art")))

    async def draw_one(number: int) -> dict[str, Any]:
        async with open_at_once:
            in_flight.append(100 - open_at_once._value)
            item: dict[str, Any] = (await draw(client, projects[number % 3], **small)).json()["data"][0]
        if number % 10 == 0:  # again and again while a hundred others are on their way
            async with switching:
                await to_thread.run_sync(next(turns))
        return item

    transport = httpx2.ASGITransport(create_app(opened.services))
    async with httpx2.AsyncClient(transport=transport, base_url="http://limner.test", timeout=120) as client:
        names = ("tiny-0", "tiny-1")
        plain = {name: (await draw(client, projects[0], model=name, **small)).json()["data"][0]["b64_json"] for name in names}
        items = await asyncio.gather(*map(draw_one, range(160)))

    assert max(in_flight) == 100
    assert plain["tiny-0"] != plain["tiny-1"]
    assert {item["limner"]["snapshot"] for item in items} == {"tiny-0", "tiny-1"}
    assert all(item["b64_json"] == plain[item["limner"]["snapshot"]] for item in items)
    assert {item["limner"]["deployment"] for item in items} == {"art"}

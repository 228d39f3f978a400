"""Signing in, signing out, and a project's keys: seen and ended by their owners alone."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from limner.server.assembly import Opened
from limner.store.keys import ApiKey

pytestmark = pytest.mark.anyio
KEYS, SESSION, SIGN_IN = "/limner/v1/keys", "/limner/v1/session", "/limner/v1/sign-in"


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def make_key(opened: Opened, **fields: Any) -> tuple[ApiKey, dict[str, str]]:
    key, secret = opened.services.keys.create("another", **fields)
    return key, bearer(secret)


async def sign_in(client: httpx2.AsyncClient, opened: Opened) -> httpx2.Response:
    return await client.post(SIGN_IN, json={"token": opened.services.sign_ins.issue()}, headers={"authorization": ""})


async def test_a_link_becomes_a_key_of_the_project_that_sees_its_own_end(client: httpx2.AsyncClient, opened: Opened):
    answer = await sign_in(client, opened)

    signed_in = answer.json()
    session = (await client.get(SESSION, headers=bearer(signed_in["key"]))).json()
    assert (signed_in["object"], answer.headers["cache-control"]) == ("sign_in", "no-store")
    assert session["key"]["expires_at"] == signed_in["expires_at"]
    assert session["project_id"] == (await client.get(SESSION)).json()["project_id"]


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"token": "wrong"}, 401, None),
        ({}, 400, "token"),
        ({"token": ""}, 400, "token"),
        ({"token": 1}, 400, "token"),
        ({"tok": "x"}, 400, None),
    ],
)
async def test_what_is_no_link_of_this_server_is_refused(client: httpx2.AsyncClient, body: dict[str, Any], status: int, param: str | None):
    answer = await client.post(SIGN_IN, json=body)

    assert answer.status_code == status
    assert param is None or answer.json()["error"]["param"] == param


async def test_many_wrong_links_are_answered_with_429(client: httpx2.AsyncClient):
    answers = [await client.post(SIGN_IN, json={"token": f"wrong {index}"}) for index in range(11)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_signing_out_ends_the_key_of_a_link_at_once_and_no_other(client: httpx2.AsyncClient, opened: Opened):
    headers = bearer((await sign_in(client, opened)).json()["key"])

    by_link, by_key = await client.delete(SESSION, headers=headers), await client.delete(SESSION)

    assert by_link.json() == {"object": "session", "deleted": True, "key_revoked": True}
    assert by_key.json() == {"object": "session", "deleted": True, "key_revoked": False}
    assert [(await client.get(SESSION, headers=chosen)).status_code for chosen in (headers, {})] == [401, 200]


async def test_the_keys_of_a_project_are_listed_without_a_secret(client: httpx2.AsyncClient, opened: Opened):
    project = (await client.get(SESSION)).json()["project_id"]
    key, headers = make_key(opened, project=project)

    answer = await client.get(KEYS, headers=headers)

    listed = {item["id"]: item for item in answer.json()["data"]}
    assert len(listed) == 2
    assert listed[key.key_id] == {
        "id": key.key_id,
        "object": "key",
        "name": "another",
        "role": "member",
        "hint": headers["authorization"][-4:],
        "created_at": key.created_at,
        "expires_at": None,
        "revoked_at": None,
        "is_current": True,
    }
    assert [item["is_current"] for item in listed.values()].count(True) == 1
    assert headers["authorization"].removeprefix("Bearer ") not in answer.text


async def test_an_admin_ends_any_key_of_the_project_and_a_member_only_its_own(client: httpx2.AsyncClient, opened: Opened):
    first = (await client.get(SESSION)).json()
    (member, as_member), (other, _) = [make_key(opened, project=first["project_id"]) for _ in range(2)]

    refused = await client.delete(f"{KEYS}/{other.key_id}", headers=as_member)
    own = await client.delete(f"{KEYS}/{member.key_id}", headers=as_member)
    by_admin = await client.delete(f"{KEYS}/{other.key_id}")

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "permission_denied")
    assert (own.status_code, by_admin.status_code) == (200, 200)
    assert own.json()["revoked_at"] is not None
    assert (await client.get(SESSION, headers=as_member)).status_code == 401
    assert {item["id"]: item["revoked_at"] is None for item in (await client.get(KEYS)).json()["data"]} == {
        first["key"]["id"]: True,
        member.key_id: False,
        other.key_id: False,
    }


async def test_keys_of_one_project_do_not_exist_for_another(client: httpx2.AsyncClient, opened: Opened):
    stranger, headers = make_key(opened, role="admin")
    first = (await client.get(SESSION)).json()["key"]["id"]

    theirs, nothing = [await client.delete(f"{KEYS}/{key_id}", headers=headers) for key_id in (first, "key-0123456789abcdef")]

    assert (theirs.status_code, theirs.json()["error"]["code"]) == (404, "key_not_found")
    assert theirs.text.replace(first, "") == nothing.text.replace("key-0123456789abcdef", "")
    assert [item["id"] for item in (await client.get(KEYS, headers=headers)).json()["data"]] == [stranger.key_id]
    assert (await client.get(SESSION, headers=headers)).json()["project_id"] == stranger.project_id
    assert (await client.get(KEYS)).status_code == 200

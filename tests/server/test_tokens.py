"""Tokens of an issuer at the door of the server: beside keys, on every path, in projects of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from limner.jobs.access.identity import IdentitySettings
from limner.server.app import create_app
from limner.server.assembly import Opened

pytestmark = pytest.mark.anyio


@pytest.fixture
def opened(open_server: Callable[..., Opened], issuer: Any) -> Opened:
    return open_server(oidc=IdentitySettings(issuer=issuer.url, audiences=(issuer.audience,)))


@pytest.fixture
async def client(opened: Opened) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(opened.services)), base_url="http://limner.test") as client:
        yield client


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


async def test_a_token_and_a_key_are_both_good_on_every_path(client: httpx2.AsyncClient, opened: Opened, issuer: Any):
    paths = ("/v1/models", "/openai/v1/models", "/openai/models?api-version=preview")

    answers = [await client.get(path, headers=bearer(secret)) for path in paths for secret in (issuer.token(), str(opened.first_secret))]
    session = (await client.get("/limner/v1/session", headers=bearer(issuer.token()))).json()

    assert [answer.status_code for answer in answers] == [200] * 6
    assert session["project_id"].startswith("proj-oidc-")
    assert session["key"] is None
    assert (await client.delete("/limner/v1/session", headers=bearer(issuer.token()))).json()["key_revoked"] is False


async def test_tokens_of_one_project_see_nothing_of_another_nor_of_keys(client: httpx2.AsyncClient, opened: Opened, issuer: Any):
    mine, theirs = bearer(issuer.token()), [bearer(issuer.token(limner_project="shop")), bearer(str(opened.first_secret))]
    stored = await client.post("/v1/files", data={"purpose": "vision"}, files={"file": ("a.txt", b"mine")}, headers=mine)
    path = f"/openai/v1/files/{stored.json()['id']}"

    assert (await client.get(path, headers=bearer(issuer.token(sub="a colleague")))).status_code == 200
    assert [(await client.get(path, headers=other)).status_code for other in theirs] == [404, 404]
    assert [(await client.get("/v1/files", headers=other)).json()["data"] for other in theirs] == [[], []]


async def test_a_members_token_may_not_do_what_an_admins_may(client: httpx2.AsyncClient, issuer: Any):
    body = {"name": "art", "targets": [{"model": "tiny-0"}]}

    member = await client.post("/limner/v1/deployments", json=body, headers=bearer(issuer.token()))
    admin = await client.post("/limner/v1/deployments", json=body, headers=bearer(issuer.token(roles="limner.admin")))

    assert (member.status_code, admin.status_code) == (403, 200)
    assert (await client.get("/limner/v1/deployments/art", headers=bearer(issuer.token()))).json()["version"] == 1


async def test_what_is_wrong_with_a_token_is_told_by_the_status(client: httpx2.AsyncClient, issuer: Any):
    expired = await client.get("/v1/models", headers=bearer(issuer.token(exp=1)))
    homeless = await client.get("/v1/models", headers=bearer(issuer.token(limner_project=None)))
    azure = await client.get("/openai/models", headers=bearer(issuer.token(exp=1)))

    assert (expired.status_code, expired.json()["error"]["code"]) == (401, "invalid_api_key")
    assert "expired" in expired.json()["error"]["message"]
    assert expired.headers["www-authenticate"] == "Bearer"
    assert homeless.status_code == 403
    assert (azure.status_code, azure.json()["error"]["code"]) == (401, "401")


async def test_while_the_issuer_cannot_be_asked_tokens_wait_and_keys_go_on(client: httpx2.AsyncClient, opened: Opened, issuer: Any):
    issuer.answers["/tenant/keys"] = None

    token = await client.get("/v1/models", headers=bearer(issuer.token()))
    key = await client.get("/v1/models", headers=bearer(str(opened.first_secret)))

    assert (token.status_code, token.json()["error"]["code"]) == (503, "issuer_unreachable")
    assert int(token.headers["retry-after"]) > 0
    assert key.status_code == 200


async def test_a_server_without_an_issuer_takes_no_token(open_server: Callable[..., Opened], issuer: Any):
    app = create_app(open_server().services)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://limner.test") as client:
        answer = await client.get("/v1/models", headers=bearer(issuer.token()))

    assert answer.status_code == 401
    assert issuer.asked == []

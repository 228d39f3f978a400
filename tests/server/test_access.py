"""Keys, projects, routes and headers: who gets in, and what nobody gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx2
import pytest

from limner.errors import InvalidField
from limner.server.app import BODY_LIMITS, create_app
from limner.server.assembly import Opened, open_services
from limner.server.middleware import RequestFrame
from limner.server.settings import ServerSettings
from limner.store.database import Database
from limner.store.keys import KeyStore
from limner.store.settings import StoreSettings

pytestmark = pytest.mark.anyio
PROTECTED = [
    "GET /v1/models",
    "GET /v1/files",
    "POST /v1/images/generations",
    "POST /v1/images/edits",
    "POST /v1/moderations",
    "GET /limner/v1/pictures",
    "GET /limner/v1/session",
    "DELETE /limner/v1/session",
    "GET /limner/v1/keys",
    "GET /limner/v1/usage",
    "GET /limner/v1/prompts",
    "POST /limner/v1/prompts",
    "GET /limner/v1/prompts/a/versions/1",
    "DELETE /limner/v1/keys/key-0",
    "GET /limner/v1/pictures/pic_0/content",
]


@pytest.mark.parametrize("route", PROTECTED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Basic abc"},
        {"api-key": "wrong"},
        {"x-forwarded-user": "admin"},
        {"openai-organization": "org"},
        {"authorization": "Bearer " + "x" * 100_000},
    ],
)
async def test_without_a_good_key_nothing_is_answered(client: httpx2.AsyncClient, route: str, headers: dict[str, str]):
    method, path = route.split()

    answer = await client.request(method, path, headers={"authorization": "", **headers})

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"


async def test_both_ways_of_sending_a_key_are_good(client: httpx2.AsyncClient, opened: Opened):
    bearer = await client.get("/v1/models")
    api_key = await client.get("/v1/models", headers={"authorization": "", "api-key": str(opened.first_secret)})

    assert (bearer.status_code, api_key.status_code) == (200, 200)


async def test_a_wrong_key_is_never_shown_whole(client: httpx2.AsyncClient):
    secret = "sk-limner-0123456789abcdefghij"

    answer = await client.get("/v1/models", headers={"authorization": f"Bearer {secret}"})

    assert secret not in answer.text
    assert "sk-***ghij" in answer.text


async def test_a_key_that_another_process_revokes_stops_within_a_second(client: httpx2.AsyncClient, opened: Opened):
    database = Database.open(opened.services.settings.store.database)
    keys = KeyStore(database)
    assert (await client.get("/v1/models")).status_code == 200

    keys.revoke(keys.list()[0].key_id)
    await asyncio.sleep(1)

    database.close()
    assert (await client.get("/v1/models")).status_code == 401


async def test_files_of_one_project_do_not_exist_for_another(client: httpx2.AsyncClient, opened: Opened):
    database = Database.open(opened.services.settings.store.database)
    _, secret = KeyStore(database).create("stranger")
    database.close()
    stranger = {"authorization": f"Bearer {secret}"}
    file_id = (await client.post("/v1/files", data={"purpose": "vision"}, files={"file": ("a.txt", b"mine")})).json()["id"]

    answers = [
        await client.get(f"/v1/files/{file_id}", headers=stranger),
        await client.get(f"/v1/files/{file_id}/content", headers=stranger),
        await client.delete(f"/v1/files/{file_id}", headers=stranger),
        await client.post("/v1/images/edits", json={"prompt": "x", "images": [{"file_id": file_id}]}, headers=stranger),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert (await client.get("/v1/files", headers=stranger)).json()["data"] == []
    assert (await client.get(f"/v1/files/{file_id}/content")).content == b"mine"


async def test_a_server_in_dev_mode_takes_any_key_or_none(open_server: Callable[..., Opened]):
    opened = open_server(is_dev=True)
    transport = httpx2.ASGITransport(create_app(opened.services))

    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        stored = await client.post("/v1/files", data={"purpose": "vision"}, files={"file": ("a.txt", b"mine")})

    assert stored.status_code == 200
    assert opened.first_secret is None


@pytest.mark.parametrize(
    "headers",
    [{"host": "rebound.example:8000"}, {"origin": "https://page.example"}, {"host": "limner.test", "origin": "http://limner.test"}],
)
async def test_dev_mode_answers_no_page_of_another_host(open_server: Callable[..., Opened], headers: dict[str, str]):
    transport = httpx2.ASGITransport(create_app(open_server(is_dev=True).services))

    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        foreign = await client.get("/v1/files", headers=headers)
        own = await client.get("/v1/files", headers={"origin": "http://localhost:8000"})

    assert (foreign.status_code, own.status_code) == (403, 200)


def test_a_start_that_fails_makes_no_key_that_nobody_sees(open_server: Callable[..., Opened], tmp_path: Path):
    with pytest.raises(InvalidField):
        open_server(moderation="http://")

    folder = next(tmp_path.glob("server-*"))
    store = StoreSettings(data_dir=folder, database=folder / "limner.db", blobs=folder / "blobs")
    with open_services(ServerSettings(store=store, moderation="off")) as opened:
        assert opened.first_secret is not None


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "unknown_url"),
        ("GET", "/docs", 404, "unknown_url"),
        ("GET", "/v1/models/", 404, "unknown_url"),
        ("GET", "/v1/images/generations", 405, "method_not_allowed"),
        ("PATCH", "/v1/files", 405, "method_not_allowed"),
        ("GET", "/limner/v1/results/../../etc/passwd", 404, "unknown_url"),
        ("GET", "/limner/v1/results/%2e%2e%2flimner.db", 404, None),
        ("GET", "/v1/files/%2e%2e%2f%2e%2e%2flimner.db/content", 404, None),
    ],
)
async def test_what_is_not_there_has_the_shape_of_every_error(
    client: httpx2.AsyncClient, method: str, path: str, status: int, code: str | None
):
    answer = await client.request(method, path)

    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code or code is None
    assert set(answer.json()["error"]) >= {"message", "type", "param", "code"}


@pytest.mark.parametrize("path", ["/v1/models", "/v1/nothing", "/v1/files/none", "/health"])
async def test_every_answer_has_its_id_and_its_time_and_no_cross_origin_header(client: httpx2.AsyncClient, path: str):
    answer = await client.get(path, headers={"origin": "https://evil.example"})

    assert answer.headers["x-request-id"].startswith("req_")
    assert int(answer.headers["openai-processing-ms"]) >= 0
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_body_over_its_limit_is_refused_before_it_is_read(client: httpx2.AsyncClient):
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536

    announced = await client.post("/v1/images/generations", content=b"x", headers={"content-length": str(10**9)})
    streamed = await client.post("/v1/images/generations", content=endless(), headers={"content-type": "application/json"})

    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert streamed.json()["error"]["code"] == "request_too_large"


async def test_an_error_that_nobody_foresaw_is_an_error_object_without_its_text(caplog: pytest.LogCaptureFixture):
    async def broken(scope, receive, send):
        raise ZeroDivisionError("/srv/secret")

    transport = httpx2.ASGITransport(RequestFrame(broken))

    async with httpx2.AsyncClient(transport=transport, base_url="http://limner.test") as client:
        answer = await client.get("/")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["error"]["type"] == "server_error"
    assert "ZeroDivisionError" in caplog.text


async def test_the_document_lists_every_route_with_its_errors_and_no_foreign_shape(client: httpx2.AsyncClient):
    document = (await client.get("/openapi.json", headers={"authorization": ""})).json()

    assert {path.replace("*", "{conversation_id}") for path in BODY_LIMITS} <= set(document["paths"])
    assert "422" not in str(document["paths"])
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for path, operations in document["paths"].items():
        error = "OxenErrorBody" if path.startswith("/api/") else "ErrorBody"
        for operation in operations.values():
            assert operation["responses"]["400"]["content"]["application/json"]["schema"] == {"$ref": f"#/components/schemas/{error}"}

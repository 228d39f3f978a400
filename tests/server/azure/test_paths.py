"""Azure's paths: each leads to the route of `/v1` that does the same, and fails as Azure does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from limner.errors import Blocked, QueueFull
from limner.jobs.studio import Studio
from limner.server.app import create_app
from limner.server.assembly import Opened
from limner.store.deployments import Plan, Target

pytestmark = pytest.mark.anyio
SMALL = {"prompt": "a red ball", "size": "256x256", "quality": "low", "seed": 7}
VERSION = "?api-version=2025-04-01-preview"


def deploy(opened: Opened, name: str, model: str = "tiny-0") -> None:
    opened.services.deployments.create(None, name, Plan(targets=(Target(model=model, percent=100),)))


def drawn_by(answer: httpx2.Response) -> tuple[str, str | None]:
    assert answer.status_code == 200, answer.text
    origin = answer.json()["data"][0]["limner"]
    return origin["snapshot"], origin.get("deployment")


FORMS: list[tuple[str, dict[str, Any], tuple[str, str | None]]] = [
    ("/openai/deployments/art/images/generations" + VERSION, {}, ("tiny-0", "art")),
    ("/openai/deployments/art/images/generations", {"model": "nobody"}, ("tiny-0", "art")),
    ("/openai/v1/deployments/art/images/generations?api-version=anything", {}, ("tiny-0", "art")),
    ("/openai/deployments/gpt-image-1.5/images/generations" + VERSION, {}, ("tiny-1", None)),
    ("/openai/deployments/tiny-0/images/generations" + VERSION, {}, ("tiny-0", None)),
    ("/openai/deployments/a%2Eb%5F%63/images/generations" + VERSION, {}, ("tiny-0", "a.b_c")),
    ("/openai/v1/images/generations?api-version=preview", {"model": "art"}, ("tiny-0", "art")),
    ("/openai/images/generations", {"model": "art"}, ("tiny-0", "art")),
    ("/v1/images/generations", {"model": "art"}, ("tiny-0", "art")),
]


async def test_every_form_of_path_draws_with_what_it_names(client: httpx2.AsyncClient, opened: Opened):
    for name in ("art", "a.b_c"):
        deploy(opened, name)

    answers = {path: await client.post(path, json=SMALL | body) for path, body, _ in FORMS}

    assert {path: drawn_by(answer) for path, answer in answers.items()} == {path: expected for path, _, expected in FORMS}
    for path, answer in answers.items():
        assert answer.headers.get("apim-request-id") == (answer.headers["x-request-id"] if path.startswith("/openai") else None)
        assert "x-ms-region" not in answer.headers


async def test_edits_come_without_a_model_and_streams_name_the_deployment(client: httpx2.AsyncClient, opened: Opened, picture: bytes):
    deploy(opened, "art")
    files = {"image[]": ("upload", picture, "application/octet-stream")}
    fields = {name: str(value) for name, value in SMALL.items()}

    edited = await client.post(f"/openai/deployments/art/images/edits{VERSION}", data=fields, files=files)
    streamed = await client.post(f"/openai/deployments/art/images/generations{VERSION}", json=SMALL | {"stream": True})

    assert drawn_by(edited) == ("tiny-0", "art")
    assert '"deployment":"art"' in streamed.text


@pytest.mark.parametrize("prefix", ["/openai/v1", "/openai"])
async def test_everything_that_v1_has_is_there(client: httpx2.AsyncClient, opened: Opened, prefix: str):
    deploy(opened, "art")
    stored = await client.post(f"{prefix}/files", data={"purpose": "vision"}, files={"file": ("a.txt", b"mine")})

    content = await client.get(f"{prefix}/files/{stored.json()['id']}/content?api-version=v1")
    models = await client.get(f"{prefix}/models")
    model = await client.get(f"{prefix}/models/art")

    assert content.content == b"mine"
    assert {"art", "gpt-image-1.5", "tiny-1"} <= {model["id"] for model in models.json()["data"]}
    assert (model.json()["id"], model.json()["snapshot"]) == ("art", "tiny-0")


async def test_a_key_is_good_in_either_header_on_every_path(opened: Opened):
    key = str(opened.first_secret)
    headers = [{"api-key": key}, {"authorization": f"Bearer {key}"}, {"api-key": key, "authorization": ""}]
    paths = ["/openai/v1/models", "/openai/models" + VERSION, "/v1/models"]

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(opened.services)), base_url="http://limner.test") as client:
        answers = [await client.get(path, headers=sent) for path in paths for sent in headers]

    assert [answer.status_code for answer in answers] == [200] * 9


MISSING = [
    ("POST", "/openai/deployments/nobody/images/generations" + VERSION, 404, "DeploymentNotFound"),
    ("POST", "/openai/deployments/%2e%2e%2fv1/images/generations" + VERSION, 404, "DeploymentNotFound"),
    ("POST", "/openai/deployments/art/images/variations" + VERSION, 404, "404"),
    ("POST", "/openai/deployments/art/files" + VERSION, 404, "404"),
    ("POST", "/openai/deployments//images/generations" + VERSION, 404, "404"),
    ("POST", "/openai/deployments/art/%2e%2e/images/generations", 404, "404"),
    ("GET", "/openai/deployments/art/limner/v1/keys", 404, "404"),
    ("GET", "/openai/limner/v1/keys", 404, "404"),
    ("POST", "/openai/images/generations:submit", 404, "404"),
    ("GET", "/openai/v1/nothing", 404, "404"),
    ("GET", "/openai/v1/files/file-0", 404, "file_not_found"),
    ("GET", "/openai/images/generations", 405, "method_not_allowed"),
]


async def test_what_is_not_there_is_answered_as_azure_answers(client: httpx2.AsyncClient, opened: Opened):
    deploy(opened, "art")

    for method, path, status, code in MISSING:
        answer = await client.request(method, path, **({"json": SMALL} if method == "POST" else {}))

        assert (path, answer.status_code, answer.json()["error"]["code"]) == (path, status, code)
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
        assert answer.headers["apim-request-id"]


@pytest.mark.parametrize(("path", "status"), [("/openai/deployments/art/images/generations", 404), ("/openai/v1/images/generations", 200)])
async def test_a_strict_server_wants_a_version_behind_deployments(open_server: Callable[..., Opened], path: str, status: int):
    opened = open_server(is_strict=True)
    deploy(opened, "art")
    headers = {"api-key": str(opened.first_secret)}

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(opened.services)), base_url="http://limner.test") as client:
        without = await client.post(path, json=SMALL, headers=headers)
        given = await client.post(path + VERSION, json=SMALL, headers=headers)

    assert (without.status_code, given.status_code) == (status, 200)
    assert status == 200 or "Resource not found" in without.json()["error"]["message"]


async def test_errors_of_the_gateway_have_its_codes(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    async def full(*_: Any) -> None:
        raise QueueFull("too many requests wait")

    monkeypatch.setattr(Studio, "prepare", full)

    nobody = await client.get("/openai/v1/models", headers={"authorization": "", "api-key": "wrong"})
    busy = await client.post("/openai/v1/images/generations", json=SMALL)
    plain = await client.get("/v1/models", headers={"authorization": "", "api-key": "wrong"})

    assert (nobody.status_code, nobody.json()["error"]["code"]) == (401, "401")
    assert (busy.status_code, busy.json()["error"]["code"]) == (429, "429")
    assert int(busy.headers["retry-after"]) > 0
    assert int(busy.headers["retry-after-ms"]) > 0
    assert plain.json()["error"]["code"] == "invalid_api_key"


async def test_what_moderation_refuses_tells_which_filter_it_was(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    async def refuse(*_: Any) -> None:
        raise Blocked("the request was rejected by the safety system", stage="input", categories=("harassment", "self-harm/intent"))

    monkeypatch.setattr(Studio, "prepare", refuse)

    azure = (await client.post("/openai/v1/images/generations", json=SMALL)).json()["error"]
    openai = (await client.post("/v1/images/generations", json=SMALL)).json()["error"]

    results = azure.pop("inner_error")["content_filter_results"]
    assert {word: result["filtered"] for word, result in results.items()} == {
        "hate": True,
        "self_harm": True,
        "sexual": False,
        "violence": False,
    }
    assert {word: result["severity"] for word, result in results.items()} == {
        "hate": "medium",
        "self_harm": "medium",
        "sexual": "safe",
        "violence": "safe",
    }
    assert azure["code"] == "moderation_blocked"
    assert azure.keys() == openai.keys()


@pytest.mark.parametrize(
    ("settings", "calls"),
    [
        (
            {"has_filter_results": True, "moderation": "local"},
            [("/openai", {}, True), ("/openai", {"moderation": "low"}, False), ("", {}, False)],
        ),
        ({"has_filter_results": True, "moderation": "off"}, [("/openai", {}, False)]),
    ],
)
async def test_what_filters_found_is_said_where_it_is_wanted_and_true(
    open_server: Callable[..., Opened], settings: dict[str, Any], calls: list[tuple[str, dict[str, Any], bool]]
):
    opened = open_server(**settings)
    safe, headers = {"filtered": False, "severity": "safe"}, {"api-key": str(opened.first_secret)}
    everything = {
        "prompt_filter_results": dict.fromkeys(("hate", "self_harm", "sexual", "violence"), safe),
        "content_filter_results": dict.fromkeys(("self_harm", "sexual", "violence"), safe),
    }

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(opened.services)), base_url="http://limner.test") as client:
        for prefix, more, is_said in calls:
            answer = await client.post(f"{prefix}/v1/images/generations", json=SMALL | more, headers=headers, timeout=120)

            said = {name: value for name, value in answer.json()["data"][0].items() if name.endswith("filter_results")}
            assert said == (everything if is_said else {})

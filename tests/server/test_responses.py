"""Responses and conversations in this process: nothing for another project, nothing after its time, nothing that was asked and ignored."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import ssl
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx2
import pytest
import trustme
from PIL import Image
from sqlalchemy import text

from limner.jobs.fetching import Fetcher
from limner.jobs.responses.background import BackgroundResponses
from limner.server.app import create_app
from limner.server.assembly import Opened
from limner.server.running import sweep_regularly
from limner.store.database import Database
from limner.store.keys import KeyStore

pytestmark = pytest.mark.anyio
TOOL: dict[str, Any] = {"type": "image_generation", "size": "256x256", "quality": "low", "seed": 7}


def data_url(colour: str) -> str:
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


RED, WHITE = data_url("red"), data_url("white")


async def ask(client: httpx2.AsyncClient, said: Any = "a red ball", *, status: int = 200, **fields: Any) -> dict[str, Any]:
    """Ask for a response; fields of the tool begin with `tool_`."""
    tool = {name.removeprefix("tool_"): value for name, value in fields.items() if name.startswith("tool_") and name != "tool_choice"}
    rest = {name: value for name, value in fields.items() if not name.startswith("tool_") or name == "tool_choice"}
    answer = await client.post("/v1/responses", json={"input": said, "tools": [{**TOOL, **tool}], **rest})
    body: dict[str, Any] = answer.json()
    assert answer.status_code == status, body
    return body


def query(opened: Opened, *statements: str) -> list[Any]:
    """Run statements on the server's database, and return what the last one finds."""
    database = Database.open(opened.services.settings.store.database)
    found: list[Any] = []
    with database.writing() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
            found = list(result.scalars().all()) if result.returns_rows else []
    database.close()
    return found


def blobs(opened: Opened) -> list[str]:
    folder = opened.services.settings.store.data_dir / "blobs"
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*"))


@pytest.fixture
def stranger(opened: Opened) -> dict[str, str]:
    """The header of a key of another project."""
    database = Database.open(opened.services.settings.store.database)
    _, secret = KeyStore(database).create("stranger")
    database.close()
    return {"authorization": f"Bearer {secret}"}


async def test_responses_and_conversations_of_one_project_do_not_exist_for_another(client: httpx2.AsyncClient, stranger: dict[str, str]):
    conversation = (await client.post("/v1/conversations", json={"items": [{"role": "user", "content": "hello"}]})).json()["id"]
    response = await ask(client, conversation=conversation)
    queued = await ask(client, background=True)
    call = response["output"][0]["id"]
    ids = {f"/v1/responses/{response['id']}", f"/v1/responses/{queued['id']}", f"/v1/conversations/{conversation}"}
    tries = [("GET", path, {}) for path in ids] + [("DELETE", path, {}) for path in ids]
    tries += [("GET", f"/v1/responses/{response['id']}{rest}", {}) for rest in ("?stream=true", "/input_items")]
    tries += [("POST", f"/v1/responses/{queued['id']}/cancel", {}), ("POST", f"/v1/conversations/{conversation}", {"metadata": {}})]
    tries += [("GET", f"/v1/conversations/{conversation}/items{rest}", {}) for rest in ("", f"/{call}")]
    tries += [("DELETE", f"/v1/conversations/{conversation}/items/{call}", {})]
    tries += [("POST", f"/v1/conversations/{conversation}/items", {"items": [{"role": "user", "content": "x"}]})]
    tries += [("POST", "/v1/responses", {"input": "x", "conversation": conversation})]
    tries += [("POST", "/v1/responses", {"input": [{"type": "item_reference", "id": call}]})]
    tries += [("POST", "/v1/conversations", {"items": [{"type": "image_generation_call", "id": call}]})]

    answers = [await client.request(method, path, headers=stranger, json=body or None) for method, path, body in tries]
    follows = await client.post("/v1/responses", headers=stranger, json={"input": "x", "previous_response_id": response["id"]})

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["error"]["code"] for answer in answers} == {"response_not_found", "conversation_not_found", "item_not_found"}
    assert (follows.status_code, follows.json()["error"]["code"]) == (400, "previous_response_not_found")
    assert (await client.get(f"/v1/responses/{response['id']}")).json() == response
    assert len((await client.get(f"/v1/conversations/{conversation}/items")).json()["data"]) == 4


async def test_a_deleted_response_leaves_no_row_and_no_blob(client: httpx2.AsyncClient, opened: Opened):
    content = [{"type": "input_text", "text": "paint it"}, {"type": "input_image", "image_url": RED}]
    response = await ask(client, [{"role": "user", "content": content}], tool_output_format="jpeg")
    before = blobs(opened)

    await client.delete(f"/v1/responses/{response['id']}")

    assert [name.partition("/")[0] for name in before] == ["attachments", "attachments", "pictures"]
    assert blobs(opened) == []
    for table in ("responses", "items", "attachments", "pictures"):
        assert query(opened, f"SELECT * FROM {table}") == []


async def test_rows_hold_no_picture(client: httpx2.AsyncClient, opened: Opened):
    content = [{"type": "input_text", "text": "paint it"}, {"type": "input_image", "image_url": RED}]
    response = await ask(client, [{"role": "user", "content": content}], tool_input_image_mask={"image_url": WHITE}, tool_mask_mode="luma")
    again = await ask(client, [*response["output"], {"role": "user", "content": "once more"}], store=True)

    rows = query(opened, "SELECT content FROM items UNION ALL SELECT asked FROM responses UNION ALL SELECT ended FROM responses")

    assert again["output"][0]["action"] == "edit"
    assert len(rows) > 6
    assert "iVBORw0KGgo" not in "".join(rows)
    assert max(map(len, rows)) < 4000


async def test_a_running_server_removes_what_has_expired(client: httpx2.AsyncClient, opened: Opened):
    content = [{"type": "input_image", "image_url": RED}, {"type": "input_text", "text": "paint it"}]
    await client.post("/v1/conversations", json={"items": [{"role": "user", "content": content}]})
    await ask(client, [{"role": "user", "content": content}], tool_output_format="webp")
    tables = ("responses", "conversations", "attachments", "pictures")
    lifetimes = [query(opened, f"SELECT (expires_at - created_at) / 86400 FROM {table}") for table in ("responses", "conversations")]
    query(opened, *(f"UPDATE {table} SET expires_at = 1" for table in tables))

    sweeping = asyncio.create_task(sweep_regularly(opened.services))
    async with asyncio.timeout(20):
        while blobs(opened):  # noqa: ASYNC110 - a sweep sets no event
            await asyncio.sleep(0.02)
    sweeping.cancel()

    assert lifetimes == [[30], [30]]
    assert query(opened, "SELECT owner_id FROM items UNION ALL SELECT response_id FROM responses") == []


async def test_what_is_refused_leaves_nothing_behind(client: httpx2.AsyncClient, opened: Opened):
    content = [{"type": "input_text", "text": "paint it"}, {"type": "input_image", "image_url": RED}]

    for fields in ({"tool_size": "77x77"}, {"background": True, "tool_size": "77x77"}, {"tool_region": "box:0,0,0,0"}):
        await ask(client, [{"role": "user", "content": content}], status=400, **fields)
    await client.post("/v1/conversations", json={"items": [{"role": "user", "content": content}, {"type": "item_reference", "id": "x"}]})

    assert blobs(opened) == []
    assert query(opened, "SELECT response_id FROM responses UNION ALL SELECT conversation_id FROM conversations") == []


async def test_own_fields_of_the_tool_are_kept_to(client: httpx2.AsyncClient):
    first = await ask(client)
    boxed = await ask(client, "paint it", previous_response_id=first["id"], tool_region="box:0,0,64,64", tool_size="auto")
    larger = await ask(client, "paint it", previous_response_id=first["id"], tool_canvas="right=128", tool_size="auto")
    refused = await ask(client, tool_region="box:0,0,64,64", status=400)

    assert boxed["output"][0]["result"] != first["output"][0]["result"]
    assert larger["output"][0]["size"] == "384x256"
    assert refused["error"]["param"] == "tools[0].region"


async def test_a_strict_server_takes_no_count_as_upstream_does(open_server: Callable[..., Opened]):
    opened = open_server(is_strict=True)
    transport = httpx2.ASGITransport(create_app(opened.services))
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://limner.test", headers={"authorization": f"Bearer {opened.first_secret}"}
    ) as client:
        refused = await ask(client, tool_n=1, status=400)

    assert (refused["error"]["code"], refused["error"]["param"]) == ("unknown_parameter", "tools[0].n")


async def test_the_newest_pictures_are_drawn_from_whoever_brought_them(client: httpx2.AsyncClient):
    first = await ask(client)
    image = {"type": "input_image", "image_url": RED}
    ids = [{"type": "image_generation_call", "id": first["output"][0]["id"]}]
    words = {"role": "user", "content": "paint it"}

    drawn = await ask(client, [{"role": "user", "content": [image]}, *ids, words])
    sent = await ask(client, [*ids, {"role": "user", "content": [image]}, words])
    at_once = await ask(client, [*ids, {"role": "user", "content": [{"type": "input_text", "text": "paint it"}, image]}])

    assert drawn["output"][0]["limner"]["parent"] == first["output"][0]["limner"]["picture_id"]
    assert sent["output"][0]["limner"]["parent"] is None
    assert sent["output"][0]["result"] == at_once["output"][0]["result"]


async def test_a_page_that_shows_too_much_is_cut_and_goes_on_behind(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    conversation = (await client.post("/v1/conversations", json={})).json()["id"]
    await ask(client, conversation=conversation, tool_n=3)
    monkeypatch.setattr("limner.jobs.responses.conversations.MAX_PAGE_BYTES", 1)
    seen: list[dict[str, Any]] = []

    while True:
        after = {"after": seen[-1]["id"]} if seen else {}
        page = (await client.get(f"/v1/conversations/{conversation}/items", params={"order": "asc", **after})).json()
        seen += page["data"]
        if not page["has_more"]:
            break

    assert [item["type"] for item in seen] == ["message", *3 * ["image_generation_call"], "message"]
    assert len({item["id"] for item in seen}) == 5
    assert all(base64.b64decode(item["result"]) for item in seen if item["type"] == "image_generation_call")


async def test_a_copy_of_an_item_gets_an_id_of_its_own(client: httpx2.AsyncClient):
    said = [{"role": "user", "content": word, "id": "msg_1"} for word in ("one", "two")]
    made = (await client.post("/v1/conversations", json={"items": said})).json()["id"]
    added = (await client.post(f"/v1/conversations/{made}/items", json={"items": said[:1]})).json()["data"]
    response = await ask(client, [*said, {"role": "user", "content": "a red ball"}], conversation=made)
    ids: list[str] = []

    for _ in range(20):
        after = {"after": ids[-1]} if ids else {}
        page = (await client.get(f"/v1/conversations/{made}/items", params={"order": "asc", "limit": 1, **after})).json()
        ids += [item["id"] for item in page["data"]]
        if not page["has_more"]:
            break
    inputs = (await client.get(f"/v1/responses/{response['id']}/input_items")).json()["data"]
    await client.delete(f"/v1/conversations/{made}/items/msg_1")
    left = (await client.get(f"/v1/conversations/{made}/items?order=asc")).json()["data"]

    assert (ids[0], added[0]["id"]) == ("msg_1", ids[2])
    assert len(ids) == len(set(ids)) == 8
    assert len({item["id"] for item in inputs}) == 3
    assert [item["id"] for item in left] == ids[1:]


async def test_two_pictures_under_one_id_are_two_pictures(client: httpx2.AsyncClient):
    calls = [{"type": "image_generation_call", "id": "ig_1", "result": url.partition(",")[2]} for url in (RED, WHITE)]

    response = await ask(client, [*calls, {"role": "user", "content": "paint it"}], tool_choice="none")
    inputs = (await client.get(f"/v1/responses/{response['id']}/input_items?order=asc")).json()["data"]

    assert [item["result"] for item in inputs[:2]] == [call["result"] for call in calls]


async def test_what_a_client_adds_to_an_answer_and_leaves_null_is_absent(client: httpx2.AsyncClient):
    first = await ask(client)
    output = [item | {"svg_usage": None, "phase": None} for item in first["output"][:1]]

    again = await ask(client, [*output, {"role": "user", "content": "paint it"}], tool_svg=None, tool_frame_count=None, prompt=None)
    refused = await ask(client, [output[0] | {"svg_usage": {}}, {"role": "user", "content": "paint it"}], status=400)

    assert again["output"][0]["action"] == "edit"
    assert (refused["error"]["code"], refused["error"]["param"]) == ("unknown_parameter", "input[0].svg_usage")


async def test_a_mask_may_be_bare_base64_and_stands_in_no_row(client: httpx2.AsyncClient, opened: Opened):
    said = [{"role": "user", "content": [{"type": "input_text", "text": "paint it"}, {"type": "input_image", "image_url": RED}]}]
    bare = WHITE.partition(",")[2]

    drawn = [await ask(client, said, tool_input_image_mask={"image_url": url}, tool_mask_mode="luma") for url in (bare, WHITE)]

    assert drawn[0]["output"][0]["result"] == drawn[1]["output"][0]["result"]
    assert [response["tools"][0]["input_image_mask"] for response in drawn] == [{}, {}]
    assert bare not in "".join(query(opened, "SELECT asked FROM responses"))


async def test_a_fault_inside_a_part_is_named_as_the_caller_wrote_it(client: httpx2.AsyncClient):
    wrong = [{"type": "input_image", "image_url": {"url": RED}}, {"type": "input_file", "file_id": "file-1"}]

    refused = [await ask(client, [{"role": "user", "content": [part]}], status=400) for part in wrong]

    assert [answer["error"]["param"] for answer in refused] == ["input[0].content[0].image_url", "input[0].content[0]"]
    assert "'input_text', 'input_image'" in refused[1]["error"]["message"]


async def test_a_place_to_go_on_from_is_refused_without_a_stream(client: httpx2.AsyncClient):
    response = await ask(client, tool_choice="none")

    answer = await client.get(f"/v1/responses/{response['id']}?starting_after=3")

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "starting_after")


async def test_a_call_that_failed_can_be_sent_back_and_shows_no_picture(client: httpx2.AsyncClient):
    failed = {"type": "image_generation_call", "id": "ig_1", "status": "failed", "result": "", "error": {"code": "x"}}

    response = await ask(client, [failed, {"role": "user", "content": "a red ball"}])

    assert response["output"][0]["action"] == "generate"


async def test_every_extra_that_is_taken_comes_back_as_it_was_said(client: httpx2.AsyncClient):
    extras: dict[str, Any] = {
        "instructions": "be kind", "metadata": {"a": "b"}, "max_output_tokens": 100, "max_tool_calls": 2, "parallel_tool_calls": False,
        "temperature": 0.5, "top_p": 0.5, "top_logprobs": 1, "truncation": "auto", "service_tier": "flex", "prompt_cache_key": "k",
        "user": "u", "safety_identifier": "s", "text": {"format": {"type": "text"}, "verbosity": "low"},
        "reasoning": {"effort": "low", "summary": "auto"},
    }  # fmt: skip

    response = await ask(client, tool_choice="none", include=["reasoning.encrypted_content"], **extras)
    nulls = await ask(client, tool_choice="none", **dict.fromkeys(extras))

    assert {name: response[name] for name in extras} == extras
    assert (nulls["temperature"], nulls["metadata"], nulls["instructions"]) == (1.0, {}, None)
    assert json.dumps(nulls)


async def wait_for(client: httpx2.AsyncClient, response_id: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while (response := (await client.get(f"/v1/responses/{response_id}")).json())["status"] in ("queued", "in_progress"):  # noqa: ASYNC110 - over the wire there is nothing to wait for
            await asyncio.sleep(0.05)
    return dict(response)


async def test_what_runs_in_the_background_waits_while_the_server_is_full(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("limner.jobs.studio.MAX_OPEN_OF_PROJECT", 0)

    queued = await ask(client, background=True)
    refused = await ask(client, status=429)
    monkeypatch.undo()

    assert refused["error"]["code"] == "rate_limit_exceeded"
    assert (await wait_for(client, queued["id"]))["status"] == "completed"


async def test_the_end_of_what_ran_in_the_background_is_announced(client: httpx2.AsyncClient, opened: Opened):
    announced: list[tuple[str, str, str]] = []

    async def announce(*event: str) -> None:
        announced.append(event)

    services = opened.services
    background = BackgroundResponses(services.responses, services.work, announce)
    completed = await ask(client, background=True)
    await wait_for(client, completed["id"])
    project_id = query(opened, "SELECT project_id FROM responses")[0]
    long = await ask(client, background=True, tool_size="1024x1024", tool_quality="high")
    await background.cancel(project_id, long["id"])
    await background.handle(completed["id"])  # as after a kill

    assert announced[0] == (project_id, "response.completed", completed["id"]) == announced[-1]
    assert (project_id, "response.cancelled", long["id"]) in announced


@pytest.fixture
def site(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """A site with a picture, which the server takes for one outside."""
    authority, server_tls, client_tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("pictures.example").configure_cert(server_tls)
    authority.configure_trust(client_tls)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = base64.b64decode(RED.partition(",")[2])
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Answer)
    server.socket = server_tls.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    fetcher = Fetcher(resolve=lambda _: ["127.0.0.1"], is_allowed_address=lambda _: True, tls=client_tls, port=server.server_port)
    monkeypatch.setattr(opened.services.loader, "_fetcher", fetcher)
    yield server
    server.shutdown()
    server.server_close()


async def test_later_turns_work_when_the_address_of_a_picture_is_dead(client: httpx2.AsyncClient, site: HTTPServer):
    url = f"https://pictures.example:{site.server_port}/a.png"
    content = [{"type": "input_image", "image_url": url}, {"type": "input_text", "text": "look"}]
    first = await ask(client, [{"role": "user", "content": content}], tool_choice="none")
    site.shutdown()

    later = await ask(client, "paint it", previous_response_id=first["id"])
    in_full = await ask(
        client, [{"role": "user", "content": [{"type": "input_image", "image_url": RED}]}, {"role": "user", "content": "paint it"}]
    )
    shown = (await client.get(f"/v1/responses/{first['id']}/input_items")).json()["data"][0]["content"][0]

    assert later["output"][0]["action"] == "edit"
    assert later["output"][0]["result"] == in_full["output"][0]["result"]
    assert (shown["image_url"], shown["file_id"]) == (url, None)

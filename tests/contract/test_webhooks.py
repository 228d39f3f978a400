"""Webhooks as `openai` for Python manages and verifies them, from a server on a socket to a receiver on another."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import openai
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from limner.errors import InvalidField, WebhookNotDelivered
from limner.jobs.durable.queue import WorkQueue
from limner.jobs.durable.sending import Reach, Sender
from limner.jobs.durable.webhooks import RETRY_AFTER_S, Webhooks
from limner.server.app import create_app
from limner.server.assembly import Opened
from limner.store.work.deliveries import DeliveryStore
from limner.store.work.endpoints import EndpointStore
from limner.store.work.jobs import WorkStore

pytestmark = pytest.mark.anyio
ENDPOINTS = "/v1/webhook_endpoints"
QUICK_S = (0.05, 0.05, 0.05)
WAIT_S = 20.0


@dataclass
class Receiver:
    """A running HTTP server that notes what is posted to it and answers with the next of `answers`, of which the last goes on."""

    url: str
    answers: list[int] = field(default_factory=lambda: [204])
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def wait_for(self, num_posts: int) -> list[tuple[dict[str, str], bytes]]:
        async with asyncio.timeout(WAIT_S):
            while len(self.posts) < num_posts:  # noqa: ASYNC110 - the receiver is in a thread of its own
                await asyncio.sleep(0.01)
        return self.posts


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = received.answers.pop(0) if len(received.answers) > 1 else received.answers[0]
            self.send_response(status)
            self.send_header("location", "http://127.0.0.1:1/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received = Receiver(url=f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield received
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
async def opened(open_server: Callable[..., Opened]) -> Opened:
    return open_server(webhooks="any")


@pytest.fixture
async def sdk(opened: Opened) -> AsyncIterator[openai.AsyncOpenAI]:
    """The vendor's client of a server whose queued work is done meanwhile."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(opened.services.work.running())
        transport = httpx2.ASGITransport(create_app(opened.services))
        http = await stack.enter_async_context(httpx2.AsyncClient(transport=transport))
        yield openai.AsyncOpenAI(base_url="http://limner.test/v1", api_key=str(opened.first_secret), http_client=http, max_retries=0)


@pytest.fixture
async def impatient(opened: Opened) -> AsyncIterator[Webhooks]:
    """Webhooks over the server's own rows, with pauses of a moment and a queue of their own."""
    services = opened.services
    database = services.webhooks.endpoints._database
    work = WorkQueue(WorkStore(database))
    endpoints, deliveries = EndpointStore(database), DeliveryStore(database)
    hooks = Webhooks(endpoints=endpoints, deliveries=deliveries, work=work, sender=Sender(reach="any"), retry_after_s=QUICK_S)
    async with work.running():
        yield hooks


async def make_endpoint(hooks: Webhooks, opened: Opened, url: str, *event_types: str) -> Any:
    project_id = opened.services.keys.list()[0].project_id
    add = partial(hooks.endpoints.add, name="mine", url=url, event_types=event_types or ("response.completed",))
    return await asyncio.to_thread(add, project_id)


async def wait_until_ended(hooks: Webhooks, endpoint: Any) -> list[Any]:
    async with asyncio.timeout(WAIT_S):
        while True:
            found = list(hooks.deliveries.newest(endpoint.project_id, endpoint.endpoint_id))
            if found and all(delivery.status != "waiting" for delivery in found):
                return found
            await asyncio.sleep(0.01)


async def test_the_vendors_client_makes_an_endpoint_and_unwraps_what_it_is_told(
    sdk: openai.AsyncOpenAI, opened: Opened, receiver: Receiver
):
    made = await sdk.webhooks.create(name="mine", url=receiver.url, event_types=["response.completed", "batch.completed"])

    await opened.services.webhooks.announce(opened.services.keys.list()[0].project_id, "response.completed", "resp_1")

    ((headers, body),) = await receiver.wait_for(1)
    event = sdk.webhooks.unwrap(body, headers, secret=made.signing_secret)
    assert made.signing_secret.startswith("whsec_")
    assert (event.type, event.data.id, event.object) == ("response.completed", "resp_1", "event")
    assert event.id.startswith("evt_")
    assert abs(event.created_at - time.time()) < 60
    assert Webhook(made.signing_secret).verify(body, headers) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        Webhook(made.signing_secret).verify(body.replace(b"resp_1", b"resp_2"), headers)


async def test_a_response_that_ends_in_the_background_is_told_of(sdk: openai.AsyncOpenAI, receiver: Receiver):
    made = await sdk.webhooks.create(name="mine", url=receiver.url, event_types=["response.completed", "response.cancelled"])
    tool: Any = {"type": "image_generation", "size": "256x256", "quality": "low"}

    await sdk.responses.create(input="a red ball", tools=[tool])
    response = await sdk.responses.create(input="a red ball", tools=[tool], background=True)

    ((headers, body),) = await receiver.wait_for(1)
    event: Any = sdk.webhooks.unwrap(body, headers, secret=made.signing_secret)
    assert (event.type, event.data.id) == ("response.completed", response.id)
    assert (await sdk.responses.retrieve(event.data.id)).status == "completed"


async def test_the_vendors_client_manages_endpoints(sdk: openai.AsyncOpenAI, receiver: Receiver):
    made = [await sdk.webhooks.create(name=f"{n}", url=receiver.url, event_types=["batch.failed"]) for n in range(3)]

    listed = [endpoint async for endpoint in sdk.webhooks.list(limit=2)]
    changed = await sdk.webhooks.update(made[0].id, name="other", event_types=["batch.failed", "batch.expired"])
    seen = await sdk.webhooks.retrieve(made[0].id)
    rotated = await sdk.webhooks.rotate_secret(made[0].id)
    tested = await sdk.webhooks.test(made[0].id, event_type="batch.expired")
    deleted = await sdk.webhooks.delete(made[0].id)

    assert [endpoint.id for endpoint in listed] == [endpoint.id for endpoint in reversed(made)]
    assert not any("whsec_" in endpoint.to_json() for endpoint in listed)
    assert seen == changed
    assert (seen.name, seen.event_types) == ("other", ["batch.failed", "batch.expired"])
    assert rotated.signing_secret != made[0].signing_secret
    ((headers, body),) = receiver.posts
    assert sdk.webhooks.unwrap(body, headers, secret=rotated.signing_secret).type == "batch.expired"
    assert (tested.status_code, tested.success) == (204, True)
    assert (deleted.deleted, deleted.object) == (True, "webhook_endpoint.deleted")
    with pytest.raises(openai.NotFoundError, match="No webhook endpoint"):
        await sdk.webhooks.retrieve(made[0].id)
    assert set((await sdk.webhooks.event_types.list()).data) >= {"response.completed", "batch.cancelled"}


async def test_a_rotated_secret_signs_beside_the_old_one_if_it_is_asked_to(sdk: openai.AsyncOpenAI, receiver: Receiver):
    made = await sdk.webhooks.create(name="mine", url=receiver.url, event_types=["batch.failed"])
    rotated = await sdk.webhooks.rotate_secret(made.id, keep_old_secret_active_for_24_hours=True)

    await sdk.webhooks.test(made.id, event_type="batch.failed")

    ((headers, body),) = receiver.posts
    for secret in (made.signing_secret, rotated.signing_secret):
        assert sdk.webhooks.unwrap(body, headers, secret=secret).type == "batch.failed"


async def test_a_receiver_that_fails_is_asked_again_with_the_same_message_until_it_takes_it(
    opened: Opened, impatient: Webhooks, receiver: Receiver
):
    receiver.answers = [500, 302, 204]
    endpoint = await make_endpoint(impatient, opened, receiver.url)

    await impatient.announce(endpoint.project_id, "response.completed", "resp_1")

    (delivery,) = await wait_until_ended(impatient, endpoint)
    assert (delivery.status, delivery.attempts, delivery.last_answer) == ("delivered", 3, "204")
    assert len({headers["webhook-id"] for headers, _ in receiver.posts}) == 1
    assert len({body for _, body in receiver.posts}) == 1


async def test_after_the_last_pause_a_delivery_is_given_up(opened: Opened, impatient: Webhooks, receiver: Receiver):
    receiver.answers = [503]
    endpoint = await make_endpoint(impatient, opened, receiver.url)

    await impatient.announce(endpoint.project_id, "response.completed", "resp_1")

    (delivery,) = await wait_until_ended(impatient, endpoint)
    assert (delivery.status, delivery.attempts, delivery.last_answer) == ("failed", 1 + len(QUICK_S), "503")
    assert sum(RETRY_AFTER_S) > 12 * 3600


async def test_a_receiver_that_is_gone_is_told_nothing_more(opened: Opened, impatient: Webhooks, receiver: Receiver):
    receiver.answers = [410]
    endpoint = await make_endpoint(impatient, opened, receiver.url)
    await impatient.announce(endpoint.project_id, "response.completed", "resp_1")
    await wait_until_ended(impatient, endpoint)

    await impatient.announce(endpoint.project_id, "response.completed", "resp_2")

    await asyncio.sleep(0.2)
    assert len(receiver.posts) == 1
    assert impatient.endpoints.get(endpoint.project_id, endpoint.endpoint_id).gone_at is not None


async def test_an_event_is_told_once_to_those_of_its_project_who_want_it(opened: Opened, impatient: Webhooks, receiver: Receiver):
    wanting = await make_endpoint(impatient, opened, receiver.url)
    await make_endpoint(impatient, opened, receiver.url, "batch.completed")
    stranger = opened.services.keys.create("other")[0].project_id
    impatient.endpoints.add(stranger, name="theirs", url=receiver.url, event_types=["response.completed"])

    for _ in range(3):
        await impatient.announce(wanting.project_id, "response.completed", "resp_1")

    await wait_until_ended(impatient, wanting)
    await asyncio.sleep(0.2)
    assert len(receiver.posts) == 1


async def test_what_waits_is_delivered_by_the_next_process(opened: Opened, receiver: Receiver):
    services = opened.services
    endpoint = await make_endpoint(services.webhooks, opened, receiver.url)
    await services.webhooks.announce(endpoint.project_id, "response.completed", "resp_1")  # nothing works on the queue yet

    async with services.work.running():
        (delivery,) = await wait_until_ended(services.webhooks, endpoint)

    assert delivery.status == "delivered"


async def test_deliveries_are_listed(sdk: openai.AsyncOpenAI, opened: Opened, receiver: Receiver):
    made = await sdk.webhooks.create(name="mine", url=receiver.url, event_types=["response.failed"])
    endpoint = opened.services.webhooks.endpoints.get(opened.services.keys.list()[0].project_id, made.id)
    await opened.services.webhooks.announce(endpoint.project_id, "response.failed", "resp_9")
    await wait_until_ended(opened.services.webhooks, endpoint)

    answer = await sdk.get(f"http://limner.test/limner/v1/webhooks/{made.id}/deliveries", cast_to=object)

    (item,) = answer["data"]
    assert item["id"] == receiver.posts[0][0]["webhook-id"]
    assert (item["event_type"], item["object_id"], item["status"], item["attempts"]) == ("response.failed", "resp_9", "delivered", 1)


@pytest.mark.parametrize(
    ("reach", "url"),
    [
        ("public", "http://example.com/hook"),
        ("public", "https://127.0.0.1/hook"),
        ("public", "https://[::1]/hook"),
        ("public", "https://169.254.169.254/latest"),
        ("public", "https://localhost/hook"),
        ("public", "https://2130706433/hook"),
        ("public", "https://user:word@example.com/hook"),
        ("public", "ftp://example.com/hook"),
        ("public", "hook"),
        ("any", "ftp://127.0.0.1/hook"),
        ("any", "https:///hook"),
        ("off", "https://example.com/hook"),
    ],
)
async def test_addresses_that_may_not_be_told_are_refused(reach: Reach, url: str):
    sender = Sender(reach=reach)

    with pytest.raises(InvalidField) as refused:
        sender.check(url)

    assert refused.value.param == "url"


async def test_an_endpoint_inside_is_refused_when_it_is_made(open_server: Callable[..., Opened]):
    opened = open_server()
    headers = {"authorization": f"Bearer {opened.first_secret}"}
    transport = httpx2.ASGITransport(create_app(opened.services))

    async with httpx2.AsyncClient(transport=transport, base_url="http://limner.test", headers=headers) as client:
        answer = await client.post(ENDPOINTS, json={"name": "mine", "url": "https://127.0.0.1/hook", "event_types": ["batch.failed"]})

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "url"


async def test_a_name_that_leads_inside_is_not_connected_to(receiver: Receiver):
    port = httpx2.URL(receiver.url).port
    sender = Sender(reach="public", resolve=lambda _: ["127.0.0.1"])

    with pytest.raises(WebhookNotDelivered, match="no public address"):
        await sender.post(f"https://inside.example:{port}/hook", b"{}", {})

    assert receiver.posts == []


async def test_only_admins_manage_endpoints(opened: Opened):
    secret = opened.services.keys.create("member", project=opened.services.keys.list()[0].project_id)[1]
    headers = {"authorization": f"Bearer {secret}"}
    known = "we_" + "0" * 45

    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(create_app(opened.services)), base_url="http://limner.test", headers=headers
    ) as client:
        answers = [
            await client.get(ENDPOINTS),
            await client.post(ENDPOINTS, json={"name": "a", "url": "https://example.com", "event_types": ["batch.failed"]}),
            await client.get(f"{ENDPOINTS}/{known}"),
            await client.post(f"{ENDPOINTS}/{known}", json={}),
            await client.post(f"{ENDPOINTS}/{known}/rotate_secret", json={}),
            await client.post(f"{ENDPOINTS}/{known}/test", json={"event_type": "batch.failed"}),
            await client.delete(f"{ENDPOINTS}/{known}"),
            await client.get(f"/limner/v1/webhooks/{known}/deliveries"),
        ]

    assert {answer.status_code for answer in answers} == {403}

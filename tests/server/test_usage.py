"""What a project used: what its answers said, and nothing for what was refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from limner.server.assembly import Opened

pytestmark = pytest.mark.anyio
USAGE = "/limner/v1/usage"
TOKENS = ("input_tokens", "output_tokens")
SMALL = {"prompt": "a red ball", "size": "256x256", "quality": "low"}
NOTHING = dict.fromkeys(
    ("requests", "pictures", "input_tokens", "output_tokens", "refused", "batch_requests", "batch_pictures", "hosted_cost_usd"), 0
)


async def generate(client: httpx2.AsyncClient, **fields: Any) -> httpx2.Response:
    return await client.post("/v1/images/generations", json=SMALL | fields)


async def total(client: httpx2.AsyncClient, **arguments: Any) -> dict[str, Any]:
    answer = await client.get(USAGE, **arguments)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["total"]
    return found


async def test_usage_is_the_sum_of_what_the_answers_said(client: httpx2.AsyncClient):
    answers = [(await generate(client, n=n)).json() for n in (1, 3)]
    streamed = await generate(client, stream=True, partial_images=1)
    answers += [json.loads(line.removeprefix("data: ")) for line in streamed.text.splitlines() if line.startswith("data: ")][-1:]

    used = await total(client)

    said = [answer["usage"] for answer in answers]
    assert (used["requests"], used["pictures"], used["refused"]) == (3, 5, 0)
    assert {name: used[name] for name in TOKENS} == {name: sum(usage[name] for usage in said) for name in TOKENS}
    assert said[2]["output_tokens"] > said[0]["output_tokens"]  # a partial picture costs too


async def test_what_is_refused_costs_nothing_and_is_counted(client: httpx2.AsyncClient):
    refused = [await generate(client, size="9x9"), await generate(client, output_compression=3), await generate(client, prompt=" ")]
    missing = {"prompt": "x", "images": [{"file_id": "file-none"}]}
    refused.append(await client.post("/v1/images/edits", json=missing))

    assert [answer.status_code for answer in refused] == [400, 400, 400, 404]
    assert await total(client) == NOTHING | {"refused": 4}


async def test_there_is_a_row_for_each_day_and_today_is_the_last(client: httpx2.AsyncClient):
    await generate(client)

    report = (await client.get(USAGE, params={"days": "3"})).json()

    assert [day["requests"] for day in report["days"]] == [0, 0, 1]
    assert report["days"][-1]["date"] == datetime.now(UTC).date().isoformat()
    assert report["total"] == {name: value for name, value in report["days"][-1].items() if name != "date"}
    assert len((await client.get(USAGE)).json()["days"]) == 30


@pytest.mark.parametrize("days", ["0", "367", "x", "1.5"])
async def test_days_that_cannot_be_had_are_refused_by_name(client: httpx2.AsyncClient, days: str):
    answer = await client.get(USAGE, params={"days": days})

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "days")


async def test_usage_of_one_project_is_not_seen_by_another(client: httpx2.AsyncClient, opened: Opened):
    stranger = {"authorization": f"Bearer {opened.services.keys.create('stranger')[1]}"}
    await generate(client)

    assert await total(client, headers=stranger) == NOTHING
    assert (await total(client))["requests"] == 1

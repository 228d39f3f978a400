"""Responses whose engine or whose server is killed: a failure is told where it is waited for, and what nobody waits for is made again."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

TOOL = {"type": "image_generation", "size": "256x256", "quality": "low"}
LONG = {**TOOL, "size": "2048x2048", "quality": "high", "n": 10}
ASKED = {"model": "gpt-5", "input": "a red ball"}


def ask(server: Any, **fields: Any) -> Any:
    return server.ask("POST", "/v1/responses", json={**ASKED, **fields})


def wait_for(server: Any, response_id: str, *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        response: dict[str, Any] = server.ask("GET", f"/v1/responses/{response_id}").json
        if response["status"] in states:
            return response
        time.sleep(0.1)
    raise AssertionError(f"the response is still {response['status']}")


def pictures_of(folder: Path) -> tuple[set[str], set[str]]:
    """The kept pictures' rows and blobs, of all projects."""
    with sqlite3.connect(folder / "data" / "limner.db") as database:
        rows = {row[0] for row in database.execute("SELECT picture_id FROM pictures")}
    return rows, {path.name for path in (folder / "data" / "blobs" / "pictures").glob("*")}


def kill_the_engine(server: Any, asking: Callable[[], Any]) -> Any:
    """Kill the process that draws until what was asked for is answered: between two pictures it does not draw, and is not missed."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(asking)
        while not answer.done():
            time.sleep(0.3)
            with suppress(ValueError, ProcessLookupError):
                os.kill(server.engine_process, signal.SIGKILL)
        return answer.result()


def test_what_fails_while_it_is_drawn_is_a_failed_response_and_the_last_events_of_a_stream(start: Callable[..., Any]):
    server = start()
    ask(server, tools=[TOOL])

    plain = kill_the_engine(server, lambda: ask(server, tools=[LONG])).json
    events = kill_the_engine(server, lambda: ask(server, tools=[LONG], stream=True)).frames
    queued = kill_the_engine(server, lambda: wait_for(server, ask(server, tools=[LONG], background=True).json["id"], "failed"))

    (_, failed), (_, error) = events[-2:]
    assert [name for name, _ in events[-3:]] == ["response.output_item.done", "response.failed", "error"]
    assert (failed["sequence_number"], error["sequence_number"]) == (len(events) - 2, len(events) - 1)
    assert error["error"] == {**{name: error[name] for name in ("code", "message", "param")}, "type": "server_error"}
    for response in (plain, failed["response"], queued):
        last = response["output"][-1]
        assert (response["status"], response["error"]["code"], response["completed_at"]) == ("failed", "server_error", None)
        assert (last["type"], last["status"], last["result"], last["error"]["code"]) == (
            "image_generation_call",
            "failed",
            "",
            "engine_died",
        )
        assert server.ask("GET", f"/v1/responses/{response['id']}").json == response
    resumed = server.ask("GET", f"/v1/responses/{failed['response']['id']}?stream=true").frames
    assert resumed == events


def test_a_background_response_that_is_killed_with_the_server_is_made_again_and_ends_once(start: Callable[..., Any], tmp_path: Path):
    server = start(folder=tmp_path)
    source = ask(server, tools=[TOOL], store=False).json["output"][0]["result"]
    content = [{"type": "input_text", "text": "paint it"}, {"type": "input_image", "image_url": f"data:image/png;base64,{source}"}]
    edit = {"input": [{"role": "user", "content": content}], "tools": [{**TOOL, "quality": "medium", "n": 3}], "background": True}
    running, cancelled = (ask(server, **edit).json["id"] for _ in range(2))
    server.ask("POST", f"/v1/responses/{cancelled}/cancel")
    wait_for(server, running, "in_progress")
    assert server.wait_until(lambda: bool(pictures_of(tmp_path)[0]))
    server.process.kill()
    server.process.wait()

    again = start(folder=tmp_path)
    response = wait_for(again, running, "completed", "failed")
    events = again.ask("GET", f"/v1/responses/{running}?stream=true").frames
    rows, blobs = pictures_of(tmp_path)
    again.ask("DELETE", f"/v1/responses/{running}")

    calls = [item for item in response["output"] if item["type"] == "image_generation_call"]
    assert (response["status"], len(calls)) == ("completed", 3)
    assert rows == blobs == {call["limner"]["picture_id"] for call in calls}
    assert json.loads(json.dumps(events[-1][1]["response"])) == response
    assert again.ask("GET", f"/v1/responses/{cancelled}").json["status"] == "cancelled"
    assert pictures_of(tmp_path) == (set(), set())
    assert [path.name for path in (tmp_path / "data" / "blobs" / "attachments").iterdir()] == attachments_of(tmp_path, cancelled)


def test_a_server_that_stops_sends_the_readers_of_what_it_leaves_undone_away_at_once(start: Callable[..., Any], tmp_path: Path):
    server = start("--grace", "30", folder=tmp_path)
    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(ask, server, tools=[LONG], background=True, stream=True)
        assert server.wait_until(lambda: bool(pictures_of(tmp_path)[0]))
        begun = time.monotonic()
        ended = server.end(signal.SIGTERM)
        frames = reader.result().frames

    assert ended == 0
    assert time.monotonic() - begun < 15
    assert frames[2][0] == "response.in_progress"
    assert (frames[-1][0], frames[-1][1]["error"]["code"]) == ("error", "server_is_overloaded")


def attachments_of(folder: Path, response_id: str) -> list[str]:
    """What was sent with a response."""
    with sqlite3.connect(folder / "data" / "limner.db") as database:
        query = "SELECT attachment_id FROM attachments WHERE owner_id = ?"
        return [row[0] for row in database.execute(query, (response_id,))]

"""A batch through kill -9: every line is answered once, and the counts only grow."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

NUM_LINES, NUM_KILLS, DRAWN_EVERY, TIMEOUT_S = 2000, 3, 16, 300.0
ENDPOINT = "/v1/images/generations"


def write_line(number: int) -> bytes:
    """Return a line that is drawn, or, as most, one that is refused, which takes less time and counts as much."""
    prompt = f"a red ball {number}" if number % DRAWN_EVERY == 0 else " "
    body = {"prompt": prompt, "size": "256x256", "quality": "low"}
    return json.dumps({"custom_id": f"request-{number}", "method": "POST", "url": ENDPOINT, "body": body}).encode()


def begin(server: Any) -> str:
    """Begin the batch, and return its path."""
    content = b"\n".join(map(write_line, range(NUM_LINES)))
    file = server.ask("POST", "/v1/files", data={"purpose": "batch"}, files={"file": ("requests.jsonl", content)}).json
    told = {"input_file_id": file["id"], "endpoint": ENDPOINT, "completion_window": "24h"}
    return f"/v1/batches/{server.ask('POST', '/v1/batches', json=told).json['id']}"


def follow(server: Any, path: str, seen: list[dict[str, int]], until: int) -> Any:
    """Look at the batch until that many lines have an answer, or it has ended."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        batch = server.ask("GET", path).json
        if batch["status"] not in ("validating",):
            seen.append(batch["request_counts"])
        if batch["status"] in ("completed", "failed") or (seen and seen[-1]["completed"] + seen[-1]["failed"] >= until):
            return batch
        assert time.monotonic() < deadline, batch
        time.sleep(0.1)


def read(server: Any, file_id: str) -> list[Any]:
    return [json.loads(line) for line in server.ask("GET", f"/v1/files/{file_id}/content").body.splitlines()]


def test_a_batch_whose_server_is_killed_three_times_answers_every_line_once(start: Callable[..., Any], tmp_path: Path):
    server = start(folder=tmp_path)
    path = begin(server)
    seen: list[dict[str, int]] = []

    for kill in range(1, NUM_KILLS + 1):
        follow(server, path, seen, until=NUM_LINES * kill // (NUM_KILLS + 1))
        server.process.kill()
        server.process.wait()
        server = start(folder=tmp_path)
    batch = follow(server, path, seen, until=NUM_LINES + 1)

    output, errors = read(server, batch["output_file_id"]), read(server, batch["error_file_id"])
    drawn = {f"request-{number}" for number in range(0, NUM_LINES, DRAWN_EVERY)}
    assert Counter(answer["custom_id"] for answer in output + errors) == Counter(f"request-{number}" for number in range(NUM_LINES))
    assert {answer["custom_id"] for answer in output} == drawn
    assert {answer["response"]["status_code"] for answer in output} == {200}
    assert {answer["response"]["body"]["error"]["param"] for answer in errors} == {"prompt"}
    assert batch["request_counts"] == {"total": NUM_LINES, "completed": len(drawn), "failed": NUM_LINES - len(drawn)}
    assert batch["usage"]["output_tokens"] == sum(answer["response"]["body"]["usage"]["output_tokens"] for answer in output)
    for name, order in (("completed", sorted), ("failed", sorted), ("total", lambda counts: [NUM_LINES] * len(counts))):
        assert [counts[name] for counts in seen] == order([counts[name] for counts in seen])
    kept = ("data/blobs/lines/*", "data/blobs/batches/*")  # what a kill left half written has a # in its name, and is swept later
    assert server.wait_until(lambda: not [path for name in kept for path in tmp_path.glob(name) if "#" not in path.name], seconds=60)
    assert len(server.ask("GET", "/v1/files?purpose=batch_output").json["data"]) == 2

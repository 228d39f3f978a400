"""What the server adds to a picture: latency at a steady rate, and the rate at which it saturates, on an engine that draws nothing.

    python benchmarks/control_plane.py [--rate 100] [--connections 32] [--seconds 20]

The server runs in a process of its own, as `limner serve` sets it up; the load comes from this one, over connections that stay open.
Everything is real but the drawing: keys, validation, the waiting line, the encoding of a 256x256 PNG, JSON, the log. Beside it stand the
same figures for `GET /v1/models`, which encodes nothing. A request's time begins when it is due, not when a connection is free for it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing
import os
import platform
import queue
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import uvloop

from limner.engine.protocol import Capabilities, Drawn, Event, Finished, GenerateRequest, Queued, Started
from limner.server.assembly import open_services
from limner.server.running import listen, make_server
from limner.server.settings import ServerSettings
from limner.store.settings import StoreSettings

BODY = {"prompt": "a red kite over a harbour", "size": "256x256", "quality": "low", "model": "gpt-image-1.5"}
PATHS = {"/v1/models": b"", "/v1/images/generations": json.dumps(BODY).encode()}
WARM_S, SATURATION_S = 2.0, 8.0


class NullEngine:
    """Answers at once with a plain picture of the size that was asked for, from one thread, as the real engine does."""

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[tuple[GenerateRequest, Callable[[Event], None]]] = queue.SimpleQueue()
        threading.Thread(target=self._tell, daemon=True).start()

    def submit(self, request: GenerateRequest, on_event: Callable[[Event], None]) -> None:
        """Accept the request."""
        self._requests.put((request, on_event))

    def _tell(self) -> None:
        while True:
            request, on_event = self._requests.get()
            pixels = np.full((request.size.height, request.size.width, 4), 255, np.uint8)
            drawn = tuple(Drawn(pixels=pixels, seed=request.seed_of(index), index=index) for index in range(request.num_images))
            on_event(Queued(request.request_id))
            on_event(Started(request.request_id, request.prompt))
            on_event(Finished(request.request_id, drawn, "null"))

    def cancel(self, request_id: str) -> None:
        """Nothing runs."""

    def seconds_until_end(self, owner: str | None = None) -> float | None:
        """Nothing takes any time."""
        return 0.0

    def capabilities(self) -> Capabilities:
        """Nothing is drawn."""
        return Capabilities(
            snapshots=(),
            qualities=("low",),
            backgrounds=("opaque",),
            num_partials=0,
            fidelities=("low",),
            num_input_images=0,
            machine_kind="null",
        )

    def close(self) -> None:
        """Nothing is held."""


def run_server(folder: Path, pipe: Connection, moderation: str) -> None:
    """Serve until a signal comes; send the port and a key first."""
    logging.basicConfig(filename=folder / "log", level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    store = StoreSettings(data_dir=folder, database=folder / "limner.db", blobs=folder / "blobs")
    settings = ServerSettings(store=store, moderation=moderation, grace_s=1)
    with listen("127.0.0.1", 0) as listener, open_services(settings, engine=NullEngine()) as opened:
        port = listener.getsockname()[1]
        make_server(opened.services, on_started=lambda: pipe.send((port, opened.first_secret))).run(sockets=[listener])


class Client:
    """Connections that stay open, each with one request at a time."""

    def __init__(self, port: int, secret: str) -> None:
        self._port = port
        self._headers = f"host: 127.0.0.1:{port}\r\nauthorization: Bearer {secret}\r\n"
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def open(self, count: int) -> None:
        """Open the connections."""
        for _ in range(count):
            self._free.put_nowait(await asyncio.open_connection("127.0.0.1", self._port, limit=2**20))

    async def call(self, path: str) -> None:
        """Make one request on the next free connection and read its whole answer, which must be a good one."""
        body = PATHS[path]
        kind = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n" if body else ""
        head = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\n{self._headers}{kind}\r\n"
        reader, writer = await self._free.get()
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        content = await reader.readexactly(int(answer.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        self._free.put_nowait((reader, writer))
        assert answer.startswith(b"http/1.1 200 "), answer + content


async def offer(client: Client, path: str, rate: float, seconds: float) -> list[float]:
    """Make requests at a steady rate, whether earlier ones have been answered or not; return the seconds from due to answered."""
    taken: list[float] = []

    async def call(due: float) -> None:
        await client.call(path)
        taken.append(time.perf_counter() - due)

    begun, tasks = time.perf_counter(), []
    for number in range(round(rate * seconds)):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(call(due)))
    await asyncio.gather(*tasks)
    return sorted(taken)


async def saturate(client: Client, path: str, connections: int) -> float:
    """Keep every connection busy for a while and return the requests answered a second."""
    begun, count = time.perf_counter(), 0

    async def work() -> None:
        nonlocal count
        while time.perf_counter() - begun < SATURATION_S:
            await client.call(path)
            count += 1

    await asyncio.gather(*(work() for _ in range(connections)))
    return count / (time.perf_counter() - begun)


def processor_s(process_id: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(port: int, secret: str, process_id: int, arguments: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Warm up, then measure each path at the offered rate and at saturation."""
    client, results = Client(port, secret), {}
    await client.open(arguments.connections)
    for path in PATHS:
        await offer(client, path, arguments.rate, WARM_S)
        used_s = processor_s(process_id)
        taken = await offer(client, path, arguments.rate, arguments.seconds)
        used_s = processor_s(process_id) - used_s
        results[path] = {
            "p50_ms": round(statistics.median(taken) * 1000, 2),
            "p99_ms": round(taken[int(len(taken) * 0.99)] * 1000, 2),
            "max_ms": round(taken[-1] * 1000, 2),
            "server_processor_ms_a_request": round(used_s / len(taken) * 1000, 2),
            "saturation_per_s": round(await saturate(client, path, arguments.connections)),
        }
    return results


def main() -> None:
    """Start the server, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second in all")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--moderation", default="off", help="off, or local to judge each prompt and picture too")
    arguments = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        server = multiprocessing.get_context("spawn").Process(target=run_server, args=(Path(folder), theirs, arguments.moderation))
        server.start()
        try:
            port, secret = ours.recv()
            results = uvloop.run(measure(port, secret, server.pid or 0, arguments))
        finally:
            server.terminate()
            server.join()
    machine = {"machine": platform.machine(), "processors": os.cpu_count(), "load_before": round(load_before, 1)}
    print(json.dumps({**machine, **vars(arguments), **results}, indent=2))


if __name__ == "__main__":
    main()

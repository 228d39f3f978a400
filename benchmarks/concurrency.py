"""What several clients at once get from one server: pictures a second, latency, the first partial picture, and fairness between two keys.

    python -m benchmarks.concurrency [--clients 1 2 4 8 16] [--pictures 40] [--rounds 3] [--size 256x256] [--quality low]

`limner serve` runs with the weights that LIMNER_WEIGHTS_DIR names, or the released ones, and draws a few pictures first. Each client asks
again as soon as it is answered, over a connection of its own, until all have got `--pictures`; rounds go through all numbers of clients, so
that a machine that grows slower is slow for each. Then one key asks alone, one picture at a time, and again while another key keeps twelve
requests open. Processor time is that of the server and its engine, which a busy machine hardly changes. Prints Markdown tables under the
machine's name and the date. The clients run on the same machine, in this process.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.generate import describe_machine, family

LIMNER = (sys.executable, "-m", "limner")
THINGS = ("a red kite", "a yellow taxi", "a watermelon slice", "a cat face", "a birthday cake", "a rocket", "a cactus", "a house")
NUM_WARM, NUM_FLOODING = 4, 12
PARTIAL = b"event: image_generation.partial_image"
Ask = Callable[[httpx2.Client, dict[str, Any]], float]


@dataclass
class Row:
    """What one number of clients got: seconds that passed in all and that processors worked, and those of each request."""

    elapsed_s: float = 0.0
    worked_s: float = 0.0
    taken_s: list[float] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        """Pictures a second."""
        return len(self.taken_s) / self.elapsed_s


@contextlib.contextmanager
def serving() -> Iterator[tuple[int, str, str, str]]:
    """Run a server in a new data folder; give its process, its address and the keys of two projects."""
    with tempfile.TemporaryDirectory() as folder:
        log, said, data = Path(folder) / "log", Path(folder) / "said", ("--data-dir", f"{folder}/data")
        with log.open("wb") as stderr, said.open("wb") as stdout:
            process = subprocess.Popen([*LIMNER, "serve", "--port", "0", "--moderation", "off", *data], stdout=stdout, stderr=stderr)
        try:
            while not (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8"))):
                if process.poll() is not None:
                    raise SystemExit(f"the server did not start: {log.read_text('utf-8')}")
                time.sleep(0.1)
            made = subprocess.run([*LIMNER, "keys", "create", "--name", "other", *data], check=True, capture_output=True, text=True)
            yield process.pid, found.group(), said.read_text("utf-8").split()[0], made.stdout.strip()
        finally:
            process.terminate()
            process.wait()


class Load:
    """Clients of one server, which ask for pictures of one kind, each of another prompt and seed than the one before."""

    def __init__(self, process_id: int, url: str, fields: dict[str, Any]) -> None:
        self._process_id, self._url, self._fields = process_id, url, fields
        self._numbers = itertools.count()

    def client(self, key: str) -> httpx2.Client:
        """Return a client with a connection of its own."""
        return httpx2.Client(base_url=self._url, headers={"authorization": f"Bearer {key}"}, timeout=600)

    def next_fields(self) -> dict[str, Any]:
        """Return the next request's body."""
        number = next(self._numbers)
        return {"prompt": THINGS[number % len(THINGS)], "seed": number, **self._fields}

    def run(self, key: str, num_clients: int, num_pictures: int, ask: Ask, row: Row) -> None:
        """Let clients ask until they have got so many pictures together, and add what they saw to `row`."""
        tickets = itertools.count()

        def work() -> list[float]:
            with self.client(key) as client:
                return [ask(client, self.next_fields()) for _ in iter(lambda: next(tickets) < num_pictures, False)]

        begun, worked_s = time.perf_counter(), processor_s(self._process_id)
        with ThreadPoolExecutor(num_clients) as pool:
            for taken_s in [pool.submit(work) for _ in range(num_clients)]:
                row.taken_s += taken_s.result()
        row.elapsed_s += time.perf_counter() - begun
        row.worked_s += processor_s(self._process_id) - worked_s

    @contextlib.contextmanager
    def flooding(self, key: str) -> Iterator[None]:
        """Keep `NUM_FLOODING` requests of a key open meanwhile."""
        has_begun, is_over = threading.Event(), threading.Event()

        def work() -> None:
            with self.client(key) as client:
                while not is_over.is_set():
                    ask_plain(client, self.next_fields())
                    has_begun.set()

        with ThreadPoolExecutor(NUM_FLOODING) as pool:
            workers = [pool.submit(work) for _ in range(NUM_FLOODING)]
            try:
                has_begun.wait(600)
                yield
            finally:
                is_over.set()
        for worker in workers:
            worker.result()


def ask_plain(client: httpx2.Client, fields: dict[str, Any]) -> float:
    """Return the seconds until the whole answer was there."""
    begun = time.perf_counter()
    client.post("/v1/images/generations", json=fields).raise_for_status()
    return time.perf_counter() - begun


def ask_partial(client: httpx2.Client, fields: dict[str, Any]) -> float:
    """Return the seconds until the first partial picture of a stream began to arrive; the stream is read to its end."""
    begun, arrived, end = time.perf_counter(), math.nan, b""
    body = {**fields, "stream": True, "partial_images": 1}
    with client.stream("POST", "/v1/images/generations", json=body) as stream:
        stream.raise_for_status()
        for chunk in stream.iter_raw():
            end = end[-len(PARTIAL) :] + chunk
            if math.isnan(arrived) and PARTIAL in end:
                arrived = time.perf_counter() - begun
    if math.isnan(arrived):
        raise SystemExit(f"a stream had no partial picture; it ended in {end[-200:]!r}")
    return arrived


def processor_s(process_id: int) -> float:
    """Return the processor time that a process and its descendants have used."""
    stats = [Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split() for member in family(process_id)]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that at least such a share of the values does not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def spread(taken_s: list[float]) -> str:
    """Write p50 and p99 as two cells."""
    return f"{statistics.median(taken_s):.2f} s | {percentile(taken_s, 0.99):.2f} s"


def measure_clients(load: Load, key: str, options: argparse.Namespace) -> None:
    """Print how each number of clients fares."""
    plain, streamed = ({count: Row() for count in options.clients} for _ in range(2))
    for _ in range(options.rounds):
        for count in options.clients:
            load.run(key, count, options.pictures, ask_plain, plain[count])
            load.run(key, count, options.pictures, ask_partial, streamed[count])
    first = plain[options.clients[0]]
    unit = f"{options.clients[0]} client{'s' if options.clients[0] > 1 else ''}"
    print(f"| clients | pictures/s | of {unit} | processor time a picture | p50 | p99 | first partial p50 | p99 | pictures |")
    print("|---|---|---|---|---|---|---|---|---|")
    for count, row in plain.items():
        rates = f"{row.per_s:.2f} | {row.per_s / first.per_s:.2f} | {row.worked_s / len(row.taken_s):.2f} s"
        print(f"| {count} | {rates} | {spread(row.taken_s)} | {spread(streamed[count].taken_s)} | {len(row.taken_s)} |", flush=True)


def measure_fairness(load: Load, flooding_key: str, key: str, options: argparse.Namespace) -> None:
    """Print how long one picture at a time takes alone, and while another key floods the server."""
    alone, beside = Row(), Row()
    for _ in range(options.rounds):
        load.run(key, 1, options.pictures, ask_plain, alone)
        with load.flooding(flooding_key):
            load.run(key, 1, options.pictures, ask_plain, beside)
    usual_s = statistics.median(alone.taken_s)
    print("| one client of a key | p50 | p99 | p99 in pictures | pictures |\n|---|---|---|---|---|")
    for name, row in (("alone", alone), (f"while another key keeps {NUM_FLOODING} requests open", beside)):
        print(f"| {name} | {spread(row.taken_s)} | {percentile(row.taken_s, 0.99) / usual_s:.2f} | {len(row.taken_s)} |")


def main() -> None:
    """Start the server, warm it up, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--pictures", type=int, default=40, help="of each measurement, in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", default="256x256")
    parser.add_argument("--quality", default="low")
    parser.add_argument("--model", default="limner")
    options = parser.parse_args()
    print(f"{describe_machine()}; {options.model}, {options.size}, {options.quality}\n", flush=True)
    with serving() as (process_id, url, key, other_key):
        load = Load(process_id, url, {"size": options.size, "quality": options.quality, "model": options.model})
        load.run(key, 1, NUM_WARM, ask_partial, Row())
        measure_clients(load, key, options)
        print()
        measure_fairness(load, key, other_key, options)


if __name__ == "__main__":
    main()

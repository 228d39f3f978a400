"""What a server holds after hundreds of requests is what it held after the first. `benchmarks/soak.py` is the long form."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

NUM_WARM, NUM_REQUESTS = 60, 300
MAX_GROWTH_MB = 12.0  # a leak of one 256 x 256 picture a request would be 78 MB


def test_memory_stays_flat(start: Callable[..., Any]):
    server = start()
    with ThreadPoolExecutor(4) as pool:
        draw(pool, server, NUM_WARM)
        before = server.resident_mb(server.process.pid), server.resident_mb(server.engine_process)
        outcomes = draw(pool, server, NUM_REQUESTS)
        after = server.resident_mb(server.process.pid), server.resident_mb(server.engine_process)

    assert outcomes == {"drawn"}
    assert after[0] - before[0] < MAX_GROWTH_MB
    assert after[1] - before[1] < MAX_GROWTH_MB


def draw(pool: ThreadPoolExecutor, server: Any, count: int) -> set[str]:
    """Ask for pictures, plain and streamed, and for errors; return how the requests for pictures ended."""
    fields = [{"seed": number, "stream": number % 3 == 0} | ({"partial_images": 1} if number % 3 == 0 else {}) for number in range(count)]
    pool.map(lambda number: server.generate(size=f"{number}x1"), range(count // 10))
    return set(pool.map(lambda some: server.generate(**some).end(), fields))


def test_neither_process_reports_to_the_vendor_of_its_runtime(steady: Any):
    steady.generate()

    open_paths = {path for process in (steady.process.pid, steady.engine_process) for path in steady.paths_of(process)}

    assert not [path for path in open_paths if "Microsoft" in path]

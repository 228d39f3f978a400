"""Whether a server that works for long holds ever more: memory, open files and threads of `limner serve` over thousands of requests.

    python benchmarks/soak.py [--requests 2000] [--at-once 4]

Every kind of request in turn: plain, streamed, edits, uploads that are deleted again, refused ones, and clients that leave. The weights are
those that LIMNER_WEIGHTS_DIR names, or the released ones. At the end stands how much each process grew for a thousand requests, by a
straight line through the second half.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx2
import numpy as np
from PIL import Image

NUM_SAMPLES = 20
DRAWING_PROCESS = "limner.engine.process"
BODY = {"prompt": "a red kite over a harbour", "size": "256x256", "quality": "low"}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What the server and its drawing process hold."""

    num_requests: int
    server_mb: float
    engine_mb: float
    num_files: int
    num_threads: int


def start(folder: Path) -> tuple[subprocess.Popen[bytes], str, str]:
    """Start a server; return it, its address and a key."""
    log, said = folder / "log", folder / "said"
    command = [sys.executable, "-m", "limner", "serve", "--port", "0", "--moderation", "off", "--data-dir", str(folder / "data")]
    with log.open("wb") as stderr, said.open("wb") as stdout:
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr)
    while process.poll() is None:
        if found := re.search(r"http://\S+?:\d+", log.read_text("utf-8")):
            return process, found.group(), said.read_text("utf-8").split()[0]
        time.sleep(0.05)
    raise SystemExit(f"the server did not start: {log.read_text('utf-8')}")


def resident_mb(process_id: int) -> float:
    """Return the memory that a process has in use, in MB."""
    return int(Path(f"/proc/{process_id}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def look_at(process_id: int, num_requests: int) -> Sample:
    """Return what the server holds now."""
    tasks = Path(f"/proc/{process_id}/task")
    children = [int(child) for task in tasks.glob("*/children") for child in task.read_text().split()]
    engines = [child for child in children if DRAWING_PROCESS in Path(f"/proc/{child}/cmdline").read_text()]
    return Sample(
        num_requests=num_requests,
        server_mb=resident_mb(process_id),
        engine_mb=sum(map(resident_mb, engines)),
        num_files=len(list(Path(f"/proc/{process_id}/fd").iterdir())),
        num_threads=len(list(tasks.iterdir())),
    )


def picture() -> bytes:
    """Return a PNG of random colours."""
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)).save(file, "png")
    return file.getvalue()


def ask(client: httpx2.Client, number: int, image: bytes) -> str:
    """Make request `number`; return what came of it."""
    match number % 7:
        case 0:
            with client.stream("POST", "/v1/images/generations", json={**BODY, "stream": True, "partial_images": 2}) as stream:
                return "streamed" if b"completed" in stream.read() else "stream failed"
        case 1:
            files = {"image": ("a.png", image, "image/png")}
            return f"edit {client.post('/v1/images/edits', data={'prompt': 'a kite', 'quality': 'low'}, files=files).status_code}"
        case 2:
            file_id = client.post("/v1/files", data={"purpose": "vision"}, files={"file": ("a.png", image)}).json()["id"]
            return f"upload {client.delete(f'/v1/files/{file_id}').status_code}"
        case 3:
            return f"refused {client.post('/v1/images/generations', json={**BODY, 'size': f'{number}x1'}).status_code}"
        case 4:
            with client.stream("POST", "/v1/images/generations", json={**BODY, "stream": True, "partial_images": 2, "seed": number}):
                return "left a stream"
        case 5:
            return f"by url {client.post('/v1/images/generations', json={**BODY, 'response_format': 'url'}).status_code}"
    return f"plain {client.post('/v1/images/generations', json={**BODY, 'seed': number}).status_code}"


def slope_mb(samples: list[Sample], name: str) -> float:
    """Return the growth for a thousand requests over the second half, by least squares."""
    half = samples[len(samples) // 2 :]
    counts, sizes = [sample.num_requests for sample in half], [getattr(sample, name) for sample in half]
    return float(np.polyfit(counts, sizes, 1)[0] * 1000)


def main() -> None:
    """Start a server, ask and look in turn, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=4)
    arguments = parser.parse_args()
    ends: Counter[str] = Counter()
    samples: list[Sample] = []
    image, step = picture(), max(1, arguments.requests // NUM_SAMPLES)
    with tempfile.TemporaryDirectory() as folder:
        process, url, key = start(Path(folder))
        try:
            with (
                httpx2.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=300) as client,
                ThreadPoolExecutor(arguments.at_once) as pool,
            ):
                for begin in range(0, arguments.requests, step):
                    ends.update(pool.map(lambda number: ask(client, number, image), range(begin, begin + step)))
                    samples.append(look_at(process.pid, begin + step))
                    print(json.dumps(vars(samples[-1])), flush=True)
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
    growth = {name: round(slope_mb(samples, name), 2) for name in ("server_mb", "engine_mb")}
    print(
        json.dumps({"load": round(os.getloadavg()[0], 1), "exit_code": code, "ends": ends, "growth_mb_for_1000_requests": growth}, indent=2)
    )


if __name__ == "__main__":
    main()

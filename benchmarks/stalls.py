"""How long the server's event loop does not come round, while pictures are drawn and while large bodies come in and go out.

    python benchmarks/stalls.py [--moderation local]

The server runs in a process of its own with the weights that LIMNER_WEIGHTS_DIR names, or the released ones; a coroutine in its event loop
sleeps for 2 ms again and again and notes the longest time by which it woke too late. Where other work runs beside it, some of that is the
other work's: the figure in brackets leaves out what the event loop's thread waited for a processor, and the line `nothing` is for
comparison. Needs about 1 GB of memory.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from PIL import Image

from limner.engine.local import LocalEngine
from limner.engine.settings import read_settings
from limner.server.assembly import open_services
from limner.server.running import listen, make_server
from limner.server.settings import ServerSettings
from limner.store.settings import StoreSettings

BEAT_S = 0.002
NUM_ROUNDS = 3
Ask = Callable[[httpx2.Client], httpx2.Response]


async def watch(longest_s: Any) -> None:
    """Keep the longest time by which the event loop came round too late, and the same without what it waited for a processor."""
    while True:
        begun, waited = time.perf_counter(), waited_s()
        await asyncio.sleep(BEAT_S)
        late = time.perf_counter() - begun - BEAT_S
        longest_s[0] = max(longest_s[0], late)
        longest_s[1] = max(longest_s[1], late - (waited_s() - waited))


def waited_s() -> float:
    """Return how long this thread was ready and had no processor."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


def run_server(folder: Path, pipe: Connection, longest_s: Any, moderation: str) -> None:
    """Serve until a signal comes; send the port and a key first."""
    store = StoreSettings(data_dir=folder, database=folder / "limner.db", blobs=folder / "blobs")
    settings, watching = ServerSettings(store=store, moderation=moderation, grace_s=1), []
    environment = read_settings(os.environ)
    engine = LocalEngine(environment.weights_dir, environment.threads, environment.device)

    def on_started() -> None:
        watching.append(asyncio.ensure_future(watch(longest_s)))
        pipe.send((listener.getsockname()[1], opened.first_secret))

    with listen("127.0.0.1", 0) as listener, open_services(settings, engine=engine) as opened:
        make_server(opened.services, on_started=on_started).run(sockets=[listener])
    engine.close()


def picture(side: int, file_format: str = "png") -> bytes:
    """Return a picture file that cannot be compressed much."""
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(side).integers(0, 256, (side, side, 3), np.uint8)).save(file, file_format, compress_level=1)
    return file.getvalue()


def generate(**fields: Any) -> Ask:
    """Ask for pictures."""
    body = {"prompt": "a red kite over a harbour", "quality": "low", "seed": 1, **fields}
    return lambda client: client.post("/v1/images/generations", json=body)


def edit(images: list[bytes]) -> Ask:
    """Ask for an edit of uploaded pictures."""
    files = [("image[]", (f"{index}.png", content, "image/png")) for index, content in enumerate(images)]
    return lambda client: client.post("/v1/images/edits", data={"prompt": "a kite", "quality": "low"}, files=files)


def edit_of_urls(images: list[bytes]) -> Ask:
    """Ask for an edit of pictures in data URLs."""
    urls = [f"data:image/png;base64,{base64.b64encode(content).decode()}" for content in images]
    body = json.dumps({"prompt": "a kite", "quality": "low", "images": [{"image_url": url} for url in urls]}).encode()
    return lambda client: client.post("/v1/images/edits", content=body, headers={"content-type": "application/json"})


def upload(num_bytes: int) -> Ask:
    """Upload a file and read it back."""
    content = os.urandom(num_bytes)

    def ask(client: httpx2.Client) -> httpx2.Response:
        answer = client.post("/v1/files", data={"purpose": "vision"}, files={"file": ("a.bin", content)})
        assert client.get(f"/v1/files/{answer.json()['id']}/content").content == content
        return answer

    return ask


def rest(client: httpx2.Client) -> httpx2.Response:
    """Ask for next to nothing, for a while."""
    time.sleep(3)
    return client.get("/health")


def cases() -> dict[str, Ask]:
    """Return what is done to the server, by name; bodies are made before the clock runs."""
    large = picture(2240)
    return {
        "nothing": rest,
        "the first picture: the engine starts": generate(size="256x256"),
        "1024x1024, high, n=2": generate(size="1024x1024", quality="high", n=2),
        "1024x1024, streamed, 3 partials": generate(size="1024x1024", stream=True, partial_images=3),
        "2048x2048, PNG": generate(size="2048x2048"),
        "2048x2048, WebP": generate(size="2048x2048", output_format="webp"),
        "2048x2048, JPEG": generate(size="2048x2048", output_format="jpeg"),
        "upload and download of 50 MB": upload(50_000_000),
        "edit of 16 uploaded pictures, 3 MB each": edit([picture(1024)] * 16),
        f"edit of a data URL of {len(large) * 4 // 3 // 10**6} MB": edit_of_urls([large]),
        "edit of 16 data URLs of 4 MB": edit_of_urls([picture(1024)] * 16),
    }


def main() -> None:
    """Start the server, do each case a few times, print the longest stall of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moderation", default="off", help="off, or local to judge each prompt and picture too")
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    longest_s, (ours, theirs) = context.Array("d", 2, lock=False), multiprocessing.Pipe()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, moderation {arguments.moderation}")
    with tempfile.TemporaryDirectory() as folder:
        server = context.Process(target=run_server, args=(Path(folder), theirs, longest_s, arguments.moderation))
        server.start()
        try:
            port, secret = ours.recv()
            headers = {"authorization": f"Bearer {secret}"}
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=600) as client:
                for name, ask in cases().items():
                    stalls = []
                    for _ in range(1 if "first" in name else NUM_ROUNDS):
                        longest_s[:] = [0.0, 0.0]
                        ask(client).raise_for_status()
                        stalls.append(f"{longest_s[0] * 1000:6.1f} ({longest_s[1] * 1000:5.1f})")
                    print(f"{name:44} {' '.join(stalls)} ms", flush=True)
        finally:
            server.terminate()
            server.join()


if __name__ == "__main__":
    main()

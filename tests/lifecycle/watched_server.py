"""A server as `limner serve` runs it, with limits that tests choose, and with a watch on its event loop.

    python watched_server.py DATA_FOLDER STALL_FILE KEEP_ALIVE_S SILENCE_LIMIT_S

The longest time, in seconds, for which the event loop did not come round stands in the file as a double.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import struct
import sys
import time
from contextlib import closing
from pathlib import Path

from limner.engine.local import LocalEngine
from limner.engine.settings import read_settings
from limner.server.assembly import open_services
from limner.server.running import listen, make_server
from limner.server.settings import ServerSettings
from limner.store.settings import StoreSettings

BEAT_S = 0.004


async def watch(stalls: mmap.mmap) -> None:
    while True:
        begun = time.perf_counter() - waited_s()
        await asyncio.sleep(BEAT_S)
        stall = time.perf_counter() - waited_s() - begun - BEAT_S
        if stall > struct.unpack("d", stalls[:8])[0]:
            stalls[:8] = struct.pack("d", stall)


def waited_s() -> float:
    """Return how long this thread was ready and had no processor: that is the machine's doing, not the server's."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


def main(folder: Path, stall_file: Path, keep_alive_s: float, silence_limit_s: float) -> None:
    with stall_file.open("r+b") as file:
        stalls = mmap.mmap(file.fileno(), 8)
    store = StoreSettings(data_dir=folder, database=folder / "limner.db", blobs=folder / "blobs")
    settings = ServerSettings(store=store, moderation="off", keep_alive_s=keep_alive_s)
    engine = LocalEngine(read_settings(os.environ).weights_dir, threads=1, silence_limit_s=silence_limit_s)
    watching = []

    def on_started() -> None:
        watching.append(asyncio.ensure_future(watch(stalls)))
        sys.stdout.write(f"{opened.first_secret}\n")
        sys.stdout.flush()
        sys.stderr.write(f"http://127.0.0.1:{listener.getsockname()[1]}/v1\n")

    with closing(engine), listen("127.0.0.1", 0) as listener, open_services(settings, engine=engine) as opened:
        make_server(opened.services, on_started=on_started).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))

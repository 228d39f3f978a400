"""What the life of a server is tested with: servers as processes of their own that can be killed, and clients that notice a torn answer."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

START_TIMEOUT_S, STOP_TIMEOUT_S, CALL_TIMEOUT_S = 120.0, 60.0, 120.0
LIMNER = [sys.executable, "-m", "limner"]
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/v1")
SMALL = {"prompt": "a red ball", "size": "256x256", "quality": "low", "seed": 1}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one request ended: with an answer, `unanswered` for a reason, or `torn` for one, in the middle of its answer."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    unanswered: str = ""
    torn: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def frames(self) -> list[tuple[str, Any]]:
        """The events of a stream, each with its data, without comments; none may be cut off."""
        *blocks, rest = self.body.decode().split("\n\n")
        assert rest == "", f"the stream stops inside a frame: {rest[-80:]!r}"
        lines = [block.split("\n") for block in blocks if not block.startswith(":")]
        return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in lines]

    def end(self) -> str:
        """Return how it ended, `drawn` or the code of its error, and fail unless it ended whole."""
        assert not self.torn, self.torn
        if self.unanswered:
            return "unanswered"
        if self.headers["content-type"].startswith("text/event-stream"):
            name, data = self.frames[-1]
            return code_of(data) if name == "error" else {"completed": "drawn"}[name.partition(".")[2]]
        if self.status == 503:
            assert int(self.headers["retry-after"]) > 0
        return "drawn" if self.status == 200 and self.json else code_of(self.json)


def code_of(body: Any) -> str:
    error = body["error"]
    assert set(error) >= {"message", "type", "param", "code"}
    assert error["message"]
    return str(error["code"])


@dataclass(kw_only=True)
class Server:
    """A server in a process of its own; `log` is what it wrote to standard error."""

    process: subprocess.Popen[bytes]
    port: int
    key: str
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    def ask(self, method: str, path: str, **content: Any) -> Outcome:
        """Make one request on a connection of its own, and read its answer to the end."""
        status, headers = 0, httpx2.Headers()
        try:
            with (
                httpx2.Client(base_url=self.url, headers=self.headers, timeout=CALL_TIMEOUT_S) as client,
                client.stream(method, path, **content) as answer,
            ):
                status, headers = answer.status_code, answer.headers
                return Outcome(status=status, headers=headers, body=answer.read())
        except httpx2.TransportError as error:
            return Outcome(status=status, headers=headers, torn=repr(error)) if status else Outcome(unanswered=repr(error))

    def generate(self, **fields: Any) -> Outcome:
        return self.ask("POST", "/v1/images/generations", json={**SMALL, **fields})

    def edit(self, picture: bytes, **fields: Any) -> Outcome:
        texts = {name: str(value) for name, value in {**SMALL, **fields}.items()}
        return self.ask("POST", "/v1/images/edits", data=texts, files={"image": ("a.png", picture, "image/png")})

    def upload(self, content: bytes) -> Outcome:
        return self.ask("POST", "/v1/files", data={"purpose": "vision"}, files={"file": ("a.bin", content)})

    def open(self, path: str, content: bytes, *, kind: str = "application/json", length: int | None = None) -> socket.socket:
        """Post a body, or the beginning of one of `length` bytes, and return the connection, from which nothing was read."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=CALL_TIMEOUT_S)
        size = len(content) if length is None else length
        head = [f"POST {path} HTTP/1.1", "host: limner.test", f"content-type: {kind}", f"content-length: {size}"]
        connection.sendall("\r\n".join([*head, f"authorization: Bearer {self.key}", "", ""]).encode() + content)
        return connection

    def open_drawing(self, **fields: Any) -> socket.socket:
        return self.open("/v1/images/generations", json.dumps({**SMALL, **fields}).encode())

    def open_upload(self) -> socket.socket:
        """Begin to upload a file of 400 MB."""
        begin = b'--limner\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
        return self.open("/v1/files", begin, kind="multipart/form-data; boundary=limner", length=400_000_000)

    def upload_slowly(self) -> Outcome:
        """Upload without end until there is an answer."""
        with self.open_upload() as connection:
            while not select.select([connection], [], [], 0.05)[0]:
                with suppress(OSError):
                    connection.sendall(b"x" * 20_000)
            return self.read(connection)

    def read(self, connection: socket.socket) -> Outcome:
        """Read an answer to its end."""
        answer = http.client.HTTPResponse(connection)
        try:
            answer.begin()
        except (OSError, http.client.HTTPException) as error:
            return Outcome(unanswered=repr(error))
        headers = {name.lower(): value for name, value in answer.getheaders()}
        try:
            return Outcome(status=answer.status, headers=headers, body=answer.read())
        except (OSError, http.client.HTTPException) as error:
            return Outcome(status=answer.status, headers=headers, torn=repr(error))

    @property
    def engine_process(self) -> int:
        """The id of the process that draws."""
        (found,) = [pid for pid in children_of(self.process.pid) if "limner.engine.process" in command_of(pid)]
        return found

    @property
    def open_files(self) -> Counter[str]:
        """How many it has open of each kind: `socket`, `pipe`, or a path."""
        return Counter(path.partition(":")[0] for path in self.paths_of(self.process.pid))

    def paths_of(self, process_id: int) -> list[str]:
        """Return what a process has open."""
        found = []
        for link in Path(f"/proc/{process_id}/fd").iterdir():
            with suppress(FileNotFoundError):
                found.append(os.readlink(link))
        return found

    @property
    def num_threads(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def used_s(self, process_id: int) -> float:
        """Return the processor time that a process has used."""
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self, process_id: int) -> float:
        return int(Path(f"/proc/{process_id}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def wait_until(self, is_so: Callable[[], bool], seconds: float = 15.0) -> bool:
        deadline = time.monotonic() + seconds
        while not is_so() and time.monotonic() < deadline:
            time.sleep(0.05)
        return is_so()

    def end(self, *signals: signal.Signals) -> int:
        """Send signals and return the exit code."""
        for number in signals:
            self.process.send_signal(number)
            time.sleep(0.2)
        return self.process.wait(STOP_TIMEOUT_S)


def children_of(process_id: int) -> list[int]:
    tasks = Path(f"/proc/{process_id}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def command_of(process_id: int) -> str:
    return Path(f"/proc/{process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def environment(weights: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LIMNER_")}
    return {**kept, "LIMNER_WEIGHTS_DIR": str(weights), "LIMNER_THREADS": "1"}


Start = Callable[..., Server]


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory, tiny_weights: Path) -> Iterator[Start]:
    """Starts servers on the tiny network as their users do, or another program that says the same; all are gone at the end."""
    processes: list[subprocess.Popen[bytes]] = []

    def run(*options: str, folder: Path | None = None, command: list[str] | None = None) -> Server:
        folder = folder or tmp_path_factory.mktemp("server")
        log, said = folder / f"log-{len(processes)}", folder / "said"
        usual = [*LIMNER, "serve", "--port", "0", "--moderation", "off", "--data-dir", str(folder / "data"), *options]
        with log.open("wb") as stderr, said.open("ab") as stdout:
            process = subprocess.Popen(command or usual, env=environment(tiny_weights), stdout=stdout, stderr=stderr)
        processes.append(process)
        return Server(process=process, port=wait_for_port(process, log), key=said.read_text("utf-8").split()[0], log=log)

    yield run
    for process in processes:
        process.kill()
        process.wait()


def wait_for_port(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := ADDRESS.search(log.read_text("utf-8")):
            return int(found[1])
        time.sleep(0.02)
    raise AssertionError(f"the server did not start:\n{log.read_text('utf-8')[-3000:]}")


@pytest.fixture(scope="session")
def steady(start: Start) -> Server:
    """One server for all tests that leave it as it was."""
    return start()


@pytest.fixture(scope="session")
def watched(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Server]:
    """Starts servers with limits of a test's choice, whose event loop is watched."""

    def run(*, keep_alive_s: float = 15.0, silence_limit_s: float = 120.0) -> Server:
        folder = tmp_path_factory.mktemp("watched")
        (folder / "stalls").write_bytes(bytes(8))
        program, limits = Path(__file__).with_name("watched_server.py"), [str(keep_alive_s), str(silence_limit_s)]
        return start(folder=folder, command=[sys.executable, str(program), str(folder / "data"), str(folder / "stalls"), *limits])

    return run


@pytest.fixture(scope="session")
def stall_of() -> Callable[[Server], float]:
    """Tells for how many seconds a watched server's event loop did not come round at the longest since the last time it was asked."""

    def read(server: Server) -> float:
        with (server.log.parent / "stalls").open("r+b") as file:
            (longest_s,) = struct.unpack("d", file.read(8))
            file.seek(0)
            file.write(bytes(8))
        return float(longest_s)

    return read

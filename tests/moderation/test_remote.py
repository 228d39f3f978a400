"""Another service's moderation, asked over a real socket; whatever goes wrong there refuses."""

from __future__ import annotations

import base64
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from PIL import Image

from limner.errors import InvalidField, ModerationFailed
from limner.moderation.remote import RemoteModerator
from limner.moderation.verdict import CATEGORIES


def make_answer(flagged: bool = True, **scores: float) -> dict[str, Any]:
    said = dict.fromkeys(CATEGORIES, 0.01) | {name.replace("__", "/"): value for name, value in scores.items()}
    flags = {name: score > 0.5 for name, score in said.items()}
    return {"id": "modr-1", "model": "m", "results": [{"flagged": flagged, "categories": flags, "category_scores": said}]}


@dataclass
class Service:
    """A small service of moderation: what it answers, and what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait: Callable[[], object] = lambda: None
    trickles: bool = False
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[Service]:
    answers = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answers.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, content))
            answers.wait()
            try:
                self.send_response(answers.status)
                for name, value in answers.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answers.body)))
                self.end_headers()
                if answers.trickles:
                    self.trickle(answers.body)
                else:
                    self.wfile.write(answers.body)
            except OSError:
                self.close_connection = True  # the client went away

        def trickle(self, body: bytes) -> None:
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(0.02)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    answers.url = f"http://127.0.0.1:{server.server_port}/v1"
    yield answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def moderator(service: Service) -> Iterator[RemoteModerator]:
    asked = RemoteModerator(service.url, "sk-secret", timeout_s=2)
    yield asked
    asked.close()


def test_a_text_is_asked_with_the_key_and_its_verdict_is_taken_over(service: Service, moderator: RemoteModerator):
    service.body = json.dumps(make_answer(violence=0.91, self__harm=0.4) | {}).encode()

    verdict = moderator.judge_text("a fight")

    path, headers, content = service.asked[0]
    assert (path, headers["authorization"]) == ("/v1/moderations", "Bearer sk-secret")
    assert content == {"model": "omni-moderation-latest", "input": "a fight"}
    assert verdict.blocked("auto") == verdict.blocked("low") == ("violence",)
    assert verdict.scores["violence"] == 0.91
    assert verdict.evidence == {"violence": ("the moderation service gives it 0.91",)}


def test_an_image_is_sent_as_png_on_white(service: Service, moderator: RemoteModerator):
    service.body = json.dumps(make_answer(flagged=False)).encode()

    verdict = moderator.judge_image(np.zeros((40, 20, 4), np.uint8))

    (item,) = service.asked[0][2]["input"]
    header, _, content = item["image_url"]["url"].partition(",")
    picture = Image.open(io.BytesIO(base64.b64decode(content)))
    assert (item["type"], header, picture.size, picture.getpixel((0, 0))) == (
        "image_url",
        "data:image/png;base64",
        (20, 40),
        (255, 255, 255),
    )
    assert verdict.applied_input_types["sexual"] == ("image",)
    assert verdict.blocked("auto") == ()


def test_low_lets_pass_what_is_flagged_with_a_low_score_but_never_minors(service: Service, moderator: RemoteModerator):
    service.body = json.dumps(make_answer(violence=0.6, sexual__minors=0.6)).encode()

    verdict = moderator.judge_text("x")

    assert verdict.blocked("auto") == ("sexual/minors", "violence")
    assert verdict.blocked("low") == ("sexual/minors",)


def test_null_and_missing_categories_are_not_flagged(service: Service, moderator: RemoteModerator):
    answer = make_answer(violence=0.9)
    for table in ("categories", "category_scores"):
        answer["results"][0][table]["illicit"] = None
        del answer["results"][0][table]["illicit/violent"]
    service.body = json.dumps(answer).encode()

    verdict = moderator.judge_text("x")

    assert verdict.flagged == ("violence",)
    assert verdict.scores["illicit"] == verdict.scores["illicit/violent"] == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"results": []}',
        b'{"results": [{"flagged": false}]}',
        b'{"results": [{"flagged": false, "categories": {}, "category_scores": {}}]}',
        json.dumps(make_answer(flagged=False, hate=0.9)).encode(),
        json.dumps(make_answer(flagged=True)).encode(),
        json.dumps(make_answer(hate=float("nan"), violence=0.9)).encode(),
        b"[" * 100_000,
        json.dumps(make_answer(flagged=False)).encode() + b" " * 1_100_000,
    ],
    ids=lambda body: body[:30].decode(),
)
def test_an_answer_that_is_none_fails_closed(service: Service, moderator: RemoteModerator, body: bytes):
    service.body = body

    with pytest.raises(ModerationFailed, match="gave an answer"):
        moderator.judge_text("x")


@pytest.mark.parametrize("status", [204, 302, 400, 401, 429, 500, 503])
def test_a_status_other_than_200_fails_closed_and_no_redirect_is_followed(service: Service, moderator: RemoteModerator, status: int):
    service.status, service.headers = status, {"Location": f"{service.url}/elsewhere"}
    service.body = json.dumps(make_answer(flagged=False)).encode() if status != 204 else b""

    with pytest.raises(ModerationFailed, match=str(status)):
        moderator.judge_text("x")

    assert [path for path, _, _ in service.asked] == ["/v1/moderations"]


def test_a_service_that_does_not_answer_in_time_fails_closed(service: Service):
    over = threading.Event()
    service.wait = lambda: over.wait(5)
    hurried = RemoteModerator(service.url, timeout_s=0.2)

    with pytest.raises(ModerationFailed, match="in time"):
        hurried.judge_text("x")

    over.set()
    hurried.close()


def test_an_answer_that_trickles_in_fails_closed_at_the_same_deadline(service: Service):
    service.body, service.trickles = json.dumps(make_answer(flagged=False)).encode(), True
    hurried = RemoteModerator(service.url, timeout_s=0.3)
    started = time.monotonic()

    with pytest.raises(ModerationFailed, match="in time"):
        hurried.judge_text("x")

    hurried.close()
    assert time.monotonic() - started < 5


def test_a_service_that_is_not_there_fails_closed_without_naming_its_address_or_key():
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    lost = RemoteModerator(f"http://127.0.0.1:{port}", "sk-secret", timeout_s=2)

    with pytest.raises(ModerationFailed, match="cannot be reached") as failure:
        lost.judge_text("x")

    lost.close()
    assert str(port) not in failure.value.message
    assert "secret" not in failure.value.message


def test_a_closed_moderator_judges_nothing(service: Service):
    closed = RemoteModerator(service.url)
    closed.close()

    with pytest.raises(ModerationFailed):
        closed.judge_text("x")


@pytest.mark.parametrize("url", ["", "ftp://example.com", "example.com/v1", "https://", "file:///x"])
def test_a_url_that_is_no_address_is_refused(url: str):
    with pytest.raises(InvalidField, match="must be one of https or http"):
        RemoteModerator(url)


def test_the_route_itself_may_be_given(service: Service):
    service.body = json.dumps(make_answer(flagged=False)).encode()
    asked = RemoteModerator(f"{service.url}/moderations/")

    asked.judge_text("x")

    asked.close()
    assert [path for path, _, _ in service.asked] == ["/v1/moderations"]
    assert "authorization" not in service.asked[0][1]

"""Keys of a running server, made and revoked by another process."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from typing import Any

import pytest


def limner_keys(server: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "limner", "keys", *arguments, "--data-dir", str(server.log.parent / "data")]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


@pytest.mark.parametrize("is_in_use", [True, False])
def test_a_key_that_is_revoked_stops_within_a_second(steady: Any, is_in_use: bool):
    made = limner_keys(steady, "create", "--name", "ci")
    headers = {"authorization": f"Bearer {made.stdout.strip()}"}
    key_id = made.stderr.split()[0]
    assert not is_in_use or steady.ask("GET", "/v1/models", headers=headers).status == 200

    limner_keys(steady, "revoke", key_id)
    revoked = time.monotonic()
    while is_in_use and steady.ask("GET", "/v1/models", headers=headers).status == 200:
        assert time.monotonic() - revoked < 1

    assert steady.ask("GET", "/v1/models", headers=headers).end() == "invalid_api_key"
    assert steady.ask("GET", "/v1/models").status == 200


def test_the_link_that_a_server_prints_signs_in_once(start: Any):
    server = start()
    link = re.compile(rf"playground: {server.url}/#sign-in=(\S+) ")
    assert server.wait_until(lambda: link.search(server.log.read_text("utf-8")) is not None)
    (token,) = link.findall(server.log.read_text("utf-8"))

    first, second = [server.ask("POST", "/limner/v1/sign-in", json={"token": token}, headers={"authorization": ""}) for _ in range(2)]

    headers = {"authorization": f"Bearer {first.json['key']}"}
    session = server.ask("GET", "/limner/v1/session", headers=headers).json
    assert (session["key"]["name"], session["key"]["role"], session["key"]["is_current"]) == ("playground", "admin", True)
    assert session["project_id"] == server.ask("GET", "/limner/v1/session").json["project_id"]
    assert second.end() == "invalid_api_key"
    assert server.ask("DELETE", "/limner/v1/session", headers=headers).json["key_revoked"]
    assert server.ask("GET", "/limner/v1/session", headers=headers).end() == "invalid_api_key"
    assert first.json["key"] not in server.log.read_text("utf-8")

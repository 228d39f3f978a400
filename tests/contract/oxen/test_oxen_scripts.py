"""Oxen's published calls with curl, jq and awk as they stand, but for the address, the key and the example picture."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

SCRIPTS = Path(__file__).parent
WAIT_S = 60.0
SLOW = {"model": "gpt-image-1-5", "prompt": "a red ball", "size": "1536x1024", "quality": "high"}


@pytest.fixture
def run_script(hub: Any, client: httpx2.Client) -> Callable[..., str]:
    """Runs a script of `oxen/`, with pauses between its questions cut short; returns what it printed."""
    programs = hub.folder / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "sleep").write_text("#!/bin/sh\nexec /bin/sleep 0.1\n")
    (programs / "sleep").chmod(0o755)

    key = client.headers["authorization"].removeprefix("Bearer ")

    def run(name: str, input_image: str) -> str:
        variables = {"BASE_URL": hub.url, "OXEN_API_KEY": key, "INPUT_IMAGE": input_image}
        environment = os.environ | variables | {"PATH": f"{programs}:{os.environ['PATH']}"}
        command = ["bash", "-o", "errexit", str(SCRIPTS / name)]
        ran = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=WAIT_S)
        assert ran.returncode == 0, f"{name} ended with {ran.returncode}:\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    return run


@pytest.fixture
def input_image(client: httpx2.Client, pictures: Any) -> str:
    """The id of an uploaded picture."""
    answer = client.post("/v1/files", data={"purpose": "vision"}, files={"file": ("ox.png", pictures.draw(), "image/png")})
    return str(answer.json()["id"])


def picture_at(client: httpx2.Client, url: str) -> Image.Image:
    return Image.open(io.BytesIO(client.get(url, headers={"authorization": ""}).content))


@pytest.mark.parametrize("name", ["generate_words.sh", "generate_image.sh", "generate_options.sh"])
def test_published_calls_draw(run_script: Callable[..., str], client: httpx2.Client, pictures: Any, name: str):
    uri = f"data:image/png;base64,{base64.b64encode(pictures.draw(64, 64)).decode()}"  # an argument of curl's must not be long

    answer = json.loads(run_script(name, uri))

    assert answer["model"] == "gpt-image-1-5"
    assert picture_at(client, answer["images"][0]["url"]).size == (1024, 1024)


@pytest.mark.parametrize("name", ["poll_words.sh", "poll_image.sh", "poll_options.sh"])
def test_published_loops_poll_to_the_end(run_script: Callable[..., str], client: httpx2.Client, input_image: str, name: str):
    printed = run_script(name, input_image)

    polled, _, shown = printed.partition("{")
    result = json.loads("{" + shown)
    assert polled.splitlines()[-1] == "Status: succeeded"
    assert result["status"] == "succeeded"
    assert picture_at(client, result["result_url"]).size == (1024, 1024)


@pytest.mark.parametrize("name", ["listen_words.sh", "listen_image.sh", "listen_options.sh"])
def test_published_listeners_hear_of_their_generation(run_script: Callable[..., str], client: httpx2.Client, input_image: str, name: str):
    client.post("/api/ai/queue", json=SLOW)  # what is listened for must not be there before the listener

    event = json.loads(run_script(name, input_image))

    assert event.keys() == {"generation_id", "status", "media_type", "model", "url"}
    assert (event["status"], event["media_type"], event["model"]) == ("succeeded", "image", "gpt-image-1-5")
    assert picture_at(client, event["url"]).size == (1024, 1024)

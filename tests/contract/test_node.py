"""The JavaScript clients, unmodified and pinned by `node/package-lock.json`: `openai` for Node, and `generateImage` of the AI SDK."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

FOLDER = Path(__file__).parent / "node"
BOX = (64, 64, 192, 192)  # left, top, right, bottom


def program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is not on the path: install Node.js 20 or newer, with npm (Debian: apt-get install nodejs npm)"
    return found


@pytest.fixture(scope="session")
def packages(cached: Callable[[str], Path], run_client: Callable[..., str]) -> Path:
    """A folder with the scripts and the packages that the lock file pins; npm runs only when the lock file has changed."""
    digest = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = cached(f"contract-node-{digest}")
    for path in FOLDER.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    if not (folder / "node_modules" / ".package-lock.json").exists():  # npm writes it last
        command = [program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run_client(command, dict(os.environ), folder=folder)
    return folder


@pytest.fixture(scope="module")
def call(packages: Path, run_client: Callable[..., str], pictures: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Runs a script with a server, a picture and a mask, and returns the facts that it printed."""
    folder = tmp_path_factory.mktemp("node")
    (folder / "source.png").write_bytes(pictures.draw(seed=8))
    (folder / "mask.png").write_bytes(pictures.mask(BOX))

    def run(script: str, server: Any) -> Any:
        command = [program("node"), str(packages / script), str(folder / "source.png"), str(folder / "mask.png")]
        return json.loads(run_client(command, server.environment(), folder=packages))

    return run


@pytest.fixture(scope="module")
def openai(call: Callable[..., Any], tiny: Any) -> Any:
    return call("openai.mjs", tiny)


@pytest.fixture(scope="module")
def ai_sdk(call: Callable[..., Any], released: Any) -> Any:
    return call("ai-sdk.mjs", released)


def opened(encoded: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(encoded)))


def assert_changed_inside_alone(pictures: Any, encoded: str) -> None:
    changed = pictures.changed(pictures.draw(seed=8), base64.b64decode(encoded))
    left, top, right, bottom = BOX
    assert changed[top:bottom, left:right].mean() > 0.5
    changed[top:bottom, left:right] = False
    assert not changed.any()


def test_openai_for_node_draws_and_reads_every_settled_word(openai: Any):
    words = {"size": "256x256", "quality": "low", "background": "opaque", "output_format": "png", "tokens": 272}

    assert opened(openai["apple"]).size == (256, 256)
    assert openai["generated"].pop("request_id").startswith("req_")
    assert openai["generated"] == words
    assert openai["several"] == 2


def test_openai_for_node_follows_drawings_and_edits(openai: Any):
    partial = "image_generation.partial_image"

    assert openai["streamed"] == [[partial, 0], [partial, 1], ["image_generation.completed", None]]
    assert openai["edit_streamed"] == ["image_edit.completed"]


def test_openai_for_node_edits_with_one_picture_with_several_and_with_a_mask(openai: Any, pictures: Any):
    one, two = openai["input_tokens"]

    assert two == 2 * one > 0
    assert_changed_inside_alone(pictures, openai["masked"])
    assert openai["varied"] == ["image/png"] * 2


def test_openai_for_node_keeps_files_lists_models_and_judges_texts(openai: Any, pictures: Any):
    assert openai["file"] == {"bytes": len(pictures.draw(seed=8)), "filename": "source.png", "purpose": "vision"}
    assert {"gpt-image-1", "gpt-image-1.5", "dall-e-3"} <= set(openai["models"])
    assert openai["judged"] == [[False, 13], [False, 13]]


@pytest.mark.parametrize(
    ("what", "kind", "status", "code", "param"),
    [
        ("key", "AuthenticationError", 401, "invalid_api_key", None),
        ("model", "NotFoundError", 404, "model_not_found", "model"),
        ("size", "BadRequestError", 400, "invalid_value", "size"),
        ("file", "NotFoundError", 404, "file_not_found", "file_id"),
        ("stream", "BadRequestError", 400, "unsupported_parameter", "input"),
    ],
)
def test_openai_for_node_fails_by_class(openai: Any, what: str, kind: str, status: int, code: str, param: str | None):
    failure = SimpleNamespace(**openai["failures"][what])

    assert (getattr(failure, "class"), failure.status, failure.code, failure.param) == (kind, status, code, param)
    assert failure.requestID.startswith("req_")


def test_generate_image_draws_what_was_asked_for_with_the_real_model(ai_sdk: Any):
    assert [image["type"] for image in ai_sdk["drawn"]] == ["image/png"] * 2
    assert {opened(image["base64"]).size for image in ai_sdk["drawn"]} == {(256, 256)}
    assert ai_sdk["warnings"] == []
    assert ai_sdk["usage"]["outputTokens"] == 2 * 272
    assert {(image["size"], image["quality"], image["background"]) for image in ai_sdk["metadata"]} == {("256x256", "low", "opaque")}


def test_generate_image_takes_a_name_that_its_package_does_not_know(ai_sdk: Any):
    assert [opened(image["base64"]).size for image in ai_sdk["unknown"]] == [(256, 256)] * 2
    assert ai_sdk["requests"] == 2


def test_generate_image_hands_on_every_option(ai_sdk: Any):
    picture = opened(ai_sdk["all"]["base64"])

    assert (ai_sdk["all"]["type"], picture.format, picture.mode) == ("image/webp", "WEBP", "RGBA")
    assert ai_sdk["allMetadata"]["background"] == "transparent"
    assert ai_sdk["allMetadata"]["outputFormat"] == "webp"


def test_generate_image_edits_pictures_and_keeps_what_a_mask_keeps(ai_sdk: Any, pictures: Any):
    assert [opened(ai_sdk[name]["base64"]).size for name in ("edited", "two", "fromUrl")] == [(256, 256)] * 3
    assert_changed_inside_alone(pictures, ai_sdk["masked"]["base64"])


def test_generate_image_tells_what_was_wrong(ai_sdk: Any):
    size, mask = ai_sdk["failures"]["size"], ai_sdk["failures"]["mask"]

    assert (size["status"], size["error"]["param"]) == (400, "size")
    assert "77x77" in size["message"]
    assert (mask["status"], mask["error"]["code"]) == (400, "invalid_mask_image_format")

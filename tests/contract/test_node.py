"""The JavaScript clients, unmodified and pinned by `node/package-lock.json`: `openai` for Node, and the AI SDK."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

FOLDER = Path(__file__).parent / "node"
BOX = (64, 64, 192, 192)  # left, top, right, bottom


@pytest.fixture(scope="module")
def call(
    packages: Path, node: str, run_client: Callable[..., str], pictures: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Any]:
    """Runs a script with a server, a picture and a mask, and returns the facts that it printed."""
    folder = tmp_path_factory.mktemp("node")
    (folder / "source.png").write_bytes(pictures.draw(seed=8))
    (folder / "mask.png").write_bytes(pictures.mask(BOX))

    def run(script: str, server: Any) -> Any:
        command = [node, str(packages / script), str(folder / "source.png"), str(folder / "mask.png")]
        return json.loads(run_client(command, server.environment(), folder=packages))

    return run


@pytest.fixture(scope="module")
def openai(call: Callable[..., Any], tiny: Any) -> Any:
    return call("openai.mjs", tiny)


@pytest.fixture(scope="module")
def ai_sdk(call: Callable[..., Any], unjudged: Any) -> Any:
    return call("ai-sdk.mjs", unjudged)


@pytest.fixture(scope="module")
def responses(call: Callable[..., Any], tiny: Any) -> Any:
    return call("responses.mjs", tiny)


@pytest.fixture(scope="module")
def ai_sdk_responses(call: Callable[..., Any], tiny: Any) -> Any:
    return call("ai-sdk-responses.mjs", tiny)


def opened(encoded: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(encoded)))


def assert_changed_inside_alone(pictures: Any, encoded: str) -> None:
    changed = pictures.changed(pictures.draw(seed=8), base64.b64decode(encoded))
    left, top, right, bottom = BOX
    assert changed[top:bottom, left:right].any()
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


def test_openai_for_node_asks_for_responses_and_goes_on_from_them(responses: Any, pictures: Any):
    first, again = (base64.b64decode(responses[name]) for name in ("masked", "again"))

    assert responses["plain"] == {
        "status": "completed",
        "kinds": ["image_generation_call", "message"],
        "text": "",
        "metadata": {"order": "7"},
    }
    assert opened(responses["picture"]).size == (256, 256)
    assert responses["actions"] == ["generate", "edit", "edit"]
    assert_changed_inside_alone(pictures, responses["masked"])
    assert_changed_inside_alone(pictures, responses["again"])
    assert pictures.changed(first, again).any()


def test_openai_for_node_follows_a_response_in_the_order_of_upstream(responses: Any):
    call = "response.image_generation_call"

    assert responses["events"] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        f"{call}.in_progress",
        f"{call}.generating",
        f"{call}.partial_image",
        f"{call}.partial_image",
        f"{call}.completed",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert responses["numbers"] == list(range(15))
    assert len(set(responses["partials"])) == 2
    assert responses["gathered"] == ["image_generation_call", "message"]


def test_openai_for_node_waits_for_the_background_resumes_and_reads_conversations(responses: Any):
    assert (responses["begun"], responses["ended"]) == ("queued", "completed")
    assert responses["resumed"] == [3, "response.completed"]
    assert responses["said"] == ["message", "image_generation_call", "message"]
    assert responses["sent"] == ["a red apple"]


def test_openai_for_node_fails_by_class_where_a_response_is_gone_or_wrong(responses: Any):
    assert responses["failures"] == {
        "deleted": ["NotFoundError", 404, "response_not_found", "response_id"],
        "previous": ["BadRequestError", 400, "previous_response_not_found", "previous_response_id"],
        "tool": ["BadRequestError", 400, "invalid_value", "tools[0].size"],
    }


def test_the_image_tool_of_the_ai_sdk_draws_edits_and_goes_on_from_what_it_is_sent_back(ai_sdk_responses: Any, pictures: Any):
    drawn = [ai_sdk_responses[name] for name in ("drawn", "edited", "masked", "resent")]

    assert [opened(only).size for (only,) in drawn] == [(256, 256)] * 4
    assert len({only for (only,) in drawn}) == 4
    assert_changed_inside_alone(pictures, drawn[2][0])
    assert (ai_sdk_responses["finished"], ai_sdk_responses["warnings"]) == ("stop", [])


def test_the_image_tool_of_the_ai_sdk_shows_partial_pictures_before_the_last(ai_sdk_responses: Any):
    assert ai_sdk_responses["kinds"].count("tool-result") == 3
    assert [opened(encoded).size for encoded in ai_sdk_responses["streamed"]] == [(256, 256)] * 3
    assert ai_sdk_responses["kinds"][-1] == "finish"

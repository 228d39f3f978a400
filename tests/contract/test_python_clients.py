"""litellm, LangChain and Haystack, unmodified, in an environment of their own: they stand on another `openai` than ours."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

FOLDER = Path(__file__).parent / "clients"
QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LANGSMITH_TRACING": "false",
}  # they call nobody else
BOX = (64, 64, 192, 192)  # left, top, right, bottom


@pytest.fixture(scope="module")
def call(
    make_environment: Callable[..., Path], run_client: Callable[..., str], pictures: Any, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Any]:
    """Runs a script with a server, a picture and a mask, and returns the facts that it printed."""
    python = make_environment("clients", FOLDER / "requirements.txt")
    folder = tmp_path_factory.mktemp("clients")
    (folder / "source.png").write_bytes(pictures.draw(seed=8))
    (folder / "mask.png").write_bytes(pictures.mask(BOX))

    def run(script: str, server: Any) -> Any:
        command = [str(python), str(FOLDER / script), str(folder / "source.png"), str(folder / "mask.png")]
        return json.loads(run_client(command, server.environment() | QUIET, folder=folder).splitlines()[-1])

    return run


@pytest.fixture(scope="module")
def litellm(call: Callable[..., Any], unjudged: Any) -> Any:
    return call("litellm_calls.py", unjudged)


@pytest.fixture(scope="module")
def langchain(call: Callable[..., Any], unjudged: Any) -> Any:
    return call("langchain_calls.py", unjudged)


def opened(encoded: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(encoded)))


def test_litellm_draws_and_knows_what_it_cost(litellm: Any):
    found = [opened(encoded) for encoded in litellm["drawn"]]

    assert [(picture.format, picture.size) for picture in found] == [("WEBP", (256, 256))] * 2
    assert litellm["size"] == "256x256"
    text_tokens, *others = litellm["tokens"]
    assert others == [2 * 272, text_tokens + 2 * 272]
    assert litellm["cost"] > 0


def test_litellm_reads_addresses_of_dall_e_names(litellm: Any):
    assert Image.open(io.BytesIO(httpx2.get(litellm["url"]).content)).size == (256, 256)


def test_litellm_edits_one_picture_several_and_with_a_mask(litellm: Any, pictures: Any):
    one, two = litellm["image_tokens"]

    assert [opened(encoded).size for encoded in (litellm["edited"], *litellm["both"])] == [(256, 256)] * 3
    assert two == 2 * one > 0
    changed = pictures.changed(pictures.draw(seed=8), base64.b64decode(litellm["masked"]))
    left, top, right, bottom = BOX
    assert changed[top:bottom, left:right].any()
    changed[top:bottom, left:right] = False
    assert not changed.any()


def test_litellm_draws_and_edits_with_a_deployment_of_azure(litellm: Any):
    assert [opened(encoded).size for encoded in litellm["azure"]] == [(256, 256)] * 2


@pytest.mark.parametrize(
    ("what", "kind", "status", "said"),
    [
        ("model", "NotFoundError", 404, "gpt-image-9"),
        ("size", "BadRequestError", 400, "77x77"),
        ("key", "AuthenticationError", 401, "Incorrect API key provided"),
        ("azure", "NotFoundError", 404, "AzureException"),
    ],
)
def test_litellm_fails_by_class(litellm: Any, what: str, kind: str, status: int, said: str):
    failure = litellm["failures"][what]

    assert (failure["class"], failure["status"]) == (kind, status)
    assert said in failure["message"]


def test_the_dall_e_wrapper_of_langchain_gets_addresses_that_lead_to_pictures(langchain: Any):
    urls = [langchain["one"], *langchain["two"].split(), langchain["dall-e-3"]]

    sizes = [Image.open(io.BytesIO(httpx2.get(url).content)).size for url in urls]

    assert sizes == [(256, 256)] * 3 + [(1024, 1024)]
    assert len(set(urls)) == 4


def test_haystack_draws(call: Callable[..., Any], unjudged: Any):
    answer = call("haystack_calls.py", unjudged)

    assert [opened(encoded).size for encoded in answer["images"]] == [(256, 256)]


def test_the_chat_model_of_langchain_draws_with_the_image_tool_bound(call: Callable[..., Any], tiny: Any, pictures: Any):
    answer = call("langchain_responses_calls.py", tiny)

    found = {name: answer[name] for name in ("drawn", "followed", "resent", "masked", "streamed", "forced")}
    changed = pictures.changed(pictures.draw(seed=8), base64.b64decode(found["masked"][0]))
    left, top, right, bottom = BOX
    assert {name: [opened(encoded).size for encoded in drawn] for name, drawn in found.items()} == {name: [(256, 256)] for name in found}
    assert len({drawn[0] for drawn in found.values()}) == 6
    assert changed[top:bottom, left:right].any()
    changed[top:bottom, left:right] = False
    assert not changed.any()
    assert answer["calls"] == ["image_generation_call", "text"]

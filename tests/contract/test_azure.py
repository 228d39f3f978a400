"""Clients of Azure OpenAI, unmodified, with a key and with a token: they draw with what their deployment stands for at that moment."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import AuthenticationError, AzureOpenAI, BadRequestError, NotFoundError, OpenAI
from openai.lib.azure import AsyncAzureOpenAI
from PIL import Image

from limner.cli.main import run

VERSION = "2025-04-01-preview"
SMALL: dict[str, Any] = {"prompt": "a red apple", "size": "256x256", "quality": "low", "extra_body": {"seed": 61}}
NUM_IN_FLIGHT = 12


@pytest.fixture(scope="module")
def deploy(tiny: Any, tiny_weights: Path) -> Iterator[Callable[..., None]]:
    """Runs `limner deployments` beside the running server, as its operator does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIMNER_DATA_DIR", str(tiny.log.parent / "data"))
        patch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))

        def call(*words: str) -> None:
            assert run(["deployments", *words]) == 0

        call("create", "painter", "tiny-0")
        yield call


@pytest.fixture
def azure(tiny: Any, deploy: Callable[..., None]) -> Iterator[Callable[..., Any]]:
    """Makes clients of Azure OpenAI for the server; those that are not asynchronous are closed after the test."""
    made: list[AzureOpenAI] = []

    def make(kind: Any = AzureOpenAI, **options: Any) -> Any:
        usual = {"azure_endpoint": tiny.root, "api_version": VERSION, "max_retries": 0}
        if not {"api_key", "azure_ad_token", "azure_ad_token_provider"} & options.keys():
            usual["api_key"] = tiny.key
        if "base_url" in options:
            del usual["azure_endpoint"]
        client = kind(**usual | options)
        if kind is AzureOpenAI:
            made.append(client)
        return client

    yield make
    for client in made:
        client.close()


def origin(answer: Any) -> tuple[str, str | None]:
    named = answer.data[0].limner
    return named["snapshot"], named.get("deployment")


def test_azure_openai_draws_edits_and_streams_with_a_deployment(azure: Callable[..., AzureOpenAI], pictures: Any):
    by_model, by_client = azure(), azure(azure_deployment="painter")
    source, mask = pictures.draw(seed=8), pictures.mask((64, 64, 192, 192))

    drawn = [by_model.images.generate(model="painter", **SMALL), by_client.images.generate(**SMALL)]
    masked = by_client.images.edit(image=source, mask=mask, **SMALL)
    edited = by_model.images.edit(model="painter", image=[source, source], **SMALL)
    events = [event.type for event in by_model.images.generate(model="painter", stream=True, partial_images=1, **SMALL)]

    assert {origin(answer) for answer in (*drawn, masked, edited)} == {("tiny-0", "painter")}
    assert len({answer.data[0].b64_json for answer in drawn}) == 1
    assert not pictures.changed(source, pictures.content(masked.data[0]))[:64].any()
    assert events == ["image_generation.partial_image", "image_generation.completed"]


def test_models_and_aliases_are_deployments_too_and_what_needs_none_works(azure: Callable[..., AzureOpenAI]):
    client = azure(azure_deployment="gpt-image-1.5")

    drawn = client.images.generate(**SMALL)
    stored = client.files.create(file=b"mine", purpose="vision")

    assert origin(drawn) == ("tiny-1", None)
    assert client.files.content(stored.id).read() == b"mine"
    assert {"painter", "gpt-image-1.5"} <= {model.id for model in client.models.list()}
    assert client.moderations.create(input="a red apple").results[0].flagged is False


def test_the_image_tool_of_responses_draws_with_the_deployment_that_a_header_names(azure: Callable[..., AzureOpenAI]):
    ask: dict[str, Any] = {
        "model": "gpt-5",
        "input": "draw a red apple",
        "extra_headers": {"x-ms-oai-image-generation-deployment": "painter"},
    }
    tool: Any = {"type": "image_generation", "size": "256x256", "quality": "low"}

    response = azure(azure_deployment="gpt-5").responses.create(**ask, tools=[tool])

    (call,) = [item for item in response.output if item.type == "image_generation_call"]
    assert (call.limner["snapshot"], call.limner["deployment"]) == ("tiny-0", "painter")
    with pytest.raises(BadRequestError, match="draws pictures"):
        azure().responses.create(model="painter", input="draw a red apple")


def test_a_client_that_is_set_to_v1_by_mistake_draws_as_well(azure: Callable[..., AzureOpenAI], tiny: Any):
    client = azure(base_url=f"{tiny.root}/openai/v1")

    assert origin(client.images.generate(model="painter", **SMALL)) == ("tiny-0", "painter")


def test_the_plain_client_draws_under_openai_v1(tiny: Any, deploy: Callable[..., None], identity_issuer: Any):
    for key in (tiny.key, identity_issuer.token):
        with OpenAI(base_url=f"{tiny.root}/openai/v1/", api_key=key, max_retries=0) as client:
            assert origin(client.images.generate(model="painter", **SMALL)) == ("tiny-0", "painter")


def test_tokens_of_the_issuer_let_in_as_keys_do_and_each_time_anew(azure: Callable[..., Any], identity_issuer: Any):
    given = []

    def provide() -> str:
        given.append(identity_issuer.token())
        return given[-1]

    async def provide_later() -> str:
        return provide()

    async def draw() -> Any:
        async with azure(AsyncAzureOpenAI, azure_ad_token_provider=provide_later) as client:
            return await client.images.generate(model="painter", **SMALL)

    drawn = azure(azure_ad_token_provider=provide).images.generate(model="painter", **SMALL)

    assert origin(drawn) == origin(asyncio.run(draw())) == ("tiny-0", "painter")
    assert len(given) == 2


def test_failures_are_those_of_azure(azure: Callable[..., AzureOpenAI], identity_issuer: Any):
    with pytest.raises(NotFoundError) as missing:
        azure().images.generate(model="nobody", **SMALL)
    with pytest.raises(AuthenticationError) as wrong:
        azure(api_key="wrong").images.generate(model="painter", **SMALL)
    with pytest.raises(AuthenticationError, match="expired"):
        azure(azure_ad_token=identity_issuer.token(exp=1)).images.generate(model="painter", **SMALL)
    with pytest.raises(BadRequestError) as refused:
        azure().images.generate(model="painter", prompt="x", size="77x77")

    assert (missing.value.code, wrong.value.code) == ("DeploymentNotFound", "401")
    assert (refused.value.code, refused.value.param) == ("invalid_value", "size")
    assert missing.value.request_id == missing.value.response.headers["apim-request-id"]


def test_requests_over_a_switch_and_a_roll_back_of_the_operators_are_each_drawn_by_the_snapshot_that_they_name(
    tiny: Any, deploy: Callable[..., None]
):
    deploy("create", "bluegreen", "tiny-0")
    time.sleep(1.2)  # a running server sees a change within a second
    with tiny.client() as client:
        by_name = {name: client.images.generate(model=name, **SMALL).data[0].b64_json for name in ("tiny-0", "tiny-1")}

    async def draw_all() -> list[Any]:
        async with tiny.async_client() as client:
            drawing = []
            for words in (("switch", "bluegreen", "tiny-1"), ("rollback", "bluegreen")):
                drawing += [asyncio.create_task(client.images.generate(model="bluegreen", **SMALL)) for _ in range(NUM_IN_FLIGHT // 3)]
                await asyncio.sleep(0.3)
                await asyncio.to_thread(deploy, *words)
                await asyncio.sleep(0.8)  # a running server sees a change within a second
            drawing += [asyncio.create_task(client.images.generate(model="bluegreen", **SMALL)) for _ in range(NUM_IN_FLIGHT // 3)]
            return await asyncio.gather(*drawing)

    answers = asyncio.run(draw_all())

    assert {origin(answer) for answer in answers} == {("tiny-0", "bluegreen"), ("tiny-1", "bluegreen")}
    assert origin(answers[-1]) == ("tiny-0", "bluegreen")
    assert by_name["tiny-0"] != by_name["tiny-1"]
    assert all(answer.data[0].b64_json == by_name[origin(answer)[0]] for answer in answers)


@pytest.fixture(scope="module")
def call(
    tiny: Any,
    deploy: Callable[..., None],
    identity_issuer: Any,
    pictures: Any,
    run_client: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Any]:
    """Runs a vendor's client as a program with a picture and a mask, and returns the facts that it printed."""
    folder = tmp_path_factory.mktemp("azure")
    (folder / "source.png").write_bytes(pictures.draw(seed=8))
    (folder / "mask.png").write_bytes(pictures.mask((64, 64, 192, 192)))
    more = {"AZURE_OPENAI_ENDPOINT": tiny.root, "AZURE_OPENAI_API_KEY": tiny.key}

    def start(*command: str, in_folder: Path | None = None) -> Any:
        environment = tiny.environment() | more | {"LIMNER_TEST_TOKEN": identity_issuer.token()}
        words = [*command, str(folder / "source.png"), str(folder / "mask.png")]
        return json.loads(run_client(words, environment, folder=in_folder or folder).splitlines()[-1])

    return start


def size(encoded: str) -> tuple[int, int]:
    return Image.open(io.BytesIO(base64.b64decode(encoded))).size


def test_azure_openai_and_the_ai_sdk_for_node_draw_in_every_mode(call: Callable[..., Any], packages: Path, node: str, pictures: Any):
    seen = call(node, str(packages / "azure.mjs"), in_folder=packages)

    drawn = seen["drawn"]
    assert drawn.keys() == {"withKey", "withToken", "misset", "plain", "plainWithToken", "withDeployment"}
    assert {(item["snapshot"], item["deployment"]) for item in (*drawn.values(), seen["masked"])} == {("tiny-0", "painter")}
    assert len({item["b64_json"] for item in drawn.values()}) == 1
    assert not pictures.changed(pictures.draw(seed=8), base64.b64decode(seen["masked"]["b64_json"]))[:64].any()
    assert seen["events"] == ["image_generation.completed"]
    assert "painter" in seen["models"]
    assert seen["file"] == len(pictures.draw(seed=8))
    assert seen["failure"] == {"class": "NotFoundError", "code": "DeploymentNotFound"}
    assert seen["aiSdk"].keys() == {"deployments", "v1", "foreign", "token"}
    assert {size(encoded) for pair in seen["aiSdk"].values() for encoded in pair} == {(256, 256)}

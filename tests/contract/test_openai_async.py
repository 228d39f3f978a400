"""`openai` for Python without blocking: the same calls, over both of its transports."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, DefaultAioHttpClient, DefaultAsyncHttpx2Client

SMALL: dict[str, Any] = {"model": "gpt-image-1.5", "prompt": "a red apple", "size": "256x256", "quality": "low", "extra_body": {"seed": 31}}
TRANSPORTS: dict[str, Callable[[], Any]] = {"httpx2": DefaultAsyncHttpx2Client, "aiohttp": DefaultAioHttpClient}
Run = Callable[[Callable[[AsyncOpenAI], Awaitable[Any]]], Any]


@pytest.fixture(params=sorted(TRANSPORTS))
def run(request: pytest.FixtureRequest, tiny: Any) -> Run:
    """Runs a coroutine function with an asynchronous client."""

    async def call(work: Callable[[AsyncOpenAI], Awaitable[Any]]) -> Any:
        async with tiny.async_client(http_client=TRANSPORTS[request.param]()) as client:
            return await work(client)

    return lambda work: asyncio.run(call(work))


def test_pictures_asked_for_at_once_are_those_asked_for_one_by_one(run: Run, pictures: Any):
    async def work(client: AsyncOpenAI) -> list[Any]:
        alone = await client.images.generate(**SMALL)
        return [alone, *await asyncio.gather(*(client.images.generate(**SMALL) for _ in range(8)))]

    answers = run(work)

    assert len({pictures.content(answer.data[0]) for answer in answers}) == 1


def test_a_picture_is_followed_while_it_is_drawn(run: Run, pictures: Any):
    async def work(client: AsyncOpenAI) -> list[Any]:
        stream = await client.images.generate(**SMALL | {"quality": "medium"}, stream=True, partial_images=2)
        return [event async for event in stream] + [await client.images.generate(**SMALL | {"quality": "medium"})]

    *events, plain = run(work)

    assert [event.type.rpartition(".")[2] for event in events] == ["partial_image", "partial_image", "completed"]
    assert pictures.content(events[-1]) == pictures.content(plain.data[0])


def test_several_pictures_and_a_mask_are_edited(run: Run, pictures: Any):
    source, mask = pictures.draw(), pictures.mask((64, 64, 192, 192))

    async def work(client: AsyncOpenAI) -> tuple[Any, list[Any]]:
        plain = await client.images.edit(**SMALL, image=[source, pictures.draw(seed=2)], mask=mask)
        stream = await client.images.edit(**SMALL, image=[source, pictures.draw(seed=2)], mask=mask, stream=True)
        return plain, [event async for event in stream]

    plain, events = run(work)

    changed = pictures.changed(source, pictures.content(plain.data[0]))
    changed[64:192, 64:192] = False
    assert not changed.any()
    assert [event.type for event in events] == ["image_edit.completed"]
    assert pictures.content(events[0]) == pictures.content(plain.data[0])


def test_files_are_kept_listed_read_and_deleted(run: Run):
    async def work(client: AsyncOpenAI) -> tuple[Any, ...]:
        made = [await client.files.create(file=(f"{number}.txt", b"mine"), purpose="assistants") for number in range(3)]
        ids = {file.id for file in made}
        listed = [file.id async for file in client.files.list(purpose="assistants", limit=1) if file.id in ids]
        content = (await client.files.content(made[0].id)).content
        deleted = [(await client.files.delete(file_id)).deleted for file_id in ids]
        return [file.id for file in made], listed, content, deleted

    made, listed, content, deleted = run(work)

    assert listed == made[::-1]
    assert content == b"mine"
    assert deleted == [True] * 3


def test_models_are_listed_and_texts_are_judged(run: Run):
    async def work(client: AsyncOpenAI) -> tuple[Any, ...]:
        models = [model.id async for model in client.models.list()]
        return models, await client.models.retrieve("gpt-image-1"), await client.moderations.create(input=["an apple", "a bird"])

    models, model, judged = run(work)

    assert model.id in models
    assert [result.flagged for result in judged.results] == [False, False]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ({"model": "gpt-image-9"}, openai.NotFoundError),
        ({"n": 11}, openai.BadRequestError),
        ({"extra_headers": {"authorization": "Bearer no"}}, openai.AuthenticationError),
    ],
    ids=["model", "n", "key"],
)
def test_errors_come_by_class(run: Run, words: dict[str, Any], kind: type[openai.APIStatusError]):
    async def work(client: AsyncOpenAI) -> None:
        await client.images.generate(**SMALL | words)

    with pytest.raises(kind) as refused:
        run(work)

    assert refused.value.request_id


def test_a_stream_that_is_left_early_frees_the_server(run: Run):
    async def work(client: AsyncOpenAI) -> tuple[Any, Any]:
        stream = await client.images.generate(**SMALL | {"quality": "high", "size": "1024x1024"}, stream=True, partial_images=3)
        first = await anext(aiter(stream))
        await stream.close()
        return first, await client.images.generate(**SMALL)

    first, after = run(work)

    assert first.partial_image_index == 0
    assert after.data

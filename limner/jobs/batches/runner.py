"""The work of a batch, through any number of kills: check the file, answer each line once, write the files, clear up.

An answer is a blob of its own before its line counts as answered, and a line is counted in the transaction that notes it, so what a killed
process had not noted is asked again and nothing is counted twice. No more than the lines in flight are in memory.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Protocol

from anyio import to_thread

from limner.errors import RequestError
from limner.jobs.batches.filing import BatchFiles, answer_blob
from limner.jobs.batches.lines import LineError, Request, cut, read_request, survey, write_answer
from limner.jobs.prices import list_price
from limner.jobs.tokens import Usage
from limner.store.blobs import Blobs
from limner.store.work.batches import AnsweredLine, Batch, BatchStore

IN_FLIGHT = 8  # of all batches together: enough that the engine never waits, few enough that interactive requests find room
LINES_AT_ONCE, BYTES_AT_ONCE = 64, 8 * 2**20  # begun in one transaction
LOOK_EVERY_S, BUSY_S = 1.0, 1.0
BUSY_STATUSES, FAILED_STATUS, MAX_TRIES = (429, 503), 500, 3
log = logging.getLogger("limner.jobs")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an endpoint answered: its status, the id of the request, its body as JSON, and what it used."""

    status: int
    request_id: str
    body: bytes
    usage: Usage


class Ask(Protocol):
    """Asks an endpoint of this server in the name of a batch's project, as any caller of it would."""

    def __call__(self, batch: Batch, body: bytes) -> Awaitable[Answer]:
        """Return the answer, whatever its status."""


class Announce(Protocol):
    """Tells whoever wants to hear it that something of a project has ended; harmless if it was told."""

    def __call__(self, project_id: str, event_type: str, object_id: str) -> Awaitable[None]:
        """Tell it."""


class BatchRunner:
    """Handles jobs of the kind `batch`. For one event loop."""

    def __init__(
        self,
        batches: BatchStore,
        files: BatchFiles,
        blobs: Blobs,
        announce: Announce,
        ask: Ask,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._batches, self._files, self._blobs, self._ask, self._clock = batches, files, blobs, ask, clock
        self._announce = announce
        self._turns = asyncio.Semaphore(IN_FLIGHT)

    async def handle(self, batch_id: str) -> None:
        """Bring a batch to its end.

        Raises:
            StoreFailed: it is to be handled again.
        """
        if (batch := await self._find(batch_id)) is None:
            return
        if batch.status == "validating":
            await self._check_file(batch)
        if (batch := await self._find(batch_id)) and batch.status == "in_progress":
            await self._answer_lines(batch)
            await to_thread.run_sync(self._batches.move, batch_id, ("in_progress",), "finalizing")
        if (batch := await self._find(batch_id)) and not batch.has_ended:
            await self._files.write(batch)
        await self._see_off(batch_id)

    async def give_up(self, batch_id: str) -> None:
        """End a batch that could not be brought to its end."""
        errors = json.dumps([asdict(LineError(code="server_error", message="the batch could not be worked on; send it again"))])
        unended = ("validating", "in_progress", "cancelling", "finalizing")
        await to_thread.run_sync(partial(self._batches.move, batch_id, unended, "failed", errors=errors))
        await self._see_off(batch_id)

    async def _see_off(self, batch_id: str) -> None:
        """Announce the end of a batch, and clear up after it."""
        if (batch := await self._find(batch_id)) and batch.has_ended:
            await self._announce(batch.project_id, f"batch.{batch.status}", batch_id)
        await self._files.clear(batch_id)

    async def _find(self, batch_id: str) -> Batch | None:
        return await to_thread.run_sync(self._batches.find, batch_id)

    async def _check_file(self, batch: Batch) -> None:
        """Keep what the file holds now for as long as the batch needs it, and begin the batch if every line of that can be asked."""
        try:
            chunks = await self._files.take_in(batch)
            found = await to_thread.run_sync(survey, chunks, batch.endpoint)
        except RequestError as error:
            wrong = [LineError(code=error.code, message=error.message, param="input_file_id")]
        else:
            wrong = list(found.errors)
        if wrong:
            errors = json.dumps([asdict(error) for error in wrong])
            await to_thread.run_sync(partial(self._batches.move, batch.batch_id, ("validating",), "failed", errors=errors))
        else:
            begin = partial(self._batches.move, batch.batch_id, ("validating",), "in_progress", total=found.total, model=found.model)
            await to_thread.run_sync(begin)

    async def _answer_lines(self, batch: Batch) -> None:
        """Answer lines until all have an answer, the batch is cancelled, or its time is over."""
        answered = await self._files.forget_unanswered(batch.batch_id)
        run = _Run(batch, await to_thread.run_sync(self._files.read, batch.batch_id), answered)
        working: set[asyncio.Task[AnsweredLine]] = set()
        looked_at = self._clock()
        try:
            while True:
                while len(working) < IN_FLIGHT and (request := await self._next_request(run)):
                    working.add(asyncio.create_task(self._answer(run, request)))
                if not working:
                    return
                done, working = await asyncio.wait(working, timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
                await self._note(run, [task.result() for task in done])
                if self._clock() - looked_at >= LOOK_EVERY_S:
                    looked_at = self._clock()
                    if looked_at >= batch.expires_at or await self._is_cancelled(batch):
                        return
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    async def _is_cancelled(self, batch: Batch) -> bool:
        found = await self._find(batch.batch_id)
        return found is None or found.status != "in_progress"

    async def _next_request(self, run: _Run) -> Request | None:
        """Return the next request without an answer; some are begun at a time."""
        if not run.begun:
            run.begun = await to_thread.run_sync(run.read_some)
            if run.begun:
                numbers = [request.line for request in run.begun]
                await to_thread.run_sync(self._batches.begin_lines, run.batch.batch_id, run.name, numbers)
        return run.begun.pop(0) if run.begun else None

    async def _answer(self, run: _Run, request: Request) -> AnsweredLine:
        """Ask for a line until the server has room for it, and keep the answer."""
        batch = run.batch
        async with self._turns:
            body = json.dumps(request.body).encode()
            answer, num_failures = await self._ask(batch, body), 0
            while answer.status in BUSY_STATUSES or (answer.status == FAILED_STATUS and num_failures < MAX_TRIES - 1):
                num_failures += answer.status == FAILED_STATUS
                await asyncio.sleep(BUSY_S)
                answer = await self._ask(batch, body)
        line = write_answer(batch.batch_id, request, status=answer.status, request_id=answer.request_id, body=answer.body)
        await _to_the_end(to_thread.run_sync(self._blobs.put, answer_blob(batch.batch_id, request.line, run.name), line))
        model = request.body.get("model")
        return AnsweredLine(
            line=request.line,
            size_bytes=len(line),
            is_failed=answer.status >= 400,
            input_tokens=answer.usage.input_tokens,
            output_tokens=answer.usage.output_image,
            cost_nanousd=list_price(model if isinstance(model, str) else "", answer.usage, "batch"),
        )

    async def _note(self, run: _Run, answered: list[AnsweredLine]) -> None:
        """Count answers; those of lines that another worker has taken over are forgotten."""
        if not answered:
            return
        for line in await to_thread.run_sync(self._batches.answer_lines, run.batch.batch_id, run.name, answered):
            await to_thread.run_sync(self._blobs.delete, answer_blob(run.batch.batch_id, line.line, run.name))


class _Run:
    """One pass over the lines of a batch. `begun` are requests that are noted as begun and not asked yet."""

    def __init__(self, batch: Batch, chunks: Iterator[bytes], answered: set[int]) -> None:
        self.batch, self.name = batch, secrets.token_hex(8)
        self.begun: list[Request] = []
        self._lines = ((number, line) for number, line in cut(chunks) if number not in answered)

    def read_some(self) -> list[Request]:
        """Return the next requests, none at the end."""
        requests: list[Request] = []
        num_bytes = 0
        for number, line in self._lines:
            request = read_request(number, line, self.batch.endpoint)
            assert isinstance(request, Request), "every line was checked before the first was asked"
            requests.append(request)
            num_bytes += len(line)
            if len(requests) >= LINES_AT_ONCE or num_bytes >= BYTES_AT_ONCE:
                break
        return requests


async def _to_the_end(work: Awaitable[None]) -> None:
    """Wait for work that goes on in a thread when its task is cancelled, so that nothing is written after its caller has gone."""
    doing = asyncio.ensure_future(work)
    try:
        await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait({doing})
        raise

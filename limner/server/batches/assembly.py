"""The parts behind the batch routes, put together; and the application that lines of batches are asked through."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from starlette.types import ASGIApp

from limner.jobs.batches.desk import KIND, BatchDesk
from limner.jobs.batches.filing import BatchFiles
from limner.jobs.batches.runner import Ask, BatchRunner
from limner.jobs.durable.queue import WorkQueue
from limner.jobs.durable.webhooks import Webhooks
from limner.server.batches.asking import BATCHED, InProcess
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.files import FileStore
from limner.store.work.batches import BatchStore


@dataclass(frozen=True, kw_only=True)
class BatchParts:
    """What the routes use, and what makes the worker once there is something to ask."""

    batches: BatchDesk
    make_batch_runner: Callable[[Ask], BatchRunner]


def open_batches(database: Database, blobs: Blobs, files: FileStore, work: WorkQueue, webhooks: Webhooks) -> BatchParts:
    """Put the parts together."""
    store = BatchStore(database)
    make_runner = partial(BatchRunner, store, BatchFiles(store, files, blobs), blobs, webhooks.announce)
    return BatchParts(batches=BatchDesk(store, files, work), make_batch_runner=make_runner)


def answer_batches(parts: BatchParts, work: WorkQueue, app: ASGIApp, *, paths: Collection[str]) -> None:
    """Let lines of batches be asked through an application, at those endpoints that are among its paths."""
    parts.batches.endpoints = [path for path in BATCHED if path in paths]
    runner = parts.make_batch_runner(InProcess(app))
    work.add_handler(KIND, runner.handle, give_up=runner.give_up)

"""What a batch keeps: a copy of its input, an answer for each line, and in the end its output and error file, written as they are read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from itertools import islice

from anyio import to_thread

from limner.errors import InvalidField, StoreFailed
from limner.jobs.batches.lines import MAX_FILE_BYTES, Request, cut, read_request, write_unanswered
from limner.store.blobs import Blobs
from limner.store.files import FileStore
from limner.store.work.batches import Batch, BatchStore, BegunLine

OUTPUT_PURPOSE = "batch_output"
NUM_AT_ONCE = 200
UNANSWERED = {
    "cancelled": ("batch_cancelled", "This request was not answered before the batch was cancelled."),
    "expired": ("batch_expired", "This request could not be answered before the completion window ended."),
}


def answer_blob(batch_id: str, line: int, run: str) -> str:
    """Return the name of a line's answer until the output file is written."""
    return f"lines/{batch_id}-{line}-{run}"


class BatchFiles:
    """Reads and writes what batches keep. Calls may come again after a kill at any moment, and do the rest."""

    def __init__(self, batches: BatchStore, files: FileStore, blobs: Blobs) -> None:
        self._batches, self._files, self._blobs = batches, files, blobs

    async def take_in(self, batch: Batch) -> Iterator[bytes]:
        """Copy the input file, which its owner may delete, and return the copy.

        Raises:
            UnknownFile: it is gone.
            InvalidField: it is too large.
            StoreFailed: it could not be copied.
        """

        def copy() -> Iterator[bytes]:
            size_bytes = self._files.get(batch.project_id, batch.input_file_id).size_bytes
            if size_bytes > MAX_FILE_BYTES:
                raise InvalidField("input_file_id", f"the file has {size_bytes:,} bytes; a batch takes {MAX_FILE_BYTES:,}, so split it")
            self._blobs.put_chunks(_input_blob(batch.batch_id), self._files.iterate(batch.project_id, batch.input_file_id))
            return self.read(batch.batch_id)

        return await to_thread.run_sync(copy)

    def read(self, batch_id: str) -> Iterator[bytes]:
        """Return the copy of the input in chunks; for a thread.

        Raises:
            StoreFailed: it cannot be read.
        """
        chunks = self._blobs.iterate(_input_blob(batch_id))
        if chunks is None:
            raise StoreFailed("the copy of a batch's file is gone")
        return chunks

    async def forget_unanswered(self, batch_id: str) -> set[int]:
        """Forget lines that a worker before had begun and not answered; return the numbers of those that have an answer."""

        def forget() -> set[int]:
            lines = list(self._batches.lines(batch_id))
            self._remove(batch_id, [line for line in lines if line.size_bytes is None])
            return {line.line for line in lines if line.size_bytes is not None}

        return await to_thread.run_sync(forget)

    async def write(self, batch: Batch) -> None:
        """Write the files of a batch whose lines are answered as far as they will be, and end it.

        Raises:
            StoreFailed: it has not ended.
        """
        stop = threading.Event()
        try:
            await to_thread.run_sync(self._write, batch, stop.is_set)
        finally:
            stop.set()  # a thread that goes on after its task was cancelled ends at the next line

    async def clear(self, batch_id: str) -> None:
        """Remove what a batch that has ended does not need any more; harmless if that was done."""

        def clear() -> None:
            lines = self._batches.lines(batch_id)
            while some := list(islice(lines, NUM_AT_ONCE)):
                self._remove(batch_id, some)
            self._blobs.delete(_input_blob(batch_id))

        await to_thread.run_sync(clear)

    def _write(self, batch: Batch, is_stopped: Callable[[], bool]) -> None:
        lines = [line for line in self._batches.lines(batch.batch_id) if line.size_bytes is not None]
        status = "cancelled" if batch.status == "cancelling" else "completed" if len(lines) >= batch.total else "expired"
        good, bad = [line for line in lines if not line.is_failed], [line for line in lines if line.is_failed]
        left: partial[Iterator[bytes]] | None = None
        if len(lines) < batch.total:
            left = partial(self._unanswered, batch, {line.line for line in lines}, status)
        size_of_left = sum(map(len, left())) if left else 0
        keep = partial(self._keep, batch, is_stopped)
        output_id, error_id = batch.file_ids
        if good:
            keep(output_id, "output", sum(line.size_bytes or 0 for line in good), partial(self._answers, batch.batch_id, good))
        if bad or left:
            size_bytes = sum(line.size_bytes or 0 for line in bad) + size_of_left
            keep(error_id, "error", size_bytes, lambda: _chain(self._answers(batch.batch_id, bad), left() if left else ()))
        named = {"output_file_id": output_id if good else None, "error_file_id": error_id if bad or left else None}
        self._batches.end(batch.batch_id, batch.status, status, **named)

    def _keep(self, batch: Batch, is_stopped: Callable[[], bool], file_id: str, word: str, size_bytes: int, read: _Read) -> None:
        def chunks() -> Generator[bytes, None, None]:
            for chunk in read():
                if is_stopped():
                    raise StoreFailed("the server stopped before the file was written")
                yield chunk

        self._files.write(
            file_id,
            batch.project_id,
            filename=f"{batch.batch_id}_{word}.jsonl",
            purpose=OUTPUT_PURPOSE,
            size_bytes=size_bytes,
            chunks=chunks(),
            expires_after_s=batch.output_lifetime_s,
        )

    def _answers(self, batch_id: str, lines: Iterable[BegunLine]) -> Iterator[bytes]:
        for line in lines:
            chunks = self._blobs.iterate(answer_blob(batch_id, line.line, line.run))
            if chunks is None:
                raise StoreFailed("the answer of a batch's line is gone")
            yield from chunks

    def _unanswered(self, batch: Batch, answered: set[int], status: str) -> Iterator[bytes]:
        code, message = UNANSWERED[status]
        for number, line in cut(self.read(batch.batch_id)):
            if number not in answered:
                request = read_request(number, line, batch.endpoint)
                assert isinstance(request, Request), "every line was checked before the first was asked"
                yield write_unanswered(batch.batch_id, number, request.custom_id, code, message)

    def _remove(self, batch_id: str, lines: list[BegunLine]) -> None:
        for start in range(0, len(lines), NUM_AT_ONCE):
            some = lines[start : start + NUM_AT_ONCE]
            for line in some:
                self._blobs.delete(answer_blob(batch_id, line.line, line.run))
            self._batches.forget_lines(batch_id, [line.line for line in some])


_Read = Callable[[], Iterator[bytes]]


def _input_blob(batch_id: str) -> str:
    return f"batches/{batch_id}"


def _chain(*parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield from part

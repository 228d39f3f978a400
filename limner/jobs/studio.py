"""Where orders become pictures: check, moderate, load, resolve, draw, judge, encode. One studio serves every dialect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from limner.engine.describing.describer import Describer
from limner.engine.library import as_error
from limner.engine.pictures import software_name, trim_alpha
from limner.engine.protocol import (
    Background,
    Cancelled,
    Drawn,
    EditRequest,
    Engine,
    Event,
    Failed,
    Finished,
    GenerateRequest,
    Partial,
    Pixels,
    Started,
)
from limner.engine.resolve import GenerateOptions, check_prompt, resolve
from limner.engine.resolve_edit import EditOptions, resolve_edit, resolve_variation
from limner.errors import DamagedFile, EngineError, IncompatibleFields, QueueFull, Stopping
from limner.jobs.deployments.directory import Directory
from limner.jobs.deployments.policies import check_settled
from limner.jobs.inputs import ImageLoader, LoadedImages
from limner.jobs.keeping import Keeper, describe_turn
from limner.jobs.ledger import Ledger
from limner.jobs.models import Model
from limner.jobs.moderate import Gate
from limner.jobs.orders import PictureOrder, Strictness, check_order, settle_habits
from limner.jobs.prices import list_price
from limner.jobs.tokens import TOKENS_PER_PARTIAL, Usage, input_image_tokens, output_tokens
from limner.media.alpha import lay_on_white
from limner.media.encode import BEST_COMPRESSION, OutputFormat, encode, parse_format
from limner.media.masks import read_mask
from limner.media.metadata import PictureRecord
from limner.model.layout import Size
from limner.moderation.verdict import Moderator
from limner.store.pictures import NewPicture, Turn
from limner.store.usage import Counts

MAX_OPEN_ORDERS, MAX_OPEN_OF_PROJECT = 128, 48
MAX_HELD_BYTES = 2 * 2**30  # pixels that open drawings hold together, and will
LOADING_ORDERS = 4  # at once; the others wait with their bytes as they came
FINISHING_THREADS = 2  # work of a request that was given up keeps its thread to the end, so there are never more
SHORT_PROMPT_CHARS = 1000


@dataclass(frozen=True, kw_only=True, eq=False)
class Commission:
    """An order that passed every check, ready to be drawn. With a `turn`, what is drawn is kept; `parent_id` is what it begins with."""

    request: GenerateRequest
    model: Model
    output_format: OutputFormat
    output_compression: int | None
    strictness: Strictness
    input_text_tokens: int
    input_image_tokens: int
    icc_profile: bytes | None = None
    parent_id: str | None = None
    turn: Turn | None = None
    is_described: bool = False

    @cached_property
    def background(self) -> Background:
        """Whether the file has transparency: an opaque edit keeps translucent pixels of its source as they are."""
        request = self.request
        if self.output_format == "jpeg" or not isinstance(request, EditRequest):
            return request.background
        kept = request.images[0][..., 3] if request.mask is None else request.images[0][..., 3][~request.mask]
        is_exact = request.mask is not None or request.place is not None or bool(request.words)
        return "transparent" if is_exact and kept.size and kept.min() < 255 else request.background

    @property
    def drawn_by(self) -> dict[str, str]:
        """What draws it, in the words of the wire: the snapshot, and the deployment if one was named."""
        named = {"deployment": self.model.deployment} if self.model.deployment else {}
        return {"snapshot": self.request.snapshot, **named}

    @property
    def held_bytes(self) -> int:
        """Bytes of pixels that the drawing holds until it has ended: what came in, and what comes out."""
        request = self.request
        pixels = request.num_images * request.size.width * request.size.height * 4
        images = request.images if isinstance(request, EditRequest) else ()
        return pixels + sum(image.nbytes for image in images)

    def usage(self, num_partials: int = 0) -> Usage:
        """Return what the finished pictures cost, and the partial ones that were sent."""
        drawn = self.request.num_images * output_tokens(self.request.size, self.request.quality)
        return Usage(
            input_text=self.input_text_tokens,
            input_image=self.input_image_tokens,
            output_image=drawn + num_partials * TOKENS_PER_PARTIAL,
        )


@dataclass(frozen=True, kw_only=True)
class PartialPicture:
    """A picture on its way, encoded."""

    content: bytes
    partial_index: int


@dataclass(frozen=True, kw_only=True)
class FinishedPicture:
    """A finished picture, encoded. `picture_id` is its name if it was kept, `alt_text` what is seen in it if that was asked for."""

    content: bytes
    seed: int
    picture_id: str | None = None
    alt_text: str | None = None


@dataclass(frozen=True, kw_only=True)
class FinishedPictures:
    """Everything that was asked for; the last thing that a drawing gives. `encoded_prompt` is the text that the model read."""

    pictures: tuple[FinishedPicture, ...]
    usage: Usage
    encoded_prompt: str


class Studio:
    """Takes orders and draws them. For one event loop."""

    def __init__(
        self,
        *,
        engine: Engine,
        directory: Directory,
        loader: ImageLoader,
        keeper: Keeper,
        ledger: Ledger,
        moderator: Moderator | None,
        count_tokens: Callable[[str], int],
        describer: Describer | None = None,
    ) -> None:
        """Pictures are described by the eyes of the settings' weights unless a `describer` is given."""
        self.engine, self.directory, self.loader, self.keeper = engine, directory, loader, keeper
        self.ledger, self.describer, self.count_tokens = ledger, describer or Describer(), count_tokens
        self.finishing = ThreadPoolExecutor(FINISHING_THREADS, "limner-finishing")
        self.gate = Gate(moderator, ThreadPoolExecutor(FINISHING_THREADS, "limner-judging"))
        self.is_stopping = False
        self._loading = asyncio.Semaphore(LOADING_ORDERS)
        self._preparing: list[str] = []
        self._drawings: set[Drawing] = set()

    async def prepare(self, order: PictureOrder, project_id: str) -> Commission:
        """Check everything that can be checked before drawing, and load what the order names.

        Raises:
            RequestError: the order cannot be done; `param` names the field.
            Blocked: moderation refused the prompt or an input.
            QueueFull: too many orders are open.
            Stopping: the server is about to end.
        """
        with self.ledger.noting_refusal(project_id):
            self._check_open(project_id, self._preparing)
            self._preparing.append(project_id)
            try:
                return await self._prepare(order, project_id)
            finally:
                self._preparing.remove(project_id)

    def start(self, commission: Commission) -> Drawing:
        """Hand the commission to the engine.

        Raises:
            QueueFull: too many requests wait.
            Stopping: the server is about to end.
        """
        with self.ledger.noting_refusal(commission.request.owner, commission.request.snapshot), ExitStack() as undoing:
            self._check_open(commission.request.owner, ())  # what is not ready yet does not stand before what is
            if sum(drawing.commission.held_bytes for drawing in self._drawings) + commission.held_bytes > MAX_HELD_BYTES:
                raise self._full("the requests that are open hold as many pixels as this server takes")
            drawing = Drawing(self, commission)
            self._drawings.add(drawing)
            undoing.callback(self.forget, drawing)
            self.engine.submit(commission.request, drawing.on_event)
            undoing.pop_all()
        return drawing

    def forget(self, drawing: Drawing) -> None:
        """Let go of a drawing that has ended."""
        self._drawings.discard(drawing)

    def refuse_orders(self) -> None:
        """Take no new orders from now on."""
        self.is_stopping = True

    def end_drawings(self) -> None:
        """End the open drawings with `Stopping`, at once."""
        for drawing in list(self._drawings):
            drawing.end()

    def close(self) -> None:
        """Let go of the threads; work that nobody waits for any more is not begun."""
        self.finishing.shutdown(wait=False, cancel_futures=True)
        self.gate.close()

    def _check_open(self, project_id: str, preparing: Sequence[str]) -> None:
        """Refuse what would be too much, beside the drawings and the orders of the projects that are `preparing`."""
        if self.is_stopping:
            raise Stopping("the server is about to end and takes no new work; ask again in a moment")
        owners = [*preparing, *(drawing.commission.request.owner for drawing in self._drawings)]
        if len(owners) >= MAX_OPEN_ORDERS:
            raise self._full(f"{MAX_OPEN_ORDERS} requests are open already")
        if owners.count(project_id) >= MAX_OPEN_OF_PROJECT:
            raise self._full(f"{MAX_OPEN_OF_PROJECT} requests of this project are open already", project_id)

    def _full(self, message: str, project_id: str | None = None) -> QueueFull:
        """Return the error of a limit that the next request to end, of this project or of anybody, makes room under."""
        return QueueFull(message, retry_after_s=self.engine.seconds_until_end(project_id))

    async def _prepare(self, order: PictureOrder, project_id: str) -> Commission:
        order, model = await self.directory.settle(order, project_id)
        order = settle_habits(order, model)
        check_order(order)
        if order.is_described:
            await self._open_eyes()
        if order.kind != "variation":
            check_prompt(order.prompt)
        for text in (order.prompt, order.region or ""):
            await self.gate.check_text(text, order.strictness)
        if not order.images:
            return await self._commission(order, model, None, project_id)
        async with self._loading:
            loaded = await self.loader.load(order.images, order.mask, project_id=project_id)
            for image in loaded.images:
                await self.gate.check_image(image.pixels, order.strictness, "input")
            return await self._commission(order, model, loaded, project_id)

    async def _open_eyes(self) -> None:
        """Load what describes pictures, at the first order that asks for it.

        Raises:
            IncompatibleFields: the weights describe none.
        """
        try:
            await asyncio.get_running_loop().run_in_executor(self.finishing, self.describer.prepare)
        except DamagedFile as error:
            raise IncompatibleFields("alt_text", "the weights of this server describe no pictures; leave alt_text out") from error

    async def _commission(self, order: PictureOrder, model: Model, loaded: LoadedImages | None, project_id: str) -> Commission:
        request = await self._resolve(order, model, loaded, project_id)
        check_settled(request, model)
        sizes = [Size(image.source_width, image.source_height) for image in loaded.images] if loaded else []
        has_source = isinstance(request, EditRequest) and request.has_source
        is_smallest = order.output_compression not in (None, BEST_COMPRESSION)
        turn = await asyncio.get_running_loop().run_in_executor(self.finishing, describe_turn, order, request) if order.is_kept else None
        return Commission(
            request=request,
            model=model,
            output_format=parse_format(order.output_format),
            output_compression=order.output_compression if is_smallest or order.output_format != "png" else None,
            strictness=order.strictness,
            input_text_tokens=await self._count_tokens(order.prompt),
            input_image_tokens=input_image_tokens(sizes, "high" if order.input_fidelity == "high" else "low"),
            icc_profile=loaded.images[0].icc_profile if loaded and has_source else None,
            parent_id=order.parent_id,
            turn=turn,
            is_described=order.is_described,
        )

    async def _resolve(self, order: PictureOrder, model: Model, loaded: LoadedImages | None, project_id: str) -> GenerateRequest:
        """Words alone take less time than a thread would take to begin."""
        if loaded is None:
            return _resolve(order, model, None, project_id)
        return await asyncio.get_running_loop().run_in_executor(self.finishing, _resolve, order, model, loaded, project_id)

    async def _count_tokens(self, prompt: str) -> int:
        if len(prompt) <= SHORT_PROMPT_CHARS:
            return self.count_tokens(prompt) if prompt else 0
        return await asyncio.get_running_loop().run_in_executor(self.finishing, self.count_tokens, prompt)


class Drawing:
    """One commission at the engine. Whoever started it closes it."""

    def __init__(self, studio: Studio, commission: Commission) -> None:
        self.studio, self.commission = studio, commission
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._encoded_prompt = commission.request.prompt
        self._num_sent = 0

    def on_event(self, event: Event) -> None:
        """Take an event from the engine's thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    async def outcomes(self) -> AsyncIterator[PartialPicture | FinishedPictures]:
        """Yield partial pictures as they come, then the finished ones.

        Raises:
            Blocked: moderation refused what was drawn.
            EngineError: the engine failed, or the server ended (`Stopping`), or what was drawn could not be kept (`StoreFailed`).
        """
        request = self.commission.request
        with self.studio.ledger.noting_refusal(request.owner, request.snapshot):
            while True:
                event = await self._events.get()
                match event:
                    case Started():
                        self._encoded_prompt = event.encoded_prompt
                    case Partial():
                        yield await self._finish_partial(event)
                    case Finished():
                        finished = await self._finish(event)
                        self.close()  # a client that is slow to read holds up nobody
                        yield finished
                        return
                    case Failed():
                        raise as_error(event)
                    case Cancelled():
                        raise self._cancelled()

    async def finished(self) -> FinishedPictures:
        """Wait for the finished pictures alone.

        Raises:
            Blocked, EngineError: as `outcomes`.
        """
        async for outcome in self.outcomes():
            if isinstance(outcome, FinishedPictures):
                return outcome
        raise AssertionError("outcomes end in finished pictures or an error")

    def end(self) -> None:
        """Let whoever waits for the drawing hear now that it was cancelled, and free the engine within a step."""
        self._events.put_nowait(Cancelled(self.commission.request.request_id))
        self.studio.engine.cancel(self.commission.request.request_id)

    def close(self) -> None:
        """Free the engine, whether the drawing has ended or not."""
        self.studio.engine.cancel(self.commission.request.request_id)
        self.studio.forget(self)

    def _cancelled(self) -> EngineError:
        if self.studio.is_stopping:
            return Stopping("the server ended before the picture was done; ask again in a moment")
        return EngineError("the request was cancelled; ask again")

    async def _finish_partial(self, partial: Partial) -> PartialPicture:
        record = self._record(self.commission.request.seed_of(partial.index), "")
        content = await self._develop(partial.pixels, record)
        self._num_sent += 1
        return PartialPicture(content=content, partial_index=partial.partial_index)

    async def _finish(self, finished: Finished) -> FinishedPictures:
        pictures = [await self._finish_picture(drawn, finished.machine_kind) for drawn in finished.pictures]
        if self.commission.turn is not None:  # only now: of a request that is refused nothing is kept
            pictures = await self._keep(self.commission.turn, finished, pictures)
        usage = self.commission.usage(self._num_sent)
        self.studio.ledger.note(self.commission.request.owner, self.commission.request.snapshot, self._count(usage, len(pictures)))
        return FinishedPictures(pictures=tuple(pictures), usage=usage, encoded_prompt=self._encoded_prompt)

    def _count(self, usage: Usage, num_pictures: int) -> Counts:
        is_batch = self.commission.request.priority == "batch"
        return Counts(
            requests=1,
            pictures=num_pictures,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_image,
            batch_requests=int(is_batch),
            batch_pictures=num_pictures if is_batch else 0,
            cost_nanousd=list_price(self.commission.model.name, usage, self.commission.request.priority),
        )

    async def _finish_picture(self, drawn: Drawn, machine_kind: str) -> FinishedPicture:
        alt_text = await self._describe(drawn.pixels) if self.commission.is_described else None
        content = await self._develop(drawn.pixels, self._record(drawn.seed, machine_kind, alt_text))
        return FinishedPicture(content=content, seed=drawn.seed, alt_text=alt_text)

    async def _describe(self, pixels: Pixels) -> str:
        """Return what is seen in a picture as its file will show it."""

        def work() -> str:
            shown = _without_needless_alpha(pixels, self.commission.output_format, self.commission.request.background)
            return self.studio.describer.describe(shown).alt_text

        return await self._loop.run_in_executor(self.studio.finishing, work)

    async def _keep(self, turn: Turn, finished: Finished, pictures: Sequence[FinishedPicture]) -> list[FinishedPicture]:
        """Keep what was drawn as PNG files, which lose nothing; a PNG that is answered is the very file."""
        kept = []
        for drawn, picture in zip(finished.pictures, pictures, strict=True):
            height, width = drawn.pixels.shape[:2]
            content = picture.content
            if self.commission.output_format != "png":
                record = self._record(drawn.seed, finished.machine_kind, picture.alt_text)
                content = await self._encode(drawn.pixels, record, "png", None)
            kept.append(NewPicture(content=content, seed=drawn.seed, width=width, height=height, alt_text=picture.alt_text))
        ids = await self.studio.keeper.keep(self.commission.request.owner, turn, kept)
        return [replace(picture, picture_id=picture_id) for picture, picture_id in zip(pictures, ids, strict=True)]

    async def _develop(self, pixels: Pixels, record: PictureRecord) -> bytes:
        """Judge a drawn picture and encode it."""
        await self.studio.gate.check_image(pixels, self.commission.strictness, "output")
        return await self._encode(pixels, record, self.commission.output_format, self.commission.output_compression)

    async def _encode(self, pixels: Pixels, record: PictureRecord, output_format: OutputFormat, compression: int | None) -> bytes:
        def work() -> bytes:
            shown = _without_needless_alpha(pixels, output_format, self.commission.request.background)
            return encode(shown, output_format, compression=compression, record=record, icc_profile=self.commission.icc_profile)

        return await self._loop.run_in_executor(self.studio.finishing, work)

    def _record(self, seed: int, machine_kind: str, alt_text: str | None = None) -> PictureRecord:
        """Return what the file tells of how it was drawn; the caller's words are not in it."""
        request = self.commission.request
        return PictureRecord(
            prompt="",
            seed=seed,
            snapshot=request.snapshot,
            quality=request.quality,
            background=request.background,
            machine_kind=machine_kind,
            software=software_name(),
            alt_text=alt_text or "",
        )


def _resolve(order: PictureOrder, model: Model, loaded: LoadedImages | None, project_id: str) -> GenerateRequest:
    """Settle every word; jpeg shows no transparency, so there `auto` is opaque whatever else it would be."""
    request = _resolve_words(order, model, loaded, project_id)
    if order.output_format == "jpeg" and order.background == "auto":
        request = replace(request, background="opaque")
    return request


def _resolve_words(order: PictureOrder, model: Model, loaded: LoadedImages | None, project_id: str) -> GenerateRequest:
    common: dict[str, Any] = {
        "model": model.snapshot,
        "size": order.size,
        "n": order.n,
        "seed": order.seed,
        "quality": order.quality,
        "background": order.background,
        "num_partials": order.num_partials,
        "owner": project_id,
        "priority": order.priority,
        "largest_side": model.habits.largest_side_px,
    }
    if loaded is None:
        return resolve(order.prompt, GenerateOptions(**common), find_snapshot=str)
    images = [image.pixels for image in loaded.images]
    if order.kind == "variation":
        return resolve_variation(GenerateOptions(**common), images[0], find_snapshot=str)
    common["model"] = model.editor
    options = EditOptions(**common, input_fidelity=order.input_fidelity, canvas=order.canvas, region=order.region)
    given = loaded.mask
    mask = read_mask(given.pixels, order.mask_mode, loaded.images[0], has_alpha=given.has_alpha) if given else None
    return resolve_edit(order.prompt, options, images, mask, find_snapshot=str)


def _without_needless_alpha(pixels: Pixels, output_format: OutputFormat, background: Background) -> Pixels:
    """Drop the alpha channel where it says nothing; an opaque edit may have kept pixels that are not."""
    return lay_on_white(pixels) if output_format == "jpeg" else trim_alpha(pixels, background)

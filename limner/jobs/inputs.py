"""Pictures that come with a request: from its body, a data URL, an uploaded file or an address; all bounded, all decoded one way."""

from __future__ import annotations

import asyncio
import binascii
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import anyio
import anyio.to_thread

from limner.errors import InvalidField, RequestError, UnknownFile, UnusableImage
from limner.jobs.fetching import Fetcher
from limner.media.decode import DecodedImage, DecodeLimits, decode_images
from limner.store.files import FileStore
from limner.store.identifiers import is_picture_id
from limner.store.pictures import PictureStore

BASE64_AT_ONCE_CHARS = 1 << 18
WHITESPACE, PADDING = " \t\n\r\f", "="
ALPHABETS = {"standard": "+/", "url-safe": "-_"}
TO_STANDARD = bytes.maketrans(b"-_", b"+/")
MAX_SHOWN_CHARS = 60


@dataclass(frozen=True, kw_only=True)
class InputLimits:
    """What the pictures of one request may take together. Every picture after the first is reduced to `reference_side` pixels a side."""

    images: int = 16
    total_bytes: int = 128 << 20
    url_chars: int = 20_971_520
    reference_side: int = 1536
    fetched_at_once: int = 4
    decode: DecodeLimits = field(default_factory=DecodeLimits)


DEFAULT_LIMITS = InputLimits()


@dataclass(frozen=True, kw_only=True)
class ImageSource:
    """Where one picture comes from: exactly one of its bytes, an id, and an https or data URL.

    The id is of a file or of a kept picture of the project. `param` names the field in errors.

    Raises:
        InvalidField: none of the three, or more than one.
    """

    param: str
    content: bytes | None = field(default=None, repr=False)
    file_id: str | None = None
    url: str | None = field(default=None, repr=False)

    @property
    def picture_id(self) -> str | None:
        """The id of the kept picture that it names, None if it names something else."""
        return self.file_id if self.file_id is not None and is_picture_id(self.file_id) else None

    def __post_init__(self) -> None:
        given = sum(value is not None for value in (self.content, self.file_id, self.url))
        if given != 1:
            raise InvalidField(self.param, f"{self.param} names {given} pictures; give exactly one of image_url and file_id")


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedImages:
    """The decoded pictures of a request, in order, and its mask."""

    images: tuple[DecodedImage, ...]
    mask: DecodedImage | None


class ImageLoader:
    """Loads and decodes the pictures of requests; bounds what all requests together do at once."""

    def __init__(
        self, files: FileStore, pictures: PictureStore, fetcher: Fetcher, *, limits: InputLimits = DEFAULT_LIMITS, decoders: int = 2
    ) -> None:
        self._files, self._pictures = files, pictures
        self._fetcher = fetcher
        self._limits = limits
        self._decoders = ThreadPoolExecutor(decoders, "limner-decoding")

    async def load(self, images: Sequence[ImageSource], mask: ImageSource | None, *, project_id: str) -> LoadedImages:
        """Return the pictures in order, and the mask in its own size. The first picture and the mask are never reduced.

        Raises:
            InvalidField: too many pictures, or a URL that is too long or not well written.
            UnknownFile: the project has no such file or kept picture.
            RefusedAddress, ImageNotFetched: as `Fetcher.fetch`.
            UnsupportedImage, UnusableImage: as `decode_images`, or too many bytes in all.
        """
        limits = self._limits
        if len(images) > limits.images:
            param = images[limits.images].param
            raise InvalidField(param, f"{len(images)} pictures were sent; at most {limits.images} are taken")
        sources = [*images] if mask is None else [*images, mask]
        contents = await self.read(sources, project_id=project_id)
        sides = [None if index in (0, len(images)) else limits.reference_side for index in range(len(sources))]
        params = [source.param for source in sources]

        def decode() -> list[DecodedImage]:
            return decode_images(contents, params, limits.decode, largest_sides=sides)

        decoded = await asyncio.get_running_loop().run_in_executor(self._decoders, decode)
        return LoadedImages(images=tuple(decoded[: len(images)]), mask=None if mask is None else decoded[-1])

    async def read(self, sources: Sequence[ImageSource], *, project_id: str) -> list[bytes]:
        """Return the bytes of every source: first what is here, so that nothing is fetched for a request that fails anyway.

        Raises:
            InvalidField, UnknownFile, RefusedAddress, ImageNotFetched, UnusableImage: as `load`.
        """
        for source in sources:
            self._check(source)
        budget = _Budget(self._limits.total_bytes)
        contents = await anyio.to_thread.run_sync(self._read_local, sources, project_id, budget)
        await self._fetch_missing(sources, contents, budget)
        return [content or b"" for content in contents]

    def _check(self, source: ImageSource) -> None:
        if source.url is None:
            return
        if len(source.url) > self._limits.url_chars:
            at_most = f"at most {self._limits.url_chars:,} are taken"
            raise InvalidField(
                source.param, f"{source.param} is a URL of {len(source.url):,} characters; {at_most}, so upload the file instead"
            )
        if _is_remote(source):
            self._fetcher.check(source.url, param=source.param)

    def _read_local(self, sources: Sequence[ImageSource], project_id: str, budget: _Budget) -> list[bytes | None]:
        """Return what need not be fetched, and None in the place of what must."""
        contents: list[bytes | None] = []
        for source in sources:
            content = source.content
            if source.file_id is not None:
                content = self._read_stored(source, source.file_id, project_id)
            elif source.url is not None and not _is_remote(source):
                content = read_data_url(source.url, param=source.param)
            budget.spend(len(content or b""), source.param)
            contents.append(content)
        return contents

    def _read_stored(self, source: ImageSource, file_id: str, project_id: str) -> bytes:
        store: FileStore | PictureStore = self._pictures if source.picture_id else self._files
        param = source.param
        try:
            size = store.get(project_id, file_id).size_bytes
            if size > self._limits.decode.image_bytes:
                at_most = f"at most {self._limits.decode.image_bytes:,} are read"
                raise UnusableImage(f"{param} is a file of {size:,} bytes; {at_most}, so upload a smaller one", param=param)
            return store.read(project_id, file_id)
        except UnknownFile as error:
            raise UnknownFile(error.message, param=param) from error

    async def _fetch_missing(self, sources: Sequence[ImageSource], contents: list[bytes | None], budget: _Budget) -> None:
        """Fill the places that are None, several at once; the first failure ends the others."""
        failures: list[RequestError] = []
        slots = anyio.Semaphore(self._limits.fetched_at_once)

        async def fetch(index: int, url: str, param: str) -> None:
            try:
                async with slots:
                    content = await self._fetcher.fetch(url, param=param)
                budget.spend(len(content), param)
                contents[index] = content
            except RequestError as error:
                failures.append(error)
                group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for index, source in enumerate(sources):
                if source.url is not None and contents[index] is None:
                    group.start_soon(fetch, index, source.url, source.param)
        if failures:
            raise failures[0]


class _Budget:
    """The bytes that the pictures of one request may still take together."""

    def __init__(self, total_bytes: int) -> None:
        self._total_bytes = self._left = total_bytes

    def spend(self, num_bytes: int, param: str) -> None:
        self._left -= num_bytes
        if self._left < 0:
            message = f"{param} brings the pictures of this request over {self._total_bytes:,} bytes in all; send fewer or smaller ones"
            raise UnusableImage(message, param=param)


def _is_remote(source: ImageSource) -> bool:
    return source.url is not None and source.url[:5].lower() != "data:"


def read_data_url(url: str, *, param: str) -> bytes:
    """Return what a `data:...;base64,...` URL holds. The media type is not trusted, so any is taken, or none.

    Both alphabets of base64 are read, not mixed; whitespace is skipped; the `=` at the end may be left out. Anything else is refused.

    Raises:
        InvalidField: it is not base64, or not good base64.
    """
    header, comma, text = url.partition(",")
    if not comma or not header.lower().endswith(";base64"):
        shown = header if len(header) <= MAX_SHOWN_CHARS else header[:MAX_SHOWN_CHARS] + "…"
        raise InvalidField(param, f"{param} begins {shown!r}; only base64 data URLs are read: data:image/png;base64,...")
    if not text.isascii():
        raise InvalidField(param, f"{param} has characters that are not base64; encode the bytes of the picture again")
    try:
        content = io.BytesIO()
        content.writelines(_decode_pieces(text))
        return content.getvalue()  # the buffer itself: a join would copy it all at once
    except binascii.Error as error:
        raise InvalidField(param, f"{param} is not good base64 ({_reason(text)}); encode the whole picture again") from error


def _decode_pieces(text: str) -> Iterator[bytes]:
    """Decode a piece at a time, each a multiple of four characters; the interpreter's lock is free between two."""
    body = text.rstrip(PADDING + WHITESPACE)
    num_padding = text.count(PADDING, len(body))
    num_characters, seen, left = 0, set[str](), b""
    for start in range(0, len(body), BASE64_AT_ONCE_CHARS):
        piece = body[start : start + BASE64_AT_ONCE_CHARS]
        seen |= {name for name, special in ALPHABETS.items() if any(character in piece for character in special)}
        characters = left + piece.encode("ascii").translate(TO_STANDARD, WHITESPACE.encode())
        whole = len(characters) - len(characters) % 4
        left = characters[whole:]
        num_characters += whole
        if len(seen) > 1 or PADDING in piece:
            raise binascii.Error
        yield binascii.a2b_base64(characters[:whole], strict_mode=True)
    if num_padding and num_padding != -(num_characters + len(left)) % 4:
        raise binascii.Error
    yield binascii.a2b_base64(left + b"=" * (-len(left) % 4), strict_mode=True)


def _reason(text: str) -> str:
    if "%" in text:
        return "it is percent-encoded"
    if "data:" in text:
        return "it has a data URL inside"
    return "a wrong character, or its end is missing"

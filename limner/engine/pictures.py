"""Finished pictures in a person's hands: a PIL image, the seed that drew it, and a file on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from hashlib import sha256
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path
from typing import Any, overload

from PIL import Image

from limner.engine.describing.description import Description
from limner.engine.protocol import Background, Drawn, Finished, GenerateRequest, Pixels
from limner.media.alpha import lay_on_white
from limner.media.encode import OutputFormat, check_output, encode, parse_format
from limner.media.files import check_writable, choose_format, numbered_paths, write_file
from limner.media.metadata import PictureRecord


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture: `pixels` is uint8, (height, width, 4) with straight alpha when transparent, (height, width, 3) when opaque.

    `parent` is the picture that it is an edit of, if that was drawn in this process: undoing is going back to it. `icc_profile` is
    what its colours mean when that is not sRGB.
    """

    pixels: Pixels
    record: PictureRecord
    parent: Picture | None = None
    icc_profile: bytes | None = None

    @cached_property
    def image(self) -> Image.Image:
        """The picture for PIL, in mode RGBA when transparent and RGB when opaque."""
        return Image.fromarray(self.pixels)

    @property
    def seed(self) -> int:
        """The seed that draws this picture again, alone."""
        return self.record.seed

    @property
    def snapshot(self) -> str:
        """The snapshot of the model that drew it."""
        return self.record.snapshot

    @property
    def turns(self) -> tuple[PictureRecord, ...]:
        """How it came about, the first turn first and its own last: what was asked for, with which seed, of which snapshot."""
        records, picture = [self.record], self.parent
        while picture is not None:
            records.append(picture.record)
            picture = picture.parent
        return tuple(reversed(records))

    @cached_property
    def description(self) -> Description:
        """What is seen in the pixels, by the eyes of this process's weights.

        Raises:
            DamagedFile: the weights hold no eyes, or are not what their manifest says.
        """
        description: Description = import_module("limner.engine.library").shared_describer().describe(self.pixels)
        return description

    @property
    def alt_text(self) -> str:
        """One sentence for those who cannot see the picture: what its file says, else what is seen in it (`description`)."""
        return self.record.alt_text or self.description.alt_text

    def with_alt_text(self) -> Picture:
        """Return it as a picture whose file says its alternative text too."""
        return replace(self, record=replace(self.record, alt_text=self.alt_text))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the PNG that `save` writes, by which an edit of it names its parent."""
        return sha256(self.to_bytes()).hexdigest()

    def edit(self, prompt: str, **options: Any) -> Pictures:
        """Edit exactly these pixels; the options and errors are those of `limner.edit`."""
        pictures: Pictures = import_module("limner").edit(self, prompt, **options)
        return pictures

    def to_bytes(self, format: str = "png", *, compression: int | None = None) -> bytes:
        """Return the bytes that `save` writes; what an opaque edit kept translucent lies on white in a JPEG.

        Raises:
            InvalidField, IncompatibleFields: as `limner.media.encode.parse_format` and `check_output`.
        """
        output_format = parse_format(format)
        pixels = suit_format(self.pixels, output_format, self.record.background)
        return encode(pixels, output_format, compression=compression, record=self.record, icc_profile=self.icc_profile)

    def save(self, path: str | PathLike[str], *, format: str | None = None, compression: int | None = None) -> Path:
        """Write the picture, over what was there; without `format` the ending decides. `compression` is 0 (smallest) to 100 (best).

        Raises:
            UnwritableOutput: the folder is missing or closed.
            InvalidField, IncompatibleFields: no such format, or one that cannot hold this picture.
        """
        target = Path(path)
        write_file(target, self.to_bytes(choose_format(target, format), compression=compression))
        return target

    def _repr_png_(self) -> bytes:
        return self.to_bytes()


@dataclass(frozen=True, eq=False)
class Pictures(Sequence[Picture]):
    """The pictures of one request, in order."""

    items: tuple[Picture, ...]

    @overload
    def __getitem__(self, index: int) -> Picture: ...
    @overload
    def __getitem__(self, index: slice) -> Pictures: ...
    def __getitem__(self, index: int | slice) -> Picture | Pictures:
        return Pictures(self.items[index]) if isinstance(index, slice) else self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Picture]:
        return iter(self.items)

    def save(self, path: str | PathLike[str], *, format: str | None = None, compression: int | None = None) -> list[Path]:
        """Write that file, or `kite-1.png`, `kite-2.png` ... when there are more; return what was written.

        Raises:
            UnwritableOutput, InvalidField, IncompatibleFields: as `Picture.save`; then nothing was written.
        """
        paths = numbered_paths(Path(path), len(self))
        for picture, target in zip(self, paths, strict=True):
            check_output(choose_format(target, format), compression, picture.record.background)
            check_writable(target)
        return [picture.save(target, format=format, compression=compression) for picture, target in zip(self, paths, strict=True)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Origin:
    """What pictures were made from: `digest` as in `PictureRecord.parent`, and of a source the picture, and what its colours mean."""

    digest: str = ""
    picture: Picture | None = None
    icc_profile: bytes | None = None


FROM_WORDS = Origin()


def collect_pictures(request: GenerateRequest, finished: Finished, origin: Origin = FROM_WORDS) -> Pictures:
    """Turn what an engine drew into pictures that know how they were drawn, and from what."""
    return Pictures(tuple(_picture(request, drawn, finished.machine_kind, origin) for drawn in finished.pictures))


def trim_alpha(pixels: Pixels, background: Background) -> Pixels:
    """Drop the alpha channel of an opaque picture, unless pixels that an edit kept are translucent; else return all as it is."""
    is_plain = background == "opaque" and pixels.shape[-1] == 4 and bool((pixels[..., 3] == 255).all())
    return lay_on_white(pixels) if is_plain else pixels


def suit_format(pixels: Pixels, output_format: OutputFormat, background: str) -> Pixels:
    """Lay on white what an opaque edit kept translucent, if the format has no transparency; else return all as it is."""
    return lay_on_white(pixels) if output_format == "jpeg" and background == "opaque" and pixels.shape[-1] == 4 else pixels


@cache
def software_name() -> str:
    """Return this package's name and version, as files carry it."""
    try:
        return f"Limner {version('limner')}"
    except PackageNotFoundError:
        return "Limner"


def _picture(request: GenerateRequest, drawn: Drawn, machine_kind: str, origin: Origin) -> Picture:
    record = PictureRecord(
        prompt=request.prompt,
        seed=drawn.seed,
        snapshot=request.snapshot,
        quality=request.quality,
        background=request.background,
        machine_kind=machine_kind,
        software=software_name(),
        parent=origin.digest,
    )
    return Picture(trim_alpha(drawn.pixels, request.background), record, origin.picture, origin.icc_profile)

"""Pictures that a program hands over, whatever they come as: files, bytes, PIL images, arrays, or pictures that were drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from os import PathLike
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image, ImageOps

from limner.engine.pictures import Origin, Picture, Pictures
from limner.engine.protocol import MAX_INPUT_IMAGES, EditRequest, Mask, Pixels
from limner.engine.resolve_edit import MAX_REFERENCE_SIDE_PX
from limner.errors import InvalidField, UnsupportedImage, UnusableImage
from limner.media.decode import DecodeLimits, decode_images
from limner.media.masks import parse_mask_mode, read_mask
from limner.media.regions import is_region
from limner.model.layout import Size

DECODING = DecodeLimits()
PIL_MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"}  # eight bits a channel, and known to become RGBA
IMAGE_KINDS = "a path, the bytes of a file, a PIL image, an array, or a Picture"


@dataclass(frozen=True, kw_only=True)
class ImageFile:
    """The bytes of a picture's file, what messages call it, and the digest of the file that it stands for, if not its own."""

    content: bytes
    name: str
    digest: str = ""


ImageInput = str | PathLike[str] | bytes | ImageFile | Image.Image | Pixels | Picture
MaskInput = ImageInput | Mask  # a picture of a mask, or the mask itself: True where the source may change


@dataclass(frozen=True, kw_only=True, eq=False)
class GivenImage:
    """One picture as it came: straight-alpha RGBA, whether it could say what is transparent, and what an edit of it comes from."""

    pixels: Pixels
    has_alpha: bool
    origin: Origin


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """All that came with one request. The first image is the source, where there is one; `mask` is of its size."""

    images: tuple[GivenImage, ...]
    mask: Mask | None = None

    @property
    def pixels(self) -> list[Pixels]:
        """The pixels of every image, in order."""
        return [image.pixels for image in self.images]

    @property
    def origin(self) -> Origin:
        """What an edit of the first image comes from."""
        return self.images[0].origin

    @property
    def joint_origin(self) -> Origin:
        """What a composition of all images comes from."""
        return Origin(digest=" ".join(image.origin.digest for image in self.images))

    def origin_of(self, request: EditRequest) -> Origin:
        """What pictures of the request come from: its source, or all images if it has none."""
        return self.origin if request.has_source else self.joint_origin


def read_inputs(images: ImageInput | Sequence[ImageInput], mask: MaskInput | None = None, *, mask_mode: str = "alpha") -> Inputs:
    """Read one image or several, and a mask picture (or a bool array, True where it may change) for the first of them.

    Images after the first lose nothing that an edit uses when they are reduced.

    Raises:
        InvalidField, IncompatibleFields: not a picture, unreadable, too many, or a mode without a mask; `param` says which field.
        UnsupportedImage, UnusableImage: as `limner.media.decode.decode_images`.
        InvalidMask: as `limner.media.masks.read_mask`.
    """
    mode = parse_mask_mode(mask_mode, has_mask=mask is not None)
    listed: list[ImageInput] = [*images] if isinstance(images, list | tuple | Pictures) else [cast("ImageInput", images)]
    if not 1 <= len(listed) <= MAX_INPUT_IMAGES:
        raise InvalidField("image", f"{len(listed)} images were given; use 1 to {MAX_INPUT_IMAGES}")
    names = ["image" if len(listed) == 1 else f"image {number}" for number in range(1, len(listed) + 1)]
    if mask is None or (isinstance(mask, np.ndarray) and mask.dtype == np.bool_):
        return Inputs(images=tuple(_read(listed, names)), mask=cast("Mask | None", mask))
    *given, painted = _read([*listed, cast("ImageInput", mask)], [*names, "mask"])
    height, width = given[0].pixels.shape[:2]
    return Inputs(images=tuple(given), mask=read_mask(painted.pixels, mode, Size(width, height), has_alpha=painted.has_alpha))


def _read(items: Sequence[ImageInput], names: Sequence[str]) -> list[GivenImage]:
    """Read in order; all that are files are decoded in one process."""
    read = [_open(item, name) for item, name in zip(items, names, strict=True)]
    files = {index: item for index, item in enumerate(read) if isinstance(item, ImageFile)}
    decoded = dict(zip(files, _decode(files, names), strict=True))
    return [decoded[index] if isinstance(item, ImageFile) else item for index, item in enumerate(read)]


def _open(item: ImageInput, name: str) -> ImageFile | GivenImage:
    match item:
        case ImageFile():
            return item
        case bytes():
            return ImageFile(content=item, name=name)
        case str() | PathLike():
            return open_image(item, _field(name))
        case Picture():
            origin = Origin(digest=item.digest, picture=item, icc_profile=item.icc_profile)
            return GivenImage(pixels=_to_rgba(item.image), has_alpha=item.pixels.shape[-1] == 4, origin=origin)
        case Image.Image():
            return _take_image(item, name)
        case np.ndarray():
            return _take_array(item, name)
    raise InvalidField(_field(name), f"{name} is {type(item).__name__}; give {IMAGE_KINDS}")


def open_image(path: str | PathLike[str], param: str = "image") -> ImageFile:
    """Read a picture's file, undecoded.

    Raises:
        InvalidField: it cannot be read; `param` names the field.
        UnusableImage: it is larger than what is decoded.
    """
    name = repr(str(path))
    if param == "mask" and is_region(str(path)):
        raise InvalidField("mask", f"mask {name} is a region; give it as region")
    try:
        num_bytes = Path(path).stat().st_size
        if num_bytes > DECODING.image_bytes:
            at_most = f"at most {DECODING.image_bytes:,} are read"
            raise UnusableImage(f"{name} has {num_bytes:,} bytes; {at_most}, so give a smaller file", param=param)
        return ImageFile(content=Path(path).read_bytes(), name=name)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InvalidField(param, f"{param} {name} cannot be read: {reason}; name a PNG, JPEG or WebP file") from error


def _decode(files: dict[int, ImageFile], names: Sequence[str]) -> list[GivenImage]:
    params = [names[index] for index in files]
    sides = [None if index == 0 or names[index] == "mask" else MAX_REFERENCE_SIDE_PX for index in files]
    try:
        decoded = decode_images([file.content for file in files.values()], params, DECODING, largest_sides=sides)
    except (UnsupportedImage, UnusableImage) as error:
        param = str(error.param)
        called = files[names.index(param)].name
        raise type(error)(called + error.message.removeprefix(param), param=_field(param)) from error
    return [
        GivenImage(
            pixels=image.pixels,
            has_alpha=image.has_alpha,
            origin=Origin(digest=file.digest or sha256(file.content).hexdigest(), icc_profile=image.icc_profile),
        )
        for file, image in zip(files.values(), decoded, strict=True)
    ]


def _take_image(image: Image.Image, name: str) -> GivenImage:
    if image.mode not in PIL_MODES:
        raise InvalidField(_field(name), f"{name} has mode {image.mode!r}; convert it to RGB or RGBA first")
    upright = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile") if image.mode.startswith(("RGB", "P")) else None
    pixels = _to_rgba(upright)
    return GivenImage(pixels=pixels, has_alpha=image.has_transparency_data, origin=Origin(digest=_digest(pixels), icc_profile=profile))


def _take_array(array: Pixels, name: str) -> GivenImage:
    shape = array.shape
    if array.dtype != np.uint8 or len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] not in (3, 4)) or 0 in shape:
        said = f"{name} is an array of {array.dtype} {shape}"
        raise InvalidField(
            _field(name), f"{said}; give uint8 (height, width), (height, width, 3) or (height, width, 4) with straight alpha"
        )
    pixels = _to_rgba(Image.fromarray(np.ascontiguousarray(array)))
    return GivenImage(pixels=pixels, has_alpha=shape[2:] == (4,), origin=Origin(digest=_digest(pixels)))


def _to_rgba(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("RGBA"))


def _digest(pixels: Pixels) -> str:
    return sha256(f"{pixels.shape[1]}x{pixels.shape[0]} ".encode() + pixels.tobytes()).hexdigest()


def _field(name: str) -> str:
    return "mask" if name == "mask" else "image"

"""What a mask keeps comes back byte for byte: whatever the picture is written in, whatever the mask, the size and the lossless format."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import httpx2
import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from limner.media.masks import fit_mask
from limner.media.resize import fit_pixels
from limner.model.layout import Size

ORIENTATION = 0x0112
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PLAIN_KINDS = ["rgb", "rgba", "grey", "grey-alpha", "palette", "palette-key", "bits", "rgb-16", "rgba-16", "grey-16", "rgb-key", "grey-key"]
OTHER_KINDS = ["webp", "webp-lossy", "jpeg", "jpeg-grey", "jpeg-cmyk"]
LOSSLESS: list[dict[str, Any]] = [
    {"output_format": "png"},
    {"output_format": "webp"},
    {"output_format": "webp", "output_compression": 100},
]


@dataclass(frozen=True)
class Source:
    """A picture to be made: how it is written, its size, what it shows, how the camera was held (1 to 8), and whether it has a profile."""

    kind: str
    width: int
    height: int
    seed: int
    orientation: int = 1
    has_profile: bool = False

    def write(self) -> bytes:
        """Return the file."""
        rng = np.random.default_rng(self.seed)
        pixels = rng.integers(0, 256, (self.height, self.width, 4), np.uint8)
        pixels[..., 3] = rng.choice([0, 0, 1, 128, 255, 255], pixels.shape[:2])  # colour under alpha 0 too
        if self.kind.endswith("-16"):
            return write_16_bits(self.kind, rng.integers(0, 65536, pixels.shape, np.uint16))
        image, options = convert(Image.fromarray(pixels), self.kind, rng)
        file = io.BytesIO()
        exif = Image.Exif()
        exif[ORIENTATION] = self.orientation
        if self.has_profile and image.mode in ("RGB", "RGBA"):
            options["icc_profile"] = PROFILE
        image.save(file, exif=exif.tobytes(), **options)
        return file.getvalue()


@dataclass(frozen=True)
class Cut:
    """A mask to be made: which share of it may change, in which shape, and how it is written."""

    shape: str
    share: float
    seed: int
    kind: str

    def allows(self, width: int, height: int) -> np.ndarray:
        """Return bool (height, width), True where the picture may change; at least one pixel may."""
        rng = np.random.default_rng(self.seed)
        allowed = rng.random((height, width)) < self.share
        if self.shape == "box":
            allowed = np.zeros((height, width), np.bool_)
            right, bottom = max(1, round(width * self.share)), max(1, round(height * self.share))
            left, top = int(rng.integers(0, width - right + 1)), int(rng.integers(0, height - bottom + 1))
            allowed[top : top + bottom, left : left + right] = True
        allowed[rng.integers(0, height), rng.integers(0, width)] = True
        return allowed

    def write(self, allowed: np.ndarray) -> tuple[bytes, dict[str, str]]:
        """Return the file, and the fields that go with it."""
        pixels = np.random.default_rng(self.seed).integers(0, 256, (*allowed.shape, 4), np.uint8)
        pixels[..., 3] = np.where(allowed, 0, np.maximum(pixels[..., 3], 1))
        file = io.BytesIO()
        if self.kind == "luma":
            Image.fromarray(np.where(allowed, np.uint8(255), np.uint8(0))).save(file, "PNG")
            return file.getvalue(), {"mask_mode": "luma"}
        image = Image.fromarray(pixels).convert("LA" if self.kind == "grey-alpha" else "RGBA")
        image.save(file, "WEBP" if self.kind == "webp" else "PNG", **({"lossless": True, "exact": True} if self.kind == "webp" else {}))
        return file.getvalue(), {}


def convert(image: Image.Image, kind: str, rng: np.random.Generator) -> tuple[Image.Image, dict[str, Any]]:
    match kind:
        case "rgb":
            return image.convert("RGB"), {"format": "PNG"}
        case "grey" | "grey-alpha" | "bits":
            return image.convert({"grey": "L", "grey-alpha": "LA", "bits": "1"}[kind]), {"format": "PNG"}
        case "palette":
            return image.convert("RGB").quantize(int(rng.integers(2, 257))), {"format": "PNG"}
        case "palette-key":
            return image.convert("RGB").quantize(16), {"format": "PNG", "transparency": int(rng.integers(0, 16))}
        case "rgb-key":
            keyed = image.convert("RGB")
            return keyed, {"format": "PNG", "transparency": keyed.getpixel((0, 0))}
        case "grey-key":
            keyed = image.convert("L")
            return keyed, {"format": "PNG", "transparency": keyed.getpixel((0, 0))}
        case "webp":
            return image, {"format": "WEBP", "lossless": True, "exact": True}
        case "webp-lossy":
            return image, {"format": "WEBP", "quality": 60}
        case "jpeg" | "jpeg-grey" | "jpeg-cmyk":
            return image.convert({"jpeg": "RGB", "jpeg-grey": "L", "jpeg-cmyk": "CMYK"}[kind]), {"format": "JPEG"}
    return image, {"format": "PNG"}


def write_16_bits(kind: str, samples: np.ndarray) -> bytes:
    """Write a PNG of 16 bits a channel by hand; nothing else here does."""
    channels, colour_type = {"grey-16": (1, 0), "rgb-16": (3, 2), "rgba-16": (4, 6)}[kind]
    height, width = samples.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples[..., :channels])
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def decode(content: bytes) -> np.ndarray:
    """Return what a picture shows, upright, as another library reads it; of 16 bits the high ones."""
    image = Image.open(io.BytesIO(content))
    if image.mode.startswith("I"):
        grey = (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
        image = Image.fromarray(grey)
    return np.asarray(ImageOps.exif_transpose(image).convert("RGBA"))


def ask(wire: httpx2.Client, sources: list[bytes], mask: bytes, **fields: Any) -> httpx2.Response:
    texts = {name: str(value) for name, value in {"prompt": "a blue box", "quality": "low", **fields}.items()}
    files = [("image[]", ("a", content)) for content in sources]
    return wire.post("/v1/images/edits", data=texts, files=[*files, ("mask", ("m", mask))])


def result(answer: httpx2.Response) -> tuple[np.ndarray, Image.Image]:
    assert answer.status_code == 200, answer.text[:500]
    image = Image.open(io.BytesIO(base64.b64decode(answer.json()["data"][0]["b64_json"])))
    return np.asarray(image.convert("RGBA")), image


def kept_at_centres(allowed: np.ndarray, size: Size) -> np.ndarray:
    """Return which pixels of the result have their centre in a pixel of the source that is kept, by the cut that is documented."""
    height, width = allowed.shape
    scale = min(width / size.width, height / size.height)
    across = (width - size.width * scale) / 2 + (np.arange(size.width) + 0.5) * scale
    down = (height - size.height * scale) / 2 + (np.arange(size.height) + 0.5) * scale
    return ~allowed[down.astype(int).clip(0, height - 1)][:, across.astype(int).clip(0, width - 1)]


SIDES = st.integers(1, 90)
SOURCES = st.builds(
    Source,
    kind=st.sampled_from(PLAIN_KINDS + OTHER_KINDS),
    width=SIDES,
    height=SIDES,
    seed=st.integers(0, 2**32),
    orientation=st.integers(1, 8),
    has_profile=st.booleans(),
)
CUTS = st.builds(
    Cut,
    shape=st.sampled_from(["box", "dust"]),
    share=st.floats(0, 1),
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(["rgba", "grey-alpha", "webp", "luma"]),
)
BACKGROUNDS = st.sampled_from(["auto", "opaque", "transparent"])
PLAIN_CUT = Cut("box", 0.5, 1, "rgba")


@given(
    source=SOURCES,
    cut=CUTS,
    output=st.sampled_from(LOSSLESS),
    background=BACKGROUNDS,
    fidelity=st.sampled_from(["low", "high"]),
    others=st.lists(SOURCES, max_size=3),
)
@settings(settings.get_profile("wire"), max_examples=40)
@example(Source("rgba", 90, 90, 1), PLAIN_CUT, LOSSLESS[0], "opaque", "low", [])
@example(Source("rgba", 1, 1, 1), PLAIN_CUT, LOSSLESS[1], "transparent", "high", [])
@example(Source("rgba", 257, 3, 1), Cut("dust", 0.5, 1, "luma"), LOSSLESS[2], "auto", "low", [Source("jpeg", 64, 64, 2)])
@example(Source("jpeg", 60, 31, 1, 6, has_profile=True), PLAIN_CUT, LOSSLESS[0], "auto", "low", [])
@example(Source("rgba-16", 31, 60, 1), PLAIN_CUT, LOSSLESS[0], "auto", "low", [])
def test_what_a_mask_keeps_comes_back_byte_for_byte(
    wire: httpx2.Client, source: Source, cut: Cut, output: dict[str, Any], background: str, fidelity: str, others: list[Source]
):
    content = source.write()
    before = decode(content)
    allowed = cut.allows(before.shape[1], before.shape[0])
    mask, fields = cut.write(allowed)

    answer = ask(
        wire, [content, *(other.write() for other in others)], mask, background=background, input_fidelity=fidelity, **output, **fields
    )

    after, image = result(answer)
    assert answer.json()["size"] == f"{before.shape[1]}x{before.shape[0]}"
    assert after.shape == before.shape
    assert np.array_equal(after[~allowed], before[~allowed])
    assert (image.info.get("icc_profile") is not None) == (Image.open(io.BytesIO(content)).info.get("icc_profile") is not None)


@given(
    source=SOURCES,
    cut=CUTS,
    output=st.sampled_from(LOSSLESS),
    background=BACKGROUNDS,
    sides=st.tuples(st.integers(16, 40), st.integers(16, 40)),
)
@settings(settings.get_profile("wire"), max_examples=20)
def test_at_another_size_what_a_mask_keeps_is_the_resized_source(
    wire: httpx2.Client, source: Source, cut: Cut, output: dict[str, Any], background: str, sides: tuple[int, int]
):
    content = source.write()
    before = decode(content)
    size = Size(sides[0] * 16, sides[1] * 16)
    allowed = cut.allows(before.shape[1], before.shape[0])
    fitted = fit_mask(allowed, size)
    assume(fitted.any())
    mask, fields = cut.write(allowed)

    answer = ask(wire, [content], mask, size=size, background=background, **output, **fields)

    after, _ = result(answer)
    assert answer.json()["size"] == str(size)
    assert np.array_equal(after[~fitted], fit_pixels(before, size)[~fitted])
    assert not fitted[kept_at_centres(allowed, size)].any()


@given(
    source=st.builds(Source, kind=st.sampled_from(["rgb", "rgba", "webp"]), width=SIDES, height=SIDES, seed=st.integers(0, 2**32)),
    canvas=st.tuples(st.integers(16, 100), st.integers(16, 100)),
    place=st.tuples(st.integers(-20, 60), st.integers(-20, 60)),
    background=BACKGROUNDS,
)
@settings(settings.get_profile("wire"), max_examples=20)
def test_on_a_larger_canvas_every_old_pixel_that_is_still_on_it_comes_back(
    wire: httpx2.Client, source: Source, canvas: tuple[int, int], place: tuple[int, int], background: str
):
    width, height = canvas
    left, top = place
    assume(max(canvas) <= 3 * min(canvas))
    assume(left < width and top < height and left + source.width > 0 and top + source.height > 0)
    assume(left > 0 or top > 0 or left + source.width < width or top + source.height < height)
    content = source.write()
    old = np.zeros((height, width), np.bool_)
    old[max(0, top) : top + source.height, max(0, left) : left + source.width] = True
    shown = decode(content)[max(0, -top) : height - top, max(0, -left) : width - left]

    texts = {"prompt": "a blue box", "quality": "low", "background": background, "canvas": f"{width}x{height}{left:+}{top:+}"}
    answer = wire.post("/v1/images/edits", data=texts, files={"image": ("a", content)})

    after, _ = result(answer)
    assert after.shape == (height, width, 4)
    assert np.array_equal(after[old], shown.reshape(-1, 4))


@given(source=SOURCES, cut=CUTS, seed=st.integers(0, 2**53 - 1))
@settings(settings.get_profile("wire"), max_examples=10)
def test_a_masked_edit_is_the_same_bytes_in_every_lossless_format(wire: httpx2.Client, source: Source, cut: Cut, seed: int):
    content = source.write()
    before = decode(content)
    mask, fields = cut.write(cut.allows(before.shape[1], before.shape[0]))

    pictures = [result(ask(wire, [content], mask, seed=seed, **output, **fields))[0] for output in LOSSLESS]

    assert np.array_equal(pictures[0], pictures[1])
    assert np.array_equal(pictures[0], pictures[2])

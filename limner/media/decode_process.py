"""The process that decodes pictures that nobody vouches for: bytes in on standard input, straight-alpha RGBA out on standard output.

Started by `limner.media.decode` as `python -m limner.media.decode_process`, for one call. Before it reads the first byte
it gives up opening files, starting processes and growing past its memory and time. Whatever goes wrong in it ends it,
and its parent takes that for a damaged picture; only what a caller can act on is answered in words.

In: a line of JSON with the limits, then for each picture a line of JSON and its bytes. Out: `ready`, then for each
picture a line of JSON, its colour profile and its pixels, or a line with `refused` and nothing after it.
"""

from __future__ import annotations

import io
import json
import math
import resource
import sys
from typing import IO, Any

from PIL import Image, ImageCms, JpegImagePlugin

from limner.media.containers import MAX_PROFILE_BYTES, OPENERS, Opened, Refusal, read_orientation

READY = b"ready\n"
BASE_MEMORY_BYTES = 256 << 20
MEMORY_BYTES_A_PIXEL = 24  # the decoder's own copies, a conversion of colours and a turn, at four bytes each
ROWS_AT_ONCE_PIXELS = 1 << 20
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = range(5, 9)


def confine(image_bytes: int, pixels: int, seconds: float) -> None:
    """Give up, for good, memory beyond what `pixels` take, files, processes and time."""
    memory = BASE_MEMORY_BYTES + 2 * image_bytes + MEMORY_BYTES_A_PIXEL * pixels
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: math.ceil(seconds) + 1,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 0,
    }
    for what, limit in limits.items():
        resource.setrlimit(what, (limit, limit))


def to_rgba(opened: Opened) -> tuple[Image.Image, bytes]:
    """Return straight-alpha RGBA and the profile that its colours are still in; empty after a conversion to sRGB."""
    image = opened.image
    has_key = "transparency" in image.info
    if has_key and opened.depth == 16:
        raise Refusal("has 16 bits a channel and one transparent colour; save it with an alpha channel")
    if has_key and image.mode == "L" and opened.depth < 8:
        image.info["transparency"] = image.info["transparency"] * 255 // (2**opened.depth - 1)
    if image.mode.startswith("I;16"):
        image = Image.frombytes("L", image.size, image.tobytes(), "raw", "L;16")  # the high bytes; a plain conversion saturates
    if len(opened.profile) > MAX_PROFILE_BYTES:
        raise Refusal(f"has a colour profile of over {MAX_PROFILE_BYTES >> 20} MiB; convert it to sRGB")
    profile = _read_profile(opened.profile)
    space = profile.profile.xcolor_space.strip() if profile else ""
    if profile and (space, image.mode) in {("GRAY", "L"), ("GRAY", "LA"), ("GRAY", "1"), ("CMYK", "CMYK")}:
        return _convert_colours(image, profile), b""
    rgba = image.convert("RGBA")
    return rgba, opened.profile if space == "RGB" and image.mode in {"RGB", "RGBA", "P"} else b""


def _read_profile(profile: bytes) -> ImageCms.ImageCmsProfile | None:
    """Open a colour profile; None when there is none or it is broken, which is common and harmless."""
    if not profile:
        return None
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}[opened.profile.xcolor_space.strip()]
        ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (OSError, ImageCms.PyCMSError, KeyError):
        return None
    return opened


def _convert_colours(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    mode = "CMYK" if image.mode == "CMYK" else "L"
    srgb, intent, flags = ImageCms.createProfile("sRGB"), ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
    colour = ImageCms.profileToProfile(image.convert(mode), profile, srgb, outputMode="RGB", renderingIntent=intent, flags=flags)
    assert colour is not None  # it is only when done in place
    if alpha is None:
        return colour.convert("RGBA")
    colour.putalpha(alpha)
    return colour


def decode(content: bytes, order: dict[str, Any], limits: dict[str, int]) -> tuple[dict[str, Any], bytes, Image.Image]:
    """Return what there is to say about a picture, its colour profile and its RGBA pixels, upright."""
    opened = OPENERS[order["format"]](content, limits)
    width, height = opened.image.size
    has_alpha = opened.image.has_transparency_data
    largest = order["largest_side"]
    if largest and isinstance(opened.image, JpegImagePlugin.JpegImageFile):
        opened.image.draft(None, _reduced(width, height, largest))
    opened.image.load()
    rgba, profile = to_rgba(opened)
    if largest:
        rgba = _reduce(rgba, _reduced(width, height, largest), has_alpha=has_alpha)
    orientation = read_orientation(opened.exif)
    if orientation in TURNS:
        rgba = rgba.transpose(TURNS[orientation])
    if orientation in SIDEWAYS:
        width, height = height, width
    said = {"width": rgba.width, "height": rgba.height, "source_width": width, "source_height": height}
    return {**said, "has_alpha": has_alpha, "profile_bytes": len(profile)}, profile, rgba


def _reduce(rgba: Image.Image, size: tuple[int, int], *, has_alpha: bool) -> Image.Image:
    if has_alpha:
        return rgba.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return rgba.convert("RGB").resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0).convert("RGBA")


def _reduced(width: int, height: int, largest: int) -> tuple[int, int]:
    scale = min(1.0, largest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _send(out: IO[bytes], said: dict[str, Any], profile: bytes, rgba: Image.Image) -> None:
    out.write(json.dumps(said).encode() + b"\n" + profile)
    rows = max(1, ROWS_AT_ONCE_PIXELS // rgba.width)
    for top in range(0, rgba.height, rows):
        out.write(rgba.crop((0, top, rgba.width, min(top + rows, rgba.height))).tobytes())
    out.flush()


def main() -> None:
    """Serve the one call that this process was started for."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    limits = json.loads(requests.readline())
    Image.MAX_IMAGE_PIXELS = limits["pixels"]
    confine(limits["image_bytes"], limits["pixels"], limits["seconds"])
    answers.write(READY)
    answers.flush()
    left = limits["total_pixels"]
    try:
        while line := requests.readline():
            order = json.loads(line)
            said, profile, rgba = decode(requests.read(order["num_bytes"]), order, limits)
            left -= rgba.width * rgba.height
            if left < 0:
                raise Refusal(
                    f"brings the pictures of this request over {limits['total_pixels']:,} pixels in all; send fewer or smaller ones"
                )
            _send(answers, said, profile, rgba)
    except Refusal as refusal:
        answers.write(json.dumps({"refused": str(refusal)}).encode() + b"\n")
    except MemoryError:
        answers.write(b'{"refused": "takes too much memory to decode; send a smaller one"}\n')


if __name__ == "__main__":
    main()

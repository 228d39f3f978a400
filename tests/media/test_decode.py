"""Every picture that a stranger may send: decoded right, or refused in words, and never at the server's cost."""

from __future__ import annotations

import contextlib
import io
import json
import struct
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from limner.errors import EngineError, UnsupportedImage, UnusableImage
from limner.media.alpha import Pixels
from limner.media.decode import DecodedImage, DecodeLimits, decode_images
from limner.media.decode_process import TURNS

FORMATS = ("PNG", "JPEG", "WEBP")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def decode_one(content: bytes, limits: DecodeLimits | None = None) -> DecodedImage:
    [decoded] = decode_images([content], ["image[0]"], limits or DecodeLimits())
    return decoded


def refuse(content: bytes, limits: DecodeLimits | None = None) -> str:
    """Return the message of the refusal that names the field."""
    with pytest.raises((UnsupportedImage, UnusableImage)) as refusal:
        decode_one(content, limits)
    assert refusal.value.param == "image[0]"
    assert refusal.value.message.startswith("image[0] ")
    return refusal.value.message


def save(image: Image.Image, image_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def noise(height: int, width: int, channels: int = 4, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG made by hand; `rows` begin with their filter's byte."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def insert_chunk(content: bytes, kind: bytes, body: bytes) -> bytes:
    """Put a chunk behind the header of a PNG."""
    return content[:33] + chunk(kind, body) + content[33:]


def exif(orientation: int) -> bytes:
    return b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def test_colour_where_nothing_shows_comes_through_in_lossless_formats():
    pixels = noise(13, 17)
    pixels[:5, :, 3] = 0

    files = [save(Image.fromarray(pixels), "PNG"), save(Image.fromarray(pixels), "WEBP", lossless=True, exact=True)]
    decoded = decode_images(files, ["image[0]", "image[1]"])

    for image, image_format in zip(decoded, ("png", "webp"), strict=True):
        np.testing.assert_array_equal(image.pixels, pixels)
        assert (image.has_alpha, image.format, image.icc_profile) == (True, image_format, None)


def test_pictures_without_alpha_are_opaque_and_say_that_they_had_none():
    pixels = noise(9, 8, 3)

    decoded = [decode_one(save(Image.fromarray(pixels), image_format)) for image_format in FORMATS]

    assert [image.has_alpha for image in decoded] == [False] * 3
    assert all((image.pixels[..., 3] == 255).all() for image in decoded)
    np.testing.assert_array_equal(decoded[0].pixels[..., :3], pixels)


def test_many_pictures_come_back_in_order():
    pixels = [noise(4 + index, 5, seed=index) for index in range(16)]

    decoded = decode_images([save(Image.fromarray(one), "PNG") for one in pixels], ["image"] * 16)

    for image, expected in zip(decoded, pixels, strict=True):
        np.testing.assert_array_equal(image.pixels, expected)


def test_no_pictures_need_no_process():
    assert decode_images([], []) == []


KINDS_OF_PNG: list[tuple[int, int, str, tuple[tuple[bytes, str], ...], list[tuple[int, ...]]]] = [
    (16, 0, "0080111000", (), [(128, 128, 128, 255), (16, 16, 16, 255)]),
    (16, 2, "00801180118011100010001000", (), [(128, 128, 128, 255), (16, 16, 16, 255)]),
    (16, 6, "0080117fff80117fff0102030405060708", (), [(128, 127, 128, 127), (1, 3, 5, 7)]),
    (16, 4, "0080117fff10002000", (), [(128, 128, 128, 127), (16, 16, 16, 32)]),
    (8, 4, "0080117fff", (), [(128, 128, 128, 17), (127, 127, 127, 255)]),
    (8, 0, "000709", ((b"tRNS", "0007"),), [(7, 7, 7, 0), (9, 9, 9, 255)]),
    (4, 0, "003f", ((b"tRNS", "0003"),), [(51, 51, 51, 0), (255, 255, 255, 255)]),
    (2, 0, "0060", ((b"tRNS", "0001"),), [(85, 85, 85, 0), (170, 170, 170, 255)]),
    (1, 0, "0040", ((b"tRNS", "0001"),), [(0, 0, 0, 255), (255, 255, 255, 0)]),
    (8, 2, "00070809010203", ((b"tRNS", "000700080009"),), [(7, 8, 9, 0), (1, 2, 3, 255)]),
    (8, 3, "000100", ((b"PLTE", "010203040506"), (b"tRNS", "80")), [(4, 5, 6, 255), (1, 2, 3, 128)]),
    (2, 3, "0040", ((b"PLTE", "010203040506"), (b"tRNS", "00ff")), [(4, 5, 6, 255), (1, 2, 3, 0)]),
]


def test_every_kind_of_png_becomes_the_right_rgba():
    files = [
        png(2, 1, depth, colour, bytes.fromhex(row), *(chunk(kind, bytes.fromhex(body)) for kind, body in extra))
        for depth, colour, row, extra, _ in KINDS_OF_PNG
    ]

    decoded = decode_images(files, ["image"] * len(files))

    for image, (*kind, expected) in zip(decoded, KINDS_OF_PNG, strict=True):
        assert [tuple(pixel) for pixel in image.pixels[0].tolist()] == expected, kind
        assert image.has_alpha == any(pixel[3] != 255 for pixel in expected), kind


@pytest.mark.parametrize(("colour", "row", "key"), [(0, "0080111000", "8011"), (2, "00801180118011100010001000", "801180118011")])
def test_a_transparent_colour_of_16_bits_is_refused_not_lost(colour, row, key):
    content = png(2, 1, 16, colour, bytes.fromhex(row), chunk(b"tRNS", bytes.fromhex(key)))

    message = refuse(content)

    assert "alpha channel" in message


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_of_holding_the_camera_ends_upright(orientation):
    upright = np.asarray(Image.fromarray(noise(2, 3, 3)).resize((48, 32), Image.Resampling.NEAREST))
    undo = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}.get(orientation)
    held = Image.fromarray(upright)
    if undo:
        held = held.transpose(TURNS[undo])
    options = {"PNG": {}, "WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}
    files = [save(held, image_format, exif=exif(orientation), **options[image_format]) for image_format in options]

    decoded = decode_images(files, ["a", "b", "c"])

    assert [(image.source_width, image.source_height) for image in decoded] == [(48, 32)] * 3
    for image, tolerance in zip(decoded, (0, 0, 8), strict=True):
        assert np.abs(image.pixels[..., :3].astype(int) - upright).max() <= tolerance


def test_cmyk_becomes_srgb_with_and_without_a_profile():
    ink = Image.new("CMYK", (16, 16), (255, 0, 0, 0))

    plain, misnamed = (decode_one(save(ink, "JPEG", **options)) for options in ({}, {"icc_profile": SRGB}))

    for image in (plain, misnamed):
        assert (image.icc_profile, image.has_alpha) == (None, False)
        red, green, blue, alpha = image.pixels[8, 8].tolist()
        assert red < 20
        assert min(green, blue) > 200
        assert alpha == 255


def profile_of(space: bytes, connection: bytes, kind: bytes, tag: bytes, body: bytes) -> bytes:
    """The smallest colour profile: a header, a white point, and one tag that says what the colours mean."""
    white = struct.pack(">III", 63190, 65536, 54061)
    tags = [(b"wtpt", b"XYZ \0\0\0\0" + white), (tag, body + bytes(-len(body) % 4))]
    table, place = struct.pack(">I", len(tags)), 128 + 4 + 12 * len(tags)
    for name, data in tags:
        table += name + struct.pack(">II", place, len(data))
        place += len(data)
    header = struct.pack(">I4xI4s4s4s12x4s28x", place, 0x02100000, kind, space, connection, b"acsp") + white
    return header + bytes(128 - len(header)) + table + b"".join(data for _, data in tags)


LINEAR_GREY = profile_of(b"GRAY", b"XYZ ", b"mntr", b"kTRC", b"curv\0\0\0\0" + struct.pack(">IH", 1, 0x0100))
STRAIGHT = bytes(range(256))
RED_INKS_AND_BLACK = profile_of(
    b"CMYK",
    b"Lab ",
    b"prtr",
    b"A2B0",
    b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    + STRAIGHT * 4 + bytes([135, 208, 195, 0, 128, 128]) * 8 + STRAIGHT * 3,
)  # fmt: skip


def test_grey_and_ink_with_a_profile_of_their_own_become_srgb_by_it():
    grey, veiled, ink = (Image.new("L", (8, 8), 128), Image.new("LA", (8, 8), (128, 7)), Image.new("CMYK", (8, 8), (255, 0, 0, 0)))
    files = [save(grey, "PNG", icc_profile=LINEAR_GREY), save(veiled, "PNG", icc_profile=LINEAR_GREY)]
    files.append(save(ink, "JPEG", icc_profile=RED_INKS_AND_BLACK))

    decoded = decode_images(files, ["a", "b", "c"])

    assert [image.icc_profile for image in decoded] == [None] * 3
    for image, alpha in zip(decoded, (255, 7), strict=False):
        np.testing.assert_allclose(image.pixels[4, 4], (188, 188, 188, alpha), atol=2)
    red, green, blue, _ = decoded[2].pixels[4, 4].tolist()
    assert red > 200
    assert max(green, blue) < 60


def test_the_profile_of_colours_that_were_not_touched_comes_through():
    image = Image.fromarray(noise(8, 8, 3))

    decoded = [decode_one(save(image, image_format, icc_profile=SRGB)) for image_format in FORMATS]

    assert [one.icc_profile for one in decoded] == [SRGB] * 3


def test_a_broken_profile_is_dropped_and_the_pixels_stay():
    pixels = noise(8, 8, 3)
    broken = [b"not a profile", SRGB[:200], SRGB[:16] + b"GRAY" + SRGB[20:], SRGB[:16] + b"CMYK" + SRGB[20:], bytes(128)]

    decoded = decode_images([save(Image.fromarray(pixels), "PNG", icc_profile=profile) for profile in broken], ["a", "b", "c", "d", "e"])

    assert [image.icc_profile for image in decoded] == [None] * 5
    for image in decoded:
        np.testing.assert_array_equal(image.pixels[..., :3], pixels)


def test_a_huge_profile_is_refused_and_never_unfolded():
    bomb = b"x\0\0" + zlib.compress(bytes(400_000_000), 1)
    content = insert_chunk(save(Image.fromarray(noise(8, 8)), "PNG"), b"iCCP", bomb)

    message = refuse(content, DecodeLimits(image_bytes=4 << 20, pixels=1000))

    assert "colour profile" in message


def test_nothing_of_the_metadata_is_left_and_bombs_in_it_are_never_unfolded():
    pixels = noise(8, 8)
    content = save(Image.fromarray(pixels), "PNG")
    bomb = zlib.compress(bytes(60_000_000), 9)
    for _ in range(20):
        content = insert_chunk(content, b"zTXt", b"Comment\0\0" + bomb)
        content = insert_chunk(content, b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb)

    started = time.monotonic()
    decoded = decode_one(content)

    np.testing.assert_array_equal(decoded.pixels, pixels)
    assert decoded.icc_profile is None
    assert time.monotonic() - started < 5


def test_what_is_no_picture_is_unsupported_and_named():
    with pytest.raises(UnsupportedImage, match="looks like an SVG") as refusal:
        decode_images([save(Image.new("RGB", (2, 2)), "PNG"), b"<svg xmlns='http://www.w3.org/2000/svg'/>"], ["image", "mask"])

    assert refusal.value.param == "mask"


def test_zero_bytes_and_too_many_are_refused_without_a_process():
    limits = DecodeLimits(image_bytes=100)

    assert "empty" in refuse(b"")
    assert "101 bytes" in refuse(b"\x89PNG\r\n\x1a\n" + bytes(93), limits)


@pytest.mark.parametrize("image_format", FORMATS)
def test_a_file_that_is_cut_off_is_refused_at_every_length(image_format):
    whole = save(Image.fromarray(noise(40, 40, 3)), image_format)

    for length in (20, len(whole) // 2, len(whole) - 40):
        assert "image[0] is" in refuse(whole[:length])


@pytest.mark.parametrize("image_format", FORMATS)
def test_what_follows_the_end_of_a_picture_is_dropped(image_format):
    whole = save(Image.fromarray(noise(10, 10, 3)), image_format)

    plain, followed = (decode_one(whole), decode_one(whole + b"PK\x03\x04<script>alert(1)</script>" * 100))

    np.testing.assert_array_equal(plain.pixels, followed.pixels)


def test_animated_pictures_are_refused_and_said_to_be():
    frames = [Image.fromarray(noise(8, 8, seed=index)) for index in range(3)]

    for image_format in ("PNG", "WEBP"):
        assert "animated" in refuse(save(frames[0], image_format, save_all=True, append_images=frames[1:], duration=100))


def test_of_a_photo_with_several_pictures_in_one_file_the_first_is_taken():
    frames = [Image.fromarray(noise(16, 16, 3, seed=index)) for index in range(2)]

    decoded = decode_one(save(frames[0], "MPO", save_all=True, append_images=frames[1:]))

    assert (decoded.width, decoded.height, decoded.format) == (16, 16, "jpeg")


def test_a_refusal_of_the_process_reaches_the_caller_with_the_field():
    assert refuse(png(60_000, 60_000, 8, 6, b"")).startswith("image[0] is 60000x60000; at most 25,000,000 pixels")


def test_the_sum_of_the_pixels_is_bounded_too():
    content = save(Image.new("RGB", (100, 100)), "PNG")

    with pytest.raises(UnusableImage, match="25,000 pixels in all") as refusal:
        decode_images([content] * 3, ["a", "b", "c"], DecodeLimits(total_pixels=25_000))

    assert refusal.value.param == "c"


def test_a_picture_of_which_less_is_enough_is_reduced():
    files = [save(Image.fromarray(noise(60, 300, 3)), image_format, exif=exif(6)) for image_format in FORMATS]
    files.append(save(Image.fromarray(noise(300, 60)), "PNG"))

    decoded = decode_images(files * 2, ["image"] * 8, largest_sides=[100] * 4 + [400] * 4)

    assert [(image.width, image.height) for image in decoded] == [(20, 100)] * 4 + [(60, 300)] * 4
    assert [(image.source_width, image.source_height) for image in decoded] == [(60, 300)] * 8


def test_a_file_that_takes_too_long_is_ended_when_its_time_is_up():
    plain = save(Image.fromarray(noise(16, 16, 3)).resize((2000, 2000)), "JPEG", progressive=True)
    last_scan, end = plain.rindex(b"\xff\xda"), plain.rindex(b"\xff\xd9")
    content = plain[:end] + plain[last_scan:end] * 500 + plain[end:]

    started = time.monotonic()
    message = refuse(content, DecodeLimits(seconds=0.6))

    assert "within 0.6 s" in message
    assert time.monotonic() - started < 2


def test_a_file_in_too_many_parts_is_refused():
    png_file, jpeg_file = (save(Image.new("RGB", (9, 9)), image_format) for image_format in ("PNG", "JPEG"))

    assert "100,000 parts" in refuse(png_file[:33] + chunk(b"tEXt", b"") * 200_000 + png_file[33:])
    assert "100,000 parts" in refuse(jpeg_file[:2] + b"\xff\xfe\0\2" * 200_000 + jpeg_file[2:])


def test_a_second_header_cannot_bring_more_pixels_in():
    small, large = png(9, 9, 8, 0, bytes(90)), png(60_000, 60_000, 8, 0, bytes(90))

    assert "special kind" in refuse(small[:33] + large[8:])
    assert "without a header" in refuse(small[:8] + chunk(b"tEXt", small[16:29]) + large[8:])
    assert "special kind" in refuse(small[:33] + chunk(b"CgBI", b"\0\0\0\0") + small[33:])


def test_the_largest_picture_that_is_read_fits_the_memory_that_it_is_given():
    side = 5000
    flat = Image.new("CMYK", (side, side), (10, 200, 30, 0))
    files = [
        save(flat, "JPEG", exif=exif(6), progressive=True),
        save(flat.convert("RGBA"), "WEBP", lossless=True, method=0, quality=0),
    ]

    decoded = decode_images(files, ["a", "b"])

    assert [image.pixels.shape for image in decoded] == [(side, side, 4)] * 2


def test_the_decoding_process_knows_none_of_the_servers_secrets(monkeypatch):
    monkeypatch.setenv("PYTHONWARNINGS", "nonsense")
    seen: list[dict[str, object]] = []
    start = subprocess.Popen

    def watch(*arguments: object, **options: object) -> object:
        seen.append(options)
        return start(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", watch)
    decode_one(save(Image.new("RGB", (2, 2)), "PNG"))

    assert seen[0]["env"] == {}


def test_what_the_process_answers_is_not_trusted(monkeypatch, tmp_path):
    pixels = {"width": 10, "height": 10, "source_width": 10, "source_height": 10, "has_alpha": True, "profile_bytes": 0}
    lies = [
        {**pixels, "width": 10**9, "height": 10**9},
        {**pixels, "width": 16_000, "height": 16_000},
        {**pixels, "width": -1},
        {**pixels, "width": "10"},
        {**pixels, "profile_bytes": 10**12},
        {**pixels, "profile_bytes": -1},
        {**pixels, "has_alpha": "yes"},
        {"width": 10},
        [],
        7,
    ]
    program = tmp_path / "liar"
    monkeypatch.setattr(sys, "executable", str(program))

    for lie in lies:
        program.write_text(f"#!/bin/sh\nread line; echo ready; echo '{json.dumps(lie)}'; exec sleep 5\n")
        program.chmod(0o755)
        started = time.monotonic()
        assert "damaged" in refuse(b"\x89PNG\r\n\x1a\n" + bytes(50))
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("program", ["no such program", "/bin/false", "/bin/cat"])
def test_a_process_that_does_not_start_is_our_failure_not_the_callers(program, monkeypatch):
    monkeypatch.setattr(sys, "executable", program)

    with pytest.raises(EngineError, match="did not start"):
        decode_one(save(Image.new("RGB", (2, 2)), "PNG"), DecodeLimits(seconds=2))


def expect_one_of_two_errors_or_pixels(content: bytes) -> None:
    limits = DecodeLimits(pixels=1_000_000, seconds=10)
    started = time.monotonic()
    with contextlib.suppress(UnsupportedImage, UnusableImage):
        decoded = decode_one(content, limits)
        assert decoded.pixels.dtype == np.uint8
        assert decoded.pixels.shape == (decoded.source_height, decoded.source_width, 4)
    assert time.monotonic() - started < 11


@SLOW
@given(
    st.sampled_from((b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x40\0\0\0WEBPVP8 ", b"RIFF\x40\0\0\0WEBPVP8X")),
    st.binary(max_size=300),
)
def test_random_bytes_are_refused_or_decoded_never_anything_else(start, rest):
    expect_one_of_two_errors_or_pixels(start + rest)


VALID = {
    image_format: save(Image.fromarray(noise(24, 20, 3)), image_format, icc_profile=SRGB[:400], exif=exif(6)) for image_format in FORMATS
}


@SLOW
@given(st.sampled_from(FORMATS), st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=8)), min_size=1, max_size=6), st.booleans())
def test_files_with_a_few_changed_bytes_are_refused_or_decoded_never_anything_else(image_format, changes, is_inserted):
    content = bytearray(VALID[image_format])
    for place, new in changes:
        place %= len(content)
        content[place : place + (0 if is_inserted else len(new))] = new

    expect_one_of_two_errors_or_pixels(bytes(content))

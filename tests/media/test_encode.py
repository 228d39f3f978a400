"""Files of pictures: formats, compression, and what they say about themselves."""

import io
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from limner.errors import DamagedFile, IncompatibleFields, InvalidField
from limner.media.encode import OutputFormat, check_output, encode, parse_format
from limner.media.metadata import PictureRecord, describe_file, xmp_packet

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
RECORD = PictureRecord(
    prompt='a "red" kite & <a harbour>\nover the sea, naïve 風箏 \x07',
    seed=2**53 - 1,
    snapshot="limner-0",
    quality="medium",
    background="opaque",
    machine_kind="avx2, onnxruntime 1.31.1, 2 threads",
    software="Limner 0.1.0",
)


def gradient(height: int = 64, width: int = 96, channels: int = 4) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    planes = [x * 255 // width, y * 255 // height, (x + y) % 256, np.clip(x * 3, 0, 255)]
    return np.stack(planes[:channels], axis=-1).astype(np.uint8)


def opened(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("output_format", ["png", "webp"])
def test_lossless_formats_return_every_byte(output_format, channels):
    pixels = gradient(channels=channels)

    again = opened(encode(pixels, output_format))

    np.testing.assert_array_equal(again, pixels)


@pytest.mark.parametrize("output_format", ["webp", "jpeg"])
def test_less_compression_number_means_a_smaller_and_coarser_file(output_format):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)

    files = [encode(pixels, output_format, compression=level) for level in (0, 50, 90, 100)]

    sizes = [len(file) for file in files]
    errors = [np.abs(opened(file).astype(int) - pixels).mean() for file in files]
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)
    assert encode(pixels, output_format) == files[-1]


@pytest.mark.parametrize("output_format", ["png", "webp", "jpeg"])
def test_the_record_comes_back_from_the_file(output_format, tmp_path: Path):
    path = tmp_path / "picture"

    path.write_bytes(encode(gradient(channels=3), output_format, record=RECORD))
    description = describe_file(path)

    assert description.record is not None
    assert description.record.prompt == RECORD.prompt.replace("\x07", "\ufffd")
    assert description.record.seed == RECORD.seed
    assert description.record.machine_kind == RECORD.machine_kind
    assert (description.output_format, description.width, description.height) == (output_format, 96, 64)
    assert not description.has_alpha


@pytest.mark.parametrize("output_format", ["png", "webp", "jpeg"])
def test_the_longest_prompt_fits_every_format(output_format, tmp_path: Path):
    long = PictureRecord(**(RECORD.__dict__ | {"prompt": "風" * 32_000}))
    path = tmp_path / "picture"

    path.write_bytes(encode(gradient(channels=3), output_format, record=long))
    record = describe_file(path).record

    assert record is not None
    assert record.prompt == long.prompt or (output_format == "jpeg" and record.prompt.endswith("風…") and len(record.prompt) > 15_000)


@pytest.mark.parametrize("output_format", ["png", "webp", "jpeg"])
def test_even_noise_with_a_long_record_is_written(output_format):
    noise = np.random.default_rng(0).integers(0, 256, (256, 512, 3)).astype(np.uint8)
    long = PictureRecord(**(RECORD.__dict__ | {"prompt": "x" * 32_000}))

    data = encode(noise, output_format, record=long)

    assert opened(data).shape == noise.shape


def test_a_png_says_its_seed_in_plain_text_too():
    text = Image.open(io.BytesIO(encode(gradient(), "png", record=RECORD))).text

    assert text["Seed"] == "9007199254740991"
    assert text["Snapshot"] == "limner-0"
    assert text["Description"].startswith('a "red" kite')


@pytest.mark.parametrize("output_format", ["png", "webp", "jpeg"])
def test_the_same_picture_gives_the_same_bytes(output_format):
    first, second = (encode(gradient(channels=3), output_format, record=RECORD) for _ in range(2))

    assert first == second


def test_a_large_png_is_written_quickly():
    pixels = np.kron(gradient(128, 128), np.ones((8, 8, 1), np.uint8))

    started = time.perf_counter()
    encode(pixels, "png")

    assert time.perf_counter() - started < 0.5


def test_jpeg_refuses_transparent_pixels_and_names_the_way_out():
    with pytest.raises(IncompatibleFields, match="png or webp, or background opaque"):
        encode(gradient(channels=4), "jpeg")


@pytest.mark.parametrize("compression", [-1, 101])
def test_compression_out_of_range_is_refused(compression):
    with pytest.raises(InvalidField, match=r"0 \(smallest\) to 100 \(best\)"):
        check_output("webp", compression, "auto")


def test_compression_of_a_png_is_refused_not_ignored():
    with pytest.raises(IncompatibleFields, match="takes no compression"):
        check_output("png", 80, "auto")


def test_an_unknown_format_is_refused_with_the_known_ones():
    assert parse_format("JPG") == "jpeg"
    with pytest.raises(InvalidField, match=r"'gif' is not known; use png, webp, jpeg"):
        parse_format("gif")


def test_a_file_that_is_no_picture_is_named(tmp_path: Path):
    path = tmp_path / "notes.png"
    path.write_text("not a picture")

    with pytest.raises(DamagedFile, match=r"notes\.png"):
        describe_file(path)


def test_a_foreign_picture_has_no_record(tmp_path: Path):
    path = tmp_path / "foreign.png"
    Image.fromarray(gradient()).save(path)

    description = describe_file(path)

    assert description.record is None
    assert description.has_alpha


@pytest.mark.parametrize("output_format", ["png", "webp", "jpeg"])
def test_alternative_text_stands_where_readers_of_xmp_look_for_it(output_format: OutputFormat):
    text = "A cat & a <hat>."
    told = replace(RECORD, alt_text=text)

    opened = Image.open(io.BytesIO(encode(np.zeros((8, 8, 3), np.uint8), output_format, record=told)))

    packet = opened.info["xmp"]
    root = ElementTree.fromstring(packet if isinstance(packet, str) else packet.decode())
    for name in ("{http://purl.org/dc/elements/1.1/}description", "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}AltTextAccessibility"):
        (entry,) = root.iterfind(f".//{name}/{RDF}Alt/{RDF}li")
        assert (entry.text, entry.attrib) == (text, {"{http://www.w3.org/XML/1998/namespace}lang": "x-default"})


def test_a_png_describes_itself_by_its_alternative_text_and_keeps_the_prompt_beside_it():
    told = replace(RECORD, alt_text="A cat.")

    opened = Image.open(io.BytesIO(encode(np.zeros((8, 8, 3), np.uint8), "png", record=told)))

    assert (opened.info["Description"], opened.info["Prompt"]) == ("A cat.", RECORD.prompt.replace("\x07", "\ufffd"))


def test_without_alternative_text_not_a_byte_of_a_file_speaks_of_it():
    packet = sha256(xmp_packet(RECORD)).hexdigest()

    assert packet == "4f5ff1beee2fb2e2e0ff231613b15a580c34fa370bb87a848e1a38cc1efc17e3"  # of the release before there was any

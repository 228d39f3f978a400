"""What a picture file says about itself: an XMP packet in every format, and its twin in plain text chunks in PNG."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, PngImagePlugin, UnidentifiedImageError

from limner.errors import DamagedFile

NAMESPACE = "urn:limner:picture:1/"
MADE_BY_A_MODEL = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
MAY_BE_EMPTY = {"prompt", "parent"}
ALT_TEXT = "alt_text"
IPTC_CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
MAX_JPEG_PACKET_BYTES = 65_000  # one JPEG segment holds 65,533 bytes with its header
XMP_TEMPLATE = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:limner="{namespace}"'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    ' xmp:CreatorTool={software} Iptc4xmpExt:DigitalSourceType="{source}" {attributes}{rest}'
    '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)
ALT_TEXT_TEMPLATE = (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:Iptc4xmpCore="{core}">'
    '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></dc:description>'
    '<Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>'
    "</rdf:Description>"
)


@dataclass(frozen=True, kw_only=True)
class PictureRecord:
    """How a picture was drawn; its size is in the file itself. What is empty is left out of the file.

    `parent` says what an edit was made from, by SHA-256: of the file, or of the pixels if there was none (of several, all of them,
    with a space between). The prompt is then the instruction. `alt_text` says what it shows to those who cannot see it; it stands in
    Dublin Core's `description` and the IPTC's `AltTextAccessibility`.
    """

    prompt: str
    seed: int
    snapshot: str
    quality: str
    background: str
    machine_kind: str
    software: str
    parent: str = ""
    alt_text: str = ""


@dataclass(frozen=True, kw_only=True)
class FileDescription:
    """What a picture file holds; `record` is None when this package did not write it."""

    output_format: str
    width: int
    height: int
    has_alpha: bool
    record: PictureRecord | None


def png_text(record: PictureRecord) -> PngImagePlugin.PngInfo:
    """Return iTXt chunks: the XMP packet, and each field under its own name."""
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", xmp_packet(record).decode())
    for name, value in _labelled(record).items():
        text.add_itxt(name, _legal(value))
    return text


def xmp_packet(record: PictureRecord) -> bytes:
    """Return the record as one XMP packet that also says, in the IPTC's words, that a model made the picture."""
    said = {field.name: str(getattr(record, field.name)) for field in fields(record) if field.name != ALT_TEXT}
    named = {name: value for name, value in said.items() if value or name not in MAY_BE_EMPTY}
    attributes = " ".join(f"limner:{name}={_attribute(value)}" for name, value in named.items())
    rest = ALT_TEXT_TEMPLATE.format(core=IPTC_CORE, text=escape(_legal(record.alt_text))) if record.alt_text else "/>"
    filled = XMP_TEMPLATE.format(
        namespace=NAMESPACE, software=_attribute(record.software), source=MADE_BY_A_MODEL, attributes=attributes, rest=rest
    )
    return filled.encode()


def jpeg_packet(record: PictureRecord) -> bytes:
    """Return the XMP packet that fits one JPEG segment: a longer prompt is cut and ends in an ellipsis."""
    packet = xmp_packet(record)
    prompt = record.prompt
    while len(packet) > MAX_JPEG_PACKET_BYTES:
        prompt = prompt[: len(prompt) * 9 // 10]
        packet = xmp_packet(replace(record, prompt=prompt + "…"))
    return packet


def describe_file(path: Path) -> FileDescription:
    """Read what a PNG, WebP or JPEG file is and how it was drawn.

    Raises:
        DamagedFile: the file is no picture, or its record cannot be read.
        OSError: the file cannot be opened.
    """
    try:
        with Image.open(path, formats=("PNG", "WEBP", "JPEG")) as image:
            return FileDescription(
                output_format=str(image.format).lower(),
                width=image.width,
                height=image.height,
                has_alpha=image.has_transparency_data,
                record=_read_record(image.info.get("xmp")),
            )
    except UnidentifiedImageError as error:
        raise DamagedFile(f"{str(path)!r} is not a PNG, WebP or JPEG picture; name another file") from error
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise DamagedFile(f"the record inside {str(path)!r} cannot be read ({error}); draw the picture again") from error


def _labelled(record: PictureRecord) -> dict[str, str]:
    return (
        _labelled_words(record)
        | {
            "Software": record.software,
            "Seed": str(record.seed),
            "Snapshot": record.snapshot,
            "Quality": record.quality,
            "Background": record.background,
            "Machine": record.machine_kind,
        }
        | ({"Parent": record.parent} if record.parent else {})
    )


def _labelled_words(record: PictureRecord) -> dict[str, str]:
    """The chunk `Description` says what the picture shows: its alternative text if it has one, else what was asked for."""
    if not record.alt_text:
        return {"Description": record.prompt} if record.prompt else {}
    return {"Description": record.alt_text} | ({"Prompt": record.prompt} if record.prompt else {})


def _attribute(value: str) -> str:
    return quoteattr(_legal(value), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _legal(value: str) -> str:
    return "".join(character if _is_legal(character) else "\ufffd" for character in value)


def _is_legal(character: str) -> bool:
    """XML 1.0 has no way to write most control characters, nor lone surrogates and two non-characters."""
    return character in "\t\n\r" or (character >= " " and not "\ud800" <= character <= "\udfff" and character not in "\ufffe\uffff")


def _read_record(packet: bytes | str | None) -> PictureRecord | None:
    if packet is None:
        return None
    text = packet.decode() if isinstance(packet, bytes) else packet
    root = ElementTree.fromstring(text)
    for element in root.iter():
        found = {name.removeprefix(f"{{{NAMESPACE}}}"): value for name, value in element.attrib.items() if NAMESPACE in name}
        if found:
            names = {field.name for field in fields(PictureRecord)} - {ALT_TEXT}
            texts = {name: found.get(name, "") if name in MAY_BE_EMPTY else found[name] for name in names - {"seed"}}
            said = element.findtext(f"{{{IPTC_CORE}}}AltTextAccessibility//{{*}}li", default="")
            return PictureRecord(seed=int(found["seed"]), alt_text=said, **texts)
    return None

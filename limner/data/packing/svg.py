"""Whole SVG files to the bodies that parts hold: no metadata, no foreign namespaces, the root's own look kept."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

SVG_NAMESPACE = "{http://www.w3.org/2000/svg}"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
DROPPED = {"metadata", "title", "desc", "script", "foreignObject", "animate", "set", "animateTransform"}
UNIT_PX = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 3.7796, "cm": 37.796, "in": 96.0}
LENGTH = re.compile(r"\s*([\d.]+)\s*([a-z]*)\s*")
LOOK_ATTRIBUTES = re.compile(r"fill|stroke|style|opacity|color|clip-rule|shape-rendering|(?:fill|stroke)-.*")


@dataclass(frozen=True, slots=True)
class SvgDrawing:
    """The viewBox of a file and what it draws, as the inside of an <svg> element."""

    left: float
    top: float
    width: float
    height: float
    body: bytes


def read_svg(raw: bytes) -> SvgDrawing | None:
    """Return the drawing of an SVG file; None when it is not well-formed, tells no size, or holds lettering or pictures."""
    try:
        root = ET.fromstring(raw)
    except (ET.ParseError, LookupError, ValueError):
        return None
    box = _view_box(root)
    if box is None or any(map(_is_no_vector, root.iter())):
        return None
    group = ET.Element("g", {name: value for name, value in root.attrib.items() if LOOK_ATTRIBUTES.fullmatch(name)})
    group.extend(kept for child in root if (kept := _clean(child)) is not None)
    body = ET.tostring(group, encoding="unicode").encode()
    return SvgDrawing(*box, body) if len(group) else None


def _is_no_vector(element: ET.Element) -> bool:
    """Letters need the author's fonts."""
    name = _local(element)
    return name == "image" or (name == "text" and bool("".join(element.itertext()).strip()))


def _view_box(root: ET.Element) -> tuple[float, float, float, float] | None:
    numbers = re.findall(r"-?[\d.]+(?:e-?\d+)?", root.get("viewBox", ""))
    if len(numbers) == 4:
        left, top, width, height = map(float, numbers)
    else:
        left, top, width, height = 0.0, 0.0, _length(root.get("width", "")), _length(root.get("height", ""))
    return (left, top, width, height) if width > 0 and height > 0 else None


def _length(text: str) -> float:
    match = LENGTH.fullmatch(text)
    return float(match[1]) * UNIT_PX.get(match[2], 0.0) if match else 0.0


def _local(element: ET.Element) -> str:
    return element.tag.removeprefix(SVG_NAMESPACE) if isinstance(element.tag, str) else ""


def _clean(element: ET.Element) -> ET.Element | None:
    name = _local(element)
    if not name or "}" in name or name in DROPPED:
        return None
    copy = ET.Element(name, {key: value for key, value in element.attrib.items() if "}" not in key})
    if XLINK_HREF in element.attrib:
        copy.set("xlink:href", element.attrib[XLINK_HREF])
    if name == "style":
        copy.text = element.text
    copy.extend(kept for child in element if (kept := _clean(child)) is not None)
    return copy

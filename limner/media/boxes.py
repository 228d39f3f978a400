"""Rectangles of whole pixels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle whose top left pixel is (`left`, `top`); it may reach beyond the picture that it speaks of."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column after it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row after it."""
        return self.top + self.height

    @property
    def cut(self) -> tuple[slice, slice]:
        """What cuts it out of an array (height, width, ...) that it lies in."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def moved(self, left: int, top: int) -> Box:
        """Return it further right and down by that much."""
        return Box(self.left + left, self.top + top, self.width, self.height)

    def overlap(self, other: Box) -> Box | None:
        """Return what both have in common, None if that is nothing."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box(left, top, right - left, bottom - top) if left < right and top < bottom else None

"""Limner draws design assets from words, and edits pictures: `limner.generate("a red kite")[0].edit("make it blue").save("kite.png")`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limner.engine.library import PartialPicture, compose, describe, edit, generate
    from limner.engine.pictures import Picture, Pictures

__all__ = ["PartialPicture", "Picture", "Pictures", "compose", "describe", "edit", "generate"]

_OWNERS = {
    "PartialPicture": "limner.engine.library",
    "Picture": "limner.engine.pictures",
    "Pictures": "limner.engine.pictures",
    "compose": "limner.engine.library",
    "describe": "limner.engine.library",
    "edit": "limner.engine.library",
    "generate": "limner.engine.library",
}


def __getattr__(name: str) -> Any:
    """Import a public name at its first use, so that `import limner` costs nothing."""
    if name not in _OWNERS:
        raise AttributeError(f"module 'limner' has no attribute {name!r}")
    return getattr(import_module(_OWNERS[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

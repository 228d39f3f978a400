"""Keeping what was drawn: the exact pixels, before any output format, with the turn that made them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from anyio import to_thread

from limner.engine.protocol import EditRequest, GenerateRequest, Mask
from limner.jobs.orders import PictureOrder
from limner.store.pictures import NewPicture, PictureStore, Turn

DAY_S = 86_400


class Keeper:
    """Keeps pictures for so many days."""

    def __init__(self, pictures: PictureStore, *, retention_days: int) -> None:
        self._pictures = pictures
        self._lifetime_s = retention_days * DAY_S

    async def keep(self, project_id: str, turn: Turn, drawn: Sequence[NewPicture]) -> list[str]:
        """Keep the pictures of one turn, all or none, and return their ids.

        Raises:
            StoreFailed: nothing was kept.
        """

        def keep() -> list[str]:
            return self._pictures.add(project_id, turn, drawn, lifetime_s=self._lifetime_s)

        return await to_thread.run_sync(keep)


def describe_turn(order: PictureOrder, request: GenerateRequest) -> Turn:
    """Return what was asked for, settled: with the seed of a picture it says all that the drawing depends on, but the pixels of its inputs.

    Inputs that are kept pictures stand there by their ids, others as None.
    """
    settings: dict[str, Any] = {"size": str(request.size), "quality": request.quality, "background": request.background}
    if isinstance(request, EditRequest):
        settings |= {
            "input_fidelity": request.fidelity,
            "canvas": order.canvas,
            "region": order.region,
            "mask_sha256": None if request.mask is None else digest_mask(request.mask),
            "inputs": [source.picture_id for source in order.images],
        }
    return Turn(
        kind=order.kind,
        instruction=order.prompt,
        snapshot=request.snapshot,
        parent_id=order.parent_id,
        settings=settings,
        reserved_id=order.kept_as,
        owner_id=order.owner_id,
    )


def digest_mask(mask: Mask) -> str:
    """Return the SHA-256 of a mask: of its height, its width, and its pixels row by row, eight to a byte, 1 where it lets change."""
    height, width = mask.shape
    return hashlib.sha256(f"{height} {width} ".encode() + np.packbits(mask, axis=1).tobytes()).hexdigest()

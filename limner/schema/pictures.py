"""Kept pictures on the wire: routes of our own, under `/limner/v1/pictures`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from limner.schema.pages import Listed, ListPage

MAX_PAGE, DEFAULT_PAGE = 100, 20
TurnKind = Literal["generation", "edit", "variation"]


class TurnSettings(BaseModel):
    """What was settled beside the words; what says nothing of a kind of turn is null."""

    size: str
    quality: Literal["low", "medium", "high"]
    background: Literal["transparent", "opaque"]
    input_fidelity: Literal["low", "high"] | None = None
    canvas: str | None = None
    region: str | None = None
    mask_sha256: str | None = Field(
        None, description="Of what may change: of HEIGHT, space, WIDTH, space, and its pixels, eight to a byte."
    )
    inputs: list[str | None] = Field([], description="The ids of the pictures that came in; null for those that were not kept ones.")


class PictureObject(Listed):
    """A kept picture, and the turn that made it. `parent` is the kept picture that it began with, which may be gone."""

    object: Literal["picture"] = "picture"
    created_at: int
    expires_at: int | None = Field(description="Null while a saved prompt names the picture: it does not expire then.")
    bytes: int
    width: int
    height: int
    kind: TurnKind
    instruction: str
    seed: int
    snapshot: str
    parent: str | None
    settings: TurnSettings
    alt_text: str | None = Field(None, description="What is seen in it, if that was asked for.")


class PictureList(ListPage[PictureObject]):
    """One page of kept pictures. Of a lineage, `has_more` says that earlier turns came before."""


class DeletedPicture(BaseModel):
    """A kept picture that is gone."""

    id: str
    object: Literal["picture"] = "picture"
    deleted: Literal[True] = True

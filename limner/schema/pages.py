"""Lists on the wire: a page at a time, the same shape for everything that is listed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel

Order = Literal["asc", "desc"]


class Listed(BaseModel):
    """What lists hold: after its id the next page begins."""

    id: str


Item = TypeVar("Item", bound=Listed)


class ListPage(BaseModel, Generic[Item]):
    """One page of a list. `last_id` is the `after` of the next; of a lineage, `has_more` says that earlier turns came before."""

    object: Literal["list"] = "list"
    data: list[Item]
    first_id: str | None
    last_id: str | None
    has_more: bool

    @classmethod
    def of(cls, items: Iterable[Any], *, has_more: bool) -> Self:
        """Return a page of these items."""
        data = list(items)
        return cls(data=data, first_id=data[0].id if data else None, last_id=data[-1].id if data else None, has_more=has_more)

"""Which names a request may give as its model, what each stands for, and whose habits it keeps.

The upstream names all stand for the default model until the operator says otherwise; the habits of their families stay: the dall-e
names answer with URLs and take their own words for quality and style.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from limner.engine.protocol import Quality
from limner.engine.resolve import AUTO_QUALITY
from limner.engine.weights import Catalogue
from limner.errors import InvalidField, UnknownModel
from limner.model.layout import MAX_SIDE_PX
from limner.store.deployments import Policy

Family = Literal["gpt-image", "dall-e-2", "dall-e-3"]
ANY_OTHER_NAME = "*"
GPT_IMAGE_2_SIDE_PX = 3840
ANYTHING = Policy()


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What differs between upstream's models, beside the pictures."""

    family: Family = "gpt-image"
    auto_quality: Quality = AUTO_QUALITY
    largest_side_px: int = MAX_SIDE_PX


_LARGE = Habits(largest_side_px=GPT_IMAGE_2_SIDE_PX)
UPSTREAM_NAMES: Mapping[str, Habits] = {
    "gpt-image-1": Habits(),
    "gpt-image-1-mini": Habits(auto_quality="low"),
    "gpt-image-1.5": Habits(),
    "gpt-image-1-5": Habits(),
    "gpt-image-1.5-2025-12-16": Habits(),
    "chatgpt-image-latest": Habits(),
    "gpt-image-2": _LARGE,
    "gpt-image-2-2026-04-21": _LARGE,
    "gpt-image-2.5-flare": _LARGE,
    "gpt-image-2.5-flare-2026-09-08": _LARGE,
    "gpt-image-2.5-sunburst": _LARGE,
    "gpt-image-2.5-sunburst-2026-09-08": _LARGE,
    "gpt-image-2.6-flare": _LARGE,
    "gpt-image-2.6-sunburst": _LARGE,
    "dall-e-2": Habits(family="dall-e-2"),
    "dall-e-3": Habits(family="dall-e-3"),
}


@dataclass(frozen=True, kw_only=True)
class Model:
    """A name that requests may give, and the snapshot that draws for it; `released_at` is in unix seconds.

    If the name is a deployment's, `deployment` is that name, and `policy` its own.
    """

    name: str
    snapshot: str
    editor: str
    habits: Habits
    released_at: int
    deployment: str | None = None
    policy: Policy = ANYTHING


class ModelTable:
    """Every name, settled once: the catalogue's models and snapshots (`own`), upstream's names, and the operator's aliases."""

    def __init__(self, catalogue: Catalogue, aliases: Mapping[str, str] | None = None) -> None:
        """`aliases` maps a name to a model or snapshot; it wins over upstream's names, and `*` catches every other name.

        Raises:
            UnknownModel: an alias stands for nothing.
            InvalidField: an alias would hide a model or snapshot of the catalogue.
        """
        self.own: Mapping[str, Model] = {name: _own(catalogue, name) for name in catalogue.names()}
        self._models = dict(self.own)
        default = replace(_own(catalogue, catalogue.default), editor=catalogue.resolve_editor())
        self.default = default
        self._models |= {name: replace(default, name=name, habits=habits) for name, habits in UPSTREAM_NAMES.items()}
        self._other: Model | None = None
        for name, target in (aliases or {}).items():
            if name in self.own:
                raise InvalidField("alias", f"alias {name!r} is the name of a model already; choose another name")
            model = replace(_own(catalogue, catalogue.resolve(target)), editor=catalogue.resolve_editor(target))
            if name == ANY_OTHER_NAME:
                self._other = model
            else:
                self._models[name] = replace(model, name=name, habits=UPSTREAM_NAMES.get(name, Habits()))

    def find(self, name: str | None) -> Model:
        """Return the model of a name; None is the default.

        Raises:
            UnknownModel: no model has this name, and no alias catches it.
        """
        if name is None:
            return self.default
        if name in self._models:
            return self._models[name]
        if self._other is not None:
            return replace(self._other, name=name)
        raise UnknownModel(f"The model {name[:100]!r} does not exist; GET /v1/models lists those that do, and --alias adds names")

    def __iter__(self) -> Iterator[Model]:
        return iter(sorted(self._models.values(), key=lambda model: model.name))


def parse_aliases(pairs: list[str]) -> dict[str, str]:
    """Read `NAME=MODEL` pairs, as the command line and `LIMNER_ALIAS` give them.

    Raises:
        InvalidField: a pair is not one.
    """
    split = [pair.strip().partition("=") for pair in pairs]
    for pair, (name, sign, target) in zip(pairs, split, strict=True):
        if not (name and sign and target):
            raise InvalidField("alias", f"alias {pair!r} is not understood; write NAME=MODEL, such as gpt-image-1=limner")
    return {name: target for name, _, target in split}


def _own(catalogue: Catalogue, name: str) -> Model:
    snapshot = catalogue.resolve(name)
    released = datetime.strptime(catalogue.snapshots[snapshot]["released"], "%Y-%m-%d").replace(tzinfo=UTC)
    editor = catalogue.resolve_editor(name)
    return Model(name=name, snapshot=snapshot, editor=editor, habits=Habits(), released_at=int(released.timestamp()))

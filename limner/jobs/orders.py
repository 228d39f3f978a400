"""What a caller wants, in one form for every dialect, and the rules that each model family adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from limner.engine.protocol import Priority
from limner.errors import IncompatibleFields, InvalidField, UnknownField
from limner.jobs.inputs import ImageSource
from limner.jobs.models import Model
from limner.media.encode import BEST_COMPRESSION, check_output, parse_format
from limner.media.masks import MaskMode, parse_mask_mode

Kind = Literal["generation", "edit", "variation"]
Strictness = Literal["auto", "low"]
DALL_E_QUALITIES = {"standard": "medium", "hd": "high"}
NATURAL_STYLE = ", in natural, muted colours"
FILLED_IN_VARIATIONS = frozenset({"n", "size", "seed"})
FILLED_IN_GENERATIONS = FILLED_IN_VARIATIONS | {"quality", "background", "strictness", "output_format", "output_compression"}
FILLED: Mapping[Kind, frozenset[str]] = {  # which fields a deployment's defaults fill where the caller left them out
    "generation": FILLED_IN_GENERATIONS,
    "edit": FILLED_IN_GENERATIONS | {"input_fidelity"},
    "variation": FILLED_IN_VARIATIONS,
}


@dataclass(frozen=True, kw_only=True)
class PictureOrder:
    """Pictures that a caller asks for. Words may still be `auto`; the sources are not loaded yet.

    With `kept_as` the first of them is kept under that id, which was reserved before: drawn twice, it is kept once.
    With `is_described` each picture comes with what is seen in it.
    `open_fields` are those that the caller left out. `settled` is the model that `model` stands for, once that is decided; where a
    deployment is split, orders with the same `split_key` go the same way, and chance decides without one.
    """

    kind: Kind = "generation"
    prompt: str = ""
    model: str | None = None
    n: int = 1
    size: str = "auto"
    quality: str = "auto"
    style: str | None = None
    background: str = "auto"
    output_format: str = "png"
    output_compression: int | None = None
    strictness: Strictness = "auto"
    num_partials: int = 0
    is_streamed: bool = False
    seed: int | None = None
    input_fidelity: str = "low"
    canvas: str | None = None
    images: tuple[ImageSource, ...] = ()
    mask: ImageSource | None = None
    mask_mode: MaskMode = "alpha"
    region: str | None = None
    is_kept: bool = False
    is_described: bool = False
    kept_as: str | None = None
    owner_id: str | None = None  # the response that what is kept belongs to
    open_fields: frozenset[str] = frozenset()
    split_key: str = ""
    settled: Model | None = None
    priority: Priority = "interactive"

    @property
    def parent_id(self) -> str | None:
        """The kept picture that it begins with, None if it begins with something else."""
        return self.images[0].picture_id if self.images else None


def make_order(**given: Any) -> PictureOrder:
    """Return an order of the fields of a `PictureOrder` that a caller gave; those that are None were left out, and stay open."""
    said = {name: value for name, value in given.items() if value is not None}
    return PictureOrder(**said, open_fields=FILLED["edit"] - said.keys())


def fill_open_fields(order: PictureOrder, defaults: Mapping[str, Any]) -> PictureOrder:
    """Put defaults, by the names of the Images routes, where the caller left fields out and they go with what was said."""
    named = {("strictness" if name == "moderation" else name): value for name, value in defaults.items()}
    filled = {name: value for name, value in named.items() if name in order.open_fields & FILLED[order.kind]}
    if order.is_streamed:
        filled.pop("n", None)
    if "output_format" not in order.open_fields:
        filled.pop("output_compression", None)
        if order.output_format == "jpeg" and filled.get("background") == "transparent":
            del filled["background"]
    return replace(order, **filled, open_fields=order.open_fields - filled.keys())


def settle_habits(order: PictureOrder, model: Model) -> PictureOrder:
    """Translate what the model's family says in its own words, and refuse what its family does not know.

    Raises:
        UnknownField: `style` for any model but dall-e-3.
        InvalidField: a quality that the family does not have.
    """
    prompt, quality, family = order.prompt, order.quality, model.habits.family
    if order.style is not None and family != "dall-e-3":
        raise UnknownField("style", f"Unknown parameter: 'style'. Only dall-e-3 takes it; for {model.name!r} say the style in the prompt")
    if order.style == "natural":
        prompt += NATURAL_STYLE
    if quality in DALL_E_QUALITIES:
        if family == "gpt-image" or (family == "dall-e-2" and quality == "hd"):
            raise InvalidField("quality", f"quality {quality!r} is not one of {model.name!r}; use low, medium, high or auto")
        quality = DALL_E_QUALITIES[quality]
    if quality == "auto":
        quality = model.habits.auto_quality
    return replace(order, prompt=prompt, quality=quality, style=None)


def check_order(order: PictureOrder) -> None:
    """Refuse fields that cannot be had together, before anything is loaded.

    Raises:
        IncompatibleFields, InvalidField: the fields are named.
    """
    if order.num_partials and not order.is_streamed:
        raise IncompatibleFields("partial_images", "partial_images needs stream true; set it, or leave partial_images out")
    parse_mask_mode(order.mask_mode, has_mask=order.mask is not None)
    compression = None if order.output_compression == BEST_COMPRESSION else order.output_compression
    check_output(parse_format(order.output_format), compression, order.background)

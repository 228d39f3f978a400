"""The names that eyes know, written beside them: each thing's words and its vector in the space of the text encoder."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from limner.data.naming import is_mass_or_plural, plain_names
from limner.data.scenes.wording import many
from limner.engine.seeing.names import FOLDER_ENDING, VECTORS, Thing
from limner.engine.weights import WeightsPart
from limner.model.release import write_release
from limner.train.text import FrozenText

GROUND_NAME = "background"
MAX_NAME_CHARS = 24


def write_names(weights_dir: Path, eyes_name: str, things: Iterable[str], text: FrozenText) -> str:
    """Write the folder of names beside the eyes, for the things that those learnt in their order; return its digest.

    Raises:
        DamagedFile: the eyes cannot be read.
    """
    eyes = WeightsPart.open(weights_dir / eyes_name, digest=None)
    listed = tuple(things)
    vectors, _ = text.name([GROUND_NAME, *listed])
    facts = {
        "name": f"{eyes_name}{FOLDER_ENDING}",
        "eyes": eyes.digest,
        "text_encoder": text.digest,
        "things": [dataclasses.asdict(put_in_words(name)) for name in listed],
        "licence": "Apache-2.0",
        "graphs": {},
    }
    tensors = {VECTORS: vectors.cpu().numpy()}
    return write_release(weights_dir / facts["name"], tensors, precise=frozenset({VECTORS}), extra_files={}, facts=facts)


def put_in_words(name: str) -> Thing:
    """Return a thing of the corpus with what people call it."""
    one, *others = plain_names(name)
    if len(one) > MAX_NAME_CHARS:
        one = min((one, *others), key=len)
    return Thing(name=name, one=one, many=one if is_mass_or_plural(one) else many(one), takes_article=not is_mass_or_plural(one))

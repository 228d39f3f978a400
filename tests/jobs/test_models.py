"""Names that requests may give, and what stands behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.engine.weights import Catalogue
from limner.errors import InvalidField, UnknownModel
from limner.jobs.models import UPSTREAM_NAMES, ModelTable, parse_aliases


@pytest.fixture
def catalogue(tiny_weights: Path) -> Catalogue:
    return Catalogue.open(tiny_weights)


def test_upstream_names_stand_for_the_default_snapshot(catalogue: Catalogue):
    table = ModelTable(catalogue)

    assert {table.find(name).snapshot for name in UPSTREAM_NAMES} == {"tiny-1"}
    assert table.find(None).snapshot == "tiny-1"
    assert table.find("tiny-0").snapshot == "tiny-0"


def test_families_keep_their_habits(catalogue: Catalogue):
    table = ModelTable(catalogue)

    assert table.find("dall-e-3").habits.family == "dall-e-3"
    assert table.find("gpt-image-1-mini").habits.auto_quality == "low"
    assert table.find("gpt-image-2").habits.largest_side_px == 3840


def test_an_alias_wins_over_upstreams_name_and_keeps_its_habits(catalogue: Catalogue):
    table = ModelTable(catalogue, {"dall-e-3": "tiny-0", "our-artist": "tiny"})

    assert table.find("dall-e-3").snapshot == "tiny-0"
    assert table.find("dall-e-3").habits.family == "dall-e-3"
    assert table.find("our-artist").snapshot == "tiny-1"


def test_other_names_are_unknown_unless_a_star_catches_them(catalogue: Catalogue):
    with pytest.raises(UnknownModel, match="flux"):
        ModelTable(catalogue).find("flux")

    caught = ModelTable(catalogue, {"*": "tiny-0"}).find("flux")

    assert (caught.name, caught.snapshot) == ("flux", "tiny-0")


def test_an_alias_may_not_hide_a_model_nor_stand_for_nothing(catalogue: Catalogue):
    with pytest.raises(InvalidField, match="name of a model already"):
        ModelTable(catalogue, {"tiny": "tiny-0"})
    with pytest.raises(UnknownModel):
        ModelTable(catalogue, {"artist": "nobody"})


def test_every_name_is_listed_once_in_order(catalogue: Catalogue):
    names = [model.name for model in ModelTable(catalogue, {"artist": "tiny"})]

    assert names == sorted(set(names))
    assert {"artist", "tiny-0", "gpt-image-1.5"} <= set(names)


@pytest.mark.parametrize("pair", ["", "a", "=b", "a="])
def test_a_pair_that_is_none_is_refused(pair: str):
    with pytest.raises(InvalidField, match="NAME=MODEL"):
        parse_aliases([pair])


def test_pairs_are_read():
    assert parse_aliases(["a=b", " *=limner "]) == {"a": "b", "*": "limner"}

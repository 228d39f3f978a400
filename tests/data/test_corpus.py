"""What training reads: the same example from the same number, everywhere, and nothing held out."""

from __future__ import annotations

import json
import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from limner.data.colours import clear_colour
from limner.data.corpus import Corpus, Example, sample_sheet, select_assets
from limner.data.heldout import has_held_out_synonym, is_held_out_asset
from limner.data.packing.pack import iterate_assets, list_parts
from limner.data.recipes import RECIPES, CorpusRecipe, core
from limner.data.scenes.places import PAINTS
from limner.data.scenes.sprites import asset_key
from limner.errors import DamagedFile

RECIPE = CorpusRecipe(
    name="test",
    sets=(("fluent-emoji-flat", 1.0), ("flat-ui", 1.0)),
    categories=("objects",),
    share_transparent=0.3,
    share_plain=0.3,
    share_scene=0.4,
)


def same(first: Example, second: Example) -> bool:
    return first.caption == second.caption and first.background == second.background and np.array_equal(first.pixels, second.pixels)


def test_an_example_does_not_depend_on_order_or_opening(corpus: Corpus, parts_dir: Path, cache_dir: Path):
    other = Corpus.open(parts_dir, RECIPE, 64, cache_dir, processes=1)

    backwards = {index: other.example(index) for index in range(59, -1, -1)}

    assert all(same(corpus.example(index), backwards[index]) for index in range(60))


def test_another_process_draws_the_same(corpus: Corpus):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        there = list(pool.map(corpus.example, range(12)))

    assert all(same(corpus.example(index), example) for index, example in enumerate(there))


def test_pixels_are_straight_alpha_and_agree_with_the_background(corpus: Corpus):
    for index in range(80):
        example = corpus.example(index)

        assert example.pixels.shape == (64, 64, 4)
        assert example.pixels.dtype == np.uint8
        assert (example.pixels[..., 3].min() == 255) == (example.background == "opaque")


def test_shares_are_as_the_recipe_says(parts_dir: Path, cache_dir: Path):
    corpus = Corpus.open(parts_dir, replace(RECIPE, share_transparent=0.7, share_plain=0.3, share_scene=0.0), 64, cache_dir, processes=1)

    counts = Counter(corpus.example(index).background for index in range(400))

    assert counts["transparent"] == pytest.approx(280, abs=40)


def test_a_painted_drawing_is_called_by_its_new_colour(parts_dir: Path, cache_dir: Path):
    recipe = replace(RECIPE, share_transparent=1.0, share_plain=0.0, share_scene=0.0, share_painted=1.0)
    corpus = Corpus.open(parts_dir, recipe, 64, cache_dir, processes=1)
    plain = Corpus.open(parts_dir, replace(recipe, share_painted=0.0), 64, cache_dir, processes=1)

    painted = 0
    for index in range(200):
        caption, own = corpus.example(index).caption.split(), plain.sprites.colour(asset_key(plain.assets[plain.deal(index)]))
        named = set(PAINTS) & set(caption)
        seen = clear_colour(corpus.example(index).pixels)
        if named and own and not named & {own} and seen:
            assert seen in named
            painted += 1

    assert painted > 8


def test_scenes_are_of_the_layouts_of_the_recipe(parts_dir: Path, cache_dir: Path):
    corpus = Corpus.open(parts_dir, replace(RECIPE, layouts=(("count", 0.5), ("relation", 0.5))), 64, cache_dir, processes=1)

    layouts = Counter(corpus.scene(index).layout for index in range(200))

    assert set(layouts) == {"count", "relation"}
    assert layouts["count"] == pytest.approx(100, abs=25)


def test_scenes_are_told_in_the_registers_of_the_recipe(parts_dir: Path, cache_dir: Path):
    corpus = Corpus.open(parts_dir, replace(RECIPE, registers=(("json", 1.0),)), 64, cache_dir, processes=1)

    captions = [corpus.scene_example(index).caption for index in range(20)]

    assert all(isinstance(json.loads(caption), dict) for caption in captions)


def test_every_drawing_comes_as_often_as_its_weight_says(parts_dir: Path, cache_dir: Path):
    recipe = replace(RECIPE, common_concepts=("pizza",), share_transparent=1.0, share_plain=0.0, share_scene=0.0)
    corpus = Corpus.open(parts_dir, recipe, 64, cache_dir, processes=1)

    dealt = Counter(corpus.assets[corpus.deal(index)].concept for index in range(2 * corpus.deck_size))

    assert dealt["pizza"] == 24
    assert dealt["hammer"] == 8
    assert set(dealt) == {asset.concept for asset in corpus.assets}


def test_nothing_held_out_is_drawn_or_said_over_thousands_of_examples(corpus: Corpus, parts_dir: Path):
    listed = list(iterate_assets(list_parts(parts_dir, "vectors")))
    never = {f"{asset.set}/{asset.slug}" for asset in listed if is_held_out_asset(asset)}

    drawn = {f"{corpus.assets[corpus.deal(index)].set}/{corpus.assets[corpus.deal(index)].slug}" for index in range(4000)}
    for index in range(2000):
        drawn |= {layer.asset for layer in corpus.scene(index).assets()}

    assert never == {"fluent-emoji-flat/llama", "fluent-emoji-flat/ghost", "flat-ui/cat-face"}
    assert not drawn & never
    assert not any(has_held_out_synonym(corpus.example(index).caption) for index in range(1000))


def test_a_drawing_whose_label_is_a_held_out_synonym_is_kept_under_its_everyday_name(corpus: Corpus):
    assert "car" in {asset.concept for asset in corpus.assets}
    assert "automobile" not in {asset.concept for asset in corpus.assets}


def test_a_drawing_of_nothing_is_left_out(corpus: Corpus):
    assert "nothing" not in {asset.concept for asset in corpus.assets}


def test_the_digest_follows_the_recipe_and_the_drawings(corpus: Corpus, parts_dir: Path, cache_dir: Path):
    same_again = Corpus.open(parts_dir, RECIPE, 64, cache_dir, processes=1)
    others = [
        Corpus.open(parts_dir, replace(RECIPE, **change), 64, cache_dir, processes=1)
        for change in ({"seed": 1}, {"categories": (), "extra_concepts": ("pizza", "car")})
    ]

    assert same_again.digest == corpus.digest
    assert len({corpus.digest, *(other.digest for other in others)}) == 3


def test_a_recipe_chooses_by_set_category_and_concept(parts_dir: Path):
    recipe = replace(RECIPE, categories=(), extra_concepts=("pizza", "car"))

    chosen = select_assets(recipe, iterate_assets(list_parts(parts_dir, "vectors")))

    assert {asset.concept for asset in chosen} == {"pizza", "car"}


def test_a_folder_without_the_sets_says_what_to_do(tmp_path: Path):
    with pytest.raises(DamagedFile, match="limner data build"):
        Corpus.open(tmp_path, core(), 64, tmp_path, processes=1)


@pytest.mark.parametrize(
    "change",
    [
        {"share_plain": 0.9},
        {"share_scene": -0.1, "share_plain": 0.8},
        {"sets": ()},
        {"categories": ("food",)},
        {"common_weight": 0.0},
        {"share_painted": 1.5},
        {"layouts": (("count", 0.5),)},
        {"registers": (("short", 0.5),)},
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(change: dict[str, object]):
    with pytest.raises(ValueError, match="recipe 'test'"):
        replace(RECIPE, **change)


def test_named_recipes_carry_their_names_and_seeds():
    assert all(make(seed=3).name == name and make(seed=3).seed == 3 for name, make in RECIPES.items())


def test_the_sheet_shows_every_example_over_its_caption(corpus: Corpus):
    page = sample_sheet(corpus, 5, columns=3, cell_px=64)

    assert page.width == 3 * (64 + 8) + 8
    assert len(page.getcolors(1_000_000) or ()) > 50

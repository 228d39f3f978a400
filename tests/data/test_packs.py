"""Recipes with packs: how much of each, nothing held out, the same examples everywhere, and the older recipes untouched."""

from __future__ import annotations

import multiprocessing
import re
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from limner.data.corpus import Corpus, read_agreed_synonyms, select_assets
from limner.data.heldout import has_held_out_synonym, is_held_out_asset, is_held_out_concept, read_heldout
from limner.data.packing.icons import COLOUR_SETS, MONO_SETS
from limner.data.packing.pack import Asset, SetInfo, iterate_assets, list_parts, write_vectors, write_words
from limner.data.recipes import CorpusRecipe, Pack, full

INFO = SetInfo("A set", "Somebody", "MIT", "https://example.org")
NAMES = ("anchor", "bell", "cat", "rocket", "tree", "umbrella")
NEVER = ("llama", "broken link", "loudspeaker 2", "comets", "pick", "pickaxe", "life buoy")
RECIPE = CorpusRecipe(
    name="test", sets=(("noto", 1.0),), categories=("objects",), share_transparent=0.5, share_plain=0.5,
    packs=(
        Pack(name="emoji", share=0.2, sets=(("noto", 1.0),)), Pack(name="mono", share=0.5, sets=(("tabler", 3.0), ("ph", 1.0))),
        Pack(name="clipart", share=0.3, sets=(("openclipart", 1.0), ("flat-ui", 1.0))),
    ),
)  # fmt: skip


def make_asset(set_name: str, concept: str, *, keywords: tuple[str, ...] = (), code: str = "") -> Asset:
    body = f'<path fill="currentColor" d="M4 4h{10 + len(concept)}v20H4z"/>'.encode()
    return Asset(set_name, concept.replace(" ", "-"), concept, keywords, "objects", code, 32.0, 32.0, 0.0, 0.0, "svg", body)


@pytest.fixture(scope="module")
def pack_parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    assets = [make_asset(name, concept) for name in ("noto", "tabler", "ph", "openclipart", "flat-ui") for concept in (*NAMES, *NEVER)]
    assets.append(make_asset("openclipart", "woolly animal", keywords=("farm", "llama")))
    assets.append(make_asset("noto", "automobile", keywords=("auto", "motor car"), code="1f697"))
    write_vectors(folder / "vectors-a.jsonl.xz", name="a", sets={asset.set: INFO for asset in assets}, assets=assets)
    synonyms = {"car": {"synonyms": ["auto", "machine"], "hypernyms": []}}
    write_words(folder / "words.json.xz", {"emoji": {}, "synonyms": synonyms, "colours": {}})
    return folder


@pytest.fixture(scope="module")
def pack_corpus(pack_parts: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus.open(pack_parts, RECIPE, 64, tmp_path_factory.mktemp("cache"), processes=1)


def test_packs_and_sets_come_as_often_as_the_recipe_says_whatever_their_size(pack_corpus: Corpus):
    assert pack_corpus._packs is not None
    rng = np.random.default_rng(0)

    drawn = Counter(pack_corpus.assets[pack_corpus._packs.choose(rng)].set for _ in range(4000))

    shares = {name: drawn[name] / 4000 for name in ("noto", "tabler", "ph", "openclipart")}
    assert shares == pytest.approx({"noto": 0.2, "tabler": 0.375, "ph": 0.125, "openclipart": 0.3}, abs=0.03)


def test_nothing_held_out_is_in_a_pack_by_set_name_or_keyword(pack_corpus: Corpus):
    kept = {(asset.set, asset.concept) for asset in pack_corpus.assets}

    assert kept == {(name, concept) for name in ("noto", "tabler", "ph", "openclipart") for concept in NAMES} | {("noto", "car")}


def test_no_caption_of_a_pack_says_a_held_out_concept_or_synonym(pack_corpus: Corpus):
    captions = [pack_corpus.example(index).caption for index in range(400)]

    assert not any(has_held_out_synonym(caption) for caption in captions)
    assert not any(is_held_out_concept(caption) for caption in captions)


def test_the_widest_recipe_names_no_held_out_set_and_every_set_that_is_built():
    named = {name for pack in full().packs for name, _ in pack.sets}

    assert not named & read_heldout().sets
    assert {icon_set.name for icon_set in (*COLOUR_SETS, *MONO_SETS)} <= named


def test_an_example_of_a_pack_is_the_same_in_another_process(pack_corpus: Corpus):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        there = list(pool.map(pack_corpus.example, range(6)))

    here = [pack_corpus.example(index) for index in range(6)]
    assert [example.caption for example in here] == [example.caption for example in there]
    assert all(np.array_equal(first.pixels, second.pixels) for first, second in zip(here, there, strict=True))


def test_pixels_of_a_pack_agree_with_their_background(pack_corpus: Corpus):
    for index in range(60):
        example = pack_corpus.example(index)

        assert example.pixels.shape == (64, 64, 4)
        assert (example.pixels[..., 3].min() == 255) == (example.background == "opaque")
        assert not re.search(r"\b(?:a|an) (?:a|an)\b", example.caption)


def test_a_synonym_is_used_only_where_the_keywords_agree(pack_parts: Path, pack_corpus: Corpus):
    synonyms = read_agreed_synonyms(pack_parts / "words.json.xz")

    captions = [pack_corpus.example(index).caption for index in range(1500)]

    assert synonyms == {"car": ("auto", "machine")}
    assert any("auto" in caption.split() for caption in captions)
    assert not any("machine" in caption for caption in captions)


def test_the_digest_follows_the_packs():
    other = replace(RECIPE, packs=(*RECIPE.packs[:2], replace(RECIPE.packs[2], sets=(("openclipart", 1.0),))))

    assert other.digest != RECIPE.digest != replace(RECIPE, packs=()).digest


@pytest.mark.parametrize("change", [{"share": 0.0}, {"sets": ()}, {"sets": (("noto", 0.0),)}])
def test_a_pack_that_makes_no_sense_is_refused(change: dict[str, object]):
    with pytest.raises(ValueError, match="pack 'mono'"):
        replace(RECIPE.packs[1], **change)  # type: ignore[arg-type]


def test_packs_whose_shares_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="packs' shares"):
        replace(RECIPE, packs=RECIPE.packs[:2])


def test_a_recipe_with_packs_takes_every_category_of_them(pack_parts: Path):
    chosen = select_assets(replace(RECIPE, categories=()), iterate_assets(list_parts(pack_parts, "vectors")))

    assert {asset.set for asset in chosen} == {"noto", "tabler", "ph", "openclipart"}
    assert not any(is_held_out_asset(asset) for asset in chosen)

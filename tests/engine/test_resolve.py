"""From what a person says to a settled request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.engine.protocol import MAX_SEED
from limner.engine.resolve import GenerateOptions, resolve
from limner.errors import InvalidField, InvalidPrompt, UnknownModel, UnsupportedSize
from limner.model.layout import Size


def find_snapshot(model: str) -> str:
    if model != "limner":
        raise UnknownModel(f"model {model!r} does not exist")
    return "limner-0"


def settle(prompt: str = "a red kite", **options):
    return resolve(prompt, GenerateOptions(**options), find_snapshot=find_snapshot)


def test_nothing_stays_auto():
    request = settle()

    assert (request.size, request.quality, request.background) == (Size(1024, 1024), "medium", "opaque")
    assert (request.snapshot, request.num_images, request.num_partials) == ("limner-0", 1, 0)


def test_without_a_seed_each_request_has_its_own_legal_one():
    seeds = {settle().seed for _ in range(20)}

    assert len(seeds) == 20
    assert all(0 <= seed <= MAX_SEED for seed in seeds)


def test_each_request_has_its_own_id():
    assert settle(seed=1).request_id != settle(seed=1).request_id


@pytest.mark.parametrize(
    ("prompt", "background"),
    [
        ("a sticker of a fox", "transparent"),
        ("ein Aufkleber von einem Fuchs", "transparent"),
        ("透明背景的猫", "transparent"),
        ("Icons for a weather app", "transparent"),
        ("a LOGO, blue", "transparent"),
        ("a walking sprite", "transparent"),
        ("a fox on a transparent background", "transparent"),
        ("a fox, no background", "transparent"),
        ("a fox in the snow", "opaque"),
        ("an iconic view of a harbour", "opaque"),
        ("a transparent glass vase on a table", "opaque"),
    ],
)
def test_auto_background_is_transparent_only_when_the_prompt_asks_for_it(prompt: str, background: str):
    assert settle(prompt).background == background
    assert settle(prompt, background="opaque").background == "opaque"
    assert settle(prompt, background="transparent").background == "transparent"


@pytest.mark.parametrize("prompt", ["", " ", "\n\t "])
def test_an_empty_prompt_is_refused(prompt: str):
    with pytest.raises(InvalidPrompt, match="is empty; say what to draw"):
        settle(prompt)


def test_the_longest_prompt_is_taken_and_one_more_character_is_not():
    assert settle("風" * 32_000).prompt == "風" * 32_000

    with pytest.raises(InvalidPrompt, match="has 32,001 characters; shorten it to 32,000"):
        settle("x" * 32_001)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 0),
        ("n", 11),
        ("n", True),
        ("n", 1.5),
        ("seed", -1),
        ("seed", 2**53),
        ("quality", "ultra"),
        ("background", "blue"),
        ("num_partials", 4),
        ("num_partials", -1),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_name_and_value(field: str, value: object):
    with pytest.raises(InvalidField, match="use ") as caught:
        settle(**{field: value})

    assert repr(value) in caught.value.message
    assert caught.value.param == field.removeprefix("num_")


def test_an_unknown_size_and_an_unknown_model_are_refused():
    with pytest.raises(UnsupportedSize, match="'huge'"):
        settle(size="huge")
    with pytest.raises(UnknownModel, match="'nope'"):
        settle(model="nope")


@given(st.integers(0, MAX_SEED))
def test_every_legal_seed_is_kept(seed: int):
    assert settle(seed=seed).seed == seed


@pytest.mark.parametrize("prompt", ["a kite \udcff", None, 7])
def test_a_prompt_that_is_no_text_is_refused(prompt: object):
    with pytest.raises(InvalidPrompt, match=r"not legal Unicode|not text"):
        settle(prompt)


@pytest.mark.parametrize("size", [None, (1024, 1024), Size(1024, 1024)])
def test_a_size_that_is_no_text_is_refused(size: object):
    with pytest.raises(UnsupportedSize, match="use WIDTHxHEIGHT"):
        settle(size=size)

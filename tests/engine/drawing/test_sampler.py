"""One picture, from noise to pixels."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from limner.engine.drawing.enlarging import develop
from limner.engine.drawing.runtime import Runtime
from limner.engine.drawing.sampler import Ground, Sitting, denoise, partial_steps
from limner.engine.weights import Sampling
from limner.model import flow
from limner.model.layout import Size, grid_for
from limner.model.text import EncodedPrompt, PromptBatch

SIZE = Size(512, 512)


def sitting(runtime: Runtime, prompt: str = "a red kite", **changes: object) -> Sitting:
    sampling = changes.get("sampling", runtime.sampling("low"))
    ground = Ground(grid=grid_for(changes.pop("size", SIZE), sampling.num_patches))
    return Sitting(
        condition=runtime.encode(prompt), **{"background": "transparent", "seed": 7, "sampling": sampling, "ground": ground, **changes}
    )


def clean_of(runtime: Runtime, one: Sitting) -> list[np.ndarray]:
    return [guess.clean for guess in denoise(runtime, one)]


def test_each_step_gives_a_guess_within_range_and_the_last_differs_from_the_first(runtime: Runtime) -> None:
    guesses = clean_of(runtime, sitting(runtime))

    assert len(guesses) == runtime.sampling("low").num_steps
    for guess in guesses:
        alpha = guess[3]
        assert guess.dtype == np.float32
        assert np.abs(alpha).max() <= 1
        assert (np.abs(guess[:3]) <= (alpha + 1) / 2 + 1e-6).all()
    assert not np.array_equal(guesses[0], guesses[-1])


def test_two_pictures_drawn_by_turns_are_those_drawn_one_after_the_other(runtime: Runtime) -> None:
    first, second = (sitting(runtime), sitting(runtime, "a blue house", seed=8, background="opaque"))
    alone = [clean_of(runtime, one)[-1] for one in (first, second)]

    by_turns = list(zip(denoise(runtime, first), denoise(runtime, second), strict=True))[-1]

    for together, apart in zip(by_turns, alone, strict=True):
        np.testing.assert_array_equal(together.clean, apart)


def test_seed_prompt_background_and_quality_each_change_the_picture(runtime: Runtime) -> None:
    sittings = [
        sitting(runtime),
        sitting(runtime, seed=8),
        sitting(runtime, "a blue house"),
        sitting(runtime, background="opaque"),
        sitting(runtime, sampling=runtime.sampling("medium")),
    ]

    pictures = [develop(clean_of(runtime, one)[-1], SIZE, "transparent", None).tobytes() for one in sittings]

    assert len(set(pictures)) == len(sittings)


def test_a_prompt_is_encoded_the_same_whether_or_not_it_is_remembered(runtime: Runtime) -> None:
    fresh = clean_of(runtime, sitting(runtime, 'a sign "OPEN"'))[-1]
    for number in range(8):
        runtime.encode(f"prompt {number}")

    again = clean_of(runtime, sitting(runtime, 'a sign "OPEN"'))[-1]

    np.testing.assert_array_equal(again, fresh)


@pytest.mark.parametrize("size", [Size(1024, 1024), Size(256, 256), Size(1536, 1024), Size(272, 800), Size(2048, 688)])
def test_a_picture_has_exactly_the_size_asked_for_whatever_the_grid(runtime: Runtime, size: Size) -> None:
    guess = clean_of(runtime, sitting(runtime, size=size))[-1]

    pixels = develop(guess, size, "transparent", None)

    assert pixels.shape == (size.height, size.width, 4)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous


def test_opaque_has_no_alpha_and_transparent_keeps_the_real_one() -> None:
    channels = np.zeros((4, 32, 32), np.float32)
    channels[3] = np.linspace(-1, 1, 32)

    opaque = develop(channels, Size(256, 256), "opaque", None)
    transparent = develop(channels, Size(256, 256), "transparent", None)

    assert opaque.shape == (256, 256, 3)
    assert transparent[..., 3].min() == 0
    assert transparent[..., 3].max() == 255
    assert len(np.unique(transparent[..., 3])) > 200


def test_partials_are_spread_evenly_distinct_and_before_the_last_step() -> None:
    assert partial_steps(8, 3) == (2, 4, 6)
    assert partial_steps(8, 0) == ()
    assert partial_steps(2, 3) == (1,)
    assert partial_steps(1, 3) == ()
    for num_steps in range(1, 40):
        for num_partials in range(4):
            due = partial_steps(num_steps, num_partials)
            assert len(due) == min(num_partials, num_steps - 1)
            assert all(1 <= earlier < later < num_steps for earlier, later in pairwise((*due, num_steps - 1)) if later != earlier)


def test_known_pixels_are_themselves_in_every_guess_and_shape_what_is_drawn_beside_them(runtime: Runtime) -> None:
    grid = grid_for(SIZE, 16)
    is_known = np.zeros((grid.size.height, grid.size.width), np.bool_)
    is_known[:, :20] = True
    contents = [np.full((4, *is_known.shape), value, np.float32) for value in (-0.4, 0.4)]

    drawn = []
    for content in contents:
        ground = Ground(grid=grid, content=content, is_known=is_known)
        drawn.append(clean_of(runtime, sitting(runtime, ground=ground, sampling=runtime.sampling("medium"))))

    for content, guesses in zip(contents, drawn, strict=True):
        assert all((guess[:, is_known] == content[:, is_known]).all() for guess in guesses)
    np.testing.assert_array_equal(drawn[0][0][:, ~is_known], drawn[1][0][:, ~is_known])  # the first sees nothing but noise
    assert not np.array_equal(drawn[0][-1][:, ~is_known], drawn[1][-1][:, ~is_known])


def test_a_later_start_takes_as_many_steps_and_stays_nearer_to_the_content(runtime: Runtime) -> None:
    grid = grid_for(SIZE, 16)
    content = np.full((4, grid.size.height, grid.size.width), 0.3, np.float32)

    far, near = (
        clean_of(runtime, sitting(runtime, ground=Ground(grid=grid, content=content, start_time=time), prompt="a red kite"))
        for time in (0.05, 0.9)
    )

    assert len(far) == len(near) == runtime.sampling("low").num_steps
    assert not np.array_equal(far[-1], near[-1])


def test_without_words_nothing_is_guided(runtime: Runtime) -> None:
    weak, strong = (Sampling(2, 16, scale) for scale in (1.0, 8.0))

    plain, guided = (clean_of(runtime, sitting(runtime, "", sampling=sampling))[-1] for sampling in (weak, strong))

    np.testing.assert_array_equal(plain, guided)


def test_no_prompt_is_read_only_where_guidance_leads_away_from_it(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    prompts: list[str] = []
    encode_row = Runtime._encode_row

    def read(self: Runtime, encoded: EncodedPrompt, batch: PromptBatch, row: int) -> object:
        prompts.append(encoded.text)
        return encode_row(self, encoded, batch, row)

    monkeypatch.setattr(Runtime, "_encode_row", read)

    plain = clean_of(runtime, sitting(runtime, sampling=Sampling(num_steps=2, num_patches=16, guidance_scale=1.0)))
    assert prompts == ["a red kite"]

    guided = clean_of(runtime, sitting(runtime, sampling=Sampling(num_steps=2, num_patches=16, guidance_scale=2.0)))
    assert prompts == ["a red kite", "a red kite", ""]
    assert not np.array_equal(plain[-1], guided[-1])


def test_a_margin_clears_the_haze_of_what_is_shown_and_not_of_what_goes_on(runtime: Runtime) -> None:
    hazy = Sampling(num_steps=2, num_patches=16, guidance_scale=1.0)
    plain, settled = (clean_of(runtime, sitting(runtime, sampling=replace(hazy, alpha_margin=margin))) for margin in (0.0, 0.3))

    assert all(np.abs(after[3]).mean() > np.abs(before[3]).mean() for before, after in zip(plain, settled, strict=True))
    np.testing.assert_array_equal(settled[-1], flow.settle_alpha(plain[-1], 0.3))


def test_the_second_order_looks_ahead_as_soon_as_there_are_two_guesses(runtime: Runtime) -> None:
    euler = Sampling(num_steps=4, num_patches=16, guidance_scale=1.0)
    first, second = (clean_of(runtime, sitting(runtime, sampling=replace(euler, order=order))) for order in (1, 2))

    for index, is_same in enumerate((True, True, False, False)):
        assert np.array_equal(first[index], second[index]) is is_same


def test_guidance_ends_where_the_snapshot_says(runtime: Runtime) -> None:
    always = Sampling(num_steps=4, num_patches=16, guidance_scale=3.0)
    plain, early, usual = (
        clean_of(runtime, sitting(runtime, sampling=replace(always, guided_until=until))) for until in (0.0, 0.01, flow.GUIDED_UNTIL)
    )
    unguided = clean_of(runtime, sitting(runtime, sampling=replace(always, guidance_scale=1.0)))

    assert np.array_equal(plain[-1], unguided[-1])
    assert np.array_equal(early[0], usual[0])
    assert not np.array_equal(early[-1], usual[-1])

"""Verdicts: what they block, what they were taken from, and how several become one."""

from __future__ import annotations

from limner.moderation.verdict import CATEGORIES, IMAGE_CATEGORIES, InputType, Verdict, join


def make_verdict(scores: dict[str, float], flagged: tuple[str, ...], *inputs: InputType, low: tuple[str, ...] = ()) -> Verdict:
    evidence = {name: (f"because of {inputs[0]}",) for name in flagged}
    return Verdict(
        scores=dict.fromkeys(CATEGORIES, 0.0) | scores, flagged=flagged, flagged_low=low, evidence=evidence, inputs=tuple(inputs)
    )


def test_low_blocks_less_than_auto():
    verdict = make_verdict({"violence": 0.7, "sexual": 0.99}, ("sexual", "violence"), "text", low=("sexual",))

    assert verdict.blocked("auto") == ("sexual", "violence")
    assert verdict.blocked("low") == ("sexual",)


def test_an_image_counts_only_for_the_categories_that_images_can_show():
    types = make_verdict({}, (), "image").applied_input_types

    assert {name for name, kinds in types.items() if kinds} == set(IMAGE_CATEGORIES)
    assert all(kinds in ((), ("image",)) for kinds in types.values())


def test_joined_verdicts_keep_the_highest_score_all_evidence_and_both_types_of_input():
    text = make_verdict({"violence": 0.9, "sexual": 0.2}, ("violence",), "text")
    image = make_verdict({"sexual": 0.8}, ("sexual",), "image", low=("sexual",))

    both = join([image, text])

    assert both.flagged == ("sexual", "violence")
    assert both.flagged_low == ("sexual",)
    assert (both.scores["sexual"], both.scores["violence"]) == (0.8, 0.9)
    assert both.evidence == {"sexual": ("because of image",), "violence": ("because of text",)}
    assert both.applied_input_types["sexual"] == ("text", "image")
    assert both.applied_input_types["hate"] == ("text",)

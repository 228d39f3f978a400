"""Images: what counts as evidence, how they are seen, and that the classifiers load once and leave drawings alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageDraw

from limner.engine.protocol import Pixels
from limner.moderation import images
from limner.moderation.images import ImageJudge, decide, shrink
from limner.moderation.verdict import CATEGORIES


def make_drawing(*, background: str | None = "white") -> Pixels:
    """A face with hair, in flat colours."""
    image = Image.new("RGBA", (300, 200), background or (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((80, 20, 220, 190), fill="#f0c0a0")
    draw.pieslice((70, 10, 230, 150), 180, 360, fill="#603010")
    draw.ellipse((115, 85, 130, 100), fill="black")
    draw.ellipse((170, 85, 185, 100), fill="black")
    return np.asarray(image)


def test_a_part_that_is_surely_there_is_evidence_alone_and_is_named():
    verdict = decide([("FEMALE_GENITALIA_EXPOSED", 0.71)], 0.01)

    assert verdict.blocked("auto") == ("sexual",)
    assert verdict.evidence == {"sexual": ("exposed female genitals found by NudeNet with 0.71",)}
    assert verdict.scores["sexual"] == 0.71


@pytest.mark.parametrize(
    ("found", "nsfw"),
    [
        ([], 0.8),
        ([("BUTTOCKS_EXPOSED", 0.95)], 0.1),
        ([("FEMALE_BREAST_EXPOSED", 0.5)], 0.1),
        ([("FEMALE_GENITALIA_EXPOSED", 0.78)], 0.0001),
        ([("FACE_FEMALE", 0.99), ("FEET_EXPOSED", 0.9), ("MALE_BREAST_EXPOSED", 0.9)], 0.5),
    ],
)
def test_one_weak_sign_alone_blocks_nothing(found: list[tuple[str, float]], nsfw: float):
    verdict = decide(found, nsfw)

    assert verdict.blocked("auto") == ()
    assert verdict.evidence == {}


@pytest.mark.parametrize(
    ("found", "nsfw", "said"),
    [
        ([("BUTTOCKS_EXPOSED", 0.5)], 0.4, "exposed buttocks found by NudeNet with 0.50; open_nsfw gives the whole image 0.40"),
        ([], 0.97, "open_nsfw gives the whole image 0.97"),
    ],
)
def test_two_that_agree_or_one_that_is_sure_block(found: list[tuple[str, float]], nsfw: float, said: str):
    verdict = decide(found, nsfw)

    assert verdict.blocked("auto") == ("sexual",)
    assert "; ".join(verdict.evidence["sexual"]) == said


def test_low_needs_more():
    assert decide([("FEMALE_BREAST_EXPOSED", 0.65)], 0.1).blocked("low") == ()
    assert decide([("FEMALE_BREAST_EXPOSED", 0.8)], 0.1).blocked("low") == ("sexual",)


def test_an_image_claims_nothing_of_other_categories():
    verdict = decide([("FEMALE_BREAST_EXPOSED", 0.9)], 0.99)

    assert {name for name, score in verdict.scores.items() if score} == {"sexual"}
    assert set(verdict.scores) == set(CATEGORIES)


def test_an_image_is_seen_on_white_and_small_whatever_lies_under_transparency():
    pixels = np.zeros((2000, 1000, 4), np.uint8)
    pixels[..., 0] = 200
    pixels[:1000, :, 3] = 255

    seen = shrink(pixels)

    assert (seen.mode, seen.size) == ("RGB", (256, 512))
    assert (seen.getpixel((100, 100)), seen.getpixel((100, 400))) == ((200, 0, 0), (255, 255, 255))


@pytest.mark.parametrize("shape", [(1, 1, 4), (1, 3000, 4), (3000, 1, 4), (64, 64, 3)])
def test_an_image_of_any_shape_is_judged(shape: tuple[int, ...], judge: ImageJudge):
    assert judge.judge(np.zeros(shape, np.uint8)).blocked("auto") == ()


@pytest.fixture(scope="module")
def judge() -> ImageJudge:
    return ImageJudge()


@pytest.mark.parametrize("background", [None, "white", "#70b0ff"])
def test_a_drawn_face_passes(background: str | None, judge: ImageJudge):
    verdict = judge.judge(make_drawing(background=background))

    assert verdict.blocked("auto") == ()
    assert verdict.scores["sexual"] < 0.5
    assert verdict.inputs == ("image",)


def test_many_threads_load_the_classifiers_once_and_agree(monkeypatch: pytest.MonkeyPatch):
    opened = []
    open_nudenet = images._open_nudenet

    def count_and_open() -> images.Detector:
        opened.append(1)
        return open_nudenet()

    monkeypatch.setattr(images, "_open_nudenet", count_and_open)
    fresh, drawing = ImageJudge(), make_drawing()

    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(fresh.judge, [drawing] * 8))

    assert opened == [1]
    assert all(verdict == verdicts[0] for verdict in verdicts)


def test_a_pale_drawing_on_nothing_is_seen_on_black_too():
    pixels = np.full((300, 300, 4), 255, np.uint8)
    pixels[:, :150, 3] = 0

    on_white, on_black = (np.asarray(shrink(pixels, ground)) for ground in images.GROUNDS)

    assert on_white.std() == 0
    assert on_black.std() > 100


def test_what_is_translucent_is_looked_at_on_every_ground_and_what_is_not_once(judge: ImageJudge, monkeypatch: pytest.MonkeyPatch):
    looked: list[str] = []
    shrink_on = images.shrink
    monkeypatch.setattr(images, "shrink", lambda pixels, ground: (looked.append(ground), shrink_on(pixels, ground))[1])
    opaque = np.full((64, 64, 4), 255, np.uint8)
    translucent = opaque.copy()
    translucent[:32, :, 3] = 0

    judge.judge(opaque)
    judge.judge(translucent)

    assert looked == ["white", "white", "black"]

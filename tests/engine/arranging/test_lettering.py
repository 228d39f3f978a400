"""Words on signs: set in the place and the ink of those before, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from limner.engine.arranging.arrange import Staged, arrange
from limner.engine.drawing.runtime import Runtime
from limner.engine.weights import Catalogue
from limner.evals.metrics.reading import open_readers, read_all, says

GREEN, RED, WHITE = (40, 140, 80), (210, 40, 40), (255, 255, 255)
BOARD = (40, 70, 216, 186)


@pytest.fixture(scope="module")
def editor() -> Runtime:
    catalogue = Catalogue.open()
    return Runtime(catalogue, catalogue.resolve_editor(), threads=1)


def sign(words: str, *, board: tuple[int, ...] = RED) -> np.ndarray:
    """Return a board on a green ground with white words on it."""
    image = Image.new("RGBA", (256, 256), GREEN)
    pen = ImageDraw.Draw(image)
    pen.rectangle(BOARD, fill=board)
    if words:
        pen.text((128, 128), words, WHITE, ImageFont.load_default(36), anchor="mm")
    return np.array(image)


def ask(editor: Runtime, order_for, source: np.ndarray, prompt: str, **changes: object) -> Staged | np.ndarray:
    order = order_for(prompt=prompt, images=(source,), width=256, height=256, background="opaque", **changes)
    return arrange(editor, order, lambda: True, lambda: editor)


@pytest.mark.parametrize("before", ["OPEN", "so long", ""])
def test_other_words_can_be_read_in_the_ink_of_those_before_and_the_rest_stays(editor: Runtime, order_for, before: str):
    source = sign(before)

    picture = ask(editor, order_for, source, 'the sign should say "CLOSED"')

    assert isinstance(picture, np.ndarray)
    assert says(read_all(picture, open_readers()), "CLOSED")
    left, top, right, bottom = BOARD
    outside = np.ones(source.shape[:2], np.bool_)
    outside[top : bottom + 1, left : right + 1] = False
    assert np.array_equal(picture[outside], source[outside])
    inked = np.abs(picture[..., :3].astype(int) - RED).max(-1)[top:bottom, left:right] > 60
    assert 0.02 < inked.mean() < 0.5


def test_words_are_taken_off_to_the_board(editor: Runtime, order_for):
    picture = ask(editor, order_for, sign("OPEN"), "remove the text")

    assert isinstance(picture, np.ndarray)
    assert np.abs(picture.astype(int) - sign("")).max() < 12


def test_words_stay_within_a_mask(editor: Runtime, order_for):
    source, mask = sign("OPEN"), np.zeros((256, 256), np.bool_)
    mask[100:156, 60:196] = True

    picture = ask(editor, order_for, source, 'change the text to "SHUT"', mask=mask)

    assert isinstance(picture, np.ndarray)
    assert np.array_equal(picture[~mask], source[~mask])
    assert says(read_all(picture, open_readers()), "SHUT")


@pytest.mark.parametrize(
    "prompt",
    [
        'make it say "Grüße"',  # not in the font
        'a blue sign that reads "SALE" in white letters',  # the board is red
        'a red sign that reads "SALE" on a white background',  # the ground is green
    ],
)
def test_what_cannot_be_set_as_it_is_said_is_left_to_the_network(editor: Runtime, order_for, prompt: str):
    assert isinstance(ask(editor, order_for, sign("OPEN"), prompt), Staged)


def test_a_caption_says_the_ink(editor: Runtime, order_for):
    picture = ask(editor, order_for, sign("OPEN"), 'a red sign that reads "SALE" in yellow letters on a green background')

    assert isinstance(picture, np.ndarray)
    board = picture[BOARD[1] : BOARD[3], BOARD[0] : BOARD[2]].reshape(-1, 4).astype(int)
    assert ((board[:, 0] > 200) & (board[:, 1] > 170) & (board[:, 2] < 110)).mean() > 0.02

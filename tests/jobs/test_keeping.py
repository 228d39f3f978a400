"""What is told of a turn: everything that its drawing depends on, in words that do not change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limner.engine.protocol import EditRequest, GenerateRequest
from limner.jobs.inputs import ImageSource
from limner.jobs.keeping import Keeper, describe_turn, digest_mask
from limner.jobs.orders import PictureOrder
from limner.model.layout import Size
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.keys import KeyStore
from limner.store.pictures import NewPicture, PictureStore, Turn

DRAWN = {"request_id": "r", "prompt": "p", "snapshot": "tiny-1", "size": Size(64, 48), "num_images": 1, "seed": 7}
PICTURE = "pic_" + "0" * 45


def test_a_turn_of_words_tells_what_was_settled():
    request = GenerateRequest(**DRAWN, quality="medium", background="opaque")

    turn = describe_turn(PictureOrder(prompt="a red ball", quality="auto"), request)

    settings = {"size": "64x48", "quality": "medium", "background": "opaque"}
    assert turn == Turn(kind="generation", instruction="a red ball", snapshot="tiny-1", parent_id=None, settings=settings)


def test_a_turn_of_pictures_tells_its_parent_its_inputs_and_what_could_change():
    mask = np.zeros((48, 64), np.bool_)
    mask[:8, :8] = True
    source = np.zeros((48, 64, 4), np.uint8)
    request = EditRequest(**DRAWN, quality="low", background="opaque", images=(source, source), mask=mask, fidelity="high")
    sources = (ImageSource(param="a", file_id=PICTURE), ImageSource(param="b", content=b"x"))

    turn = describe_turn(PictureOrder(kind="edit", prompt="blue", images=sources, region="box:0,0,8,8"), request)

    assert turn.parent_id == PICTURE
    assert turn.settings == {
        "size": "64x48",
        "quality": "low",
        "background": "opaque",
        "input_fidelity": "high",
        "canvas": None,
        "region": "box:0,0,8,8",
        "mask_sha256": digest_mask(mask),
        "inputs": [PICTURE, None],
    }


def test_only_the_first_picture_is_a_parent():
    sources = (ImageSource(param="a", content=b"x"), ImageSource(param="b", file_id=PICTURE))

    assert PictureOrder(kind="edit", images=sources).parent_id is None


def test_the_digest_of_a_mask_is_the_same_for_ever_and_depends_on_every_pixel_and_on_its_shape():
    mask = np.zeros((3, 5), np.bool_)
    mask[1, 2] = True
    others = [np.zeros((3, 5), np.bool_), np.zeros((5, 3), np.bool_), mask.T, np.roll(mask, 1, axis=1)]

    assert digest_mask(mask) == "5d1873fb8d1122a6d25ef05c58f12b4fcbf7728eb4b3feb33faf26f8de3454de"
    assert len({digest_mask(other) for other in (mask, *others)}) == 5


@pytest.mark.anyio
async def test_a_picture_is_kept_for_so_many_days(tmp_path: Path):
    database = Database.open(tmp_path / "limner.db")
    project = KeyStore(database).create("one")[0].project_id
    pictures = PictureStore(database, Blobs.open(tmp_path / "blobs"), clock=lambda: 1000.0)
    turn = Turn(kind="generation", instruction="x", snapshot="tiny-1", parent_id=None, settings={})

    (picture_id,) = await Keeper(pictures, retention_days=3).keep(project, turn, [NewPicture(content=b"png", seed=7, width=1, height=1)])

    assert pictures.get(project, picture_id).expires_at == 1000 + 3 * 86_400
    database.close()

"""`openai` for Python edits a picture in several turns: by its name, from its very pixels, and back to any of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import openai
import pytest
from openai import OpenAI
from openai.types import ImagesResponse

SMALL: dict[str, Any] = {"model": "gpt-image-1.5", "size": "256x256", "quality": "low"}
PICTURES = "/limner/v1/pictures"


def turn(client: OpenAI, picture_id: str, prompt: str, **fields: Any) -> Any:
    """Edit a kept picture by its name; upstream's client has no method for edits as JSON."""
    body = {**SMALL, "prompt": prompt, "images": [{"file_id": picture_id}], "keep": True, "seed": 5, **fields}
    return client.post("/images/edits", body=body, cast_to=ImagesResponse).data[0]


@pytest.mark.parametrize("output_format", ["png", "jpeg"])
def test_a_picture_is_drawn_edited_twice_and_undone_to_the_same_bytes(client: OpenAI, wire: Any, pictures: Any, output_format: str):
    drawn = client.images.generate(**SMALL, prompt="a red kite", output_format=output_format, extra_body={"keep": True, "seed": 4}).data[0]
    first = drawn.limner["picture_id"]
    before = wire.get(f"{PICTURES}/{first}/content").content

    second = turn(client, first, "a blue tail", region="box:0,0,50%,50%", output_format=output_format).limner["picture_id"]
    third = turn(client, second, "a green string", region="polygon:50%,50% 100%,50% 100%,100%").limner["picture_id"]
    undone = turn(client, first, "a blue tail", region="box:0,0,50%,50%").limner["picture_id"]

    contents = {name: wire.get(f"{PICTURES}/{name}/content").content for name in (first, second, third, undone)}
    lineage = wire.get(f"{PICTURES}/{third}/lineage").json()["data"]
    assert contents[first] == before
    assert (pictures.content(drawn) == before) is (output_format == "png")
    assert contents[undone] == contents[second] != contents[third]
    assert [step["id"] for step in lineage] == [first, second, third]
    changed = pictures.changed(contents[first], contents[third])
    kept = np.ones((256, 256), bool)
    kept[:128, :128] = kept[128:, 128:] = False
    assert not changed[kept].any()
    assert changed[:128, :128].any()
    assert changed[128:, 128:].any()


def test_the_client_reads_kept_pictures_with_its_own_calls(client: OpenAI, tiny: Any):
    drawn = client.images.generate(**SMALL, prompt="a red kite", extra_body={"keep": True}).data[0]

    with tiny.client(base_url=f"{tiny.root}/limner/v1") as ours:
        described = ours.get(f"/pictures/{drawn.limner['picture_id']}", cast_to=object)
        ours.delete(f"/pictures/{drawn.limner['picture_id']}", cast_to=object)
        with pytest.raises(openai.NotFoundError) as gone:
            turn(client, drawn.limner["picture_id"], "a blue tail")

    assert described["instruction"] == "a red kite"
    assert described["seed"] == drawn.limner["seed"]
    assert gone.value.param == "images[0].file_id"


def test_a_stream_of_an_edit_names_what_it_kept(client: OpenAI, pictures: Any):
    events = list(
        client.images.edit(
            **SMALL, prompt="a red kite", image=pictures.draw(seed=3), stream=True, extra_body={"keep": True, "region": "box:0,0,64,64"}
        )
    )

    assert [event.type for event in events] == ["image_edit.completed"]
    assert events[0].limner["picture_id"].startswith("pic_")
    assert events[0].limner["parent"] is None

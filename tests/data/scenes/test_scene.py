"""The scene language: what is written is read back, and nothing unknown gets through."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.data.scenes.scene import (
    AIRS,
    BACKGROUNDS,
    LIGHTS,
    MEDIA,
    AssetLayer,
    Background,
    Box,
    Canvas,
    Light,
    LineLayer,
    Scene,
    ShapeLayer,
    TextLayer,
    dump_scene,
    parse_scene,
)
from limner.errors import InvalidField

fractions = st.floats(0, 1, allow_nan=False)
colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
boxes = st.builds(Box, fractions, fractions, st.floats(0.01, 2), st.floats(0.01, 2))
names = st.text(st.characters(categories=["Ll", "Lo"]), min_size=1, max_size=8)
asset_layers = st.builds(
    AssetLayer, asset=st.builds("{}/{}".format, names, names), concept=st.text(max_size=20), box=boxes, rotation_deg=st.floats(-360, 360),
    is_mirrored=st.booleans(), colour=st.just("") | colours, depth=fractions, shadow=st.sampled_from(["none", "contact", "drop"]),
)  # fmt: skip
text_layers = st.builds(
    TextLayer, text=st.text(min_size=1, max_size=40).filter(str.strip), box=boxes, colour=colours, weight=st.sampled_from([400, 700])
)
shape_layers = st.builds(ShapeLayer, shape=st.sampled_from(["rectangle", "ellipse"]), box=boxes, colour=colours, radius=st.floats(0, 0.5))
line_layers = st.builds(
    LineLayer, points=st.lists(st.tuples(fractions, fractions), min_size=2, max_size=4).map(tuple), colour=colours, has_arrow=st.booleans()
)
scenes = st.builds(
    Scene,
    canvas=st.builds(Canvas, st.integers(1, 4096), st.integers(1, 4096)),
    background=st.builds(
        Background, st.sampled_from(BACKGROUNDS), st.lists(colours, max_size=5).map(tuple), fractions, st.integers(0, 2**53 - 1)
    ),
    layers=st.lists(asset_layers | text_layers | shape_layers | line_layers, max_size=5).map(tuple),
    light=st.builds(Light, st.sampled_from(LIGHTS), st.floats(-1, 1)),
    layout=st.sampled_from(["single", "poster", "free"]),
    kind=st.sampled_from(["", "pie", "form"]),
    air=st.sampled_from(AIRS),
    medium=st.sampled_from(MEDIA),
)

SCENE = Scene(
    Canvas(256, 256), Background("hills", ("#ffffff",)),
    (AssetLayer("noto/cat", "cat", Box(0.1, 0.2, 0.5, 0.5)), TextLayer("HELLO", Box(0, 0, 1, 0.2), "#000000")),
)  # fmt: skip


@given(scenes)
def test_a_scene_comes_back_from_json_as_it_was(scene: Scene):
    assert parse_scene(dump_scene(scene)) == scene


def change(path: str, value: object) -> str:
    """Return the JSON of SCENE with one value changed; `path` is like "layers.0.box.left"."""
    tree = json.loads(dump_scene(SCENE))
    *parents, last = path.split(".")
    place = tree
    for step in parents:
        place = place[int(step)] if step.isdigit() else place[step]
    place[last] = value
    return json.dumps(tree)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("colour", "red", "scene.colour"),
        ("version", 2, "scene"),
        ("canvas.width", 1.5, "scene.canvas.width"),
        ("canvas.width", True, "scene.canvas.width"),
        ("canvas.height", 0, "scene.canvas"),
        ("background.name", "moon", "scene.background.name"),
        ("background.colours", "#ffffff", "scene.background.colours"),
        ("background.colours", ["red"], "scene.background"),
        ("background.horizon", 1.5, "scene.background"),
        ("light.name", 3, "scene.light.name"),
        ("layers", {}, "scene.layers"),
        ("layers.0.kind", "video", "scene.layers[0].kind"),
        ("layers.0.koncept", "cat", "scene.layers[0].koncept"),
        ("layers.0.box.left", "0", "scene.layers[0].box.left"),
        ("layers.0.box.width", -1, "scene.layers[0].box"),
        ("layers.0.asset", "cat", "scene.layers[0]"),
        ("layers.0.box.left", 1e999, "scene.layers[0].box"),
        ("layers.1.text", " ", "scene.layers[1]"),
    ],
)
def test_a_bad_value_is_refused_by_its_path(path: str, value: object, named: str):
    with pytest.raises(InvalidField) as caught:
        parse_scene(change(path, value))

    assert caught.value.param == named
    assert named.rsplit(".", 1)[0] in caught.value.message


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"canvas": {}}', "[" * 100_000])
def test_what_is_no_scene_is_refused(text: str):
    with pytest.raises(InvalidField):
        parse_scene(text)


def test_a_scene_written_before_there_were_media_is_still_read():
    written = json.loads(dump_scene(SCENE))
    for name in ("kind", "air", "medium"):
        del written[name]

    assert parse_scene(json.dumps(written)) == SCENE


@pytest.mark.parametrize(
    ("points", "width"), [(((0, 0),), 0.1), (((0, 0), (0, 1, 1)), 0.1), (((0, 0), (0, 3)), 0.1), (((0, 0), (1, 1)), 0)]
)
def test_a_line_that_cannot_be_drawn_is_refused(points: tuple[tuple[float, ...], ...], width: float):
    with pytest.raises(InvalidField):
        LineLayer(points, "#000000", width)


def test_a_wedge_runs_from_its_start_to_its_end():
    with pytest.raises(InvalidField, match="turns"):
        ShapeLayer("wedge", Box(0, 0, 1, 1), "#000000", start=0.5, end=0.5)


def test_layers_are_found_by_role():
    scene = replace(SCENE, layers=(*SCENE.layers, ShapeLayer("ellipse", Box(0, 0, 1, 1), "#123456", role="bar")))

    assert [layer.concept for layer in scene.assets("subject")] == ["cat"]
    assert [layer.text for layer in scene.texts()] == ["HELLO"]
    assert len(scene.shapes("bar")) == 1
    assert scene.assets("scenery") == ()

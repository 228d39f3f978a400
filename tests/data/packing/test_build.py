"""Packages become parts: the same bytes every time, continued after an interruption, free of what is not wanted."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from limner.data.packing import pack
from limner.data.packing.build import build_parts
from limner.data.packing.icons import COLOUR_SETS, MONO_SETS
from limner.data.packing.packages import Catalogue, Package
from limner.errors import DamagedFile

PIZZA = {"label": "pizza", "hexcode": "1F355", "emoji": "🍕", "tags": ["cheese"], "group": 4}
WAVE = {"label": "waving hand", "hexcode": "1F44B", "emoji": "👋", "tags": ["hello"], "group": 4}
FRANCE = {"label": "flag: France", "hexcode": "1F1EB-1F1F7", "emoji": "🇫🇷", "tags": ["FR"], "group": 4}
WAVE_TONE_CODE = "1f44b-1f3fb"
SLUGS = {
    "emoji": ("pizza", "waving-hand", "waving-hand-light-skin-tone", "champagne-glass-2"),
    "country": ("fr", "xx"),
    "slug": ("acorn-2", "facebook-logo", "red-apple", "lemon-24", "lemon-48", "hidden-thing"),
}


def icon_set_file(name: str, names: str, *, licence: str = "MIT", sizes_only: bool) -> bytes:
    slugs = [slug for slug in SLUGS[names] if not sizes_only or slug.startswith("lemon")]
    content: dict[str, Any] = {
        "prefix": name,
        "info": {
            "name": name.title(),
            "author": {"name": "A | painter", "url": f"https://example.com/{name}"},
            "license": {"spdx": licence},
        },
        "icons": {slug: {"body": f"<path id='{name}-{slug}'/>", "hidden": slug == "hidden-thing"} for slug in slugs},
        "width": 24,
        "height": 20,
    }
    if name == "noto":
        content["chars"] = {"1f355": "pizza", "1f44b": "waving-hand", WAVE_TONE_CODE: "waving-hand-light-skin-tone"}
        content["categories"] = {"Food & Drink": ["champagne-glass-2"]}
    return json.dumps(content).encode()


CLIPART = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:cc="http://web.resource.org/cc/" xmlns:dc="http://purl.org/dc/elements/1.1/" width="9" height="8">
<metadata><rdf:RDF><cc:Work rdf:about=""><dc:title>Pizza</dc:title><dc:subject><rdf:Bag><rdf:li>food</rdf:li></rdf:Bag></dc:subject>
<cc:license rdf:resource="http://web.resource.org/cc/PublicDomain"/></cc:Work></rdf:RDF></metadata><path d="M1 1h5v5z"/></svg>"""
DRAWN = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none"><path d="M1 1h5v5z"/></svg>'
AVATAR_CORE = b"""export const createAvatar = (style, options) => ({
  toString: () => '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h5v5z" id="' + options.seed + '"/></svg>',
  toJson: () => ({ extra: { hair: "short01", hairColor: "#724133", glasses: options.glassesProbability === 30 ? "round" : undefined } }),
});"""
AVATAR_STYLE = b"""const license = { name: "CC BY 4.0" };
export const meta = { title: "Adventurer", creator: "Lisa", source: "https://example.com", license };
export const schema = { properties: { glassesProbability: { default: 10 }, hairProbability: { default: 100 } } };"""


def publish_module(folder: Path, name: str, script: bytes) -> Package:
    manifest = json.dumps({"name": name, "type": "module", "exports": "./index.js"}).encode()
    return publish(folder, name, {"package.json": manifest, "index.js": script})


def publish_debian(folder: Path, files: dict[str, bytes]) -> Package:
    tree = folder / "tree"
    (tree / "DEBIAN").mkdir(parents=True, exist_ok=True)
    fields = {"Package": "clipart", "Version": "1", "Architecture": "all", "Maintainer": "a <a@example.com>", "Description": "a"}
    control = "".join(f"{name}: {value}\n" for name, value in fields.items())
    (tree / "DEBIAN" / "control").write_text(control)
    for name, content in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(content)
    archive = folder / "clipart_1_all.deb"
    if shutil.which("dpkg-deb"):
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", str(tree), str(archive)], check=True, capture_output=True)
    else:
        archive.write_bytes(b"no such program here")
    integrity = f"sha512-{base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()}"
    return Package("clipart", "1", integrity, archive.stat().st_size, "public domain", registry="debian")


def publish(folder: Path, name: str, files: dict[str, bytes]) -> Package:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    tarball = buffer.getvalue()
    integrity = f"sha512-{base64.b64encode(hashlib.sha512(tarball).digest()).decode()}"
    package = Package(name, "1.0.0", integrity, len(tarball), "MIT")
    (folder / package.file_name).write_bytes(tarball)
    return package


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (12, 10), (255, 0, 0, 128)).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def publish_all(folder: Path, *, licence: str = "MIT") -> Catalogue:
    folder.mkdir(parents=True, exist_ok=True)
    sets = {
        f"json/{icon_set.name}.json": icon_set_file(icon_set.name, icon_set.names, licence=licence, sizes_only=icon_set.keep_largest_size)
        for icon_set in (*COLOUR_SETS, *MONO_SETS)
    }
    groups = {"groups": [{"order": 4, "key": "food-drink"}]}
    emojibase = {"en/data.json": json.dumps([PIZZA, WAVE, FRANCE]).encode(), "en/messages.json": json.dumps(groups).encode()}
    font = {
        "LICENSE": b"Copyright 2010",
        "metadata.json": json.dumps({"license": {"type": "OFL-1.1", "attribution": "Copyright 2010"}}).encode(),
        "files/arvo-latin-400-normal.woff2": b"regular",
        "files/arvo-latin-700-normal.woff2": b"bold",
        "files/arvo-latin-ext-400-normal.woff2": b"not wanted",
    }
    synset = b"00000000 06 n 02 pizza 0 pizza_pie 0 000 | a pie\n"
    index = b"".join(b"%s n 1 0 1 0 00000000\n" % word for word in (b"pizza", b"lemon", b"food"))
    wordnet = {
        "LICENSE": b"WordNet notice",
        "dict/data.noun": synset,
        "dict/index.noun": index,
        "dict/index.adj": b"",
        "dict/index.verb": b"",
    }
    pictograms = {
        "@carbon/pictograms": "svg/yoga--04.svg",
        "@momentum-design/illustrations": "dist/svg/rocket-avatar-onetwozero-error.svg",
        "@douyinfe/semi-illustrations": "src/svgs/noResult-dark.svg",
        "@gravity-ui/illustrations": "svgs/bucket-light-hc.svg",
    }
    return Catalogue(
        icons=publish(folder, "icons", sets),
        fluent_3d=publish(folder, "fluent-3d", {"assets/1f355.webp": picture(), f"assets/{WAVE_TONE_CODE}.webp": picture()}),
        emojibase=publish(folder, "emojibase", emojibase),
        emojilib=publish(folder, "emojilib", {"dist/emoji-en-US.json": json.dumps({"🍕": ["italy"]}).encode()}),
        cldr=publish(folder, "cldr", {"annotations/en/annotations.json": b'{"annotations": {"annotations": {}}}'}),
        colours=publish(folder, "colours", {"dist/colornames.bestof.csv": b"name,hex\nAcai,#48295b\n"}),
        wordnet=publish(folder, "wordnet", wordnet),
        fonts={"slab": {"arvo": publish(folder, "@fontsource/arvo", font)}},
        pictograms=tuple(publish(folder, name, {path: DRAWN}) for name, path in pictograms.items()),
        clipart=publish_debian(folder, {"usr/share/openclipart/svg/food/pizza_somebody_01.svg": CLIPART}),
        avatars=(publish_module(folder, "@dicebear/core", AVATAR_CORE), publish_module(folder, "@dicebear/adventurer", AVATAR_STYLE)),
    )


def build(tmp_path: Path, parts: str = "parts", *, licence: str = "MIT") -> Path:
    catalogue = publish_all(tmp_path / "packages", licence=licence)
    build_parts(tmp_path / "packages", tmp_path / parts, lambda _: None, catalogue=catalogue)
    return tmp_path / parts


def concepts(parts: Path, set_name: str) -> list[str]:
    assets = pack.iterate_assets([*pack.list_parts(parts, "vectors"), *pack.list_parts(parts, "raster")])
    return [asset.concept for asset in assets if asset.set == set_name]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("corpus"))


def test_every_part_is_in_the_manifest_and_none_is_beyond_the_limit(parts: Path) -> None:
    listed = pack.read_manifest(parts)

    assert {path.name for path in parts.iterdir()} == {*listed, "parts.json", "ATTRIBUTION.md"}
    assert all(entry["size_bytes"] <= pack.MAX_PART_BYTES for entry in listed.values())


def test_emoji_are_named_by_code_and_skin_tones_are_dropped(parts: Path) -> None:
    assert concepts(parts, "noto") == ["champagne glass", "pizza", "waving hand"]


def test_sets_that_tell_no_codes_learn_them_from_sets_that_do(parts: Path) -> None:
    assets = pack.read_part(parts / "vectors-gradient-emoji.jsonl.xz").assets

    assert {asset.slug: asset.code for asset in assets} == {"champagne-glass-2": "", "pizza": "1f355", "waving-hand": "1f44b"}


def test_an_asset_carries_its_words_box_and_drawing(parts: Path) -> None:
    assets = pack.read_part(parts / "vectors-emoji-1.jsonl.xz").assets

    pizza = next(asset for asset in assets if (asset.set, asset.slug) == ("noto", "pizza"))

    assert pizza == pack.Asset(
        "noto", "pizza", "pizza", ("cheese", "italy"), "food-drink", "1f355", 24, 20, 0, 0, "svg", b"<path id='noto-pizza'/>"
    )


def test_the_category_of_the_set_stands_in_where_there_is_no_code(parts: Path) -> None:
    assets = pack.read_part(parts / "vectors-emoji-1.jsonl.xz").assets

    assert next(asset.category for asset in assets if (asset.set, asset.slug) == ("noto", "champagne-glass-2")) == "food-drink"


def test_brands_and_hidden_icons_are_dropped_and_fruit_stays(parts: Path) -> None:
    assert concepts(parts, "icon-park") == ["acorn", "lemon", "lemon", "red apple"]


def test_only_the_largest_of_several_sizes_is_kept(parts: Path) -> None:
    assets = pack.read_part(parts / "vectors-icons.jsonl.xz").assets

    assert [asset.slug for asset in assets if asset.set == "fluent-color"] == ["lemon-48"]


def test_flags_are_named_by_country_and_what_is_no_country_is_dropped(parts: Path) -> None:
    assert concepts(parts, "circle-flags") == ["flag of France"]


def test_pictures_keep_their_bytes_and_size(parts: Path) -> None:
    [asset] = pack.read_part(parts / "raster-fluent-3d.zip").assets

    assert (asset.concept, asset.width, asset.height, asset.media, asset.body) == ("pizza", 12, 10, "webp", picture())


def test_fonts_hold_the_latin_regular_and_bold_of_each_family(parts: Path) -> None:
    faces = pack.read_fonts(parts / "fonts.zip")

    assert [(face.family, face.style_class, face.weight, face.body) for face in faces] == [
        ("arvo", "slab", 400, b"regular"),
        ("arvo", "slab", 700, b"bold"),
    ]


def test_words_hold_labels_keywords_synonyms_and_colours(parts: Path) -> None:
    content = pack.read_words(parts / "words.json.xz")

    assert content["emoji"]["1f355"] == {"label": "pizza", "group": "food-drink", "keywords": ["cheese", "italy"]}
    assert content["synonyms"]["pizza"]["synonyms"] == ["pizza pie"]
    assert content["colours"] == {"Acai": "#48295b"}


def test_sets_in_one_ink_keep_what_has_a_known_word_in_its_name(parts: Path) -> None:
    assert concepts(parts, "tabler") == ["lemon", "lemon"]


def test_illustrations_are_named_after_their_files(parts: Path) -> None:
    names = {asset.set: asset.concept for asset in pack.read_part(parts / "vectors-pictograms.jsonl.xz").assets}

    assert names == {
        "carbon-pictograms": "yoga", "momentum-illustrations": "rocket avatar", "semi-illustrations": "no search results",
        "gravity-illustrations": "bucket",
    }  # fmt: skip


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="Debian packages are read by dpkg-deb")
def test_clip_art_comes_out_of_the_debian_package(parts: Path) -> None:
    [asset] = pack.read_part(parts / "vectors-openclipart.jsonl.xz").assets

    assert (asset.slug, asset.concept, asset.keywords, asset.category) == ("food--pizza_somebody_01", "pizza", ("food",), "food")
    assert asset.body == b'<g><path d="M1 1h5v5z" /></g>'


@pytest.mark.skipif(shutil.which("node") is None, reason="avatars are drawn by node")
def test_avatars_carry_their_attributes_and_rare_ones_are_drawn_more_often(parts: Path) -> None:
    assets = pack.read_part(parts / "vectors-avatars.jsonl.xz").assets

    assert len({asset.body for asset in assets}) == len(assets) == 550
    assert assets[0].keywords == ("short brown hair", "glasses")


def test_a_part_whose_program_is_missing_is_left_out_with_a_note_and_one_that_was_made_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = publish_all(tmp_path / "packages")
    (tmp_path / "parts").mkdir()
    pack.write_vectors(tmp_path / "parts" / "vectors-avatars.jsonl.xz", name="avatars", sets={}, assets=[])
    pack.write_manifest(tmp_path / "parts", {"vectors-avatars.jsonl.xz": "elsewhere"})
    made = pack.read_manifest(tmp_path / "parts")["vectors-avatars.jsonl.xz"]
    monkeypatch.setenv("PATH", str(tmp_path))

    notes = build_parts(tmp_path / "packages", tmp_path / "parts", lambda _: None, catalogue=catalogue)

    listed = pack.read_manifest(tmp_path / "parts")
    assert any("'node' is not installed" in note for note in notes)
    assert any("'dpkg-deb' is not installed" in note for note in notes)
    assert listed["vectors-avatars.jsonl.xz"] == made
    assert "vectors-openclipart.jsonl.xz" not in listed
    assert "vectors-icons.jsonl.xz" in listed


def test_attribution_names_every_set_every_font_and_the_wordnet_notice(parts: Path) -> None:
    text = (parts / "ATTRIBUTION.md").read_text()

    assert all(f"| {icon_set.name} |" in text for icon_set in (*COLOUR_SETS, *MONO_SETS))
    assert "| carbon-pictograms | Carbon Pictograms | IBM | Apache-2.0 |" in text
    assert "| arvo | Copyright 2010 | OFL-1.1 |" in text
    assert "WordNet notice" in text


def test_two_builds_give_the_same_bytes(parts: Path, tmp_path: Path) -> None:
    again = build(tmp_path)

    first, second = ({path.name: path.read_bytes() for path in folder.iterdir() if path.name != "parts.json"} for folder in (parts, again))
    assert first == second


def test_an_interrupted_build_is_continued_and_finished_parts_are_not_written_again(tmp_path: Path) -> None:
    catalogue = publish_all(tmp_path / "packages")
    finished: list[str] = []

    def interrupt_after_three(name: str) -> None:
        finished.append(name)
        if len(finished) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_parts(tmp_path / "packages", tmp_path / "parts", interrupt_after_three, catalogue=catalogue)
    times = {name: (tmp_path / "parts" / name).stat().st_mtime_ns for name in finished}
    build_parts(tmp_path / "packages", tmp_path / "parts", lambda _: None, catalogue=catalogue)

    assert {name: (tmp_path / "parts" / name).stat().st_mtime_ns for name in finished} == times
    assert set(pack.read_manifest(tmp_path / "parts")) >= {*finished, "fonts.zip", "words.json.xz"}


def test_a_damaged_part_is_made_again(tmp_path: Path) -> None:
    parts = build(tmp_path)
    path = parts / "vectors-flags.jsonl.xz"
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])

    build(tmp_path)

    assert path.read_bytes() == whole


def test_a_missing_package_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    catalogue = publish_all(tmp_path / "packages")
    (tmp_path / "packages" / catalogue.icons.file_name).unlink()

    with pytest.raises(DamagedFile, match="limner data fetch"):
        build_parts(tmp_path / "packages", tmp_path / "parts", lambda _: None, catalogue=catalogue)


def test_a_set_whose_licence_is_not_permissive_is_never_built(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="CC-BY-SA"):
        build(tmp_path, licence="CC-BY-SA-4.0")

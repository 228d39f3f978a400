"""The whole way on the command line: a pack, two minutes' work in seconds, a snapshot, a picture; and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image

from limner.cli.main import run
from limner.engine.weights import UPSAMPLERS, Catalogue
from limner.errors import InvalidField
from limner.model.network import SIZES, Network
from limner.train.release import load_average, load_snapshot


@pytest.fixture
def weights(tmp_path: Path, tiny_weights: Path) -> Path:
    folder = tmp_path / "weights"
    shutil.copytree(tiny_weights, folder)
    return folder


def train(folder: Path, pack: Path, weights: Path, *more: str) -> int:
    return run(["train", "run", "tiny", "--out", str(folder), "--parts", str(pack), "--weights-dir", str(weights), "--threads", "1", *more])


def release(folder: Path, weights: Path, name: str, *more: str) -> int:
    fixed = ["--released", "2026-11-21", "--weights-dir", str(weights), "--alias", "mine"]
    return run(["train", "release", str(folder), "--name", name, *fixed, *more])


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_a_run_becomes_a_snapshot_that_draws_and_never_changes(
    tmp_path: Path, small_pack: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(weights))

    assert train(tmp_path / "run", small_pack, weights, "--budget", "2s") == 0
    assert release(tmp_path / "run", weights, "shapes-0", "--upsampler", "nowhere") == 2
    assert release(tmp_path / "run", weights, "shapes-0", "--far-upsampler", "tiny-far") == 2
    assert release(tmp_path / "run", weights, "shapes-1", "--upsampler", "tiny-up", "--far-upsampler", "tiny-far") == 0
    assert run(["generate", "a red ball", "-o", str(tmp_path / "ball.png"), "--model", "mine", "--size", "256x256", "-q"]) == 0
    assert train(tmp_path / "other", small_pack, weights, "--budget", "1s") == 0
    refused = release(tmp_path / "other", weights, "shapes-1")

    assert Image.open(tmp_path / "ball.png").size == (256, 256)
    assert refused == 2
    assert "never changes" in capsys.readouterr().err
    catalogue = Catalogue.open(weights)
    snapshot = catalogue.snapshot("shapes-1")
    snapshot.verify()
    upsamplers = [catalogue.companion(snapshot, role) for role in UPSAMPLERS]
    assert [part and part.folder.name for part in upsamplers] == ["tiny-up", "tiny-far"]


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_what_another_snapshot_edits_for_draws_in_few_guided_steps(tmp_path: Path, small_pack: Path, weights: Path):
    assert train(tmp_path / "run", small_pack, weights, "--budget", "1s") == 0
    assert release(tmp_path / "run", weights, "shapes-1", "--edited-by", "tiny-1") == 0

    catalogue = Catalogue.open(weights)
    snapshot = catalogue.snapshot("shapes-1")
    assert [catalogue.resolve("mine"), catalogue.resolve_editor("mine")] == ["shapes-1", "tiny-1"]
    assert not snapshot.abilities.reads_pictures
    assert "denoise-int8.onnx" in snapshot.graphs()
    low, medium, high = (snapshot.sampling(quality) for quality in ("low", "medium", "high"))
    assert low.num_steps < medium.num_steps < high.num_steps
    assert low.guided_until <= medium.guided_until <= high.guided_until < 1
    assert {sampling.order for sampling in (low, medium, high)} == {2}


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_a_run_begins_with_the_weights_of_a_snapshot(tmp_path: Path, small_pack: Path, weights: Path):
    assert train(tmp_path / "run", small_pack, weights, "--budget", "1s") == 0
    assert release(tmp_path / "run", weights, "shapes-1") == 0
    network = Network(SIZES["tiny"])

    load_snapshot(network, "shapes-1", weights)

    _, trained = load_average(tmp_path / "run")
    for name, tensor in network.state_dict().items():
        assert torch.allclose(tensor, trained.state_dict()[name], atol=0.02)
    with pytest.raises(InvalidField, match="other sizes"):
        load_snapshot(Network(SIZES["small"]), "shapes-1", weights)


def test_a_run_does_not_go_on_as_another(tmp_path: Path, small_pack: Path, weights: Path, capsys: pytest.CaptureFixture[str]):
    assert train(tmp_path / "run", small_pack, weights, "--budget", "1s") == 0
    state = tmp_path / "run" / "state.json"
    state.write_text(state.read_text().replace('"batch_size": 16', '"batch_size": 32'))

    code = train(tmp_path / "run", small_pack, weights, "--budget", "5s")

    assert code == 2
    assert "another batch_size" in capsys.readouterr().err


def test_a_damaged_pack_is_refused_in_one_line(tmp_path: Path, small_pack: Path, weights: Path, capsys: pytest.CaptureFixture[str]):
    pack = tmp_path / "parts"
    shutil.copytree(small_pack, pack)
    part = next(pack.glob("*.xz"))
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 0xFF
    part.write_bytes(content)

    code = train(tmp_path / "run", pack, weights)

    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("limner:")]
    assert code == 2
    assert len(lines) == 1
    assert part.name in lines[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "run", "huge", "--out", "x"], "recipe 'huge'"),
        (["train", "run", "tiny", "--out", "x", "--budget", "soon"], "budget 'soon'"),
        (["train", "run", "tiny", "--out", "x", "--device", "abacus"], "device 'abacus'"),
        (["train", "release", "nowhere", "--name", "a", "--released", "2026-11-21"], "'nowhere' holds no run"),
    ],
)
def test_what_cannot_be_trained_or_released_is_refused(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]):
    assert run(arguments) == 2
    assert words in " ".join(capsys.readouterr().err.split())

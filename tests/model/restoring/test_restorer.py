"""The restorer: untrained it changes nothing, its graph does as it does, and alpha is never its business."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from limner.engine.drawing.graphs import open_graphs
from limner.engine.weights import WeightsPart
from limner.model.export import export_restorer, write_restorer
from limner.model.restoring.restorer import TINY_RESTORER, Restorer, RestorerConfig


@pytest.fixture(scope="module")
def taught() -> Restorer:
    """A tiny restorer whose last layer is no longer zero."""
    torch.manual_seed(3)
    restorer = Restorer(TINY_RESTORER)
    torch.nn.init.normal_(restorer.paint.weight, std=0.05)
    return restorer.eval()


def test_untrained_it_changes_nothing_and_trained_only_colours(taught: Restorer):
    picture = torch.rand(2, 4, 16, 24) * 2 - 1

    with torch.no_grad():
        same, other = Restorer(TINY_RESTORER)(picture), taught(picture)

    assert torch.equal(same, picture)
    assert not torch.equal(other[:, :3], picture[:, :3])
    assert torch.equal(other[:, 3], picture[:, 3])


def test_the_stride_is_what_its_levels_halve():
    assert TINY_RESTORER.stride == 4
    assert RestorerConfig(widths=(8, 8, 8, 8)).stride == 16


@pytest.mark.filterwarnings("ignore")  # the exporter's own
def test_the_graph_that_ships_does_as_the_network_at_any_size(taught: Restorer, tmp_path: Path):
    write_restorer(tmp_path / "restorer", taught, export_restorer(TINY_RESTORER), {"name": "tiny"})
    graph = open_graphs(WeightsPart.open(tmp_path / "restorer", digest=None), 1)["restore.onnx"]

    for height, width in ((8, 12), (32, 20)):
        picture = np.random.default_rng(height).uniform(-1, 1, (1, 4, height, width)).astype(np.float32)
        with torch.no_grad():
            wanted = taught(torch.from_numpy(picture)).numpy()
        np.testing.assert_allclose(graph.run(["restored"], {"damaged": picture})[0], wanted, atol=5e-3)

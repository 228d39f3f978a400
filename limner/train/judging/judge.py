"""Make the judge of the benchmark: learn a head over the trunk's vectors, choose its limits, write it, and measure it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from limner.data.packing.pack import read_manifest
from limner.evals.concepts import SCENE_CONCEPTS
from limner.evals.judge import GRAPH, JUDGE, RULES_VERSION, Judge, Limits
from limner.evals.judging.head import INPUT_WIDTH, join, list_classes
from limner.evals.judging.trunk import Trunk, trunk_digest
from limner.model.release import write_release
from limner.train.judging.examples import Drawings, Examples, gather_round, open_drawings
from limner.train.judging.report import Report, choose_limits, measure
from limner.train.judging.trunk_graph import trunk_graph

ROUNDS = 9
HIDDEN = 288
EPOCHS = 12
BATCH = 256
RATE, DECAY = 2e-3, 0.02
DROPPED_INPUT, DROPPED_HIDDEN = 0.1, 0.3
SMOOTHING = 0.05
SEED = 7
PRECISE = frozenset({"inner", "outer", "shift", "scale"})

Floats = npt.NDArray[np.float32]
Note = Callable[[str], None]


def train_judge(parts_dir: Path, work_dir: Path, weights_dir: Path, *, rounds: int = ROUNDS, note: Note = lambda _: None) -> Report:
    """Make the judge from the parts of the corpus, and write it with its figures into a weights folder.

    `work_dir` keeps drawings and vectors, so that a call that was ended goes on; delete it when the code that makes them changes.

    Raises:
        DamagedFile: a part or a file of `work_dir` cannot be read, or the trunk's package is not installed.
    """
    torch.manual_seed(SEED)
    note("drawing what is not drawn yet")
    drawings = open_drawings(parts_dir, work_dir)
    graph = trunk_graph()
    trunk = Trunk(graph)
    gathered = []
    for number in range(rounds):
        note(f"looking at {len(drawings.named):,} drawings, round {number + 1} of {rounds}")
        gathered.append(gather_round(drawings, trunk, number, work_dir / "rounds"))
    note("learning")
    tensors = fit_head(_join(gathered))
    facts = _facts(drawings, parts_dir, rounds)
    note("choosing the limits")
    with TemporaryDirectory() as trial:  # nothing judges whose limits are not chosen
        _write(Path(trial), tensors, graph, {**facts, "limits": asdict(Limits(name=0, trust=0))})
        limits = asdict(choose_limits(Judge.open(Path(trial) / JUDGE), drawings))
        note("measuring")
        _write(Path(trial), tensors, graph, {**facts, "limits": limits})
        report = measure(Judge.open(Path(trial) / JUDGE), drawings)
    digest = _write(weights_dir, tensors, graph, {**facts, "limits": limits, "validation": asdict(report)})
    note(digest)
    return report


def fit_head(examples: Examples) -> dict[str, Floats]:
    """Return the tensors of a head that was trained on examples."""
    inputs = join(examples.deep, examples.look)
    shift, scale = inputs.mean(axis=0), 1 / (inputs.std(axis=0) + 1e-3)
    known, labels = torch.from_numpy((inputs - shift) * scale), torch.from_numpy(examples.labels)
    network = nn.Sequential(
        nn.Dropout(DROPPED_INPUT),
        nn.Linear(INPUT_WIDTH, HIDDEN),
        nn.ReLU(),
        nn.Dropout(DROPPED_HIDDEN),
        nn.Linear(HIDDEN, len(list_classes())),
    )
    _descend(network, known, labels)
    inner, outer = network[1], network[4]
    learnt = {"inner": inner.weight, "inner_bias": inner.bias, "outer": outer.weight, "outer_bias": outer.bias}
    return {"shift": shift, "scale": scale, **{name: tensor.detach().numpy() for name, tensor in learnt.items()}}


def _descend(network: nn.Module, known: torch.Tensor, labels: torch.Tensor) -> None:
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(labels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    order = torch.Generator().manual_seed(SEED)
    network.train()
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(labels), generator=order).split(BATCH):
            loss = functional.cross_entropy(network(known[rows]), labels[rows], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()


def _join(gathered: Sequence[Examples]) -> Examples:
    return Examples(*(np.concatenate(arrays) for arrays in zip(*((one.deep, one.look, one.labels) for one in gathered), strict=True)))


def _facts(drawings: Drawings, parts_dir: Path, rounds: int) -> dict[str, object]:
    return {
        "name": JUDGE,
        "rules": RULES_VERSION,
        "trunk": trunk_digest(),
        "classes": list(list_classes()),
        "scene_concepts": {name: list(shown) for name, shown in SCENE_CONCEPTS.items()},
        "learnt_from": {
            "drawings": len(drawings.named),
            "others": len(drawings.others),
            "kept": len(drawings.kept),
            "rounds": rounds,
            "parts": {name: entry["sha256"] for name, entry in read_manifest(parts_dir).items() if name.startswith(("vectors", "raster"))},
        },
        "licence": "Apache-2.0",
        "graphs": {},
    }


def _write(weights_dir: Path, tensors: Mapping[str, Floats], graph: bytes, facts: Mapping[str, object]) -> str:
    return write_release(weights_dir / JUDGE, tensors, precise=PRECISE, extra_files={GRAPH: graph}, facts=facts)

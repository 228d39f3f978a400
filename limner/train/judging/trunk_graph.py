"""The graph of the judge's trunk as an ONNX file without weights."""

from __future__ import annotations

from onnx import ModelProto, NodeProto, TensorProto, helper

from limner.evals.judging.trunk import DEEP_WIDTH, LOOK_AFTER, LOOK_WIDTH, VIEW_PX, Convolution, list_convolutions

OPSET = 18
IR_VERSION = 10


def trunk_graph() -> bytes:
    """Return the graph: views (N, 3, 192, 192) to `deep` (N, 1280) and `look` (N, 80); it asks for a weight and a bias by layer."""
    nodes: list[NodeProto] = []
    at = block_input = "views"
    for layer in list_convolutions():
        if not layer.name.endswith((".spread", ".project")) or layer.name == "block0.spread":
            block_input = at
        at = _convolve(nodes, layer, at)
        if layer.adds:
            nodes.append(helper.make_node("Add", [at, block_input], [f"{layer.name}.sum"]))
            at = f"{layer.name}.sum"
        if layer.name == f"block{LOOK_AFTER}.project":
            look = at
    nodes.append(helper.make_node("ReduceMean", [at, "across"], ["deep"], keepdims=0))
    _tell_look(nodes, look)
    return _model(nodes).SerializeToString(deterministic=True)


def _convolve(nodes: list[NodeProto], layer: Convolution, at: str) -> str:
    inputs = [at, f"{layer.name}.weight", f"{layer.name}.bias"]
    shape = {"kernel_shape": [layer.kernel] * 2, "strides": [layer.stride] * 2, "group": layer.groups, "auto_pad": "SAME_UPPER"}
    nodes.append(helper.make_node("Conv", inputs, [layer.name], **shape))
    if not layer.is_active:
        return layer.name
    nodes.append(helper.make_node("Clip", [layer.name, "zero", "six"], [f"{layer.name}.active"]))
    return f"{layer.name}.active"


def _tell_look(nodes: list[NodeProto], at: str) -> None:
    """Mean and spread of each channel over the view."""
    nodes += [
        helper.make_node("ReduceMean", [at, "across"], ["look.mean"], keepdims=0),
        helper.make_node("Mul", [at, at], ["look.squares"]),
        helper.make_node("ReduceMean", ["look.squares", "across"], ["look.power"], keepdims=0),
        helper.make_node("Mul", ["look.mean", "look.mean"], ["look.mean.squared"]),
        helper.make_node("Sub", ["look.power", "look.mean.squared"], ["look.variance"]),
        helper.make_node("Clip", ["look.variance", "zero"], ["look.positive"]),
        helper.make_node("Sqrt", ["look.positive"], ["look.spread"]),
        helper.make_node("Concat", ["look.mean", "look.spread"], ["look"], axis=1),
    ]


def _model(nodes: list[NodeProto]) -> ModelProto:
    constants = [
        helper.make_tensor("across", TensorProto.INT64, [2], [2, 3]),
        helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]),
        helper.make_tensor("six", TensorProto.FLOAT, [], [6.0]),
    ]
    weights = []
    for layer in list_convolutions():
        for name, shape in ((f"{layer.name}.weight", layer.shape), (f"{layer.name}.bias", (layer.outputs,))):
            tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
            tensor.external_data.add(key="location", value="manifest")
            weights.append(tensor)
    graph = helper.make_graph(
        nodes,
        "trunk",
        [helper.make_tensor_value_info("views", TensorProto.FLOAT, ["N", 3, VIEW_PX, VIEW_PX])],
        [
            helper.make_tensor_value_info("deep", TensorProto.FLOAT, ["N", DEEP_WIDTH]),
            helper.make_tensor_value_info("look", TensorProto.FLOAT, ["N", LOOK_WIDTH]),
        ],
        [*constants, *weights],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="limner")

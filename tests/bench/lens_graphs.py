"""lens_graphs.py MODEL.gguf F32.onnx INT8.onnx: the lens of S1 as two ONNX graphs over the model's own unembedding.

Both take `rows` [N][width] (normed residuals) and give `entropy` [N][1], `top_p` and `top_ids` [N][10].
  F32   MatMul, Softmax, entropy, TopK
  INT8  DynamicQuantizeLinear, MatMulInteger with int8 weights (one scale a token), then the same
entropy = lse - sum p * logit, and lse = logit_1 - ln p_1: one softmax and one product suffice.
"""

import sys

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize
from onnx import TensorProto, checker, helper, numpy_helper, save

TOP = 10
node = helper.make_node

STATISTICS = [
    node("Softmax", ["logits"], ["p"], axis=-1),
    node("TopK", ["p", "k"], ["top_p", "top_ids"], axis=-1),
    node("Slice", ["top_ids", "zero", "one", "one"], ["first"]),
    node("Slice", ["top_p", "zero", "one", "one"], ["first_p"]),
    node("GatherElements", ["logits", "first"], ["first_logit"], axis=-1),
    node("Log", ["first_p"], ["log_first"]),
    node("Sub", ["first_logit", "log_first"], ["lse"]),
    node("Mul", ["p", "logits"], ["terms"]),
    node("ReduceSum", ["terms", "one"], ["mean_logit"], keepdims=1),
    node("Sub", ["lse", "mean_logit"], ["entropy"]),
]
PRODUCT_F32 = [node("MatMul", ["rows", "weights"], ["logits"])]
PRODUCT_INT8 = [
    node("DynamicQuantizeLinear", ["rows"], ["quantised", "row_scale", "row_zero"]),
    node("MatMulInteger", ["quantised", "weights", "row_zero"], ["sums"]),
    node("Cast", ["sums"], ["sums_f32"], to=TensorProto.FLOAT),
    node("Mul", ["row_scale", "weight_scale"], ["scale"]),
    node("Mul", ["sums_f32", "scale"], ["logits"]),
]


def write(path: str, product: list, width: int, weights: dict) -> None:
    constants = {"k": [TOP], "zero": [0], "one": [1]}
    arrays = weights | {name: np.array(value, np.int64) for name, value in constants.items()}
    # Slice takes its axis as the fourth input, ReduceSum its axes as the second: 1 is the last axis of both.
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        product + STATISTICS,
        "lens",
        [tensor("rows", TensorProto.FLOAT, ["N", width])],
        [
            tensor("entropy", TensorProto.FLOAT, ["N", 1]),
            tensor("top_p", TensorProto.FLOAT, ["N", TOP]),
            tensor("top_ids", TensorProto.INT64, ["N", TOP]),
        ],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    checker.check_model(model)
    save(model, path)


def main() -> None:
    path, f32, int8 = sys.argv[1:]
    table = next(t for t in GGUFReader(path).tensors if t.name == "token_embd.weight")
    unembedding = dequantize(table.data, table.tensor_type).T.copy()  # [width][V]
    scale = np.abs(unembedding).max(axis=0) / 127
    write(f32, PRODUCT_F32, len(unembedding), {"weights": unembedding})
    rounded = np.rint(unembedding / scale).astype(np.int8)
    write(int8, PRODUCT_INT8, len(unembedding), {"weights": rounded, "weight_scale": scale.astype(np.float32)})


main()

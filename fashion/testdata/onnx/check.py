"""Checks exported ONNX models: that they are valid, what a viewer such as Netron shows, and what they compute.

    python check.py FOLDER

FOLDER has for each model NAME.onnx and NAME.json, in which onnx_test.go writes what the library has, and images.bin, one
byte for each pixel. It prints a line for each model, and fails at the first difference. It needs onnx and onnxruntime.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-4
# The nodes of one model in full; of the others, the rules.
NODES = {
    "cnn": [
        ("conv1.0.Conv", "Conv"), ("conv1.1.Relu", "Relu"), ("conv1.2.MaxPool", "MaxPool"),
        ("conv2.0.Conv", "Conv"), ("conv2.1.Relu", "Relu"), ("conv2.2.MaxPool", "MaxPool"),
        ("2.Flatten", "Flatten"), ("out.Gemm", "Gemm"),
    ],
}


def shapes(values) -> dict[str, list]:
    """The shapes of values by their names, with the names of axes of any length."""
    found = {}
    for value in values:
        tensor = value.type.tensor_type
        assert tensor.elem_type == onnx.TensorProto.FLOAT, value
        found[value.name] = [axis.dim_param or axis.dim_value for axis in tensor.shape.dim]
    return found


def check_names(name: str, graph: onnx.GraphProto, library: dict) -> None:
    """Input, output, nodes and weights have the library's names, and the weights its shapes."""
    assert graph.name == library["model"], graph.name
    assert shapes(graph.input) == {"images": ["batch", 1, 28, 28]}, graph.input
    assert shapes(graph.output) == {"logits": ["batch", 10]}, graph.output
    nodes = [(node.name, node.op_type) for node in graph.node]
    assert len({n for n, _ in nodes}) == len(nodes), nodes
    for node, operator in nodes:
        assert node.endswith("." + operator) and any(node.startswith(layer + ".") for layer in library["layers"]), (node, operator)
    assert nodes == NODES.get(name, nodes), nodes
    weights = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    for weight, shape in library["weights"].items():
        assert weights.get(weight) == shape, (weight, shape, weights)


def check_shapes(model: onnx.ModelProto) -> None:
    """The file has the shapes of all values, and ONNX infers the same ones."""
    stored = shapes(model.graph.value_info)
    between = {output for node in model.graph.node for output in node.output} - {"logits"}
    assert set(stored) == between, set(stored) ^ between
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    del bare.graph.value_info[:]
    inferred = shapes(onnx.shape_inference.infer_shapes(bare, check_type=True, strict_mode=True, data_prop=True).graph.value_info)
    assert inferred == stored, {v: (stored[v], inferred.get(v)) for v in stored if stored[v] != inferred.get(v)}


def check_logits(file: Path, images: np.ndarray, want: np.ndarray) -> float:
    """Batches of each size have the library's logits. Returns the largest difference."""
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    spread = np.ptp(want, axis=0).min()
    assert spread > 100 * TOLERANCE, f"the logits of the images differ by {spread} only"
    largest = 0.0
    for size in (1, 7, len(images)):
        (got,) = session.run(["logits"], {"images": images[:size]})
        assert got.shape == (size, 10), got.shape
        difference = float(np.abs(got - want[:size]).max())
        assert difference <= TOLERANCE, f"a batch of {size}: a logit differs by {difference}"
        largest = max(largest, difference)
    return largest


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    images = np.fromfile(folder / "images.bin", np.uint8).reshape(-1, 1, 28, 28).astype(np.float32) / np.float32(255)
    files = sorted(folder.glob("*.onnx"))
    assert files, "no models"
    for file in files:
        library = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        model = onnx.load(file)
        try:
            onnx.checker.check_model(model, full_check=True)
            check_names(file.stem, model.graph, library)
            check_shapes(model)
            largest = check_logits(file, images, np.array(library["logits"], np.float32))
        except Exception as e:
            e.add_note(f"model {file.stem}")
            raise
        print(f"{file.stem}: valid, {len(model.graph.node)} nodes, logits differ by at most {largest:.1e}")


if __name__ == "__main__":
    main()

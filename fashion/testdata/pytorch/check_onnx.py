"""Checks that an exported ONNX file is valid and computes the same.

    python check_onnx.py MODEL.onnx PREDICTIONS.json DATA_DIR

PREDICTIONS.json is what `fashion predict -index … -split test -json` printed. It needs
onnx and onnxruntime.
"""

import json
import sys

import numpy
import onnx
import onnxruntime

import models


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)
    with open(sys.argv[2], encoding="utf-8") as file:
        predictions = json.load(file)["predictions"]
    images, _ = models.load(sys.argv[3], "t10k")
    session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
    batch = images[[p["index"] for p in predictions]].numpy()
    (logits,) = session.run(["logits"], {"images": batch})
    difference = numpy.abs(logits - numpy.array([p["logits"] for p in predictions])).max()
    print(f"{sys.argv[1]}: valid; {len(predictions)} images, largest difference of a logit {difference:.1e}")
    if difference > 1e-4 * max(1, numpy.abs(logits).max()):
        sys.exit("more than 1e-4 of the largest logit")


if __name__ == "__main__":
    main()

"""Ask a server with Triton's client in each form, and print the logits.

Arguments: HOST:PORT, and a file with images of 784 bytes.
"""

import json
import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

client = triton.InferenceServerClient(sys.argv[1])
assert client.is_server_live()
assert client.is_server_ready()
assert client.is_model_ready("softmax")
assert client.is_model_ready("softmax", "1")
assert not client.is_model_ready("other")
assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
metadata = client.get_model_metadata("softmax")
(described,) = metadata["inputs"]
assert described["shape"] == [-1, 1, 28, 28], metadata

pixels = np.fromfile(sys.argv[2], np.uint8).reshape(-1, 28, 28)
floats = (pixels[:, None] / np.float32(255)).astype(np.float32)
answers = []
for images, datatype in ((pixels, "UINT8"), (floats, described["datatype"])):
    for binary in (True, False):
        tensor = triton.InferInput(described["name"], list(images.shape), datatype)
        tensor.set_data_from_numpy(images, binary_data=binary)
        outputs = [triton.InferRequestedOutput(o["name"], binary_data=binary) for o in metadata["outputs"]]
        result = client.infer("softmax", [tensor], outputs=outputs, request_id="7")
        assert result.get_response()["id"] == "7"
        logits = result.as_numpy("logits")
        assert (result.as_numpy("label") == logits.argmax(1)).all()
        assert np.allclose(result.as_numpy("probabilities").sum(1), 1)
        answers.append(logits)
        # Without outputs, all of them are binary.
        assert (client.infer("softmax", [tensor]).as_numpy("logits") == logits).all()
assert all(np.allclose(a, answers[0], atol=1e-5) for a in answers)

tensor = triton.InferInput(described["name"], [1, 1, 28, 28], "FP32")
tensor.set_data_from_numpy(np.full((1, 1, 28, 28), 255, np.float32))
try:
    client.infer("softmax", [tensor])
except InferenceServerException as error:
    assert error.status() == "400" and "UINT8" in error.message(), error
else:
    raise AssertionError("pixels of 255 as FP32 are no error")
print(json.dumps(answers[0].tolist()))

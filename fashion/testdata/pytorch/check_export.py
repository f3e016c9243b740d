"""Checks that what this project exports works in PyTorch.

    python check_export.py MODEL WEIGHTS.safetensors DATA_DIR [LOSS]

It loads the state dict into the same model in PyTorch, strictly, and prints the
test loss and accuracy that PyTorch computes. With LOSS, what `fashion eval`
printed, it fails when the two differ by more than 1e-5 of their value.
"""

import sys

from safetensors.torch import load_file

import models


def main() -> None:
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    name, file, data = sys.argv[1:4]
    model = models.make(name)
    model.load_state_dict(load_file(file), strict=True)
    loss, accuracy = models.test_loss(model, *models.load(data, "t10k"))
    print(f"{name}: PyTorch's test loss {loss:.7f}, accuracy {accuracy:.4f}")
    if len(sys.argv) == 5:
        want = float(sys.argv[4])
        difference = abs(loss - want) / want
        print(f"relative difference to {want:.7f}: {difference:.1e}")
        if difference > 1e-5:
            sys.exit("more than 1e-5")


if __name__ == "__main__":
    main()

"""The homework's five models in PyTorch, and Fashion-MNIST as tensors.

The names of the submodules are the homework's, so that the state dicts have
the names that package fashion uses.
"""

import gzip
from pathlib import Path

import torch
from torch import nn

NAMES = ["softmax", "cnn", "cnn_v1", "cnn_v2", "cnn_v3"]


class Softmax(nn.Module):
    """Softmax regression: one linear layer on the 784 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(28 * 28, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.linear(images.flatten(1))


def convolution(
    inputs: int, outputs: int, kernel: int, padding: int, regularised: bool
) -> nn.Sequential:
    """A convolution, ReLU and 2×2 max pooling; with batch norm and dropout
    where regularised."""
    layers: list[nn.Module] = [nn.Conv2d(inputs, outputs, kernel, padding=padding)]
    if regularised:
        layers.append(nn.BatchNorm2d(outputs))
    layers += [nn.ReLU(), nn.MaxPool2d(2)]
    if regularised:
        layers.append(nn.Dropout(0.25))
    return nn.Sequential(*layers)


class Convolutional(nn.Module):
    """Blocks conv1, conv2, … and a head on their flattened output."""

    def __init__(self, blocks: list[nn.Sequential], head_name: str, head: nn.Module) -> None:
        super().__init__()
        self.blocks = len(blocks)
        for number, block in enumerate(blocks, start=1):
            setattr(self, f"conv{number}", block)
        self.head_name = head_name
        setattr(self, head_name, head)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = images
        for number in range(1, self.blocks + 1):
            x = getattr(self, f"conv{number}")(x)
        return getattr(self, self.head_name)(x.flatten(1))


def make(name: str) -> nn.Module:
    """Returns the model of that name with fresh weights."""
    if name == "softmax":
        return Softmax()
    if name == "cnn":
        blocks = [convolution(1, 16, 5, 2, False), convolution(16, 32, 5, 2, False)]
        return Convolutional(blocks, "out", nn.Linear(32 * 7 * 7, 10))
    if name == "cnn_v1":
        blocks = [convolution(1, 32, 5, 2, True), convolution(32, 64, 5, 2, True)]
        return Convolutional(blocks, "out", nn.Linear(64 * 7 * 7, 10))
    if name not in NAMES:
        raise ValueError(f"no model {name!r}; there are {NAMES}")
    blocks = [
        convolution(1, 32, 3, 2, True),
        convolution(32, 64, 3, 2, True),
        convolution(64, 128, 3, 1, True),
    ]
    if name == "cnn_v2":
        return Convolutional(blocks, "out", nn.Linear(128 * 4 * 4, 10))
    head = nn.Sequential(
        nn.Linear(128 * 4 * 4, 256),
        nn.BatchNorm1d(256),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, 10),
    )
    return Convolutional(blocks, "fc_block", head)


def optimizer(name: str, model: nn.Module) -> torch.optim.Optimizer:
    """The homework's optimizer for a model."""
    if name == "softmax":
        return torch.optim.SGD(model.parameters(), lr=0.001)
    return torch.optim.Adam(model.parameters(), lr=0.01)


def load(folder: str, part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Reads the official files of a part ("train" or "t10k"): images float32
    [N 1 28 28] in [0, 1], and labels int64 [N]."""

    def read(kind: str, header: int) -> torch.Tensor:
        path = Path(folder) / f"{part}-{kind}-ubyte.gz"
        content = bytearray(gzip.decompress(path.read_bytes()))
        return torch.frombuffer(content, dtype=torch.uint8, offset=header)

    images = read("images-idx3", 16).reshape(-1, 1, 28, 28).float() / 255
    return images, read("labels-idx1", 8).long()


def test_loss(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """Exact mean loss (summed in float64) and accuracy in evaluation mode."""
    model.eval()
    losses, right = [], 0
    with torch.no_grad():
        for start in range(0, len(images), 250):
            logits = model(images[start : start + 250])
            target = labels[start : start + 250]
            losses.append(nn.functional.cross_entropy(logits, target, reduction="none").double())
            right += int((logits.argmax(1) == target).sum())
    return float(torch.cat(losses).mean()), right / len(images)

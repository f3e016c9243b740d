"""Makes layers.json: single layers, and what PyTorch computes with them.

Each case has the module as PyTorch prints it, an input, the state dict, the output in
training or evaluation mode, and the gradients of the sum of output·upstream with respect to
the input and to each parameter that requires one. Batch norm's statistics after the forward
pass are in "after". The last case is airbench's whitening of 3×3 patches.
"""

import json
from pathlib import Path

import torch
from torch import nn
from torchvision.transforms import v2


class Residual(nn.Module):
    """The class in the documentation of fashion.Residual."""

    def __init__(self, branch: list[nn.Module], shortcut: list[nn.Module] | None = None) -> None:
        super().__init__()
        self.branch = nn.Sequential(*branch)
        self.shortcut = nn.Sequential(*shortcut) if shortcut else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.branch(x) + self.shortcut(x)


class Scale(nn.Module):
    """A constant factor."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def extra_repr(self) -> str:
        return f"factor={self.factor}"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.factor


def frozen(module: nn.Module, *names: str) -> nn.Module:
    """Stops the training of parameters."""
    for name in names:
        module.get_parameter(name).requires_grad_(False)
    return module


IMAGES = (2, 3, 5, 4)
CASES: list[tuple[str, nn.Module, tuple[int, ...], bool]] = [
    ("gelu", nn.GELU(), IMAGES, True),
    ("gelu tanh", nn.GELU(approximate="tanh"), IMAGES, True),
    ("leaky relu", nn.LeakyReLU(0.1), IMAGES, True),
    ("avg pool", nn.AvgPool2d(2), IMAGES, True),
    ("adaptive avg pool 1", nn.AdaptiveAvgPool2d(1), IMAGES, True),
    ("adaptive avg pool 3", nn.AdaptiveAvgPool2d(3), IMAGES, True),
    ("max pool over the rest", nn.MaxPool2d(3), (2, 4, 3, 3), True),
    ("pixel unshuffle", nn.PixelUnshuffle(2), (2, 3, 4, 6), True),
    ("scale", Scale(1 / 8), (2, 5), True),
    ("normalize", v2.Normalize([0.2860], [0.3530]), (2, 1, 4, 4), True),
    ("linear without bias", nn.Linear(6, 4, bias=False), (3, 6), True),
    ("frozen convolution", frozen(nn.Conv2d(3, 4, 3), "weight"), IMAGES, True),
    (
        "batch norm without scale",
        frozen(nn.BatchNorm2d(3, eps=1e-12, momentum=0.4), "weight"),
        IMAGES,
        True,
    ),
    ("batch norm without shift", frozen(nn.BatchNorm2d(3), "bias"), IMAGES, True),
    (
        "batch norm in evaluation",
        frozen(nn.BatchNorm2d(3, eps=1e-3, momentum=0.4), "weight"),
        IMAGES,
        False,
    ),
    ("vectors' batch norm", nn.BatchNorm1d(4, momentum=0.25), (5, 4), True),
    (
        "residual",
        Residual([nn.Conv2d(3, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.GELU()]),
        IMAGES,
        True,
    ),
    (
        "residual in evaluation",
        Residual(
            [nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.LeakyReLU(0.1)],
            [nn.Conv2d(3, 4, 1, bias=False), frozen(nn.BatchNorm2d(4, eps=1e-3), "weight")],
        ),
        IMAGES,
        False,
    ),
]


def tensor(t: torch.Tensor) -> dict:
    """A tensor as JSON, rounded to seven digits."""
    return {"shape": list(t.shape), "data": [float(f"{v:.7g}") for v in t.detach().flatten().tolist()]}


def case(name: str, module: nn.Module, shape: tuple[int, ...], training: bool) -> dict:
    """Computes one case."""
    module.train(training)
    with torch.no_grad():
        for key, value in module.state_dict().items():
            if key.endswith(("running_var", "weight")) and value.dim() == 1:
                value.uniform_(0.5, 1.5)
            elif key.endswith(("running_mean", "bias")):
                value.normal_()
    before = {key: tensor(value) for key, value in module.state_dict().items()}
    x = torch.randn(shape).requires_grad_()
    y = module(x)
    upstream = torch.randn_like(y)
    (y * upstream).sum().backward()
    return {
        "name": name,
        "repr": repr(module),
        "training": training,
        "x": tensor(x),
        "upstream": tensor(upstream),
        "state": before,
        "y": tensor(y),
        "x_gradient": tensor(x.grad),
        "gradients": {key: tensor(p.grad) for key, p in module.named_parameters() if p.requires_grad},
        "after": {key: tensor(value) for key, value in module.state_dict().items() if "running" in key},
    }


def whitening() -> dict:
    """airbench's kernels of 4 → 10 channels for random images, the largest element of each
    eigenvector positive. The images are bytes of a 28×28 image, unshuffled by 2."""
    images = torch.randint(0, 256, (3, 1, 28, 28))
    images[:, :, :, 1::2] = images[:, :, :, ::2] // 2  # so the eigenvalues differ
    pixels = v2.Normalize([0.2860], [0.3530])(images.float() / 255)
    x = nn.functional.pixel_unshuffle(pixels, 2)
    patches = nn.functional.unfold(x, 3).transpose(1, 2).reshape(-1, 36).double()
    values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
    values, vectors = values.flip(0)[:5], vectors.T.flip(0)[:5]
    largest = vectors.gather(1, vectors.abs().argmax(1, keepdim=True))
    kernels = vectors * largest.sign() / torch.sqrt(values + 5e-4)[:, None]
    return {
        "images": images.flatten().tolist(),
        "weight": tensor(torch.cat([kernels, -kernels]).reshape(10, 4, 3, 3)),
    }


def main() -> None:
    torch.manual_seed(1)
    figures = {
        "torch": torch.__version__,
        "cases": [case(*arguments) for arguments in CASES],
        "whitening": whitening(),
    }
    path = Path(__file__).with_name("layers.json")
    path.write_text(json.dumps(figures, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

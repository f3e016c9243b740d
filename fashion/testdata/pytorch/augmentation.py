"""Makes augmentation.json: what torchvision does to an image, and means of probabilities over views."""

import json
from pathlib import Path

import torch
from torch.nn.functional import pad, softmax
from torchvision.transforms import RandomErasing
from torchvision.transforms.functional import crop, erase, hflip


def text(image: torch.Tensor) -> str:
    """An image as hexadecimal bytes."""
    return bytes(image.byte().flatten().tolist()).hex()


def crops(image: torch.Tensor, n: int, mode: str) -> list[dict]:
    """All crops of an image padded by n pixels: top and left are where RandomCrop cuts."""
    padded = pad(image, [n] * 4, mode="constant" if mode == "zeros" else mode)
    return [
        {"n": n, "mode": mode, "top": top, "left": left, "pixels": text(crop(padded, top, left, 28, 28))}
        for top in range(0, 2 * n + 1, n)
        for left in range(0, 2 * n + 1, n)
    ]


def main() -> None:
    generator = torch.Generator().manual_seed(1)
    image = torch.randint(0, 256, (1, 1, 28, 28), generator=generator).float()
    erased = [
        {"top": top, "left": left, "height": height, "width": width, "value": value,
         "pixels": text(erase(image, top, left, height, width, torch.tensor(255 * value)))}
        for top, left, height, width, value in [(0, 0, 4, 27, 0.0), (20, 11, 8, 9, 1.0), (5, 6, 1, 2, 0.2)]
    ]
    # The shapes that RandomErasing draws, and how often an image is erased.
    torch.manual_seed(2)
    shapes = torch.tensor([RandomErasing.get_params(image[0], (0.02, 0.33), (0.3, 3.3), [0.0])[:4] for _ in range(100_000)]).double()
    # Six views through a softmax regression.
    weight = torch.randint(-5, 6, (10, 784), generator=generator)  # 64 times the weight
    bias = torch.randn(10, generator=generator)
    padded = pad(image / 255, [1] * 4, mode="reflect")
    views = [crop(padded, at, at, 28, 28) for at in (1, 2, 0)]
    views = [v for view in views for v in (view, hflip(view))]
    mean = torch.stack([softmax(v.flatten(1) @ weight.float().T / 64 + bias, dim=1) for v in views]).mean(0)
    Path(__file__).with_name("augmentation.json").write_text(json.dumps({
        "pixels": text(image),
        "flipped": text(hflip(image)),
        "crops": [c for n, mode in [(1, "zeros"), (1, "reflect"), (4, "reflect"), (27, "reflect")] for c in crops(image, n, mode)],
        "erased": erased,
        "erased_means": shapes.mean(0).tolist(),
        "erased_deviations": shapes.std(0).tolist(),
        "erased_defaults": str(RandomErasing()),
        "weight": weight.flatten().tolist(), "bias": bias.tolist(), "probabilities": mean[0].tolist(),
    }) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

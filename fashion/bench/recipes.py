"""Trains the recipes of fashion/recipes.go in PyTorch, to compare accuracies and times.

    python recipes.py --recipe best --data DIR --seed 1 [--epochs N] [--all] [--compile]

DIR holds the four official files. It trains on 50,000 images and evaluates on the other 10,000 of
the training set; with --all it trains on all 60,000 and evaluates on the test set. It prints one JSON
object: the seconds of the training, compilation included, and the accuracies of the averaged weights
with six views, of the averaged weights, and of the last weights.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent.parent / "testdata" / "pytorch"))
import models

MEAN, DEVIATION = 0.2860, 0.3530  # of the training pixels
BLACK = (0 - MEAN) / DEVIATION
BATCH, RATE, RISE, SMOOTHING = 256, 8e-3, 0.2, 0.1
EMA_DECAY, EMA_EVERY, EMA_EPOCHS = 0.95, 5, 3
EPOCHS = {"fast": 5, "best": 12}
ERASED = {"fast": 0.0, "best": 0.25}  # the share of the images in which a rectangle becomes black
CHANNELS = {"fast": (8, 24, 48, 96), "best": (16, 32, 64, 128)}


def group(inputs: int, outputs: int) -> nn.Sequential:
    """Two convolutions that begin as the identity, with batch norm that has no scale."""

    def convolution(channels: int) -> nn.Conv2d:
        layer = nn.Conv2d(channels, outputs, 3, padding=1, bias=False)
        nn.init.dirac_(layer.weight.data[:channels])
        return layer

    def norm() -> nn.BatchNorm2d:
        layer = nn.BatchNorm2d(outputs, eps=1e-12, momentum=0.4)
        layer.weight.requires_grad_(False)
        return layer

    gelu = nn.GELU(approximate="tanh")
    return nn.Sequential(convolution(inputs), nn.MaxPool2d(2), norm(), gelu, convolution(outputs), norm(), gelu)


class Network(nn.Module):
    """A recipe's network, for standardised pixels."""

    def __init__(self, name: str) -> None:
        super().__init__()
        first, *rest = CHANNELS[name]
        self.whiten = nn.Conv2d(1, first, 3, bias=False)
        self.whiten.weight.requires_grad_(False)
        groups = [group(i, o) for i, o in zip(CHANNELS[name], rest)]
        self.body = nn.Sequential(nn.GELU(approximate="tanh"), *groups, nn.MaxPool2d(3), nn.Flatten())
        self.out = nn.Linear(rest[-1], 10, bias=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.out(self.body(self.whiten(images))) / 8

    def set_whitening(self, images: torch.Tensor) -> None:
        """Sets the kernels to the eigenvectors of the patches of images, and their negatives."""
        patches = nn.functional.unfold(images, 3).transpose(1, 2).reshape(-1, 9).double()
        values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
        count = len(self.whiten.weight) // 2
        kernels = (vectors / torch.sqrt(values + 5e-4)).T.flip(0)[:count].reshape(count, 1, 3, 3).float()
        self.whiten.weight.data.copy_(torch.cat([kernels, -kernels]))


def augmented(images: torch.Tensor, flips: torch.Tensor) -> torch.Tensor:
    """Shifts by -1 to 1 pixels with reflected edges, and mirror images where flips is true."""
    n = len(images)
    padded = nn.functional.pad(images, (1, 1, 1, 1), mode="reflect").squeeze(1)
    rows = torch.randint(3, (n, 1, 1)) + torch.arange(28)[:, None]
    columns = torch.randint(3, (n, 1, 1)) + torch.arange(28)[None, :]
    shifted = padded[torch.arange(n)[:, None, None], rows, columns].unsqueeze(1)
    return torch.where(flips[:, None, None, None], shifted.flip(3), shifted)


def erased(images: torch.Tensor, share: float) -> torch.Tensor:
    """torchvision's RandomErasing(share), for all images at once, and with black."""
    n, image = len(images), torch.arange(len(images))
    area = 28 * 28 * torch.empty(10, n).uniform_(0.02, 0.33)
    ratio = torch.empty(10, n).uniform_(math.log(0.3), math.log(3.3)).exp()
    heights, widths = (area * ratio).sqrt().round(), (area / ratio).sqrt().round()
    fits = (heights < 28) & (widths < 28)
    first = fits.int().argmax(0)  # of ten tries
    inside = (fits.any(0) & (torch.rand(n) < share))[:, None, None]
    for size, axis in ((heights[first, image], 2), (widths[first, image], 1)):
        begin = (torch.rand(n) * (29 - size)).floor()
        places = torch.arange(28)
        inside = inside & ((places >= begin[:, None]) & (places < (begin + size)[:, None])).unsqueeze(axis)
    return torch.where(inside[:, None], BLACK, images)


def views(images: torch.Tensor) -> list[torch.Tensor]:
    padded = nn.functional.pad(images, (1, 1, 1, 1), mode="reflect")
    shifted = [images, padded[:, :, 2:, 2:], padded[:, :, :28, :28]]
    return [v for s in shifted for v in (s, s.flip(3))]


def accuracy(model: nn.Module, images: torch.Tensor, labels: torch.Tensor, tta: bool) -> float:
    model.eval()
    right = 0
    with torch.no_grad():
        for x, y in zip(images.split(500), labels.split(500)):
            probabilities = sum(model(v).softmax(1) for v in (views(x) if tta else [x]))
            right += int((probabilities.argmax(1) == y).sum())
    return right / len(images)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", choices=CHANNELS, required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--all", action="store_true", help="train on 60,000 images, and evaluate on the test set")
    parser.add_argument("--compile", action="store_true")
    a = parser.parse_args()
    epochs = a.epochs or EPOCHS[a.recipe]
    torch.manual_seed(a.seed)
    images, labels = models.load(a.data, "train")
    held, held_labels = models.load(a.data, "t10k") if a.all else (images, labels)
    images, held = (images - MEAN) / DEVIATION, (held - MEAN) / DEVIATION
    if not a.all:
        order = torch.randperm(60000)
        held, held_labels = images[order[50000:]], labels[order[50000:]]
        images, labels = images[order[:50000]], labels[order[:50000]]
    start = time.perf_counter()
    model = Network(a.recipe)
    model.set_whitening(images[:5000])
    model = model.to(memory_format=torch.channels_last)
    decayed = [p for p in model.parameters() if p.requires_grad and p.ndim >= 2]
    others = [p for p in model.parameters() if p.requires_grad and p.ndim < 2]
    groups = [{"params": decayed, "weight_decay": 0.02}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.95))
    per_epoch = len(images) // BATCH
    total = epochs * per_epoch
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: min(t / (RISE * total), (total - t) / ((1 - RISE) * total)))
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(EMA_DECAY))
    forward = torch.compile(model, dynamic=False) if a.compile else model
    half = torch.rand(len(images)) < 0.5
    step = 0
    for epoch in range(epochs):
        model.train()
        order = torch.randperm(len(images))
        for k in range(per_epoch):
            chosen = order[k * BATCH : (k + 1) * BATCH]
            batch = augmented(images[chosen], half[chosen] ^ (epoch % 2 == 1))
            if ERASED[a.recipe]:
                batch = erased(batch, ERASED[a.recipe])
            batch = batch.contiguous(memory_format=torch.channels_last)
            loss = nn.functional.cross_entropy(forward(batch), labels[chosen], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
            if step % EMA_EVERY == 0 and step > total - EMA_EPOCHS * per_epoch:
                average.update_parameters(model)
    seconds = time.perf_counter() - start
    print(json.dumps({
        "recipe": a.recipe, "seed": a.seed, "epochs": epochs, "images": len(images), "seconds": seconds,
        "accuracy": accuracy(average, held, held_labels, True),
        "without_views": accuracy(average, held, held_labels, False), "last": accuracy(model, held, held_labels, False),
        "backend": f"PyTorch {torch.__version__}, {'compiled, ' if a.compile else ''}channels_last, {torch.get_num_threads()} threads",
    }))


if __name__ == "__main__":
    main()

"""Makes the figures that the Go tests compare with.

    python reference.py DATA_DIR

DATA_DIR holds the four official .gz files. For each model it writes
MODEL.safetensors, the first weights, and MODEL.json with what PyTorch computes
from them. It needs torch and safetensors; nothing else in the project does.
"""

import copy
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

import models

HERE = Path(__file__).parent
BATCH = 128


def batch_means(model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch: int) -> float:
    """The homework's figure: the mean of the batches' mean losses."""
    model.eval()
    with torch.no_grad():
        means = [
            nn.functional.cross_entropy(model(images[i : i + batch]), labels[i : i + batch])
            for i in range(0, len(images), batch)
        ]
    return float(torch.stack(means).mean())


def train(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    images: torch.Tensor,
    labels: torch.Tensor,
    steps: int,
) -> list[float]:
    """Trains on the first batches in file order, without dropout."""
    model.train()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    losses = []
    for step in range(steps):
        part = slice(step * BATCH, (step + 1) * BATCH)
        loss = nn.functional.cross_entropy(model(images[part]), labels[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def figures(name: str, model: nn.Module, data: dict) -> dict:
    """Everything the tests compare for one model."""
    train_images, train_labels = data["train"]
    images, labels = data["test"]
    loss, accuracy = models.test_loss(model, images, labels)
    model.eval()
    with torch.no_grad():
        logits = model(images[:4])
    sgd, adam = copy.deepcopy(model), copy.deepcopy(model)
    sgd_losses = train(sgd, torch.optim.SGD(sgd.parameters(), lr=0.001), train_images, train_labels, 40)
    adam_losses = train(adam, torch.optim.Adam(adam.parameters(), lr=0.01), train_images, train_labels, 5)
    return {
        "torch": torch.__version__,
        "model": name,
        "repr": repr(model),
        "parameters": sum(p.numel() for p in model.parameters()),
        "tensors": [[key, list(value.shape)] for key, value in model.state_dict().items()],
        "test_loss": loss,
        "test_accuracy": accuracy,
        "batch_mean_loss_128": batch_means(model, images, labels, 128),
        "batch_mean_loss_256": batch_means(model, images, labels, 256),
        "logits": logits.tolist(),
        "sgd_losses": sgd_losses,
        "sgd_test_loss": models.test_loss(sgd, images, labels)[0],
        "adam_losses": adam_losses,
        "adam_test_loss": models.test_loss(adam, images, labels)[0],
    }


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.use_deterministic_algorithms(True)
    data = {"train": models.load(sys.argv[1], "train"), "test": models.load(sys.argv[1], "t10k")}
    for seed, name in enumerate(models.NAMES):
        torch.manual_seed(seed)
        model = models.make(name)
        save_file(model.state_dict(), HERE / f"{name}.safetensors")
        result = figures(name, model, data)
        (HERE / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        print(name, result["test_loss"], result["sgd_losses"][-1], result["adam_losses"][-1])


if __name__ == "__main__":
    main()

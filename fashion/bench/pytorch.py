"""Measures PyTorch as `fashion bench` measures this library.

    python pytorch.py --model cnn --steps 50 --batch 128 [--threads N]

Eager mode, the data in memory as one tensor, the homework's optimizer. It prints one JSON
object with the fields of `fashion bench -json`.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent.parent / "testdata" / "pytorch"))
import models

ROUNDS = 5
FORWARD_ROUNDS = 3
IMAGES = 10000


def spread(values: list[float]) -> dict:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def measure(work, rounds: int = ROUNDS) -> list[float]:
    """Seconds of each round, after one to warm up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=models.NAMES, required=True)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, help="default: PyTorch's")
    a = parser.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    model = models.make(a.model)
    if a.model == "softmax":
        optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    images = torch.rand(IMAGES, 1, 28, 28)
    labels = torch.randint(0, 10, (IMAGES,))
    position = 0

    def steps(count: int) -> None:
        nonlocal position
        for _ in range(count):
            if position + a.batch > IMAGES:
                position = 0
            part = slice(position, position + a.batch)
            position += a.batch
            loss = nn.functional.cross_entropy(model(images[part]), labels[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()  # as the homework does, and as Fit does

    model.train()
    per_round = max(1, a.steps // ROUNDS)
    train = [t * 1000 / per_round for t in measure(lambda: steps(per_round))]
    model.eval()

    def forward() -> None:
        for start in range(0, IMAGES, a.batch):
            model(images[start : start + a.batch])

    with torch.no_grad():
        one = [t * 1000 for t in measure(lambda: model(images[: a.batch]))]
        whole = measure(forward, FORWARD_ROUNDS)
    print(json.dumps({
        "model": a.model, "batch": a.batch, "steps": a.steps, "data": "synthetic",
        "backend": f"PyTorch {torch.__version__} eager, {torch.get_num_threads()} threads",
        "train_ms_per_step": spread(train), "eval_ms_per_batch": spread(one), "forward_10000_seconds": spread(whole),
        "compile_seconds": 0,
    }))


if __name__ == "__main__":
    main()

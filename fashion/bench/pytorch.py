"""Measures PyTorch as `fashion bench` measures this library.

    python pytorch.py --model cnn --steps 50 --batch 128 [--threads N] [--channels-last] [--compile]
    python pytorch.py --peak

The data are in memory as one tensor, and the optimizer is the homework's. It prints one JSON
object with the fields of `fashion bench -json`, and with the floating-point operations (2 for a
multiply-add) of the convolutions and matrix products. --peak measures a large matrix product
instead.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

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


def operations(work) -> float:
    """Billions of floating-point operations of the convolutions and matrix products in work."""
    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops() / 1e9


def peak() -> dict:
    """Billions of operations a second in the product of two matrices that fit into the caches."""
    n = 1024
    a, b = torch.rand(n, n), torch.rand(n, n)
    times = measure(lambda: torch.mm(a, b), 20)
    return {"gflops": 2 * n**3 / 1e9 / statistics.median(times), "threads": torch.get_num_threads()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=models.NAMES)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, help="default: PyTorch's")
    parser.add_argument("--channels-last", action="store_true", help="memory format of images and kernels")
    parser.add_argument("--compile", action="store_true", help="torch.compile of the network with its loss")
    parser.add_argument("--peak", action="store_true", help="measure a matrix product")
    a = parser.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    if a.peak:
        print(json.dumps(peak()))
        return
    if not a.model:
        parser.error("--model or --peak is required")
    torch.manual_seed(1)
    layout = torch.channels_last if a.channels_last else torch.contiguous_format
    model = models.make(a.model).to(memory_format=layout)
    if a.model == "softmax":
        optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    images = torch.rand(IMAGES, 1, 28, 28).to(memory_format=layout)
    labels = torch.randint(0, 10, (IMAGES,))

    def mean_loss(batch: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(model(batch), labels)

    model.train()
    step_gflop = operations(lambda: mean_loss(images[: a.batch], labels[: a.batch]).backward())
    model.eval()
    with torch.no_grad():
        forward_gflop = operations(lambda: model(images[: a.batch])) * IMAGES / a.batch
    network, loss_of = model, mean_loss
    if a.compile:
        network, loss_of = torch.compile(model, dynamic=False), torch.compile(mean_loss, dynamic=False)
    position = 0

    def steps(count: int) -> None:
        nonlocal position
        for _ in range(count):
            if position + a.batch > IMAGES:
                position = 0
            part = slice(position, position + a.batch)
            position += a.batch
            loss = loss_of(images[part], labels[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()  # as the homework does, and as Fit does

    model.train()
    per_round = max(1, a.steps // ROUNDS)
    train = [t * 1000 / per_round for t in measure(lambda: steps(per_round))]
    model.eval()

    def forward() -> None:
        """The network's loss and accuracy on all images, as fashion bench has them."""
        loss, right = 0.0, 0
        for start in range(0, IMAGES, a.batch):
            batch, answers = images[start : start + a.batch], labels[start : start + a.batch]
            logits = network(batch)
            loss += nn.functional.cross_entropy(logits, answers, reduction="sum").item()
            right += (logits.argmax(1) == answers).sum().item()

    with torch.no_grad():
        one = [t * 1000 for t in measure(lambda: network(images[: a.batch]))]
        whole = measure(forward, FORWARD_ROUNDS)
    print(json.dumps({
        "model": a.model, "batch": a.batch, "steps": a.steps, "data": "synthetic",
        "backend": f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads",
        "train_ms_per_step": spread(train), "eval_ms_per_batch": spread(one), "forward_10000_seconds": spread(whole),
        "step_gflop": step_gflop, "forward_10000_gflop": forward_gflop,
    }))


if __name__ == "__main__":
    main()

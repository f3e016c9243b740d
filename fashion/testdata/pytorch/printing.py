"""Makes printing.json: tensors, and how PyTorch prints them."""

import json
from pathlib import Path

import torch


def main() -> None:
    generator = torch.Generator().manual_seed(1)
    tensors = [
        torch.tensor([0.0125, -0.5, 12.25]),
        torch.tensor(2.5),
        torch.randn(3, 4, generator=generator),
        torch.rand(2, 10, generator=generator),
        torch.randn(2, 3, 4, generator=generator),
        torch.randn(40, 30, generator=generator),
        torch.randn(128, 10, generator=generator) * 20,
        torch.randn(10, 784, generator=generator) * 0.02,
        torch.randn(1, 10, generator=generator),
    ]
    cases = [{"shape": list(t.shape), "data": t.flatten().tolist(), "text": str(t)} for t in tensors]
    Path(__file__).with_name("printing.json").write_text(json.dumps(cases) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

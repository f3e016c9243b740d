"""Compares this library's speed with PyTorch's, in turn on one machine.

    python compare.py [--models softmax,cnn,…] [--backends xla:cpu,go] [--rounds 5] [--out FILE.json]

Run it with a Python that has PyTorch, on a machine with nothing else to do.
Each round measures every backend and PyTorch once, one after the other, each in a process of
its own. A ratio is this library's time over PyTorch's of the same round; the table
shows the median over the rounds, with the range.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STEPS = {"softmax": 1000, "cnn": 50}  # of the others: 20
PYTORCH = "PyTorch"
MEASURES = {"train_ms_per_step": "training step, ms", "forward_10000_seconds": "forward, 10,000 images, s"}


def run(command: list[str], **env: str) -> dict:
    """Runs a command that prints one JSON object."""
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env={**os.environ, **env}, cwd=ROOT)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
    return json.loads(done.stdout)


def summary(values: list[float]) -> str:
    digits = 2 if statistics.median(values) < 10 else 1
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def table(results: dict, backends: list[str]) -> str:
    """Markdown: a row for each model and measure."""
    lines = ["| model | measure | PyTorch | " + " | ".join(f"{b} | {b} / PyTorch" for b in backends) + " |"]
    lines.append("|---" * (3 + 2 * len(backends)) + "|")
    for model, rounds in results.items():
        for field, title in MEASURES.items():
            reference = [r[PYTORCH][field]["median"] for r in rounds]
            cells = [model, title, summary(reference)]
            for b in backends:
                own = [r[b][field]["median"] for r in rounds]
                cells += [summary(own), summary([x / y for x, y in zip(own, reference)])]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="softmax,cnn,cnn_v1,cnn_v2,cnn_v3")
    parser.add_argument("--backends", default="", help="values of GOMLX_BACKEND; default: the one that would be chosen")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="file for all that was measured")
    a = parser.parse_args()
    backends = [b for b in a.backends.split(",") if b] or ["chosen"]
    results: dict[str, list] = {}
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "fashion")
        subprocess.run(["go", "build", "-o", program, "./fashion/cmd/fashion"], cwd=ROOT, check=True)
        for model in a.models.split(","):
            steps = str(STEPS.get(model, 20))
            for number in range(a.rounds):
                measured = {}
                for b in backends:
                    env = {} if b == "chosen" else {"GOMLX_BACKEND": b}
                    measured[b] = run([program, "bench", "-model", model, "-steps", steps, "-json"], **env)
                measured[PYTORCH] = run([sys.executable, str(HERE / "pytorch.py"), "--model", model, "--steps", steps])
                results.setdefault(model, []).append(measured)
                print(f"{model}: round {number + 1} of {a.rounds}", file=sys.stderr)
    if a.out:
        a.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(table(results, backends))


if __name__ == "__main__":
    main()

"""Compares this library's speed with PyTorch's, in turn on one machine.

    python compare.py [--models softmax,cnn,…] [--backends xla:cpu,go] [--rounds 5] [--avx2] [--out FILE.json]

Run it with a Python that has PyTorch, and with a C++ compiler for torch.compile, on a machine with
nothing else to do. Each round measures every backend, and PyTorch in four ways, one after the other, each in
a process of its own: eager and compiled, with the default memory format and with channels_last.
PyTorch keeps its memory as this library does, by the same settings of glibc's allocator.
A ratio is this library's time over PyTorch's of the same round, in the way whose median is the shortest.
The tables show the medians over the rounds, with the range.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STEPS = {"softmax": 1000, "cnn": 50}  # of the others: 20
PYTORCH = {
    "eager": [],
    "eager, channels_last": ["--channels-last"],
    "compiled": ["--compile"],
    "compiled, channels_last": ["--compile", "--channels-last"],
}
# The values of internal/plugin/memory_glibc.go.
KEEP_MEMORY = {"GLIBC_TUNABLES": f"glibc.malloc.mmap_threshold={1 << 30}:glibc.malloc.trim_threshold={2047 << 20}:glibc.malloc.top_pad={64 << 20}"}
AVX2 = {
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}
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


def processor(limit: dict) -> str:
    """The processor, its number of cores and its vector instructions, as far as Linux tells."""
    fields: dict[str, str] = {}
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            fields.setdefault(name.strip(), value.strip())
    except OSError:
        return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    flags = fields.get("flags", "").split()
    best = next((name for name, flag in (("AVX-512", "avx512f"), ("AVX2", "avx2")) if flag in flags), "neither AVX2 nor AVX-512")
    family = f"family {fields.get('cpu family')}, model {fields.get('model')}"
    limited = ", limited to AVX2" if limit else ""
    return f"{fields.get('model name', platform.machine())} ({family}), {len(os.sched_getaffinity(0))} cores, {best}{limited}"


def load() -> str:
    """What else the machine does: the mean number of processes that ran, over the last minute."""
    return f"load {os.getloadavg()[0]:.1f}"


def median(rounds: list, who: str, field: str) -> float:
    return statistics.median(r[who][field]["median"] for r in rounds)


def table(results: dict, backends: list[str]) -> str:
    """Markdown: a row for each model and measure, with PyTorch's best way."""
    lines = ["| model | measure | PyTorch's best | in this way | " + " | ".join(f"{b} | ratio" for b in backends) + " |"]
    lines.append("|---" * (4 + 2 * len(backends)) + "|")
    for model, rounds in results.items():
        for field, title in MEASURES.items():
            best = min(PYTORCH, key=lambda way: median(rounds, way, field))
            reference = [r[best][field]["median"] for r in rounds]
            cells = [model, title, summary(reference), best]
            for b in backends:
                own = [r[b][field]["median"] for r in rounds]
                cells += [summary(own), summary([x / y for x, y in zip(own, reference)])]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ways(results: dict) -> str:
    """Markdown: PyTorch's four ways, medians."""
    lines = ["| model | measure | " + " | ".join(PYTORCH) + " |", "|---" * (2 + len(PYTORCH)) + "|"]
    for model, rounds in results.items():
        for field, title in MEASURES.items():
            values = [median(rounds, way, field) for way in PYTORCH]
            lines.append(f"| {model} | {title} | " + " | ".join(f"{v:.2f}" for v in values) + " |")
    return "\n".join(lines)


def rates(results: dict, backends: list[str], peak: float) -> str:
    """Markdown: images a second and core, and the share of the measured peak."""
    cores = len(os.sched_getaffinity(0))
    lines = [
        "| model | backend | training: images/s and core | share of the peak | forward: images/s and core | share of the peak |",
        "|---|---|---|---|---|---|",
    ]
    for model, rounds in results.items():
        flops = rounds[0]["eager"]
        for b in backends:
            step, forward = (median(rounds, b, field) for field in MEASURES)
            lines.append(
                f"| {model} | {b} | {flops['batch'] / step * 1000 / cores:,.0f} | {flops['step_gflop'] / step * 1000 / peak:.0%}"
                f" | {10000 / forward / cores:,.0f} | {flops['forward_10000_gflop'] / forward / peak:.0%} |"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="softmax,cnn,cnn_v1,cnn_v2,cnn_v3")
    parser.add_argument("--backends", default="", help="values of GOMLX_BACKEND; default: the one that would be chosen")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--avx2", action="store_true", help="limit both to AVX2")
    parser.add_argument("--out", type=Path, help="file for all that was measured")
    a = parser.parse_args()
    backends = [b for b in a.backends.split(",") if b] or ["chosen"]
    limit = AVX2 if a.avx2 else {}
    pytorch = [sys.executable, str(HERE / "pytorch.py")]
    results: dict[str, list] = {}
    before, peaks = load(), []
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "fashion")
        subprocess.run(["go", "build", "-o", program, "./fashion/cmd/fashion"], cwd=ROOT, check=True)
        for model in a.models.split(","):
            steps = str(STEPS.get(model, 20))
            for number in range(a.rounds):
                measured = {}
                for b in backends:
                    env = {} if b == "chosen" else {"GOMLX_BACKEND": b}
                    measured[b] = run([program, "bench", "-model", model, "-steps", steps, "-json"], **env, **limit)
                for way, flags in PYTORCH.items():
                    measured[way] = run([*pytorch, "--model", model, "--steps", steps, *flags], **KEEP_MEMORY, **limit)
                peaks.append(run([*pytorch, "--peak"], **limit)["gflops"])
                results.setdefault(model, []).append(measured)
                print(f"{model}: round {number + 1} of {a.rounds}", file=sys.stderr)
    about = {"processor": processor(limit), "before": before, "after": load(), "peak_gflops": statistics.median(peaks)}
    if a.out:
        a.out.write_text(json.dumps({**about, "results": results}, indent=1) + "\n", encoding="utf-8")
    first = next(iter(results.values()))[0]
    used = ", ".join(f"{b}: {first[b]['backend']}" for b in backends)
    print(f"{about['processor']}; {about['before']} before, {about['after']} after; {first['eager']['backend']}; {used}.")
    print(f"Peak, the product of two matrices of 1024×1024 in PyTorch: {about['peak_gflops']:.0f} GFLOP/s (median of {len(peaks)}).")
    for part in (table(results, backends), ways(results), rates(results, backends, about["peak_gflops"])):
        print("\n" + part)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Sweeps on this machine, stopped twice, and as an array job on Slurm, with a task that is cancelled, and compares the results bit for bit.

    .venv/bin/python tools/slurm/sweep.py

Both have the same number of devices (docs/sweep.md). What may differ is what the clock has measured. The script makes a cluster
of one node for itself, with Debian's packages slurm-wlm and munge. Where Slurm is not installed, it says so and ends.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import cluster
from cluster import Failed, run, wait

from fashionlab_grading.toolbox import ROOT

os.environ["FASHION_DEVICES"] = "2"
PARTS = 3
RUNS = [f"{model}-{seed}" for model in ("cnn", "softmax") for seed in (1, 2, 3)]  # part I has seed I+1 of both
EPOCHS, IMAGES, BATCH = 3, 12000, 128  # an epoch of cnn is long enough to be stopped in it
STEPS = EPOCHS * -(-IMAGES // BATCH)
SETTINGS = ["-models", "cnn,softmax", "-seeds", "1-3", "-epochs", EPOCHS, "-split-size", IMAGES]


def checkpoint(folder: Path) -> tuple[dict, dict[str, bytes]]:
    """What a run has saved without what the clock has measured: its position and history, and each tensor as bytes."""
    content = (folder / "checkpoint.safetensors").read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = json.loads(content[8:start])
    info = json.loads(tensors.pop("__metadata__")["run"])
    del info["history"]["wall_seconds"]
    for epoch in info["history"]["epochs"]:
        del epoch["seconds"]
    return info, {f"{name} {t['dtype']} {t['shape']}": content[start + t["data_offsets"][0] : start + t["data_offsets"][1]] for name, t in tensors.items()}


def steps(folder: Path) -> int:
    return checkpoint(folder)[0]["step"] if (folder / "checkpoint.safetensors").exists() else 0


def check_stopped(folder: Path, how: str, log: str) -> None:
    if not 0 < steps(folder) < STEPS:
        raise Failed(f"{folder.name} has {steps(folder)} of {STEPS} steps, so it was not {how} in the middle:\n{log}")
    print(f"{folder.name} was {how} after {steps(folder)} of {STEPS} steps were saved", flush=True)


def table(program: Path, out: Path) -> dict:
    """The sweep's results, after what is left of it, without what the clock has measured."""
    result = json.loads(subprocess.run(list(map(str, [program, "sweep", *SETTINGS, "-out", out, "-json"])), cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
    del result["out"]
    for row in [*result["table"], *result["runs"]]:
        del row["minutes"]
    return result


def on_one_machine(program: Path, out: Path) -> dict:
    """Sweeps with an interruption in the second run and a kill in the third."""
    for name, number, how in (("cnn-2", signal.SIGINT, "interrupted"), ("cnn-3", signal.SIGKILL, "killed")):
        log = out.with_suffix(f".{how}")
        with log.open("w") as file:
            process = subprocess.Popen(list(map(str, [program, "sweep", *SETTINGS, "-out", out])), cwd=ROOT, stdout=file, stderr=file)
        wait(f"the first epoch of {name}", lambda folder=out / name, process=process: steps(folder) or process.poll() is not None, 1800)
        process.send_signal(number)
        process.wait()
        check_stopped(out / name, how, log.read_text())
    return table(program, out)


def on_slurm(program: Path, out: Path, folder: Path) -> dict:
    """Sweeps as an array job: it is submitted, a task is cancelled in its first run, and it is submitted again."""
    command = " ".join(["exec", shlex.join(map(str, [program, "sweep", *SETTINGS, "-out", out])), "-part", f"$SLURM_ARRAY_TASK_ID/{PARTS}"])

    def submit() -> str:
        # One processor for each task, so that as many as there are processors run at the same time.
        return run("sbatch", "--parsable", f"--array=0-{PARTS - 1}", "--cpus-per-task=1", "--requeue", "--signal=B:TERM@60", f"--output={out}.%A_%a", f"--wrap={command}", cwd=ROOT, env=env).strip()

    def log(job: str, task: int) -> str:
        return Path(f"{out}.{job}_{task}").read_text(encoding="utf-8")

    with cluster.start(folder) as env:
        first = submit()
        wait("the first epoch of cnn-2", lambda: steps(out / "cnn-2"), 1800)
        print(run("squeue", env=env), flush=True)
        run("scancel", f"{first}_1", env=env)
        cluster.wait_for_jobs(env)
        check_stopped(out / "cnn-2", "cancelled", log(first, 1))
        if "interrupted" not in log(first, 1):
            raise Failed(f"the cancelled task has not ended in order:\n{log(first, 1)}")
        second = submit()
        cluster.wait_for_jobs(env)
    trained = [name for task in range(PARTS) for name in RUNS if f"{name} (run " in log(second, task)]
    if trained != ["cnn-2", "softmax-2"]:
        raise Failed(f"the second job has trained {trained}, and cnn-2 and softmax-2 were left")
    return table(program, out)


def differences(one: Path, other: Path) -> list[str]:
    """How two runs differ."""
    (info, tensors), (other_info, other_tensors) = checkpoint(one), checkpoint(other)
    found = [name for name in sorted(tensors.keys() | other_tensors.keys()) if tensors.get(name) != other_tensors.get(name)]
    if info != other_info:
        found.append(f"the history: {info} and {other_info}")
    if json.loads((one / "config.json").read_bytes()) != json.loads((other / "config.json").read_bytes()):
        found.append("the settings")
    return found


def play(folder: Path) -> None:
    program = folder / "fashion"
    run(*cluster.ENVIRONMENT, "go", "build", "-o", program, "./fashion/cmd/fashion", cwd=ROOT)
    one, parts = folder / "one", folder / "parts"
    began = time.monotonic()
    table_of_one = on_one_machine(program, one)
    print(f"On one machine: {time.monotonic() - began:.0f} s", flush=True)
    began = time.monotonic()
    table_of_parts = on_slurm(program, parts, folder / "slurm")
    print(f"On Slurm: {time.monotonic() - began:.0f} s", flush=True)
    problems = [f"{name}: {what}" for name in RUNS for what in differences(one / name, parts / name)]
    if table_of_one != table_of_parts:
        problems.append(f"the tables:\n{table_of_one}\n{table_of_parts}")
    if table_of_one["missing"] or not differences(one / "cnn-1", one / "cnn-2"):
        problems.append(f"{table_of_one['missing']} are missing, or other seeds give the same network")
    if problems:
        raise Failed("different: " + "\n".join(problems))
    print(f"{len(RUNS)} runs and the table are equal, bit for bit", flush=True)


def main() -> int:
    return cluster.in_folder(play) if cluster.installed() else 0


if __name__ == "__main__":
    sys.exit(main())

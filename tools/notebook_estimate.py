"""Estimates how long notebooks take on this machine, from a measurement of a few seconds.
"""

import json
import os
import string
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager

from fashionlab_grading import readgo
from notebook_kernel import KERNEL
from notebook_progress import Step, duration, steps_of
from notebook_source import work_of

ROOT = Path(__file__).resolve().parent.parent
BATCH = 128
TRAIN, VALIDATE = 50_000, 10_000  # images in an epoch
EVALUATE = 0.3  # of the time of training an image; 0.27 to 0.33 on XLA (fashion/PERFORMANCE.md)
PLAIN = 0.3  # seconds for a cell that uses Go's own library only
LINKS = 1.2  # times linking the command line: what a cell takes that uses the library
FIRST = 8  # seconds more for the first of them, which fills caches
TIMEOUT = 120  # seconds for a measurement that should take five


class NotMeasured(Exception):
    """There is no estimate. The message explains why."""


class WrongEpochs(Exception):
    """FASHION_EPOCHS is not a number of epochs."""


@dataclass
class Speed:
    """What was measured."""

    backend: str
    link: float  # seconds to link the command line
    step: dict[str, float]  # seconds for a training step of a model
    compile: dict[str, float]  # seconds to compile one


def shortened() -> int | None:
    """The number in FASHION_EPOCHS."""
    text = os.environ.get("FASHION_EPOCHS", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise WrongEpochs(f"FASHION_EPOCHS={text!r}: want a whole number of at least 1.")
    return int(text)


def epochs_done(run: Path, steps: int) -> float:
    """The number of epochs that a run has, of so many steps."""
    try:
        with (run / "checkpoint.safetensors").open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(min(size, 1 << 20)))
        return json.loads(header["__metadata__"]["run"])["step"] / steps
    except (OSError, ValueError, KeyError, TypeError):
        return 0  # not begun, or Fit will say what is wrong with it


def environment() -> dict[str, str]:
    """What a cell's program finds set: that of the kernel's description.

    But for GOWORK: GoNB makes a go.work for its cells; here one in a folder above would count.
    """
    spec = KernelSpecManager().get_kernel_spec(KERNEL)
    cells = {name: string.Template(value).safe_substitute(os.environ) for name, value in spec.env.items()}
    return os.environ | cells | {"GOWORK": "off"}


def measure(models: list[str]) -> Speed:
    """Links the command line, and trains each model for a few steps, with the cells' backend."""
    env = environment()

    def output(*command: str) -> str:
        try:
            done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                                  encoding="utf-8", errors="replace", timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            raise NotMeasured(f"{' '.join(command)}: not done after {TIMEOUT} s") from None
        if done.returncode:
            raise NotMeasured(f"{' '.join(command)}: {done.stderr.strip() or f'status {done.returncode}'}")
        return done.stdout

    with tempfile.TemporaryDirectory() as folder:
        program, links = os.path.join(folder, "fashion"), []
        for _ in range(2):  # the first one may have had to compile
            Path(program).unlink(missing_ok=True)
            began = time.monotonic()
            output("go", "build", "-o", program, "./fashion/cmd/fashion")
            links.append(time.monotonic() - began)
        speed = Speed("", min(links), {}, {})
        for model in models:
            result = json.loads(output(program, "bench", "-model", model, "-steps", "5", "-forward=false", "-json"))
            speed.backend = result["backend"]
            speed.step[model] = result["train_ms_per_step"]["median"] / 1000
            speed.compile[model] = result["compile_seconds"]
    return speed


def epochs_left(work: dict, runs: Path, epochs: int | None) -> list[float]:
    """How many epochs each run of a training still needs; epochs, if given, is the most for one."""
    wanted, steps = min(work["epochs"], epochs or work["epochs"]), work.get("steps", -(-TRAIN // BATCH))
    names = work["run"] if isinstance(work["run"], list) else [work["run"]]
    return [max(0, wanted - epochs_done(runs / name, steps)) for name in names]


def seconds_of(work: dict, speed: Speed, runs: Path, epochs: int | None) -> float:
    """How long a piece of work takes: an epoch's training and validation for each that is not kept, or an evaluation."""
    image = speed.step[work["model"]] / BATCH * work.get("share", 1)
    compiled = speed.compile[work["model"]]
    if "epochs" not in work:
        return compiled / 2 + work["evaluate"] * image * EVALUATE
    left = epochs_left(work, runs, epochs)
    return sum(left) * (TRAIN + VALIDATE * EVALUATE) * image + 1.5 * compiled * sum(n > 0 for n in left)


def works(source: Path) -> list[dict]:
    return work_of(source).get("work", [])


def steps(nb, source: Path, speed: Speed, runs: Path, epochs: int | None) -> list[Step]:
    """The notebook's cells, with how long each takes."""
    found, uses, first = steps_of(nb, source.stem), False, FIRST
    codes = [c.source for c in nb.cells if c.cell_type == "code"]
    for step, code, go in zip(found, codes, readgo.cells(codes)):
        step.seconds = PLAIN
        uses |= "fashionlab/" in code
        if uses and go.runs:  # declarations alone are not linked
            step.seconds += first + LINKS * speed.link
            first = 0
        for work in works(source):
            if work["cell"] in code:
                step.seconds += seconds_of(work, speed, runs, epochs)
                step.trains |= "epochs" in work
    return found


def total(steps: list[Step]) -> float:
    return sum(s.seconds for s in steps)


def estimate(notebooks: list[tuple], command: str, epochs: int | None, lines) -> list[Step]:
    """The cells of all notebooks, each given as (notebook, source, runs), with how long each takes; says the sum first."""
    models = sorted({w["model"] for _, source, _ in notebooks for w in works(source)})
    print("Measuring this machine, some seconds …", file=lines, flush=True)
    speed = measure(models)

    def all_steps(epochs: int | None) -> list[Step]:
        return [s for nb, source, runs in notebooks for s in steps(nb, source, speed, runs, epochs)]

    found = all_steps(epochs)
    said = [f"{command}: about {duration(total(found))}"]
    if not epochs and total(short := all_steps(1)) < total(found) / 2:
        said.append(f"FASHION_EPOCHS=1 {command} takes about {duration(total(short))}")
    left = [n for _, source, runs in notebooks for w in works(source) if "epochs" in w for n in epochs_left(w, runs, epochs)]
    if kept := left.count(0):
        said.append(f"{kept} of {len(left)} trainings are already done")
    times = ", ".join(f"{model} {1000 * seconds:.0f} ms" for model, seconds in speed.step.items())
    print(f"{'; '.join(said)}.\n{speed.backend}; a training step: {times}.", file=lines, flush=True)
    return found

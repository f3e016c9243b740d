"""Executes a notebook's source and keeps the outputs."""

import hashlib
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, DeadKernelError

import notebook_kernel
from notebook_failure import describe
from notebook_files import check_writable, replace, shown
from notebook_kernel import KERNEL
from notebook_progress import Progress, steps_of
from notebook_source import digest, read, work_of
from notebook_stop import Stopped

ROOT = Path(__file__).resolve().parent.parent
KILLED = "signal: killed"  # GoNB's message for a cell's program


class CellFailed(Exception):
    """A cell failed; the message shows the cell and its error."""


def runs_folder(source: Path) -> Path:
    """The folder for the notebook's trainings, a different one for each version of the source.

    An interrupted execution continues where it ended; that of a changed notebook starts again.
    """
    h = hashlib.sha256(source.read_bytes() + os.environ.get("FASHION_EPOCHS", "").encode())
    library = ROOT / "fashion"
    for file in sorted([*library.glob("*.go"), *(library / "internal").rglob("*.go")]):
        if not file.name.endswith("_test.go"):
            h.update(file.read_bytes())
    return ROOT / "build" / "runs" / h.hexdigest()[:12]


def coalesce(nb) -> None:
    """Joins neighbouring pieces of a text stream into one output."""
    for cell in nb.cells:
        joined = []
        for output in cell.get("outputs", []):
            if joined and output.output_type == "stream" and joined[-1].output_type == "stream" and joined[-1].name == output.name:
                joined[-1].text += output.text
            else:
                joined.append(output)
        if cell.cell_type == "code":
            cell.outputs = joined


def runs_of_cells(source: Path) -> Path:
    """The folder for the cells' trainings: $FASHION_RUNS, or that of the notebook whose networks they use."""
    trained_by = source.with_name(work_of(source).get("runs_of", source.name))
    return Path(os.environ.get("FASHION_RUNS") or runs_folder(trained_by)).absolute()  # the cells' folder is not this one


def run_cells(nb, source: Path, runs: Path, progress: Progress) -> None:
    """Runs all cells in a kernel of their own, or raises CellFailed."""
    log = ROOT / "build" / "kernel.log"
    try:
        notebook_kernel.run(nb, source.resolve().parent, os.environ | {"FASHION_RUNS": str(runs)}, log, progress)
    except CellExecutionError:
        step = progress.step
        cell = [c for c in nb.cells if c.cell_type == "code"][step.number - 1]
        said = f"{shown(source)}: cell {step.number} of {step.total} failed.\n{describe(cell)}"
        if KILLED in said:
            said += "\nThe cell's program was killed by another process, perhaps by the system because memory ran out."
        raise CellFailed(said) from None
    except DeadKernelError:
        step = progress.step
        raise CellFailed(
            f"{shown(source)}: the kernel was killed by another process in cell {step.number} of {step.total} ({step.name}), perhaps by the "
            f"system because memory ran out. Finished trainings are saved. {notebook_kernel.last_words(log)}"
        ) from None


def tidy(nb) -> None:
    """Removes everything from the notebook that a reader does not need, so that equal outputs give equal files."""
    coalesce(nb)
    number = 0
    for i, cell in enumerate(nb.cells):
        cell["id"] = f"cell-{i}"  # ids that stay make changes readable
        if cell.cell_type == "code":
            number += 1
            cell.execution_count = number
            cell.metadata = {}
    nb.metadata.pop("jupytext", None)
    nb.metadata["kernelspec"] = {"display_name": "Go (fashionlab)", "language": "go", "name": KERNEL}
    nb.metadata["language_info"] = {"name": "go", "file_extension": ".go", "mimetype": "text/x-go", "pygments_lexer": "go"}
    nb.nbformat, nb.nbformat_minor = 4, 5


def keep_edited(target: Path) -> None:
    """Renames a notebook whose cells somebody has edited since it was executed, so that it is not lost."""
    if not target.exists():
        return
    try:
        nb = nbformat.read(target, as_version=4)
        if nb.metadata.get("fashionlab", {}).get("sha256") == digest(nb):
            return
    except ValueError:  # not a notebook: all the more a reason to keep it
        pass
    number = 1
    while (kept := target.with_name(f"{target.stem}.edited-{number}{target.suffix}")).exists():
        number += 1
    target.rename(kept)
    print(f"{shown(target)} was edited; your version is kept as {shown(kept)}", file=sys.stderr)


def write(nb, target: Path, made_from: dict) -> None:
    """Writes an executed notebook with the hash of its source."""
    target = target.resolve()  # a link stays one, also where an edited notebook is kept
    tidy(nb)
    nb.metadata["fashionlab"] = made_from | {"sha256": digest(nb)}
    nbformat.validate(nb)
    replace(target, nbformat.writes(nb).rstrip("\n") + "\n", before=lambda: keep_edited(target))


def take_text(source: Path, target: Path) -> None:
    """Brings the text between the cells of the executed notebook target up to date with source.

    The outputs stay, so the code must be what it was when it was executed.
    """
    executed, nb = nbformat.read(target, as_version=4), read(source)
    made_from = executed.metadata.get("fashionlab", {})
    if made_from.get("sha256") != digest(executed):
        raise CellFailed(f"{shown(target)} was edited after it was executed: execute {shown(source)} instead.")
    before, after = ([c for c in n.cells if c.cell_type == "code"] for n in (executed, nb))
    if [c.source for c in before] != [c.source for c in after]:
        raise CellFailed(f"The code in {shown(source)} has changed, so {shown(target)} must be executed again; it was not changed.")
    for old, new in zip(before, after):
        new.outputs = old.outputs
    write(nb, target, {k: v for k, v in made_from.items() if k != "sha256"})
    print(f"{shown(target)}: text taken from {shown(source)}, outputs kept", file=sys.stderr)


def execute(source: Path, until: str, target: Path, progress: Progress | None = None) -> None:
    """Executes the Markdown file source, as far as the heading until, and writes the notebook target.

    The progress is that of several notebooks, of which this one is the next; its own where none is given.
    """
    nb = read(source, until)
    check_writable(target)
    progress = progress or Progress(steps_of(nb, source.stem), sys.stderr)
    started = time.monotonic()
    try:
        run_cells(nb, source, runs_of_cells(source), progress)
    except (CellFailed, notebook_kernel.NoKernel, Stopped) as e:
        progress.clear()
        if isinstance(e, Stopped):
            where = f" in {progress.place()}" if progress.step else ""
            e.args = (f"{e.args[0].rstrip('.')}{where}. {shown(target)} was not changed. "
                      "Finished steps of trainings are saved; the same command continues from there.",)
            raise
        raise CellFailed(f"{e}\n{shown(target)} was not changed.") from None
    made_from = {"source": source.name}
    if epochs := os.environ.get("FASHION_EPOCHS"):
        made_from["shortened"] = f"FASHION_EPOCHS={epochs}"
    write(nb, target, made_from)
    count = sum(c.cell_type == "code" for c in nb.cells)
    progress.say(f"{shown(target)}: {count} cells in {time.monotonic() - started:.0f} s")

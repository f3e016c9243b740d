"""Executes a notebook's source and keeps the outputs."""

import hashlib
import os
import sys
import time
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from notebook_failure import describe
from notebook_source import digest, read

ROOT = Path(__file__).resolve().parent.parent
KERNEL = "fashionlab"


class CellFailed(Exception):
    """A cell failed; the message shows the cell and what it said."""


class Client(NotebookClient):
    """Executes a notebook and writes a line for each cell."""

    def __init__(self, nb, lines, **options):
        super().__init__(nb, on_cell_start=self.begin, on_cell_executed=self.end, **options)
        self.lines = lines
        self.total = sum(c.cell_type == "code" for c in nb.cells)
        self.number = 0

    def begin(self, cell, cell_index):
        if cell.cell_type != "code":
            return
        self.number += 1
        self.began = time.monotonic()
        if self.lines.isatty():
            print(f"cell {self.number} of {self.total} …", end="\r", file=self.lines, flush=True)

    def end(self, cell, cell_index, execute_reply):
        seconds = time.monotonic() - self.began
        title = next((l for l in cell.source.splitlines() if l.strip() and not l.startswith("%")), "")
        print(f"cell {self.number} of {self.total}: {seconds:6.1f} s  {title[:60]}", file=self.lines, flush=True)


def runs_folder(source: Path) -> Path:
    """Where the notebook's trainings are kept: a folder of its own for each state of the source.

    An execution that was interrupted goes on where it was; one of a changed notebook starts anew.
    """
    h = hashlib.sha256(source.read_bytes() + os.environ.get("FASHION_EPOCHS", "").encode())
    for file in sorted((ROOT / "fashion").glob("*.go")):
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


def run_cells(nb, source: Path, trained_by: Path) -> None:
    """Runs all cells in a kernel of their own, with the runs of trained_by, or raises CellFailed."""
    runs = os.environ.get("FASHION_RUNS") or runs_folder(trained_by)
    os.environ["FASHION_RUNS"] = str(Path(runs).absolute())  # the cells' folder is not this one
    client = Client(
        nb, sys.stderr, kernel_name=KERNEL, timeout=None, record_timing=False,
        resources={"metadata": {"path": str(source.resolve().parent)}},
    )
    log = ROOT / "build" / "kernel.log"
    log.parent.mkdir(exist_ok=True)
    try:
        with log.open("wb") as stderr:  # GoNB's own messages; what cells write comes as outputs
            client.execute(stdout=stderr, stderr=stderr)
    except CellExecutionError:
        cell = [c for c in nb.cells if c.cell_type == "code"][client.number - 1]
        raise CellFailed(f"{source}: cell {client.number} of {client.total} failed.\n{describe(cell)}") from None
    except NoSuchKernel:
        raise CellFailed(f"The kernel {KERNEL} is not registered: make setup does it, make doctor looks for what is missing.") from None
    except DeadKernelError as e:
        raise CellFailed(f"{source}: the kernel ended in cell {client.number} of {client.total} ({e}); its messages are in {log}.") from None
    except KeyboardInterrupt:
        raise CellFailed("Stopped. The trainings go on from where they are next time.") from None


def tidy(nb) -> None:
    """Leaves in the notebook what a reader needs, the same each time where the outputs are."""
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
    print(f"{target} was edited; your version is kept as {kept}", file=sys.stderr)


def write(nb, target: Path, made_from: dict) -> None:
    """Writes an executed notebook, with what it was made from."""
    tidy(nb)
    nb.metadata["fashionlab"] = made_from | {"sha256": digest(nb)}
    nbformat.validate(nb)
    target.parent.mkdir(parents=True, exist_ok=True)
    keep_edited(target)
    part = target.with_name(target.name + ".part")
    nbformat.write(nb, part)
    part.replace(target)


def take_text(source: Path, target: Path) -> None:
    """Brings the text between the cells of the executed notebook target up to date with source.

    The outputs stay, so the code must be what it was when it was executed.
    """
    executed, nb = nbformat.read(target, as_version=4), read(source)
    made_from = executed.metadata.get("fashionlab", {})
    if made_from.get("sha256") != digest(executed):
        raise CellFailed(f"{target} was edited after it was executed: execute {source} instead.")
    before, after = ([c for c in n.cells if c.cell_type == "code"] for n in (executed, nb))
    if [c.source for c in before] != [c.source for c in after]:
        raise CellFailed(f"The code in {source} has changed, so that {target} must be executed anew; it was left as it was.")
    for old, new in zip(before, after):
        new.outputs = old.outputs
    write(nb, target, {k: v for k, v in made_from.items() if k != "sha256"})
    print(f"{target}: text taken from {source}, outputs kept", file=sys.stderr)


def execute(source: Path, until: str, target: Path, runs_of: Path | None = None) -> None:
    """Executes the Markdown file source, as far as the heading until, and writes the notebook target.

    What it trains is kept with the runs of the notebook runs_of, whose runs it can open, or with its own.
    """
    nb = read(source, until)
    started = time.monotonic()
    try:
        run_cells(nb, source, runs_of or source)
    except CellFailed as e:
        raise CellFailed(f"{e}\n{target} was left as it was.") from None
    made_from = {"source": source.name}
    if epochs := os.environ.get("FASHION_EPOCHS"):
        made_from["shortened"] = f"FASHION_EPOCHS={epochs}"
    write(nb, target, made_from)
    count = sum(c.cell_type == "code" for c in nb.cells)
    print(f"{target}: {count} cells in {time.monotonic() - started:.0f} s", file=sys.stderr)

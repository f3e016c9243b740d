"""Executes a notebook's source and keeps the outputs."""

import asyncio
import hashlib
import os
import sys
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

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


def runs_folder(source: Path, root: Path) -> Path:
    """Where the notebook's trainings are kept: a folder of its own for each state of the source.

    An execution that was interrupted goes on where it was; one of a changed notebook starts anew.
    """
    h = hashlib.sha256(source.read_bytes() + os.environ.get("FASHION_EPOCHS", "").encode())
    for file in sorted((root / "fashion").glob("*.go")):
        if not file.name.endswith("_test.go"):
            h.update(file.read_bytes())
    return root / "build" / "runs" / h.hexdigest()[:12]


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


def execute(source: Path, target: Path) -> None:
    """Executes the Markdown file source and writes the notebook target."""
    nb = jupytext.read(source)
    root = Path(__file__).resolve().parent.parent
    os.environ.setdefault("FASHION_RUNS", str(runs_folder(source, root)))
    folder = source.resolve().parent
    client = Client(nb, sys.stderr, kernel_name=KERNEL, timeout=None, resources={"metadata": {"path": str(folder)}}, record_timing=False)
    started = time.monotonic()
    log = root / "build" / "kernel.log"
    log.parent.mkdir(exist_ok=True)
    try:
        with log.open("wb") as stderr:  # GoNB's own messages; what cells write comes as outputs
            client.execute(stdout=stderr, stderr=stderr)
    except CellExecutionError as e:
        raise CellFailed(f"{source}: a cell failed; {target} was left as it was.\n{e}") from None
    except KeyboardInterrupt:
        raise CellFailed(f"Stopped; {target} was left as it was. The trainings go on from where they are next time.") from None
    coalesce(nb)
    number = 0
    for cell in nb.cells:
        cell.pop("id", None)
        if cell.cell_type == "code":
            number += 1
            cell.execution_count = number
            cell.metadata = {}
    # Ids that stay the same make changes readable.
    for i, cell in enumerate(nb.cells):
        cell["id"] = f"cell-{i}"
    nb.metadata.pop("jupytext", None)
    nb.metadata["kernelspec"] = {"display_name": "Go (fashionlab)", "language": "go", "name": KERNEL}
    nb.metadata["language_info"] = {"name": "go", "file_extension": ".go", "mimetype": "text/x-go", "pygments_lexer": "go"}
    nb.metadata["fashionlab"] = {"source": source.name, "sha256": hashlib.sha256(source.read_bytes()).hexdigest()}
    if epochs := os.environ.get("FASHION_EPOCHS"):
        nb.metadata["fashionlab"]["shortened"] = f"FASHION_EPOCHS={epochs}"
    nb.nbformat, nb.nbformat_minor = 4, 5
    nbformat.validate(nb)
    part = target.with_name(target.name + ".part")
    nbformat.write(nb, part)
    part.replace(target)
    print(f"{target}: {client.total} cells in {time.monotonic() - started:.0f} s", file=sys.stderr)

"""Reads a notebook's source, a Markdown file with cells of code in fences."""

import hashlib
import tomllib
from pathlib import Path

import jupytext


def read(source: Path, until: str = ""):
    """The notebook without outputs, as far as the line until, a heading ("" for all of it)."""
    nb = jupytext.read(source)
    if not until:
        return nb
    for i, cell in enumerate(nb.cells):
        lines = cell.source.split("\n")
        if cell.cell_type == "markdown" and until in lines:
            cell.source = "\n".join(lines[: lines.index(until)]).rstrip()
            nb.cells = nb.cells[: i + 1] if cell.source else nb.cells[:i]
            return nb
    raise OSError(f"{source} has no heading {until!r}")


def work_of(source: Path) -> dict:
    """The long computations of a notebook, from NOTEBOOK.work.toml next to it; {} without such a file.

    runs_of names the notebook whose trained networks it uses. Each of the list
    work belongs to the cell whose code holds its "cell": model is the network whose
    speed is measured, and share is the time in parts of that network's. A training has epochs and the
    name of its run, or those of several runs, and the steps of an epoch if they are not the homework's;
    the other cells evaluate so many images.
    """
    file = source.with_suffix(".work.toml")
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def digest(nb) -> str:
    """A hash of a notebook's cells without their outputs."""
    h = hashlib.sha256()
    for cell in nb.cells:
        h.update(f"{cell.cell_type}\0{cell.source}\0".encode())
    return h.hexdigest()

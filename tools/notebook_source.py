"""Reads a notebook's source, a Markdown file with cells of code in fences."""

import hashlib
from pathlib import Path

import jupytext


def read(source: Path, until: str = ""):
    """The notebook without outputs, as far as the line until, a heading ("" for all of it)."""
    nb = jupytext.read(source)
    if not until:
        return nb
    for i, cell in enumerate(nb.cells):
        lines = cell.source.splitlines()
        if cell.cell_type == "markdown" and until in lines:
            cell.source = "\n".join(lines[: lines.index(until)]).rstrip()
            nb.cells = nb.cells[: i + 1] if cell.source else nb.cells[:i]
            return nb
    raise OSError(f"{source} has no heading {until!r}")


def digest(nb) -> str:
    """A hash of a notebook's cells without their outputs."""
    h = hashlib.sha256()
    for cell in nb.cells:
        h.update(f"{cell.cell_type}\0{cell.source}\0".encode())
    return h.hexdigest()


def parts_of(code: str) -> tuple[str, str]:
    """What a cell declares, and what it runs: GoNB puts what follows the line %% into main."""
    declared, mark, runs = ("\n" + code).partition("\n%%")
    return declared, runs if mark else ""

"""Checks that an executed notebook is what its source makes, and what it should show."""

import hashlib
import re
import tomllib
from pathlib import Path

import jupytext
import nbformat

LOCAL_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|tmp|Users|private|var|opt|mnt|work)/\S+")


class Disagrees(Exception):
    """The notebook is not as it should be; the message lists every difference."""


def text_of(outputs) -> str:
    """All text that a cell shows."""
    parts = []
    for o in outputs:
        if o.output_type == "stream":
            parts.append(o.text)
        elif o.output_type in ("display_data", "execute_result"):
            parts.append(o.data.get("text/plain", ""))
    return "\n".join(parts)


def compare_source(nb, source: Path) -> list[str]:
    """Differences between the cells of a notebook and those of its Markdown source."""
    wanted = jupytext.read(source).cells
    problems = []
    if len(wanted) != len(nb.cells):
        problems.append(f"it has {len(nb.cells)} cells, {source} has {len(wanted)}")
    for i, (cell, want) in enumerate(zip(nb.cells, wanted)):
        if cell.cell_type != want.cell_type or cell.source != want.source:
            problems.append(f"cell {i} ({want.cell_type}) is not that of {source}: {want.source[:60]!r}")
            break
    if nb.metadata.get("fashionlab", {}).get("sha256") != hashlib.sha256(source.read_bytes()).hexdigest():
        problems.append(f"its outputs were made from another version of {source}")
    return problems


def check_outputs(nb) -> list[str]:
    """What an output must not hold, and the pictures that must be there."""
    problems = []
    code = [c for c in nb.cells if c.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        where = f"code cell {number}"
        if cell.execution_count != number:
            problems.append(f"{where}: executed as number {cell.execution_count}")
        for o in cell.outputs:
            if o.output_type == "error":
                problems.append(f"{where}: error {o.ename}: {o.evalue}")
            if o.output_type == "stream" and o.name == "stderr":
                problems.append(f"{where}: wrote to standard error: {o.text[:200]!r}")
        if found := LOCAL_PATH.search(text_of(cell.outputs)):
            problems.append(f"{where}: shows a path of one computer: {found.group()}")
        wanted = cell.source.split("%%")[-1].count("display.Show(") if "%%" in cell.source else 0
        pictures = sum("image/png" in o.get("data", {}) and "image/svg+xml" in o.get("data", {}) for o in cell.outputs)
        if pictures < wanted:
            problems.append(f"{where}: {pictures} pictures, want at least {wanted}")
        if "display.Print" in cell.source.split("%%")[-1] and "%%" in cell.source and not text_of(cell.outputs).strip():
            problems.append(f"{where}: shows no text")
    return problems


def check_figures(nb, rules: list[dict], short: bool) -> list[str]:
    """The figures that the rules ask for: in the text of the cell whose source holds rule["cell"]."""
    problems = []
    for rule in rules:
        if short and rule.get("full", False):
            continue
        cells = [c for c in nb.cells if c.cell_type == "code" and rule["cell"] in c.source]
        found = [m.group(1) for c in cells for m in re.finditer(rule["pattern"], text_of(c.outputs))]
        if not found:
            problems.append(f"{rule['what']}: not found ({rule['pattern']!r} in the cell with {rule['cell']!r})")
            continue
        value = float(found[0].replace(",", ""))
        low, high = rule["between"]
        if not low <= value <= high:
            problems.append(f"{rule['what']}: {value}, want {low} to {high}")
    return problems


def check(notebook: Path, source: Path, short: bool) -> None:
    """Raises Disagrees with all that is wrong."""
    nb = nbformat.read(notebook, as_version=4)
    rules = tomllib.loads(source.with_suffix(".checks.toml").read_text()).get("figure", [])
    problems = compare_source(nb, source) + check_outputs(nb) + check_figures(nb, rules, short)
    if "shortened" in nb.metadata.get("fashionlab", {}) and not short:
        problems.append(f"it was made with {nb.metadata['fashionlab']['shortened']}")
    if problems:
        raise Disagrees(
            f"{notebook} is not as it should be:\n  " + "\n  ".join(problems) + "\nmake homework executes it anew."
        )
    pictures = sum("image/png" in o.get("data", {}) for c in nb.cells for o in c.get("outputs", []))
    print(f"ok  {notebook}: {len(nb.cells)} cells agree with {source}, {pictures} pictures, {len(rules)} figures checked")

"""Executes, exports and checks notebooks, one after the other; begins with how long that takes."""

import sys
from pathlib import Path

from notebook_check import check
from notebook_estimate import NotMeasured, estimate, shortened
from notebook_execute import execute, runs_of_cells
from notebook_export import export
from notebook_files import check_writable
from notebook_progress import Progress, steps_of
from notebook_source import read

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def make(names: list[str], command: str) -> None:
    """Makes the notebooks of these names; command is what the user typed for it."""
    sources = [NOTEBOOKS / f"{name}.md" for name in names]
    for source in sources:
        for suffix in (".ipynb", ".html"):
            check_writable(source.with_suffix(suffix))
    epochs = shortened()
    notebooks = [(read(source), source, runs_of_cells(source)) for source in sources]
    try:
        steps = estimate(notebooks, command, epochs, sys.stderr)
    except NotMeasured as e:  # if the cells cannot run either, they say so
        print(f"How long it takes could not be measured: {e}", file=sys.stderr)
        steps = [step for nb, source, _ in notebooks for step in steps_of(nb, source.stem)]
    progress = Progress(steps, sys.stderr)
    for source in sources:
        notebook = source.with_suffix(".ipynb")
        execute(source, "", notebook, progress)
        export(notebook, source.with_suffix(".html"))
        check(notebook, source, text=False)  # a text that has numbers of an earlier execution is no fault of this one

"""An assignment's instructor's version, and the program that checks its answers."""

import hashlib
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from fashionlab_grading.notebooks import kind, name_of, newlines
from fashionlab_grading.toolbox import GRADING, ROOT, Missing, Toolbox, go, in_use, locked

# The parts of the grading that a mark may depend on: a change of one has submissions graded again.
DECIDES = [
    "assignment.py", "execute.py", "grade.py", "inside.py", "kernel.py", "kit.py", "notebooks.py", "readgo.py", "sandbox.py", "sandbox.sh",
    "sanitise.py", "toolbox.py", "variants.py", "visible.py", "works.py",
]


@dataclass
class Assignment:
    """What is needed to grade one assignment."""

    name: str
    notebook: NotebookNode  # the instructor's
    checker: Path  # the program
    imports: str  # of the cells below
    cells: dict[str, str] = field(default_factory=dict)  # by a cell's name: what is run in its place
    digest: str = ""  # of all that a mark depends on besides the submission


def prepare(name: str, notebook: NotebookNode, tools: Toolbox) -> Assignment:
    """Makes the checker for an instructor's notebook; made before is made already."""
    tests = [c for c in notebook.cells if kind(c) == "test"]
    h = hashlib.sha256(tools.fingerprint().encode())
    for c in notebook.cells:
        h.update(json.dumps([c.cell_type, c.source, c.metadata.get("nbgrader", {})], sort_keys=True).encode())
    for file in DECIDES:
        h.update((Path(__file__).parent / file).read_bytes())
    digest = h.hexdigest()
    # A name that begins with _ keeps it out of go build ./...
    folder = GRADING / "_checkers" / digest[:16]
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "cells.json"
    with locked(folder / "lock"):
        if not done.exists():
            build(name, tests, folder, done)
        in_use(folder)
    made = json.loads(done.read_text(encoding="utf-8"))
    return Assignment(name, notebook, folder / "checker", made["imports"], made["cells"], digest)


def build(name: str, tests: list[NotebookNode], folder: Path, done: Path) -> None:
    request = json.dumps({"cells": [{"name": name_of(c), "source": c.source} for c in tests]})
    try:
        made = json.loads(go("run", "./lessons/grading/isolate", input=request))
        (folder / "main.go").write_text(made["checker"], encoding="utf-8")
        go("build", "-o", str(folder / "checker"), "./" + str(folder.relative_to(ROOT)))
    except Missing as e:
        raise Missing(f"{name}: its graded cells cannot be made into a checker.\n{e}") from None
    listed = subprocess.run([folder / "checker", "-types"], capture_output=True, encoding="utf-8", check=True).stdout
    if cannot := [line.split("\t")[2:4] for line in listed.split("\n") if line.startswith("\tcannot\t")]:
        raise Missing("\n".join(f"{name}: the graded cell {cell} cannot be checked from another process: {why}" for cell, why in cannot))
    part = done.with_suffix(".part")
    part.write_text(json.dumps({"imports": made["imports"], "cells": made["cells"]}), encoding="utf-8")
    part.replace(done)


def read_instructor(path: Path) -> NotebookNode:
    """The instructor's notebook, from .md (jupytext) or .ipynb."""
    if path.suffix == ".md":
        import jupytext

        nb: NotebookNode = jupytext.read(path)
    else:
        nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        cell.source = newlines(cell.source)
    names = [name_of(c) for c in nb.cells if kind(c)]
    if twice := {n for n in names if names.count(n) > 1}:
        raise Missing(f"{path}: two cells have the name (grade_id) {', '.join(sorted(twice))}; names must differ.")
    return nb


"""Whether a released notebook gives away what it should not."""

import re

from nbformat import NotebookNode

from fashionlab_grading.notebooks import kind, name_of

REGIONS = ["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"]
# Shorter lines, and lines of punctuation, stand in any program.
MEANINGFUL = 12


def regions(text: str) -> list[str]:
    """The lines of a cell that only the instructor sees."""
    secret, inside = [], ""
    for line in text.split("\n"):
        if inside:
            if f"END {inside}" in line:
                inside = ""
            else:
                secret.append(line)
            continue
        inside = next((r for r in REGIONS if f"BEGIN {r}" in line), "")
    return secret


def without(text: str, region: str) -> str:
    """A cell's source without the regions of one kind."""
    return re.sub(rf"^.*BEGIN {region}.*\n(?:.*\n)*?.*END {region}.*\n?", "", text, flags=re.MULTILINE)


def squeezed(line: str) -> str:
    return re.sub(r"\s+", "", line)


def leaks(instructor: NotebookNode, released: NotebookNode) -> list[str]:
    """What of the instructor's secrets stands in the released notebook."""
    public = set()
    for cell in instructor.cells:
        secret = {squeezed(l) for l in regions(cell.source)}
        public |= {squeezed(l) for l in cell.source.split("\n")} - secret
    shown = {squeezed(l): name_of(c) or f"cell {i}" for i, c in enumerate(released.cells) for l in c.source.split("\n")}
    found = []
    for cell in instructor.cells:
        for line in regions(cell.source):
            short = squeezed(line)
            if len(short) >= MEANINGFUL and short not in public and short in shown:
                found.append(f"{name_of(cell) or 'a cell without a name'}: {line.strip()} (in {shown[short]})")
    for i, cell in enumerate(released.cells):
        where = name_of(cell) or f"cell {i}"
        for region in REGIONS:
            if f"BEGIN {region}" in cell.source or f"END {region}" in cell.source:
                found.append(f"{where}: the line BEGIN or END {region}")
        if cell.get("outputs"):
            found.append(f"{where}: outputs")
        if re.search(r"\b(lessons\.Check\w*Further|answers\.Check)", cell.source):
            found.append(f"{where}: the name of a hidden check")
    # Every answer must have been emptied: one without a region would be handed out whole.
    given = {name_of(c): c for c in released.cells if kind(c)}
    for cell in instructor.cells:
        if kind(cell) in ("answer", "written") and name_of(cell) in given and cell.metadata.nbgrader.get("solution"):
            if given[name_of(cell)].source.strip() == cell.source.strip() and squeezed(cell.source):
                found.append(f"{name_of(cell)}: the answer as it stands, since nothing is marked as SOLUTION")
    return found

"""Which functions of the course's packages do nothing in a graded program (works.txt)."""

import functools
import re

from nbformat import NotebookNode

from fashionlab_grading import readgo
from fashionlab_grading.notebooks import kind
from fashionlab_grading.toolbox import PACKAGES as SOURCES
from fashionlab_grading.toolbox import ROOT, WORKS

# The packages that have copies in which little works, by the names that cells use, and what of other modules is missing.
PACKAGES = {"fashion", "plots", "display", "lessons"}
MISSING = ("github.com/gomlx/", "gonum.org/")
METHOD = re.compile(r"^func \(\w* ?\*?\w+(?:\[\w+\])?\) ([A-Z]\w*)\(", re.MULTILINE)
# Methods that values of other packages have, too. A cell is read without its types, so these are not named.
COMMON = {
    "All", "At", "Bounds", "Build", "Check", "Clone", "Close", "ColorModel", "First", "Get", "Image", "Init", "Kind", "Len", "Name", "Names", "Order",
    "Seconds", "Set", "Show", "Size", "Step", "String", "Summary", "Update", "With",
}


def working() -> set[str]:
    """The functions that work, as cells call them: fashion.NewModel."""
    lines = (line.split("#")[0].strip() for line in WORKS.read_text(encoding="utf-8").splitlines())
    return {line.rpartition("/")[2] for line in lines if line}


@functools.cache
def methods() -> set[str]:
    """The names of methods that only the packages' values have, and that do nothing."""
    found = {m[1] for name in SOURCES for path in (ROOT / name).rglob("*.go") if "internal" not in path.parts for m in METHOD.finditer(path.read_text(encoding="utf-8"))}
    return found - COMMON - {name.rpartition(".")[2] for name in working()}


def silent(nb: NotebookNode) -> list[str]:
    """A line for each answer that calls what does nothing when it is graded, itself or by functions of the student's own."""
    code = [c for c in nb.cells if c.cell_type == "code"]
    read = readgo.cells([c.source for c in code])
    functions = {f.name: f for cell in read for f in cell.functions}
    works = working()
    packages = PACKAGES | {i.split('"')[0].strip() or i.split('"')[1].rpartition("/")[2] for cell in read for i in cell.imports}
    library = methods() - {m[1] for cell in code for m in METHOD.finditer(cell.source)}  # a student's own type may have one of that name
    lines = []
    for cell, parsed in zip(code, read):
        if kind(cell) != "answer":
            continue
        if outside := sorted({i.split('"')[1] for i in parsed.imports if i.split('"')[1].startswith(MISSING)}):
            lines.append(f"An answer imports {', '.join(outside)}, which is not there when it is graded: the exercise asks for code of your own.")
        for function in parsed.functions:
            calls: set[str] = set()
            todo = [function.name]
            while todo:
                name = todo.pop()
                for call in functions[name].calls if name in functions else []:
                    if call not in calls:
                        calls.add(call)
                        todo.append(call)
            found = sorted(c for c in calls if c.split(".")[0] in PACKAGES and "." in c and c not in works)
            found += sorted({"the method " + c.rpartition(".")[2] for c in calls if "." in c and c.split(".")[0] not in packages and c.rpartition(".")[2] in library})
            if found:
                lines.append(f"{function.name} calls {', '.join(found)}, which does nothing when it is graded: the exercise asks for code of your own.")
    return lines

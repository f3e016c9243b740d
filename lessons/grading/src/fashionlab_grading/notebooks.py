"""Notebooks as grading sees them: the instructor's, which is believed, and a student's, which is not."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

MAX_FILE = 50_000_000  # bytes; no honest notebook comes near
MAX_CELLS = 400
MAX_SOURCE = 200_000  # characters in one cell


class Unreadable(Exception):
    """A file that is no notebook; the message says what it is."""


def kind(cell: NotebookNode) -> str:
    """What a cell is to nbgrader: answer, test, written (graded by hand), fixed, or "" for all others."""
    m = cell.metadata.get("nbgrader")
    if not isinstance(m, dict) or not isinstance(m.get("grade_id"), str):
        return ""
    if m.get("task"):
        return "written"
    if m.get("grade"):
        return "written" if m.get("solution") else "test"
    return "answer" if m.get("solution") else "fixed" if m.get("locked") else ""


def graded_later(cell: NotebookNode) -> bool:
    """Whether a graded cell holds checks that students do not see: as they have it, it says no more than that."""
    return kind(cell) == "test" and "lessons.GradedLater(" in cell.source


def name_of(cell: NotebookNode) -> str:
    return str(cell.metadata["nbgrader"]["grade_id"]) if kind(cell) else ""


def read_submission(path: Path) -> NotebookNode:
    """A student's notebook, reduced to what grading needs, or raises Unreadable."""
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise Unreadable(f"it has {size / 1e6:.0f} MB, which no notebook needs: clear the outputs and hand it in again")
        raw = path.read_bytes()
    except OSError as e:
        raise Unreadable(f"it cannot be read: {e.strerror}") from None
    if not raw.strip():
        raise Unreadable("it is empty")
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable(f"it is no notebook but {what_it_is(raw)}") from None
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise Unreadable("it is JSON, but no notebook") from None
    try:
        for cell in data.get("cells", []):
            cell.pop("outputs", None)
            if cell.get("cell_type") == "code":
                cell["outputs"], cell["execution_count"] = [], None
        nb = nbformat.from_dict(data) if data["nbformat"] == 4 else nbformat.convert(nbformat.from_dict(data), 4)
        cells = [clean(cell) for cell in nb.cells[:MAX_CELLS]]
        metadata = nb.metadata if isinstance(nb.get("metadata"), dict) else {}
    except Exception as e:  # whatever nonsense is in it
        raise Unreadable(f"its format is not that of a notebook ({type(e).__name__})") from None
    out: NotebookNode = nbformat.v4.new_notebook(cells=cells)
    if isinstance(mark := metadata.get("fashionlab"), dict):
        out.metadata["fashionlab"] = {"assignment": str(mark.get("assignment", ""))}
    return out


def clean(cell: NotebookNode) -> NotebookNode:
    """A cell with nothing in it but what it says and nbgrader's mark."""
    source = cell.get("source", "")
    source = "".join(source) if isinstance(source, list) else source
    if not isinstance(source, str):
        raise TypeError("source")
    source = newlines(source)[:MAX_SOURCE]
    make: dict[str, Callable[[str], NotebookNode]] = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell, "raw": nbformat.v4.new_raw_cell}
    out = make[cell["cell_type"]](source)
    mark = cell.get("metadata", {}).get("nbgrader")
    if isinstance(mark, dict) and isinstance(mark.get("grade_id"), str):
        out.metadata["nbgrader"] = nbformat.from_dict(mark)
    if attachments := cell.get("attachments"):
        if len(json.dumps(attachments)) < 4_000_000:
            out["attachments"] = attachments
    return out


def newlines(text: str) -> str:
    """A text with lines that end as JupyterLab has them end: VS Code on Windows writes others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def what_it_is(raw: bytes) -> str:
    """A guess at a file's kind, for people."""
    for start, title in {b"%PDF": "a PDF document", b"PK\x03\x04": "a ZIP archive or an office document", b"\x89PNG": "a picture",
                         b"\xff\xd8": "a picture", b"<": "a web page", b"{": "a damaged one"}.items():
        if raw.lstrip()[:8].startswith(start):
            return title
    return "text" if b"\0" not in raw[:1000] else "something else"


def restore(student: NotebookNode | None, instructor: NotebookNode, released: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The notebook that is graded, and notes on what was put right.

    It has the instructor's cells in the instructor's order, with the student's text in the cells that are for
    answers. The student's own cells stay where they were, behind the cell that they follow. released is the
    notebook that students were given: its marks say what an untouched answer looks like. student may be None.
    """
    notes = []
    known = {name_of(c): c for c in instructor.cells if kind(c)}
    given = {name_of(c): c for c in released.cells if kind(c)}
    order = list(known)
    answers: dict[str, NotebookNode] = {}
    following: dict[str, list[NotebookNode]] = {}
    before = ""
    for cell in (student or released).cells:
        name = name_of(cell)
        if name in known and name not in answers:
            answers[name] = cell
            before = name
            continue
        if name in known:
            notes.append(f"The cell {name} was there twice: the second is taken as a cell of your own.")
        cell = copy.deepcopy(cell)
        cell.metadata.pop("nbgrader", None)
        following.setdefault(before, []).append(cell)
    if list(answers) != [name for name in order if name in answers]:
        notes.append("Cells were moved: they were put back into their order.")

    cells = list(following.get("", []))
    for name in order:
        original, mine = known[name], answers.get(name)
        cell = copy.deepcopy(original)
        if name in given:
            cell.metadata["nbgrader"] = copy.deepcopy(given[name].metadata.nbgrader)
        if kind(original) == "answer" or kind(original) == "written" and original.metadata.nbgrader.get("solution"):
            if not mine and kind(original) == "written" and name in given:
                mine = given[name]
            cell.source = mine.source if mine else ""
            cell.pop("attachments", None)
            if mine and mine.get("attachments") and cell.cell_type == "markdown":
                cell["attachments"] = mine["attachments"]
        elif name in answers and student and name in given and answers[name].source.strip() != given[name].source.strip():
            notes.append(f"The cell {name} was changed: the original was used.")
        if name not in answers:
            notes.append(f"The cell {name} was missing: it was put back{', empty' if kind(original) == 'answer' else ''}.")
        cells.append(cell)
        cells += following.get(name, [])
    nb = nbformat.v4.new_notebook(cells=cells)
    nb.metadata = copy.deepcopy(instructor.metadata)
    for i, cell in enumerate(nb.cells):
        cell["id"] = f"cell-{i}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nb, notes

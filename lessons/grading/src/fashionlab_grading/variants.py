"""Whose numbers a notebook has: an exercise may draw them from the student's id (lessons/variant.go)."""

import re
import unicodedata

from nbformat import NotebookNode

from fashionlab_grading import readgo
from fashionlab_grading.notebooks import kind

MAX_ID = 200
RETURNS = re.compile(r'\breturn\s+(?:"([^"\\\n]*)"|`([^`]*)`)\s*(?://[^\n]*\s*)*}\s*$')


def drawn(nb: NotebookNode) -> bool:
    """Whether an exercise has numbers of the student's own: its check takes the function Student."""
    return any(kind(c) == "test" and ", Student)" in c.source for c in nb.cells)


def named(nb: NotebookNode) -> str:
    """The id that a notebook's function Student returns, or "" if it is not written there as a text."""
    texts = [cell.declared.get("func Student", "") for cell in readgo.cells([c.source for c in nb.cells if c.cell_type == "code"])]
    m = RETURNS.search(next((t for t in reversed(texts) if t), ""))
    return (m[1] or m[2] or "")[:MAX_ID] if m else ""


def same(a: str, b: str) -> bool:
    """Whether two ids have the same numbers."""
    return canonical(a) == canonical(b)


def canonical(identity: str) -> str:
    return unicodedata.normalize("NFC", " ".join(identity.split())).lower()


def note(nb: NotebookNode, instructor: NotebookNode, student: str) -> list[str]:
    """A line for a notebook that has another student's numbers, or none that can be read."""
    mine = named(nb)
    if not drawn(instructor) or same(mine, student):
        return []
    whose = f"The notebook names the student {mine}" if mine else "The notebook does not say whose it is (Student)"
    return [f"{whose}, and {student} handed it in: the numbers of {student} count."]

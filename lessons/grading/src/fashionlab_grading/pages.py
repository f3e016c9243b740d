"""Renders graded notebooks as pages: for the student, and for the Formgrader.

Templates escape whatever they are given; Markdown and Go come cleaned (sanitise.py). A page runs no script that it
does not bring with it, and asks no other server for anything.
"""

import re
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

from fashionlab_grading import late, sanitise
from fashionlab_grading.notebooks import kind, name_of
from fashionlab_grading.release import REGIONS
from fashionlab_grading.visible import visible

TEMPLATES = Path(__file__).parent / "templates"
MARKER = re.compile(rf"^.*\b(?:BEGIN|END) (?:{'|'.join(REGIONS)})\b.*$\n?", re.MULTILINE)
# What pages of feedback may do: show what is in them.
FEEDBACK_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def points(x: object) -> str:
    return f"{float(x):.2f}".rstrip("0").rstrip(".") if isinstance(x, (int, float)) else "–"


def environment() -> jinja2.Environment:
    env = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.filters |= {"visible": visible, "go": sanitise.go, "markdown": sanitise.markdown, "picture": sanitise.picture, "points": points}
    env.tests |= {"passed": lambda cell: cell.metadata.nbgrader.get("score") == cell.metadata.nbgrader.get("points")}
    env.globals |= {"kind": kind, "name_of": name_of, "colours": HtmlFormatter(style="xcode").get_style_defs(".highlight")}
    return env


class Page(Exporter):
    """A notebook as a page, made of a template."""

    template = ""

    def _file_extension_default(self) -> str:
        return ".html"

    def context(self, nb: NotebookNode, resources: dict[str, Any]) -> dict[str, Any]:
        return {}

    def from_notebook_node(self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any) -> tuple[Any, dict[str, Any]]:
        nb, found = super().from_notebook_node(nb, resources, **kw)
        page = environment().get_template(self.template).render(nb=nb, resources=found, **self.context(nb, found))
        return page, found


class Feedback(Page):
    """The page that a student gets. nbgrader has put points and comments into the notebook."""

    template = "feedback.html.j2"

    def context(self, nb: NotebookNode, resources: dict[str, Any]) -> dict[str, Any]:
        from nbgrader.api import Gradebook

        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gb:
            student = gb.find_student(about["student"])
            name = " ".join(part for part in (student.first_name, student.last_name) if part)
            grades = gb.find_submission(about["assignment"], about["student"]).notebooks
            waiting = {g.name for n in grades for g in n.grades if g.needs_manual_grade}
        lateness = late.of(Path(about["db_url"].removeprefix("sqlite:///")).parent, about["student"], about["assignment"])
        return {"student": name or about["student"], "about": about, "policy": FEEDBACK_POLICY, "waiting": waiting, "late": late.words(lateness) if lateness.days else ""}


class Submission(Page):
    """The page on which the Formgrader shows a submission; the instructor's text stands beside what is graded by hand."""

    template = "submission.html.j2"

    def context(self, nb: NotebookNode, resources: dict[str, Any]) -> dict[str, Any]:
        return {"schemes": schemes(Path(resources["source"])), "nonce": resources["nonce"]}


def schemes(source: Path) -> dict[str, tuple[str, str, object]]:
    """By a cell's name: kind of cell, text and pictures of the marking scheme, which is what the instructor's version says there."""
    try:
        nb = nbformat.read(source, as_version=4)
    except (OSError, ValueError):
        return {}
    found = {}
    for cell in nb.cells:
        if kind(cell) == "written" and (text := MARKER.sub("", cell.source).strip()):
            found[name_of(cell)] = (cell.cell_type, text, cell.get("attachments"))
    return found

"""Keeps nbgrader's own autograding from running strangers' programs without a sandbox.

nbgrader would run a submission as the user who grades, and give full points for cells without output. In a course
folder made by make course this stands at the beginning of its pipeline; make grade, which has run
everything in a sandbox before, leaves it out.
"""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor


class Refuse(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        raise RuntimeError("Here, submissions are graded with make grade, which runs them in a sandbox. See lessons/README.md.")

"""A large class: drawn submissions, and the points that are right for them."""

import copy
import random
import re
from pathlib import Path

import nbformat

from fashionlab_grading.folder import Course
from fashionlab_grading.notebooks import kind, name_of

# How a student treats an answer, and how often.
TREATMENTS = {"right": 12, "wrong": 3, "not begun": 2, "does not compile": 1}
# A function with one result: its head, name and result.
FUNCTION = re.compile(r"^func ([A-Z]\w*)\(.*\) (\S+) \{$", re.M)


def solved(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if "BEGIN SOLUTION" not in line and "END SOLUTION" not in line)


def treated(treatment: str, solution: str, stub: str) -> str:
    """An answer as a student may hand it in."""
    head = FUNCTION.search(solution)
    return {
        "right": solution,
        "wrong": f"{head[0]}\n\tvar zero {head[2]}\n\treturn zero\n}}",
        "not begun": stub,
        "does not compile": solution.replace(head[0], f"{head[0]}\n\tunused := 1"),
    }[treatment]


def needs(solution) -> dict[str, set[str]]:
    """By the name of a check: the answers that must be right for it, those which others of them call included."""
    answers = {name_of(c): (m[1], c.source) for c in solution.cells if kind(c) == "answer" and (m := FUNCTION.search(c.source))}

    def of(source: str, known: set[str]) -> set[str]:
        for name, (function, text) in answers.items():
            if name not in known and re.search(rf"\b{function}\b", source):
                known |= {name}
                known |= of(text, known)
        return known

    return {name_of(c): of(c.source, set()) for c in solution.cells if kind(c) == "test"}


def called(name: str, answers: dict[str, str]) -> bool:
    """Whether another answer calls this one."""
    function = FUNCTION.search(answers[name])[1]
    return any(re.search(rf"\b{function}\b", text) for other, text in answers.items() if other != name)


def hand_in(course: Course, assignment: str, number: int, folder: Path) -> dict[str, float]:
    """Writes the work of so many students, each in a folder of its own; returns the points of their checks."""
    solution = nbformat.read(course.source(assignment), as_version=4)
    released = nbformat.read(course.release_of(assignment), as_version=4)
    answers = {name_of(c): solved(c.source) for c in solution.cells if kind(c) == "answer"}
    points = {name_of(c): c.metadata.nbgrader["points"] for c in solution.cells if kind(c) == "test"}
    needed = needs(solution)
    right = {}
    for i in range(number):
        student, draw, failed = f"s{i:03}", random.Random(i), set()
        nb = copy.deepcopy(released)
        for cell in nb.cells:
            name = name_of(cell)
            if name in answers and FUNCTION.search(answers[name]):
                treatment = draw.choices(list(TREATMENTS), list(TREATMENTS.values()))[0]
                if treatment == "wrong" and called(name, answers):
                    treatment = "not begun"  # what calls it may be right all the same: a wrong maximum in softmax
                cell.source = treated(treatment, answers[name], cell.source)
                if treatment != "right":
                    failed.add(name)
        (folder / student).mkdir(parents=True)
        nbformat.write(nb, folder / student / f"{assignment}.ipynb")
        right[student] = sum(points[test] for test in points if not needed[test] & failed)
    return right

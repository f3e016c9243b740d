"""Writes marks for others: spreadsheets, Moodle's and Canvas's imports, Gradescope's results.json.

nbgrader's CsvExportPlugin writes names as they are: one with a comma moves the columns, one with = is a formula.
"""

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from fashionlab_grading import late
from fashionlab_grading.folder import Course, Problem, write
from fashionlab_grading.marks import assignments_of, marks, number, over
from fashionlab_grading.notebooks import kind, name_of

# What begins a formula, also in full width, at the beginning of a text or behind what another spreadsheet takes for a separator.
FORMULA = re.compile(r"(^|[;,\t])(\s*)(?=[=+\-@＝＋－＠])")
COLUMNS = ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score", "late_submission_penalty", "score", "max_score"]


def text(value: object) -> str:
    """A text that no spreadsheet computes: an apostrophe makes it one."""
    return FORMULA.sub(r"\1\2'", " ".join(str(value).split()))


def table(rows: Sequence[Sequence[object]]) -> bytes:
    """A CSV file; with a byte order mark, without which Excel garbles what is not ASCII."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[value if isinstance(value, float) else text(value) for value in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def export(course: Course, form: str, target: Path | None, only: list[str]) -> list[str]:
    """Writes the marks; returns lines for the user."""
    names = assignments_of(course, only)
    default = {"csv": "marks.csv", "moodle": "marks-moodle.csv", "canvas": "marks-canvas.csv", "gradescope": "gradescope"}[form]
    target = (target or course.folder / default).absolute()
    if not target.parent.is_dir():
        raise Problem(f"{target.parent} does not exist.")
    if target.is_dir() != (form == "gradescope") and target.exists():
        raise Problem(f"{target} is {'a folder' if target.is_dir() else 'a file'}. Give the name of {'a folder' if form == 'gradescope' else 'a file'}.")
    ledger = late.settle(course)
    theirs = marks(course, names)
    lines = [str(target)]
    if form == "gradescope":
        lines[0] += f": {gradescope(course, names, target, ledger)} results.json, in STUDENT/ASSIGNMENT"
    else:
        rows = {"csv": long, "moodle": moodle, "canvas": canvas}[form](course, names, theirs)
        write(target, table(rows))
    people = course.students().values()
    if form == "moodle":
        lines.append("In Moodle: Grades, Import, CSV file; encoding UTF-8; map ID number to ID number, or Email address to Email address, and each assignment to its grade item.")
        missing = [s["id"] for s in people if not s["email"]]
        lines += [f"Without an e-mail address, found only by ID number: {', '.join(missing)}"] if missing else []
    if form == "canvas":
        lines.append("In Canvas: Grades, Import. Assignments are found by their names there.")
        missing = [s["id"] for s in people if not s["lms_user_id"]]
        lines += [f"Without lms_user_id, found only by SIS ids or names: {', '.join(missing)}"] if missing else []
    lines += [f"MORE THAN THE MAXIMUM: {line}" for line in over(course, names)]
    lines += late.doubts(ledger, names)
    if waiting := sum(hand for student in theirs.values() for _, _, hand in student.values()):
        lines.append(f"{waiting} answers still wait to be graded by hand: make marks")
    return lines


def long(course: Course, names: list[str], theirs: dict[str, dict[str, Any]]) -> list[list[object]]:
    """A row for each student and assignment, with nbgrader's columns."""
    rows: list[list[object]] = [list(COLUMNS)]
    with course.gradebook() as gb:
        for name in names:
            assignment = gb.find_assignment(name)
            submitted = {s.student.id: s for s in gb.assignment_submissions(name)}
            for student in gb.students:
                who = [student.id, student.last_name or "", student.first_name or "", student.email or ""]
                s = submitted.get(student.id)
                score = [float(s.score), float(s.late_submission_penalty or 0), theirs[student.id][name][0]] if s else [0.0, 0.0, 0.0]
                rows.append([name, assignment.duedate or "", s.timestamp or "" if s else "", *who, *score, float(assignment.max_score)])
    return rows


def wide(names: list[str], theirs: dict[str, Any]) -> list[object]:
    """A student's marks in columns; what was not graded is empty, which changes nothing where it is imported."""
    return [float(number(theirs[name][0])) if name in theirs else "" for name in names]


def moodle(course: Course, names: list[str], theirs: dict[str, dict[str, Any]]) -> list[list[object]]:
    """As Moodle's own export begins."""
    rows = [[s["first_name"], s["last_name"], s["id"], s["email"], *wide(names, theirs[s["id"]])] for s in sorted(course.students().values(), key=lambda s: s["id"])]
    return [["First name", "Last name", "ID number", "Email address", *names], *rows]


def canvas(course: Course, names: list[str], theirs: dict[str, dict[str, Any]]) -> list[list[object]]:
    """As Canvas exports its gradebook (lib/gradebook_importer.rb reads it)."""
    with course.gradebook() as gb:
        most: list[object] = [float(gb.find_assignment(name).max_score) for name in names]
    rows: list[list[object]] = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *names], ["Points Possible", "", "", "", "", *most]]
    for s in sorted(course.students().values(), key=lambda s: s["id"]):
        name = ", ".join(part for part in (s["last_name"], s["first_name"]) if part) or s["id"]
        rows.append([name, s["lms_user_id"], s["id"], s["email"], "", *wide(names, theirs[s["id"]])])
    return rows


def gradescope(course: Course, names: list[str], folder: Path, ledger: late.Ledger | None) -> int:
    """A results.json for each submission (https://gradescope-autograders.readthedocs.io/en/latest/specs/)."""
    count = 0
    for name in names:
        open_checks = visible(course, name)
        with course.gradebook() as gb:
            for s in gb.assignment_submissions(name):
                outputs = printed(course.folder / "autograded" / s.student.id / name / f"{name}.ipynb")
                tests = [test(g, outputs.get(g.name, ""), g.name in open_checks) for n in s.notebooks for g in n.grades]
                penalty = s.late_submission_penalty or 0
                result = {"score": max(0.0, s.score - penalty), "visibility": "visible", "tests": tests}
                if penalty:
                    why = late.words(ledger.verdict(s.student.id, name)) if ledger else ""
                    result["output"] = f"{number(penalty)} points were taken off because it was late{why and ': '}{why}."
                write(folder / s.student.id / name / "results.json", json.dumps(result, indent=1, ensure_ascii=False) + "\n")
                count += 1
    return count


def test(grade: Any, output: str, is_open: bool) -> dict[str, Any]:
    """A graded cell. Hidden checks, and what a person has graded, are shown when the marks are published."""
    out = {"name": grade.name, "max_score": grade.max_score, "visibility": "visible" if is_open else "after_published"}
    if grade.needs_manual_grade:
        return {**out, "output": "This answer waits to be graded by hand."}
    status = {"status": "passed" if grade.score >= grade.max_score else "failed"} if grade.manual_score is None else {}
    return {**out, "score": grade.score, **status, **({"output": output} if output else {})}


def visible(course: Course, name: str) -> set[str]:
    """The checks of which students have seen all."""
    if not course.release_of(name).exists():
        return set()
    released = {name_of(c): c.source.strip() for c in nbformat.read(course.release_of(name), as_version=4).cells if kind(c)}
    return {name_of(c) for c in course.instructor(name).cells if kind(c) == "test" and released.get(name_of(c)) == c.source.strip()}


def printed(file: Path) -> dict[str, str]:
    """What the graded cells of a notebook have printed."""
    if not file.exists():
        return {}
    out = {}
    for cell in nbformat.read(file, as_version=4).cells:
        if kind(cell) == "test":
            out[name_of(cell)] = "\n".join(str(o.get("text") or o.get("evalue") or "").strip() for o in cell.outputs)
    return out

"""Shows marks and makes feedback: nbgrader's gradebook, read."""

from typing import Any

from wcwidth import ljust, rjust, width

from fashionlab_grading import late
from fashionlab_grading.folder import Course, Problem


def number(x: float) -> str:
    return f"{x:g}" if x == int(x) else f"{x:.2f}".rstrip("0")


def marks(course: Course, names: list[str]) -> dict[str, dict[str, Any]]:
    """{student: {assignment: (score, max, by hand)}}, where by hand says how many cells wait for a person."""
    out: dict[str, dict[str, Any]] = {}
    with course.gradebook() as gb:
        for student in gb.students:
            out[student.id] = {}
        for name in names:
            for submission in gb.assignment_submissions(name):
                hand = sum(1 for n in submission.notebooks for g in n.grades if g.needs_manual_grade)
                out[submission.student.id][name] = (max(0.0, submission.score - (submission.late_submission_penalty or 0)), submission.max_score, hand)
    return out


def assignments_of(course: Course, names: list[str]) -> list[str]:
    with course.gradebook() as gb:
        known = [a.name for a in gb.assignments]
    for name in set(names) - set(known):
        course.known(name)
    chosen = [n for n in names or known if n in known]
    if not chosen:
        raise Problem("Nothing was released yet: make release COURSE=…")
    return sorted(chosen)


def table(course: Course, names: list[str]) -> list[str]:
    names = assignments_of(course, names)
    ledger = late.settle(course)
    rows, waiting = [["student", *names, "sum"]], 0
    for student, theirs in sorted(marks(course, names).items()):
        row, total = [student], 0.0
        for name in names:
            if name not in theirs:
                row.append("—")
                continue
            score, most, hand = theirs[name]
            total += score
            waiting += hand
            row.append(f"{number(score)}/{number(most)}" + ("*" if hand else " "))
        rows.append([*row, number(total)])
    widths = [max(width(r[i]) for r in rows) for i in range(len(rows[0]))]
    lines = ["  ".join([ljust(r[0], widths[0]), *map(rjust, r[1:], widths[1:])]).rstrip() for r in rows]
    if waiting:
        lines.append(f"* {waiting} answers wait to be graded by hand: make formgrader COURSE={course.typed}")
    lines.append("— nothing was graded")
    lines += late.report(ledger, names)
    return lines + [f"MORE THAN THE MAXIMUM: {line}" for line in over(course, names)]


def over(course: Course, names: list[str]) -> list[str]:
    """The cells that have more points than they can give, as extra credit or otherwise."""
    lines = []
    with course.gradebook() as gb:
        for name in names:
            for submission in gb.assignment_submissions(name):
                for grade in (g for n in submission.notebooks for g in n.grades if g.score > g.max_score):
                    lines.append(f"{submission.student.id}, {name}, {grade.name}: {number(grade.score)} of {number(grade.max_score)} points")
    return sorted(lines)


def feedback(course: Course, names: list[str], student: str) -> list[str]:
    lines = []
    late.settle(course)
    for name in assignments_of(course, names):
        if any((course.folder / "autograded").glob(f"{student}/{name}")):
            course.result(f"make the feedback of {name}", course.api().generate_feedback(name, None if student == "*" else student, force=True))
        pages = sorted((course.folder / "feedback").glob(f"{student}/{name}/*.html"))
        lines.append(f"{name}: {len(pages)} pages in {course.folder / 'feedback'}")
    return lines

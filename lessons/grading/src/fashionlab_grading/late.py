"""Takes points off late works, by nbgrader's plug-in for late submissions and the rules in due.toml."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin

from fashionlab_grading import due, handedin
from fashionlab_grading.due import Rules, Verdict
from fashionlab_grading.folder import Course


class Ledger:
    """What is known of the lateness of every work in a course."""

    def __init__(self, course: Course, rules: Rules, student: str = "*") -> None:
        self.rules = rules
        self.works: dict[str, dict[str, due.HandedIn]] = {}
        for folder in sorted((course.folder / "submitted").glob(f"{student}/*")):
            if folder.is_dir():
                self.works.setdefault(folder.parent.name, {})[folder.name] = handedin.load(course, folder.name, folder.parent.name, rules.zone)
        self.verdicts = {student: due.verdicts(rules, student, works) for student, works in self.works.items()}

    def verdict(self, student: str, assignment: str) -> Verdict:
        return self.verdicts.get(student, {}).get(assignment, Verdict())


def ledger(course: Course, student: str = "*") -> Ledger | None:
    """Of all students, or of one; None if the course has no due dates in due.toml."""
    rules = due.rules(course.folder, course.names(), course.students())
    return Ledger(course, rules, student) if rules else None


def of(folder: Path, student: str, assignment: str) -> Verdict:
    """What is known of one work in the course of a folder."""
    found = ledger(Course(folder), student)
    return found.verdict(student, assignment) if found else Verdict()


class Days(LateSubmissionPlugin):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's plug-in. Without due dates in due.toml it does what nbgrader does."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.ledger = ledger(Course(self.config.CourseDirectory.root))

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """The points to take off the work that parent, nbgrader's AssignLatePenalties, has at hand."""
        if not self.ledger:
            penalty: float | None = super().late_submission_penalty(student_id, score, total_seconds_late)
            return penalty
        assignment = self.parent.assignment_id
        most: float = self.parent.gradebook.find_assignment(assignment).max_score
        return most * self.ledger.verdict(student_id, assignment).percent / 100


def settle(course: Course) -> Ledger | None:
    """Brings due dates, extensions, times and penalties in nbgrader's gradebook up to date with due.toml and with what was collected."""
    found = ledger(course)
    if not found and not course.state("late").get("settled"):
        return None  # what stands in the gradebook is not from here
    used = found or Ledger(course, Rules())
    from nbgrader.preprocessors import AssignLatePenalties

    assigning = AssignLatePenalties(config=course.api().config)
    assigning.init_plugin()
    with course.gradebook() as gb:
        assigning.gradebook = gb
        for assignment in gb.assignments:
            date = used.rules.due.get(assignment.name)
            assignment.duedate = plain(date)
            for s in gb.assignment_submissions(assignment.name):
                student = s.student.id
                own = used.rules.due_for(student, assignment.name)
                s.extension = plain(own) - plain(date) if own and date else None
                s.timestamp = plain(used.works.get(student, {}).get(assignment.name, due.HandedIn()).exactly)
                assigning.assignment_id, assigning.student_id = assignment.name, student
                for notebook in s.notebooks:
                    penalty = assigning.plugin_inst.late_submission_penalty(student, notebook.score, s.total_seconds_late) if s.total_seconds_late > 0 else None
                    notebook.late_submission_penalty = None if penalty is None else assigning._check_late_penalty(notebook, penalty)
        gb.db.commit()
    course.remember("late", {"settled": bool(found)})
    return found


def plain(when: datetime | None) -> Any:
    """A time as the gradebook has it: UTC, without saying so."""
    return when.astimezone(UTC).replace(tzinfo=None, microsecond=0) if when else None


def words(verdict: Verdict) -> str:
    """What lateness costs, for people."""
    said = count(verdict.days, "day") + " late"
    if verdict.spent:
        said += f", for which {count(verdict.spent, 'late day')} {'is' if verdict.spent == 1 else 'are'} spent ({verdict.left} left)"
    if verdict.percent:
        said += f", which costs {verdict.percent:g} % of the assignment's points"
    return said


def report(found: Ledger | None, names: list[str]) -> list[str]:
    """Lines on late works, and on those of which nobody knows."""
    late = [(name, student, theirs[name]) for student, theirs in found.verdicts.items() for name in names if name in theirs] if found else []
    return [f"{student}, {name}: {words(verdict)}" for name, student, verdict in sorted(late, key=lambda l: l[:2]) if verdict.days] + doubts(found, names)


def doubts(found: Ledger | None, names: list[str]) -> list[str]:
    """Lines on works of which nobody knows whether they are late."""
    why: dict[tuple[str, str], list[str]] = {}
    for student, theirs in sorted(found.verdicts.items()) if found else ():
        for name in names:
            if name in theirs and theirs[name].doubt:
                why.setdefault((name, theirs[name].doubt), []).append(student)
    return [f"{name}: {doubt}, so no points are taken off: {', '.join(students)}. Give the times: make collect … TIMES=FILE.csv" for (name, doubt), students in sorted(why.items())]


def count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"

"""Takes points off late works, by nbgrader's plug-in for late submissions and the rules in due.toml."""

from datetime import UTC, datetime
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin

from fashionlab_grading import due, handedin
from fashionlab_grading.due import Rules, Verdict
from fashionlab_grading.folder import Course


class Ledger:
    """What is known of the lateness of every work in a course."""

    def __init__(self, course: Course, rules: Rules) -> None:
        self.rules = rules
        self.works: dict[str, dict[str, due.HandedIn]] = {}
        for folder in sorted((course.folder / "submitted").glob("*/*")):
            if folder.is_dir():
                self.works.setdefault(folder.parent.name, {})[folder.name] = handedin.load(course, folder.name, folder.parent.name, rules.zone)
        self.verdicts = {student: due.verdicts(rules, student, works) for student, works in self.works.items()}

    def verdict(self, student: str, assignment: str) -> Verdict:
        return self.verdicts.get(student, {}).get(assignment, Verdict())


def ledger(course: Course) -> Ledger | None:
    """None if the course has no due dates in due.toml."""
    rules = due.rules(course.folder, course.names(), course.students())
    return Ledger(course, rules) if rules else None


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
    if not found:
        return None
    from nbgrader.preprocessors import AssignLatePenalties

    assigning = AssignLatePenalties(config=course.api().config)
    assigning.init_plugin()
    with course.gradebook() as gb:
        assigning.gradebook = gb
        for assignment in gb.assignments:
            date = found.rules.due.get(assignment.name)
            assignment.duedate = plain(date)
            for s in gb.assignment_submissions(assignment.name):
                student = s.student.id
                own = found.rules.due_for(student, assignment.name)
                s.extension = plain(own) - plain(date) if own and date else None
                s.timestamp = plain(found.works.get(student, {}).get(assignment.name, due.HandedIn()).exactly)
                assigning.assignment_id, assigning.student_id = assignment.name, student
                for notebook in s.notebooks:
                    penalty = assigning.plugin_inst.late_submission_penalty(student, notebook.score, s.total_seconds_late) if s.total_seconds_late > 0 else None
                    notebook.late_submission_penalty = None if penalty is None else assigning._check_late_penalty(notebook, penalty)
        gb.db.commit()
    return found


def plain(when: datetime | None) -> Any:
    """A time as the gradebook has it: UTC, without saying so."""
    return when.astimezone(UTC).replace(tzinfo=None, microsecond=0) if when else None


def words(verdict: Verdict, points: str = "") -> str:
    """Lateness as a sentence for people, or ""."""
    if verdict.doubt:
        return f"{verdict.doubt}; no points are taken off"
    if not verdict.days:
        return ""
    said = count(verdict.days, "day") + " late"
    if verdict.spent:
        said += f", {count(verdict.spent, 'late day')} spent, {verdict.left} left"
    if verdict.percent:
        said += f", {verdict.percent:g} % of the points are taken off" + (f" ({points})" if points else "")
    return said


def count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"

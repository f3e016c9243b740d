"""Due dates and what lateness costs: the file due.toml in a course folder."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fashionlab_grading.folder import Problem, write

FILE = "due.toml"
# make course puts this into a new course. Nothing is due until the lines in it are.
TEMPLATE = '''# When works are due, and what lateness costs. Take the # away from what you use; make marks follows at once.
# Times are those of a clock on the wall in this time zone: "2026-10-12 23:59". A date alone lasts until the end of its day.
# timezone = "Europe/Prague"

# A work is on time until so many minutes after it was due.
# grace_minutes = 10

# What each day that has begun after that costs, in percent of the points of the assignment, and the most that lateness costs.
# percent_per_day = 10
# most_percent = 50

# Days that each student may be late in the whole course before points are taken off. Works that were due earlier use them first.
# late_days = 3

[due]
# 1-data = "2026-10-12 23:59"
# 2-softmax = "2026-10-19 23:59"

# Single students: other due dates, other late days. Ids with anything but letters, digits, - and _ stand in quotes.
# [student.s02]
# 2-softmax = "2026-10-26 23:59"
# late_days = 5
'''
NUMBERS = {"grace_minutes": (0.0, 7 * 24 * 60), "percent_per_day": (0.0, 100), "most_percent": (100.0, 100), "late_days": (0.0, 1000)}  # by default, at most


@dataclass
class Rules:
    """What due.toml says."""

    zone: tzinfo | None = None
    grace: timedelta = timedelta()
    percent_per_day: float = 0
    most_percent: float = 100
    late_days: int = 0
    due: dict[str, datetime] = field(default_factory=dict)  # by assignment
    students: dict[str, dict[str, datetime]] = field(default_factory=dict)  # by student and assignment
    days_of: dict[str, int] = field(default_factory=dict)  # late days, by student

    def due_for(self, student: str, assignment: str) -> datetime | None:
        return self.students.get(student, {}).get(assignment, self.due.get(assignment))

    def days_late(self, when: datetime, due: datetime) -> int:
        """How many days have begun. A day ends when the clock on the wall shows the hour of the due date again, however long it was."""
        days = max(0, (when - due).days - 2)
        while when.timestamp() > (end_of_day(due, days) if days else due.timestamp()) + self.grace.total_seconds():
            days += 1
        return days


@dataclass
class Verdict:
    """What is known of a work's lateness, and what it costs."""

    days: int = 0  # that have begun
    spent: int = 0  # late days
    left: int = 0  # late days, after this work
    percent: float = 0  # of the assignment's points
    doubt: str = ""  # why it is not known how late it is; nothing is taken off then


@dataclass
class HandedIn:
    """What is known of when a work was handed in."""

    exactly: datetime | None = None
    by: datetime | None = None  # it was there at this time
    late: bool | None = None  # as the platform says


def end_of_day(due: datetime, days: int) -> float:
    """When a day of lateness ends, in seconds since 1970: of an hour that there is twice or not at all, the later reading."""
    return max((due + timedelta(days=days)).replace(fold=fold).timestamp() for fold in (0, 1))


def verdicts(rules: Rules, student: str, works: dict[str, HandedIn]) -> dict[str, Verdict]:
    """A student's works, by assignment, in the order in which they were due."""
    left = rules.days_of.get(student, rules.late_days)
    dated = [(due, name) for name in works if (due := rules.due_for(student, name))]
    found = {}
    for due, name in sorted(dated, key=lambda d: (d[0].timestamp(), d[1])):
        work, verdict = works[name], Verdict()
        if work.exactly:
            verdict.days = rules.days_late(work.exactly, due)
        elif work.late is not False and not (work.by and rules.days_late(work.by, due) == 0):
            verdict.doubt = "late, as the platform says, but not how late" if work.late else "nothing says when it was handed in"
        verdict.spent = min(verdict.days, left)
        left -= verdict.spent
        verdict.left = left
        verdict.percent = min((verdict.days - verdict.spent) * rules.percent_per_day, rules.most_percent)
        found[name] = verdict
    return found


def begin(folder: Path) -> bool:
    """Puts due.toml into a course folder that has none; returns whether it did."""
    if (folder / FILE).exists():
        return False
    write(folder / FILE, TEMPLATE)
    return True


def rules(folder: Path, assignments: Sequence[str], students: Iterable[str]) -> Rules | None:
    """The rules of a course, or None if nothing is due in it."""
    file = folder / FILE
    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        content = tomllib.loads(text)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise Problem(f"{file} is not in UTF-8. Save it as UTF-8.") from None
    except OSError as e:
        raise Problem(f"{file} cannot be read: {e.strerror}") from None
    except tomllib.TOMLDecodeError as e:
        raise Problem(f"{file}: {e}. Times and names of time zones stand in quotes: \"2026-10-12 23:59\".") from None
    return Reader(file, text, content).rules(assignments, set(students))


class Reader:
    """Reads due.toml. Every fault names its line."""

    def __init__(self, file: Path, text: str, content: dict[str, Any]) -> None:
        self.file, self.text, self.content = file, text, content

    def fault(self, keys: Sequence[str], what: str) -> Problem:
        return Problem(f"{self.file}, line {self.line(keys)}: {'.'.join(keys)} {what}")

    def line(self, keys: Sequence[str]) -> int:
        """The line in which a value ends: tomllib knows no lines, but the shortest beginning of the file that has the value ends there."""
        lines = self.text.split("\n")
        for number in range(1, len(lines) + 1):
            try:
                found = tomllib.loads("\n".join(lines[:number]))
                for key in keys:
                    found = found[key]
            except (tomllib.TOMLDecodeError, KeyError):
                continue
            return number
        raise AssertionError(f"{keys} is not in {self.file}")

    def rules(self, assignments: Sequence[str], students: set[str]) -> Rules | None:
        known = ["timezone", *NUMBERS, "due", "student"]
        for key in self.content:
            if key not in known:
                raise self.fault([key], f"is no setting. There are: {', '.join(known)}.")
        for key in ("due", "student"):
            if not isinstance(self.content.get(key, {}), dict):
                raise self.fault([key], f"must be a table: [{key if key == 'due' else 'student.ID'}], and below it lines such as 1-data = \"2026-10-12 23:59\".")
        numbers = {key: self.number([key]) if key in self.content else default for key, (default, _) in NUMBERS.items()}
        if not self.content.get("due") and not self.content.get("student"):
            return None
        zone = self.zone()
        out = Rules(zone, timedelta(minutes=numbers["grace_minutes"]), numbers["percent_per_day"], numbers["most_percent"], int(numbers["late_days"]))
        for name, value in self.content.get("due", {}).items():
            out.due[self.assignment(["due", name], assignments)] = self.time(["due", name], value, zone)
        for student, table in self.content.get("student", {}).items():
            if student not in students:
                raise self.fault(["student", student], "is not enrolled in this course. An id with other characters than letters, digits, - and _ stands in quotes: [student.\"ada@example.org\"].")
            if not isinstance(table, dict):
                raise self.fault(["student", student], "must be a table: [student.ID], and below it lines such as 1-data = \"2026-10-12 23:59\".")
            for name, value in table.items():
                keys = ["student", student, name]
                if name == "late_days":
                    out.days_of[student] = int(self.number(keys))
                    continue
                if self.assignment(keys, assignments) not in out.due:
                    raise self.fault(keys, "has no due date in [due].")
                out.students.setdefault(student, {})[name] = self.time(keys, value, zone)
        return out

    def zone(self) -> tzinfo:
        name = self.content.get("timezone")
        if name is None:
            raise Problem(f"{self.file} says when works are due, and not in which time zone: add a line such as timezone = \"Europe/Prague\" above [due].")
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, TypeError, OSError):
            raise self.fault(["timezone"], f"is {name!r}, which is no time zone. Write one such as \"Europe/Prague\", \"America/New_York\" or \"UTC\".") from None

    def number(self, keys: Sequence[str]) -> float:
        value: Any = self.content
        for key in keys:
            value = value[key]
        most = NUMBERS[keys[-1]][1]
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise self.fault(keys, f"is {value!r}, and must be a number from 0 to {most}.")
        if keys[-1] == "late_days" and value != int(value):
            raise self.fault(keys, f"is {value!r}, and must be a whole number: late days are spent whole.")
        return float(value)

    def assignment(self, keys: Sequence[str], assignments: Sequence[str]) -> str:
        if keys[-1] not in assignments:
            raise self.fault(keys, f"is no assignment. There are: {', '.join(assignments) or 'none'}.")
        return keys[-1]

    def time(self, keys: Sequence[str], value: object, zone: tzinfo) -> datetime:
        """A time on the wall in the course's time zone. Of an hour that there is twice, the later one."""
        try:
            if isinstance(value, str):
                value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
            if not isinstance(value, date):
                raise ValueError
            if not isinstance(value, datetime):
                value = datetime.combine(value + timedelta(days=1), time())
        except (ValueError, OverflowError):
            raise self.fault(keys, f"is {value!r}. Write a date and a time, such as \"2026-10-12 23:59\".") from None
        if value.tzinfo:
            return value.astimezone(zone)
        when = value.replace(tzinfo=zone, fold=1)
        if datetime.fromtimestamp(when.timestamp(), zone).replace(tzinfo=None) != value:
            raise self.fault(keys, f"is {value:%Y-%m-%d %H:%M}, which no clock shows there: clocks are put forward in that night.")
        return when

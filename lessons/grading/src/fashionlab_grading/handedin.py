"""When works were handed in: what counts, of what a learning platform and the instructor say.

Moodle since 3.10 (files/classes/local/archive_writer/zip_writer.php) and Canvas (lib/content_zipper.rb) give all files in
a zip file the time of the download. Such a time says only that a work was there by then. A time inside of a student's
own zip file is the student's, and says nothing.
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from fashionlab_grading.due import HandedIn
from fashionlab_grading.folder import Course, Problem, write
from fashionlab_grading.roster import decoded, plain, table

# What the column with the times is called: by us, by nbgrader, in Moodle's grading worksheet and in Canvas's API.
COLUMNS = {plain(c) for c in ("time", "timestamp", "submitted_at", "Last modified (submission)", "Zuletzt geändert (Abgabe)", "Dernière modification (remise)", "Última modificación (entrega)")}
ISO = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?")
# As Moodle writes times in English.
MOODLE = ("%A, %d %B %Y, %I:%M %p", "%A, %B %d, %Y, %I:%M %p", "%A, %d %B %Y, %H:%M")
# A download of a class takes less, and a class hands in over a longer time.
DOWNLOAD = timedelta(hours=1)


def are_of_download(times: Iterable[datetime]) -> bool:
    """Whether times in a zip file or folder are so near to each other that they may be those of a download."""
    known = list(times)
    return not known or max(known) - min(known) <= DOWNLOAD


def parse(text: str, zone: tzinfo | None) -> datetime:
    """A time; without an offset it is in the zone, which is this machine's where it is None."""
    if m := ISO.fullmatch(text.strip()):
        when = datetime.fromisoformat(m[1] + (m[2] or "").replace("UTC", "Z"))
    else:
        for form in MOODLE:
            try:
                when = datetime.strptime(text.strip(), form)
                break
            except ValueError:
                continue
        else:
            raise ValueError(text)
    # Of an hour that there is twice, the earlier one: nobody is late by a doubt.
    return when if when.tzinfo else when.replace(tzinfo=zone) if zone else when.astimezone()


class Times:
    """The times that an instructor gives: a CSV file with a line for each student, for example Moodle's grading worksheet."""

    def __init__(self, file: Path, zone: tzinfo | None, students: dict[str, dict[str, str]]) -> None:
        try:
            text, _ = decoded(file.read_bytes(), file)
        except OSError as e:
            raise Problem(f"{file} cannot be read: {e.strerror}") from None
        meaning, header, rows = table(text, file)
        column = next((i for i, h in enumerate(header) if plain(h) in COLUMNS), None)
        if column is None:
            raise Problem(f"{file} has no column with times. Call it time; a line is then, for example: s01,2026-10-12 23:58")
        self.times: dict[str, datetime] = {}
        for number, row in rows:
            text = row[column].strip() if len(row) > column else ""
            if text in ("", "-"):
                continue  # handed in nothing
            who = {m: " ".join(v.split()) for m, v in zip(meaning, row, strict=False) if m and v.strip()}
            fitting = self.fitting(who, students)
            if len(fitting) != 1:
                raise Problem(f"{file}, line {number}: {' '.join(who.values())} is {'more than one student: ' + ', '.join(fitting) if fitting else 'not enrolled in this course'}. No work was collected.")
            try:
                when = parse(text, zone)
            except (ValueError, OverflowError):
                raise Problem(f"{file}, line {number}: {text!r} is no time that is understood. Write it as 2026-10-12 23:58, or have Moodle show its pages in English. No work was collected.") from None
            if self.times.setdefault(fitting[0], when) != when:
                raise Problem(f"{file}, line {number}: {fitting[0]} is there already, with another time. No work was collected.")

    @staticmethod
    def fitting(who: dict[str, str], students: dict[str, dict[str, str]]) -> list[str]:
        """The students that a line may mean: by the first of these columns in which it fits anybody."""
        if who.get("id") in students:
            return [who["id"]]
        for column, ours in (("username", "id"), ("username", "email"), ("email", "email"), ("lms_user_id", "lms_user_id")):
            value = who.get(column, "").casefold()
            if value and (found := [i for i, s in students.items() if s[ours].casefold() == value]):
                return found
        name = plain(who.get("name") or who.get("first_name", "") + who.get("last_name", ""))
        return [i for i, s in students.items() if name and name in (plain(s["first_name"] + s["last_name"]), plain(s["last_name"] + s["first_name"]))]


def note(course: Course, assignment: str, student: str) -> Path:
    """Where it is kept what is known of a work without an exact time."""
    return course.own / "handed-in" / assignment / f"{student}.json"


def store(course: Course, assignment: str, student: str, known: HandedIn) -> None:
    """Keeps when a work was handed in: nbgrader's timestamp.txt has the exact time, and a note the rest."""
    stamp = course.folder / "submitted" / student / assignment / "timestamp.txt"
    if known.exactly:
        write(stamp, known.exactly.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") + "\n")
        note(course, assignment, student).unlink(missing_ok=True)
        return
    stamp.unlink(missing_ok=True)
    write(note(course, assignment, student), json.dumps({"by": known.by.isoformat() if known.by else None, "late": known.late}) + "\n")


def load(course: Course, assignment: str, student: str, zone: tzinfo | None) -> HandedIn:
    """When a work was handed in. What stands in timestamp.txt counts, also if it was put there by hand."""
    stamp = course.folder / "submitted" / student / assignment / "timestamp.txt"
    try:
        text = stamp.read_text(encoding="utf-8")
    except FileNotFoundError:
        try:
            kept = json.loads(note(course, assignment, student).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return HandedIn()
        return HandedIn(by=datetime.fromisoformat(kept["by"]) if kept["by"] else None, late=kept["late"])
    try:
        return HandedIn(exactly=parse(text, zone))
    except (ValueError, OverflowError):
        raise Problem(f"{stamp} says {text.strip()!r}, which is no time. Write it as 2026-10-12 23:58.") from None

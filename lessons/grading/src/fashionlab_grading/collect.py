"""Brings what students handed in from a folder, or from a learning platform's zip file, into a course folder."""

import os
import re
import shutil
import tempfile
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from fashionlab_grading.folder import Course, Problem, check_identity, digest, write
from fashionlab_grading.notebooks import Unreadable, read_submission

MAX_FILE = 100_000_000
MAX_ALL = 5_000_000_000
# "Jana Nováková_1234567_assignsubmission_file_/2-softmax.ipynb", in older versions without the slash.
MOODLE = re.compile(r"^(?P<name>[^/]+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?/?(?P<file>.*)$")
# "novakovajana_12345_678910_2-softmax.ipynb", "novakovajana_LATE_12345_678910_2-softmax-1.ipynb"
CANVAS = re.compile(r"^(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<number>\d+)_(?P<file_number>\d+)_(?P<file>.+)$")


@dataclass
class Item:
    """One file that somebody handed in."""

    who: str  # as the platform names the student
    number: str  # as it numbers the student, or ""
    name: str  # the file's name as the student gave it
    path: Path
    when: datetime
    attempt: int = 0


def squash(name: str) -> str:
    """A name as it is compared: without accents, case, spaces and punctuation, but with the letters of all scripts."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    # Letters that have no accent to lose but are often written so.
    letters: dict[str, str | int | None] = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
    plain = plain.translate(str.maketrans(letters))
    return "".join(c for c in plain if c.isalnum())


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks a zip file, of which nothing lands outside of the folder."""
    try:
        with zipfile.ZipFile(archive) as z:
            if sum(i.file_size for i in z.infolist()) > MAX_ALL:
                raise Problem(f"{archive} would unpack to more than {MAX_ALL // 10**9} GB")
            for info in z.infolist():
                path = PurePosixPath(info.filename.replace("\\", "/"))
                if info.is_dir():
                    continue
                if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or "\0" in info.filename:
                    raise Problem(f"{archive} is not a learning platform's: it wants to write to {info.filename}")
                if (info.external_attr >> 16) & 0o170000 == 0o120000:
                    raise Problem(f"{archive} is not a learning platform's: {info.filename} is a link")
                if info.file_size > MAX_FILE:
                    continue
                target = folder.joinpath(*path.parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with z.open(info) as source, target.open("wb") as out:
                    # The size in the directory may be a lie.
                    left = MAX_FILE
                    while block := source.read(min(1 << 20, left + 1)):
                        left -= len(block)
                        if left < 0:
                            raise Problem(f"{archive}: {info.filename} is larger than it says")
                        out.write(block)
                when = datetime(*info.date_time).timestamp() if info.date_time[0] >= 1980 else 0
                os.utime(target, (when, when))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError) as e:
        raise Problem(f"{archive} cannot be unpacked: {e}") from None


def items(folder: Path) -> list[Item]:
    """What is in a folder, under the names that platforms give."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink() or path.name in (".DS_Store", "timestamp.txt") or "__MACOSX" in path.parts or ".ipynb_checkpoints" in path.parts:
            continue
        inner = path.relative_to(folder).as_posix()
        when = datetime.fromtimestamp(path.stat().st_mtime)
        for start in range(inner.count("/") + 1):  # a folder around all is common
            part = "/".join(inner.split("/")[start:])
            if m := MOODLE.match(part):
                found.append(Item(m["name"], m["number"], PurePosixPath(m["file"] or part).name, path, when))
                break
            if "/" not in part and (m := CANVAS.match(part)):
                attempt = re.search(r"-(\d+)(?=\.[^.]*$)", m["file"])
                found.append(Item(m["name"], m["number"], m["file"], path, when, int(attempt[1]) if attempt else 0))
                break
        else:
            parts = inner.split("/")
            who = parts[-2] if len(parts) > 1 else Path(parts[0]).stem
            if len(parts) > 2:
                who = parts[0]  # STUDENT/ASSIGNMENT/file, as nbgrader has it
            found.append(Item(who, "", parts[-1], path, when))
    return found


class Roster:
    """Finds students by what platforms call them."""

    def __init__(self, students: dict[str, dict[str, str]]) -> None:
        self.by: dict[str, set[str]] = {}
        for identity, s in students.items():
            first, last = s["first_name"], s["last_name"]
            names = [identity, s["email"], s["email"].split("@")[0] if s["email"] else ""]
            if first or last:
                names += [f"{first} {last}", f"{last} {first}"]
            for name in names:
                if squash(name):
                    self.by.setdefault(squash(name), set()).add(identity)
        self.numbers = {s["lms_user_id"]: i for i, s in students.items() if s["lms_user_id"]}

    def find(self, item: Item) -> str | None:
        """A student's id; None if there is none or more than one."""
        if item.number and item.number in self.numbers:
            return self.numbers[item.number]
        found = self.by.get(squash(item.who), set())
        return next(iter(found)) if len(found) == 1 else None

    def several(self, item: Item) -> bool:
        return len(self.by.get(squash(item.who), set())) > 1


def belongs(item: Item, name: str) -> int:
    """How surely a file is the notebook of an assignment."""
    if not item.name.lower().endswith(".ipynb"):
        return 0
    try:
        other = read_submission(item.path).metadata.get("fashionlab", {}).get("assignment", "")
    except Unreadable:
        return 1
    return 3 if other == name else 2 if not other else 1


def collect(course: Course, name: str, source: Path, add: bool) -> tuple[list[str], list[str]]:
    """Collects an assignment. Returns lines on what was collected, and on what could not be."""
    course.known(name)
    if not source.exists():
        raise Problem(f"{source} does not exist. FROM is a folder, or the zip file that the learning platform gives.")
    with tempfile.TemporaryDirectory(prefix="fl-collect-") as scratch:
        if source.is_file():
            unpack(source, Path(scratch))
            source = Path(scratch)
        found = items(source)
        if not found:
            raise Problem(f"There are no files in {source}.")
        return sort(course, name, found, add)


def sort(course: Course, name: str, found: list[Item], add: bool) -> tuple[list[str], list[str]]:
    roster = Roster(course.students())
    lines, problems = [], []
    by_student: dict[str, list[Item]] = {}
    for item in found:
        student = roster.find(item)
        if not student and add and not roster.several(item):
            student = unicodedata.normalize("NFC", re.sub(r"[/\\+*?\[\]\s]+", " ", item.who)).strip()
            check_identity(student)
            known = by_student.keys() | course.students().keys()
            if student not in known:
                first, _, last = item.who.rpartition(" ")
                course.add_student(id=student, first_name=first, last_name=last, lms_user_id=item.number)
                lines.append(f"{student}: new, added to the course")
        if not student:
            why = "fits more than one student" if roster.several(item) else "is nobody in this course"
            problems.append(f"{item.who} ({item.path.name}) {why}")
            continue
        by_student.setdefault(student, []).append(item)
    for student, theirs in sorted(by_student.items()):
        best = max(theirs, key=lambda i: (i.attempt, belongs(i, name), i.when))
        notebook = belongs(best, name) > 0
        others = [i.name for i in theirs if i is not best and i.name.lower().endswith(".ipynb")]
        folder = course.folder / "submitted" / student / name
        target = folder / (f"{name}.ipynb" if notebook else safe(best.name))
        content = best.path.read_bytes() if best.path.stat().st_size <= MAX_FILE else b""
        stamp = best.when.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
        if target.exists() and digest(target.read_bytes()) == digest(content):
            lines.append(f"{student}: as it was")
            continue
        if folder.exists() and any(folder.iterdir()):
            number = 1
            while (kept := course.own / "earlier" / student / f"{name}-{number}").exists():
                number += 1
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder, kept)
            lines.append(f"{student}: handed in anew; the earlier one is kept in {kept.relative_to(course.folder)}")
        else:
            lines.append(f"{student}: {best.name}" + (f" (newest of {len(others) + 1} notebooks)" if others and notebook else "") + ("" if notebook else ", which is no notebook"))
        write(target, content)
        write(folder / "timestamp.txt", stamp + "\n")
    return lines, problems


def safe(name: str) -> str:
    name = re.sub(r"[/\\\0\n]", "_", name).lstrip(".") or "file"
    return name if name != "timestamp.txt" else "timestamp_.txt"

"""Brings what students handed in from a folder, or from a learning platform's zip file, into a course folder.

nbgrader's zip_collect cannot hold these rules: its FileNameCollectorPlugin is asked about one file at a time, and
whether two files claim one student is seen only with all of them at hand; the app gives up the whole class at a
duplicate, and its --force deletes the earlier submission, which is kept here. Its ExtractorPlugin writes names that strangers
chose to disk before anybody is asked.
"""

import json
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from fashionlab_grading import due, handedin
from fashionlab_grading.archive import Entry, Unfit, in_folder, in_zip, shown
from fashionlab_grading.due import HandedIn
from fashionlab_grading.folder import Course, Problem, check_identity, digest, write

# What is read of one student's files; a few notebooks and nothing that was made to fill a memory.
MAX_STUDENT = 500_000_000
MAX_ZIPS = 20_000_000
MAX_FILES = 1000
EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
# Moodle (mod/assign/classes/downloader.php): NAME_NUMBER_assignsubmission_file, as a folder, in older versions with a _
# at its end, or as the beginning of a file's name. Moodle writes spaces for a name's own _.
# Works of a team have no number if the team is the default one.
MOODLE = re.compile(r"(?P<name>[^_]+)(?:_(?P<number>\d+))?_assignsubmission_[a-z]+(?:_(?P<file>.*))?", re.DOTALL)
# Canvas (lib/content_zipper.rb): LASTNAMEFIRSTNAME_USER_ATTACHMENT_FILE, with LATE_ before the user's number if it was late.
# Of the name it leaves letters, digits, _ and, unlike \w, the vowel signs of many scripts.
CANVAS = re.compile(r"(?P<name>[^\s!-/:-@[-^`{-~]*?)_(?P<late>LATE_)?(?P<number>\d+)_\d+_(?P<file>.+)", re.DOTALL | re.IGNORECASE)
CANVAS_NUMBERS = re.compile(r"(?=_(?:LATE_)?(\d+)_\d+_)", re.IGNORECASE)
LEFTOVERS = {"__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini", "timestamp.txt"}


@dataclass(frozen=True)
class Owner:
    """Whom the platform, or the outermost folder, names as the one who handed in."""

    form: str  # moodle, canvas, folder, file
    who: str
    number: str = ""  # Canvas: the user's; Moodle: a participant's of this assignment, who is somebody else in the next
    others: tuple[str, ...] = ()  # further numbers that could be meant

    def __str__(self) -> str:
        return shown(self.who) + (f" (number {self.number})" if self.number else "")


@dataclass
class Item:
    """One file that somebody handed in."""

    owner: Owner
    name: str  # as the student called it
    entry: Entry
    leftover: bool = False  # by the system, and not by the student
    flat: bool = False  # no folder says whose it is
    late: bool | None = None  # as Canvas says
    around: Entry | None = None  # the student's own zip file that it is from

    @property
    def arrived(self) -> datetime | None:
        """The time that the platform's zip file, or the folder, has for it."""
        return (self.around or self.entry).when

    @property
    def attempt(self) -> int:
        """Canvas counts attempts at the end of the name."""
        found = re.search(r"-(\d{1,4})(?=\.[^.]*$)", self.name)
        return int(found[1]) if found and self.owner.form == "canvas" else 0


def squash(name: str) -> str:
    """A name as it is compared: without accents, case, spaces and punctuation, but with the letters and vowel signs of all scripts."""
    plain = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", name.casefold()))
    # Letters that have no accent to lose but are often written so.
    letters: dict[str, str | int | None] = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
    plain = plain.translate(str.maketrans(letters))
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c)[0] == "M")


def item(entry: Entry, parts: tuple[str, ...]) -> Item:
    """Whose file it is. Only what the outermost name begins with says so: the rest may be a student's."""
    top = unicodedata.normalize("NFC", parts[0])
    name = parts[-1]
    late = None
    if m := MOODLE.fullmatch(top):
        owner = Owner("moodle", m["name"], m["number"] or "")
        name = name if len(parts) > 1 else m["file"] or name
    elif m := CANVAS.fullmatch(top):
        numbers = dict.fromkeys(CANVAS_NUMBERS.findall(top))
        owner = Owner("canvas", m["name"], m["number"], tuple(n for n in numbers if n != m["number"]))
        name = name if len(parts) > 1 else m["file"]
        late = bool(m["late"])
    elif len(parts) > 1:
        owner = Owner("folder", top)
    else:
        owner = Owner("file", PurePosixPath(top).stem or top)
    return Item(owner, name, entry, leftover(parts), len(parts) == 1, late)


def leftover(parts: tuple[str, ...]) -> bool:
    """Whether a system left it behind, and not a student."""
    return bool(LEFTOVERS.intersection(parts)) or parts[-1].startswith("._")


class Roster:
    """Finds students by what platforms call them."""

    def __init__(self, students: dict[str, dict[str, str]]) -> None:
        self.students = students
        self.names: dict[str, set[str]] = {}
        self.identities: dict[str, set[str]] = {}
        for identity, s in students.items():
            first, last = s["first_name"], s["last_name"]
            for name in {squash(n) for n in ([f"{first} {last}", f"{last} {first}"] if first or last else [identity])} - {""}:
                self.names.setdefault(name, set()).add(identity)
            for name in {squash(n) for n in (identity, s["email"], s["email"].split("@")[0])} - {""}:
                self.identities.setdefault(name, set()).add(identity)
        numbers = Counter(s["lms_user_id"] for s in students.values())
        self.numbers = {s["lms_user_id"]: i for i, s in students.items() if s["lms_user_id"] and numbers[s["lms_user_id"]] == 1}

    def fits(self, owner: Owner, grouped: bool = False) -> set[str]:
        """The students that may be meant. grouped: Moodle writes a group and - before each name."""
        names = set(self.names.get(squash(owner.who), set()))
        if owner.form == "moodle":
            if grouped:
                for m in re.finditer("-", owner.who):
                    names |= self.names.get(squash(owner.who[m.end() :]), set())
            return names
        if owner.form == "canvas":
            known = {self.numbers[n] for n in (owner.number, *owner.others) if n in self.numbers}
            return known if owner.number in self.numbers and names & known else known | names
        return {owner.who} if owner.who in self.students else names | self.identities.get(squash(owner.who), set())

    def doubt(self, owner: Owner, fitting: Iterable[str]) -> str:
        """Why the one student who fits may be somebody else, or ""."""
        fitting = set(fitting)
        if len(fitting) > 1:
            return f"fits more than one student: {', '.join(sorted(fitting))}"
        for identity in fitting:
            number = self.students[identity]["lms_user_id"]
            if owner.form == "canvas" and number and number != owner.number:
                return f"has the name of {identity}, whose number is {number}"
        return ""


def unwrapped(entries: list[Entry], title: str, roster: Roster) -> list[tuple[Entry, tuple[str, ...]]]:
    """Entries and their paths, without a folder around all of them that is named as the zip file or folder is."""
    found = [(e, e.parts) for e in entries if not leftover(e.parts[:1])]
    around = squash(re.sub(r"\s*\(\d+\)$", "", title))  # a browser's second download
    while found and all(len(p) > 1 for _, p in found) and len({p[0] for _, p in found}) == 1:
        top = found[0][1][0]
        if squash(top) != around or MOODLE.fullmatch(top) or roster.fits(Owner("folder", unicodedata.normalize("NFC", top))):
            break
        found = [(e, p[1:]) for e, p in found]
    return found


def collect(course: Course, name: str, source: Path, add: bool, times: Path | None = None) -> tuple[list[str], list[str]]:
    """Collects an assignment. times is a table of when works were handed in. Returns lines on what was collected, and on what could not be."""
    course.known(name)
    if not source.exists():
        raise Problem(f"{source} does not exist. FROM is a folder, or the zip file that the learning platform gives.")
    rules = due.rules(course.folder, course.names(), course.students())
    zone = rules.zone if rules else None
    given = handedin.Times(times, zone, course.students()) if times else None
    try:
        entries = in_folder(source) if source.is_dir() else in_zip(source, zone)
    except (Unfit, OSError) as e:
        raise Problem(f"{source} cannot be unpacked: {e}. Download it again.") from None
    title = source.resolve().name if source.is_dir() else source.stem
    roster = Roster(course.students())
    found = [item(e, parts) for e, parts in unwrapped(entries, title, roster)]
    if not found:
        raise Problem(f"There are no files in {source}.")
    students, lines, problems = assign(course, roster, found, add)
    clock = Clock(given.times if given else {}, handedin.are_of_download(i.arrived for i in found if i.arrived and not i.leftover))
    doubtful = []
    for student, theirs in sorted(students.items()):
        try:
            if taken := take(course, name, student, theirs, lines, problems):
                known = clock.known(course, name, student, *taken)
                handedin.store(course, name, student, known)
                if rules and (verdict := due.verdicts(rules, student, {name: known}).get(name)) and verdict.doubt:
                    doubtful.append(student)
        except (OSError, Problem) as e:
            problems.append(f"{shown(student)}: {e}")
    if missing := sorted(set(clock.given) - set(students)):
        problems.append(f"{times} has times of students of whom nothing is in {source.name}: {', '.join(map(shown, missing))}")
    if rules and name in rules.due:
        lines.append("Times: " + (f"those in {times}" if given else f"{source.name} has those of its download, by which works were there" if clock.download else f"those of the files in {source.name}, in {rules.zone}"))
        if doubtful:
            lines.append(f"Not known whether on time, so no points are taken off: {', '.join(map(shown, doubtful))}. Collect again with a table of times: TIMES=FILE.csv, for example Moodle's grading worksheet")
    return lines, problems


@dataclass
class Clock:
    """Says when works were handed in."""

    given: dict[str, datetime]  # by the instructor, for each student
    download: bool  # whether the times of files may be those of a download

    def known(self, course: Course, name: str, student: str, best: Item, again: bool) -> HandedIn:
        """What counts, for a work that was handed in, or collected once more: the instructor's word, else a file's time, else the platform's word."""
        if student in self.given:
            return HandedIn(exactly=self.given[student])
        before = handedin.load(course, name, student, None) if again else HandedIn()
        if before.exactly:
            return before
        if best.arrived and best.late is None and not self.download:
            return HandedIn(exactly=best.arrived)
        return HandedIn(by=min(filter(None, (before.by, best.arrived)), default=None), late=before.late if best.late is None else best.late)


def assign(course: Course, roster: Roster, found: list[Item], add: bool) -> tuple[dict[str, list[Item]], list[str], list[str]]:
    """Which student each file belongs to. An owner who could be two students, and two owners who could be one, get nothing."""
    owners: dict[Owner, list[Item]] = {}
    for i in found:
        owners.setdefault(i.owner, []).append(i)
    lines: list[str] = []
    problems: list[str] = []
    claims: dict[str, list[Owner]] = {}
    new: dict[str, list[Owner]] = {}
    moodle = [o for o in owners if o.form == "moodle"]
    grouped = all("-" in o.who for o in moodle)
    odd = strangers(owners)
    for owner, theirs in owners.items():
        fitting = roster.fits(owner, grouped)
        if owner in odd:
            problems.append(f"{owner}, {files(theirs)}: a file named as {owner.form.capitalize()} names them among files that are not from there"
                            + (f"; it may be meant for {', '.join(sorted(fitting))}" if fitting else "") + ". Put it into a folder that has the student's id as its name")
        elif why := roster.doubt(owner, fitting):
            problems.append(f"{owner}, {files(theirs)}: {why}")
        elif fitting:
            claims.setdefault(fitting.pop(), []).append(owner)
        elif refused := [i.entry.refused for i in theirs if i.entry.refused and len(theirs) == 1]:
            problems.append(f"{owner} ({files(theirs)}): {refused[0]}")
        elif owner.form == "moodle" and not owner.number:
            problems.append(f"{owner} ({files(theirs)}) is a team, and Moodle does not write who is in it")
        elif add:
            new.setdefault(squash(owner.who), []).append(owner)
        else:
            problems.append(f"{owner} ({files(theirs)}) is not enrolled in this course")
    for student, several in claims.items():
        if len(several) > 1:
            problems.append(f"{' and '.join(sorted(map(str, several)))} both fit {shown(student)}: nothing of theirs was taken. Put each into a folder that has the student's id as its name")
    students = {student: owners[several[0]] for student, several in claims.items() if len(several) == 1}
    for several in new.values():
        for owner in several:
            try:
                students[join(course, owner, len(several) > 1, students)] = owners[owner]
            except Problem as e:
                problems.append(f"{owner} ({files(owners[owner])}): {e}")
            else:
                lines.append(f"{shown(list(students)[-1])}: new, added to the course")
    return students, lines, problems


def strangers(owners: dict[Owner, list[Item]]) -> set[Owner]:
    """Files that are named as a platform names them among others that are not: a student may have chosen the name."""
    forms = Counter(o.form if o.form in ("moodle", "canvas") else "" for o in owners)
    return {o for o, theirs in owners.items() if o.form in ("moodle", "canvas") and forms[o.form] * 2 <= len(owners) and any(i.flat for i in theirs)}


def join(course: Course, owner: Owner, several: bool, taken: Iterable[str]) -> str:
    """Adds to the course who is not in it yet; students of one name by their numbers."""
    clean = re.sub(r"\s+", " ", "".join(c if c.isprintable() and c not in r"/\+*?[]" else " " for c in owner.who)).strip()
    identity = f"{clean} {owner.number}" if several and owner.number else clean
    check_identity(identity)
    if identity in taken or identity in course.students():
        raise Problem(f"{identity} is there already, and may be somebody else. Add this one by hand: course student")
    first, _, last = clean.rpartition(" ")
    course.add_student(id=identity, first_name=first, last_name=last, lms_user_id=owner.number if owner.form == "canvas" else "")
    return identity


def files(theirs: list[Item]) -> str:
    names = [shown(i.name) for i in theirs]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def opened(theirs: list[Item], lost: list[str]) -> list[Item]:
    """The files, with those that are in a zip file of the student's own."""
    found = []
    left = MAX_ZIPS
    for i in theirs:
        if not i.leftover and i.name.lower().endswith(".zip"):
            try:
                data = i.entry.read()
                left -= len(data)
                if left < 0:
                    raise Unfit(f"zip files with more than {MAX_ZIPS // 10**6} MB are not opened")
                found += [Item(i.owner, e.parts[-1], e, leftover(e.parts), late=i.late, around=i.entry) for e in in_zip(data)]
                continue
            except Unfit as e:
                lost.append(f"{shown(i.name)}: {e}")
        found.append(i)
    found = [i for i in found if not i.leftover]
    if len(found) > MAX_FILES:
        lost.append(f"{len(found) - MAX_FILES} of {len(found)} files, which is more than anybody hands in")
    return found[:MAX_FILES]


def belongs(content: bytes, course: Course, name: str) -> bool:
    """Whether a notebook says that it is of this assignment, or does not say that it is of another."""
    try:
        other = json.loads(content.decode("utf-8-sig"))["metadata"]["fashionlab"]["assignment"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return True
    return other == name or other not in course.names()


def pick(course: Course, name: str, theirs: list[Item], lost: list[str]) -> tuple[Item, bytes] | None:
    """The file that counts: of notebooks of this assignment the last, else of other notebooks, else of other files."""
    left = MAX_STUDENT
    for suffix in (".ipynb", ""):
        best: tuple[tuple[bool, int, datetime], Item, bytes] | None = None
        for i in theirs:
            if i.name.lower().endswith(".ipynb") != bool(suffix):
                continue
            try:
                if left <= 0:
                    raise Unfit(f"the files before it have more than {MAX_STUDENT // 10**6} MB")
                content = i.entry.read()
            except Unfit as e:
                lost.append(f"{shown(i.name)}: {e}")
                continue
            left -= len(content)
            key = (not suffix or belongs(content, course, name), i.attempt, i.entry.when or EARLIEST)
            if best is None or key > best[0]:
                best = key, i, content
        if best:
            return best[1:]
    return None


def take(course: Course, name: str, student: str, theirs: list[Item], lines: list[str], problems: list[str]) -> tuple[Item, bool] | None:
    """Takes a student's submission; the earlier one is kept. Returns the file that counts, and whether it was there before."""
    lost: list[str] = []
    theirs = opened(theirs, lost)
    chosen = pick(course, name, theirs, lost)
    problems += [f"{shown(student)}: {why}" for why in lost]
    if not chosen:
        if not lost:
            problems.append(f"{shown(student)}: nothing but what systems leave behind")
        return None
    best, content = chosen
    notebook = best.name.lower().endswith(".ipynb")
    folder = course.folder / "submitted" / student / name
    target = folder / (f"{name}.ipynb" if notebook else safe(best.name))
    if target.exists() and digest(target.read_bytes()) == digest(content):
        lines.append(f"{shown(student)}: as it was")
        return best, True
    others = [i for i in theirs if i is not best]
    rest = f" (not taken: {files(others)})" if others else ""
    if folder.exists() and any(folder.iterdir()):
        number = 1
        while (kept := course.own / "earlier" / student / f"{name}-{number}").exists():
            number += 1
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, kept)
        lines.append(f"{shown(student)}: handed in anew; the earlier one is kept in {shown(str(kept.relative_to(course.folder)))}{rest}")
    else:
        lines.append(f"{shown(student)}: {shown(best.name)}{'' if notebook else ', which is no notebook'}{rest}")
    write(target, content)
    return best, False


def safe(name: str) -> str:
    """A name for a file, in any file system."""
    name = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name).lstrip(".") or "file"
    name = name if name != "timestamp.txt" else "timestamp_.txt"
    stem, dot, ending = name.rpartition(".")
    ending = dot + ending if dot and len(ending.encode()) < 20 else ""
    stem = name.removesuffix(ending) if ending else name
    return stem.encode()[: 200 - len(ending.encode())].decode(errors="ignore") + ending

"""Marks the entries of the course's challenge: runs that students have trained, by their accuracy on test images that nobody else has.

An entry is a run's two files, config.json and checkpoint.safetensors, as files or in a zip file. They are data, and are
read in a sandbox of their own by the command fashion challenge -rules, which says what is verified (docs/challenge.md).

The marks are an assignment of their own in nbgrader's gradebook, which has no source. What an entry earned and why is
its graded notebook, so that the Formgrader and the pages of feedback show it as they show the lessons'.
"""

import json
import os
import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from fashionlab_grading.archive import Unfit, in_folder, in_zip, shown
from fashionlab_grading.collect import Item, Roster, assign, item, opened, unwrapped
from fashionlab_grading.execute import failure
from fashionlab_grading.exports import table
from fashionlab_grading.folder import CHALLENGE, Course, Problem, write
from fashionlab_grading.sandbox import MIB, Limits, Mounts, Sandbox
from fashionlab_grading.toolbox import DATA_CACHE, GRADING, INSIDE, ROOT, Missing, Say, go, loaded_data

RULES = "challenge.json"
FIRST_RULES = ROOT / "fashion" / "challenge" / "rules.json"
MARKS = "marks-challenge.csv"
FILES = ("config.json", "checkpoint.safetensors")
# A run of 300,000 parameters has 6 MB, with the optimizer's state and an average of the weights.
LARGEST = 20_000_000
# What marking one entry may use; best takes about 3 minutes on 2 processors with the Go backend.
SECONDS = 1800
MEMORY = 4096 * MIB
COLUMNS = ["id", "points", "of", "accuracy", "parameters", "minutes", "problems", "doubts"]


class Unmarked(Exception):
    """An entry could not be marked, and it is open whose fault that is."""


@dataclass
class Mark:
    """What an entry earns, as fashion challenge -rules says."""

    points: float
    of: float
    accuracy: float = 0
    parameters: int = 0
    minutes: float = 0
    problems: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.reason() + "".join(f"; LOOK: {shown(d)}" for d in self.doubts if not self.problems)

    def reason(self) -> str:
        """What the student is told."""
        why = "; ".join(map(shown, self.problems)) or f"accuracy {self.accuracy:.4f}, {self.parameters} parameters, {self.minutes:.1f} minutes"
        return f"{self.points:g} of {self.of:g} points: {why}"


def rules(course: Course, say: Say) -> dict[str, Any]:
    """The course's rules; they are made, with a secret of their own, where there are none."""
    path = course.folder / RULES
    first = json.loads(FIRST_RULES.read_text(encoding="utf-8"))
    if not path.exists():
        write(path, json.dumps({"secret": secrets.token_hex(32), **first}, indent=1) + "\n")
        os.chmod(path, 0o600)
        say(f"{path}: made, with a secret that draws the test images. Change the other rules as you like, before students know them.")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as e:
        raise Problem(f"{path} is no JSON: {e}") from None
    if not isinstance(found, dict) or not isinstance(found.setdefault("points", first["points"]), int | float):
        raise Problem(f"{path}: want an object, with a number of points.")
    return found


def collect(course: Course, source: Path) -> tuple[dict[str, str], list[str]]:
    """Takes entries from a folder or a platform's zip file into the course folder: what is wrong with each student's, "" for nothing; and what is nobody's."""
    if not source.exists():
        raise Problem(f"{source} does not exist. FROM is a folder, or the zip file that the learning platform gives.")
    try:
        entries = in_folder(source) if source.is_dir() else in_zip(source)
    except (Unfit, OSError) as e:
        raise Problem(f"{source} cannot be unpacked: {e}. Download it again.") from None
    roster = Roster(course.students())
    found = [item(e, parts) for e, parts in unwrapped(entries, source.resolve().name if source.is_dir() else source.stem, roster)]
    if not found:
        raise Problem(f"There are no files in {source}.")
    students, _, problems = assign(course, roster, found, add=False)
    return {student: take(course, student, theirs) for student, theirs in sorted(students.items())}, problems


def take(course: Course, student: str, theirs: list[Item]) -> str:
    """Keeps a student's run, in place of an earlier one. Returns why there is none, or ""."""
    lost: list[str] = []
    runs: dict[tuple[str, ...], dict[str, Item]] = {}
    for i in opened(theirs, lost):
        if i.name in FILES:
            runs.setdefault((str(id(i.around)), *i.entry.parts[:-1]), {})[i.name] = i
    whole = [run for run in runs.values() if len(run) == len(FILES)]
    if len(whole) != 1:
        what = f"{len(whole)} runs, want one" if whole else f"no run was handed in: {' and '.join(FILES)} of one folder, or a zip file of it"
        return "; ".join([what, *lost])
    folder = target(course, student)
    part = folder.with_name(f".{folder.name}")
    shutil.rmtree(part, ignore_errors=True)
    try:
        for name, i in whole[0].items():
            content = i.entry.read()
            if len(content) > LARGEST:
                return f"{name} has {len(content) // 10**6} MB, and at most {LARGEST // 10**6} are read"
            write(part / name, content)
            os.chmod(part / name, 0o644)  # in the sandbox it is read by a user that owns nothing; the course folder is closed
    except Unfit as e:
        return f"{shown(str(e))}"
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    return ""


def target(course: Course, student: str) -> Path:
    return course.folder / "submitted" / student / CHALLENGE


class Marker:
    """Marks runs in sandboxes."""

    def __init__(self, course: Course, rules: dict[str, Any], say: Say) -> None:
        self.course, self.rules = course, rules
        GRADING.mkdir(parents=True, exist_ok=True)
        self.program = GRADING / "fashion"
        say("Building the command fashion …")
        go("build", "-o", str(self.program), "./fashion/cmd/fashion")
        try:
            self.data = loaded_data(DATA_CACHE)
        except Missing as e:
            raise Problem(f"The challenge needs the data set.\n{e}") from None

    def mark(self, student: str) -> Mark:
        """The mark of the run that was collected."""
        of = float(self.rules["points"])
        with tempfile.TemporaryDirectory(prefix="fl-rules-") as closed:  # nobody else can enter it
            secret = Path(closed) / RULES
            secret.write_text(json.dumps(self.rules), encoding="utf-8")
            mounts = Mounts(readable=[
                (self.program, INSIDE / "fashion"), (secret, INSIDE / RULES), (target(self.course, student), INSIDE / "run"), DATA_CACHE, self.data,
            ])
            environment = {
                "PATH": "/usr/bin:/bin", "HOME": "/home", "TMPDIR": "/tmp", "LANG": "C.UTF-8", "GOMLX_NO_AUTO_INSTALL": "1",
                "FASHION_MNIST_DIR": str(self.data), "FASHION_CACHE": str(DATA_CACHE), "GOMLX_BACKEND": "go",
            }
            command: list[str | Path] = [INSIDE / "fashion", "challenge", "-json", "-run", INSIDE / "run", "-rules", INSIDE / RULES]
            box = Sandbox(command, environment, mounts, Limits(memory=MEMORY, processor=SECONDS * 4, seconds=SECONDS))
            try:
                status = box.process.wait()
                box.reader.join(5)
                why, said = box.why(), box.tail.decode(errors="replace").strip().splitlines()
            finally:
                box.stop()
        if why:
            return Mark(0, of, problems=[f"the marking was stopped: {why}"])
        last = said[-1].removeprefix("fashion challenge: ") if said else ""
        if status != 0:
            # What a run has caused begins with its name, so that no name in it can look like something else.
            if last.startswith("the rules"):
                raise Problem(f"{self.course.folder / RULES}: {last}")
            if not last.startswith(f"run {INSIDE / 'run'}: "):
                raise Unmarked(last[:500] or f"the command ended with {status}")
            return Mark(0, of, problems=[last.removeprefix(f"run {INSIDE / 'run'}: ")[:500]])
        try:
            return Mark(**json.loads(last))
        except (ValueError, TypeError):
            return Mark(0, of, problems=["the run has names that are too long"])


def challenge(course: Course, source: Path | None, only: list[str], say: Say) -> int:
    """Collects entries, if there is a source, and marks them. Returns 1 if something could not be collected or marked."""
    course.unreserved(course.names())
    found = rules(course, say)
    wrong: dict[str, str] = {}
    problems: list[str] = []
    if source:
        wrong, problems = collect(course, source)
    known = sorted(course.students())
    if unknown := set(only) - set(known):
        raise Problem(f"There is no student {', '.join(sorted(unknown))} in this course.")
    todo = [s for s in known if (not only or s in only) and (s in wrong or target(course, s).is_dir())]
    results = {s: m for s, m in load(course).items() if s in known}
    marker = Marker(course, found, say) if any(not wrong.get(s) for s in todo) else None
    for number, student in enumerate(todo, 1):
        began = time.monotonic()
        if why := wrong.get(student):
            results[student] = Mark(0, float(found["points"]), problems=[why])
        else:
            assert marker
            try:
                results[student] = marker.mark(student)
            except Unmarked as e:
                say(f"[{number}/{len(todo)}] {shown(student)}: NOT MARKED: {shown(str(e))}")
                problems.append(f"{shown(student)}: not marked: {shown(str(e))}")
                continue
        say(f"[{number}/{len(todo)}] {shown(student)}: {results[student]} ({time.monotonic() - began:.0f} s)")
        store(course, results)
        record(course, student, results[student])
    if todo:
        say(f"{course.folder / MARKS}: the points, and the reasons")
    if old := [s for s, m in sorted(results.items()) if m.of != found["points"]]:
        problems.append(f"The rules have other points now than those by which these were marked: {', '.join(map(shown, old))}. Mark them again.")
    if problems:
        say(f"LOOK AT THESE ({len(problems)}):")
        for text in problems:
            say("  " + text)
        return 1
    if todo:
        say(f"Next: make marks COURSE={course.typed}")
    return 0


def load(course: Course) -> dict[str, Mark]:
    """The marks of earlier calls."""
    return {student: Mark(**mark) for student, mark in course.state("challenge").items()}


def store(course: Course, results: dict[str, Mark]) -> None:
    """Keeps the marks, and writes them for a spreadsheet."""
    course.remember("challenge", {s: m.__dict__ for s, m in sorted(results.items())})
    rows = [[s, f"{m.points:g}", f"{m.of:g}", f"{m.accuracy:.4f}", m.parameters, f"{m.minutes:.1f}", shown("; ".join(m.problems)), shown("; ".join(m.doubts))] for s, m in sorted(results.items())]
    write(course.folder / MARKS, table([COLUMNS, *rows]))


def record(course: Course, student: str, mark: Mark) -> None:
    """Puts a mark into nbgrader's gradebook, and its reason where graded notebooks are."""
    (course.folder / "source" / CHALLENGE).mkdir(exist_ok=True)  # the Formgrader lists what has a folder there
    with course.gradebook() as gb:
        gb.update_or_create_assignment(CHALLENGE)
        gb.update_or_create_notebook(CHALLENGE, CHALLENGE)
        gb.update_or_create_grade_cell(CHALLENGE, CHALLENGE, CHALLENGE, max_score=mark.of, cell_type="code")
        gb.update_or_create_submission(CHALLENGE, student)
        grade = gb.find_grade(CHALLENGE, CHALLENGE, CHALLENGE, student)
        if grade.auto_score != mark.points:
            # As nbgrader does: points that a person has given stay, and wait for another look.
            grade.auto_score, grade.needs_manual_grade = mark.points, grade.manual_score is not None
        gb.db.commit()
    cell = nbformat.v4.new_code_cell("// Marked by the rules of the challenge.", id=CHALLENGE)
    cell.metadata["nbgrader"] = {"grade_id": CHALLENGE, "grade": True, "points": mark.of, "solution": False, "locked": True, "task": False, "schema_version": 3, "cell_type": "code"}
    cell.outputs = [failure(mark.reason()) if mark.problems else nbformat.v4.new_output("stream", name="stdout", text=mark.reason())]
    write(course.folder / "autograded" / student / CHALLENGE / f"{CHALLENGE}.ipynb", nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))

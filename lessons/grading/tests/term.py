#!/usr/bin/env python3
"""Plays a term: the class in students.py hands in assignments, with every kind of trouble.

    term.py [--quick] [--keep]

The whole way is gone as an instructor goes it, by the command course: make a course, add the class, release,
collect from Moodle's and Canvas's zip files and from folders, grade (stopped twice on the way, once by force), grade by
hand, feedback, CSV. Each mark is compared with the expected one. Everybody hands in the first assignment; who does
something unusual that any answer will do for leaves out the second. The third has numbers of each student's own, and only
those hand it in who have something to do with that. The last is the challenge, with an honest run and runs that cheat.
--quick uses two small assignments made for tests instead of the lessons, and --keep keeps the course folder.
"""

import csv
import io
import json
import math
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import entrants
import nbformat
import students
from students import ALL, BUT, NONE, RARE, Lesson, Notebook, Student

from fashionlab_grading.folder import CHALLENGE, Course, create
from fashionlab_grading.notebooks import kind, name_of
from fashionlab_grading.toolbox import ROOT

TESTDATA = Path(__file__).resolve().parent / "testdata"
COURSE = Path(sys.executable).with_name("course")


class Failed(Exception):
    pass


def run(*arguments, ok: bool = True, **options) -> str:
    """Runs the command as an instructor does."""
    done = subprocess.run([COURSE, *map(str, arguments)], encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    print(f"$ course {' '.join(map(str, arguments))}\n{done.stdout}", flush=True)
    if odd := sorted({c for c in done.stdout if not c.isprintable() and c != "\n"}):
        raise Failed(f"course {arguments[0]} writes {odd}, which a terminal may obey")
    if (done.returncode == 0) != ok:
        raise Failed(f"course {arguments[0]} ended with {done.returncode}")
    return done.stdout


def interrupted(course: Path, lesson: str, sign: int, after: int, extra: list) -> None:
    """Begins to grade and is stopped after some submissions."""
    process = subprocess.Popen([COURSE, "grade", course, lesson, *extra], encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               # Ctrl-C reaches it also where this program runs in the background, which ignores it.
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    seen = 0
    for line in process.stdout:
        print("  | " + line, end="", flush=True)
        seen += line.startswith("[")
        if seen == after:
            process.send_signal(sign)
            after = -1
    process.wait()
    print(f"  stopped by signal {sign}: exit status {process.returncode}", flush=True)
    if process.returncode == 0:
        raise Failed("the interrupted grading run ended as if it had finished")


class Unmarked(zipfile.ZipInfo):
    """An entry whose name is in UTF-8 and does not say so, as many tools write it."""

    def _encodeFilenameFlags(self):
        return self.filename.encode(), self.flag_bits


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(name, content)
    return out.getvalue()


def moodle(s: Student, lesson: Lesson, content: bytes, group: str) -> tuple[zipfile.ZipInfo, bytes]:
    """A student's entry in Moodle's zip file."""
    number = 5001 if s.comes == students.NUMBER else 9000 + s.number  # 5001 is what another platform calls the first student
    folder = f"{group}{s.name}_{number}_assignsubmission_file_"
    name = f"{lesson.name} (endgültig).ipynb"
    match s.comes:
        case students.LONG:
            name = "я" * 150 + ".ipynb"
        case students.FORGED:
            name = f"x_5001_assignsubmission_file_{lesson.name}.ipynb"
        case students.ZIP:
            name, content = "work.zip", zipped(f"folder/{name}", content)
    path = f"{folder}\\{name}" if s.comes == students.BACKSLASHES else f"{folder}/{name}"
    when = (1980, 0, 0, 0, 0, 0) if s.comes == students.UNDATED else time.localtime()[:6]
    info = (Unmarked if s.comes == students.UNMARKED else zipfile.ZipInfo)(path, when)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info, content


def canvas(z: zipfile.ZipFile, s: Student, lesson: Lesson, early: bytes, content: bytes) -> None:
    """A student's two attempts in Canvas's zip file."""
    name = re.sub(r"[\W_]", "", (s.last + s.first).lower())
    called = f"x_5001_assignsubmission_file_{lesson.name}" if s.comes == students.FORGED else lesson.name
    z.writestr(f"{name}_{s.lms}_777{s.number}_{called}.ipynb", early)
    z.writestr(f"{name}_LATE_{s.lms}_778{s.number}_{called}-1.ipynb", content)


def times(file: Path, some: list[Student]) -> Path:
    """The instructor's table of when these have handed in."""
    with file.open("w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows([["id", "time"], *([s.id, students.TIMES.get(s.name, "2026-10-12 12:00")] for s in some)])
    return file


def collected(course: Path, lesson: str, source: Path, *extra, refused: list[list[str]]) -> None:
    """Collects. What is not taken is named, in a line with these words, and nothing else."""
    said = run("collect", course, lesson, source, *extra, ok=not refused)
    lines = said.partition("NOT COLLECTED")[2].split("\n  ")[1:]
    if len(lines) != len(refused) or any(not any(all(w in line for w in words) for line in lines) for words in refused):
        raise Failed(f"not collected from {source.name}, and right is {refused}: {lines}")


def first_works(course: Path, folder: Path, lesson: Lesson, works: list[tuple[Student, bytes]]) -> None:
    """The first assignment comes in Moodle's zip files of two groups, the first of which have it before their names, and in folders."""
    half = len(works) // 2
    sams = [s for s, _ in works if s.name == "Sam Smith"]
    by_hand = [(s, c) for s, c in works if s.comes == students.FOLDER or s in sams]
    for number, (group, some) in enumerate([("Gruppe A-", works[:half]), ("", works[half:])]):
        archive = folder / f"{lesson.name}-{number}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
            for s, content in some:
                if s.comes != students.FOLDER:
                    z.writestr(*moodle(s, lesson, content, group))
            z.writestr(".", "nothing")
        refused = [["."]]
        refused += [["Sam Smith", s.id] for s in sams if s in [s for s, _ in some]]
        refused += [[s.id, "100 MB"] for s, _ in some if s.mark is None]
        known = times(folder / f"times-{number}.csv", [s for s, _ in some if (s, _) not in by_hand])
        collected(course, lesson.name, archive, "--times", known, refused=refused)
    loose = folder / "by hand"
    for s, content in by_hand:
        (loose / s.id).mkdir(parents=True)
        (loose / s.id / (f"x_5001_assignsubmission_file_{lesson.name}.ipynb" if s.comes == students.FOLDER else "work.ipynb")).write_bytes(content)
    collected(course, lesson.name, loose, "--times", times(folder / "times.csv", [s for s, _ in by_hand]), refused=[])


def challenge(course: Course, folder: Path, people: list[Student]) -> tuple[dict[tuple[str, str], float], list[str]]:
    """Runs are trained, come in Moodle's zip file, and are marked. Returns the marks that are right, and what is wrong."""
    run("challenge", course.folder)
    entrants.set_rules(course, **entrants.QUICK)
    entries = entrants.train(folder / "runs")
    archive = folder / f"{CHALLENGE}.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
        for s in people:
            for name, content in entries[students.ENTRANTS[s.name]].items():
                z.writestr(f"{s.name}_{9000 + s.number}_assignsubmission_file_/{name}", content)
    run("challenge", course.folder, archive)
    marks, problems = entrants.marks(course), []
    honest = next(marks[s.id] for s in people if students.ENTRANTS[s.name] == "honest")
    if not entrants.fair(honest):
        problems.append(f"the honest entry of the challenge has {honest}")
    for s in people:
        if (why := entrants.WHY.get(students.ENTRANTS[s.name], "")) not in marks[s.id]["problems"]:
            problems.append(f"{s.id} has in the challenge {marks[s.id]}, and right is: {why}")
    return {(s.id, CHALLENGE): 0.0 if students.ENTRANTS[s.name] in entrants.WHY else float(honest["points"]) for s in people}, problems


def modes(*folders: Path) -> dict[Path, int]:
    """The modes of the files in folders."""
    return {p: p.lstat().st_mode for folder in folders for p in [folder, *folder.rglob("*")]}


def play(lessons: list[Lesson], sources: Path | None, folder: Path, stop: bool, jobs: list) -> int:
    began = time.monotonic()
    course_folder = folder / "course"
    if sources:
        create(course_folder)
        Course(course_folder).update_sources(sources=sources)
    else:
        run("create", course_folder)
    course = Course(course_folder)
    people = students.everybody()
    by_name = {s.name: s for s in people}
    assert {*students.COMES, *students.TIMES, *students.SAID} <= set(by_name)
    roster = folder / "class.csv"
    with roster.open("w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(["id", "first_name", "last_name", "email", "lms_user_id"])
        out.writerows([s.id, s.first, s.last, f"s{s.number:02}@example.org", s.lms] for s in people)
    run("students", course_folder, roster)
    run("release", course_folder, *[l.name for l in lessons])
    extended = json.dumps(by_name[students.EXTENDED].id, ensure_ascii=False)
    (course_folder / "due.toml").write_text(
        f'timezone = "Europe/Prague"\ngrace_minutes = 10\npercent_per_day = {students.PENALTY}\n[due]\n{lessons[0].name} = "{students.DUE}"\n[student.{extended}]\n{lessons[0].name} = "{students.EXTENSION}"\n', encoding="utf-8")

    expected: dict[tuple[str, str], float] = {}
    hand: dict[str, float] = {}
    for index, lesson in enumerate(lessons):
        released = nbformat.read(course.release_of(lesson.name), as_version=4)
        solution = nbformat.read(course.source(lesson.name), as_version=4)
        points = {name_of(c): c.metadata.nbgrader["points"] for c in solution.cells if kind(c) == "test"}
        hand[lesson.name] = sum(c.metadata.nbgrader["points"] for c in solution.cells if kind(c) == "written")
        works = []
        for s in people:
            if s.own != (lesson is students.OWN) or index and not s.always and not s.own:
                continue
            if s.does == "other":
                other = lessons[1 - index]
                content = Notebook(other, nbformat.read(course.release_of(other.name), as_version=4), nbformat.read(course.source(other.name), as_version=4)).solve().bytes()
            else:
                done = s.does if isinstance(s.does, bytes) else s.does(Notebook(lesson, released, solution))
                content = done if isinstance(done, bytes) else done.bytes()
                content = content.replace(b"REPOSITORY", str(ROOT).encode()).replace(b"COURSE", str(course_folder).encode())
            works.append((s, content))
            if s.mark:
                expected[s.id, lesson.name] = {
                    ALL: sum(points.values()), NONE: 0,
                    RARE: sum(points.values()) - points[lesson.test + "-further"],
                    BUT: sum(points.values()) - points[lesson.test] - points[lesson.test + "-further"],
                }[s.mark]
        if index == 0:
            first_works(course_folder, folder, lesson, works)
            continue
        archive = folder / f"{lesson.name}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
            early = Notebook(lesson, released, solution).bytes()
            for s, content in works:
                canvas(z, s, lesson, early, content)
        collected(course_folder, lesson.name, archive, refused=[])

    graded = time.monotonic()
    before = modes(course_folder / "source", course_folder / "release", course_folder / "submitted", ROOT / "lessons")
    if stop:
        interrupted(course_folder, lessons[0].name, signal.SIGINT, 3, jobs)
        interrupted(course_folder, lessons[0].name, signal.SIGKILL, 3, jobs)
    run("grade", course_folder, "--times", *jobs)
    graded = time.monotonic() - graded
    problems = compare(course, expected)
    after = modes(course_folder / "source", course_folder / "release", course_folder / "submitted", ROOT / "lessons")
    if changed := sorted({str(p) for p, _ in before.items() ^ after.items()}):
        problems.append(f"outside of the sandbox files were made, removed, or changed in their modes: {', '.join(changed[:5])}")
    problems += [f"{p} has set-user-ID" for p, mode in modes(folder).items() if mode & (stat.S_ISUID | stat.S_ISGID) and stat.S_ISREG(mode)]

    # Regrading gives the same marks.
    some = [s for s, l in expected if l == lessons[0].name][:8:2]
    run("grade", course_folder, lessons[0].name, "--again", *jobs, *[w for s in some for w in ("--student", s)])
    problems += compare(course, expected)

    # One answer in words is graded by hand.
    student = next(s for s, l in expected if l == lessons[0].name)
    with course.gradebook() as gb:
        for notebook in gb.find_submission(lessons[0].name, student).notebooks:
            for grade in notebook.grades:
                if grade.needs_manual_grade:
                    grade.manual_score, grade.needs_manual_grade = grade.max_score, False
        gb.db.commit()
        most = gb.find_assignment(lessons[0].name).max_score
    expected[student, lessons[0].name] += hand[lessons[0].name]
    expected[by_name[students.LATE].id, lessons[0].name] -= most * students.PENALTY / 100

    of_challenge, wrong = challenge(course, folder, [by_name[name] for name in students.ENTRANTS])
    problems += wrong + compare(course, of_challenge)
    expected |= of_challenge

    run("marks", course_folder)
    run("feedback", course_folder)
    for s, l in expected:
        page = course_folder / "feedback" / s / l / f"{l}.html"
        if not page.is_file():
            problems.append(f"{s} has no feedback on {l}")
        elif re.search(f"<script>{students.MARK}|<[^>]*(onerror=|javascript:){students.MARK}", page.read_text(encoding="utf-8")):
            problems.append(f"a script of {s} lives in the feedback on {l}")
    for name, words in students.SAID.items():
        lesson = students.OWN if by_name[name].own else lessons[0]
        if lesson not in lessons:
            continue
        page = course_folder / "feedback" / by_name[name].id / lesson.name / f"{lesson.name}.html"
        if words not in page.read_text(encoding="utf-8"):
            problems.append(f"the feedback does not say to {name}: {words}")
    for stored in course_folder.glob(".grading/executed/*/*/*.ipynb"):
        for cell in nbformat.read(stored, as_version=4).cells:
            if cell.cell_type == "markdown" and re.search(f"<script>{students.MARK}|<[^>]*(onerror=|javascript:)[^>]*{students.MARK}", cell.source):
                problems.append(f"a script lives in {stored}")
    run("export", course_folder)
    rows = {(r["student_id"], r["assignment"]): float(r["score"] or 0) for r in csv.DictReader((course_folder / "marks.csv").open(encoding="utf-8-sig"))}
    for (s, l), mark in expected.items():
        if abs(rows.get((s, l), math.nan) - mark) > 1e-9 or (s, l) not in rows:
            problems.append(f"the CSV file gives {s} {rows.get((s, l))} for {l}, and {mark} is right")
    for line in problems:
        print("WRONG", line)
    print(f"{len(people)} students, {len(lessons)} lessons and the challenge, {len(expected)} marks compared, {len(problems)} wrong; {time.monotonic() - began:.0f} s in all, {graded:.0f} s of grading")
    return 1 if problems else 0


def compare(course: Course, expected: dict) -> list[str]:
    """Compares the marks of the checks in the gradebook with the expected ones."""
    problems = []
    with course.gradebook() as gb:
        for (student, lesson), mark in expected.items():
            grades = [g for n in gb.find_submission(lesson, student).notebooks for g in n.grades if g.cell.cell_type != "markdown"]
            if (got := sum(g.score for g in grades)) != mark:
                problems.append(f"{student} has {got:g} in {lesson}, and {mark:g} is right ({', '.join(f'{g.name} {g.score:g}' for g in grades)})")
            if any(g.needs_manual_grade for g in grades):
                problems.append(f"{student}: a check of {lesson} waits for a person")
    return problems


def main() -> int:
    if set(sys.argv[1:]) - {"--quick", "--keep"}:
        sys.exit(__doc__)
    quick = "--quick" in sys.argv
    folder = Path(tempfile.mkdtemp(prefix="fl-term-"))
    try:
        return play(students.QUICK if quick else students.LESSONS, TESTDATA if quick else None, folder, True, [])
    except Failed as e:
        print("FAILED", e)
        return 1
    finally:
        if "--keep" in sys.argv:
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

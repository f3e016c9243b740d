#!/usr/bin/env python3
"""Plays a term: a class of simulated students hands in two assignments, with every kind of trouble.

    term.py [--quick]

The whole way is gone as an instructor goes it, by the command course: make a course, add the class, release,
collect from Moodle's and Canvas's zip files, grade (stopped twice on the way, once by force), grade by hand, feedback,
CSV. Each mark is compared with the expected one. --quick uses a small assignment made for
tests instead of the lessons.
"""

import copy
import csv
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import nbformat

from fashionlab_grading.folder import Course, create
from fashionlab_grading.notebooks import kind, name_of
from fashionlab_grading.toolbox import ROOT

TESTDATA = Path(__file__).resolve().parent / "testdata"
COURSE = Path(sys.executable).with_name("course")


@dataclass
class Lesson:
    """An assignment, and the answer in it that trouble happens to: no other graded answer uses it."""

    name: str
    victim: str
    test: str  # the visible check; the hidden one has the same name, and -further
    rare: str  # a case that only the hidden check has


LESSONS = [Lesson("2-softmax", "softmax-rows", "test-softmax-rows", "len(logits) == 1"), Lesson("3-loss", "gradient", "test-gradient", "len(logits) == 10")]
QUICK = [Lesson("first", "softmax", "test-softmax", "len(logits) == 1"), Lesson("second", "argmax", "test-argmax", "len(values) == 1")]

# Marks: all, none, all but the victim's, or all but the victim's hidden check.
ALL, NONE, BUT, RARE = "all", "none", "all but one", "all but a rare case"


class Notebook:
    """A student's copy of a release, to be worked on. solution is the instructor's version."""

    def __init__(self, lesson: Lesson, released, solution):
        self.lesson, self.nb, self.solution = lesson, copy.deepcopy(released), solution

    def cell(self, name: str):
        return next(c for c in self.nb.cells if name_of(c) == name)

    def solved(self, name: str) -> str:
        source = next(c for c in self.solution.cells if name_of(c) == name).source
        return "\n".join(l for l in source.splitlines() if "BEGIN SOLUTION" not in l and "END SOLUTION" not in l)

    def solve(self, words: bool = True):
        """Answers everything rightly."""
        for cell in self.nb.cells:
            if kind(cell) == "answer" or kind(cell) == "written" and words:
                cell.source = self.solved(name_of(cell))
        return self

    def begin_victim(self, statement: str, head: str = ""):
        """Puts statements at the beginning of the victim's body, before the right answer."""
        self.solve()
        source = self.solved(self.lesson.victim)
        changed, count = re.subn(r"^(func [A-Z]\w*\(.*\{)$", lambda m: f"{head}\n{m[1]}\n{statement}", source, count=1, flags=re.M)
        assert count == 1, source
        self.cell(self.lesson.victim).source = changed
        return self

    def replace_victim(self, body: str):
        """Another body for the victim."""
        self.solve()
        source = self.solved(self.lesson.victim)
        head = re.search(r"^func [A-Z]\w*\(.*\{$", source, re.M)
        self.cell(self.lesson.victim).source = f"{head[0]}\n{body}\n}}"
        return self

    def result(self) -> str:
        """The victim's result type."""
        return re.search(r"^func [A-Z]\w*\(.*\) (\S+) \{$", self.solved(self.lesson.victim), re.M)[1]

    def add(self, source: str, place: int = 1):
        """Adds a cell of the student's own, behind the imports."""
        self.nb.cells.insert(place if place >= 0 else len(self.nb.cells), nbformat.v4.new_code_cell(source))
        return self

    def first_code(self) -> int:
        return 1 + next(i for i, c in enumerate(self.nb.cells) if c.cell_type == "code")

    def bytes(self) -> bytes:
        return nbformat.writes(self.nb).encode()


def wrong(n: Notebook) -> str:
    return f"\tvar zero {n.result()}\n\treturn zero"


ESCAPES = r'''	open := func(pattern string) bool {
		found, _ := filepath.Glob(pattern)
		for _, file := range found {
			if _, err := os.ReadFile(file); err == nil {
				return true
			}
			if entries, err := os.ReadDir(file); err == nil && len(entries) > 0 {
				return true
			}
		}
		return false
	}
	_, dialled := net.DialTimeout("tcp", "127.0.0.1:22", time.Second)
	_, looked := net.LookupHost("go.dev")
	written := os.WriteFile(os.Getenv("GOCACHE")+"/00/poison", []byte("x"), 0o666)
	changed := os.Chmod(os.Getenv("GOCACHE"), 0o777)
	mounted := syscall.Mount("none", "/tmp", "tmpfs", 0, "")
	repository := "REPOSITORY"
	if dialled == nil || looked == nil || written == nil || changed == nil || mounted == nil ||
		open(repository+"/lessons/source/*") || open(repository+"/lessons/grading/*") || open(repository+"/.git*") ||
		open("COURSE/*") || open("/etc/shadow") || open("/root/.ssh") || open("/home/*/.ssh") || open("/proc/1/environ") {
		panic("there is a way out of the sandbox")
	}
'''

FORGE = r'''import "fashionlab/lessons/remote"

func init_forge() {
	fmt.Println("✓ all checks passed")
	fmt.Println("--- PASS: TestAll\nPASS\nok")
	known, _ := os.ReadFile("/proc/net/unix")
	for _, word := range strings.Fields(string(known)) {
		if strings.HasPrefix(word, "@") {
			go remote.Serve(word, func() error { return nil }, func() error { return nil })
		}
	}
	time.Sleep(time.Second)
	lessons.Report(nil)
	os.Exit(0)
}'''


def people() -> list[tuple]:
    """First name, last name, what the student does, and the mark that is right for it.

    What a student does is a function of a Notebook that returns it, or the bytes of a file.
    """

    def deleted(n):
        n.solve()
        n.nb.cells = [c for c in n.nb.cells if kind(c) in ("answer", "written")]
        return n

    def moved(n):
        n.solve()
        n.nb.cells = n.nb.cells[:1] + n.nb.cells[:0:-1]
        return n

    def duplicated(n):
        n.replace_victim(wrong(n))
        i = n.nb.cells.index(n.cell(n.lesson.victim))
        second = copy.deepcopy(n.nb.cells[i])
        second.source = n.solved(n.lesson.victim)
        second.id = "copy"
        n.nb.cells.insert(i + 1, second)
        return n

    def edited(n):
        n.replace_victim(wrong(n))
        cell = n.cell(n.lesson.test)
        cell.source = '%%\nfmt.Println("✓ all checks passed")'
        cell.metadata.nbgrader["points"] = 100
        cell.metadata.nbgrader["locked"] = False
        return n

    def relabelled(n):
        n.replace_victim(wrong(n))
        n.cell(n.lesson.test).metadata.nbgrader.update(grade=False, solution=True, grade_id="nothing")
        n.cell(n.lesson.victim).metadata.nbgrader.update(grade=True, points=50)
        return n

    def kernel(n):
        n.solve()
        n.nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        return n

    def megabytes(n):
        n.solve()
        cell = n.cell(n.lesson.test)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="much\n" * 1_000_000)]
        return n

    def stub(n):
        given = n.cell(n.lesson.victim).source
        n.solve()
        n.cell(n.lesson.victim).source = given
        return n

    return [
        ("Ann", "Right", lambda n: n.solve(), ALL),
        ("Žofie", "Nováková Malá", lambda n: n.solve(), ALL),
        ("伟", "王", lambda n: n.solve(), ALL),
        ("Ольга", "Іваненко", stub, BUT),
        ("Nils", "Nothing", lambda n: n, NONE),
        ("Rare", "Case", lambda n: n.begin_victim(f"\tif {n.lesson.rare} {{\n\t\tpanic(\"not thought of\")\n\t}}"), RARE),
        ("Wanda", "Wrong", lambda n: n.replace_victim(wrong(n)), BUT),
        ("Syd", "Syntax", lambda n: n.begin_victim("\tfor {{ ("), BUT),
        ("Una", "Unused", lambda n: n.begin_victim("\tunused := 1"), BUT),
        ("Lou", "Loop", lambda n: n.begin_victim("\tfor {\n\t}"), BUT),
        ("Priya", "Print", lambda n: n.begin_victim('\tfor {\n\t\tfmt.Println("again and again and again")\n\t}'), BUT),
        ("Forky", "Bomb", lambda n: n.begin_victim('\tfor {\n\t\texec.Command(os.Args[0]).Start()\n\t\texec.Command("sleep", "60").Start()\n\t}'), BUT),
        ("Meg", "Memory", lambda n: n.begin_victim("\tvar keep [][]byte\n\tfor {\n\t\tb := make([]byte, 1<<26)\n\t\tfor i := 0; i < len(b); i += 4096 {\n\t\t\tb[i] = 1\n\t\t}\n\t\tkeep = append(keep, b)\n\t}\n\tfmt.Println(len(keep))"), BUT),
        ("Rec", "Ursion", lambda n: n.begin_victim("\tvar f func(int) int\n\tf = func(i int) int { return f(i+1) + 1 }\n\tfmt.Println(f(0))"), BUT),
        ("Pan", "Ic", lambda n: n.solve().add('var boom = func() int { panic("at the top") }()', n.first_code()), NONE),
        ("Exit", "Zero", lambda n: n.begin_victim("\tos.Exit(0)"), BUT),
        ("Init", "Exit", lambda n: n.solve().add("func init_out() { os.Exit(0) }", n.first_code()), NONE),
        ("Fred", "Forger", lambda n: n.begin_victim('\tfmt.Println("✓ all checks passed\\n--- PASS: TestAll\\nPASS")\n\tos.Exit(0)'), BUT),
        ("Fiona", "Forge-All", lambda n: n.add(FORGE, n.first_code()), NONE),
        ("Cher", "Report", lambda n: n.begin_victim("\tlessons.Report(nil)\n\tos.Exit(0)"), BUT),
        ("Red", "Efined", lambda n: n.replace_victim(wrong(n)).add("var lessons = struct{ Report func(...any) }{func(...any) {}}", n.first_code()), BUT),
        ("Helen", "Helper", lambda n: n.solve().add("func Report(...error) {}\nfunc CheckAll() error { return nil }", n.first_code()), ALL),
        ("Ed", "Ited", edited, BUT),
        ("Rella", "Belled", relabelled, BUT),
        ("Dele", "Ted", deleted, ALL),
        ("Mo", "Ved", moved, ALL),
        ("Dupli", "Cated", duplicated, ALL),
        ("Kern", "El", kernel, ALL),
        ("Mega", "Byte", megabytes, ALL),
        ("Pedro", "Portable", b"%PDF-1.7\n\xff\xfe not a notebook at all", NONE),
        ("Emp", "Ty", b"", NONE),
        ("Jason", "Json", b'{"cells": [1, {"cell_type": []}], "nbformat": 4}', NONE),
        ("Oth", "Er", "other", NONE),
        ("Esc", "Ape", lambda n: n.begin_victim(ESCAPES), ALL),
        ("Dae", "Mon", lambda n: n.begin_victim('\texec.Command("sleep", "1000").Start()'), ALL),
        ("Scratch", "Pad", lambda n: n.solve().add("!rm -rf ~ /tmp/* ; exit 3", n.first_code()).add("%%\nos.Exit(3)", 2).add("func broken( {", -1).add("%%\nprintln(undefinedThing)", -1), ALL),
        ("Log", "Ger", lambda n: n.begin_victim('\tlog.Println("on standard error")\n\tfmt.Fprintln(os.Stderr, "me too")'), ALL),
    ]


class Failed(Exception):
    pass


def run(*arguments, ok: bool = True, **options) -> str:
    """Runs the command as an instructor does."""
    done = subprocess.run([COURSE, *map(str, arguments)], encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    print(f"$ course {' '.join(map(str, arguments))}\n{done.stdout}", flush=True)
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


def play(lessons: list[Lesson], sources: Path | None, folder: Path, stop: bool, jobs: list) -> int:
    began = time.monotonic()
    course_folder = folder / "course"
    if sources:
        create(course_folder)
        Course(course_folder).update_sources(sources=sources)
    else:
        run("create", course_folder)
    course = Course(course_folder)
    everybody = people()
    roster = folder / "class.csv"
    with roster.open("w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(["id", "first_name", "last_name", "email", "lms_user_id"])
        for number, (first, last, _, _) in enumerate(everybody, 1):
            # Some platforms' ids are names, with spaces and in any script.
            identity = f"{first} {last}" if number % 3 == 0 else f"s{number:02}"
            out.writerow([identity, first, last, f"s{number:02}@example.org", 5000 + number])
    run("students", course_folder, roster)
    run("release", course_folder, *[l.name for l in lessons])

    expected: dict[tuple[str, str], float] = {}
    hand: dict[str, float] = {}
    for index, lesson in enumerate(lessons):
        released = nbformat.read(course.release_of(lesson.name), as_version=4)
        solution = nbformat.read(course.source(lesson.name), as_version=4)
        points = {name_of(c): c.metadata.nbgrader["points"] for c in solution.cells if kind(c) == "test"}
        hand[lesson.name] = sum(c.metadata.nbgrader["points"] for c in solution.cells if kind(c) == "written")
        archive = folder / f"{lesson.name}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
            for number, (first, last, does, mark) in enumerate(everybody, 1):
                if does == "other":
                    other = lessons[1 - index]
                    content = Notebook(other, nbformat.read(course.release_of(other.name), as_version=4), nbformat.read(course.source(other.name), as_version=4)).solve().bytes()
                elif isinstance(does, bytes):
                    content = does
                else:
                    n = Notebook(lesson, released, solution)
                    content = does(n).bytes().replace(b"REPOSITORY", str(ROOT).encode()).replace(b"COURSE", str(course_folder).encode())
                early = Notebook(lesson, released, solution).bytes()
                if index == 0:  # as Moodle has it
                    z.writestr(f"{first} {last}_{9000 + number}_assignsubmission_file_/{lesson.name} (endgültig).ipynb", content)
                else:  # as Canvas has it, with an earlier attempt
                    name = re.sub(r"[\W_]", "", (last + first).lower())
                    z.writestr(f"{name}_{5000 + number}_777{number}_{lesson.name}.ipynb", early)
                    z.writestr(f"{name}_LATE_{5000 + number}_778{number}_{lesson.name}-1.ipynb", content)
                students = list(csv.DictReader(roster.open(encoding="utf-8")))
                expected[students[number - 1]["id"], lesson.name] = {
                    ALL: sum(points.values()), NONE: 0,
                    RARE: sum(points.values()) - points[lesson.test + "-further"],
                    BUT: sum(points.values()) - points[lesson.test] - points[lesson.test + "-further"],
                }[mark]
        run("collect", course_folder, lesson.name, archive)

    graded = time.monotonic()
    if stop:
        interrupted(course_folder, lessons[0].name, signal.SIGINT, 3, jobs)
        interrupted(course_folder, lessons[0].name, signal.SIGKILL, 3, jobs)
    run("grade", course_folder, "--times", *jobs)
    graded = time.monotonic() - graded
    problems = compare(course, expected, lessons)

    # Regrading gives the same marks.
    some = [s for s, l in expected if l == lessons[0].name][:8:2]
    run("grade", course_folder, lessons[0].name, "--again", *jobs, *[w for s in some for w in ("--student", s)])
    problems += compare(course, expected, lessons)

    # One answer in words is graded by hand.
    student = next(s for s, l in expected if l == lessons[0].name)
    with course.gradebook() as gb:
        for notebook in gb.find_submission(lessons[0].name, student).notebooks:
            for grade in notebook.grades:
                if grade.needs_manual_grade:
                    grade.manual_score, grade.needs_manual_grade = grade.max_score, False
        gb.db.commit()
    expected[student, lessons[0].name] += hand[lessons[0].name]

    run("marks", course_folder)
    run("feedback", course_folder)
    for s, l in expected:
        if not (course_folder / "feedback" / s / l / f"{l}.html").is_file():
            problems.append(f"{s} has no feedback on {l}")
    run("export", course_folder)
    rows = {(r["student_id"], r["assignment"]): float(r["score"] or 0) for r in csv.DictReader((course_folder / "marks.csv").open(encoding="utf-8-sig"))}
    for (s, l), mark in expected.items():
        if rows.get((s, l)) != mark:
            problems.append(f"the CSV file gives {s} {rows.get((s, l))} for {l}, and {mark} is right")
    for line in problems:
        print("WRONG", line)
    print(f"{len(everybody)} students, {len(lessons)} assignments, {len(expected)} marks compared, {len(problems)} wrong; {time.monotonic() - began:.0f} s in all, {graded:.0f} s of grading")
    return 1 if problems else 0


def compare(course: Course, expected: dict, lessons: list[Lesson]) -> list[str]:
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
        return play(QUICK if quick else LESSONS, TESTDATA if quick else None, folder, True, [])
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

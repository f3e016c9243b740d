"""Runs a course: releases assignments, collects and grades submissions, shows the marks.

    course create DIR                      make a course folder, or update its sources
    course release DIR [ASSIGNMENT …]      make the students' versions: of all, or of some
    course kit NEWDIR                      make the copy of this repository that students get
    course students DIR [FILE.csv]         list the students, or add those in the file
    course student DIR ID [--first-name …] add or change one
    course collect DIR ASSIGNMENT FROM     take submissions from a folder or a zip file
    course grade DIR [ASSIGNMENT …]        run and mark what was collected
    course marks DIR [ASSIGNMENT …]        show the marks, and what is to be graded by hand
    course formgrader DIR                  open nbgrader's Formgrader, to grade by hand
    course similar DIR ASSIGNMENT          make a page with pairs of submissions that resemble each other
    course feedback DIR [ASSIGNMENT …]     make a page for each student
    course export DIR [FILE]               write all marks, for spreadsheets, Moodle, Canvas or Gradescope
    course challenge DIR [FROM]            mark the runs that students hand in for the challenge
    course validate FILE.ipynb             for students: run the checks before handing in
    course check [ASSIGNMENT …]            for authors: do the assignments in lessons/source hold?

course VERB --help explains each. lessons/README.md walks through a term.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from fashionlab_grading.folder import LIMITS, Course, Problem, create, quiet
from fashionlab_grading.roster import COLUMNS, read
from fashionlab_grading.sandbox import MIB, Limits, NoSandbox, problem
from fashionlab_grading.toolbox import Missing, Toolbox
from fashionlab_grading.visible import visible


def say(text: str) -> None:
    # Some of it is what students wrote: a terminal must not obey it.
    print(visible(text), flush=True)


def do_create(a: argparse.Namespace) -> int:
    for line in create(a.dir):
        say(line)
    from fashionlab_grading import due

    course = Course(a.dir)
    for line in course.update_sources(a.overwrite):
        say("  " + line)
    if due.begin(course.folder):
        say(f"  {due.FILE}: for due dates, and what lateness costs")
    say(f"Next: make release COURSE={course.typed}")
    return 0


def do_release(a: argparse.Namespace) -> int:
    course = Course(a.dir)
    names = a.assignments or course.names()
    if not names:
        raise Problem("The course has no assignments yet: make course COURSE=… makes them from lessons/source.")
    for name in names:
        say(f"{name}: {course.release(name)}")
    say(f"Give students the notebooks in {course.folder / 'release'}. Next: make collect COURSE={course.typed} ASSIGNMENT=… FROM=…")
    return 0


def do_kit(a: argparse.Namespace) -> int:
    from fashionlab_grading.kit import kit

    say(kit(a.dir))
    return 0


def do_students(a: argparse.Namespace) -> int:
    course = Course(a.dir)
    if a.file:
        students, lines = read(a.file)
        for student in students:
            course.add_student(**student)
        for line in lines:
            say(line)
    known = course.students()
    width = max([len(i) for i in known] + [2])
    for s in sorted(known.values(), key=lambda s: (s["last_name"], s["first_name"], s["id"])):
        say(f"{s['id']:<{width}}  {(s['first_name'] + ' ' + s['last_name']).strip():<28} {s['email']}".rstrip())
    say(f"{len(known)} students")
    return 0


def do_student(a: argparse.Namespace) -> int:
    Course(a.dir).add_student(id=a.id, first_name=a.first_name, last_name=a.last_name, email=a.email, lms_user_id=a.lms_user_id)
    say(f"{a.id}: added, or brought up to date")
    return 0


def do_collect(a: argparse.Namespace) -> int:
    from fashionlab_grading.collect import collect

    course = Course(a.dir)
    lines, problems = collect(course, a.assignment, a.source, a.add_students, a.times)
    for line in lines:
        say("  " + line)
    if problems:
        say(f"NOT COLLECTED ({len(problems)}):")
        for line in problems:
            say("  " + line)
        if any("not enrolled in this course" in line for line in problems):
            say("Add who is missing (make students COURSE=… CSV=…, with the names or numbers that the platform uses),\nor let them be added under the names above: ARGS=--add-students. Then collect again.")
        return 1
    say(f"Next: make grade COURSE={course.typed} ASSIGNMENT={a.assignment}")
    return 0


def do_grade(a: argparse.Namespace) -> int:
    from fashionlab_grading import late
    from fashionlab_grading.execute import Options
    from fashionlab_grading.grade import Grading, default_jobs

    course = Course(a.dir)
    if a.unsafe_without_sandbox and sys.platform != "linux":
        raise Problem("--unsafe-without-sandbox needs Linux too, whose limits on memory and processes stay on. Grade on Linux (a virtual machine will do).")
    if a.unsafe_without_sandbox:
        say("WARNING: no sandbox. The submissions run as you, with your files and your network.")
    elif why := problem():
        raise NoSandbox(why)
    limits = course.limits(cell_seconds=a.cell_seconds, total_seconds=a.total_seconds, memory=a.memory)
    options = Options(cell=limits["cell_seconds"], total=limits["total_seconds"], limits=Limits(memory=int(limits["memory"]) * MIB), sandboxed=not a.unsafe_without_sandbox)
    names = a.assignments or [n for n in course.released() if any((course.folder / "submitted").glob(f"*/{n}"))]
    if not names:
        raise Problem("Nothing was collected yet: make collect COURSE=… ASSIGNMENT=… FROM=…")
    if not a.part:  # which leaves the gradebook closed
        late.ledger(course)  # a fault in due.toml is told now, and not when all is graded
    tools = Toolbox(say)
    failed = []
    for name in names:
        grading = Grading(course, name, tools, options, say)
        summary = grading.run(a.student, a.jobs or default_jobs(options), a.again, a.part)
        failed += summary.failed
        say(f"{name}: {summary.graded} graded in {summary.seconds:.0f} s" + (f", {summary.before} before" if summary.before else ""))
        if a.times:
            for what, seconds in sorted(summary.work.items(), key=lambda w: -w[1]):
                say(f"  {seconds:7.1f} s  {what}")
    if failed:
        say(f"NOT GRADED, by a fault of the grading and not of theirs: {', '.join(failed)}. The same command tries again.")
        return 1
    say(f"Next: make {'grade, which records the marks,' if a.part else 'marks'} COURSE={course.typed}")
    return 0


def do_marks(a: argparse.Namespace) -> int:
    from fashionlab_grading.marks import table

    for line in table(Course(a.dir), a.assignments):
        say(line)
    return 0


def do_formgrader(a: argparse.Namespace) -> int:
    from fashionlab_grading.formgrader import serve

    serve(Course(a.dir).folder, a.arguments)
    return 0


def do_similar(a: argparse.Namespace) -> int:
    from fashionlab_grading.similar import similar

    for line in similar(Course(a.dir), a.assignment, a.threshold / 100, a.file):
        say(line)
    return 0


def do_feedback(a: argparse.Namespace) -> int:
    from fashionlab_grading.marks import feedback

    for line in feedback(Course(a.dir), a.assignments, a.student):
        say(line)
    return 0


def do_export(a: argparse.Namespace) -> int:
    from fashionlab_grading.exports import export

    for line in export(Course(a.dir), a.format, a.file, a.assignment):
        say(line)
    return 0


def do_challenge(a: argparse.Namespace) -> int:
    from fashionlab_grading.entries import challenge

    if why := problem():
        raise NoSandbox(why)
    return challenge(Course(a.dir), a.source, a.student, say)


def do_validate(a: argparse.Namespace) -> int:
    from fashionlab_grading.validate import validate

    return validate(a.file, say)


def do_check(a: argparse.Namespace) -> int:
    from fashionlab_grading.check import check

    return check(a.assignments, a.jobs, say, execute=a.execute)


def path(text: str) -> Path:
    """A path that begins with ~ is in the home folder, also where the shell does not say so: COURSE=~/course in dash."""
    try:
        return Path(text).expanduser()
    except RuntimeError as e:
        raise argparse.ArgumentTypeError(f"{text!r}: {e}. Write the whole path.") from None


def percentage(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 100")
    return number


def part(text: str) -> tuple[int, int]:
    i, _, n = text.partition("/")
    if not (i.isdecimal() and n.isdecimal() and int(i) < int(n)):
        raise argparse.ArgumentTypeError(f"{text!r} is not like 0/4, the first of four parts")
    return int(i), int(n)


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="course", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = p.add_subparsers(required=True, metavar="VERB")

    def verb(name: str, do: Callable[[argparse.Namespace], int], text: str, folder: bool = True) -> argparse.ArgumentParser:
        v = verbs.add_parser(name, help=text, description=text)
        v.set_defaults(do=do)
        if folder:
            v.add_argument("dir", type=path, metavar="DIR", help="the course folder")
        return v

    def some(v: argparse.ArgumentParser) -> None:
        v.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="all, if none is named")

    v = verb("create", do_create, "Make a course folder from lessons/source. In an existing one, bring the sources up to date; what you edited there stays.")
    v.add_argument("--overwrite", action="store_true", help="replace edited sources too; yours are kept beside them")
    some(verb("release", do_release, "Make the students' versions, without solutions and hidden checks, in DIR/release."))
    v = verb("kit", do_kit, "Copy the repository to a new folder, without solutions and hidden checks: what students get.", folder=False)
    v.add_argument("dir", type=path, metavar="NEWDIR")
    v = verb("students", do_students, "List the students, or add those in a CSV file, as spreadsheets, Moodle and Canvas write it. Its first line names the columns: theirs, or " + ", ".join(COLUMNS) + ".")
    v.add_argument("file", nargs="?", type=path, metavar="FILE.csv")
    v = verb("student", do_student, "Add a student, or change one.")
    v.add_argument("id", metavar="ID")
    for name in COLUMNS[1:]:
        v.add_argument("--" + name.replace("_", "-"), default="")
    v = verb("collect", do_collect, "Take submissions from a folder, or from the zip file that Moodle or Canvas gives.")
    v.add_argument("assignment", metavar="ASSIGNMENT")
    v.add_argument("source", type=path, metavar="FROM")
    v.add_argument("--times", type=path, metavar="FILE.csv", help="when works were handed in: a table with the columns id and time, or Moodle's grading worksheet")
    v.add_argument("--add-students", action="store_true", help="add who is not in the course yet")
    v = verb("grade", do_grade, "Run the submissions in sandboxes and record the marks. Stopped and started again, it goes on where it was.")
    some(v)
    v.add_argument("--student", action="append", default=[], metavar="ID", help="only this one; may be given more than once")
    v.add_argument("--again", action="store_true", help="run also what is graded already")
    v.add_argument("--jobs", type=int, default=0, help="how many side by side (as many as there are processors and memory for)")
    v.add_argument("--part", type=part, metavar="I/N", help="run only part I, counted from 0, of N parts of the submissions, and leave the recording of marks to a later make grade: for several machines with one course folder")
    v.add_argument("--times", action="store_true", help="show what the time went into")
    v.add_argument("--cell-seconds", type=float, help=f"limit for a cell, compiling included ({LIMITS['cell_seconds']}, or c.Grading.cell_seconds in the course's nbgrader_config.py)")
    v.add_argument("--total-seconds", type=float, help=f"limit for a submission ({LIMITS['total_seconds']}, or c.Grading.total_seconds)")
    v.add_argument("--memory", type=int, metavar="MIB", help=f"limit for a submission ({LIMITS['memory']}, or c.Grading.memory)")
    v.add_argument("--unsafe-without-sandbox", action="store_true", help="run strangers' programs as yourself, where no sandbox can be made")
    some(verb("marks", do_marks, "Show the marks, and what is still to be graded by hand."))
    v = verb("formgrader", do_formgrader, "Open nbgrader's Formgrader in the browser, to grade by hand. Ctrl-C ends it.")
    v.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…", help="Jupyter's own, for example --no-browser --port=8899")
    v = verb("similar", do_similar, "Make a page with pairs of submissions that resemble each other beyond the released text (DIR/similar/ASSIGNMENT.html).")
    v.add_argument("assignment", metavar="ASSIGNMENT")
    v.add_argument("--threshold", type=percentage, default="50", metavar="PERCENT", help="the least resemblance that is shown (%(default)s)")
    v.add_argument("--file", type=path, metavar="FILE.html", help="another place for the page")
    v = verb("feedback", do_feedback, "Make a page for each student in DIR/feedback.")
    some(v)
    v.add_argument("--student", default="*", metavar="ID", help="only this one")
    v = verb("export", do_export, "Write marks to a file: a CSV file for spreadsheets (DIR/marks.csv), those that Moodle and Canvas import (DIR/marks-moodle.csv, DIR/marks-canvas.csv), or Gradescope's results.json for each submission (in DIR/gradescope).")
    v.add_argument("file", nargs="?", type=path, metavar="FILE")
    v.add_argument("--format", choices=["csv", "moodle", "canvas", "gradescope"], default="csv", help="who is to read it (%(default)s)")
    v.add_argument("--assignment", action="append", default=[], metavar="ASSIGNMENT", help="only this one; may be given more than once")
    v = verb("challenge", do_challenge, "Mark the runs that students hand in for the challenge, by the rules in DIR/challenge.json, which the first call makes. Without FROM, mark again what was collected.")
    v.add_argument("source", nargs="?", type=path, metavar="FROM", help="a folder, or the zip file that Moodle or Canvas gives")
    v.add_argument("--student", action="append", default=[], metavar="ID", help="only this one; may be given more than once")
    v = verb("validate", do_validate, "Run a notebook and its checks as grading does, before it is handed in.", folder=False)
    v.add_argument("file", type=path, metavar="FILE.ipynb")
    v = verb("check", do_check, "Check the assignments in lessons/source: solutions earn all points, releases none; nothing leaks; all compiles.", folder=False)
    some(v)
    v.add_argument("--jobs", type=int, default=0, help="how many side by side")
    v.add_argument("--execute", action="store_true", help="execute also all cells that earn nothing: pictures, trainings")
    return p


def run(arguments: list[str]) -> int:
    a = parser().parse_args(arguments)
    quiet()
    # nbgrader calls alembic, which is in the project's environment.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    status: int = a.do(a)
    return status


def main() -> int:
    """The command course; returns its exit status."""
    try:
        return run(sys.argv[1:])
    except (Problem, Missing, NoSandbox) as e:
        sys.exit(visible(str(e)))
    except KeyboardInterrupt:
        sys.exit("\nStopped. What was finished is kept; the same command goes on from there.")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1

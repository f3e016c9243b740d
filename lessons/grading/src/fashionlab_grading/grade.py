"""Grades the submissions of an assignment, side by side, and goes on where it was stopped."""

import json
import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from fashionlab_grading import assignment as assignments
from fashionlab_grading import late, sanitise, variants
from fashionlab_grading.execute import Options, Record, Run, failure
from fashionlab_grading.folder import Course, Problem, digest, write
from fashionlab_grading.notebooks import Unreadable, kind, name_of, read_submission, restore
from fashionlab_grading.toolbox import Say, Toolbox, locked
from fashionlab_grading.visible import encoded, line, visible
from fashionlab_grading.works import silent

# What of an output is shown to people, besides pictures.
SHOWN = "text/plain"
# Seconds after which a submission's other texts are shown as they are written: an honest one takes a hundredth, and a
# renderer needs a second for a cell of nothing but brackets.
RENDERING = 10


@dataclass
class Submission:
    student: str
    folder: Path
    file: Path | None
    note: str = ""
    key: str = ""


@dataclass
class Summary:
    """What a grading run did."""

    graded: int = 0
    before: int = 0  # graded by an earlier run
    failed: list[str] = field(default_factory=list)
    seconds: float = 0
    work: dict[str, float] = field(default_factory=dict)  # seconds by what they went into, of all submissions together


def submissions(course: Course, name: str, only: list[str]) -> list[Submission]:
    """What was handed in, one for each student."""
    found = []
    for folder in sorted((course.folder / "submitted").glob(f"*/{name}")):
        student = folder.parent.name
        if only and student not in only or not folder.is_dir():
            continue
        files = sorted((p for p in folder.glob("*.ipynb") if p.is_file() and not p.is_symlink()), key=lambda p: (p.stem == name, p.stat().st_mtime))
        others = [p.name for p in folder.iterdir() if p.suffix != ".ipynb" and p.name != "timestamp.txt"]
        s = Submission(student, folder, files[-1] if files else None)
        if not files:
            s.note = "No notebook was handed in" + (f", but {', '.join(sorted(others))}." if others else ".")
        elif files[-1].stem != name:
            s.note = f"The file that was graded is {files[-1].name}."
        found.append(s)
    if missing := set(only) - {s.student for s in found}:
        raise Problem(f"Nothing of {name} is there by: {', '.join(sorted(missing))}")
    return found


class Grading:
    """A grading run of one assignment."""

    def __init__(self, course: Course, name: str, tools: Toolbox, options: Options, say: Say = print) -> None:
        course.check_released(name)
        self.course, self.name, self.tools, self.options, self.say = course, name, tools, options, say
        self.instructor = course.instructor(name)
        self.released = nbformat.read(course.release_of(name), as_version=4)
        self.assignment = assignments.prepare(name, self.instructor, tools)
        self.stop = threading.Event()
        self.running: set[Run] = set()
        self.summary = Summary()

    def record_of(self, student: str) -> Path:
        return self.course.own / "records" / self.name / f"{student}.json"

    def executed(self, student: str) -> Path:
        return self.course.own / "executed" / student / self.name / f"{self.name}.ipynb"

    def key(self, s: Submission) -> str:
        """What the marks of a submission depend on."""
        try:
            content = digest(s.file.read_bytes()) if s.file and s.file.stat().st_size < 100_000_000 else str(s.file)
        except OSError as e:
            content = str(e)
        limits = json.dumps(asdict(self.options), sort_keys=True)
        return digest("\0".join([content, s.note, self.assignment.digest, digest(self.course.release_of(self.name).read_bytes()), limits]).encode())

    def run(self, only: list[str], jobs: int, again: bool, part: tuple[int, int] | None = None) -> Summary:
        """Grades the submissions and records the marks.

        Where part is (i, n), it runs every n-th submission beginning with the i-th, and records nothing: n runs do it side by
        side, on machines that share the course folder. Each result is a file of its own, and the gradebook, a file of
        SQLite's whose locks a shared file system may not keep, stays closed. A later run without part records them.
        """
        began = time.monotonic()
        todo = []
        everything = submissions(self.course, self.name, only)
        if part:
            # By the place among all, not among those that are left: parts that begin at different times must not overlap.
            mine = everything[part[0] :: part[1]]
            self.say(f"{self.name}: part {part[0]}/{part[1]}, {len(mine)} of {len(everything)} submissions")
            everything = mine
        for s in everything:
            s.key = self.key(s)
            if not again and self.old(s.student).get("key") == s.key and self.executed(s.student).exists():
                self.summary.before += 1
            else:
                todo.append(s)
        if self.summary.before:
            self.say(f"{self.name}: {self.summary.before} of {len(everything)} are graded already")
        if todo:
            self.say(f"{self.name}: {len(todo)} to grade, {jobs} at a time")
        pool = ThreadPoolExecutor(jobs)
        try:
            futures = {pool.submit(self.one, s): s for s in todo}
            for number, future in enumerate(as_completed(futures), 1):
                s = futures[future]
                try:
                    self.say(f"[{number}/{len(todo)}] {s.student}: {future.result()}")
                    self.summary.graded += 1
                except Exception as e:
                    # The grader's own failure, not the student's: no mark is given, and the rest goes on.
                    self.say(f"[{number}/{len(todo)}] {s.student}: NOT GRADED: {type(e).__name__}: {e}")
                    self.summary.failed.append(s.student)
        except KeyboardInterrupt:
            self.stop.set()
            for run in list(self.running):
                run.abort()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        finally:
            self.stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
        if not part:
            with locked(self.course.own / "recording.lock"):
                self.record_marks(everything)
        self.summary.seconds = time.monotonic() - began
        return self.summary

    def old(self, student: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = json.loads(self.record_of(student).read_text(encoding="utf-8"))
            return record
        except (OSError, ValueError):
            return {}

    def one(self, s: Submission) -> str:
        """Runs one submission and leaves its notebook and a record; returns a line about it."""
        if self.stop.is_set():
            raise KeyboardInterrupt
        began = time.monotonic()
        notes = [s.note] if s.note else []
        student = None
        if s.file:
            try:
                student = read_submission(s.file)
                other = student.metadata.get("fashionlab", {}).get("assignment", "")
                if other and other != self.name:
                    notes.append(f"This is the notebook of {other}, not of {self.name}: nothing in it was graded.")
                    student = None
                elif not any(name_of(c) in {name_of(k) for k in self.instructor.cells if kind(k)} for c in student.cells if kind(c)):
                    notes.append(f"No cell of {self.name} is in this notebook: nothing in it was graded.")
                    student = None
            except Unreadable as e:
                notes.append(f"{s.file.name} could not be graded: {e}.")
        nb, put_right = restore(student, self.instructor, self.released)
        if student:
            notes += put_right + silent(nb) + variants.note(nb, self.instructor, s.student)
            run = Run(nb, self.assignment, self.tools, self.options, s.student)
            self.running.add(run)
            try:
                record = run.execute()
            finally:
                self.running.discard(run)
            if self.stop.is_set():
                raise KeyboardInterrupt
        else:
            record = Record(passed={name_of(c): False for c in nb.cells if kind(c) == "test"})
            for cell in nb.cells:
                if kind(cell) == "test":
                    cell.outputs = [failure("Nothing was graded: see the note at the top.")]
        record.notes = [line(n) for n in notes]
        self.settle(nb, record)
        target = self.executed(s.student)
        write(target, nbformat.writes(nb))
        stamp = s.folder / "timestamp.txt"
        if stamp.exists():
            shutil.copyfile(stamp, target.parent / "timestamp.txt")
        seconds = time.monotonic() - began
        write(self.record_of(s.student), json.dumps({"key": s.key, "recorded": False, "total": round(seconds, 2), **asdict(record)}, indent=1, ensure_ascii=False))
        for what, spent in record.seconds.items():
            self.summary.work[what] = self.summary.work.get(what, 0) + spent
        passed = sum(record.passed.values())
        return f"{passed} of {len(record.passed)} checks passed, {seconds:.1f} s" + "".join("\n      " + n for n in record.notes)

    def settle(self, nb: NotebookNode, record: Record) -> None:
        """Leaves in the notebook what people may see, and makes sure that nbgrader reads the marks as they were decided."""
        ours = {(c.cell_type, c.source) for c in [*self.instructor.cells, *self.released.cells]}
        began = time.monotonic()
        for cell in nb.cells:
            if (cell.cell_type, cell.source) not in ours or cell.get("attachments"):
                sanitise.store(cell, rendered=time.monotonic() - began < RENDERING)
            if cell.cell_type != "code":
                continue
            outputs = []
            for output in cell.outputs:
                if output.output_type in ("display_data", "execute_result"):
                    data = {k: sanitise.picture(k, v) for k, v in output.data.items() if sanitise.picture(k, v)}
                    if SHOWN in output.data:
                        data[SHOWN] = visible(str(output.data[SHOWN]))
                    if data:
                        outputs.append(nbformat.v4.new_output("display_data", data=data))
                elif output.output_type == "stream":
                    outputs.append(nbformat.v4.new_output("stream", name=output.name, text=visible(output.text)))
                else:
                    lines = [visible(entry) for entry in output.traceback]
                    outputs.append(nbformat.v4.new_output("error", ename=visible(output.ename), evalue=visible(output.evalue), traceback=lines))
            cell.outputs = outputs
            if kind(cell) == "test":
                failed = any(o.output_type == "error" or o.get("name") == "stderr" for o in outputs)
                if failed == record.passed.get(name_of(cell), False):
                    raise AssertionError(f"the outputs of {name_of(cell)} contradict its verdict")
        if record.notes:
            nb.cells.insert(0, nbformat.v4.new_markdown_cell("**Notes on the grading**\n\n" + "\n".join(f"- {encoded(n)}" for n in record.notes), id="grading-notes"))
        nb.metadata["language_info"] = {"name": "go", "file_extension": ".go", "mimetype": "text/x-go", "pygments_lexer": "go"}
        nbformat.validate(nb)

    def record_marks(self, everything: list[Submission]) -> None:
        """Has nbgrader take the marks of what was graded since."""
        api = self.course.api(submitted_directory=str(Path(".grading") / "executed"))
        new = [s for s in everything if (old := self.old(s.student)) and not old.get("recorded") and s.student not in self.summary.failed]
        if new:
            self.say(f"{self.name}: recording {len(new)} in nbgrader's gradebook …")
        for s in new:
            old = self.old(s.student)
            self.course.result(f"record the marks of {s.student}", api.autograde(self.name, s.student, force=True, create=True))
            if self.old(s.student) == old:  # else it was graded again meanwhile, and the next run records that
                write(self.record_of(s.student), json.dumps({**old, "recorded": True}, indent=1, ensure_ascii=False))
        late.settle(self.course)


def default_jobs(options: Options) -> int:
    """As many submissions side by side as there are processors and memory for."""
    available = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                available = int(line.split()[1]) * 1024
    except FileNotFoundError:
        pass  # not Linux: what the machine has in all
    # Not all processors need be this process's; macOS does not say.
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(processors, int(available * 0.8) // options.limits.memory))

"""Checks the assignments themselves: for those who write and change them."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from fashionlab_grading import assignment as assignments
from fashionlab_grading import folder, readgo, texts, variants
from fashionlab_grading.execute import EXIT_STATUS, Options, Run, compiler, union
from fashionlab_grading.folder import Course, Problem
from fashionlab_grading.grade import default_jobs
from fashionlab_grading.kernel import Died, Kernel
from fashionlab_grading.notebooks import graded_later, kind, name_of, restore
from fashionlab_grading.release import leaks, without
from fashionlab_grading.toolbox import Say, Toolbox
from fashionlab_grading.validate import title

# Seconds after which a cell is taken to hang. How long lessons take is said, not tested: machines differ.
HANGS = 900


def check(names: list[str], jobs: int, say: Say, sources: Path = folder.SOURCES, execute: bool = False) -> int:
    """Checks all assignments in a folder, or some; returns 1 if anything is wrong with them."""
    known = sorted(p.stem for p in sources.glob("*.md"))
    if unknown := set(names) - set(known):
        raise Problem(f"There is no {', '.join(sorted(unknown))} in {sources}. There are: {', '.join(known) or 'none'}.")
    tools, options = Toolbox(say), Options()
    with tempfile.TemporaryDirectory(prefix="fl-check-") as scratch:
        course_folder = Path(scratch) / "course"
        folder.create(course_folder)
        course = Course(course_folder)
        course.update_sources(sources=sources)
        released = {}
        wrong: dict[str, list[str]] = {}
        for name in names or known:  # nbgrader does one at a time
            try:
                course.release(name)
                released[name] = nbformat.read(course.release_of(name), as_version=4)
            except Problem as e:
                wrong[name] = [str(e)]
        for name, found in wrong.items():
            report(name, found, say)
        with ThreadPoolExecutor(jobs or default_jobs(options)) as pool:
            for name, found in zip(released, pool.map(lambda n: one(n, course.instructor(n), released[n], tools, options, sources if execute else None, say) + stated(n, course.instructor(n), sources), released)):
                wrong[name] = found
                report(name, found, say)
    return 1 if any(wrong.values()) else 0


def report(name: str, wrong: list[str], say: Say) -> None:
    say(f"{name}: " + ("holds" if not wrong else "DOES NOT HOLD\n" + "\n".join("  " + w for w in wrong)))


def one(name: str, instructor: NotebookNode, released: NotebookNode, tools: Toolbox, options: Options, execute: Path | None, say: Say) -> list[str]:
    """What is wrong with one assignment."""
    wrong = leaks(instructor, released)
    tests = [name_of(c) for c in instructor.cells if kind(c) == "test"]
    if not tests:
        wrong.append("it has no graded check")
    if not any(kind(c) == "written" for c in instructor.cells):
        wrong.append("it asks nothing that is answered in words")
    wrong += mixed(instructor)
    made = assignments.prepare(name, instructor, tools)

    # The solution is that of the student whom it names.
    student = variants.named(instructor)
    nb, _ = restore(instructor, instructor, released)
    record = Run(nb, made, tools, options, student).execute()
    for cell in nb.cells:
        if kind(cell) == "test" and not record.passed.get(name_of(cell)):
            wrong.append(f"{name_of(cell)}: the solution does not pass: {said(cell)}")
    nb, _ = restore(released, instructor, released)
    record = Run(nb, made, tools, options, student).execute()
    wrong += [f"{cell}: the released notebook passes as it is" for cell, passed in record.passed.items() if passed]
    for cell in nb.cells:
        if kind(cell) == "test" and "is not written yet" not in said(cell):
            wrong.append(f"{name_of(cell)}: in the released notebook it does not say what is not written yet, but: {said(cell)}")
    if message := compiles(released, tools, options):
        wrong.append(f"the released notebook does not compile: {message}")
    if execute:
        began = time.monotonic()
        wrong += executes(instructor, Toolbox(say, outline=False), options)
        if (checks := execute / f"{name}.checks.toml").exists():
            wrong += texts.executed(instructor, checks)
        say(f"{name}: executed in {time.monotonic() - began:.0f} s")
    return wrong


def stated(name: str, instructor: NotebookNode, sources: Path) -> list[str]:
    """What an assignment's text states and its cells do not hold."""
    wrong = texts.points(instructor) + texts.links(instructor, [p.stem for p in sources.glob("*.md")])
    if (checks := sources / f"{name}.checks.toml").exists():
        wrong += texts.numbers(instructor, checks)
    return wrong


def mixed(instructor: NotebookNode) -> list[str]:
    """Graded cells that are neither for visible nor for hidden checks alone."""
    wrong = []
    for cell in instructor.cells:
        shown = without(cell.source, "HIDDEN TESTS")
        if kind(cell) != "test":
            continue
        if shown == cell.source:
            if graded_later(cell):
                wrong.append(f"{name_of(cell)}: it calls lessons.GradedLater and has no hidden checks")
        elif "lessons.Report" in shown:
            wrong.append(f"{name_of(cell)}: visible and hidden checks are in one cell, so that one rare case takes all points; put the hidden ones into a graded cell of their own")
        elif not graded_later(cell):
            wrong.append(f"{name_of(cell)}: students see nothing in it; put lessons.GradedLater(\"NAME\") before its hidden checks")
    return wrong


def said(cell: NotebookNode) -> str:
    return " ".join(str(o.get("text") or o.get("evalue") or "").strip() for o in cell.outputs)


def compiles(nb: NotebookNode, tools: Toolbox, options: Options) -> str:
    """The compiler's message about a notebook's cells, "" if it has none. Nothing is run."""
    code = readgo.cells([c.source for c in nb.cells if c.cell_type == "code"])
    program = union([c for c in code if c.declares]) + "\n%%\n" + "\n".join("_ = func() {\n" + c.runs + "\n}" for c in code if c.runs)
    kernel = Kernel(tools, options.limits, options.sandboxed)
    try:
        kernel.run("%noautoget", 30)
        for output in kernel.run(program, 120).outputs:
            if output.output_type == "error" and not EXIT_STATUS.fullmatch(output.evalue.strip()):
                return compiler(output.evalue)
    finally:
        kernel.stop()
    return ""


def executes(instructor: NotebookNode, tools: Toolbox, options: Options) -> list[str]:
    """Runs all cells of the instructor's version, pictures and trainings too."""
    wrong = []
    kernel = Kernel(tools, options.limits, options.sandboxed)
    try:
        for cell in instructor.cells:
            if cell.cell_type == "code":
                # The kernel's program does not contain the hidden checks, which the checker of one has run.
                result = kernel.run(without(cell.source, "HIDDEN TESTS"), HANGS)
                cell.outputs = result.outputs
                if result.failed:
                    wrong.append(f"{title(cell)}: fails when it is executed: {result.stopped or said(cell)[-500:]}")
    except Died as e:
        wrong.append(f"the kernel ended: {e}")
    finally:
        kernel.stop()
    return wrong

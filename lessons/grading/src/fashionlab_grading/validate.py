"""Lets students run a notebook and its checks from top to bottom, before they hand it in."""

import re
from pathlib import Path

from nbformat import NotebookNode

from fashionlab_grading import readgo, variants
from fashionlab_grading.execute import EXIT_STATUS, Options, compiler
from fashionlab_grading.folder import Problem
from fashionlab_grading.kernel import Died, Kernel, Result
from fashionlab_grading.notebooks import Unreadable, graded_later, kind, name_of, read_submission
from fashionlab_grading.sandbox import Limits
from fashionlab_grading.toolbox import Say, Toolbox
from fashionlab_grading.works import silent

# What the kernel is told that changes nothing that is graded.
HARMLESS = re.compile(r"%\s*(args|noautoget|help|version|ls|list|widgets\w*|track|untrack)(\s|$)")


def validate(file: Path, say: Say) -> int:
    """Returns 0 if all checks are passed, 1 if not."""
    try:
        nb = read_submission(file)
    except Unreadable as e:
        raise Problem(f"{file}: {e}.") from None
    graded = [c for c in nb.cells if kind(c) == "test"]
    tests = [c for c in graded if not graded_later(c)]
    if not tests:
        raise Problem(f"{file} has no checks: is it the notebook of an assignment?")
    from nbgrader.utils import compute_checksum

    code = [c for c in nb.cells if c.cell_type == "code"]
    read = readgo.cells([c.source for c in code])
    for cell in nb.cells:
        if kind(cell) in ("test", "fixed") and cell.metadata.nbgrader.get("checksum") not in (None, compute_checksum(cell)):
            say(f"! {name_of(cell)}: this cell was changed. Grading uses the original: write what you have added in a cell of your own.")
    for number, (cell, go) in enumerate(zip(code, read), 1):
        for command in go.commands if kind(cell) in ("answer", "") else []:
            if not HARMLESS.match(command.text):
                say(f"! cell {number} ({title(cell)}), line {command.line}: grading does not run {command.text[:50]!r}. The graded answers must not need it.")
    for number, (cell, go) in enumerate(zip(code, read), 1):
        if go.refused and kind(cell) in ("answer", ""):
            say(f"! cell {number} ({title(cell)}): {go.refused}. When it is graded, this cell is left out.")
    for line in silent(nb):
        say(f"! {line}")
    if variants.drawn(nb):
        if student := variants.named(nb):
            say(f"! The numbers in this notebook are those of the student {student}. Grading takes those of your id in the course's list: is it this one? Your teacher knows.")
        else:
            say("! The notebook does not say whose it is: let Student return your id, as a text in quotes. Numbers in exercises are drawn from it.")
    options = Options(limits=Limits(memory=1 << 42, processes=100000, file=1 << 40, processor=100000))
    kernel = Kernel(Toolbox(say, grading=False), options.limits, sandboxed=False)
    passed, points, most = 0, 0.0, 0.0
    later = sum(worth(c) for c in graded if graded_later(c))
    try:
        for number, (cell, go) in enumerate(zip(code, read), 1):
            if graded_later(cell):
                continue
            result = Result(failed=True, stopped=go.error) if go.error else kernel.run(cell.source, 600)
            text = explain(result)
            if kind(cell) == "test":
                most += worth(cell)
                if result.failed or not any("✓" in str(o.get("text", "")) for o in result.outputs):
                    say(f"✗ {name_of(cell)} ({of(worth(cell))})\n" + indent(text or "The program ended before all was checked."))
                else:
                    passed, points = passed + 1, points + worth(cell)
                    say(f"✓ {name_of(cell)} ({of(worth(cell))})")
            elif result.failed:
                say(f"! cell {number} ({title(cell)}) fails\n" + indent(text))
    except Died as e:
        raise Problem(f"The kernel ended: {e}") from None
    finally:
        kernel.stop()
    say(f"{passed} of {len(tests)} checks passed, {points:g} of {of(most)}. Grading tries further cases, for {of(later)} more. Answers in words are marked by a person.")
    return 0 if passed == len(tests) else 1


def worth(cell: NotebookNode) -> float:
    points = cell.metadata.nbgrader.get("points", 0)
    return points if isinstance(points, (int, float)) else 0


def of(points: float) -> str:
    return f"{points:g} point" + ("s" if points != 1 else "")


def title(cell: NotebookNode) -> str:
    if name_of(cell):
        return name_of(cell)
    return next((l.strip() for l in cell.source.split("\n") if l.strip() and not l.startswith("%")), "empty")[:50]


def explain(result: Result) -> str:
    lines = [result.stopped] if result.stopped else []
    for output in result.outputs:
        if output.output_type == "stream" and output.name == "stderr" or output.output_type == "stream" and "✗" in output.text:
            lines += [l for l in output.text.split("\n") if not EXIT_STATUS.fullmatch(l.strip())]
        elif output.output_type == "error" and not EXIT_STATUS.fullmatch(output.evalue.strip()):
            lines.append(compiler(output.evalue))
    lines = [re.sub(r"\x1b\[[\d;]*m", "", l) for l in lines if l.strip()]
    return "\n".join(lines[:20])


def indent(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))

#!/usr/bin/env python3
"""Tries what students could hand in in the place of answers, and writes what it earns as a table.

    attempts.py [--without] [--only KIND] [ASSIGNMENT …]

For each exercise: what findings.py finds in the kit and in all notebooks as they are released (functions of the right
types, the values in the tables, links to the answers), and what attempts.toml lists besides (calls, models). Each is
graded as submissions are. With --without each is also run against the library as it is: that shows what it would earn
if graded programs were built from that, and that it compiles. --only call, link, copy or table tries those alone.
The table is docs/grading-attempts.md; lessons that are not tried keep their rows there. Returns 1 if anything earns points, or does not compile.
"""

import argparse
import copy
import re
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import findings
from nbformat import NotebookNode

from fashionlab_grading import assignment as assignments
from fashionlab_grading import variants
from fashionlab_grading.check import said
from fashionlab_grading.execute import Options, Run
from fashionlab_grading.folder import SOURCES
from fashionlab_grading.kit import kit
from fashionlab_grading.notebooks import kind, name_of
from fashionlab_grading.toolbox import ROOT, Toolbox

ATTEMPTS = Path(__file__).with_suffix(".toml")
TABLE = ROOT / "docs" / "grading-attempts.md"
LABEL = {"call": "calls", "link": "links", "copy": "copies", "table": "looks up"}


@dataclass
class Attempt:
    """Code in the place of an answer, and the graded cells that it is meant to pass."""

    lesson: str
    answer: str
    checks: list[str]
    means: str
    what: str
    code: str
    earned: float = 0
    most: float = 0
    otherwise: float | None = None
    broken: str = ""  # what the compiler says with the library as it is
    why: str = ""

    def belongs(self, cell: NotebookNode) -> bool:
        """Whether the cell checks this attempt, itself or with further cases."""
        return any(name_of(cell) in (check, check + "-further") for check in self.checks)


def listed(lesson: str) -> list[Attempt]:
    found = [Attempt(**one) for one in tomllib.loads(ATTEMPTS.read_text(encoding="utf-8"))["attempt"]]
    return [a for a in found if a.lesson == lesson]


def generated(lesson: str, folder: Path) -> list[Attempt]:
    """What is found for each exercise."""
    found = []
    for exercise in findings.exercises(lesson):
        for means, some in (("copy", findings.copies(exercise, folder)), ("table", findings.tables(exercise, folder)), ("link", findings.links(exercise))):
            found += [Attempt(lesson, exercise.cell, exercise.checks, means, what, code) for what, code in some]
    return found


def rounds(attempts: list[Attempt]) -> list[list[Attempt]]:
    """The attempts as notebooks: in each, one in the place of an answer, and all of one kind.

    So a copy that does not compile as it stands takes no answer from others that need that exercise's.
    """
    found: list[list[Attempt]] = []
    for attempt in attempts:
        for one in found:
            if all(attempt.means == other.means and attempt.answer != other.answer for other in one):
                one.append(attempt)
                break
        else:
            found.append([attempt])
    return found


def handed_in(instructor: NotebookNode, attempts: list[Attempt]) -> NotebookNode:
    """The instructor's notebook with attempts in the place of answers, and nothing in the place of others."""
    nb = copy.deepcopy(instructor)
    answers = {a.answer: a.code for a in attempts}
    for cell in nb.cells:
        if kind(cell) == "answer":
            # Without an answer, a stub that compiles.
            cell.source = answers.pop(name_of(cell), None) or stub(cell.source)
    if answers:
        raise SystemExit(f"attempts.toml: {attempts[0].lesson} has no answers {', '.join(answers)}")
    return nb


def stub(source: str) -> str:
    """The released cell."""
    lines, inside = [], False
    for line in source.splitlines():
        if "BEGIN SOLUTION" in line:
            inside = True
            lines.append('\tpanic("not implemented")')
        elif "END SOLUTION" in line:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def grade(lesson: str, attempts: list[Attempt], tools: Toolbox, plain: Toolbox | None) -> None:
    instructor = assignments.read_instructor(SOURCES / f"{lesson}.md")
    made = assignments.prepare(lesson, instructor, tools)
    for one in rounds(attempts):
        for box, options in [(tools, Options())] + ([(plain, Options(sandboxed=False))] if plain else []):
            nb = handed_in(instructor, one)
            record = Run(nb, made, box, options, variants.named(instructor)).execute()
            for attempt in one:
                mine = [c for c in nb.cells if kind(c) == "test" and attempt.belongs(c)]
                if not mine:
                    raise SystemExit(f"attempts.toml: {lesson} has no graded cells {attempt.checks}")
                earned = sum(c.metadata.nbgrader["points"] for c in mine if record.passed.get(name_of(c)))
                answer = next(c for c in nb.cells if name_of(c) == attempt.answer)
                if box is plain:
                    attempt.otherwise = earned
                    # A copy of a function that is found may need more than stands beside it.
                    attempt.broken = said(answer) if attempt.means in ("call", "table") else ""
                    continue
                attempt.earned, attempt.most = earned, sum(c.metadata.nbgrader["points"] for c in mine)
                attempt.why = said(answer) or " ".join(said(c) for c in mine)
        print(f"{lesson}: {len(one)} attempts tried", file=sys.stderr, flush=True)


HEAD = """\
| lesson | answer | what a student can find | how | with the whole library | points | of |
|---|---|---|---|---|---|---|"""

PAGE = """\
# What is no answer

For each exercise, what a student with the kit or with the students' image can find in the place of an answer, and what it earns when it is graded:
functions of the library, of the plots and of all released notebooks that have the exercise's types (as they stand, and with `float64` for `float32`),
the values in the tables of the visible checks, links to the functions of the answers, and calls of the library. The fifth column is what the same code
earns against the library as it is: a number above 0 is what the outline of the library takes away. `tests/test_image.py` holds the students' image against this page: besides
the kit it has the released notebooks, which are tried, and Go modules that others have published.

This page is written by

    .venv/bin/python lessons/grading/tests/attempts.py

It fails if anything earns points. Run it after a change of a lesson, of an exported function or of `lessons/grading/works.txt`; it takes some
ten minutes, and can be run for single lessons. With `--without` it fills the fifth column, too, and fails if an attempt does not compile.

## What earns points all the same

Code that a student writes from what everybody may read. Softmax is a formula of one line, and whoever writes it down has done the exercise, after a book or after `Tensor.Softmax`.
So a function for a slice of `float64` that is made from the library's loop over rows of a tensor passes, as it should, and so does one that is typed from a public Go module
such as gonum's `floats.LogSumExp`: no program can see where a person has read a formula, and one that took points for it would take them from honest work.

A text that is copied is another matter, and for a person to judge. `make similar` compares each answer with each file of `fashion/` and `plots/`, by fingerprints that names, numbers and comments do not change, and names
those that resemble one (`s01: an answer resembles fashion/tensor.go by 61%`), with both side by side in its page. Solutions of the lessons that were written without the library resemble none (`tests/test_similar.py`). It says so to the
teacher only, never in a student's page, and takes no points. A copy in which most lines were written anew is not found; nor is one that more than a third of the class has, which counts as what everybody writes.

## The table

"""


def row(a: Attempt) -> str:
    otherwise = "" if a.otherwise is None else f"{a.otherwise:g}"
    return f"| {a.lesson} | {a.answer} | {a.what} | {LABEL[a.means]} | {otherwise} | {a.earned:g} | {a.most:g} |"


def with_reason(a: Attempt) -> str:
    """The row with what a check or the compiler says. It tells of cases that students do not get, so it is not in the page."""
    why = a.why.replace("|", "\\|").replace("\n", " ")
    return f"{row(a)} {why[:160]} |"


def write(rows: list[str]) -> None:
    """Writes the page; lessons that were not tried now keep their rows."""
    lesson = re.compile(r"\| (\d-\S+) \|")
    now = {row.split()[1] for row in rows}
    old = TABLE.read_text(encoding="utf-8").split("\n") if TABLE.exists() else []
    kept = [row for row in old if (m := lesson.match(row)) and m[1] not in now]
    TABLE.write_text(PAGE + "\n".join([HEAD, *sorted(kept + rows, key=lambda row: row.split()[1])]) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--without", action="store_true")
    parser.add_argument("--only", choices=LABEL)
    parser.add_argument("assignments", nargs="*")
    options = parser.parse_args()
    tools = Toolbox(lambda text: print(text, file=sys.stderr))
    plain = Toolbox(grading=False) if options.without else None
    rows, bad = [], False
    with tempfile.TemporaryDirectory(prefix="fl-attempts-") as folder:
        kit(Path(folder) / "kit")
        print(HEAD.replace("\n", " what is said |\n") + "---|")
        for lesson in options.assignments or sorted(p.stem for p in SOURCES.glob("*.md")):
            tried = [a for a in generated(lesson, Path(folder) / "kit") + listed(lesson) if options.only in (None, a.means)]
            grade(lesson, tried, tools, plain)
            rows += map(row, tried)
            print("\n".join(map(with_reason, tried)), flush=True)
            for a in tried:
                if a.broken:
                    print(f"{a.lesson}, {a.answer}, {a.what}: does not compile: {a.broken}", file=sys.stderr)
                bad |= bool(a.earned or a.broken)
            if not options.only:
                write(rows)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

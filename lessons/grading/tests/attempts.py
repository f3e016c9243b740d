#!/usr/bin/env python3
"""Tries what students could hand in in the place of answers, and writes what it earns as a table.

    attempts.py [--without] [ASSIGNMENT …]

attempts.toml lists calls, links and copies. Each is graded as submissions are. With --without each is also run against
the library as it is, which shows what it would earn if graded programs were built from that.
Returns 1 if anything earns points.
"""

import copy
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from fashionlab_grading import assignment as assignments
from fashionlab_grading.check import said
from fashionlab_grading.execute import Options, Run
from fashionlab_grading.folder import SOURCES
from fashionlab_grading.notebooks import kind, name_of
from fashionlab_grading.toolbox import Toolbox

ATTEMPTS = Path(__file__).with_suffix(".toml")
LABEL = {"call": "calls", "link": "links", "copy": "copies"}


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
    why: str = ""

    def belongs(self, cell: NotebookNode) -> bool:
        """Whether the cell checks this attempt, itself or with further cases."""
        return any(name_of(cell) in (check, check + "-further") for check in self.checks)


def read(only: list[str]) -> list[Attempt]:
    found = [Attempt(**one) for one in tomllib.loads(ATTEMPTS.read_text(encoding="utf-8"))["attempt"]]
    return [a for a in found if not only or a.lesson in only]


def rounds(attempts: list[Attempt]) -> list[list[Attempt]]:
    """The attempts as notebooks: in each, one in the place of an answer."""
    found: list[list[Attempt]] = []
    for attempt in attempts:
        for one in found:
            if all(attempt.answer != other.answer for other in one):
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
            record = Run(nb, made, box, options).execute()
            for attempt in one:
                mine = [c for c in nb.cells if kind(c) == "test" and attempt.belongs(c)]
                if not mine:
                    raise SystemExit(f"attempts.toml: {lesson} has no graded cells {attempt.checks}")
                earned = sum(c.metadata.nbgrader["points"] for c in mine if record.passed.get(name_of(c)))
                if box is plain:
                    attempt.otherwise = earned
                    continue
                attempt.earned, attempt.most = earned, sum(c.metadata.nbgrader["points"] for c in mine)
                answer = next(c for c in nb.cells if name_of(c) == attempt.answer)
                attempt.why = said(answer) or " ".join(said(c) for c in mine)


HEAD = """\
| lesson | answer | what a student can find | how | points of a library that does it all | points when graded | of | what is said |
|---|---|---|---|---|---|---|---|"""


def row(a: Attempt) -> str:
    why = a.why.replace("|", "\\|").replace("\n", " ")
    otherwise = "" if a.otherwise is None else f"{a.otherwise:g}"
    return f"| {a.lesson} | {a.answer} | {a.what} | {LABEL[a.means]} | {otherwise} | {a.earned:g} | {a.most:g} | {why[:160]} |"


def main(arguments: list[str]) -> int:
    with_plain = "--without" in arguments
    attempts = read([a for a in arguments if a != "--without"])
    tools = Toolbox(lambda text: print(text, file=sys.stderr))
    plain = Toolbox(grading=False) if with_plain else None
    print(HEAD)
    for lesson in dict.fromkeys(a.lesson for a in attempts):
        tried = [a for a in attempts if a.lesson == lesson]
        grade(lesson, tried, tools, plain)
        print("\n".join(map(row, tried)), flush=True)
    return 1 if any(a.earned for a in attempts) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

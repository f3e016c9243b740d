"""Checks what the text of a lesson states: its points, its links, and its numbers. Numbers also in other notebooks.

Numbers are checked against NAME.checks.toml beside the source. It lists, under given, those that the text may use as they
are: the sizes of the data set, settings of the cells, and small counts. Every other number in the text needs a rule:

    [[number]]
    says = 'got (\\d+) % of the same images'    # a pattern for the text, with the number as its group
    cell = 'display.Println(right'             # a part of the source of the cell that shows the number
    pattern = '(\\d+) of 1000 are right'        # a pattern for its output; the first match counts
    of = "largest"                             # or, of all matches, the largest or the smallest
    stored = 686                               # the number that the cell showed when it was last executed
    times = 0.1                                # what it is multiplied by, if not 1

    [[number]]
    says = 'There are ([\\d,]+) of them'
    computed = '10 * 784 + 10'                 # an expression, with the functions of Python's math

    [[number]]
    says = 'a mean of ([\\d.]+) over (\\d+) seeds'
    measured = [0.711, 8]                      # what no cell shows; a comment says where it comes from

A pattern with several groups is for several numbers: those of the output's pattern, of a list or of a tuple. One without
a group is for a number in words: between = [0.7, 0.8] has the range that the words stand for.

The text must agree to the digit: that of a lesson with stored, since its notebook has no outputs, and that of a notebook
that is stored with outputs with them (tools/notebook.py check; its rules have no stored). When a lesson is executed
(course check --execute), it must agree with the output, up to one in the last digit, since machines round differently.
"""

import math
import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from fashionlab_grading.notebooks import kind, name_of

POINTS = re.compile(r"\((\d+) points?\)")
IN_ALL = re.compile(r"^\*\*Points:\*\* (\d+) in all", re.M)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NUMBER = re.compile(r"(?<![\w.])\d+(?:(?:,|\\,|\{,\})\d{3})*(?:\.\d+)?")
# Where a rule's numbers come from, if not from an output, and how a message names them.
KNOWN = {"computed": "what is computed is", "stored": "the stored output is", "measured": "what was measured is"}
# What has numbers that state nothing: code, addresses, the numbers of exercises and lessons, points, time, lists, years.
SILENT = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|<[^>]*>|\([^()]*points?[^()]*\)|\bHint \d|\b[Ee]xercises? \d+|\b[Ll]essons? \d+(?: (?:to|and) \d+)?|\b[Ss]ection \d+(?:\.\d+)?|^\s*\d+\. |^\*\*(?:Points|Time):\*\*[^\n]*|\b(?:19|20)\d\d\b",
    re.M | re.S,
)


def points(instructor: NotebookNode) -> list[str]:
    """Differences between the points in the text and those of the graded cells."""
    wrong, total = [], 0
    stated: tuple[str, int] | None = None  # the heading with points that was last
    under = 0

    def close() -> None:
        if stated and stated[1] != under:
            wrong.append(f'"{stated[0]}": its graded cells have {under} points')

    for cell in instructor.cells:
        if cell.cell_type == "markdown" and kind(cell) != "written":
            for heading in re.findall(r"^##+ .*$", cell.source, re.M):
                close()
                match = POINTS.search(heading)
                stated, under = ((heading, int(match.group(1))) if match else None), 0
        if kind(cell) in ("test", "written"):
            number = int(cell.metadata.nbgrader.points)
            total, under = total + number, under + number
            if not stated:
                wrong.append(f"{name_of(cell)}: the heading before it states no points; write it as ### Exercise 1: title ({number} points)")
    close()
    text = "\n".join(c.source for c in instructor.cells if c.cell_type == "markdown")
    in_all = IN_ALL.search(text)
    if not in_all:
        wrong.append(f'the text states no sum of points; write at its top: **Points:** {total} in all')
    elif int(in_all.group(1)) != total:
        wrong.append(f'the text states {in_all.group(1)} points in all, and the graded cells have {total}')
    return wrong


def links(instructor: NotebookNode, lessons: list[str]) -> list[str]:
    """Links that lead nowhere from a released notebook, which is release/NAME/NAME.ipynb."""
    right = {"../glossary.md", *(f"../{name}/{name}.ipynb" for name in lessons)}
    found = [link for cell in instructor.cells if cell.cell_type == "markdown" for link in LINK.findall(cell.source)]
    return [f"the link {link} leads nowhere after the release; write https://…, ../glossary.md or ../NAME/NAME.ipynb" for link in found if not link.startswith(("https://", "#")) and link not in right]


def prose(nb: NotebookNode, silence: Callable[[re.Match[str]], str] | None = None) -> str:
    """The text of a notebook, on one line; what states no number is passed through silence."""
    text = "\n\n".join(c.source for c in nb.cells if c.cell_type == "markdown")
    return " ".join((SILENT.sub(silence, text) if silence else text).split())


def sentence(text: str, match: re.Match[str]) -> str:
    """The sentence around a match, or the part of it that is near."""
    before, after = text[max(0, match.start() - 150):match.start()], text[match.end():match.end() + 150]
    start, end = re.split(r"[.?!|] ", before)[-1], re.split(r"(?<=[.?!|]) ", after)[0]
    return start + match.group() + (end if match.group()[-1] not in ".?!|" else "")


def value(text: str) -> float:
    return float(re.sub(r",|\\,|\{,\}", "", text).replace("−", "-"))


def unit(text: str) -> float:
    """One in the last digit of a number."""
    return 10.0 ** -len(text.partition(".")[2])


def numbers(nb: NotebookNode, checks: Path) -> list[str]:
    """Numbers of the text that differ from what was stored, is shown or is computed, and those that nothing vouches for."""
    asked = tomllib.loads(checks.read_text(encoding="utf-8"))
    text, wrong, vouched = prose(nb), [], set()
    for rule in asked.get("number", []):
        match = re.search(rule["says"], text)
        if not match:
            wrong.append(f"{checks.name}: no text fits {rule['says']!r}")
            continue
        vouched |= {i for group in range(1, len(match.groups()) + 1) for i in range(*match.span(group))}
        if source := next((s for s in KNOWN if s in rule), ""):
            known = rule[source] if source != "computed" else eval(rule[source], {"__builtins__": {}}, {**vars(math), "round": round})
            wrong += differs(rule, match, known if isinstance(known, list | tuple) else [known], KNOWN[source], 0.5)
        else:
            wrong += compare(nb, rule, match, checks, 0.5)
    given = {value(str(g)) for g in asked.get("given", [])}
    silent = prose(nb, lambda m: re.sub(r"\S", "~", m.group()))
    return wrong + [
        f'nothing vouches for the number {n.group()} in the text "{sentence(text, n)}": add a [[number]] to {checks.name}, or, if it is a setting, add it to given'
        for n in NUMBER.finditer(silent) if n.start() not in vouched and value(n.group()) not in given
    ]


def differs(rule: dict[str, Any], match: re.Match[str], numbers: Sequence[float], source: str, units: float) -> list[str]:
    """Whether the numbers in the text are those of a rule, up to a number of units of their last digits."""
    known = [number * rule.get("times", 1) for number in numbers]
    are = f"{source} {' and '.join(f'{number:g}' for number in known)}"
    if not match.groups():
        low, high = rule["between"]
        return [] if low <= known[0] <= high else [f'the text says "{match.group()}", and {are}, which is not between {low} and {high}']
    if len(known) == len(match.groups()) and all(abs(value(s) - n) <= units * unit(s) * (1 + 1e-9) for s, n in zip(match.groups(), known)):
        return []
    return [f'the text says "{sentence(match.string, match)}", and for "{match.group()}" {are}']


def compare(nb: NotebookNode, rule: dict[str, Any], match: re.Match[str], checks: Path, units: float) -> list[str]:
    """Whether the numbers in the text are those that a cell shows."""
    shown = "\n".join(output(c) for c in nb.cells if c.cell_type == "code" and rule["cell"] in c.source)
    found = [[value(n) for n in m.groups()] for m in re.finditer(rule["pattern"], shown)]
    if not found:
        return [f"{checks.name}: no output of the cell with {rule['cell']!r} fits {rule['pattern']!r}"]
    return differs(rule, match, {"smallest": min, "largest": max}[rule["of"]](found) if "of" in rule else found[0], "the output is", units)


def executed(instructor: NotebookNode, checks: Path) -> list[str]:
    """Numbers of the text that differ from the outputs of an executed lesson."""
    text, wrong = prose(instructor), []
    for rule in tomllib.loads(checks.read_text(encoding="utf-8")).get("number", []):
        match = re.search(rule["says"], text)
        if "cell" in rule and match:
            wrong += compare(instructor, rule, match, checks, 1.5)
    return wrong


def output(cell: NotebookNode) -> str:
    """The text that a cell shows."""
    pieces = [str(o.get("text", "")) for o in cell.get("outputs", [])]
    pieces += [str(text) for o in cell.get("outputs", []) for mime, text in sorted(o.get("data", {}).items()) if mime.startswith("text/")]
    return "\n".join(pieces)

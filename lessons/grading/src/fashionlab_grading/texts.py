"""Checks what the text of a lesson states: its points, its links, and its numbers.

Numbers are checked against lessons/source/NAME.checks.toml. It lists, under given, those that the text may use as they are:
the sizes of the data set, settings of the lesson's cells, and small counts. Every other number in the text needs a rule:

    [[number]]
    says = 'got (\\d+) % of the same images'    # a pattern for the text, with the number as its group
    cell = 'display.Println(right'             # a part of the source of the cell that shows the number
    pattern = '(\\d+) of 1000 are right'        # a pattern for its output
    stored = 686                               # the number that the cell showed when it was last executed
    times = 0.1                                # what it is multiplied by, if not 1

    [[number]]
    says = 'There are ([\\d,]+) of them'
    computed = '10 * 784 + 10'                 # an expression, with the functions of Python's math

A rule whose pattern has no group is for a number in words: between = [0.7, 0.8] has the range that the words stand for.
The text must agree with stored and computed, to the digit. When the lesson is executed (course check --execute), it must
agree with the output, up to one in the last digit, since machines round differently.
"""

import math
import re
import tomllib
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from fashionlab_grading.notebooks import kind, name_of

POINTS = re.compile(r"\((\d+) points?\)")
IN_ALL = re.compile(r"^\*\*Points:\*\* (\d+) in all", re.M)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
# What has numbers that state nothing: code, addresses, the numbers of exercises and lessons, points, time, lists, years of papers.
SILENT = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|<[^>]*>|\([^()]*points?[^()]*\)|\bHint \d|\b[Ee]xercises? \d+|\b[Ll]essons? \d+(?: (?:to|and) \d+)?|^\s*\d+\. |^\*\*(?:Points|Time):\*\*[^\n]*|^[^\n]*\b(?:19|20)\d\d\b[^\n]*",
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


def prose(instructor: NotebookNode) -> str:
    """The text of a lesson, on one line."""
    return " ".join(" ".join(c.source for c in instructor.cells if c.cell_type == "markdown").split())


def value(text: str) -> float:
    return float(text.replace(",", ""))


def unit(text: str) -> float:
    """One in the last digit of a number."""
    return 10.0 ** -len(text.partition(".")[2])


def numbers(instructor: NotebookNode, checks: Path) -> list[str]:
    """Numbers of the text that differ from what was stored or is computed, and those that nothing vouches for."""
    asked = tomllib.loads(checks.read_text(encoding="utf-8"))
    text, wrong, covered = prose(instructor), [], set()
    for rule in asked.get("number", []):
        match = re.search(rule["says"], text)
        if not match:
            wrong.append(f"{checks.name}: no text fits {rule['says']!r}")
            continue
        number = eval(rule["computed"], {"__builtins__": {}}, {**vars(math), "round": round}) if "computed" in rule else rule["stored"]
        wrong += differs(rule, match, number, "what is computed" if "computed" in rule else "the stored output", 0.5)
        covered |= {(m.group(), m.start()) for m in NUMBER.finditer(text, match.start(), match.end())} if match.groups() else set()
    given = {value(str(g)) for g in asked.get("given", [])}
    vouched = {n for n, _ in covered}
    for cell in instructor.cells:
        if cell.cell_type == "markdown":
            for number in NUMBER.findall(SILENT.sub(" ", cell.source).replace("\\,", ",").replace("{,}", ",")):
                if value(number.rstrip(",")) not in given and number.rstrip(",") not in {v.rstrip(",") for v in vouched}:
                    wrong.append(f"nothing vouches for the number {number} in the text: add a [[number]] to {checks.name}, or, if it is a setting, add it to given")
    return wrong


def differs(rule: dict[str, Any], match: re.Match[str], number: float, source: str, units: float) -> list[str]:
    """Whether the number in the text is that of a rule, up to a number of units of its last digit."""
    number *= rule.get("times", 1)
    if not match.groups():
        low, high = rule["between"]
        return [] if low <= number <= high else [f'the text says "{match.group()}", and {source} {number:g} is not between {low} and {high}']
    stated = match.group(1)
    if abs(value(stated) - number) <= units * unit(stated) * (1 + 1e-9):
        return []
    return [f'the text says "{match.group()}", and {source} is {number:g}']


def executed(instructor: NotebookNode, checks: Path) -> list[str]:
    """Numbers of the text that differ from the outputs of an executed lesson."""
    text, wrong = prose(instructor), []
    for rule in tomllib.loads(checks.read_text(encoding="utf-8")).get("number", []):
        match = re.search(rule["says"], text)
        if "cell" not in rule or not match:
            continue
        shown = "\n".join(output(c) for c in instructor.cells if c.cell_type == "code" and rule["cell"] in c.source)
        found = re.search(rule["pattern"], shown)
        if not found:
            wrong.append(f"{checks.name}: no output of the cell with {rule['cell']!r} fits {rule['pattern']!r}")
            continue
        wrong += differs(rule, match, value(found.group(1)), "the output", 1.5)
    return wrong


def output(cell: NotebookNode) -> str:
    """The text that a cell shows."""
    pieces = [str(o.get("text", "")) for o in cell.get("outputs", [])]
    pieces += [str(text) for o in cell.get("outputs", []) for mime, text in sorted(o.get("data", {}).items()) if mime.startswith("text/")]
    return "\n".join(pieces)

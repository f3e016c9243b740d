"""Finds pairs of submissions that resemble each other beyond the text that was released, and answers that resemble the
library's source, and shows them side by side.

The algorithm is winnowing: Schleimer, Wilkerson, Aiken, "Winnowing: Local Algorithms for Document Fingerprinting",
SIGMOD 2003, https://doi.org/10.1145/872757.872770, over the tokens of Go (lessons/grading/gocell/tokens.go).
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup, escape

from fashionlab_grading import readgo
from fashionlab_grading.folder import Course, Problem, write
from fashionlab_grading.grade import submissions
from fashionlab_grading.notebooks import Unreadable, read_submission
from fashionlab_grading.pages import FEEDBACK_POLICY, environment
from fashionlab_grading.toolbox import ROOT
from fashionlab_grading.visible import visible

# A run of so many tokens is the least that can count: one or two lines of Go.
TOKENS = 12
# Of so many runs in a row one is a fingerprint, so no copy of TOKENS + WINDOW - 1 tokens is missed.
WINDOW = 4
# What more of the class have than this share, and more than so many students, is how everybody writes it.
SHARE, FEW = 1 / 3, 4
# Fewer common fingerprints than these prove nothing, however large a part of a short program they are.
LEAST = 8
# Solutions of 2-softmax that were written independently resemble each other by 0.05 to 0.4 (tests/testdata/similar); copies with
# new names, another order, comments and prints by 1.
THRESHOLD = 0.5
MOST = 200  # pairs on a page
LIBRARY = ["fashion", "plots"]


@dataclass
class Work:
    """The Go of a submission."""

    student: str
    cells: list[str]
    prints: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)  # of each fingerprint, where it is: cell, begin, end


@dataclass
class Pair:
    one: Work
    other: Work
    shared: set[str]

    @property
    def resemblance(self) -> float:
        return len(self.shared) / min(len(self.one.prints), len(self.other.prints))


def hashes(tokens: Sequence[dict[str, Any]]) -> list[str]:
    """A hash of each run of tokens."""
    kinds = [t["kind"] for t in tokens]
    return [hashlib.blake2b(" ".join(kinds[i : i + TOKENS]).encode(), digest_size=8).hexdigest() for i in range(len(kinds) - TOKENS + 1)]


def winnowed(marks: Sequence[str]) -> list[int]:
    """The positions that winnowing chooses: of each window the least hash, the last one where several are."""
    windows = range(max(1, len(marks) - WINDOW + 1) if marks else 0)
    return sorted({min(range(b, min(b + WINDOW, len(marks))), key=lambda i: (marks[i], -i)) for b in windows})


def compare(works: list[Work], released: Sequence[str], threshold: float = THRESHOLD) -> list[Pair]:
    """The pairs that resemble each other, the most alike first."""
    sources = [*released, *(cell for w in works for cell in w.cells)]
    tokens = iter(readgo.ask(["tokens"], sources))
    known = {mark for _ in released for mark in hashes(next(tokens))}
    for w in works:
        for number, _ in enumerate(w.cells):
            those = next(tokens)
            marks = hashes(those)
            for i in winnowed(marks):
                if marks[i] not in known:
                    w.prints.setdefault(marks[i], []).append((number, those[i]["begin"], those[i + TOKENS - 1]["end"]))
    owners: dict[str, list[int]] = defaultdict(list)
    for i, w in enumerate(works):
        for mark in w.prints:
            owners[mark].append(i)
    shared: dict[tuple[int, int], set[str]] = defaultdict(set)
    for mark, those in owners.items():
        if len(those) > max(FEW, SHARE * len(works)):
            for i in those:
                del works[i].prints[mark]
            continue
        for pair in combinations(those, 2):
            shared[pair].add(mark)
    pairs = [Pair(works[i], works[j], marks) for (i, j), marks in shared.items() if len(marks) >= LEAST]
    return sorted((p for p in pairs if p.resemblance >= threshold), key=lambda p: (-p.resemblance, -len(p.shared), p.one.student, p.other.student))


def library() -> list[Work]:
    """The library's files, which students may read. All their runs of tokens are fingerprints, so that any part is found."""
    paths = sorted(p for name in LIBRARY for p in (ROOT / name).rglob("*.go") if not p.name.endswith("_test.go"))
    files = [Work(p.relative_to(ROOT).as_posix(), [p.read_text(encoding="utf-8")]) for p in paths]
    for change in (("", ""), ("float32", "float64")):  # exercises are in double precision
        for file, tokens in zip(files, readgo.ask(["tokens"], [f.cells[0].replace(*change) for f in files]), strict=True):
            for i, mark in enumerate(hashes(tokens)):
                file.prints.setdefault(mark, []).append((0, tokens[i]["begin"], tokens[i + TOKENS - 1]["end"]))
    return files


def from_library(works: list[Work]) -> list[Pair]:
    """The cells that resemble a file of the library, of works whose fingerprints compare has found; each with the file that it resembles most.

    Cell by cell, since a function that was copied is a small part of a submission. Solutions of the lessons that were written
    independently resemble a file by up to 0.37, if they have LEAST fingerprints of it.
    """
    files = library()
    found = []
    for w in works:
        for number, _ in enumerate(w.cells):
            places = {mark: [p for p in those if p[0] == number] for mark, those in w.prints.items()}
            mine = Work(w.student, w.cells, {mark: those for mark, those in places.items() if those})
            best = max((Pair(mine, file, mine.prints.keys() & file.prints.keys()) for file in files), key=lambda p: len(p.shared))
            if len(best.shared) >= max(LEAST, THRESHOLD * len(mine.prints)):
                found.append(best)
    return found


def similar(course: Course, assignment: str, threshold: float, target: Path | None) -> list[str]:
    """Writes a page with the pairs of an assignment; returns lines for the user."""
    course.check_released(assignment)
    released = [c.source for c in nbformat.read(course.release_of(assignment), as_version=4).cells if c.cell_type == "code"]
    given = {source.strip() for source in released}
    works, unread = [], []
    for s in submissions(course, assignment, []):
        try:
            if not s.file:
                raise Unreadable("no notebook was handed in")
            cells = [c.source for c in read_submission(s.file).cells if c.cell_type == "code" and c.source.strip() not in given]
        except Unreadable as e:
            unread.append(f"{s.student}: not compared: {e}")
            continue
        works.append(Work(s.student, cells))
    if len(works) < 2:
        raise Problem("\n".join([f"There are fewer than two submissions of {assignment} to compare.", *unread]))
    pairs = compare(works, released, threshold)
    copies = from_library(works)
    target = (target or course.folder / "similar" / f"{assignment}.html").absolute()
    if target.is_dir():
        raise Problem(f"{target} is a folder. Give the name of a file.")
    write(target, page(course, assignment, len(works), [*copies, *pairs], threshold))
    said = [f"{pair.one.student}: an answer resembles {pair.other.student} by {pair.resemblance:.0%}" for pair in copies]
    return [*unread, *said, f"{assignment}: {len(works)} submissions compared; pairs with a resemblance of {threshold:.0%} or more: {len(pairs)}", str(target)]


def page(course: Course, assignment: str, compared: int, pairs: list[Pair], threshold: float) -> str:
    names = {i: f"{s['first_name']} {s['last_name']}".strip() for i, s in course.students().items()}
    shown = {i: f"{name} ({i})" if name else i for i, name in names.items()}
    rows = []
    for pair in pairs[:MOST]:
        one = regions(pair.one, pair.shared)
        other = regions(pair.other, pair.shared)
        numbers = [[str(n) for n, (_, _, _, marks) in enumerate(one, 1) if marks & theirs] for *_, theirs in other]
        works = [(pair.one, marked(pair.one, one, [[str(n)] for n in range(1, len(one) + 1)])), (pair.other, marked(pair.other, other, numbers))]
        rows.append({"sides": [(shown.get(w.student, w.student), cells) for w, cells in works], "resemblance": f"{pair.resemblance:.0%}", "shared": len(pair.shared)})
    return environment().get_template("similar.html.j2").render(assignment=assignment, compared=compared, pairs=rows, found=len(pairs), threshold=f"{threshold:.0%}", policy=FEEDBACK_POLICY)


def regions(work: Work, shared: set[str]) -> list[tuple[int, int, int, set[str]]]:
    """The parts of a work that have the fingerprints: cell, begin, end, and which these are."""
    found: list[tuple[int, int, int, set[str]]] = []
    for cell, begin, end, mark in sorted((*place, m) for m in shared for place in work.prints[m]):
        if found and found[-1][0] == cell and begin <= found[-1][2]:
            _, first, last, marks = found.pop()
            found.append((cell, first, max(last, end), marks | {mark}))
        else:
            found.append((cell, begin, end, {mark}))
    return found


def marked(work: Work, parts: list[tuple[int, int, int, set[str]]], numbers: list[list[str]]) -> list[Markup]:
    """The cells that have these parts, which are marked. Whatever a student wrote is escaped."""
    cells = []
    for number in sorted({part[0] for part in parts}):
        source = work.cells[number]
        text, at = Markup(""), 0
        for (cell, begin, end, _), labels in zip(parts, numbers, strict=True):
            if cell == number:
                text += escape(visible(source[at:begin])) + Markup("<mark><sup>{}</sup>{}</mark>").format(" ".join(labels), visible(source[begin:end]))
                at = end
        cells.append(text + escape(visible(source[at:])))
    return cells

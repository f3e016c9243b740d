"""Copies are found whatever is changed about them, independent solutions are not, and the page shows both safely."""

import random
import re
import time
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import nbformat
import pytest
from conftest import new_course

from fashionlab_grading.assignment import read_instructor
from fashionlab_grading.folder import SOURCES, Problem
from fashionlab_grading.notebooks import kind
from fashionlab_grading.similar import FEW, THRESHOLD, Work, compare, from_library, similar
from fashionlab_grading.toolbox import ROOT

TESTDATA = Path(__file__).resolve().parent / "testdata"
LESSON = read_instructor(TESTDATA.parents[2] / "source" / "2-softmax.md")
RELEASED = [
    re.sub(r"// BEGIN HIDDEN TESTS\n.*?// END HIDDEN TESTS", "", re.sub(r"\t// BEGIN SOLUTION\n.*?// END SOLUTION", '\t// YOUR CODE HERE\n\tpanic("not implemented")', c.source, flags=re.S), flags=re.S)
    for c in LESSON.cells if c.cell_type == "code"
]
SOLUTIONS = {p.stem: re.findall(r"```go\n(.*?)```", p.read_text(encoding="utf-8"), re.S) for p in (TESTDATA / "similar").glob("*.md")}
SOLUTIONS["lesson"] = [re.sub(r"\t// (BEGIN|END) SOLUTION\n", "", c.source) for c in LESSON.cells if kind(c) == "answer"]
KEPT = set("for func if range return switch case go defer var make len append float64 int map continue slices math copy nil package string".split())


def renamed(cells):
    return [re.sub(r"\b[a-z]\w*\b", lambda m: m[0] if m[0] in KEPT else f"my_{m[0]}ß", cell) for cell in cells]


def other_literals(cells):
    return [re.sub(r"\b\d+\.\d+\b", "0.0e0", cell) for cell in cells]


def reordered(cells):
    functions = [f for cell in cells for f in re.split(r"\n(?=func )", cell)]
    random.Random(1).shuffle(functions)
    return ["\n".join(functions)]


def commented(cells):
    return [re.sub(r"\n", " // mine /* all */\n/* and\n this */", cell) for cell in cells]


def laid_out(cells):
    return [re.sub(r"(?<=[({,])\n\t*", "\n\n\n", cell).replace("\n", "\r\n") for cell in cells]


def printing(cells):
    return [re.sub(r"(\{\n)", r'\1fmt.Println("here", len("(("), f(1))\nprintln(1)\n', cell) for cell in cells]


def run(cells):
    return ["%%\nmain2()\n", *[cell + "\n%%\nfmt.Println(1)\n!ls\n" for cell in cells]]


def everything(cells):
    return run(commented(printing(renamed(reordered(cells)))))


def resemblance(one, other, threshold=0.0):
    found = compare([Work("one", list(one)), Work("other", list(other))], RELEASED, threshold)
    return found[0].resemblance if found else 0


@pytest.mark.parametrize("change", [renamed, other_literals, reordered, commented, laid_out, printing, run, everything], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", sorted(SOLUTIONS))
def test_copies_are_found(name, change):
    changed = change(SOLUTIONS[name])
    assert changed != SOLUTIONS[name] or change is other_literals
    assert resemblance(SOLUTIONS[name], changed) > 0.9


@pytest.mark.parametrize("name", sorted(SOLUTIONS))
def test_a_copy_of_half_is_found(name):
    cells = SOLUTIONS[name]
    stranger = SOLUTIONS["b" if name != "b" else "c"]
    assert resemblance(cells, [*everything(cells[: len(cells) // 2 + 1]), *stranger[len(cells) // 2 + 1 :]], THRESHOLD) >= THRESHOLD


@pytest.mark.parametrize("pair", list(combinations(sorted(SOLUTIONS), 2)), ids=" ".join)
def test_independent_solutions_stay_below_the_threshold(pair):
    assert resemblance(SOLUTIONS[pair[0]], SOLUTIONS[pair[1]]) < THRESHOLD - 0.1


def test_the_released_text_is_nobodys_own():
    assert compare([Work(str(i), RELEASED) for i in range(2)], RELEASED, 0) == []
    both = compare([Work("a", [*RELEASED, *SOLUTIONS["a"]]), Work("b", [*RELEASED, *SOLUTIONS["b"]])], RELEASED, 0)
    assert both[0].resemblance == resemblance(SOLUTIONS["a"], SOLUTIONS["b"])


def test_what_much_of_the_class_writes_is_left_out():
    class_ = [Work(f"s{i}", SOLUTIONS["lesson"]) for i in range(FEW + 1)]
    assert compare(class_, RELEASED, 0) == []
    pair = [Work("x", SOLUTIONS["a"]), Work("y", renamed(SOLUTIONS["a"]))]
    found = compare([*class_, *pair], RELEASED)
    assert [(p.one.student, p.other.student) for p in found] == [("x", "y")]
    # Four who copy are found in a small class too.
    ring = [Work(f"r{i}", SOLUTIONS["a"]) for i in range(FEW)]
    assert len(compare([*ring, Work("b", SOLUTIONS["b"]), Work("c", SOLUTIONS["c"])], RELEASED)) == FEW * (FEW - 1) // 2


@pytest.mark.parametrize("cell", ["", "no Go at all \x00 “”", "%%bash\necho", "x" * 200_000, "Print(" * 30_000, "a.b(" * 50_000, "\udce9 := `", "func F() { for {" * 1000])
def test_odd_cells_harm_nobody(cell):
    began = time.monotonic()
    works = [Work("a", [cell, *SOLUTIONS["a"]]), Work("b", [*SOLUTIONS["a"], cell]), Work("c", [cell])]
    assert ("a", "b") in [(p.one.student, p.other.student) for p in compare(works, RELEASED)]
    assert time.monotonic() - began < 20


# ---- the page


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    made = new_course(tmp_path_factory.mktemp("similar") / "course")
    made.release("first")
    yield made


HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)></pre></mark></style>"\'{{ 7*7 }}{% raw %}\x1b[31m\u202e'


def hand_in(course, student, cells, name=""):
    nb = nbformat.read(course.release_of("first"), as_version=4)
    nb.cells += [nbformat.v4.new_code_cell(c) for c in cells]
    file = course.folder / "submitted" / student / "first" / "first.ipynb"
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, file)
    course.add_student(id=student, last_name=name)


class Seen(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, *a) for a in attrs]


def test_the_page_shows_both_and_obeys_neither(course, tmp_path):
    hand_in(course, "s01", [*SOLUTIONS["a"], f"var x = `{HOSTILE}`"], "Zoë " + HOSTILE)
    hand_in(course, "s02", [f"// {HOSTILE}\n" + c for c in renamed(SOLUTIONS["a"])])
    hand_in(course, "s03", SOLUTIONS["b"])
    (course.folder / "submitted" / "s04" / "first").mkdir(parents=True)
    (course.folder / "submitted" / "s04" / "first" / "first.ipynb").write_text("no notebook")
    lines = similar(course, "first", THRESHOLD, None)
    assert "s04: not compared: it is no notebook but text" in lines
    assert any("3 submissions compared; pairs with a resemblance of 50% or more: 1" in l for l in lines) and lines[-1] == str(course.folder / "similar" / "first.html")
    page = (course.folder / "similar" / "first.html").read_text(encoding="utf-8")
    seen = Seen(page)
    assert seen.tags <= set("html head meta title style body main h1 h2 h3 p table caption thead tbody tr th td a section div pre mark sup".split())
    assert ("html", "lang", "en") in seen.attributes
    policy = next(v for t, k, v in seen.attributes if t == "meta" and k == "content" and "default-src" in v)
    assert "default-src 'none'" in policy and "script" not in policy
    assert all(v.startswith("#pair-") for t, k, v in seen.attributes if k in ("href", "src"))
    assert not {k for _, k, _ in seen.attributes if k.startswith("on")}
    assert "Zoë &lt;script&gt;" in page and "(s01)" in page and "s02" in page and "s03" not in page
    assert "\x1b" not in page and "\u202e" not in page and "{{ 7*7 }}" in page
    # Each marked part has a number on both sides.
    left, right = re.findall(r'<div>\n<h3>.*?</div>', page, re.S)
    ours, theirs = [[set(n.split()) for n in re.findall(r"<mark><sup>([\d ]+)</sup>", side)] for side in (left, right)]
    assert ours and set.union(*ours) == set.union(*theirs)
    assert "my_" in right and "for class := 0" in left

    with pytest.raises(Problem, match="is a folder"):
        similar(course, "first", THRESHOLD, tmp_path)
    with pytest.raises(Problem, match="no assignment"):
        similar(course, "tenth", THRESHOLD, None)


def library_text(file, head):
    """A function of the library, as it stands."""
    source = (ROOT / "fashion" / file).read_text(encoding="utf-8")
    return source[source.index(head) : source.index("\n}", source.index(head)) + 2]


# What students could make of the library's source for 2-softmax.
COPIED = {
    "as it stands": library_text("tensor.go", "func (t *Tensor) Softmax()"),
    "for a slice": "func Softmax(logits []float64) []float64 {\n\tresult := slices.Clone(logits)\n\tclasses := len(logits)\n"
    + library_text("tensor.go", "func (t *Tensor) Softmax()").split("\n", 6)[6].replace("float32", "float64").replace("result.Data", "result"),
}


@pytest.mark.parametrize("change", [list, renamed, commented, printing], ids=lambda f: f.__name__)
@pytest.mark.parametrize("text", COPIED.values(), ids=COPIED.keys())
def test_an_answer_that_is_copied_from_the_library_is_found_in_a_submission_of_many(text, change):
    works = [Work("copies", [*SOLUTIONS["a"], *change([text])]), Work("other", SOLUTIONS["b"])]
    compare(works, RELEASED)
    [pair] = from_library(works)
    assert (pair.one.student, pair.other.student) == ("copies", "fashion/tensor.go")
    assert {cell for places in pair.one.prints.values() for cell, _, _ in places} == {len(SOLUTIONS["a"])}


def test_solutions_of_ones_own_do_not_resemble_the_library():
    works = [Work(name, cells) for name, cells in SOLUTIONS.items()]
    works += [Work(p.stem, [re.sub(r"\t// (BEGIN|END) SOLUTION\n", "", c.source) for c in read_instructor(p).cells if kind(c) == "answer"]) for p in sorted(SOURCES.glob("*.md"))]
    for one in works:  # each alone: none of it is what a large part of a class has
        compare([one], RELEASED)
    assert from_library(works) == []


def test_the_command_names_the_file(course):
    hand_in(course, "s01", [*SOLUTIONS["a"], COPIED["for a slice"]])
    hand_in(course, "s02", SOLUTIONS["b"])
    lines = similar(course, "first", THRESHOLD, None)
    assert any(re.fullmatch(r"s01: an answer resembles fashion/tensor\.go by \d+%", line) for line in lines)
    page = (course.folder / "similar" / "first.html").read_text(encoding="utf-8")
    assert "fashion/tensor.go" in page and "<mark>" in page


def generated(seed):
    """A submission of its own: random statements that look like a student's."""
    r = random.Random(seed)
    lines = ["x[i] += y[i] * z", "for i := range x {", "if a < b {", "}", "s := make([]float64, n)", "return s", "for i := 0; i < len(x); i++ {", "k, v = f(v, k), g(k)", "m[k] = append(m[k], v...)", "x--", "switch {", "case a:", "defer h()", "go h(a, b)[1:]"]
    return ["func F() {\n" + "\n".join(r.choices(lines, k=40)) + "\n}" for _ in range(10)]


def test_three_hundred_submissions_take_less_than_a_minute():
    works = [Work(f"s{i:03}", [*SOLUTIONS["lesson"], *generated(i)]) for i in range(298)]
    works += [Work("x", generated(1000)), Work("y", everything(generated(1000)))]
    began = time.monotonic()
    found = compare(works, RELEASED)
    seconds = time.monotonic() - began
    print(f"{seconds:.1f} s")
    assert [(p.one.student, p.other.student) for p in found] == [("x", "y")]
    assert seconds < 60

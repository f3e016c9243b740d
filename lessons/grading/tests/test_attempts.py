"""What attempts.py tries covers every exercise, and reads what students get. (It is run by itself: it grades all of it.)"""

import re

import attempts
import findings
import pytest

from fashionlab_grading.assignment import read_instructor
from fashionlab_grading.folder import SOURCES
from fashionlab_grading.kit import kit
from fashionlab_grading.notebooks import kind

LESSONS = sorted(p.stem for p in SOURCES.glob("*.md"))


@pytest.fixture(scope="module")
def students(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attempts") / "kit"
    kit(folder)
    return folder


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_exercise_is_attacked(lesson, students):
    checked = {name for c in read_instructor(SOURCES / f"{lesson}.md").cells if kind(c) == "test" for name in findings.CHECKED.findall(c.source)}
    exercises = findings.exercises(lesson)
    assert {e.checked.name for e in exercises} == checked
    tried = attempts.generated(lesson, students) + attempts.listed(lesson)
    for e in exercises:
        means = {a.means for a in tried if a.answer == e.cell}
        assert "link" in means, e.function.name
        # Those without a table check a property, a model, or a choice.
        assert means & {"table", "call", "copy"} or e.function.name in ("Split", "Order", "Dropout", "Settings", "Pick"), e.function.name


def test_functions_of_the_right_types_are_found_wherever_students_can_read_them(students):
    [argmax] = [e for e in findings.exercises("2-softmax") if e.function.name == "Argmax"]
    assert list(findings.copies(argmax, students)) == []
    (students / "plots" / "mine.go").write_text("package plots\n\nfunc other(v float32) float32 { return v }\n\nfunc top(values []float32) (best int) {\n\treturn int(other(values[0]))\n}\n", encoding="utf-8")
    (students / "plots" / "methods.go").write_text("package plots\n\nfunc (t T) top(values []float64) int {\n\treturn 0\n}\n", encoding="utf-8")
    try:
        [(what, code)] = findings.copies(argmax, students)
    finally:
        (students / "plots" / "mine.go").unlink()
        (students / "plots" / "methods.go").unlink()
    assert what == "top in plots/mine.go, with float64 for float32"
    assert "func Argmax(values []float64)" in code


def test_heads_of_all_forms_are_read():
    [a, b, c] = findings.functions("func a(x, y []int, f func(int) (bool, error)) (p, q int) {\n}\n\nfunc b() *T {\n}\nfunc (r R) m() {\n}\nfunc c(int, map[string]int) {\n}\n")
    assert a.types() == (("[]int", "[]int", "func(int) (bool, error)"), ("int", "int"))
    assert (b.types(), c.types()) == (((), ("*T",)), (("int", "map[string]int"), ()))


def test_the_page_tells_of_no_case_and_no_points():
    page = attempts.TABLE.read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if re.match(r"\| \d-", line)]
    assert {row[0].strip("| ") for row in rows} == set(LESSONS)
    assert {row[5] for row in rows} == {"0"}
    # Each lesson was tried against the library as it is, too, and that shows what the outline takes away.
    assert all(row[4].strip() for row in rows)
    assert len([row for row in rows if float(row[4]) > 0]) > 10

"""What JupyterLab runs is what grading runs: cells of all forms, with a kernel and checkers, but without a sandbox."""

import copy
import json

import pytest
from conftest import TESTDATA, verdicts
from nbformat.v4 import new_code_cell

from fashionlab_grading import assignment, execute
from fashionlab_grading.notebooks import name_of, read_submission, restore
from fashionlab_grading.release import without
from fashionlab_grading.sandbox import Limits
from fashionlab_grading.toolbox import Toolbox
from fashionlab_grading.validate import validate

OPTIONS = execute.Options(limits=Limits(memory=1 << 42, processes=100000, file=1 << 40, processor=100000), sandboxed=False)

# Cells that a student may add. Each declares a function that returns the number it is called by.
FORMS = [
    "import \"strings\" // for Fields\nfunc f0() int { return len(strings.Fields(`a b`)) - 2 }",
    'import ("math"; "sort")\nfunc f1() int { sort.Ints(nil); return int(math.Abs(-1)) }',
    "import `strings`\nfunc f2() int { return len(strings.Fields(\"a b\")) }",
    "const text = `\nimport \"no/such/package\"\n`\nfunc f3() int { return len(text) / 8 }",
    "func f4() int { return 4 }\n%main\nfmt.Println(f4())",
    "func f5() int { return 5 }\n//gonb:%%\nfmt.Println(f5())",
    "func f6() int { return 6 }\n%%\t-v\nfmt.Println(f6())",
    "!echo a \\\n  b\nfunc f7() int { return 7 }",
    "// a line\u2028separator, a next\u0085line, a form\ffeed\nfunc f8() int { return len(\"\u2028\u2029\") + 2 }",
    "%exec f9\nfunc f9() int { return 9 }",
    "func f10() int { return 10 }\nfunc main() { fmt.Println(f10()) }",
    "package main\n\nfunc f11() int { return 11 }",
    "func f12() int {\n\t// %% is no mark here\n\treturn 25 %\n13\n}",
    "type box[T any] struct{ value T }\nfunc (b *box[T]) get() T { return b.value }\nfunc f13() int { return (&box[int]{13}).get() }",
    "var f14 = func() int { return 14 }",
    "var (\n\tone, two = func() (int, int) { return 5, 10 }()\n)\nfunc f15() int { return one + two }",
    "const (\n\tzero = iota * 4\n\tfour\n\teight\n)\nfunc f16() int { return zero + 2*eight }",
    'import x "math"\nimport . "strings"\nimport _ "image/png"\nimport "os"\nfunc f17() int { return int(x.Floor(17.5)) + Count("a", "b") }',
    "func f18() int { return f17() + 1 }",
    "//gonb:!true\nfunc f19() int { return 19 }",
    "func init_f20() { start = 20 }\nvar start int\nfunc f20() int { return start }",
]


@pytest.fixture(scope="module")
def graded(testdata_first):
    """Grades what a change makes of the instructor's notebook. Returns the record and the notebook, and how many programs were run."""
    tools = Toolbox(grading=False)
    made = assignment.prepare("first", testdata_first, tools)

    def grade(change):
        nb = copy.deepcopy(testdata_first)
        change(nb)
        run = execute.Run(nb, made, tools, OPTIONS)
        programs = []
        run.attempt = lambda kernel, cells, tests: programs.append(cells) or execute.Run.attempt(run, kernel, cells, tests)
        return run.execute(), nb, len(programs)

    return grade


@pytest.fixture(scope="module")
def testdata_first():
    return assignment.read_instructor(TESTDATA / "first.md")


def at(nb, name):
    return next(i for i, c in enumerate(nb.cells) if name_of(c) == name)


def put(nb, name, *sources, behind=0):
    """Puts cells before the one with the name, or so many cells behind it."""
    nb.cells[at(nb, name) + behind:at(nb, name) + behind] = [new_code_cell(s) for s in sources]


def change_answer(nb, name, begin, to):
    source = nb.cells[at(nb, name)].source
    assert begin in source
    nb.cells[at(nb, name)].source = source.replace(begin, to, 1)


def outputs(nb):
    return [(name_of(c) or c.source, [o.get("text") or o.get("evalue") for o in c.outputs]) for c in nb.cells if c.get("outputs")]


def test_cells_of_every_form_are_part_of_one_program(graded):
    def change(nb):
        put(nb, "argmax", *FORMS)
        wrong = " || ".join(f"f{i}() != {i}" for i in range(len(FORMS)))
        change_answer(nb, "argmax", "best := 0", f"best := 0\n\tif {wrong} {{\n\t\tpanic(\"a cell was lost\")\n\t}}")

    record, nb, programs = graded(change)
    assert (record.passed, programs) == (verdicts(), 1), outputs(nb)


def test_answers_take_every_form_that_go_has(graded):
    def change(nb):
        nb.cells[at(nb, "softmax")].source = (
            "import \"os\" // unused\n"
            "type row []float64\n"
            "func (r row) softmax() (out []float64) {\n\tsum := 0.0\n\tfor _, z := range r {\n\t\tsum += math.Exp(z - slices.Max(r))\n\t}\n"
            "\tfor _, z := range r {\n\t\tout = append(out, math.Exp(z-slices.Max(r))/sum)\n\t}\n\tfmt.Println(\"debug\", len(out))\n\treturn out\n}\n"
            "var Softmax = func(logits []float64) []float64 { return row(logits).softmax() }")
        nb.cells[at(nb, "argmax")].source = (
            "func Argmax[T cmp.Ordered](values []T) int {\n\tfmt.Println(\"debug\", values)\n\treturn slices.Index(values, largest(values))\n}")
        put(nb, "test-argmax-further", "func largest[T cmp.Ordered](values []T) T { return slices.Max(values) }")

    record, nb, programs = graded(change)
    assert (record.passed, programs) == (verdicts(), 1), outputs(nb)


def overwrite(nb):
    """Both answers use a helper of one name, which is not the same, and later all is overwritten."""
    change_answer(nb, "softmax", "math.Exp(z - largest)", "shift(z, largest)")
    put(nb, "softmax", "func shift(z, largest float64) float64 { return math.Exp(z - largest) }")
    put(nb, "argmax", "func shift(z, largest float64) float64 { return largest - z }")
    change_answer(nb, "argmax", "v > values[best]", "shift(v, values[best]) < 0")
    nb.cells.append(new_code_cell("func Argmax(values []float64) int { return -1 }"))
    nb.cells.append(new_code_cell("func Softmax(values []float64) []float64 { return nil }"))


def break_an_earlier(nb):
    """A helper gets another signature: what used it as it was is no Go any more, and the kernel refuses the cell."""
    overwrite(nb)
    put(nb, "argmax", "func shift(z float64) float64 { return z }")


def test_a_check_sees_what_was_declared_above_it(graded):
    record, nb, programs = graded(overwrite)
    assert (record.passed, programs) == (verdicts(), 2), outputs(nb)


@pytest.mark.parametrize("change", [overwrite, break_an_earlier, lambda nb: put(nb, "test-argmax-further", "var Argmax = 3", "%env A 1\n!true")], ids=["overwrite", "break", "again"])
def test_grading_and_the_notebook_agree(graded, testdata_first, tmp_path, change):
    record, nb, _ = graded(change)
    for cell in nb.cells:
        cell.source = without(cell.source, "HIDDEN TESTS")  # which nobody's kernel has
    file = tmp_path / "first.ipynb"
    file.write_text(json.dumps(nb), encoding="utf-8")
    said = []
    validate(file, said.append)
    visible = {name: passed for name, passed in record.passed.items() if not name.endswith("-further")}
    assert {line.split()[1]: line[0] == "✓" for line in said if line[0] in "✓✗"} == visible, (said, outputs(nb))
    assert any("%env A 1" in line and "line 1" in line for line in said) == any("%env" in c.source for c in nb.cells), said


def test_an_answer_below_its_check_counts(graded):
    def change(nb):
        nb.cells.append(new_code_cell(nb.cells[at(nb, "argmax")].source))
        change_answer(nb, "argmax", "best := 0", 'best := 0\n\tpanic("not written")')

    record, nb, programs = graded(change)
    assert (record.passed, programs) == (verdicts(), 2), outputs(nb)


def test_an_answer_that_is_given_again_counts(graded):
    def change(nb):
        put(nb, "test-argmax", "func Argmax(values []float64) int { return slices.Index(values, slices.Max(values)) }")
        change_answer(nb, "argmax", "best := 0", "best := 1")

    record, nb, programs = graded(change)
    assert (record.passed, programs) == (verdicts(), 1), outputs(nb)


@pytest.mark.parametrize(
    "cell",
    [
        "type pair struct{ i int }\nfunc unused() pair { return pair{1, 2} }",  # fails on its own
        "func helper() {}",  # breaks what uses it
        'import "example.org/no/such"\nfunc H() { such.Thing() }',
        "! ",  # ends the kernel
        "func\u00a0H() {}",
    ],
)
def test_a_cell_that_fails_costs_no_other(graded, cell):
    def change(nb):
        put(nb, "argmax", "func helper() int { return 0 }")
        change_answer(nb, "argmax", "best := 0", "best := helper()")
        put(nb, "test-argmax-further", cell)

    record, nb, programs = graded(change)
    assert record.passed == verdicts(), outputs(nb)
    assert programs <= 2
    (broken,) = (c for c in nb.cells if c.source == cell)
    assert any(o.output_type == "error" for o in broken.outputs), outputs(nb)


def test_lines_that_end_as_on_windows_change_nothing(tmp_path, testdata_first):
    files = {}
    for end in ("\n", "\r\n", "\r"):
        nb = copy.deepcopy(testdata_first)
        put(nb, "argmax", "!ls \\\n  -l\nimport \"fmt\" // x\nfunc own() {}\n%%\nown()")
        for cell in nb.cells:
            cell.source = cell.source.replace("\n", end)
        files[end] = tmp_path / f"{len(files)}.ipynb"
        files[end].write_text(json.dumps(nb), encoding="utf-8")
    graded = {end: restore(read_submission(file), testdata_first, testdata_first) for end, file in files.items()}
    for nb, notes in graded.values():
        assert notes == []
        assert nb == graded["\n"][0]


def test_one_program_has_each_import_once_and_the_last_of_a_name():
    cells = execute.readgo.cells(['import (\n\t"math"\n\tx "os"\n\t"math/rand"\n)\nfunc A() {}', 'import "math"\nimport "crypto/rand"\nfunc B() {}', 'import "math/rand"\nvar c = 1'])
    program = execute.union(cells)
    assert program.count('"math"') == 1
    assert program.index('x "os"') < program.index("func A")
    assert program.index("crypto/rand") < program.index("math/rand")


LINKS = 'import _ "unsafe"\n\n//go:linkname linked fashionlab/lessons.total\nfunc linked(values []float64) float64\n\n'


@pytest.mark.parametrize("link", [LINKS, LINKS.replace('import _ "unsafe"\n', ""), 'import u "unsafe"\n\nvar _ u.Pointer\n\n', 'import "plugin"\n\nvar _ plugin.Plugin\n\n', 'import "C"\n\n'])
def test_a_cell_that_leads_out_of_the_language_is_left_out(graded, link):
    def change(nb):
        nb.cells[at(nb, "argmax")].source = link + nb.cells[at(nb, "argmax")].source

    record, nb, _ = graded(change)
    assert (record.passed["test-softmax"], record.passed["test-argmax"]) == (True, False), outputs(nb)
    assert " is refused: " in str(outputs(nb))


def test_a_student_is_told_of_such_a_cell(tmp_path, testdata_first):
    nb = copy.deepcopy(testdata_first)
    put(nb, "argmax", LINKS)
    (tmp_path / "a.ipynb").write_text(json.dumps(nb), encoding="utf-8")
    said = []
    validate(tmp_path / "a.ipynb", said.append)
    assert [line for line in said if 'import "unsafe" is refused' in line and "left out" in line], said

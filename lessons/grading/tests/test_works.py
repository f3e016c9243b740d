"""Students learn before they hand in what does nothing when it is graded."""

import nbformat
import pytest

from fashionlab_grading.assignment import read_instructor
from fashionlab_grading.folder import SOURCES
from fashionlab_grading.works import silent


def answer(source):
    cell = nbformat.v4.new_code_cell(source)
    cell.metadata["nbgrader"] = {"grade": False, "grade_id": "answer", "locked": False, "schema_version": 3, "solution": True, "task": False}
    return cell


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("func Design() *fashion.Model { return fashion.CNNv1() }", "Design calls fashion.CNNv1,"),
        ('func Design() *fashion.Model {\n\treturn must.M1(fashion.ModelByName("cnn"))\n}', "Design calls fashion.ModelByName,"),
        ("func Softmax(z []float64) []float64 {\n\tt := tensor(z)\n\treturn t.Softmax().Data\n}", "Softmax calls the method Softmax,"),
        ("func Loss(z []float64) float64 { return must.M1(tensor(z).CrossEntropy(nil)) }", "Loss calls the method CrossEntropy,"),
        ("func Counts(data *fashion.Data) { for b := range must.M1(loader(data.Train)).Batches(0) { _ = b } }", "Counts calls the method Batches,"),
        ("func Baseline() *fashion.Model { m := &fashion.Model{}; m.UnmarshalJSON(nil); return m }", "Baseline calls the method UnmarshalJSON,"),
        ("func Design() *fashion.Model { return mine() }", "Design calls fashion.CNN,"),
        ('import g "github.com/gomlx/gomlx/core/graph"\n\nfunc f(x *g.Node) *g.Node { return g.Softmax(x) }', "imports github.com/gomlx/gomlx/core/graph, which is not there"),
    ],
)
def test_a_call_of_what_does_nothing_is_named(source, names):
    helper = nbformat.v4.new_code_cell("func mine() *fashion.Model { return again() }\n\nfunc again() *fashion.Model { mine(); return fashion.CNN() }")
    [line] = silent(notebook(helper, answer(source)))
    assert names in line


@pytest.mark.parametrize(
    "source",
    [
        'func Baseline() *fashion.Model {\n\treturn fashion.NewModel("b", fashion.Block("c", fashion.Conv2D(1, 2, 3, fashion.Padding(1)), fashion.ReLU()), fashion.Flatten(), fashion.Named("out", fashion.Linear(1568, 10)))\n}',
        "func Softmax(z []float64) []float64 {\n\tdisplay.Println(z, math.Exp(1))\n\treturn append(z, slices.Max(z))\n}",
        "type stack struct{ n []int }\n\nfunc (s *stack) Len() int { return len(s.n) }\n\nfunc Depth(s *stack) string {\n\tvar b strings.Builder\n\treturn b.String() + time.Since(time.Now()).String() + fmt.Sprint(s.Len(), math.Exp(1))\n}",
        "func Broken( {",
    ],
)
def test_an_answer_of_ones_own_is_not_mentioned(source):
    explores = nbformat.v4.new_code_cell("func look() { display.Show(plots.Matrices(\"\")) }\n%%\nlook()\nfashion.CNN()")
    assert silent(notebook(explores, answer(source))) == []


@pytest.mark.parametrize("lesson", sorted(p.stem for p in SOURCES.glob("*.md")))
def test_the_solutions_need_nothing_else(lesson):
    assert silent(read_instructor(SOURCES / f"{lesson}.md")) == []

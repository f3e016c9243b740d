"""An exercise with numbers of the student's own: those of the id in the course's list count."""

import copy
import json

import pytest
from nbformat.v4 import new_code_cell
from students import NETWORKS

from fashionlab_grading import assignment, execute, variants
from fashionlab_grading.folder import SOURCES
from fashionlab_grading.notebooks import kind, name_of
from fashionlab_grading.release import without
from fashionlab_grading.sandbox import Limits
from fashionlab_grading.toolbox import Toolbox
from fashionlab_grading.validate import validate

OPTIONS = execute.Options(limits=Limits(memory=1 << 42, processes=100000, file=1 << 40, processor=100000), sandboxed=False)
LESSON = "7-convolution"
KEPT = {"imports", "student", "own-network", "test-own-network", "test-own-network-further"}

# Besides those of two students, one that looks its numbers up, and takes the id from the notebook.
ALL = {
    **NETWORKS,
    "anybody": """
	first, second, _ := lessons.OwnNetworkLayers(Student)
	padding := func(size int, l lessons.NetworkLayer) fashion.ConvOption { return fashion.Padding((l.Stride*(l.Size-1) + l.Kernel - size + 1) / 2) }
	return fashion.NewModel("own", fashion.Block("conv1", fashion.Conv2D(1, first.Channels, first.Kernel, fashion.Stride(2), padding(28, first)), fashion.ReLU()),
		fashion.Block("conv2", fashion.Conv2D(first.Channels, second.Channels, second.Kernel, padding(first.Size, second)), fashion.ReLU(), fashion.MaxPool2D(2)),
		fashion.Flatten(), fashion.Named("out", fashion.Linear(second.Channels*(second.Size/2)*(second.Size/2), 10)))""",
}


@pytest.fixture(scope="module")
def lesson():
    """The exercise of the lesson, alone."""
    nb = assignment.read_instructor(SOURCES / f"{LESSON}.md")
    nb.cells = [c for c in nb.cells if kind(c) and name_of(c) in KEPT]
    return nb


def handed_in(lesson, network, student):
    """The notebook of somebody who writes a network, and a function Student with this body."""
    nb = copy.deepcopy(lesson)
    for cell in nb.cells:
        if name_of(cell) == "student":
            cell.source = f"func Student() string {{\n\t{student}\n}}"
        elif name_of(cell) == "own-network":
            cell.source = f"func OwnNetwork() *fashion.Model {{{ALL[network]}\n}}"
        elif kind(cell) == "test":
            cell.source = without(cell.source, "HIDDEN TESTS")
    return nb


def returns(student):
    return f"return {json.dumps(student, ensure_ascii=False)}"


@pytest.fixture(scope="module")
def graded(lesson):
    """Grades a network as the work of the student who handed it in; returns whether it passes, and what is said."""
    tools = Toolbox(grading=False)
    made = assignment.prepare("variants", lesson, tools)

    def grade(network, names, student):
        nb = handed_in(lesson, network, names)
        passed = execute.Run(nb, made, tools, OPTIONS, student).execute().passed
        assert set(passed) == {"test-own-network", "test-own-network-further"}
        assert len(set(passed.values())) == 1, passed
        return all(passed.values()), str([o.get("text") for c in nb.cells for o in c.get("outputs", [])])

    return grade


@pytest.mark.parametrize(
    ("network", "names", "student", "passes", "says"),
    [
        ("ada", returns("ada"), "ada", True, 'the numbers of the id "ada"'),
        ("ada", returns("ADA"), "Ada", True, 'the numbers of the id "Ada"'),
        # A mistake in the id costs nothing, where the numbers are the right ones.
        ("ada", returns("adda"), "ada", True, 'the numbers of the id "ada"'),
        # Copied, with and without the neighbour's id.
        ("bo", returns("bo"), "ada", False, 'those of the id "ada"'),
        ("bo", returns("ada"), "ada", False, 'those of the id "ada"'),
        ("ada", 'os.Setenv("LESSONS_STUDENT", "ada")\n\treturn "ada"', "bo", False, 'those of the id "bo"'),
        ("ada", returns("ada"), "Žofie Nováková", False, 'those of the id "Žofie Nováková"'),
        ("ada", returns("ada"), "", False, "empty text"),
    ],
)
def test_the_numbers_are_those_of_the_id_in_the_list(graded, network, names, student, passes, says):
    passed, said = graded(network, names, student)
    assert passed == passes, said
    assert says in said


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (returns("s01"), "s01"),
        ("return `s01`", "s01"),
        ("// my number\n\treturn \"王 伟\" // from the list\n\t// END", "王 伟"),
        ('panic("not implemented")', ""),
        ('id := "s01"\n\treturn id', ""),
        ('return "a" + "b"', ""),
        (returns("x" * 1000), "x" * 200),
    ],
)
def test_the_id_is_read_from_the_notebook(lesson, body, names):
    assert variants.named(handed_in(lesson, "ada", body)) == names


def test_the_last_function_counts_as_in_the_kernel(lesson):
    nb = handed_in(lesson, "ada", returns("s01"))
    nb.cells.append(new_code_cell('func Student() string {\n\treturn "s02"\n}'))
    assert variants.named(nb) == "s02"


@pytest.mark.parametrize(
    ("body", "student", "says"),
    [
        (returns("s01"), "s01", []),
        (returns(" S01"), "s01", []),
        (returns("z\u030c ny"), "Ž Ny", []),
        (returns("s02"), "s01", ["The notebook names the student s02, and s01 handed it in: the numbers of s01 count."]),
        ('panic("not implemented")', "s01", ["The notebook does not say whose it is (Student), and s01 handed it in: the numbers of s01 count."]),
    ],
)
def test_a_note_names_both_ids(lesson, instructor, body, student, says):
    nb = handed_in(lesson, "ada", body)
    assert variants.note(nb, lesson, student) == says
    assert variants.note(nb, instructor, student) == []


@pytest.mark.parametrize(
    ("network", "body", "status", "says"),
    [
        ("ada", returns("ada"), 0, "those of the student ada. Grading takes those of your id in the course's list"),
        ("ada", 'panic("not implemented")', 1, "! The notebook does not say whose it is: let Student return your id, as a text in quotes"),
        ("ada", returns(""), 1, "Student returns an empty text"),
        ("ada", returns("bo"), 1, 'expected 11 channels to come out: the second number (the numbers are those of the id "bo")'),
        ("anybody", returns("ada"), 0, "OwnNetwork calls lessons.OwnNetworkLayers, which does nothing when it is graded"),
    ],
)
def test_a_student_is_told_before_handing_in(tmp_path, lesson, network, body, status, says):
    file = tmp_path / "a.ipynb"
    file.write_text(json.dumps(handed_in(lesson, network, body)), encoding="utf-8")
    said = []
    assert validate(file, said.append) == status, said
    assert says in "\n".join(said)

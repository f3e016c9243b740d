"""A released notebook gives away no solution and no hidden check."""

import copy

import pytest
from nbformat.v4 import new_code_cell

from fashionlab_grading import check, release


@pytest.fixture
def leaks(instructor):
    """What is found in a clean release to which a cell was added ("" for none)."""

    def find(text):
        released = copy.deepcopy(instructor)
        for c in released.cells:
            secret = set(release.regions(c.source))
            c.source = "\n".join(l for l in c.source.splitlines() if l not in secret and "BEGIN" not in l and "END" not in l)
        if text:
            released.cells.append(new_code_cell(text))
        return release.leaks(instructor, released)

    return find


def test_prose_about_answers_is_no_leak(leaks):
    assert leaks("Accuracy is the share of right answers. Checks come later.") == []


def test_a_cell_without_its_hidden_checks_is_what_is_left():
    cell = "%%\nlessons.Report(a)\n// BEGIN HIDDEN TESTS\nlessons.Report(b)\n// END HIDDEN TESTS\nlessons.Report(c)"
    assert release.without(cell, "HIDDEN TESTS") == "%%\nlessons.Report(a)\nlessons.Report(c)"
    assert release.without(cell, "SOLUTION") == cell


def test_a_clean_release_has_none(leaks):
    assert leaks("") == []


@pytest.mark.parametrize(
    "text",
    [
        "probabilities[i]   =  math.Exp(z - largest)",
        "lessons.Report(answers.CheckSoftmaxFurther(Softmax))",
        "lessons.Report(lessons.CheckModelFurther(Model))",
        "// BEGIN SOLUTION",
        "The exponential of a large logit overflows; subtracting the largest changes nothing in the result.",
    ],
    ids=["solution", "hidden check", "hidden check of a model", "mark", "words"],
)
def test_each_kind_is_found(leaks, text):
    assert leaks(text)


VISIBLE, SHOWN = "lessons.Report(lessons.CheckSoftmax(Softmax))\n", 'lessons.GradedLater("Softmax")\n'
HIDDEN = "// BEGIN HIDDEN TESTS\nlessons.Report(answers.CheckSoftmaxFurther(Softmax))\n// END HIDDEN TESTS\n"


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        (VISIBLE, None),
        (SHOWN + HIDDEN, None),
        (VISIBLE + HIDDEN, "visible and hidden checks are in one cell"),
        (SHOWN + VISIBLE + HIDDEN, "visible and hidden checks are in one cell"),
        (HIDDEN, "students see nothing in it"),
        (SHOWN, "has no hidden checks"),
    ],
)
def test_visible_and_hidden_checks_are_cells_of_their_own(instructor, source, wrong):
    assert check.mixed(instructor) == []
    next(c for c in instructor.cells if release.name_of(c) == "test-softmax").source = "%%\n" + source
    assert [wrong in found for found in check.mixed(instructor)] == ([True] if wrong else [])

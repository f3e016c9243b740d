"""Forgeries under real grading, beside somebody who is honest: they earn nothing, and cost nobody else anything. (term.py plays them in a class.)"""

import json

import nbformat
import pytest
from conftest import new_course, verdicts
from students import ALL, BUT, FORGERIES, NONE, QUICK, Notebook

from fashionlab_grading.assignment import read_instructor
from fashionlab_grading.execute import Options
from fashionlab_grading.grade import Grading
from fashionlab_grading.toolbox import Toolbox

RIGHT = {ALL: verdicts(), BUT: verdicts(softmax=False), NONE: verdicts(False, False)}


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """What grading has decided, by student."""
    course = new_course(tmp_path_factory.mktemp("forgeries") / "course")
    course.release("first")
    released, solution = nbformat.read(course.release_of("first"), as_version=4), read_instructor(course.source("first"))
    for name, _, does, _ in [("Honest", "", lambda n: n.solve(), ALL), *FORGERIES]:
        folder = course.folder / "submitted" / name / "first"
        folder.mkdir(parents=True)
        (folder / "first.ipynb").write_bytes(does(Notebook(QUICK[0], released, solution)).bytes())
        course.add_student(id=name)
    grading = Grading(course, "first", Toolbox(print), Options())
    assert not grading.run([], 2, again=False).failed
    return {name: json.loads(grading.record_of(name).read_text(encoding="utf-8")) for name in ["Honest", *(f[0] for f in FORGERIES)]}


def test_the_honest_are_marked_right(records):
    assert records["Honest"]["passed"] == verdicts()


@pytest.mark.parametrize(("name", "mark"), [(name, mark) for name, _, _, mark in FORGERIES])
def test_a_forgery_earns_nothing(records, name, mark):
    assert records[name]["passed"] == RIGHT[mark]

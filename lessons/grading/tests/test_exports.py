"""Marks are written as spreadsheets, Moodle, Canvas and Gradescope read them."""

import csv
import json
import shutil
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from conftest import new_course

from fashionlab_grading import exports
from fashionlab_grading.folder import Problem
from fashionlab_grading.notebooks import kind, name_of

PEOPLE = [
    {"id": "s01", "first_name": "Ada", "last_name": "Okafor", "email": "ada@example.org", "lms_user_id": "9001"},
    {"id": "s02", "first_name": '=HYPERLINK("http://x","y")', "last_name": "Nováková, Malá; =1+1", "email": "", "lms_user_id": ""},
    {"id": "-s03", "first_name": "\u3000＝1", "last_name": "@SUM(A1)", "email": "+1", "lms_user_id": "9003"},
]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course in which s01 was graded, with one answer waiting, and the others have handed in nothing."""
    folder = tmp_path_factory.mktemp("exports") / "course"
    made = new_course(folder)
    made.release("first")
    for person in PEOPLE:
        made.add_student(**person)
    executed = folder / ".grading" / "executed" / "s01" / "first"
    executed.mkdir(parents=True)
    nb = nbformat.read(made.source("first"), as_version=4)
    tests = [c for c in nb.cells if kind(c) == "test"]
    tests[0].outputs = [nbformat.v4.new_output("error", ename="NotPassed", evalue="✗ too small", traceback=["✗ too small"])]
    tests[1].outputs = [nbformat.v4.new_output("stream", name="stdout", text="✓ passed\n")]
    nbformat.write(nb, executed / "first.ipynb")
    made.result("record", made.api(submitted_directory=str(Path(".grading") / "executed")).autograde("first", "s01", force=True, create=True))
    yield made
    shutil.rmtree(folder)


def rows(file):
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # for Excel
    return list(csv.reader(raw.decode("utf-8-sig").splitlines()))


@pytest.fixture
def total(course):
    with course.gradebook() as gb:
        s = gb.find_submission("first", "s01")
        return s.score, s.max_score


@pytest.mark.parametrize("form", ["csv", "moodle", "canvas"])
def test_nothing_in_a_csv_file_is_a_formula(course, form):
    exports.export(course, form, None, [])
    for row in rows(course.folder / {"csv": "marks.csv"}.get(form, f"marks-{form}.csv")):
        for cell in row:
            for part in cell.replace(";", ",").replace("\t", ",").split(","):
                assert not part.strip().startswith(tuple("=+-@＝＋－＠")), row


def test_moodle(course, total, tmp_path):
    lines = exports.export(course, "moodle", tmp_path / "m.csv", ["first"])
    table = rows(tmp_path / "m.csv")
    assert table[0] == ["First name", "Last name", "ID number", "Email address", "first"]
    assert ["Ada", "Okafor", "s01", "ada@example.org", str(total[0])] in table
    assert all(r[4] == "" for r in table[1:] if r[2] != "s01")  # what was not handed in changes nothing
    assert any("s02" in l and "e-mail" in l for l in lines) and any("wait" in l for l in lines)


def test_canvas(course, total, tmp_path):
    lines = exports.export(course, "canvas", tmp_path / "c.csv", ["first"])
    table = rows(tmp_path / "c.csv")
    assert table[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "first"]
    assert table[1] == ["Points Possible", "", "", "", "", str(total[1])]
    assert ["Okafor, Ada", "9001", "s01", "ada@example.org", "", str(total[0])] in table
    assert any("s02" in l and "lms_user_id" in l for l in lines)


def test_csv_has_nbgraders_columns(course, total, tmp_path):
    exports.export(course, "csv", tmp_path / "a.csv", [])
    table = list(csv.DictReader((tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {(r["student_id"], float(r["score"]), float(r["max_score"])) for r in table} == {("s01", *total), ("s02", 0, total[1]), ("'-s03", 0, total[1])}


def test_a_penalty_is_taken_off_once(course, total, tmp_path):
    with course.gradebook() as gb:
        gb.find_submission("first", "s01").notebooks[0].late_submission_penalty = 1.5
        gb.find_submission("first", "s01").timestamp = datetime(2026, 11, 1, 12, 0)
        gb.db.commit()
    try:
        exports.export(course, "moodle", tmp_path / "m.csv", [])
        exports.export(course, "gradescope", tmp_path / "g", [])
        assert max(r[4] for r in rows(tmp_path / "m.csv")[1:]) == str(max(0.0, total[0] - 1.5))
        result = json.loads((tmp_path / "g" / "s01" / "first" / "results.json").read_text(encoding="utf-8"))
        assert result["score"] == max(0.0, total[0] - 1.5) and "1.5 points" in result["output"]
    finally:
        with course.gradebook() as gb:
            gb.find_submission("first", "s01").notebooks[0].late_submission_penalty = None
            gb.db.commit()


def test_gradescope(course, total, tmp_path):
    exports.export(course, "gradescope", tmp_path / "g", [])
    result = json.loads((tmp_path / "g" / "s01" / "first" / "results.json").read_text(encoding="utf-8"))
    assert [p.name for p in (tmp_path / "g").iterdir()] == ["s01"]
    assert result["score"] == total[0] == sum(t.get("score", 0) for t in result["tests"])
    assert sum(t["max_score"] for t in result["tests"]) == total[1]
    tests = {t["name"]: t for t in result["tests"]}
    first, second = [name_of(c) for c in course.instructor("first").cells if kind(c) == "test"][:2]
    assert tests[first]["status"] == "failed" and "too small" in tests[first]["output"]
    assert tests[second]["status"] == "passed"
    hidden = {name_of(c) for c in course.instructor("first").cells if kind(c) == "test" and "BEGIN HIDDEN TESTS" in c.source}
    assert hidden
    for test in result["tests"]:
        by_hand = "score" not in test
        assert test["visibility"] == ("after_published" if by_hand or test["name"] in hidden else "visible")
    assert any("score" not in t for t in result["tests"])


def test_a_file_is_replaced_as_a_whole_or_not_at_all(course, tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(Problem, match="is a folder"):
        exports.export(course, "csv", tmp_path / "folder", [])
    with pytest.raises(Problem, match="does not exist"):
        exports.export(course, "csv", tmp_path / "no" / "a.csv", [])
    with pytest.raises(Problem, match="no assignment"):
        exports.export(course, "csv", tmp_path / "a.csv", ["tenth"])
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]

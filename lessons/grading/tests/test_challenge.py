"""The challenge, as a term plays it: runs are handed in, and each gets the mark and the message that it should."""

import csv
import json
import re
import stat
import subprocess
import sys
import zipfile

import pytest
from conftest import COURSE, new_course
from entrants import QUICK, WHY, fair, marks, set_rules, train, with_history

from fashionlab_grading import exports
from fashionlab_grading.entries import MARKS, RULES, Mark, challenge, record
from fashionlab_grading.folder import CHALLENGE, Problem
from fashionlab_grading.marks import assignments_of, feedback, table

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sandboxes are made of what Linux has")
STUDENTS = ["absent", "ada", "big", "cheat", "copy", "forger", "late", "none", "torn"]


def hand_in(folder, student, contents):
    (folder / student / "runs" / "mine").mkdir(parents=True)
    for name, content in contents.items():
        (folder / student / "runs" / "mine" / name).write_bytes(content)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course in which everybody's entry is marked, and what the command printed."""
    course = new_course(tmp_path_factory.mktemp("term") / "course")
    course.release("first")
    for student in STUDENTS:
        course.add_student(id=student)
    command = [COURSE, "challenge", course.folder]
    first = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert first.returncode == 0, first.stdout + first.stderr
    set_rules(course, **QUICK)

    entries = train(tmp_path_factory.mktemp("runs"))
    honest = entries["honest"]
    folder = tmp_path_factory.mktemp("handed in")
    for student, what in {"ada": "honest", "big": "large", "cheat": "tested", "copy": "borrowed", "forger": "forged"}.items():
        hand_in(folder, student, entries[what])
    (folder / "late").mkdir()
    with zipfile.ZipFile(folder / "late" / "my run.zip", "w") as z:
        for name, content in with_history(honest, lambda history: history.update(wall_seconds=1300)).items():
            z.writestr(f"a folder/{name}", content)
    hand_in(folder, "torn", {**honest, "checkpoint.safetensors": honest["checkpoint.safetensors"][:1000]})
    (folder / "none").mkdir()
    (folder / "none" / "config.json").write_bytes(honest["config.json"])
    done = subprocess.run([*command, folder], capture_output=True, encoding="utf-8")
    assert done.returncode == 0 and "Warning" not in done.stderr, done.stdout + done.stderr
    return course, done.stdout


def test_an_honest_entry_earns_points_for_its_accuracy_on_secret_images(graded):
    course, _ = graded
    mark = marks(course)["ada"]
    assert fair(mark), mark
    assert (mark["of"], mark["parameters"]) == ("20", "7850")


def test_forged_numbers_change_nothing(graded):
    course, _ = graded
    honest, forged = marks(course)["ada"], marks(course)["forger"]
    assert [forged[c] for c in ("points", "accuracy", "problems")] == [honest[c] for c in ("points", "accuracy", "problems")]


@pytest.mark.parametrize(("student", "why"), [
    ("big", WHY["large"]),
    ("late", "21.7 minutes of training, want at most 20"),
    ("cheat", WHY["tested"]),
    ("copy", WHY["borrowed"]),
    ("none", "no run was handed in"),
    ("torn", "^(?!run ).*checkpoint.safetensors"),
])
def test_what_does_not_hold_earns_nothing_and_says_why(graded, student, why):
    course, printed = graded
    mark = marks(course)[student]
    assert mark["points"] == "0"
    assert re.search(why, mark["problems"]), mark
    assert f"{student}: 0 of 20 points" in printed


def test_the_secret_is_drawn_once_and_only_the_instructor_reads_it(graded, run):
    course, printed = graded
    path = course.folder / RULES
    secret = json.loads(path.read_text(encoding="utf-8"))["secret"]
    assert len(secret) == 64 and secret not in printed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_marks_stand_beside_the_lessons(graded):
    course, _ = graded
    known = marks(course)
    assert assignments_of(course, []) == [CHALLENGE, "first"]
    with course.gradebook() as gb:
        assert {s.student.id: s.score for s in gb.assignment_submissions(CHALLENGE)} == {s: float(m["points"]) for s, m in known.items()}
        assert gb.find_assignment(CHALLENGE).max_score == 20
    lines = {l.split()[0]: l.split()[1:] for l in table(course, [])}
    assert lines["ada"] == [known["ada"]["points"] + "/20", "—", known["ada"]["points"]]
    assert lines["big"] == ["0/20", "—", "0"] and lines["absent"] == ["—", "—", "0"]


def test_the_marks_are_exported_with_those_of_the_lessons(graded):
    course, _ = graded
    points = {s: float(m["points"]) for s, m in marks(course).items()}

    def rows(form, name):
        exports.export(course, form, None, [])
        return list(csv.DictReader((course.folder / name).read_text(encoding="utf-8-sig").splitlines()))

    moodle, canvas = rows("moodle", "marks-moodle.csv"), rows("canvas", "marks-canvas.csv")
    assert {r["ID number"]: r[CHALLENGE] for r in moodle} == {"absent": ""} | {s: str(p) for s, p in points.items()}
    assert {r["SIS User ID"]: r[CHALLENGE] for r in canvas} == {"": "20.0", "absent": ""} | {s: str(p) for s, p in points.items()}
    long = {r["student_id"]: (float(r["score"]), float(r["max_score"])) for r in rows("csv", "marks.csv") if r["assignment"] == CHALLENGE}
    assert long == {"absent": (0, 20)} | {s: (p, 20) for s, p in points.items()}
    exports.export(course, "gradescope", None, [])
    results = {p.parent.parent.name: json.loads(p.read_text(encoding="utf-8")) for p in course.folder.glob(f"gradescope/*/{CHALLENGE}/results.json")}
    assert {s: r["score"] for s, r in results.items()} == points
    assert WHY["large"] in results["big"]["tests"][0]["output"]


def test_the_page_of_feedback_says_why(graded):
    course, _ = graded
    feedback(course, [CHALLENGE], "*")
    pages = {p.parent.parent.name: p.read_text(encoding="utf-8") for p in course.folder.glob(f"feedback/*/{CHALLENGE}/*.html")}
    assert pages.keys() == marks(course).keys()
    assert "✗ not passed: 0 of 20" in pages["big"] and WHY["large"] in pages["big"]
    known = marks(course)["ada"]
    assert f"in part: {known['points']} of 20" in pages["ada"] and f"accuracy {known['accuracy']}" in pages["ada"]


def test_the_formgrader_shows_the_marks(graded):
    """What its pages ask for: the lists of assignments and of a student's works, and the submission behind a click."""
    course, _ = graded
    points = float(marks(course)["ada"]["points"])
    api = course.api()
    listed = {a["name"]: a for a in api.get_assignments()}
    assert (listed[CHALLENGE]["max_score"], listed[CHALLENGE]["num_submissions"]) == (20, 7)  # none handed in no run
    assert {s["name"]: (s["submitted"], s["score"], s["max_score"]) for s in api.get_student_submissions("ada")}[CHALLENGE] == (True, points, 20)
    assert not next(s for s in api.get_student_submissions("absent") if s["name"] == CHALLENGE)["submitted"]
    assert {s["student"]: s["score"] for s in api.get_notebook_submissions(CHALLENGE, CHALLENGE)} == {s: float(m["points"]) for s, m in marks(course).items()}
    # Buttons of its list that make no sense here do no harm.
    for done in (api.generate_assignment(CHALLENGE), api.autograde(CHALLENGE, "ada")):
        assert not done["success"] and "No notebooks were matched" in done["log"]
    assert api.get_student_notebook_submissions("ada", CHALLENGE)[0]["score"] == points


def test_the_challenge_is_no_lesson(graded):
    course, _ = graded
    assert CHALLENGE not in course.released()
    for do in (course.release, course.check_released):
        with pytest.raises(Problem, match="There is no assignment challenge"):
            do(CHALLENGE)


def test_a_lesson_cannot_have_the_name_of_the_challenge(graded):
    course, _ = graded
    lesson = course.source(CHALLENGE)
    lesson.write_bytes(course.source("first").read_bytes())
    try:
        for do in (lambda: course.release(CHALLENGE), lambda: challenge(course, None, [], print)):
            with pytest.raises(Problem, match="Give this assignment another name"):
                do()
    finally:
        lesson.unlink()


def test_other_points_are_the_maximum_of_the_gradebook_and_who_has_the_old_ones_is_named(graded, run):
    course, _ = graded
    before = (course.folder / MARKS).read_bytes(), table(course, [])
    set_rules(course, points=40)
    done = run("challenge", course.folder, "--student", "ada")
    assert done.returncode == 1 and "these were marked: big, cheat, copy, forger, late, none, torn." in done.stdout, done
    mark = marks(course)["ada"]
    assert mark["of"] == "40"
    with course.gradebook() as gb:
        submission = gb.find_submission(CHALLENGE, "ada")
        assert (submission.score, submission.max_score) == (float(mark["points"]), 40)
    set_rules(course, points=20)
    again = run("challenge", course.folder, "--student", "ada")
    assert again.returncode == 0 and "[1/1] ada: " in again.stdout, again
    assert ((course.folder / MARKS).read_bytes(), table(course, [])) == before


def test_points_that_a_person_gave_stay_and_wait_where_the_mark_changes(graded, run):
    course, _ = graded
    with course.gradebook() as gb:
        gb.find_grade(CHALLENGE, CHALLENGE, CHALLENGE, "copy").manual_score = 3
        gb.db.commit()
    known = marks(course)["copy"]
    for points, waits in ((float(known["points"]), False), (1.0, True)):
        record(course, "copy", Mark(points, 20))
        with course.gradebook() as gb:
            grade = gb.find_grade(CHALLENGE, CHALLENGE, CHALLENGE, "copy")
            assert (grade.score, grade.needs_manual_grade) == (3, waits)


def test_rules_that_cannot_be_are_named(graded, run):
    course, _ = graded
    table = (course.folder / MARKS).read_bytes()
    set_rules(course, accuracy_for_no_points=0.99)
    try:
        done = run("challenge", course.folder, "--student", "ada")
        assert done.returncode == 1 and "accuracy_for_no_points" in done.stderr, done
        assert (course.folder / MARKS).read_bytes() == table
    finally:
        set_rules(course, **QUICK)

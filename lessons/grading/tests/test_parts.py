"""Submissions are run in parts by processes that share nothing but the course folder."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import crowd
import pytest
from conftest import new_course

from fashionlab_grading.course import part
from fashionlab_grading.folder import write

STUDENTS = 5


@pytest.fixture
def course(tmp_path, run):
    """A course in which the small assignment was handed in by a few, and the points that are right for them."""
    course = new_course(tmp_path / "course")
    assert run("release", course.folder, "first").returncode == 0
    right = crowd.hand_in(course, "first", STUDENTS, tmp_path / "work")
    assert run("collect", course.folder, "first", tmp_path / "work", "--add-students").returncode == 0
    return course, right


def points(course):
    with course.gradebook() as gb:
        return {s.student.id: sum(g.score for n in s.notebooks for g in n.grades) for s in gb.assignment_submissions("first")}


def test_parts_run_everything_once_and_leave_the_gradebook_alone(course, run):
    course, right = course
    before = hashlib.sha256((course.folder / "gradebook.db").read_bytes()).hexdigest()
    with ThreadPoolExecutor(2) as pool:
        done = dict(zip(("0/2", "1/2"), pool.map(lambda text: run("grade", course.folder, "first", "--part", text, "--jobs", "1"), ("0/2", "1/2"))))
    assert [d.returncode for d in done.values()] == [0, 0], done
    assert "part 0/2, 3 of 5 submissions" in done["0/2"].stdout
    assert "part 1/2, 2 of 5 submissions" in done["1/2"].stdout
    assert hashlib.sha256((course.folder / "gradebook.db").read_bytes()).hexdigest() == before
    # Other parts than before: nothing is left for them.
    again = run("grade", course.folder, "first", "--part", "1/3")
    assert "2 of 2 are graded already" in again.stdout, again
    joined = run("grade", course.folder, "first")
    assert f"{STUDENTS} of {STUDENTS} are graded already" in joined.stdout, joined
    assert f"recording {STUDENTS} in nbgrader's gradebook" in joined.stdout
    assert points(course) == right
    assert "recording" not in run("grade", course.folder, "first").stdout


@pytest.mark.parametrize("text", ["", "1", "4/4", "0/0", "-1/4", "1/4/5", "a/b", "²/4"])
def test_a_part_that_is_none_is_refused(text):
    with pytest.raises(Exception, match="not like 0/4"):
        part(text)


def test_a_file_that_many_write_is_always_whole(tmp_path):
    texts = [letter * 100_000 for letter in "abcdefgh"]
    with ThreadPoolExecutor(len(texts)) as pool:
        writers = [pool.submit(lambda t: [write(tmp_path / "file", t) for _ in range(50)], text) for text in texts]
        while not all(writer.done() for writer in writers):
            if (tmp_path / "file").exists():
                assert (tmp_path / "file").read_text(encoding="utf-8") in texts
    for writer in writers:
        writer.result()
    assert [p.name for p in tmp_path.iterdir()] == ["file"]

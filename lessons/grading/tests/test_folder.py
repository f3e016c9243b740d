"""A course folder is made once, is brought up to date, and refuses what is not its own."""

import shutil
import subprocess

import pytest
from conftest import new_course

from fashionlab_grading.folder import GLOSSARY, Course, Problem, create


@pytest.fixture
def course(tmp_path):
    return new_course(tmp_path / "course")


def test_edited_sources_are_kept(course, testdata):
    source = course.source("first")
    source.write_text(source.read_text(encoding="utf-8").replace("A small assignment", "My assignment"), encoding="utf-8")
    lines = course.update_sources(sources=testdata)
    assert "My assignment" in source.read_text(encoding="utf-8")
    assert any("edited" in l for l in lines)
    course.update_sources(overwrite=True, sources=testdata)
    assert "My assignment" not in source.read_text(encoding="utf-8")
    assert "My assignment" in source.with_suffix(".edited-1").read_text(encoding="utf-8")


def test_the_glossary_that_lessons_link_to_is_released_with_them(course):
    notebook = course.release("first")
    assert (notebook.parent / "../glossary.md").read_text(encoding="utf-8") == GLOSSARY.read_text(encoding="utf-8")


def test_nbgraders_own_autograding_refuses_to_run_submissions(course):
    course.release("first")
    handed_in = course.folder / "submitted" / "x" / "first"
    handed_in.mkdir(parents=True)
    shutil.copy(course.source("first"), handed_in / "first.ipynb")
    done = subprocess.run(["nbgrader", "autograde", "first"], cwd=course.folder, capture_output=True, encoding="utf-8")
    assert done.returncode != 0
    assert "make grade" in done.stderr
    assert not (course.folder / "autograded" / "x").exists()


# The beginning of nbgrader_config.py as courses had it when grading was files beside each other and no package.
OLD = """# nbgrader's settings for this course. Yours may follow; see
# https://nbgrader.readthedocs.io/en/stable/configuration/config_options.html
import sys

sys.path.append({grading!r})  # where lessons/grading of fashionlab is
from nbgrader_settings import settle

c = get_config()
settle(c)
c.CourseDirectory.course_id = 'course'
"""


@pytest.mark.parametrize("grading", ["/home/you/fashionlab/lessons/grading", "/moved/it's \"here\"/lessons/grading"])
def test_a_course_that_was_made_before_grading_was_a_package_goes_on(course, grading):
    config = course.folder / "nbgrader_config.py"
    new = config.read_text(encoding="utf-8")
    mine = "c.ClearSolutions.text_stub = 'Say it in your words.'\n"
    config.write_text(OLD.format(grading=grading) + mine, encoding="utf-8")
    again = Course(course.folder)
    assert config.read_text(encoding="utf-8") == new + mine
    assert "Say it in your words." in again.release("first").read_text(encoding="utf-8")


def test_a_folder_with_other_things_in_it_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(Problem):
        create(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]

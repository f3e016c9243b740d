"""What the tests share: the small assignment, and the command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fashionlab_grading.assignment import read_instructor
from fashionlab_grading.folder import Course, create

TESTDATA = Path(__file__).resolve().parent / "testdata"
COURSE = Path(sys.executable).with_name("course")

# nbgrader calls alembic, which is in the project's environment.
os.environ["PATH"] = os.pathsep.join([str(COURSE.parent), os.environ.get("PATH", "")])


def verdicts(softmax: bool = True, argmax: bool = True) -> dict[str, bool]:
    """What a record says of the small assignment's checks, visible and further ones."""
    return {"test-softmax": softmax, "test-softmax-further": softmax, "test-argmax": argmax, "test-argmax-further": argmax}


def new_course(folder: Path, sources: Path = TESTDATA) -> Course:
    """A course in a new folder, with the small assignments."""
    create(folder)
    made = Course(folder)
    made.update_sources(sources=sources)
    return made


@pytest.fixture
def testdata():
    """The folder of the small assignments."""
    return TESTDATA


@pytest.fixture
def instructor():
    """The instructor's version of a small assignment."""
    return read_instructor(TESTDATA / "first.md")


@pytest.fixture
def run():
    """Runs the command course, and returns the process that has ended."""
    return lambda *arguments, **options: subprocess.run([COURSE, *map(str, arguments)], capture_output=True, encoding="utf-8", **options)

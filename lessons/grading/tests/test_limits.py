"""The limits of a submission, which a course sets."""

import os
import signal
import time
from pathlib import Path

import pytest
from conftest import verdicts

from fashionlab_grading.assignment import prepare
from fashionlab_grading.execute import Options, Run
from fashionlab_grading.folder import LIMITS, Course, Problem, create
from fashionlab_grading.sandbox import descendants
from fashionlab_grading.toolbox import Toolbox


@pytest.fixture
def course(tmp_path):
    create(tmp_path / "course")
    return Course(tmp_path / "course")


def configure(course, text):
    with (course.folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(text + "\n")


def test_the_command_counts_before_the_course_and_the_course_before_the_default(course):
    assert course.limits() == LIMITS
    configure(course, "c.Grading.total_seconds = 90\nc.Grading.memory = 1024")
    assert course.limits(memory=None) == {**LIMITS, "total_seconds": 90, "memory": 1024}
    assert course.limits(memory=512, cell_seconds=5) == {"cell_seconds": 5, "total_seconds": 90, "memory": 512}


@pytest.mark.parametrize(("text", "why"), [
    ("c.Grading.total_second = 90", "total_second is no setting"),
    ("c.Grading.memory = '2 GiB'", "must be a number above 0"),
    ("c.Grading.cell_seconds = 0", "must be a number above 0"),
    ("c.Grading.cell_seconds = True", "must be a number above 0"),
    ("c.Grading.cell_seconds = float('nan')", "must be a number above 0"),
])
def test_a_wrong_setting_is_named(course, text, why):
    configure(course, text)
    with pytest.raises(Problem, match=why):
        course.limits()


@pytest.fixture(scope="module")
def tools():
    return Toolbox(print)


@pytest.mark.parametrize("code", ["func init_loop() {\n\tfor {\n\t}\n}", "var sleeps = func() int { time.Sleep(time.Hour); return 1 }()", "!sleep 3600 &\nvar x = func() int { for { fmt.Println(1) } }()"])
def test_a_submission_that_lasts_is_stopped(instructor, tools, code):
    instructor.cells.insert(2, type(instructor.cells[0])(cell_type="code", source=code, metadata={}, outputs=[]))
    options = Options(cell=5, total=10)
    began = time.monotonic()
    record = Run(instructor, prepare("first", instructor, tools), tools, options).execute()
    assert time.monotonic() - began < 45  # what is under way ends in order, on a machine that does other work too
    assert record.passed == verdicts(False, False)


@pytest.mark.parametrize(("code", "passed"), [("syscall.Kill(os.Getpid(), 9)", False), ("os.Exit(0)", False), ("os.RemoveAll(\"/tmp\")", True), ("", True)])
def test_what_one_answer_does_costs_no_other(instructor, tools, code, passed):
    answer = next(c for c in instructor.cells if c.source.startswith("// Softmax"))
    answer.source = answer.source.replace("[]float64) []float64 {", "[]float64) []float64 {\n" + code)
    record = Run(instructor, prepare("first", instructor, tools), tools, Options()).execute()
    assert record.passed == verdicts(softmax=passed)


def test_a_grading_that_is_ended_by_force_leaves_no_process(instructor, tools):
    instructor.cells.insert(2, type(instructor.cells[0])(cell_type="code", source="func init_loop() {\n\tfor {\n\t}\n}", metadata={}, outputs=[]))
    assignment = prepare("first", instructor, tools)
    grader = os.fork()
    if grader == 0:
        try:
            Run(instructor, assignment, tools, Options()).execute()
        finally:
            os._exit(1)
    deadline = time.monotonic() + 60
    checker = str(assignment.checker).encode()
    started: list[int] = []
    while not any(checker in command(pid) for pid in started):
        assert time.monotonic() < deadline, "no check was started"
        time.sleep(0.05)
        started = descendants(grader)[1:]
    os.kill(grader, signal.SIGKILL)
    os.waitpid(grader, 0)
    deadline = time.monotonic() + 20
    while left := [command(pid) for pid in started if command(pid)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def command(pid):
    """What a process was started with, nothing for one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""

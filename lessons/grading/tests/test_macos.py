"""What students run, make validate, does not need what only Linux has.

macOS is played here by taking away what it lacks. It was not tried on a Mac.
"""

import argparse
import os
import resource
import sys
from pathlib import Path

import pytest

from fashionlab_grading import course, grade, sandbox
from fashionlab_grading.execute import Options
from fashionlab_grading.folder import Problem

SYSCONF = os.sysconf
READ_TEXT = Path.read_text


def sysconf(name):
    if name == "SC_AVPHYS_PAGES":
        raise ValueError("unrecognized configuration name")
    return SYSCONF(name)


def read_text(path, *arguments, **options):
    if path.is_relative_to("/proc"):
        raise FileNotFoundError(str(path))
    return READ_TEXT(path, *arguments, **options)


@pytest.fixture(autouse=True)
def macos(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "sysconf", sysconf)
    for module, names in {resource: ["RLIMIT_MSGQUEUE", "RLIMIT_NICE"], os: ["sched_getaffinity"]}.items():
        for name in names:
            monkeypatch.delattr(module, name, raising=False)
    monkeypatch.setattr(Path, "read_text", read_text)


def test_a_students_own_program_runs_without_linuxs_commands():
    here = sandbox.Sandbox(["/bin/sh", "-c", "echo seen $WORD"], {"WORD": "it", "PATH": "/bin"}, sandbox.Mounts(), sandbox.Limits(), sandboxed=False)
    try:
        assert not {"setpriv", "prlimit", "unshare"} & set(here.process.args)
        here.process.wait(60)
        here.reader.join(60)
        assert here.tail.strip() == b"seen it"
    finally:
        here.stop()


@pytest.mark.parametrize("memory", [1, sandbox.Limits().memory, 1 << 60])
def test_the_number_of_jobs_is_at_least_one(memory):
    assert grade.default_jobs(Options(limits=sandbox.Limits(memory=memory))) >= 1


def test_strangers_programs_are_not_run_without_limits(monkeypatch):
    monkeypatch.setattr(course, "Course", lambda *_: None)
    with pytest.raises(Problem, match="needs Linux"):
        course.do_grade(argparse.Namespace(dir=".", unsafe_without_sandbox=True))

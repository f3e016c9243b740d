"""What students run, make validate, does not need what only Linux has.

macOS is played here by taking away what it lacks. It was not tried on a Mac.
"""

import argparse
import contextlib
import os
import resource
import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import course  # noqa: E402
import grade  # noqa: E402
import sandbox  # noqa: E402
from execute import Options  # noqa: E402
from folder import Problem  # noqa: E402

SYSCONF = os.sysconf


def sysconf(name):
    if name == "SC_AVPHYS_PAGES":
        raise ValueError("unrecognized configuration name")
    return SYSCONF(name)


class MacOS(unittest.TestCase):
    def setUp(self):
        stack = self.enterContext(contextlib.ExitStack())
        stack.enter_context(mock.patch.object(sys, "platform", "darwin"))
        stack.enter_context(mock.patch.object(os, "sysconf", sysconf))
        for module, names in {resource: ["RLIMIT_MSGQUEUE", "RLIMIT_NICE"], os: ["sched_getaffinity"]}.items():
            for name in names:
                if hasattr(module, name):
                    saved = getattr(module, name)
                    delattr(module, name)
                    stack.callback(setattr, module, name, saved)
        read = Path.read_text

        def read_text(path, *arguments, **options):
            if path.is_relative_to("/proc"):
                raise FileNotFoundError(str(path))
            return read(path, *arguments, **options)

        stack.enter_context(mock.patch.object(Path, "read_text", read_text))

    def test_a_students_own_program_runs_without_linuxs_commands(self):
        here = sandbox.Sandbox(["/bin/sh", "-c", "echo seen $WORD"], {"WORD": "it", "PATH": "/bin"}, sandbox.Mounts(), sandbox.Limits(), sandboxed=False)
        self.addCleanup(here.stop)
        self.assertFalse({"setpriv", "prlimit", "unshare"} & set(here.process.args))
        here.process.wait(60)
        here.reader.join(60)
        self.assertEqual(here.tail.strip(), b"seen it")

    def test_the_number_of_jobs_is_at_least_one(self):
        for memory in (1, sandbox.Limits().memory, 1 << 60):
            self.assertGreaterEqual(grade.default_jobs(Options(limits=sandbox.Limits(memory=memory))), 1)

    def test_strangers_programs_are_not_run_without_limits(self):
        class Anything:
            def __init__(self, *_):
                pass

        with mock.patch.object(course, "Course", Anything), self.assertRaisesRegex(Problem, "needs Linux"):
            course.do_grade(argparse.Namespace(dir=".", unsafe_without_sandbox=True))


if __name__ == "__main__":
    unittest.main()

"""Setting up does each step once, and says what to do when one fails."""

import contextlib
import io
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import setup


class Steps(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        patch = mock.patch.object(setup, "DONE", Path(folder.name) / "done")
        patch.start()
        self.addCleanup(patch.stop)
        self.made = []

    def step(self, mark, make=None):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            setup.step("tool", "The tool", mark, make or (lambda: self.made.append(mark)))
        return said.getvalue()

    def test_a_step_is_done_once_and_then_silent(self):
        self.assertIn("The tool … done", self.step("1"))
        self.assertEqual(self.step("1"), "")
        self.assertEqual(self.made, ["1"])

    def test_a_step_is_done_again_when_what_it_depends_on_changes(self):
        self.step("1")
        self.step("2")
        self.assertEqual(self.made, ["1", "2"])

    def test_a_failed_step_is_tried_again(self):
        def fail():
            raise setup.Failed("no network")

        with self.assertRaises(setup.Failed):
            self.step("1", fail)
        self.step("1")
        self.assertEqual(self.made, ["1"])

    def test_fingerprint_follows_a_files_content(self):
        file = Path(tempfile.mkstemp()[1])
        self.addCleanup(file.unlink)
        file.write_text("a")
        before = setup.fingerprint("go1", file)
        self.assertEqual(setup.fingerprint("go1", file), before)
        self.assertNotEqual(setup.fingerprint("go2", file), before)
        file.write_text("b")
        self.assertNotEqual(setup.fingerprint("go1", file), before)


class Failures(unittest.TestCase):
    def test_a_failed_command_shows_its_last_lines_and_the_remedy(self):
        with self.assertRaises(setup.Failed) as raised:
            setup.run(["sh", "-c", "seq 100; echo No space left on device; exit 3"], "Free some space.")
        self.assertRegex(str(raised.exception), r"100\nNo space left on device\n\nsh -c .* failed\.\nFree some space\.$")
        self.assertNotIn("50\n", str(raised.exception))

    def test_without_go(self):
        with mock.patch.dict(os.environ, PATH="/nowhere"), self.assertRaisesRegex(setup.Failed, "Go was not found. Install it"):
            setup.check_tools()

    def test_with_an_old_python(self):
        with mock.patch.object(setup.sys, "version_info", (3, 8, 1)), self.assertRaisesRegex(setup.Failed, "needs 3.11 or newer"):
            setup.check_tools()

    def test_a_folder_in_the_way_of_the_environment_is_not_touched(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(setup, "VENV", Path(folder)):
            with self.assertRaisesRegex(setup.Failed, "no Python environment"):
                setup.make_venv()


if __name__ == "__main__":
    unittest.main()

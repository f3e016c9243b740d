"""What is said while cells run: on a terminal of any width, and in a log."""

import io
import unittest
from unittest import mock

import notebook_progress
from notebook_progress import Progress, Step, duration, name_of


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock(unittest.TestCase):
    def setUp(self):
        self.now = 1000.0
        patch = mock.patch.object(notebook_progress.time, "monotonic", lambda: self.now)
        patch.start()
        self.addCleanup(patch.stop)

    def steps(self, *seconds, trains=()):
        return [Step("homework", i + 1, len(seconds), f"cell named {i + 1}", s, i in trains) for i, s in enumerate(seconds)]

    def run_cell(self, progress, seconds):
        progress.begin()
        for _ in range(int(seconds)):
            self.now += 1
            progress.tick()
        progress.end()


class Lines(Clock):
    def test_a_log_has_the_begin_and_the_end_of_long_cells_and_a_line_each_minute(self):
        log = io.StringIO()
        progress = Progress(self.steps(2, 150, 1), log)
        for seconds in (2, 150, 1):
            self.run_cell(progress, seconds)
        lines = log.getvalue().splitlines()
        self.assertEqual(len(lines), 4, lines)
        self.assertEqual(lines[0], "cell 2 of 3 runs: cell named 2 · about 3 min left")
        self.assertIn("about 2 min left", lines[1])
        self.assertEqual(lines[3], "cell 2 of 3: 150 s  cell named 2")

    def test_a_cell_that_takes_long_unexpectedly_is_announced(self):
        for expected in (None, 1):
            log = io.StringIO()
            self.run_cell(Progress(self.steps(expected), log), 30)
            self.assertRegex(log.getvalue(), r"cell 1 of 1 runs: .*\ncell 1 of 1: 30 s")
            self.assertEqual("left" in log.getvalue(), expected is not None)

    def test_many_short_cells_are_not_silent(self):
        log = io.StringIO()
        progress = Progress(self.steps(*[5] * 30), log)
        for _ in range(30):
            self.run_cell(progress, 5)
        self.assertEqual([line[:7] for line in log.getvalue().splitlines()], ["cell 12", "cell 24"])

    def test_a_line_fits_any_terminal_and_keeps_place_and_time(self):
        progress = Progress(self.steps(100, 600, trains=(1,)), Terminal())
        progress.begin()
        progress.end()
        progress.step = None
        progress.begin()
        progress.step.name = "Version 2: trainCNN(cnnV2()) with a very long description behind it"
        progress.said("backend XLA\nEpoch [4/10], Step [100/391], Loss: 0.3\n\rcnn  36% |████ | 6 steps/s\n")
        for width in range(1, 200):
            line = progress.line(width)
            self.assertLessEqual(len(line), width)
            if width >= 79:
                self.assertRegex(line, r"^cell 2 of 2: Version 2.* · epoch 4 of 10 · about \d+ min left$")

    def test_a_terminal_has_one_line_that_is_drawn_anew(self):
        terminal = Terminal()
        self.run_cell(Progress(self.steps(5), terminal), 5)
        self.assertNotIn("\n", terminal.getvalue())
        self.assertEqual(terminal.getvalue().count("\r"), 6)

    def test_several_notebooks_are_named(self):
        steps = self.steps(20)
        steps.append(Step("insight", 1, 1, "look", 1))
        log = io.StringIO()
        self.run_cell(Progress(steps, log), 20)
        self.assertTrue(log.getvalue().startswith("homework, cell 1 of 1 runs: "), log.getvalue())


class Left(Clock):
    def test_cells_that_took_longer_make_the_rest_longer(self):
        progress = Progress(self.steps(300, 10, 300, 10, trains=(0, 2)), io.StringIO())
        self.run_cell(progress, 600)  # twice as long as expected
        self.run_cell(progress, 10)
        progress.begin()
        self.assertAlmostEqual(progress.left(), 600 + 10, delta=50)

    def test_the_epochs_of_a_training_tell_how_long_it_takes(self):
        progress = Progress(self.steps(100, 100, trains=(0, 1)), io.StringIO())
        progress.begin()
        progress.said("Epoch [1/10], Step [1/391], Loss: 1")
        self.now += 100
        progress.said("Epoch [6/10], Step [1/391], Loss: 1")
        self.assertAlmostEqual(progress.left(), 100 + 200, delta=5)

    def test_a_training_that_goes_on_is_not_taken_for_a_fast_one(self):
        progress = Progress(self.steps(50, trains=(0,)), io.StringIO())
        progress.begin()
        progress.said("training: epoch 6 of 11")
        self.now += 40
        progress.said("training: epoch 8 of 11")
        self.assertAlmostEqual(progress.left(), 80, delta=1)

    def test_times_are_said_as_people_say_them(self):
        self.assertEqual([duration(s) for s in (0, 12, 54, 59, 150, 2880, 7500)],
                         ["5 s", "15 s", "55 s", "1 min", "2 min", "48 min", "2 h 05 min"])


class Names(unittest.TestCase):
    def test_a_cell_is_known_by_its_heading_and_by_what_it_runs(self):
        for code, heading, name in (
            ("// f does.\nfunc f() {}\n\n%%\nf()", "Version 1: wider", "Version 1: f()"),
            ("%%\n// a word\nx := 1", "The data", "The data: x := 1"),
            ("func f() {\n}", "", "func f() {"),
            ("%noautoget\nimport (\n\t\"fmt\"\n)", "Begin", "Begin: %noautoget"),
            ("// a\u2028line\nfunc f() {}\n//gonb:%%\nf(\"a\u2028b\")", "", 'f("a\u2028b")'),
            ("", "", ""),
        ):
            self.assertEqual(name_of(code, heading), name)


if __name__ == "__main__":
    unittest.main()

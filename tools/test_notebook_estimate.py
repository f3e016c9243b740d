"""The estimate counts what a notebook will do, and not what is kept already."""

import io
import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import notebook_estimate
from fashionlab_grading import readgo
from notebook_check import calls
from notebook_estimate import NotMeasured, Speed, WrongEpochs, epochs_left, estimate, measure, shortened, steps, total, works
from notebook_make import NOTEBOOKS
from notebook_source import read

SPEED = Speed("backend of a test", 2, {"cnn": 0.03, "cnn_v1": 0.1, "cnn_v2": 0.1}, {"cnn": 1, "cnn_v1": 2, "cnn_v2": 2})


class Estimate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.runs = Path(folder.name)
        self.source = NOTEBOOKS / "homework.md"
        self.nb = read(self.source)

    def seconds(self, epochs=None):
        return total(steps(self.nb, self.source, SPEED, self.runs, epochs))

    def keep(self, run, step):
        """A run that was trained so far, as the library writes it."""
        header = json.dumps({"__metadata__": {"run": json.dumps({"step": step})}}).encode()
        (self.runs / run).mkdir(exist_ok=True)
        (self.runs / run / "checkpoint.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)

    def test_every_training_of_the_notebooks_is_known(self):
        for source in sorted(NOTEBOOKS.glob("*.md")):
            functions = {}
            codes = [c.source for c in read(source).cells if c.cell_type == "code"]
            for work in works(source):
                self.assertEqual(sum(work["cell"] in c for c in codes), 1, f"{source.name}: {work}")
            for code, go in zip(codes, readgo.cells(codes)):
                functions |= {f.name: f.calls for f in go.functions}
                known = any(w["cell"] in code and "epochs" in w for w in works(source))
                stand_in = "trained" in functions and calls(functions["trained"], (".Fit",), {})  # insight's, where the homework was not made
                if not stand_in or calls(go.calls, (".Fit",), {}):
                    self.assertEqual(calls(go.calls, (".Fit",), functions) > 0, known, f"{source.name}: {code}")

    def test_a_machine_whose_times_are_known(self):
        # The steps of fashion/PERFORMANCE.md; on that machine the networks train for 90, 315, 344 and 350 s.
        speed = Speed("", 1.8, {"cnn": 0.022, "cnn_v1": 0.0739, "cnn_v2": 0.0888}, {"cnn": 1, "cnn_v1": 2, "cnn_v2": 2})
        found = steps(self.nb, self.source, speed, self.runs, None)
        trained = [s.seconds for s in found if "trainCNN(" in s.name]
        for seconds, known in zip(trained, (90, 315, 344, 350), strict=True):
            self.assertTrue(known / 1.25 < seconds < known * 1.25, f"{seconds:.0f} s, it was {known} s")
        self.assertTrue(19 * 60 < total(found) < 25 * 60, f"{total(found) / 60:.0f} min, it was 22")

    def test_what_is_kept_takes_no_time(self):
        before = self.seconds()
        self.keep("cnn_v2", 391 * 5)
        half = self.seconds()
        self.keep("cnn_v2", 391 * 10)
        whole = self.seconds()
        self.assertAlmostEqual(before - whole, 391 * 10 * 0.1, delta=50)
        self.assertAlmostEqual(before - half, (before - whole) / 2, delta=5)

    def test_a_cell_with_several_runs_needs_the_epochs_that_each_of_them_lacks(self):
        work = {"run": ["one", "two", "three"], "epochs": 5, "steps": 195}
        self.keep("one", 5 * 195)
        self.keep("two", 2 * 195)
        self.assertEqual(epochs_left(work, self.runs, None), [0, 3, 5])
        self.assertEqual(epochs_left(work, self.runs, 1), [0, 0, 1])

    def test_a_damaged_run_counts_as_none(self):
        before = self.seconds()
        for content in (b"", b"\xff" * 40, b"\x02" + bytes(7) + b"{}", b"\x02" + bytes(7) + b"[]"):
            (self.runs / "cnn").mkdir(exist_ok=True)
            (self.runs / "cnn" / "checkpoint.safetensors").write_bytes(content)
            self.assertEqual(self.seconds(), before, content)

    def test_fewer_epochs_take_less(self):
        self.assertAlmostEqual(self.seconds() - self.seconds(1), 9 * 391 * (0.03 + 3 * 0.1), delta=120)

    def test_the_sum_is_said_with_the_short_way(self):
        said = io.StringIO()
        self.keep("softmax", 3910)
        with mock.patch.object(notebook_estimate, "measure", return_value=SPEED) as measured:
            estimate([(self.nb, self.source, self.runs)], "make homework", None, said)
        measured.assert_called_once_with(["cnn", "cnn_v1", "cnn_v2"])
        self.assertRegex(said.getvalue(), r"make homework: about \d+ min; FASHION_EPOCHS=1 make homework takes about \d+ min; "
                                          r"1 of 6 trainings are already done\.\nbackend of a test; a training step: cnn 30 ms")

    def test_epochs_that_are_no_number_are_refused(self):
        for text in ("soon", "0", "-1", "1.5", "٣", " "):
            with self.subTest(text), mock.patch.dict(os.environ, FASHION_EPOCHS=text), self.assertRaises(WrongEpochs):
                shortened()

    def test_the_cells_backend_is_measured(self):
        speed = measure(["softmax"])
        self.assertIn("backend", speed.backend)
        self.assertGreater(min(speed.link, speed.step["softmax"]), 0)

    def test_a_measurement_that_fails_says_why(self):
        with mock.patch.dict(os.environ, GOMLX_BACKEND="none-of-these"), self.assertRaisesRegex(NotMeasured, "none-of-these"):
            measure(["softmax"])


if __name__ == "__main__":
    unittest.main()

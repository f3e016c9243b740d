"""Executing a notebook keeps its outputs, and a failure leaves everything as it was."""

import contextlib
import io
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import nbformat

from notebook_execute import CellFailed, execute, runs_folder, take_text

HEAD = '''---
jupyter:
  kernelspec:
    display_name: Go (fashionlab)
    language: go
    name: fashionlab
---

# A small notebook

'''
CELL = '''```go
%%%%
%s
```

'''


class Execute(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.source = self.folder / "small.md"
        self.target = self.folder / "small.ipynb"
        patch = mock.patch.dict(os.environ, FASHION_RUNS=str(self.folder / "runs"))
        patch.start()
        self.addCleanup(patch.stop)

    def execute(self, *cells, until=""):
        self.source.write_text(HEAD + "".join(CELL % c for c in cells), encoding="utf-8")
        with contextlib.redirect_stderr(io.StringIO()) as said:
            execute(self.source, until, self.target)
        self.said = said.getvalue()
        return [c for c in nbformat.read(self.target, as_version=4).cells if c.cell_type == "code"]

    def test_outputs_are_kept_and_a_stream_is_one_output(self):
        first, second = self.execute('for i := range 3 {\n\tfmt.Println(i)\n\ttime.Sleep(time.Second / 5)\n}', 'fmt.Print(os.Getenv("FASHION_RUNS"))')
        self.assertEqual([o.text for o in first.outputs], ["0\n1\n2\n"])
        self.assertEqual([o.text for o in second.outputs], [str(self.folder / "runs")])
        self.assertEqual([first.execution_count, second.execution_count], [1, 2])
        self.assertIn("small.ipynb: 2 cells in", self.said)

    def test_failing_cell_is_shown_and_the_former_notebook_stays(self):
        self.execute('fmt.Println("good")')
        before = self.target.read_bytes()
        with self.assertRaises(CellFailed) as raised:
            self.execute('fmt.Println("good")', 'panic("broken on purpose")', 'fmt.Println("later")')
        self.assertIn('cell 2 of 3 failed', str(raised.exception))
        self.assertIn('panic: broken on purpose', str(raised.exception))
        self.assertNotIn("later", str(raised.exception))
        self.assertEqual(self.target.read_bytes(), before)

    def test_cell_that_does_not_compile_fails(self):
        with self.assertRaises(CellFailed) as raised:
            self.execute('undefinedName()')
        self.assertIn("undefined: undefinedName", str(raised.exception))
        self.assertFalse(self.target.exists())

    def test_new_text_is_taken_over_and_the_outputs_stay(self):
        (before,) = self.execute('fmt.Println(time.Now())')
        self.source.write_text(self.source.read_text(encoding="utf-8").replace("A small notebook", "Another title"), encoding="utf-8")
        with contextlib.redirect_stderr(io.StringIO()):
            take_text(self.source, self.target)
        after = nbformat.read(self.target, as_version=4)
        self.assertIn("Another title", after.cells[0].source)
        (cell,) = [c for c in after.cells if c.cell_type == "code"]
        self.assertEqual(cell.outputs, before.outputs)
        self.assertEqual(after.metadata.fashionlab.source, "small.md")

    def test_text_is_not_taken_over_where_the_code_has_changed(self):
        self.execute('fmt.Println(1)')
        before = self.target.read_bytes()
        self.source.write_text(self.source.read_text(encoding="utf-8").replace("Println(1)", "Println(2)"), encoding="utf-8")
        with self.assertRaisesRegex(CellFailed, "must be executed again"):
            take_text(self.source, self.target)
        self.assertEqual(self.target.read_bytes(), before)

    def test_runs_of_another_notebook_are_found(self):
        del os.environ["FASHION_RUNS"]
        other = self.folder / "other.md"
        other.write_text(HEAD, encoding="utf-8")
        self.source.with_suffix(".work.toml").write_text('runs_of = "other.md"', encoding="utf-8")
        self.source.write_text(HEAD + CELL % 'fmt.Print(os.Getenv("FASHION_RUNS"))', encoding="utf-8")
        with contextlib.redirect_stderr(io.StringIO()):
            execute(self.source, "", self.target)
        (cell,) = [c for c in nbformat.read(self.target, as_version=4).cells if c.cell_type == "code"]
        self.assertEqual(cell.outputs[0].text, str(runs_folder(other)))
        self.assertNotEqual(runs_folder(other), runs_folder(self.source))

    def test_edited_notebook_is_kept(self):
        self.execute('fmt.Println(1)')
        nb = nbformat.read(self.target, as_version=4)
        nb.cells[-1].source = '%%\nfmt.Println("my own answer")'
        nbformat.write(nb, self.target)
        self.execute('fmt.Println(1)')
        kept = self.folder / "small.edited-1.ipynb"
        self.assertIn("my own answer", kept.read_text(encoding="utf-8"))
        self.assertIn(f"your version is kept as {kept}", self.said)
        self.execute('fmt.Println(2)')  # not edited: nothing to keep
        self.assertFalse((self.folder / "small.edited-2.ipynb").exists())


if __name__ == "__main__":
    unittest.main()

"""A notebook with any one thing wrong must not pass the check."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import nbformat

from notebook_check import Disagrees, check
from notebook_source import digest, read

SOURCE = '''# A small notebook

```go
import "fashionlab/plots/display"

// show draws a picture.
func show() {
	display.Show(nil)
}
```

## First

```go
%%
display.Println("accuracy: 0.71")
```

## Second

```go
%%
show()
```
'''
CHECKS = r'''[[figure]]
what = "the accuracy"
cell = "accuracy"
pattern = 'accuracy: ([\d.]+)'
between = [0.7, 0.72]
full = true
'''
PNG = "iVBORw0KGgo="


def text(value: str):
    return nbformat.v4.new_output("display_data", {"text/plain": value})


def picture():
    return nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg/>", "image/png": PNG})


class Check(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.source = Path(folder.name) / "small.md"
        self.source.write_text(SOURCE, encoding="utf-8")
        self.source.with_suffix(".checks.toml").write_text(CHECKS, encoding="utf-8")
        self.nb = self.executed()

    def executed(self, until=""):
        """The notebook as executing the source would leave it."""
        nb = read(self.source, until)
        nb.metadata["fashionlab"] = {"sha256": digest(nb)}
        code = [c for c in nb.cells if c.cell_type == "code"]
        for number, (cell, outputs) in enumerate(zip(code, [[], [text("accuracy: 0.71")], [picture()]]), 1):
            cell.execution_count, cell.outputs = number, outputs
        return nb

    def cell(self, number):
        return [c for c in self.nb.cells if c.cell_type == "code"][number - 1]

    def check(self, until="", full=False):
        file = self.source.with_suffix(".ipynb")
        nbformat.write(self.nb, file)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            check(file, self.source, until, full)
        return said.getvalue()

    def fails(self, saying, **options):
        with self.assertRaises(Disagrees) as raised:
            self.check(**options)
        self.assertIn(saying, str(raised.exception))

    def test_passes_as_executed(self):
        self.assertIn("1 pictures, 1 figures in range", self.check())

    def test_source_changed_since(self):
        self.source.write_text(SOURCE.replace("small", "short"), encoding="utf-8")
        self.fails("made from another version")

    def test_cell_edited(self):
        self.cell(2).source = '%%\ndisplay.Println("accuracy: 0.99")'
        self.fails("is not that of")

    def test_cell_missing(self):
        del self.nb.cells[-1]
        self.fails("cells, ")

    def test_error_output(self):
        self.cell(3).outputs.append(nbformat.v4.new_output("error", ename="ERROR", evalue="exit status 1", traceback=[]))
        self.fails("code cell 3: error ERROR: exit status 1")

    def test_cells_that_must_show_the_same(self):
        rule = """[[same]]
what = "the loss"
cells = ["accuracy: 0.71", "%%\\nshow()"]
pattern = 'loss (\\d+)'
"""
        self.source.with_suffix(".checks.toml").write_text(CHECKS + rule, encoding="utf-8")
        self.fails("the loss: None in the cell with 'accuracy: 0.71', None in")
        self.cell(2).outputs.append(text("loss 5"))
        self.cell(3).outputs.append(text("loss 6"))
        self.fails("the loss: 5 in the cell with 'accuracy: 0.71', 6 in")
        self.cell(3).outputs[-1] = text("loss 5, loss 6")
        self.check()

    def test_standard_error(self):
        self.cell(1).outputs.append(nbformat.v4.new_output("stream", name="stderr", text="warning"))
        self.fails("code cell 1: wrote to standard error: 'warning'")

    def test_not_executed_in_order(self):
        self.cell(2).execution_count = 7
        self.fails("code cell 2: executed as number 7")

    def test_path_of_one_computer(self):
        self.cell(2).outputs.append(nbformat.v4.new_output("display_data", {"text/html": "in /home/ada/runs/cnn"}))
        self.fails("shows a path of one computer: /home/ada/runs/cnn")

    def test_address_is_no_path(self):
        self.cell(2).outputs.append(text("https://example.org/home/page"))
        self.check()

    def test_picture_missing_that_a_function_of_the_notebook_shows(self):
        self.cell(3).outputs = []
        self.fails("code cell 3: 0 pictures, want at least 1")

    def test_picture_of_a_training_and_of_a_slider_missing(self):
        for call in ("must.M1(net.Fit(loader, fashion.Training{Output: live.Training(\"mine\")}))", "display.ShowInteractive(slider)"):
            self.source.write_text(SOURCE.replace("%%\nshow()", f"%%\n{call}"), encoding="utf-8")
            self.nb = self.executed()
            self.check()
            self.cell(3).outputs = []
            self.fails("code cell 3: 0 pictures, want at least 1")

    def test_notebook_of_more_than_three_megabytes(self):
        self.cell(2).outputs.append(text("x" * 3_000_000))
        self.fails("bytes, want at most 3,000,000")

    def test_picture_without_png(self):
        self.cell(3).outputs[0].data.pop("image/png")
        self.fails("code cell 3: 0 pictures")

    def test_picture_that_is_none(self):
        self.cell(3).outputs[0].data["image/png"] = "bm90IGEgUE5H"
        self.fails("code cell 3: 0 pictures")

    def test_text_missing(self):
        self.cell(2).outputs = []
        self.fails("code cell 2: shows no text")

    def test_figure_out_of_range(self):
        self.cell(2).outputs = [text("accuracy: 0.69")]
        self.fails("the accuracy: 0.69, want 0.7 to 0.72")

    def test_figure_missing(self):
        self.cell(2).outputs = [text("nothing")]
        self.fails("the accuracy: not found")

    def test_a_shortened_notebook_owes_no_figures_of_full_training(self):
        self.cell(2).outputs = [text("accuracy: 0.5")]
        self.nb.metadata["fashionlab"]["shortened"] = "FASHION_EPOCHS=1"
        self.assertIn("0 figures in range (FASHION_EPOCHS=1)", self.check())

    def test_shortened_notebook_is_no_full_one(self):
        self.nb.metadata["fashionlab"]["shortened"] = "FASHION_EPOCHS=1"
        self.fails("it was made with FASHION_EPOCHS=1", full=True)

    def test_part_of_a_notebook(self):
        self.nb = self.executed("## Second")
        self.assertIn("1 figures", self.check(until="## Second"))
        self.fails("cells, ")

    def test_part_does_not_owe_figures_of_the_rest(self):
        self.nb = self.executed("## First")
        self.assertIn("0 figures", self.check(until="## First"))

    def test_until_an_unknown_heading(self):
        with self.assertRaisesRegex(OSError, "has no heading '## Third'"):
            self.check(until="## Third")


if __name__ == "__main__":
    unittest.main()

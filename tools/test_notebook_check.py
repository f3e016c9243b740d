"""A notebook with any one thing wrong must not pass the check."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import nbformat

from fashionlab_grading import texts
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
NUMBER = r'''[[number]]
says = '(\d+) % right'
cell = "accuracy"
pattern = 'accuracy: ([\d.]+)'
times = 100

'''
NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
CHANGED = [  # a notebook, a number in its text, another one, and what the check says
    ("homework", "from 0.050 to 0.154 for", "from 0.050 to 0.164 for", 'softmax gives probabilities from 0.050 to 0.164 for these two images: '),
    ("homework", "with the seeds 1 to 3, the", "with the seeds 1 to 4, the", "what was measured is 1 and 3"),
    ("homework", "a mean.)", "a mean of 17.)", "nothing vouches for the number 17"),
    ("insight", "trains it with\n0.02", "trains it with\n0.03", "The homework also trains it with 0.03, about what the search suggests."),
    ("tour", "is 11 again", "is 13 again", "`counter` is 13 again, not 12."),
]
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

    def check(self, until="", full=False, text=True, elsewhere=False):
        file = self.source.with_name("new.ipynb") if elsewhere else self.source.with_suffix(".ipynb")
        nbformat.write(self.nb, file)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            check(file, self.source, until, full, text)
        return said.getvalue()

    def fails(self, saying, **options):
        with self.assertRaises(Disagrees) as raised:
            self.check(**options)
        self.assertIn(saying, str(raised.exception))

    def test_passes_as_executed(self):
        self.assertIn("1 pictures, 1 figures in range", self.check())

    def with_text(self, text, rules):
        """The notebook with a sentence in its text, and rules for the numbers in it."""
        self.source.write_text(SOURCE.replace("## Second", f"{text}\n\n## Second"), encoding="utf-8")
        self.source.with_suffix(".checks.toml").write_text(rules + CHECKS, encoding="utf-8")
        self.nb = self.executed()

    def test_number_in_the_text_that_its_cell_shows(self):
        self.with_text("It got 71 % right.", NUMBER)
        self.assertIn("numbers of the text right", self.check())

    def test_number_in_the_text_that_its_cell_does_not_show(self):
        self.with_text("It got 72 % right.", NUMBER)
        self.fails('It got 72 % right.", and for "72 % right" the output is 71')

    def test_number_in_the_text_without_a_rule(self):
        self.with_text("It got 71 % right. The best has 94 %.", NUMBER)
        self.fails('nothing vouches for the number 94 in the text "The best has 94 %."')
        self.with_text("It got 71 % right. The best has 94 %.", "given = [94]\n" + NUMBER)
        self.check()

    def test_rule_for_a_number_that_the_text_does_not_have(self):
        self.with_text("It was right.", NUMBER)
        self.fails("small.checks.toml: no text fits '(\\\\d+) % right'")

    def test_rule_for_a_number_that_no_output_has(self):
        self.with_text("It got 71 % right.", NUMBER.replace("accuracy: (", "recall: ("))
        self.fails("small.checks.toml: no output of the cell with 'accuracy' fits")

    def test_a_new_execution_need_not_agree_with_the_text(self):
        self.with_text("It got 72 % right.", NUMBER)
        self.assertNotIn("numbers of the text", self.check(text=False))
        self.assertNotIn("numbers of the text", self.check(elsewhere=True))
        self.nb.metadata["fashionlab"]["shortened"] = "FASHION_EPOCHS=1"
        self.assertNotIn("numbers of the text", self.check())
        self.nb = self.executed("## Second")
        self.assertNotIn("numbers of the text", self.check(until="## Second"))

    def test_a_number_changed_by_hand_in_each_notebook_is_named_with_its_sentence(self):
        for name, old, new, named in CHANGED:
            with self.subTest(name):
                nb = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
                cells = [c for c in nb.cells if c.cell_type == "markdown" and old in c.source]
                self.assertEqual(1, len(cells), f"{old!r} occurs in {len(cells)} cells")
                self.assertEqual([], texts.numbers(nb, NOTEBOOKS / f"{name}.checks.toml"))
                cells[0].source = cells[0].source.replace(old, new)
                wrong = texts.numbers(nb, NOTEBOOKS / f"{name}.checks.toml")
                self.assertEqual(1, len(wrong), wrong)
                self.assertIn(named, wrong[0])

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

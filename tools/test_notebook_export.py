"""The exported page must show everything without a network."""

import base64
import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from notebook_export import export, with_mathml

PNG = "iVBORw0KGgo="


class Formulas(unittest.TestCase):
    def test_in_a_line(self):
        page = with_mathml("the sum $a + b$ of two")
        self.assertIn("<mi>a</mi><mo>&#x0002B;</mo><mi>b</mi>", page)
        self.assertNotIn("$", page)

    def test_on_a_line_of_its_own(self):
        self.assertRegex(with_mathml("$$\nx^2\n$$"), r'<div class="formula" tabindex="0"><math [^>]*display="block"')

    def test_dollars_in_code_stay(self):
        for text in ("`$HOME` and `$PATH`", "```sh\necho $a $b\n```"):
            self.assertEqual(with_mathml(text), text)


class Page(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "small.ipynb"

    def page(self, *cells) -> str:
        nb = new_notebook(cells=list(cells))
        nb.metadata["language_info"] = {"name": "go", "pygments_lexer": "go"}
        nbformat.write(nb, self.file)
        with contextlib.redirect_stdout(io.StringIO()):
            export(self.file, self.file.with_suffix(".html"))
        return self.file.with_suffix(".html").read_text(encoding="utf-8")

    def has(self, page: str, part: str) -> None:
        self.assertTrue(part in page, f"{part!r} is not in the page")

    def test_title_is_the_first_heading(self):
        self.has(self.page(new_markdown_cell("# Shoes & bags")), "<title>Shoes &amp; bags</title>")

    def test_go_is_highlighted_as_go(self):
        # Python knows no keyword "func".
        self.has(self.page(new_code_cell("func main() {}")), '<span class="kd">func</span>')

    def test_formulas_need_no_script(self):
        page = self.page(new_markdown_cell("# A\n\n$$\\frac{1}{2}$$"))
        self.has(page, "<mfrac>")
        self.assertFalse("MathJax" in page)

    def test_picture_is_shown_as_svg_with_its_text(self):
        data = {"image/svg+xml": "<svg/>", "image/png": PNG, "text/plain": "loss < 1"}
        page = self.page(new_code_cell("show()", outputs=[new_output("display_data", data)]))
        svg = base64.b64encode(b"<svg/>").decode()
        self.has(page, f'<img alt="loss &lt; 1" src="data:image/svg+xml;base64,{svg}"')
        self.assertFalse(PNG in page)

    def test_what_may_scroll_can_be_reached_with_the_keyboard(self):
        page = self.page(new_markdown_cell("$$x$$"), new_code_cell("f()", outputs=[new_output("stream", text="wide")]))
        for part in ('class="formula" tabindex="0"', '<pre tabindex="0"><span></span>', '<pre tabindex="0">wide'):
            self.has(page, part)

    def test_page_follows_a_dark_system(self):
        self.has(self.page(new_markdown_cell("# A")), 'media="screen and (prefers-color-scheme: dark)"')

    def test_page_that_would_fetch_is_refused_and_the_former_one_stays(self):
        before = self.page(new_markdown_cell("# Before"))
        with self.assertRaisesRegex(OSError, "would fetch something"):
            self.page(new_markdown_cell("![logo](https://example.org/logo.png)"))
        self.assertTrue(self.file.with_suffix(".html").read_text(encoding="utf-8") == before)


if __name__ == "__main__":
    unittest.main()

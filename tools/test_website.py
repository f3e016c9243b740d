"""Quick tests of the site's builder; tools/website/test_site.py looks at a whole site."""

import base64
import hashlib
import sys
import tempfile
import unittest
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

sys.path.insert(0, str(Path(__file__).resolve().parent / "website"))
import build

README = (build.ROOT / "README.md").read_text(encoding="utf-8")


class CourseTest(unittest.TestCase):
    def test_the_course_begins_with_the_tour_and_has_the_lessons_before_the_homework(self):
        paths = build.course(README)
        self.assertEqual(paths[:2], ["notebooks/tour.ipynb", "lessons/source/1-data.md"])
        self.assertLess(paths.index("lessons/source/9-architecture.md"), paths.index("notebooks/homework.ipynb"))

    def test_a_notebook_that_the_readme_does_not_list_is_named(self):
        with self.assertRaisesRegex(build.Problem, "notebooks/insight.ipynb"):
            build.course(README.replace("| 4. [insight](notebooks/insight.ipynb)", "| 4. insight"))


class FormsTest(unittest.TestCase):
    def shown(self, **data) -> tuple:
        nb = new_notebook(cells=[new_code_cell("", outputs=[new_output("display_data", data)])])
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "n.ipynb"
            nbformat.write(nb, file)
            text, alternatives = build.with_one_form(file)
        return nbformat.reads(text, as_version=4).cells[0].outputs[0].data, alternatives

    def test_a_picture_is_shown_as_svg_and_keeps_its_text(self):
        data, alternatives = self.shown(**{"text/plain": "a curve", "image/png": "AAAA", "image/svg+xml": "<svg/>"})
        self.assertEqual(dict(data), {"image/svg+xml": "<svg/>"})
        self.assertEqual(alternatives, {hashlib.sha256(b"<svg/>").hexdigest(): "a curve"})

    def test_a_picture_without_svg_is_shown_as_png(self):
        data, alternatives = self.shown(**{"text/plain": "a curve", "image/png": base64.b64encode(b"png").decode()})
        self.assertEqual(list(data), ["image/png"])
        self.assertEqual(alternatives, {hashlib.sha256(b"png").hexdigest(): "a curve"})

    def test_a_table_is_shown_and_not_its_text(self):
        self.assertEqual(dict(self.shown(**{"text/plain": "1", "text/html": "<table></table>"})[0]), {"text/html": "<table></table>"})

    def test_an_output_that_cannot_be_shown_is_named(self):
        with self.assertRaisesRegex(build.Problem, "application/pdf"):
            self.shown(**{"application/pdf": "x"})


class OutputTest(unittest.TestCase):
    def test_a_folder_that_is_no_site_is_not_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            mine = Path(folder) / "thesis.txt"
            mine.write_text("mine", encoding="utf-8")
            with self.assertRaisesRegex(build.Problem, "is no site"):
                build.build(Path(folder), "", "main")
            self.assertEqual(mine.read_text(encoding="utf-8"), "mine")

    def test_an_address_that_is_none_is_refused(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(build.Problem, "https://github.com/OWNER/NAME"):
            build.build(Path(folder) / "site", "git@github.com:owner/name", "main")


if __name__ == "__main__":
    unittest.main()

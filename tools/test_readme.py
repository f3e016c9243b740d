"""Tests of tools/readme.py: README.md must agree with what is stored."""

import re
import shutil
import tempfile
import unittest
from pathlib import Path

import readme

PARTS = ("README.md", "docs/pictures", "lessons/source", "fashion/PERFORMANCE.md", *(f"notebooks/{n}" for n in ("homework.md", "homework.ipynb", "insight.ipynb", "tour.ipynb", "challenge.ipynb")))


class ReadmeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for part in PARTS:
            source, target = readme.ROOT / part, self.root / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy(source, target)

    def change(self, part: str, pattern: str, text: str) -> None:
        file = self.root / part
        before = file.read_text(encoding="utf-8")
        after = re.sub(pattern, text, before, count=1, flags=re.MULTILINE)
        self.assertTrue(before != after, f"{pattern!r} is not in {part}")
        file.write_text(after, encoding="utf-8")

    def disagrees(self) -> str:
        with self.assertRaises(readme.Disagrees) as caught:
            readme.check(self.root)
        return str(caught.exception)

    def test_a_number_that_is_changed_by_hand_is_named(self):
        for pattern, text in (
            (r"^(\| cnn_v3 \| )620,746", r"\g<1>620,745"),  # parameters
            (r"^(\| cnn \| 28,938 \| 0\.)\d{4}", r"\g<1>9999"),  # the notebook's accuracy
            (r"^(\| cnn_v3 \| [\d,]+ \| [\d.]+ \| 0\.)\d{3} ", r"\g<1>999 "),  # over seeds
            (r"and \d+ % for the last", "and 99 % for the last"),
            (r"^(\| all four \| )\d+ min", r"\g<1>1 min"),
            (r"^(\| best \| [\d,]+ \| \d+ \| 0\.)\d{4}", r"\g<1>9999"),
            (r"together take \d+", "together take 1"),
            (r"the course takes \d+", "the course takes 1"),
            (r"(\[homework\]\(notebooks/homework.ipynb\) \| [^|]+ \| )3 to 4 hours", r"\g<1>30 to 40 hours"),
        ):
            with self.subTest(pattern):
                before = (self.root / "README.md").read_bytes()
                self.change("README.md", pattern, text)
                self.assertRegex(self.disagrees(), r"README.md has    '.*(?:\n.*)*results say '.*(?:\n.*)*make readme")
                (self.root / "README.md").write_bytes(before)

    def test_a_new_result_and_a_new_title_are_named_and_write_takes_them_over(self):
        self.change("notebooks/homework.md", r"^(\| cnn \| 0\.)\d{3} \(0\.\d{3}", r"\g<1>999 (0.111")
        self.change("lessons/source/2-softmax.md", r"^# Lesson 2: .*", "# Lesson 2: softmax")
        message = self.disagrees()
        self.assertIn("0.999 (0.111", message)
        self.assertIn("[2. Softmax](lessons/source/2-softmax.md)", message)
        readme.write(self.root)
        readme.check(self.root)

    def test_a_lesson_that_states_its_time_in_another_form_is_named(self):
        self.change("lessons/source/3-loss.md", r"^\*\*Time:\*\* \d+ to", "**Time:** about")
        self.assertIn("3-loss.md should state its time as", self.disagrees())

    def test_another_picture_is_named(self):
        (self.root / "docs/pictures/confusion.png").write_bytes(b"another")
        self.assertIn("docs/pictures/confusion.png is not the picture in notebooks/insight.ipynb", self.disagrees())

    def test_a_part_without_its_marks_is_named(self):
        self.change("README.md", r"^<!-- end of times -->\n", "")
        self.assertIn("<!-- end of times -->", self.disagrees())


if __name__ == "__main__":
    unittest.main()

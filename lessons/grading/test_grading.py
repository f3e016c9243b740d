"""Collecting, restoring notebooks, looking for leaks."""

import copy
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from nbformat.v4 import new_code_cell  # noqa: E402

import collect  # noqa: E402
import execute  # noqa: E402
import release  # noqa: E402
from assignment import read_instructor  # noqa: E402
from kit import kit  # noqa: E402
from folder import Course, Problem, check_identity, create  # noqa: E402
from notebooks import Unreadable, kind, name_of, read_submission, restore  # noqa: E402

STUDENTS = {
    "jana": {"id": "jana", "first_name": "Jana", "last_name": "Nováková", "email": "jn@example.org", "lms_user_id": "501"},
    "li": {"id": "li", "first_name": "雷", "last_name": "李", "email": "", "lms_user_id": ""},
    "sam1": {"id": "sam1", "first_name": "Sam", "last_name": "Smith", "email": "", "lms_user_id": ""},
    "sam2": {"id": "sam2", "first_name": "Sam", "last_name": "Smith", "email": "", "lms_user_id": "777"},
}


class Names(unittest.TestCase):
    """Files come under the names that platforms give them."""

    def items(self, *names: str):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name in names:
            path = Path(folder.name) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x", encoding="utf-8")
        return collect.items(Path(folder.name))

    def found(self, name: str):
        item, = self.items(name)
        return collect.Roster(STUDENTS).find(item), item.name

    def test_moodle(self):
        self.assertEqual(self.found("Jana Nováková_9001_assignsubmission_file_/my work.ipynb"), ("jana", "my work.ipynb"))
        self.assertEqual(self.found("course-hw1-123/Jana Nováková_9001_assignsubmission_file_/a.ipynb"), ("jana", "a.ipynb"))
        self.assertEqual(self.found("雷 李_9001_assignsubmission_file_/a.ipynb"), ("li", "a.ipynb"))
        self.assertEqual(self.found("Jana Nováková_9001_assignsubmission_file_a.ipynb"), ("jana", "a.ipynb"))

    def test_canvas(self):
        self.assertEqual(self.found("novakovajana_501_88_hw.ipynb"), ("jana", "hw.ipynb"))
        self.assertEqual(self.found("novakovajana_LATE_999_88_hw-2.ipynb"), ("jana", "hw-2.ipynb"))

    def test_plain_folders(self):
        self.assertEqual(self.found("jana/anything.ipynb"), ("jana", "anything.ipynb"))
        self.assertEqual(self.found("jana/first/first.ipynb"), ("jana", "first.ipynb"))
        self.assertEqual(self.found("jana.ipynb"), ("jana", "jana.ipynb"))

    def test_a_name_that_two_students_have_is_nobodys(self):
        self.assertEqual(self.found("Sam Smith_9_assignsubmission_file_/a.ipynb")[0], None)
        self.assertEqual(self.found("smithsam_777_5_a.ipynb")[0], "sam2")  # but the number says who

    def test_what_systems_leave_behind_is_not_handed_in(self):
        self.assertEqual(self.items("__MACOSX/jana/a.ipynb", ".DS_Store", "jana/.ipynb_checkpoints/a.ipynb"), [])


class Archives(unittest.TestCase):
    def unpack(self, *names: str, link: bool = False):
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "a.zip"
            with zipfile.ZipFile(archive, "w") as z:
                for name in names:
                    info = zipfile.ZipInfo(name)
                    if link:
                        info.external_attr = 0o120777 << 16
                    z.writestr(info, "x")
            inner = Path(folder) / "inner"
            inner.mkdir()
            collect.unpack(archive, inner)
            return sorted(p.relative_to(folder).as_posix() for p in Path(folder).rglob("*") if p.is_file())

    def test_nothing_lands_outside(self):
        for name in ("../evil", "a/../../evil", "/etc/evil", "C:/evil", "..\\evil"):
            with self.subTest(name), self.assertRaises(Problem):
                self.unpack(name)
        with self.assertRaises(Problem):
            self.unpack("link", link=True)
        self.assertEqual(self.unpack("a/b.ipynb"), ["a.zip", "inner/a/b.ipynb"])

    def test_what_is_no_archive_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a.zip").write_text("no zip", encoding="utf-8")
            with self.assertRaises(Problem):
                collect.unpack(Path(folder) / "a.zip", Path(folder))

    def test_ids_that_are_no_names_of_folders_are_refused(self):
        for bad in ("", "..", "a/b", "a*", "x\0", " a", "[a]"):
            with self.subTest(bad), self.assertRaises(Problem):
                check_identity(bad)
        check_identity("李 雷")


class Restoring(unittest.TestCase):
    def setUp(self):
        self.instructor = read_instructor(HERE / "testdata" / "first.md")
        self.released = copy.deepcopy(self.instructor)
        for c in self.released.cells:
            if kind(c) == "answer":
                c.source = "stub of " + name_of(c)

    def restore(self, change):
        student = copy.deepcopy(self.released)
        change(student)
        return restore(student, self.instructor, self.released)

    def names(self, nb):
        return [name_of(c) for c in nb.cells if name_of(c)]

    def test_graded_cells_and_points_are_the_instructors(self):
        def change(nb):
            for c in nb.cells:
                if kind(c) == "test":
                    c.source = "%%\n"
                    c.metadata.nbgrader.points = 99

        nb, notes = self.restore(change)
        for mine, original in zip([c for c in nb.cells if kind(c) == "test"], [c for c in self.instructor.cells if kind(c) == "test"]):
            self.assertEqual((mine.source, mine.metadata.nbgrader.points), (original.source, original.metadata.nbgrader.points))
        self.assertEqual(len(notes), 2)

    def test_deleted_and_moved_cells_come_back_in_order(self):
        def change(nb):
            nb.cells = [c for c in nb.cells[::-1] if name_of(c) != "test-argmax"]

        nb, _ = self.restore(change)
        self.assertEqual(self.names(nb), self.names(self.instructor))

    def test_answers_are_the_students_and_own_cells_stay_behind_what_they_follow(self):
        def change(nb):
            at = next(i for i, c in enumerate(nb.cells) if name_of(c) == "softmax")
            nb.cells[at].source = "mine"
            nb.cells.insert(at + 1, new_code_cell("my own"))

        nb, _ = self.restore(change)
        at = next(i for i, c in enumerate(nb.cells) if name_of(c) == "softmax")
        self.assertEqual([nb.cells[at].source, nb.cells[at + 1].source], ["mine", "my own"])

    def test_nonsense_is_unreadable_and_says_why(self):
        for content, why in [(b"", "empty"), (b"%PDF-1.4", "PDF"), (b"PK\x03\x04", "ZIP"), (b"[1]", "no notebook"), (b'{"nbformat": 4, "cells": 3}', "format"),
                             (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "bad", "source": "x", "metadata": {}}]}', "format"), (b"[" * 100000, "no notebook")]:
            with tempfile.NamedTemporaryFile() as f, self.subTest(content[:20]):
                f.write(content)
                f.flush()
                with self.assertRaisesRegex(Unreadable, why):
                    read_submission(Path(f.name))

    def test_one_program_has_each_import_once_and_first(self):
        program = execute.union(['import (\n\t"math"\n\tx "os"\n)\nfunc A() {}', 'import "math"\nfunc B() {}'])
        self.assertEqual(program.count('"math"'), 1)
        self.assertLess(program.index('x "os"'), program.index("func A"))


class Leaks(unittest.TestCase):
    def leaks(self, change):
        instructor = read_instructor(HERE / "testdata" / "first.md")
        released = copy.deepcopy(instructor)
        for c in released.cells:
            secret = set(release.regions(c.source))
            c.source = "\n".join(l for l in c.source.splitlines() if l not in secret and "BEGIN" not in l and "END" not in l)
        change(released)
        return release.leaks(instructor, released)

    def test_a_clean_release_has_none(self):
        self.assertEqual(self.leaks(lambda nb: None), [])

    def test_each_kind_is_found(self):
        def add(text):
            return lambda nb: nb.cells.append(new_code_cell(text))

        self.assertTrue(self.leaks(add("probabilities[i]   =  math.Exp(z - largest)")))
        self.assertTrue(self.leaks(add("lessons.Report(lessons.CheckSoftmaxFurther(Softmax))")))
        self.assertTrue(self.leaks(add("// BEGIN SOLUTION")))
        self.assertTrue(self.leaks(add("The exponential of a large logit overflows; subtracting the largest changes nothing in the result.")))


class Folders(unittest.TestCase):
    def test_edited_sources_are_kept(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "course"
            create(folder)
            course = Course(folder)
            course.update_sources(sources=HERE / "testdata")
            source = course.source("first")
            source.write_text(source.read_text(encoding="utf-8").replace("A small assignment", "My assignment"), encoding="utf-8")
            lines = course.update_sources(sources=HERE / "testdata")
            self.assertIn("My assignment", source.read_text(encoding="utf-8"))
            self.assertTrue(any("edited" in l for l in lines))
            course.update_sources(overwrite=True, sources=HERE / "testdata")
            self.assertNotIn("My assignment", source.read_text(encoding="utf-8"))
            self.assertIn("My assignment", source.with_suffix(".edited-1").read_text(encoding="utf-8"))

    def test_nbgraders_own_autograding_refuses_to_run_submissions(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "course"
            create(folder)
            course = Course(folder)
            course.update_sources(sources=HERE / "testdata")
            path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
            with unittest.mock.patch.dict(os.environ, PATH=path):
                course.release("first")
                handed_in = folder / "submitted" / "x" / "first"
                handed_in.mkdir(parents=True)
                shutil.copy(course.source("first"), handed_in / "first.ipynb")
                done = subprocess.run(["nbgrader", "autograde", "first"], cwd=folder, capture_output=True, encoding="utf-8")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("make grade", done.stderr)
            self.assertFalse((folder / "autograded" / "x").exists())

    def test_a_tilde_is_the_home_folder_where_no_shell_expanded_it(self):
        with tempfile.TemporaryDirectory() as home:
            environment = {**os.environ, "HOME": home}
            for command in (["create", "~/my course"], ["students", "~/my course"]):
                done = subprocess.run([sys.executable, "-P", HERE / "course.py", *command], cwd=home, env=environment, capture_output=True, encoding="utf-8")
                self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([p.name for p in Path(home).iterdir()], ["my course"])
            done = subprocess.run([sys.executable, "-P", HERE / "course.py", "create", "~nobody-of-this-name/x"], cwd=home, env=environment, capture_output=True, encoding="utf-8")
            self.assertEqual(done.returncode, 2)
            self.assertIn("Write the whole path", done.stderr)

    def test_a_folder_with_other_things_in_it_is_refused(self):
        with tempfile.TemporaryDirectory() as scratch:
            (Path(scratch) / "letter.txt").write_text("dear", encoding="utf-8")
            with self.assertRaises(Problem):
                create(Path(scratch))

    def test_the_commands_say_what_is_wrong(self):
        for arguments, why in [(["marks", "/nowhere"], "no course folder"), (["validate", "/nowhere.ipynb"], "cannot be read")]:
            done = subprocess.run([sys.executable, "-P", HERE / "course.py", *arguments], capture_output=True, encoding="utf-8")
            self.assertEqual(done.returncode, 1)
            self.assertIn(why, done.stderr)
            self.assertNotIn("Traceback", done.stderr)


class Kit(unittest.TestCase):
    def test_what_students_get_compiles_and_holds_no_solutions(self):
        with tempfile.TemporaryDirectory() as scratch:
            target = Path(scratch) / "kit"
            kit(target)
            files = {p.relative_to(target).as_posix(): p.read_text(errors="replace", encoding="utf-8") for p in target.rglob("*") if p.is_file()}
            self.assertIn("Makefile", files)
            self.assertTrue((target / "data/fashion/train-images-idx3-ubyte.gz").stat().st_size > 26_000_000)
            self.assertFalse([name for name in files if name.startswith("lessons/source") or name.startswith("lessons/") and name.count("/") == 1 and name.endswith("_test.go")])
            self.assertFalse([name for name, text in files.items() if name.endswith(".go") and "Further(" in text and "grading" not in name])
            self.assertIn("func CheckSoftmax(", files["lessons/softmax.go"])

    def test_a_folder_with_something_in_it_is_left_alone(self):
        with tempfile.TemporaryDirectory() as scratch:
            (Path(scratch) / "mine").write_text("x", encoding="utf-8")
            with self.assertRaises(Problem):
                kit(Path(scratch))
            self.assertEqual([p.name for p in Path(scratch).iterdir()], ["mine"])


if __name__ == "__main__":
    unittest.main()

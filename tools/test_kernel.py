"""The kernel that make kernel registers works outside of this project, and only this project's registration is touched."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import nbformat
from jupyter_client.kernelspec import KernelSpecManager

sys.path.insert(0, str(Path(__file__).parent))
import kernel


class UserFolder(unittest.TestCase):
    def setUp(self):
        self.data = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="Jan's [data] ")))
        self.enterContext(mock.patch.dict(os.environ, JUPYTER_DATA_DIR=str(self.data)))
        self.folder = self.data / "kernels" / "fashionlab"
        self.spec = self.folder / "kernel.json"


class Registration(UserFolder):
    def test_jupyter_finds_it_by_its_name(self):
        kernel.add()
        spec = KernelSpecManager(kernel_dirs=[str(self.data / "kernels")]).get_kernel_spec("fashionlab")
        self.assertEqual(spec.language, "go")
        # The same file, perhaps by another name: commas in a folder's name need a link.
        self.assertEqual(Path(spec.argv[0]).parent.resolve(), kernel.setup.BIN.resolve())

    def test_added_again_it_says_nothing_of_another_and_removed_nothing_is_left(self):
        kernel.add()
        self.assertNotIn("replaces", kernel.add())
        self.assertIn(str(self.spec), kernel.remove())
        self.assertEqual(list((self.data / "kernels").iterdir()), [])
        self.assertIn("nothing to remove", kernel.remove())

    def test_a_second_checkout_says_that_it_replaces_the_first(self):
        kernel.add()
        for other in ("Novák, Jan", "数据", "a$PATH b"):
            with mock.patch.object(kernel.setup, "ROOT", self.data / other):
                (self.data / other).mkdir()
                self.assertIn("replaces its registration from", kernel.add())

    def test_another_checkouts_registration_is_removed_only_when_that_checkout_is_gone(self):
        other = self.data / "other"
        other.mkdir()
        with mock.patch.object(kernel.setup, "ROOT", other):
            kernel.add()
        with self.assertRaisesRegex(kernel.Refused, "another checkout, .*/other"):
            kernel.remove()
        self.assertTrue(self.spec.exists())
        other.rmdir()
        self.assertIn("no longer exists", kernel.remove())
        self.assertFalse(self.spec.exists())

    def test_somebody_elses_kernel_of_this_name_is_left_as_it_is(self):
        self.folder.mkdir(parents=True)
        for content in ('{"argv": ["other"], "display_name": "x", "language": "go"}', '{"metadata": {"fashionlab": 1}}', "[]", "no JSON", ""):
            self.spec.write_text(content, encoding="utf-8")
            for change in (kernel.add, kernel.remove):
                with self.subTest(content, change=change.__name__), self.assertRaisesRegex(kernel.Refused, "did not register"):
                    change()
                self.assertEqual(self.spec.read_text(encoding="utf-8"), content)

    def test_a_file_beside_it_stays(self):
        kernel.add()
        (self.folder / "logo-svg.svg").write_text("mine", encoding="utf-8")
        kernel.remove()
        self.assertEqual([f.name for f in self.folder.iterdir()], ["logo-svg.svg"])
        kernel.add()

    def test_a_dollar_in_a_folders_name_is_not_taken_for_a_variable(self):
        tools = self.data / "a$HOME b"
        tools.mkdir()
        (tools / "mycc").symlink_to(shutil.which("gcc"))
        with mock.patch.dict(os.environ, CC="mycc", PATH=f"{tools}{os.pathsep}{os.environ['PATH']}"):
            kernel.add()
        from string import Template

        path = Template(json.loads(self.spec.read_text(encoding="utf-8"))["env"]["PATH"]).safe_substitute(os.environ)
        self.assertIn(str(tools), path.split(os.pathsep))


@unittest.skipUnless((kernel.setup.BIN / "gonb").exists(), "needs make setup")
class Use(UserFolder):
    """In an environment that has nothing of this project's, and with the short PATH of a desktop's menu."""

    def execute(self, *cells):
        """Executes cells with nbconvert, as a stranger would."""
        kernel.add()
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in ("%noautoget", *cells)])
        nb.metadata["kernelspec"] = {"name": "fashionlab", "display_name": "Go (fashionlab)", "language": "go"}
        nbformat.write(nb, self.data / "cells.ipynb")
        keep = {k: os.environ[k] for k in ("HOME", "JUPYTER_DATA_DIR", "GOCACHE", "GOMODCACHE", "GOPATH") if k in os.environ}
        return subprocess.run(
            [sys.executable, "-P", "-m", "nbconvert", "--to", "notebook", "--execute", "--log-level=ERROR", "cells.ipynb", "--output=out.ipynb"],
            cwd=self.data, env=keep | {"PATH": "/usr/bin:/bin", "JUPYTER_PREFER_ENV_PATH": "0"}, capture_output=True, encoding="utf-8", timeout=600,
        )

    def test_cells_run_and_the_log_stays_away_from_standard_error(self):
        done = self.execute('import "fmt"\n\n%%\nfmt.Println("seen", 6*7)')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertIn("seen 42", (self.data / "out.ipynb").read_text(encoding="utf-8"))

    def test_a_cell_that_does_not_compile_says_why_where_it_fails(self):
        done = self.execute('%%\nvar text string = 7')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("cannot use 7 (untyped int constant) as string value", done.stderr)
        self.assertIn("Cell[2]: Line 2", done.stderr)

    def test_a_program_that_panics_says_what_it_said(self):
        done = self.execute('%%\npanic("out of clothes")')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("out of clothes", done.stderr)


if __name__ == "__main__":
    unittest.main()

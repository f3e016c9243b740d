"""The doctor works before anything is set up, changes nothing, and names a remedy for all that is missing."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Doctor(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "a clone"
        (self.root / "tools").mkdir(parents=True)
        for file in ("go.mod", "requirements.in", "tools/doctor.py"):
            shutil.copy(ROOT / file, self.root / file)

    def doctor(self, **env):
        return subprocess.run([sys.executable, self.root / "tools/doctor.py"], env={**os.environ, **env}, capture_output=True, text=True)

    def test_before_setup_without_go(self):
        before = sorted(self.root.rglob("*"))
        done = self.doctor(PATH="/nowhere")
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertRegex(done.stdout, r"MISSING  Go +not found; 1\.\d+\S* or newer is needed\n +→ install it from https://go.dev/dl/")
        self.assertRegex(done.stdout, r"MISSING  packages +there is no .venv\n +→ make setup")
        self.assertRegex(done.stdout, r"MISSING  kernel +not registered\n +→ make setup")
        self.assertRegex(done.stdout, r"note +backend +not checked, it needs Go")
        self.assertEqual(sorted(self.root.rglob("*")), before)

    def test_kernel_of_a_folder_that_was_moved(self):
        kernel = self.root / ".venv/share/jupyter/kernels/fashionlab/kernel.json"
        kernel.parent.mkdir(parents=True)
        kernel.write_text('{"argv": ["/elsewhere/.venv/bin/gonb"], "display_name": "Go (fashionlab)"}')
        self.assertRegex(self.doctor(PATH="/nowhere").stdout, r"MISSING  kernel +it was registered for another folder, /elsewhere")

    def test_packages_of_other_versions(self):
        found = self.root / ".venv/lib/python3.11/site-packages/jupytext-0.1.dist-info"
        found.mkdir(parents=True)
        (found / "METADATA").write_text("Metadata-Version: 2.1\nName: jupytext\nVersion: 0.1\n")
        (self.root / ".venv/pyvenv.cfg").write_text("")
        said = self.doctor(PATH="/nowhere").stdout
        self.assertRegex(said, r"jupytext 0\.1 instead of \d")
        self.assertRegex(said, r"jupyterlab absent instead of \d")

    @unittest.skipUnless((ROOT / ".venv/done/kernel").exists(), "make setup has not run here")
    def test_after_setup_everything_but_the_data_is_there(self):
        done = subprocess.run([sys.executable, ROOT / "tools/doctor.py"], capture_output=True, text=True)
        missing = [line for line in done.stdout.splitlines() if "MISSING" in line and " data " not in line]
        self.assertEqual(missing, [])
        self.assertIn("Go (fashionlab)", done.stdout)


if __name__ == "__main__":
    unittest.main()

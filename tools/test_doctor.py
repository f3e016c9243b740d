"""The doctor works before anything is set up, changes nothing, and names a remedy for all that is missing."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))
import doctor
import environment

ROOT = Path(__file__).resolve().parent.parent


class Doctor(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "a clone"
        (self.root / "tools").mkdir(parents=True)
        for file in ("go.mod", "requirements.in", *(f"tools/{n}.py" for n in ("doctor", "environment", "isolated", "remedy", "setup", "steps"))):
            shutil.copy(ROOT / file, self.root / file)

    def doctor(self, **env):
        return subprocess.run([sys.executable, self.root / "tools/doctor.py"], env={**os.environ, **env}, capture_output=True, encoding="utf-8")

    def test_before_setup_without_go(self):
        before = sorted(self.root.rglob("*"))
        done = self.doctor(PATH="/nowhere")
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertRegex(done.stdout, r"MISSING  Go +Go was not found; 1\.\d+\S* or newer is needed\n +→ Install it from https://go.dev/dl/")
        self.assertRegex(done.stdout, r"MISSING  packages +there is no .venv\n +→ make setup")
        self.assertRegex(done.stdout, r"MISSING  kernel +not registered\n +→ make setup")
        self.assertRegex(done.stdout, r"note +backend +not checked, it needs Go")
        self.assertEqual(sorted(self.root.rglob("*")), before)

    def test_kernel_of_a_folder_that_was_moved(self):
        kernel = self.root / ".venv/share/jupyter/kernels/fashionlab/kernel.json"
        kernel.parent.mkdir(parents=True)
        kernel.write_text('{"argv": ["/elsewhere/.venv/bin/gonb"], "display_name": "Go (fashionlab)"}', encoding="utf-8")
        self.assertRegex(self.doctor(PATH="/nowhere").stdout, r"MISSING  kernel +it was registered for another folder, /elsewhere")

    def test_packages_of_other_versions(self):
        found = self.root / ".venv/lib/python3.11/site-packages/jupytext-0.1.dist-info"
        found.mkdir(parents=True)
        (found / "METADATA").write_text("Metadata-Version: 2.1\nName: jupytext\nVersion: 0.1\n", encoding="utf-8")
        (self.root / ".venv/pyvenv.cfg").write_text("", encoding="utf-8")
        said = self.doctor(PATH="/nowhere").stdout
        self.assertRegex(said, r"jupytext 0\.1 instead of \d")
        self.assertRegex(said, r"jupyterlab absent instead of \d")

    def test_an_output_that_knows_no_arrow_and_modules_of_the_users(self):
        (self.root / "mine").mkdir()
        (self.root / "mine" / "json.py").write_text("raise SystemExit('mine')\n", encoding="utf-8")
        for env in ({"LC_ALL": "C"}, {"PYTHONIOENCODING": "cp437"}, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONPATH": str(self.root / "mine")}):
            with self.subTest(**env):
                done = self.doctor(PATH="/nowhere", **env)
                self.assertEqual((done.returncode, done.stderr), (1, ""))
                self.assertIn("→ make setup", done.stdout)

    def test_an_old_python_is_told(self):
        script = f"import sys; sys.path.insert(0, {str(self.root / 'tools')!r}); import doctor; sys.version_info = (3, 8, 1); doctor.check_python(doctor.Page())"
        done = subprocess.run([sys.executable, "-I", "-X", "utf8", "-c", script], capture_output=True, encoding="utf-8")
        self.assertRegex(done.stdout + done.stderr, r"MISSING  Python .*\n +→ 3\.11 or newer is needed: make setup PYTHON=")

    def test_it_imports_where_there_is_no_unix(self):
        script = ("import sys; sys.path.insert(0, sys.argv[1])\n"
                  "for name in ('fcntl', 'resource', 'pwd', 'grp', 'termios'): sys.modules[name] = None\n"
                  "import doctor, setup, environment, steps")
        done = subprocess.run([sys.executable, "-I", "-c", script, ROOT / "tools"], capture_output=True, encoding="utf-8")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_go_that_the_user_keeps_too_old(self):
        go = self.root / "bin" / "go"
        go.parent.mkdir()
        go.write_text("""#!/bin/sh\necho '{"GOVERSION": "go1.26.8", "GOHOSTARCH": "amd64", "CC": "gcc", "GOEXPERIMENT": ""}'\n""", encoding="utf-8")
        go.chmod(0o755)
        said = self.doctor(PATH=f"{go.parent}:/usr/bin:/bin", GOTOOLCHAIN="local").stdout
        self.assertRegex(said, r"MISSING  Go +The environment variable GOTOOLCHAIN=local asks for Go 1\.26\.8; .*\n +→ unset GOTOOLCHAIN")
        self.assertRegex(said, r"note +backend +not checked, it needs Go")


class CCompiler(unittest.TestCase):
    @unittest.skipUnless(environment.has_plugin(), "there is no plugin for this platform")
    def test_without_one_a_note_says_how_to_get_it(self):
        page, said = doctor.Page(), io.StringIO()
        with contextlib.redirect_stdout(said):
            doctor.check_compiler(page, environment.decide({**os.environ, "CC": "/nowhere/gcc"}))
        self.assertRegex(said.getvalue(), r"note +C compiler +XLA is not used, since there is no C compiler .*sudo apt install gcc")
        self.assertEqual(page.missing, 0)


class Backend(unittest.TestCase):
    """What is advised where XLA is not used though there is a plugin for this platform."""

    def remedy(self, folder, **env):
        with mock.patch.object(doctor, "VENV", folder / ".venv"), mock.patch.object(doctor, "ROOT", folder), mock.patch.dict(os.environ, env, clear=True):
            return doctor.backend_remedy(doctor.Environment())

    def test_make_setup_is_advised_only_where_it_helps(self):
        for name in ("lab", "lab [1]", "Novák, Jan"):
            with self.subTest(name=name), tempfile.TemporaryDirectory() as folder:
                root = Path(folder) / name
                root.mkdir()
                self.assertEqual(self.remedy(root), "make setup")
                self.assertEqual(self.remedy(root, GOMLX_BACKEND="quantum"), "unset GOMLX_BACKEND")
                self.assertEqual(self.remedy(root, XLA_FLAGS="--x"), "unset XLA_FLAGS")
                plugin = root / ".venv/lib/python3.11/site-packages/lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so"
                plugin.parent.mkdir(parents=True)
                plugin.touch()
                self.assertRegex(self.remedy(root), "^the plugin is there, .*explains why$")


@unittest.skipUnless((ROOT / ".venv/done/kernel").exists(), "make setup has not run here")
class AfterSetup(unittest.TestCase):
    def doctor(self, **env):
        return subprocess.run([sys.executable, ROOT / "tools/doctor.py"], env={**os.environ, **env}, capture_output=True, encoding="utf-8")

    def test_everything_is_there_whatever_the_users_settings_are(self):
        done = self.doctor(GO111MODULE="off", GOFLAGS="-mod=vendor", GOOS="windows", PIP_USER="1", LC_ALL="C")
        self.assertEqual((done.returncode, [line for line in done.stdout.splitlines() if "MISSING" in line]), (0, []))
        self.assertIn("Go (fashionlab)", done.stdout)


if __name__ == "__main__":
    unittest.main()

"""The environment of the tools does not depend on the user's settings."""

import os
import platform
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))
import environment
import setup

ROOT = environment.ROOT

# Settings that would change what is built, imported or installed.
GO_SETTINGS = [
    {"GO111MODULE": "off"}, {"GOFLAGS": "-mod=vendor"}, {"GOFLAGS": "-mod=vendor -tags=none -trimpath"}, {"GOFLAGS": "nonsense"},
    {"GOWORK": "/nowhere/go.work"}, {"GOOS": "windows"}, {"GOARCH": "riscv64"}, {"GOOS": "plan9", "GOARCH": "nonsense"}, {"GOBIN": "/nowhere/bin"},
    {"GOEXPERIMENT": "nonsense"}, {"GOROOT": "/nowhere"}, {"GOTOOLCHAIN": "local"},
]


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


class GoSettings(Folder):
    def module(self, folder: Path) -> Path:
        """A module that asks for no more than the Go that is installed."""
        (folder / "tools").mkdir(parents=True)
        (folder / "go.mod").write_text("module example.org/m\n\ngo 1.21.0\n", encoding="utf-8")
        (folder / "m.go").write_text("package main\n\nfunc main() { println(1) }\n", encoding="utf-8")
        for name in ("environment.py", "isolated.py"):
            (folder / "tools" / name).write_text((ROOT / "tools" / name).read_text(encoding="utf-8"), encoding="utf-8")
        return folder

    def build(self, folder: Path, **env: str) -> str:
        done = subprocess.run(
            [sys.executable, folder / "tools" / "environment.py", "go", "run", "."], cwd=folder, env={**os.environ, **env},
            capture_output=True, encoding="utf-8",
        )
        return f"{done.returncode} {done.stderr.strip()}"

    def test_builds_do_not_depend_on_variables(self):
        module = self.module(self.folder / "m")
        for settings in GO_SETTINGS:
            if settings.get("GOTOOLCHAIN"):
                continue  # the one that a user may set
            with self.subTest(**settings):
                self.assertEqual(self.build(module, **settings), "0 1")

    def test_builds_do_not_depend_on_gos_settings_file(self):
        module = self.module(self.folder / "m")
        for number, settings in enumerate(GO_SETTINGS):
            with self.subTest(**settings):
                file = self.folder / f"env{number}"
                file.write_text("".join(f"{k}={v}\n" for k, v in settings.items()), encoding="utf-8")
                self.assertEqual(self.build(module, GOENV=str(file)), "0 1")

    def test_builds_do_not_depend_on_a_go_work_above(self):
        (self.folder / "go.work").write_text("go 1.21\n\nuse ./other\n", encoding="utf-8")
        module = self.module(self.folder / "a" / "m")
        self.assertEqual(self.build(module), "0 1")
        self.assertEqual(environment.go_work_above(module), self.folder / "go.work")

    def test_network_and_caches_stay_the_users_also_from_gos_file(self):
        file = self.folder / "env"
        file.write_text("# mine\nGOPROXY=https://proxy.example.org\nGOPRIVATE=example.org\nGOFLAGS=-x\n", encoding="utf-8")
        outer = {**os.environ, "GOENV": str(file), "GOPRIVATE": "other.org", "HTTPS_PROXY": "http://p", "GOMODCACHE": "/mods"}
        made = environment.decide(outer)
        wanted = {"GOPROXY": "https://proxy.example.org", "GOPRIVATE": "other.org", "HTTPS_PROXY": "http://p", "GOMODCACHE": "/mods", "GOFLAGS": "-buildvcs=false"}
        self.assertEqual({k: made.variables.get(k) for k in wanted}, wanted)
        self.assertEqual(made.from_file, {"GOPROXY": "https://proxy.example.org"})

    def test_deciding_again_changes_nothing(self):
        once = environment.decide()
        again = environment.decide(once.variables)
        self.assertEqual((again.variables, again.go, again.installed), (once.variables, once.go, once.installed))


class GoVersion(unittest.TestCase):
    OLDEST, NAMED = (1, 27, 0), (1, 27, 4)

    def choose(self, wish, installed):
        return environment.choose_go(wish, installed, self.OLDEST, self.NAMED, "/nowhere")

    def test_the_version_that_runs(self):
        for wish, installed, gotoolchain, runs in [
            ("", (1, 27, 0), "local", (1, 27, 0)),
            ("", (1, 28, 1), "local", (1, 28, 1)),
            ("", (1, 26, 8), "go1.27.4", (1, 27, 4)),
            ("", (1, 21, 0), "go1.27.4", (1, 27, 4)),
            ("auto", (1, 26, 8), "auto", (1, 27, 4)),
            ("auto", (1, 28, 0), "auto", (1, 28, 0)),
            ("local", (1, 27, 9), "local", (1, 27, 9)),
            ("go1.27.2", (1, 26, 8), "go1.27.2", (1, 27, 2)),
            ("go1.22.0+auto", (1, 26, 8), "go1.22.0+auto", (1, 27, 4)),
            ("local+auto", (1, 26, 8), "local+auto", (1, 27, 4)),
        ]:
            with self.subTest(wish=wish, installed=installed):
                self.assertEqual(self.choose(wish, installed), (gotoolchain, runs, ""))

    def test_a_go_that_cannot_be_used_is_told_with_what_to_do(self):
        for wish, installed, says in [
            ("", (1, 20, 14), r"Go 1\.20\.14 is too old: go\.mod asks for 1\.27\.0.*\nInstall Go 1\.27\.0 or newer from https://go\.dev/dl/"),
            ("local", (1, 26, 8), r"GOTOOLCHAIN=local asks for Go 1\.26\.8; go\.mod needs 1\.27\.0.*\nunset GOTOOLCHAIN"),
            ("go1.25.1", (1, 28, 0), r"GOTOOLCHAIN=go1\.25\.1 asks for Go 1\.25\.1"),
            ("path", (1, 26, 8), r"GOTOOLCHAIN=path"),
        ]:
            with self.subTest(wish=wish, installed=installed):
                _, runs, problem = self.choose(wish, installed)
                self.assertEqual(runs, ())
                self.assertRegex(problem, says)

    def test_versions_are_read_as_go_writes_them(self):
        for text, numbers in [("go1.27.4", (1, 27, 4)), ("go1.27.4-X:simd", (1, 27, 4)), ("go1.28rc1", (1, 28, 0)), ("devel go1.29-a1b2 Mon", (1, 29, 0)), ("", ())]:
            self.assertEqual(environment.version(text), numbers, text)

    def test_vector_instructions_are_for_tested_versions_only(self):
        for go, arch, experiment in [("go1.27.4", "amd64", "simd"), ("go1.28.0", "amd64", None), ("go1.27.4", "arm64", None), ("go1.26.8", "amd64", None)]:
            answers = {"GOVERSION": go, "GOHOSTARCH": arch, "CC": "cc", "GOEXPERIMENT": ""}
            with self.subTest(go=go, arch=arch), mock.patch.object(environment, "ask_go", return_value=(answers, "")):
                made = environment.decide({"PATH": os.environ["PATH"], "GOTOOLCHAIN": "local", "GOEXPERIMENT": "arenas"})
                self.assertEqual(made.variables.get("GOEXPERIMENT"), experiment)

    def test_without_go(self):
        made = environment.decide({"PATH": "/nowhere"})
        self.assertRegex(made.problem, "Go was not found. Install it from https://go.dev/dl/")

    def test_a_go_that_does_not_run(self):
        with tempfile.TemporaryDirectory() as folder:
            go = Path(folder) / "go"
            go.write_text("#!/bin/sh\necho 'go: broken' >&2; exit 2\n", encoding="utf-8")
            go.chmod(0o755)
            self.assertRegex(environment.decide({"PATH": f"{folder}:/bin"}).problem, r"/go does not run: go: broken\nInstall Go")


class CCompiler(Folder):
    def compiler(self, script: str) -> str:
        file = self.folder / "my cc"
        file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        file.chmod(0o755)
        return str(file)

    def no_cgo(self, **env: str) -> str:
        made = environment.decide({**os.environ, **env})
        self.assertEqual(made.variables["CGO_ENABLED"], "0" if made.no_cgo else "1")
        return made.no_cgo

    def test_faults_are_named(self):
        missing = self.compiler("echo \"fatal error: stdlib.h: No such file or directory\"; exit 1")
        for cc, says in [
            ("/nowhere/gcc", r"there is no C compiler \(/nowhere/gcc was not found\)"),
            (f"'{missing}' -O2", r"does not work \(fatal error: stdlib\.h: No such file"),
            ("'open", "cannot be read"),
        ]:
            with self.subTest(cc=cc):
                self.assertRegex(self.no_cgo(CC=cc), says)

    def test_a_compiler_of_the_users_is_used(self):
        self.assertEqual(self.no_cgo(CC=f"'{self.compiler('exit 0')}'"), "")

    def test_the_user_may_do_without(self):
        self.assertEqual(self.no_cgo(CGO_ENABLED="0", CC=f"'{self.compiler('exit 0')}'"), "CGO_ENABLED=0 is set")

    @unittest.skipUnless(environment.has_plugin(), f"there is no plugin for {platform.machine()}")
    def test_one_line_says_what_follows(self):
        made = environment.decide({**os.environ, "CC": "/nowhere/gcc"})
        self.assertRegex(environment.without_xla(made), r"^XLA is not used, since there is no C compiler .*Go backend is used, which is several times slower\..* sudo apt install gcc [^\n]*$")
        self.assertRegex(environment.without_xla(environment.Environment(no_cgo="CGO_ENABLED=0 is set")), r"unset CGO_ENABLED to use XLA")
        self.assertEqual(environment.without_xla(environment.Environment()), "")


class PythonSettings(Folder):
    def run_script(self, name, *arguments, **env):
        return subprocess.run([sys.executable, ROOT / "tools" / name, *arguments], env={**os.environ, **env}, capture_output=True)

    def test_the_users_modules_are_not_imported(self):
        for module in ("json", "environment", "isolated", "setup", "steps", "platform", "notebook_source"):
            (self.folder / f"{module}.py").write_text("raise SystemExit('the user\\'s module')\n", encoding="utf-8")
        for env in ({"PYTHONPATH": str(self.folder)}, {"PYTHONPATH": str(self.folder), "PYTHONSAFEPATH": "1"}):
            for command in (["environment.py", "true"], ["setup.py", "--unknown"], ["environment.py", sys.executable, "-c", "import json"]):
                with self.subTest(command=command, **env):
                    done = self.run_script(*command, **env)
                    self.assertNotIn(b"the user's module", done.stderr)
                    self.assertEqual(done.returncode, 1 if "--unknown" in command else 0, done.stderr)

    def test_outputs_are_utf_8_whatever_the_locale(self):
        for env in ({"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "cp437"}, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONUTF8": "0", "LC_ALL": "C"}):
            with self.subTest(**env):
                done = self.run_script("environment.py", sys.executable, "-c", r"print('\u2192 \u6570')", **env)
                self.assertEqual((done.returncode, done.stdout), (0, "→ 数\n".encode()), done.stderr)

    def test_variables_that_do_not_reach_the_tools(self):
        for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_NO_DEPS", "PIP_NO_BINARY"):
            self.assertTrue(environment.dropped(name), name)
        for name in ("PYTHON", "PYTHONUNBUFFERED", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "PIP_PROXY", "PIP_CACHE_DIR", "HTTPS_PROXY", "PATH"):
            self.assertFalse(environment.dropped(name), name)

    def test_of_pips_settings_network_and_cache_stay(self):
        config = self.folder / "pip.conf"
        config.write_text("[global]\nindex-url = https://a.example.org/simple\ntimeout = 7\nuser = true\n[install]\ntarget = /nowhere\nindex-url = https://b.example.org/it's\n"
                          "no-deps = true\nextra-index-url =\n  https://c.example.org\n  https://d.example.org\n", encoding="utf-8")
        env = {**{k: v for k, v in os.environ.items() if not k.startswith("PIP_")}, "PIP_CONFIG_FILE": str(config), "PIP_TIMEOUT": "9"}
        outer = {k: v for k, v in env.items() if k != "PIP_CONFIG_FILE"}
        debug = subprocess.run([sys.executable, "-m", "pip", "config", "debug"], env=env, capture_output=True, encoding="utf-8", check=True).stdout
        made = {k: v for k, v in setup.pip_settings(debug, outer).items() if k.startswith("PIP_")}
        self.assertFalse(made.keys() & {"PIP_USER", "PIP_TARGET", "PIP_NO_DEPS"})
        self.assertLessEqual({
            "PIP_INDEX_URL": "https://b.example.org/it's", "PIP_TIMEOUT": "9", "PIP_EXTRA_INDEX_URL": "https://c.example.org https://d.example.org",
            "PIP_CONFIG_FILE": os.devnull,
        }.items(), made.items())


if __name__ == "__main__":
    unittest.main()

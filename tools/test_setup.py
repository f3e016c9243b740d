"""The set-up does each step once, in parallel, and explains what to do when one fails; the kernel works in every folder."""

import base64
import glob
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

from jupyterlab_server.config import get_federated_extensions

sys.path.insert(0, str(Path(__file__).parent))
import environment
import setup
from remedy import remedy
from steps import Commands, Display, Failed, Step, Stopped, carry_out

ROOT = setup.ROOT


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.made = []

    def steps(self, *steps):
        """Carries out steps, and returns what was said."""
        said = io.StringIO()
        carry_out(list(steps), self.folder / "done", Commands(), Display(said))
        return said.getvalue()

    def step(self, name, mark="1", make=None, **more):
        return Step(name, f"The {name}", mark, make or (lambda report: self.made.append(name + mark)), **more)


class Steps(Folder):
    def test_a_step_is_done_once_and_then_silent(self):
        self.assertEqual(self.steps(self.step("tool")), "The tool …\nThe tool: done, 0 s\n")
        self.assertEqual(self.steps(self.step("tool")), "")
        self.assertEqual(self.made, ["tool1"])

    def test_a_step_is_done_again_when_what_it_depends_on_changes(self):
        self.steps(self.step("tool"))
        self.steps(self.step("tool", "2"))
        self.assertEqual(self.made, ["tool1", "tool2"])

    def test_a_step_is_done_again_when_what_it_left_is_gone(self):
        left = self.folder / "left"
        make = lambda report: (left.touch(), self.made.append("x"))  # noqa: E731
        for _ in range(2):
            self.steps(self.step("tool", make=make, leaves=(left,)))
        left.unlink()
        self.steps(self.step("tool", make=make, leaves=(left,)))
        self.assertEqual(self.made, ["x", "x"])

    def test_independent_steps_run_side_by_side_and_others_in_order(self):
        meet = threading.Barrier(2, timeout=20)  # passes only if both are there
        both = lambda report: meet.wait()  # noqa: E731
        self.steps(self.step("last", after=("a", "b")), self.step("a", make=both), self.step("b", make=both))
        self.assertEqual(self.made, ["last1"])

    def test_after_a_failure_what_runs_is_finished_and_nothing_begins(self):
        failed = threading.Event()

        def fail(report):
            failed.set()
            raise Failed("the disk is full")

        def slow(report):
            self.assertTrue(failed.wait(20))
            self.made.append("slow")

        with self.assertRaisesRegex(Failed, "the disk is full"):
            self.steps(self.step("bad", make=fail), self.step("slow", make=slow), self.step("next", after=("bad",)), self.step("late", after=("slow", "bad")))
        self.assertEqual(self.made, ["slow"])
        self.steps(self.step("bad"), self.step("slow"))
        self.assertEqual(self.made, ["slow", "bad1"])

    def test_a_failure_without_a_message_of_its_own_names_the_step(self):
        def full(report):
            raise OSError(28, "No space left on device")

        with self.assertRaisesRegex(Failed, "The tool: .*No space left on device\nThe disk is full"):
            self.steps(self.step("tool", make=full))

    def test_a_step_that_was_cut_off_leaves_a_sign(self):
        def fail(report):
            raise Failed("x")

        with self.assertRaises(Failed):
            self.steps(self.step("packages", make=fail))
        self.assertTrue((self.folder / "done" / "packages.begun").exists())
        self.steps(self.step("packages"))
        self.assertFalse((self.folder / "done" / "packages.begun").exists())

    def test_fingerprint_follows_a_files_content(self):
        file = self.folder / "file"
        file.write_text("a", encoding="utf-8")
        before = setup.fingerprint("go1", file)
        self.assertEqual(setup.fingerprint("go1", file), before)
        self.assertNotEqual(setup.fingerprint("go2", file), before)
        file.write_text("b", encoding="utf-8")
        self.assertNotEqual(setup.fingerprint("go1", file), before)


class Running(Folder):
    def run_command(self, script):
        return Commands().run(["sh", "-c", script], dict(os.environ), self.folder)

    def test_a_failed_command_shows_its_last_lines_and_the_remedy(self):
        with self.assertRaises(Failed) as raised:
            self.run_command("seq 100; echo 'write: No space left on device'; exit 3")
        self.assertRegex(str(raised.exception), r"100\nwrite: No space left on device\n\nsh -c .* failed\.\nThe disk is full")
        self.assertNotIn("50\n", str(raised.exception))

    def test_a_command_that_is_not_there(self):
        with self.assertRaisesRegex(Failed, "/nowhere/go: No such file"):
            Commands().run(["/nowhere/go"], {}, self.folder)

    def test_output_that_is_not_utf_8(self):
        self.assertEqual(self.run_command(r"printf 'a\377b'"), "a\ufffdb")

    def test_stopping_ends_commands_with_what_they_started(self):
        commands, pids = Commands(), self.folder / "pids"
        outcome = []

        def work():
            try:
                commands.run(["sh", "-c", f"trap '' TERM; sleep 60 & echo $! > '{pids}.part'; mv '{pids}.part' '{pids}'; wait; sleep 60"], dict(os.environ), self.folder)
            except BaseException as e:
                outcome.append(type(e))

        thread = threading.Thread(target=work)
        thread.start()
        for _ in range(200):
            if pids.exists():
                break
            time.sleep(0.05)
        child = int(pids.read_text(encoding="utf-8"))
        commands.stop()
        thread.join(20)
        self.assertEqual(outcome, [Stopped])
        for _ in range(100):
            try:
                if Path(f"/proc/{child}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z":
                    return
                os.kill(child, 0)
            except OSError:
                return
            time.sleep(0.05)
        self.fail("a process is left")

    def test_two_set_ups_in_one_folder_take_turns(self):
        lock = self.folder / "build" / "lock"
        script = f"import sys, pathlib; sys.path.insert(0, {str(ROOT / 'tools')!r}); import setup\nwith setup.alone(pathlib.Path({str(lock)!r})): print('in', flush=True)"
        with setup.alone(lock) as files:
            self.assertEqual(len(files), 1)
            second = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, encoding="utf-8")
            self.assertEqual(second.stdout.readline(), "Another set-up works in this folder: waiting for it.\n")
        self.assertEqual(second.communicate(timeout=30)[0], "in\n")

    def test_where_nothing_can_be_locked_it_goes_on(self):
        import errno
        import fcntl
        for number in (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK):
            with mock.patch.object(fcntl, "flock", side_effect=OSError(number, "no")), setup.alone(self.folder / "lock"):
                self.made.append(number)
        with setup.alone(Path("/proc/none/lock")) as files:
            self.assertEqual(files, ())
        self.assertEqual(len(self.made), 3)


class Remedies(unittest.TestCase):
    def test_the_real_cause_is_named(self):
        for output, says in [
            ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
            ("go: writing stat cache: open /root/go: permission denied", "belongs to someone else"),
            ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the file that the project pins"),
            ("verifying golang.org/toolchain: checksum database disabled by GOSUMDB=off", "GOSUMDB"),
            ('Get "https://x/": tls: failed to verify certificate: x509: certificate signed by unknown authority', "SSL_CERT_FILE"),
            ("dial tcp: lookup x on 127.0.0.53:53: no such host", "no network"),
            ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "no network"),
            ("dial tcp 10.0.0.1:443: i/o timeout", "could not be reached"),
            ('proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused', "proxy cannot be used"),
            ("module lookup disabled by GOPROXY=off", "GOPROXY=off"),
            ("ERROR: No matching distribution found for jupyterlab==4.6.6", "no such version"),
            ("compile: signal: killed", "memory"),
            ("go: go.mod requires go >= 1.27.0 (running go 1.26.8; GOTOOLCHAIN=local)", "too old"),
            ("fashion/load.go:3:4: undefined: x", "does not compile"),
            ("go: updates to go.mod needed", "go.mod or go.sum"),
        ]:
            with self.subTest(output=output):
                self.assertRegex(remedy(output), says)

    def test_other_causes_are_left_to_the_tools_own_words(self):
        for output in ("ERROR: Can not perform a '--user' install.", "panic: x", "/root/go/pkg/mod/x@v1/a.go:1:2: undefined: y", ""):
            self.assertNotRegex(remedy(output), "network|disk|proxy")
            self.assertRegex(remedy(output), "lines above explain why")


class Places(Folder):
    def test_with_an_old_python(self):
        with mock.patch.object(setup.sys, "version_info", (3, 8, 1)), self.assertRaisesRegex(Failed, "needs 3.11 or newer"):
            setup.check_python()

    def test_a_folder_in_the_way_of_the_environment_is_not_touched(self):
        (self.folder / "mine").touch()
        with mock.patch.object(setup, "VENV", self.folder), self.assertRaisesRegex(Failed, "no Python environment"):
            setup.Setup(environment.Environment(), Commands()).make_venv(print)
        self.assertTrue((self.folder / "mine").exists())

    def test_names_that_cannot_be_supported_are_told_first(self):
        for name in (f"a{os.pathsep}b", "a\nb", "a\rb", "a\udcffb"):
            with self.subTest(name=name), self.assertRaisesRegex(Failed, "^(The folder|The name of the folder) .*rename the folder"):
                setup.check_folder(Path("/x") / name)

    def test_a_link_stands_for_names_that_the_kernel_cannot_take(self):
        variables = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        for name in ("Novák, Jan [1]", "$HOME", "{connection_file}", "back\\slash"):
            root = self.folder / name
            root.mkdir()
            link = setup.harmless(root, variables)
            self.assertNotRegex(str(link), setup.HARMFUL)
            self.assertTrue(link.samefile(root))
            self.assertEqual(setup.harmless(root, variables), link)
            link.unlink()
            link.symlink_to("/nowhere")
            self.assertTrue(setup.harmless(root, variables).samefile(root))
        for name in ("Novák Jan [1]", "数据", "it's", 'a "b" @ 50% #1 (2)'):
            self.assertEqual(setup.harmless(self.folder / name, variables), self.folder / name)

    def test_a_cache_of_such_a_name_does_not_help(self):
        with self.assertRaisesRegex(Failed, "rename the folder, or let XDG_CACHE_HOME"):
            setup.harmless(Path("/x/a, b"), {"HOME": "/home/c, d"})


# What a desktop's menu gives a kernel, and settings of the user's that must not matter.
KERNEL_ENV = {"PATH": "/usr/bin:/bin", "GOFLAGS": "-mod=vendor", "GO111MODULE": "off", "GOWORK": "off", "GOROOT": "/nowhere", "GOOS": "windows", "GOEXPERIMENT": "nonsense"}


@unittest.skipUnless((ROOT / ".venv/done/kernel").exists(), "make setup has not run here")
class Kernel(Folder):
    def execute(self, root: Path) -> str:
        """What a cell says that imports the module at root, in the kernel that would be registered there."""
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import KernelManager

        (root / "hello").mkdir(parents=True)
        (root / "go.mod").write_text("module fashionlab\n\ngo 1.21.0\n", encoding="utf-8")
        (root / "hello" / "hello.go").write_text('package hello\n\nconst Word = "hello from the module"\n', encoding="utf-8")
        (root / ".venv").symlink_to(ROOT / ".venv")
        place = setup.harmless(root, {"XDG_CACHE_HOME": str(self.folder / "cache")})
        spec = setup.kernel_spec(place, environment.decide(), Path(setup.GOROOT_FILE.read_text(encoding="utf-8")))
        manager = KernelManager()
        manager._kernel_spec = KernelSpec(**spec)
        manager.start_kernel(env={**{k: v for k, v in os.environ.items() if not k.startswith("GO")}, **KERNEL_ENV}, cwd=str(root),
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = manager.client()
        said = []
        try:
            client.start_channels()
            client.wait_for_ready(timeout=60)
            client.execute_interactive('%noautoget\nimport "fashionlab/hello"\n%%\nfmt.Println(hello.Word)', timeout=120, output_hook=lambda m: said.append(str(m["content"])))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        return "".join(said)

    def test_a_cell_is_built_as_grading_builds_it(self):
        from fashionlab_grading import toolbox

        self.assertEqual(setup.cell_flags(), toolbox.cell_flags())

    def test_cells_run_in_folders_of_any_name(self):
        for name in ("Novák, Jan [1]", "数据 it's \"q\" @ 50% #1", "a $HOME {connection_file} \\ b"):
            with self.subTest(name=name):
                self.assertIn("hello from the module", self.execute(self.folder / name))


class Course(Folder):
    def test_the_command_runs_in_folders_of_any_name_whatever_the_users_settings_are(self):
        for name in ("plain", "Novák, Jan [1]", "数据 it's \"q\" @ 50% #1", "a $HOME {b} \\ `c`", "import os"):
            with self.subTest(name=name):
                root = self.folder / name
                package = root / "lessons/grading/src/fashionlab_grading"
                package.mkdir(parents=True)
                (package / "__main__.py").write_text("import sys\nprint('course', *sys.argv[1:])\n", encoding="utf-8")
                (root / "tools").mkdir()
                for file in ("environment", "isolated", "remedy", "setup", "steps"):
                    shutil.copy(ROOT / "tools" / f"{file}.py", root / "tools")
                shutil.copy(ROOT / "tools" / "labextension.js", root / "tools")
                subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / ".venv"], check=True)
                script = "import sys; sys.path.insert(0, sys.argv[1]); import setup; setup.Setup(None, None).make_course(print)"
                subprocess.run([sys.executable, "-I", "-c", script, root / "tools"], check=True)
                mine = self.folder / "mine"
                (mine / "fashionlab_grading").mkdir(parents=True, exist_ok=True)
                done = subprocess.run([root / ".venv/bin/course", "marks", "my course"], cwd=mine, env={"PATH": os.environ["PATH"], "LC_ALL": "POSIX", "PYTHONPATH": str(mine)},
                                      capture_output=True, encoding="utf-8")
                self.assertEqual((done.stdout, done.stderr), ("course marks my course\n", ""))
                # JupyterLab takes the folder for a pattern, so below a folder like [1] it finds no extension at all.
                extension = get_federated_extensions([glob.escape(str(root / ".venv/share/jupyter/labextensions"))])["fashionlab"]
                self.assertTrue((Path(extension["ext_path"]) / extension["jupyterlab"]["_build"]["load"]).is_file())


# What the extension calls of JupyterLab, in a few lines: a renderer that shows a picture, and a notebook's model.
LAB_JS = """
const signal = () => { const slots = []; return { connect: f => slots.push(f), emit: (...a) => slots.forEach(f => f(...a)) }; };
const shared = module => ({ "1": { get: async () => () => module } });
const factories = {};
const rendermime = { getFactory: type => factories[type], addFactory: f => f.mimeTypes.forEach(type => { factories[type] = f; }) };
for (const type of ["image/svg+xml", "image/png"]) {
  const show = () => ({ node: { images: [], querySelectorAll() { return this.images; } }, async renderModel() { this.node.images = [{}]; } });
  factories[type] = { mimeTypes: [type], defaultRank: 80, createRenderer: show };
}
const STDERR = "application/vnd.jupyter.stderr";
const write = () => ({ node: {}, async renderModel(model) { this.node.text = model.data[STDERR]; } });
factories[STDERR] = { mimeTypes: [STDERR], defaultRank: 110, createRenderer: write };
globalThis.window = {};
require(process.argv[1]);
(async () => {
  const lab = window._JUPYTERLAB.fashionlab, said = {};
  lab.init({ "@jupyterlab/notebook": shared({ INotebookTracker: 1 }), "@jupyterlab/rendermime": shared({ IRenderMimeRegistry: 2 }) });
  const plugin = (await lab.get("./extension"))().default;
  const tracker = { widgetAdded: signal() };
  plugin.activate({}, tracker, rendermime);
  for (const type of ["image/svg+xml", "image/png"]) {
    const renderer = factories[type].createRenderer({});
    await renderer.renderModel({ data: { "text/plain": "a confusion matrix" } });
    said[type] = renderer.node.images[0].alt;
  }
  said.errors = [];
  for (const text of JSON.parse(process.argv[2])) {
    const renderer = factories[STDERR].createRenderer({});
    await renderer.renderModel({ data: { [STDERR]: text } });
    said.errors.push(renderer.node.text);
  }
  for (const [name, edited, key] of [["opened", false, "language_info"], ["edited", true, "language_info"], ["renamed", false, "title"]]) {
    const model = { dirty: true, stateChanged: signal(), metadataChanged: signal() };
    tracker.widgetAdded.emit(tracker, { context: { ready: Promise.resolve(), model } });
    await new Promise(setImmediate);
    said[name] = [model.dirty];
    if (edited) {
      model.dirty = true;
      model.stateChanged.emit(model, {});
      await new Promise(setImmediate);
    }
    model.dirty = true;
    model.stateChanged.emit(model, {});
    model.metadataChanged.emit(model, { key });
    await new Promise(setImmediate);
    said[name].push(model.dirty);
  }
  console.log(JSON.stringify(said));
})();
"""


@unittest.skipUnless(shutil.which("node"), "needs node")
class Extension(unittest.TestCase):
    def run_with(self, *errors: str) -> dict:
        done = subprocess.run(["node", "-e", LAB_JS, ROOT / "tools" / "labextension.js", json.dumps(errors)], capture_output=True, encoding="utf-8")
        self.assertEqual(done.stderr, "")
        return json.loads(done.stdout)

    def test_pictures_have_their_alternative_text_and_opening_a_notebook_changes_nothing(self):
        text = "a confusion matrix"
        self.assertEqual(self.run_with(), {"image/svg+xml": text, "image/png": text, "errors": [],
                                           "opened": [False, False], "edited": [False, True], "renamed": [False, True]})

    def test_the_error_of_must_is_shown_with_the_cells_line_and_without_the_stack(self):
        place = "\x1b[7m[[ Cell [2] Line 2 ]]\x1b[0m"
        stack = f"goroutine 1 [running]:\ngithub.com/janpfeifer/must.M1[...](...)\n\t/m/must.go:41\nmain.main()\n\t {place} /tmp/main.go:13 +0x8e\nexit status 2\n"
        error = "open nothing.txt: no such file or directory"
        panic = f"2026/11/30 09:44:38 Must not error: {error}\nPanicking ...\n\n\npanic: {error}\n\n{stack}"
        own = f"panic: index out of range\n\n{stack}"  # a panic of another kind needs its stack
        self.assertEqual(self.run_with(panic, "a warning\n" + panic, own)["errors"], [f"{place} {error}\n", f"a warning\n{place} {error}\n", own])


class Interrupt(Folder):
    def test_jupyterlab_runs_no_script_of_its_page_that_the_policy_does_not_name(self):
        page = next(setup.PACKAGES.glob("jupyterlab/static/index.html")).read_text(encoding="utf-8")
        hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in re.findall(r"(?s)<script>(.*?)</script>", page)]
        self.assertEqual(hashes, re.findall(r"'sha256-(.*?)'", setup.POLICY))

    def test_instructors_make_assignments_and_nobody_has_nbgraders_own_formgrader(self):
        for instructor in (True, False):
            page, _, server = setup.settings(instructor).values()
            self.assertEqual("@jupyter/nbgrader:create-assignment" in page["disabledExtensions"], not instructor)
            self.assertTrue(page["disabledExtensions"]["@jupyter/nbgrader:formgrader"])
            self.assertFalse(server["ServerApp"]["jpserver_extensions"]["nbgrader.server_extensions.formgrader"])

    def test_stopping_says_that_what_was_finished_is_kept(self):
        script = (f"import sys; sys.path.insert(0, {str(ROOT / 'tools')!r})\nimport runpy, steps\n"
                  "steps.carry_out = lambda *a: (print('working', flush=True), __import__('time').sleep(60))\n"
                  "steps.Step.done = lambda *a: False\n"
                  f"sys.argv = ['setup.py']\nrunpy.run_path({str(ROOT / 'tools' / 'setup.py')!r}, run_name='__main__')")
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([sys.executable, "-I", "-X", "utf8", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # a job in the background ignores it
            for line in process.stdout:
                if line == "working\n":
                    break
            process.send_signal(number)
            _, errors = process.communicate(timeout=30)
            self.assertEqual((process.returncode, errors), (1, "\nStopped. Finished steps are kept; run make setup again.\n"))


if __name__ == "__main__":
    unittest.main()

"""However an execution ends: one message, its status, the old notebook as it was, and no process left."""

import contextlib
import errno
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import psutil

import notebook_files
from notebook_kernel import START

TOOL = Path(__file__).parent / "notebook.py"
SOURCE = """---
jupyter:
  kernelspec: {display_name: Go (fashionlab), language: go, name: fashionlab}
---

# Slow

```go
%%
fmt.Println("quick")
```

## Slower

```go
%%
fmt.Println("begun")
interrupted, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
select {
case <-interrupted.Done(): // as a training does it
	fmt.Println("saving")
	time.Sleep(time.Second)
	fmt.Println("saved")
	os.Mkdir(os.Getenv("FASHION_RUNS"), 0o777)
	os.WriteFile(filepath.Join(os.Getenv("FASHION_RUNS"), "saved"), nil, 0o666)
	os.Exit(1)
case <-time.After(time.Minute):
}
```
"""
ALL = bool(os.environ.get("FASHIONLAB_ALL"))  # as in make test-all: more moments, more signals
OLD = "what was here before"


@unittest.skipUnless(hasattr(os, "killpg"), "needs POSIX signals")
class Ends(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.target = self.folder / "slow.ipynb"
        self.target.write_text(OLD, encoding="utf-8")
        (self.folder / "slow.md").write_text(SOURCE, encoding="utf-8")
        self.runs = str(self.folder / "runs")  # what marks the processes of this test

    def start(self, *command, **options):
        # A job in the background ignores Ctrl-C, one of nohup SIGHUP, and with it what it starts.
        def obey() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)

        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "preexec_fn": obey} | options
        env = os.environ | {"FASHION_RUNS": self.runs} | options.pop("env", {})
        process = subprocess.Popen([*command, sys.executable, "-P", TOOL, "execute", "slow.md"], cwd=self.folder, env=env,
                                   start_new_session=True, encoding="utf-8", **options)
        self.addCleanup(self.kill)
        return process

    def kill(self):
        for p in self.processes():
            with contextlib.suppress(psutil.Error):
                p.kill()

    def processes(self, what=""):
        """Those that this test has started and that run the program of that name, if one is given."""
        found = []
        for pid in psutil.pids():
            with contextlib.suppress(psutil.Error, OSError):
                p = psutil.Process(pid)  # those of process_iter keep the program from before its exec
                if p.environ().get("FASHION_RUNS") == self.runs and what in ("", Path(p.exe()).name) and p.status() != psutil.STATUS_ZOMBIE:
                    found.append(p)
        return found

    def wait_for(self, what, process):
        """The first process that runs it, as soon as there is one."""
        until = time.monotonic() + START
        while not (found := self.processes(what)):
            self.assertIsNone(process.poll(), f"it ended before {what} was there")
            self.assertLess(time.monotonic(), until, f"{what} never came")
            time.sleep(0.02)
        return found[0]

    def cell(self, process):
        """The program of the second cell, when it runs."""
        until = time.monotonic() + START
        while time.monotonic() < until:
            for p in self.processes():
                with contextlib.suppress(psutil.Error):
                    if "gonb_" in p.exe() and time.time() - p.create_time() > 1:
                        return p
            self.assertIsNone(process.poll(), "it ended before the cell ran")
            time.sleep(0.05)
        self.fail("the cell never ran")

    def ended(self, process, status, *said):
        """Checks how the process ends; returns its words."""
        words = process.communicate(timeout=60)[1] or ""
        self.assertEqual(process.returncode, status, words)
        self.assertNotIn("Traceback", words)
        self.assertNotRegex(words, "(?i)assertion|asyncio|task was destroyed|never awaited")
        for piece in said:
            self.assertEqual(words.count(piece), 1, f"{piece!r} in {words!r}")
        self.assertEqual(self.processes(), [], "processes are left")
        self.assertEqual(self.target.read_text(encoding="utf-8"), OLD)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir() if p.name != "runs"), ["slow.ipynb", "slow.md"])
        return words

    def test_signals_in_a_cell(self):
        for number, name in ((signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "Ctrl-C"), (signal.SIGHUP, "SIGHUP"))[: 3 if ALL else 1]:
            with self.subTest(name):
                process = self.start()
                self.cell(process)
                process.send_signal(number)
                process.send_signal(number)  # as make and timeout do
                words = self.ended(process, 128 + number, f"Stopped by {name}", "cell 2 of 2", "continues from there", "was not changed")
                self.assertEqual(len(words.splitlines()), 1, words)
                Path(self.runs, "saved").unlink()  # the cell has had its time

    def test_a_signal_before_the_first_cell(self):
        process = self.start()
        self.wait_for("gonb", process)
        process.send_signal(signal.SIGINT)
        words = self.ended(process, 130, "Stopped by Ctrl-C", "was not changed")
        self.assertNotIn("in cell", words)

    def test_a_signal_at_any_moment(self):
        times = 10 if ALL else 2
        for _ in range(times):
            number, after = random.choice((signal.SIGINT, signal.SIGTERM, signal.SIGHUP)), 0.3 + 5 * random.random()
            with self.subTest(number=number, after=after):
                process = self.start()
                time.sleep(after)
                process.send_signal(number)
                self.ended(process, 128 + number, "Stopped by")

    def test_the_kernel_is_killed_in_a_cell(self):
        process = self.start()
        self.cell(process)
        self.wait_for("gonb", process).kill()
        self.ended(process, 1, "the kernel was killed by another process in cell 2 of 2", "memory ran out",
                   "Finished trainings are saved", "was not changed")

    def test_the_cells_program_is_killed(self):
        process = self.start()
        self.cell(process).kill()
        self.ended(process, 1, "cell 2 of 2 failed", "The cell's program was killed by another process", "was not changed")

    def test_nobody_reads_the_messages(self):
        read, write = os.pipe()
        os.close(read)
        process = self.start(stderr=write)
        os.close(write)
        self.ended(process, 128 + signal.SIGPIPE)

    def test_an_ignored_ctrl_c_stays_ignored(self):
        process = self.start("sh", "-c", 'trap "" INT; exec "$@"', "sh")
        self.cell(process)
        process.send_signal(signal.SIGINT)
        time.sleep(1)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.ended(process, 143, "Stopped by SIGTERM")


class Make(unittest.TestCase):
    def test_make_passes_a_signal_on(self):
        for target in ("homework", "tour"):
            with self.subTest(target):
                process = subprocess.Popen(["make", target], cwd=TOOL.parent.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                           encoding="utf-8", start_new_session=True)
                self.addCleanup(process.kill)
                lines = []
                while not (lines and "Measuring" in lines[-1]):
                    lines.append(process.stdout.readline())
                    self.assertTrue(lines[-1], lines)
                process.terminate()
                rest, _ = process.communicate(timeout=60)  # the pipe ends when all that write to it have ended
                self.assertEqual(rest.count("Stopped by SIGTERM"), 1, rest)
                self.assertNotEqual(process.returncode, 0)


class NoKernel(Ends):
    """The kernel's description in another folder, damaged."""

    def describe(self, text):
        kernel = self.folder / "runs/kernels/fashionlab"
        kernel.mkdir(parents=True, exist_ok=True)
        (kernel / "kernel.json").write_text(text, encoding="utf-8")
        return self.start(env={"JUPYTER_DATA_DIR": self.folder / "runs", "JUPYTER_PREFER_ENV_PATH": "0"})

    def spec(self, *argv):
        return json.dumps({"argv": argv, "display_name": "Go", "language": "go"})

    def test_the_kernel_dies_before_its_first_answer(self):
        process = self.describe(self.spec("sh", "-c", "echo go: not found in PATH >&2; exit 3"))
        self.ended(process, 1, "does not answer", "go: not found in PATH", "was not changed")

    def test_the_description_cannot_be_used(self):
        for text in ("{", "[]", '{"argv": 3}', self.spec("/nowhere/gonb"), self.spec(str(self.folder)), self.spec()):
            with self.subTest(text):
                self.ended(self.describe(text), 1, "The kernel fashionlab", "make setup", "was not changed")


for name in [n for n in dir(Ends) if n.startswith("test_")]:  # of Ends alone
    setattr(NoKernel, name, None)


class Writing(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.target = self.folder / "page.html"
        self.target.write_text(OLD, encoding="utf-8")

    def test_a_full_disk_leaves_the_old_file_and_nothing_else(self):
        for call in ("os.fsync", "os.open", "pathlib.Path.replace"):
            with self.subTest(call), mock.patch(call, side_effect=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))):
                with self.assertRaisesRegex(OSError, r"page\.html cannot be written: No space left on device"):
                    notebook_files.replace(self.target, "new")
            self.assertEqual([p.name for p in self.folder.iterdir()], ["page.html"])
            self.assertEqual(self.target.read_text(encoding="utf-8"), OLD)

    def test_links_and_permissions_stay(self):
        link = self.folder / "link.html"
        link.symlink_to("page.html")
        self.target.chmod(0o640)
        notebook_files.replace(link, "nové")
        self.assertTrue(link.is_symlink())
        self.assertEqual(self.target.read_text(encoding="utf-8"), "nové")
        self.assertEqual(self.target.stat().st_mode & 0o777, 0o640)

    def test_what_cannot_be_written_is_said_beforehand(self):
        (self.folder / "taken").mkdir()
        for path in (self.folder / "taken", self.target / "below.html"):
            with self.subTest(path), self.assertRaisesRegex(OSError, path.name):
                notebook_files.check_writable(path)
        with mock.patch("os.access", return_value=False), self.assertRaisesRegex(OSError, r"page\.html cannot be written"):
            notebook_files.check_writable(self.target)


if __name__ == "__main__":
    unittest.main()

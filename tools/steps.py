"""Steps of the set-up: each is done once, independent ones at the same time."""

import collections
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from remedy import remedy


class Failed(Exception):
    """A step failed. The message explains what to do."""


class Stopped(Exception):
    """The set-up is being stopped, so that a command was ended or not begun."""


class Commands:
    """Runs commands, each in a process group of its own, and can end them all with what they started."""

    def __init__(self, keep_open: tuple = ()) -> None:
        self.keep_open = keep_open  # files that commands keep open, such as a lock
        self.running = {}
        self.lock = threading.Lock()
        self.stopped = False

    def run(self, command: list, env: dict, cwd: Path, report=lambda line: None) -> str:
        """Runs a command and returns what it printed. Each line goes to report; Failed has the last ones."""
        command = [str(c) for c in command]
        with self.lock:
            if self.stopped:
                raise Stopped
            try:
                process = subprocess.Popen(
                    command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    encoding="utf-8", errors="replace", start_new_session=True, pass_fds=self.keep_open,
                )
            except OSError as e:
                raise Failed(f"{command[0]}: {e.strerror}\n{remedy(str(e))}") from e
            self.running[process.pid] = process
        lines = collections.deque(maxlen=400)
        with process.stdout:
            for line in process.stdout:
                lines.append(line.rstrip())
                report(lines[-1])
        process.wait()
        with self.lock:
            del self.running[process.pid]
            if self.stopped:
                raise Stopped
        output = "\n".join(lines)
        if process.returncode != 0:
            if process.returncode < 0:
                output += f"\nsignal: {signal.Signals(-process.returncode).name}".replace("SIGKILL", "killed")
            end = "\n".join([l for l in output.splitlines() if l.strip()][-12:])
            raise Failed(f"{end}\n\n{' '.join(command)} failed.\n{remedy(output)}")
        return output

    def stop(self) -> None:
        """Ends the running commands: first with SIGTERM, and after five seconds with SIGKILL."""
        with self.lock:
            self.stopped = True
        for number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            with self.lock:
                groups = list(self.running)
            for group in groups:
                try:
                    os.killpg(group, number)
                except (ProcessLookupError, PermissionError):
                    pass
            until = time.monotonic() + seconds
            while self.running and time.monotonic() < until:
                time.sleep(0.05)


@dataclass
class Step:
    name: str
    title: str
    mark: str  # changes when the step has to be done again
    make: object  # called with a function that takes the line to show
    after: tuple = ()  # names of the steps that come before
    leaves: tuple = ()  # files that are there when it is done

    def done(self, folder: Path) -> bool:
        try:
            return (folder / self.name).read_text(encoding="utf-8") == self.mark and all(Path(f).exists() for f in self.leaves)
        except OSError:
            return False


class Display:
    """Shows the steps: on a terminal one moving line for each that runs, elsewhere a line when one begins and ends."""

    def __init__(self, out=None) -> None:
        self.out = out or sys.stdout
        self.live = self.out.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.lock = threading.Lock()
        self.running = {}  # title → [begin, last line]
        self.drawn = 0

    def begin(self, step: Step) -> None:
        with self.lock:
            self.running[step.title] = [time.monotonic(), ""]
            if not self.live:
                print(f"{step.title} …", file=self.out, flush=True)

    def line(self, step: Step, text: str) -> None:
        with self.lock:
            self.running[step.title][1] = text.strip()

    def end(self, step: Step, how: str) -> None:
        with self.lock:
            began, _ = self.running.pop(step.title)
            self.wipe()
            print(f"{step.title}: {how}, {time.monotonic() - began:.0f} s", file=self.out, flush=True)
            self.draw()

    def wipe(self) -> None:
        if self.drawn:
            self.out.write(f"\x1b[{self.drawn}A\x1b[J")
            self.drawn = 0

    def draw(self) -> None:
        if not self.live:
            return
        self.wipe()
        width = shutil.get_terminal_size().columns - 1
        for title, (began, last) in self.running.items():
            text = "".join(c if c.isprintable() else " " for c in f"  {title} … {time.monotonic() - began:.0f} s  {last}")
            self.out.write(text[:width] + "\n")
        self.drawn = len(self.running)
        self.out.flush()

    def tick(self) -> None:
        with self.lock:
            self.draw()

    def clear(self) -> None:
        with self.lock:
            self.wipe()
            self.out.flush()


def carry_out(steps: list, folder: Path, commands: Commands, display: Display) -> None:
    """Does the steps that are not done yet, and records each in the folder. After a failure the running steps are finished.

    Raises Failed with what all that failed said. KeyboardInterrupt ends the commands.
    """
    folder.mkdir(parents=True, exist_ok=True)
    waiting = [s for s in steps if not s.done(folder)]
    pending, failures, threads = {s.name for s in waiting}, [], []
    changed = threading.Condition()

    def do(step: Step) -> None:
        begun = folder / f"{step.name}.begun"
        try:
            (folder / step.name).unlink(missing_ok=True)
            begun.write_text("", encoding="utf-8")
            step.make(lambda line: display.line(step, line))
            part = folder / f"{step.name}.part"
            part.write_text(step.mark, encoding="utf-8")
            part.replace(folder / step.name)
            begun.unlink(missing_ok=True)
            how, failure = "done", None
        except Stopped:
            how, failure = "stopped", None
        except Failed as e:
            how, failure = "failed", e
        except Exception as e:  # such as a full disk while a file is written
            how, failure = "failed", Failed(f"{step.title}: {e}\n{remedy(str(e))}")
        display.end(step, how)
        with changed:
            if failure:
                failures.append(failure)
            if how == "done":
                pending.discard(step.name)
            threads.remove(threading.current_thread())
            changed.notify()

    try:
        while True:
            with changed:
                if failures or commands.stopped:
                    waiting = []
                for step in [s for s in waiting if not pending.intersection(s.after)]:
                    waiting.remove(step)
                    display.begin(step)
                    threads.append(threading.Thread(target=do, args=(step,)))
                    threads[-1].start()
                if not threads:
                    break
                changed.wait(0.2)
            display.tick()
    except BaseException:
        commands.stop()
        for thread in list(threads):
            thread.join(5)
        display.clear()
        raise
    display.clear()
    if failures:
        raise Failed("\n\n".join(map(str, failures)))

"""Runs a submission and decides, cell by cell, what is passed.

Everything of the student's runs in a sandbox. For a graded cell, the assignment's checker is started outside; the
cell in the sandbox is replaced by one that lets the checker call the student's functions. Whether the cell is passed is
the checker's exit status and nothing else.
"""

import contextlib
import os
import re
import select
import subprocess
import time
from dataclasses import dataclass, field

import nbformat

from assignment import Assignment
from kernel import MAX_TEXT, Died, Kernel
from notebooks import kind, name_of
from sandbox import MIB, Limits, descendants
from toolbox import Toolbox

CHECKER_MEMORY = 2048 * MIB
MAX_LINES = 60  # of what a student's program prints in a graded cell
EXIT_STATUS = re.compile(r"exit status \d+|signal: \w+")


@dataclass
class Options:
    cell: float = 60  # seconds for a cell, compiling included
    total: float = 600  # seconds for a submission
    restarts: int = 6  # how often a killed kernel is replaced
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True


@dataclass
class Record:
    """What became of a submission's cells, and what the time went into."""

    passed: dict[str, bool] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    restarts: int = 0
    notes: list[str] = field(default_factory=list)


def declarations(code: str) -> str:
    """What a cell declares: GoNB runs what follows the line %%, and commands begin with !."""
    head = ("\n" + code).partition("\n%%")[0]
    return "\n".join(line for line in head.splitlines() if not line.startswith("!")).strip()


class Run:
    """One submission's run."""

    def __init__(self, nb, assignment: Assignment, tools: Toolbox, options: Options):
        self.nb, self.assignment, self.tools, self.options = nb, assignment, tools, options
        self.record = Record()
        self.declared: list[str] = []
        self.kernel: Kernel | None = None
        self.deadline = time.monotonic() + options.total

    def execute(self) -> Record:
        try:
            for number, cell in enumerate((c for c in self.nb.cells if c.cell_type == "code"), 1):
                began = time.monotonic()
                cell.execution_count = number
                graded = kind(cell) == "test"
                try:
                    if time.monotonic() > self.deadline:
                        raise Died(f"the notebook ran for more than {self.options.total:.0f} s")
                    self.started()
                    self.test(cell) if graded else self.plain(cell)
                    self.leftovers()
                except Died as e:
                    cell.outputs.append(failure(f"The cell was stopped: {e}."))
                    if graded:
                        self.record.passed[name_of(cell)] = False
                    if self.kernel:
                        self.kernel.stop()
                        self.kernel = None
                self.spent(name_of(cell) or f"cell {number}", began)
        finally:
            if self.kernel:
                self.kernel.stop()
        return self.record

    def abort(self) -> None:
        """Ends the run from another thread."""
        self.deadline = 0
        if kernel := self.kernel:
            kernel.sandbox.end("the grading was stopped")

    def spent(self, what: str, began: float) -> None:
        self.record.seconds[what] = round(self.record.seconds.get(what, 0) + time.monotonic() - began, 3)

    def left(self) -> float:
        return max(1.0, min(self.options.cell, self.deadline - time.monotonic()))

    def started(self) -> None:
        """Makes sure that there is a kernel which knows what was declared so far."""
        while not self.kernel:
            if self.record.restarts > self.options.restarts:
                raise Died("the kernel was lost too often")
            began = time.monotonic()
            self.record.restarts += 1
            self.kernel = Kernel(self.tools, self.options.limits, self.options.sandboxed)
            for code in list(self.declared):
                try:
                    if self.kernel.run(code, self.left()).stopped:
                        self.declared.remove(code)
                except Died:
                    self.declared.remove(code)
                    self.kernel.stop()
                    self.kernel = None
                    break
            self.spent("start", began)

    def plain(self, cell) -> None:
        if code := declarations(cell.source):
            self.declared.append(code)
        result = self.kernel.run(cell.source, self.left())
        cell.outputs = result.outputs
        if result.stopped:
            cell.outputs.append(failure(f"The cell was stopped: {result.stopped}."))

    def test(self, cell) -> None:
        """Runs a graded cell against its checker."""
        name = name_of(cell)
        self.record.passed[name] = False
        rewritten = self.assignment.cells[name]
        together = name in self.assignment.together
        socket = self.kernel.folder / f"check-{len(self.record.passed)}"
        checker = Checker(self.assignment.checker, ["-passed"] if together else [name], socket)
        try:
            code = rewritten["together" if together else "serve"].replace("SOCKET", str(socket))
            result = self.kernel.run(code, self.left())
            # A check that is under way ends as soon as the program does.
            said = checker.finish(3)
        finally:
            checker.kill()
        passed = self.record.passed[name] = checker.status == 0
        cell.outputs = printed(result, said, passed)
        if not passed:
            why = f"The cell was stopped: {result.stopped}." if result.stopped else "The check was not passed."
            if not said and not result.failed:
                why = "The program ended before it was checked."
            cell.outputs.append(failure(why))

    def leftovers(self) -> None:
        """Ends what a cell has left running, together with the kernel, which is made anew."""
        if not self.options.sandboxed:
            return
        for _ in range(5):
            # unshare, the first process of the namespace, and the kernel.
            if len(descendants(self.kernel.sandbox.process.pid)) <= 3:
                return
            time.sleep(0.05)
        self.kernel.stop()
        self.kernel = None


class Checker:
    """The program with the checks, outside of the sandbox."""

    def __init__(self, program, arguments: list, socket):
        self.status = None
        self.said = b""
        self.state, theirs = os.pipe()
        # The shell gives it the pipe as file 3.
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec prlimit --data={CHECKER_MEMORY} --core=0 --fsize=0 -- "$@" 3>&{theirs}', "sh", program, *arguments, socket],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", pass_fds=[theirs],
            env={"PATH": "/usr/bin:/bin", "GOTRACEBACK": "none"},
        )
        os.close(theirs)
        if not self.heard(b"listening", 20):
            self.kill()
            raise Died("the checker did not start")

    def heard(self, word: bytes, seconds: float) -> bool:
        """Whether the checker says a word in time."""
        if select.select([self.state], [], [], seconds)[0]:
            return word in os.read(self.state, 100)
        return False

    def finish(self, seconds: float) -> str:
        """Waits for the verdict and returns what the check said."""
        if not self.heard(b"connected", 0.2):
            return ""  # the program has ended without asking for it
        deadline = time.monotonic() + seconds
        pipe = self.process.stdout.fileno()
        while (left := deadline - time.monotonic()) > 0:
            if select.select([pipe], [], [], left)[0]:
                block = os.read(pipe, 1 << 16)
                if not block:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self.status = self.process.wait(max(0.1, deadline - time.monotonic()))
                    break
                self.said = (self.said + block)[:MAX_TEXT]
        return self.said.decode(errors="replace")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        if self.state >= 0:
            os.close(self.state)
            self.state = -1


def printed(result, said: str, passed: bool) -> list:
    """The outputs of a graded cell: what the check said, then what the student's program did.

    nbgrader takes text on standard error and outputs of type error for failures, so these are there only where the
    checker says so.
    """
    outputs = []
    if said:
        # One line for each Report that has passed says no more than one.
        lines = list(dict.fromkeys(said.splitlines()))
        if any(line.startswith("✗") for line in lines):
            lines = [line for line in lines if not line.startswith("✓")]
        outputs.append(nbformat.v4.new_output("stream", name="stdout", text="\n".join(lines) + "\n"))
    for output in result.outputs:
        if output.output_type == "stream":
            lines = [line for line in output.text.splitlines() if not EXIT_STATUS.fullmatch(line.strip())]
            if len(lines) > MAX_LINES:
                lines = lines[:MAX_LINES] + ["… the rest of the output was left out"]
            if text := "\n".join(lines).strip("\n"):
                outputs.append(nbformat.v4.new_output("stream", name="stdout", text=text + "\n"))
        elif output.output_type == "display_data":
            outputs.append(output)
        elif output.output_type == "error" and not passed and not EXIT_STATUS.fullmatch(output.evalue.strip()):
            outputs.append(failure(compiler(output.evalue)))
    return outputs


def compiler(message: str) -> str:
    """The compiler's messages about a graded cell, without the places, which are those of a cell that nobody sees."""
    lines = [re.sub(r"^\S*main\.go:[\d:]* ", "", line) for line in message.splitlines() if not line.startswith("# ")]
    lines = [re.sub(r"\b(lessons|remote)_[0-9a-f]{16}\b", r"\1", line) for line in lines]
    return "\n".join(dict.fromkeys(line for line in lines if line.strip())) or "The cell does not compile."


def failure(message: str):
    return nbformat.v4.new_output("error", ename="NotPassed", evalue=message, traceback=[message])

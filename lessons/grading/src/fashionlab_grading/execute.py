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
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import nbformat
from nbformat import NotebookNode

from fashionlab_grading import readgo
from fashionlab_grading.assignment import Assignment
from fashionlab_grading.kernel import MAX_TEXT, Died, Kernel, Result
from fashionlab_grading.notebooks import kind, name_of, newlines
from fashionlab_grading.sandbox import MIB, Limits
from fashionlab_grading.toolbox import Toolbox

# Of one check's process, which reads what a submission sends and may train a model that it describes. The messages'
# sizes are limited in lessons/remote; this is for what is made of them. It counts in the submission's limit, too.
CHECKER_MEMORY = 2048 * MIB
SPARE = 5  # seconds after a submission's time, for what is under way to end in order
MAX_LINES = 60  # of what a student's program prints in a graded cell
EXIT_STATUS = re.compile(r"exit status \d+|signal: \w+")


@dataclass
class Options:
    cell: float = 60  # seconds for a cell, compiling included
    total: float = 240  # seconds for a submission
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


PLACE = re.compile(r"^Cell\[\d+\]: Line (\d+)")


def union(cells: Sequence[readgo.Cell]) -> str:
    """One program of several cells' declarations: Go wants imports first, and each once."""
    return "\n".join(Program(cells).lines)


Code = tuple[NotebookNode, readgo.Cell]  # a cell, and what it holds


class Program:
    """One cell made of several, which knows where each of its lines is from."""

    def __init__(self, cells: Sequence[readgo.Cell], imports: str = "", bodies: Sequence[str] = ()) -> None:
        # Of two imports of one name the kernel takes the last: each stands where it stood last.
        names = list(dict.fromkeys(i for cell in reversed(cells) for i in reversed(cell.imports)))[::-1]
        self.lines = imports.split("\n")
        places = {name: place for name, [place] in zip(names, self.add([f"import {name}" for name in names]))}
        self.lines.append("")
        self.codes = [{*lines, *(places[i] for i in cell.imports)} for cell, lines in zip(cells, self.add([cell.rest for cell in cells]))]
        if bodies:
            self.lines.append("%%")
        self.bodies = self.add(bodies)

    def add(self, parts: Sequence[str]) -> list[range]:
        """Where the parts are, counted from 1."""
        ranges = []
        for part in parts:
            lines = part.split("\n")
            ranges.append(range(len(self.lines) + 1, len(self.lines) + 1 + len(lines)))
            self.lines += lines
        return ranges

    def complaints(self, result: Result) -> list[tuple[int, str]]:
        """The compiler's messages: lines and texts."""
        found = []
        for output in result.outputs:
            if output.output_type == "error":
                for entry in output.traceback:
                    if m := PLACE.match(entry):
                        found.append((int(m[1]), entry.strip().split("\n")[-1].strip()))
        return found


class Run:
    """One submission's run.

    Only what can change a mark is run: declarations and checks. All are put into one program, since compiling and
    linking is what takes time. Where a cell declares anew what a check above it may use, the checks above have a program
    without it, and a second chance with it. Cells that do not compile are taken out; where the program ends in a check,
    the others are tried without that one. Only if it ends before any check (something at the top of a cell ends it), or
    if it is open which of two declarations the notebook would have kept, everything is run cell by cell, as in the notebook.
    """

    def __init__(self, nb: NotebookNode, assignment: Assignment, tools: Toolbox, options: Options, student: str = "") -> None:
        """student is the id from which exercises draw numbers."""
        self.nb, self.assignment, self.tools, self.options, self.student = nb, assignment, tools, options, student
        self.record = Record()
        self.code = [c for c in nb.cells if c.cell_type == "code"]
        self.read = readgo.cells([c.source for c in self.code])
        for cell, go in zip(self.code, self.read):
            if go.refused and kind(cell) in ("answer", ""):
                go.error = go.refused
            if go.error:
                cell.outputs = [failure(go.error)]
        self.tests = [c for c in nb.cells if kind(c) == "test"]
        self.declared: list[str] = []
        self.kernel: Kernel | None = None
        self.deadline = time.monotonic() + options.total
        # A program that only waits leaves time for the others that are tried.
        self.most = options.total / 2

    def execute(self) -> Record:
        try:
            with contextlib.suppress(Died):
                self.together()
            if len(self.record.passed) < len(self.tests):
                self.close()
                self.cell_by_cell()
        finally:
            self.close()
        return self.record

    def abort(self) -> None:
        """Ends the run from another thread."""
        self.deadline = 0
        if kernel := self.kernel:
            kernel.sandbox.end("the grading was stopped")

    def close(self) -> None:
        if self.kernel:
            self.kernel.stop()
            self.kernel = None

    def new(self) -> Kernel:
        """A kernel that ends when the time for the submission does, whatever happens here and there."""
        seconds = max(1.0, self.deadline - time.monotonic()) + SPARE
        return Kernel(self.tools, replace(self.options.limits, seconds=seconds), self.options.sandboxed)

    def spent(self, what: str, began: float) -> None:
        self.record.seconds[what] = round(self.record.seconds.get(what, 0) + time.monotonic() - began, 3)

    def over(self) -> bool:
        """Whether the submission's time has run out."""
        return time.monotonic() >= self.deadline

    def left(self, most: float) -> float:
        """So many seconds, or what is left for the submission. Raises Died if that is nothing."""
        if self.over():
            raise Died(f"the notebook ran for more than {self.options.total:.0f} s")
        return min(most, self.deadline - time.monotonic())

    # ---- everything in one program

    def together(self) -> None:
        *stages, (cells, tests) = self.stages()
        for some, theirs in stages:
            self.stage(some, theirs)
        # An answer counts that stands below its check, too, in the place of one above.
        again = [t for t in self.tests if self.record.passed.get(name_of(t)) is False]
        for test in again:
            del self.record.passed[name_of(test)]
        self.stage(cells, again + tests)

    def stages(self) -> list[tuple[list[Code], list[NotebookNode]]]:
        """The cells and the checks of each program."""
        stages: list[tuple[list[Code], list[NotebookNode]]] = []
        cells: list[Code] = []
        tests: list[NotebookNode] = []
        above = 0  # cells above the last check
        for cell, go in zip(self.code, self.read):
            if kind(cell) == "test":
                tests.append(cell)
                above = len(cells)
            elif go.declares and not go.error:
                if tests and anew(cells[:above], go):
                    stages.append((list(cells), tests))
                    tests = []
                cells.append((cell, go))
        return [*stages, (cells, tests)]

    def stage(self, cells: list[Code], tests: list[NotebookNode]) -> None:
        while tests and not self.over():
            if not self.kernel:
                began = time.monotonic()
                self.kernel = self.new()
                self.kernel.run("%noautoget", self.left(30))
                self.spent("start of the kernel", began)
            began = time.monotonic()
            broken = self.attempt(self.kernel, cells, tests)
            self.spent("all in one program", began)
            left = [t for t in tests if name_of(t) not in self.record.passed]
            if not broken and len(left) == len(tests) or disputed(cells, broken):
                return
            cells, tests = [c for c in cells if c[0] not in broken], left
            if self.kernel:
                self.leftovers(self.kernel)

    def attempt(self, kernel: Kernel, cells: list[Code], tests: list[NotebookNode]) -> list[NotebookNode]:
        """Runs cells and checks in one program. Returns the cells that do not compile."""
        checkers = []
        try:
            for test, (address, listener) in zip(tests, kernel.listen(len(tests))):
                checkers.append(self.checker(kernel, name_of(test), address, listener))
            program = Program([go for _, go in cells], self.assignment.imports, [c.call for c in checkers])
            try:
                result = kernel.run("\n".join(program.lines), self.left(min(self.options.cell + 15 * len(tests), self.most)))
            except Died:
                self.close()
                result = Result()
            if complaints := program.complaints(result):
                return self.sort_out(complaints, program, cells, tests)
            for test, checker in zip(tests, checkers):
                said = checker.finish(min(3, max(0.1, self.deadline + SPARE - time.monotonic())))
                if checker.status is not None:
                    self.decide(test, checker.status == 0, said, [])
            return []
        finally:
            for checker in checkers:
                checker.kill()

    def sort_out(self, complaints: list[tuple[int, str]], program: Program, cells: list[Code], tests: list[NotebookNode]) -> list[NotebookNode]:
        """Finds the cells that the compiler complains about, and decides checks which cannot be compiled without them."""
        broken = []
        for (cell, _), lines in zip(cells, program.codes):
            mine = [f"{text} (in: {program.lines[line - 1].strip()})" for line, text in complaints if line in lines]
            if mine:
                broken.append(cell)
                cell.outputs = [failure("\n".join(mine))]
        if not broken:
            for test, body in zip(tests, program.bodies):
                if mine := list(dict.fromkeys(text for line, text in complaints if line in body)):
                    self.decide(test, False, "", [], compiler("\n".join(mine)))
        return broken

    def decide(self, cell: NotebookNode, passed: bool, said: str, outputs: list[NotebookNode], why: str = "") -> None:
        self.record.passed[name_of(cell)] = passed
        cell.outputs = printed(outputs, said, passed)
        if not passed:
            cell.outputs.append(failure(why or "The check was not passed."))

    # ---- cell by cell

    def cell_by_cell(self) -> None:
        for number, (cell, go) in enumerate(zip(self.code, self.read), 1):
            cell.execution_count = number
            graded = kind(cell) == "test"
            if graded and name_of(cell) in self.record.passed or not graded and (not go.declares or go.error):
                continue
            began = time.monotonic()
            try:
                kernel = self.started()
                began = time.monotonic()
                self.test(kernel, cell) if graded else self.plain(kernel, cell, go.declares)
                self.leftovers(kernel)
            except Died as e:
                if graded:
                    self.decide(cell, False, "", [], f"The cell was stopped: {e}.")
                else:
                    cell.outputs.append(failure(f"The cell was stopped: {e}."))
                self.close()
            self.spent("cell by cell", began)

    def started(self) -> Kernel:
        """The kernel, or a new one which knows what was declared so far."""
        began = time.monotonic()
        self.left(0)
        while not self.kernel:
            if self.record.restarts > self.options.restarts:
                raise Died("the kernel was lost too often")
            self.record.restarts += 1
            self.kernel = self.new()
            self.kernel.run("%noautoget", self.left(30))
            for code in list(self.declared):
                try:
                    if self.kernel.run(code, self.left(20)).stopped:
                        self.declared.remove(code)
                except Died:
                    self.left(0)
                    self.declared.remove(code)
                    self.close()
                    break
            self.spent("start of the kernel", began)
        return self.kernel

    def plain(self, kernel: Kernel, cell: NotebookNode, code: str) -> None:
        result = kernel.run(code, self.left(self.options.cell))
        cell.outputs = result.outputs
        if result.stopped:
            cell.outputs.append(failure(f"The cell was stopped: {result.stopped}."))
        else:
            self.declared.append(code)

    def test(self, kernel: Kernel, cell: NotebookNode) -> None:
        """Runs a graded cell against its checker."""
        name = name_of(cell)
        [(address, listener)] = kernel.listen(1)
        checker = self.checker(kernel, name, address, listener)
        try:
            result = kernel.run(self.assignment.imports + "\n%%\n" + checker.call, self.left(self.options.cell))
            # A check that is under way ends as soon as the program does.
            said = checker.finish(3)
        finally:
            checker.kill()
        why = f"The cell was stopped: {result.stopped}." if result.stopped else ""
        if not said and not result.failed:
            why = "The program ended before it was checked: does something at the top of a cell call os.Exit?"
        self.decide(cell, checker.status == 0, said, result.outputs, why)

    def checker(self, kernel: Kernel, name: str, address: str, listener: int) -> "Checker":
        """The program that checks a graded cell. Its memory counts in the submission's limit, since that decides what it holds."""
        return Checker(self.assignment, name, address, listener, self.tools, self.student, self.options.cell, kernel.sandbox.others)

    def leftovers(self, kernel: Kernel) -> None:
        """Ends what a cell has left running, together with the kernel, which is made anew."""
        if not self.options.sandboxed:
            return
        for _ in range(5):
            if not kernel.leftovers():
                return
            time.sleep(0.05)
        self.close()


def anew(cells: Sequence[Code], go: readgo.Cell) -> bool:
    """Whether something declares what earlier cells have declared otherwise."""
    known: dict[str, str] = {}
    for _, earlier in cells:
        known |= earlier.names()
    return any(known.get(name, text) != text for name, text in go.names().items())


def disputed(cells: Sequence[Code], broken: Sequence[NotebookNode]) -> bool:
    """Whether a cell that does not compile may do so without one behind it, which declares something anew."""
    first = next((i for i, (cell, _) in enumerate(cells) if cell in broken), len(cells))
    return any(anew(cells[:i], go) for i, (_, go) in enumerate(cells) if i > first)


class Checker:
    """The program with the checks, outside of the sandbox.

    The student's program connects to the address, and the checker waits at listener, the same socket as a file descriptor:
    it looks nothing up by a name that a student could give to something else.
    """

    def __init__(
        self, assignment: Assignment, name: str, address: str, listener: int, tools: Toolbox, student: str, seconds: float, counted: set[int],
    ) -> None:
        # What the student's program has to do.
        self.call = assignment.cells[name].replace("SOCKET", address)
        self.status: int | None = None
        self.said = b""
        self.state, theirs = os.pipe()
        # Some checks look at the data set, or compute.
        known = {k: v for k, v in tools.environment().items() if k.startswith(("FASHION_", "GOMLX_", "VIRTUAL_ENV"))}
        self.process = subprocess.Popen(
            # It ends with the thread that made it, also when this program is killed.
            ["setpriv", "--pdeathsig", "KILL", "prlimit", f"--data={CHECKER_MEMORY}", "--core=0", "--fsize=0", "--", assignment.checker, name, str(listener)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", pass_fds=[theirs, listener],
            env={**known, "PATH": "/usr/bin:/bin", "HOME": "/", "GOTRACEBACK": "none", "LESSONS_STATUS": str(theirs),
                 "LESSONS_STUDENT": student, "LESSONS_SECONDS": f"{seconds:g}", "GOMEMLIMIT": str(CHECKER_MEMORY // 2)},
        )
        self.counted = counted  # the processes that work for the submission
        counted.add(self.process.pid)
        os.close(theirs)
        os.close(listener)
        assert self.process.stdout
        self.output = self.process.stdout
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
        pipe = self.output.fileno()
        while (left := deadline - time.monotonic()) > 0:
            if select.select([pipe], [], [], left)[0]:
                block = os.read(pipe, 1 << 16)
                if not block:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self.status = self.process.wait(max(0.1, deadline - time.monotonic()))
                    break
                self.said = (self.said + block)[:MAX_TEXT]
        if self.status not in (None, 0, 1):
            # Go's and XLA's words about it are no help, and end in a heap of numbers.
            return f"✗ the check ended, since what it was given to check is too much: it may use {CHECKER_MEMORY // MIB} MiB of memory\n"
        return self.said.decode(errors="replace")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.counted.discard(self.process.pid)
        self.output.close()
        os.close(self.state)


def printed(results: list[NotebookNode], said: str, passed: bool) -> list[NotebookNode]:
    """The outputs of a graded cell: what the check said, then what the student's program did.

    nbgrader takes text on standard error and outputs of type error for failures, so these are there only where the
    checker says so.
    """
    outputs = []
    if said:
        # One line for each Report that has passed says no more than one.
        lines = list(dict.fromkeys(said.rstrip("\n").split("\n")))
        if any(line.startswith("✗") for line in lines):
            lines = [line for line in lines if not line.startswith("✓")]
        outputs.append(nbformat.v4.new_output("stream", name="stdout", text="\n".join(lines) + "\n"))
    for output in results:
        if output.output_type == "stream":
            lines = [line for line in newlines(output.text).split("\n") if not EXIT_STATUS.fullmatch(line.strip())]
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
    lines = [re.sub(r"^\S*main\.go:[\d:]* ", "", line) for line in message.split("\n") if not line.startswith("# ")]
    lines = [re.sub(r"\b(lessons|remote)_[0-9a-f]{16}\b", r"\1", line) for line in lines]
    return "\n".join(dict.fromkeys(line for line in lines if line.strip())) or "The cell does not compile."


def failure(message: str) -> NotebookNode:
    output: NotebookNode = nbformat.v4.new_output("error", ename="NotPassed", evalue=message, traceback=[message])
    return output

"""Shows which cell runs, its progress, and how long the rest takes."""

import asyncio
import math
import os
import re
import signal
import time
from dataclasses import dataclass

from fashionlab_grading import readgo
from notebook_stop import stop

LONG = 10  # seconds: a cell that takes longer gets a line of its own
BEAT = 60  # seconds after which a log always gets a line
EPOCH = re.compile(r"[Ee]poch \[?(\d+)(?:/| of )(\d+)\]?(?:, Step \[(\d+)/(\d+)\])?")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass
class Step:
    """A cell that is to be run."""

    notebook: str
    number: int
    total: int
    name: str
    seconds: float | None = None  # expected; None where nothing was measured
    trains: bool = False


def name_of(code: str, heading: str) -> str:
    """A name for a cell: the heading above it, and the first line that it runs or declares."""
    (cell,) = readgo.cells([code])
    lines = [line.strip() for part in (cell.runs, cell.declares) for line in part.split("\n")]
    own = [l for l in lines if l and not l.startswith(("//", "import", ")", '"'))] or [l.strip("/ ") for l in code.split("\n") if l.strip()] or [""]
    return ": ".join(piece for piece in (heading.partition(":")[0], own[0]) if piece)


def steps_of(nb, notebook: str) -> list[Step]:
    """The notebook's cells of code."""
    steps, heading = [], ""
    for cell in nb.cells:
        if cell.cell_type == "code":
            steps.append(Step(notebook, len(steps) + 1, 0, name_of(cell.source, heading)))
        elif found := HEADING.findall(cell.source):
            heading = found[-1]
    for step in steps:
        step.total = len(steps)
    return steps


def duration(seconds: float) -> str:
    """A time in words, without more digits than are known."""
    if seconds < 55:
        return f"{max(5, 5 * math.ceil(seconds / 5))} s"
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02} min"


def cut(text: str, width: int) -> str:
    """The text, truncated to the width."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"[: max(0, width)]


class Progress:
    """Writes about the steps of one or several notebooks, on one line of a terminal or as lines of a log."""

    def __init__(self, steps: list[Step], lines):
        self.steps, self.lines = steps, lines
        self.live = lines.isatty() and os.environ.get("TERM") != "dumb"
        self.beat = time.monotonic()
        self.position = -1
        self.step: Step | None = None
        # Seconds spent and expected of the cells that are done, apart for those that train and the others.
        self.spent = {True: 0.0, False: 0.0}
        self.expected = {True: 0.0, False: 0.0}

    def write(self, text: str) -> None:
        """Writes a line; when the output is closed, the program stops."""
        try:
            self.lines.write(text)
            self.lines.flush()
        except OSError:
            stop.now(getattr(signal, "SIGPIPE", signal.SIGTERM))

    def say(self, text: str) -> None:
        """Writes a line that stays."""
        self.beat = time.monotonic()
        self.write(("\r\x1b[K" if self.live else "") + text + "\n")

    def begin(self) -> None:
        """The next step begins."""
        self.position += 1
        self.step = self.steps[self.position]
        self.began = time.monotonic()
        self.detail, self.fraction = "", 0.0
        self.first: tuple[float, float] | None = None  # when a fraction was first heard of, and which
        self.announced = False
        if (self.step.seconds or 0) >= LONG:
            self.announce()
        self.draw()

    def end(self) -> None:
        """The step has ended well."""
        step, took = self.step, time.monotonic() - self.began
        if took >= LONG or self.announced:
            self.say(f"{self.place()}: {took:.0f} s  {step.name}")
        if step.seconds is not None:
            self.spent[step.trains] += took
            self.expected[step.trains] += step.seconds
        self.step = None

    def place(self) -> str:
        several = self.steps[0].notebook != self.steps[-1].notebook
        return (f"{self.step.notebook}, " if several else "") + f"cell {self.step.number} of {self.step.total}"

    def announce(self) -> None:
        self.announced = True
        if not self.live:
            self.say(f"{self.place()} runs: {self.step.name}{self.left_words()}")

    def said(self, text: str) -> None:
        """Reads the progress from the cell's output."""
        for line in ANSI.sub("", text).replace("\r", "\n").splitlines():
            if not (line := line.strip()):
                continue
            if self.first is None:  # of a training, the epoch says more than the bar that follows it
                self.detail = line
            if found := EPOCH.search(line):
                epoch, epochs = int(found[1]), int(found[2])
                self.detail = f"epoch {epoch} of {epochs}"
                done = int(found[3]) / int(found[4]) if found[3] else 0
                self.fraction = min(1, (epoch - 1 + done) / max(1, epochs))
                if self.first is None:
                    self.first = time.monotonic(), self.fraction

    def speed(self, trains: bool) -> float:
        """How many times longer than expected the cells of a kind take, from those that are done."""
        doubt = 20  # seconds that are taken to be as expected
        return (self.spent[trains] + doubt) / (self.expected[trains] + doubt)

    def left(self) -> float | None:
        """The seconds that are left, where they were estimated."""
        rest = self.steps[self.position + 1:]
        if self.step is None or any(s.seconds is None for s in [self.step, *rest]):
            return None
        now = time.monotonic()
        own = max(0, self.step.seconds * self.speed(self.step.trains) - (now - self.began))
        speed = {kind: self.speed(kind) for kind in (True, False)}
        if self.first and self.fraction - self.first[1] > 0.02:
            own = (now - self.first[0]) / (self.fraction - self.first[1]) * (1 - self.first[1]) - (now - self.first[0])
            if self.step.seconds:  # the trainings that follow take as much longer as this one
                speed[True] = (self.spent[True] + now - self.began + own) / (self.expected[True] + self.step.seconds)
        return max(0, own) + sum(s.seconds * speed[s.trains] for s in rest)

    def left_words(self) -> str:
        left = self.left()
        return "" if left is None else f" · about {duration(left)} left"

    def line(self, width: int) -> str:
        """The progress, in one line of at most width characters: the place and the time left stay whole."""
        head, tail = f"{self.place()}: ", self.left_words()
        room = width - len(head) - len(tail)
        if not self.detail:
            return cut(head + cut(self.step.name, room) + tail, width)
        detail = f" · {self.detail}"
        name = cut(self.step.name, max(12, room - len(detail)))
        return cut(head + name + cut(detail, room - len(name)) + tail, width)

    def draw(self) -> None:
        if not self.live or self.step is None:
            return
        try:
            width = os.get_terminal_size(self.lines.fileno()).columns
        except OSError:
            width = 0
        self.write("\r" + self.line((width or 80) - 1) + "\x1b[K")

    def tick(self) -> None:
        """Called often while a cell runs."""
        self.draw()
        if self.step is None or self.live:
            return
        now = time.monotonic()
        if not self.announced and now - self.began >= LONG:
            self.announce()
        elif now - self.beat >= BEAT:
            self.say(self.line(120))

    async def ticks(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            self.tick()

    def clear(self) -> None:
        """Removes the line from a terminal."""
        if self.live:
            self.write("\r\x1b[K")

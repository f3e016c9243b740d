"""Asks Go what a piece of Go says: the command readgo (lessons/grading/readgo), which make setup builds."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fashionlab_grading.toolbox import VENV, Missing

PROGRAM = VENV / "bin" / "readgo"


@dataclass
class Function:
    """A function that a cell declares."""

    name: str
    calls: list[str]  # what it calls: fmt.Println, f


@dataclass
class Command:
    """What a cell has for the kernel itself: %env A 1, !ls."""

    line: int  # in the cell, from 1
    text: str


@dataclass
class Cell:
    """A cell as the kernel sees it (lessons/grading/gocell)."""

    declares: str  # without the kernel's commands
    main: bool  # whether it runs anything
    runs: str  # what it runs
    declared: dict[str, str]  # what the kernel keeps, by the names under which later cells replace it: func F, import fmt
    imports: list[str]  # "fmt", x "math"
    rest: str  # declares without imports, in as many lines
    functions: list[Function]
    calls: list[str]  # what runs calls
    commands: list[Command]  # what the kernel does besides running Go
    error: str  # why the kernel takes none of it

    def names(self) -> dict[str, str]:
        """What is declared, by the names that Go allows once, and imports by theirs."""
        return {name if name.startswith("import ") else name.partition(" ")[2]: f"{name}: {text}" for name, text in self.declared.items()}


def cells(sources: Sequence[str]) -> list[Cell]:
    """What is in some cells."""
    answer = ask(["cells"], list(sources))
    return [Cell(**{**cell, "functions": [Function(**f) for f in cell["functions"]], "commands": [Command(**c) for c in cell["commands"]]}) for cell in answer]


def ask(arguments: list[str], question: Any) -> Any:
    try:
        # In a session of its own: Ctrl-C stops this program, in its own way.
        done = subprocess.run([PROGRAM, *arguments], input=json.dumps(question), capture_output=True, encoding="utf-8", start_new_session=True)
    except FileNotFoundError:
        raise Missing(f"{PROGRAM} is not there: make setup builds it.") from None
    if done.returncode != 0:
        raise Missing(f"{PROGRAM} {' '.join(arguments)} failed:\n{done.stderr.strip()}")
    return json.loads(done.stdout)

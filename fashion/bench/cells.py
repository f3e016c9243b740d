#!/usr/bin/env python3
"""Measures how long the course's cells take, from the request to the end of the output.

    make setup
    .venv/bin/python fashion/bench/cells.py [--rounds 7]

Starts the kernel that JupyterLab starts and executes each kind of cell several times. Each time the cell
has another number in it, since Go does not link a program again that it has. Prints medians: the time, the
processor's time of everything that the kernel started, and the parts of the time by GoNB's log; the rest is the
cell's program and the messages.
"""

import argparse
import re
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

import psutil
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parent.parent.parent
SHOWS = """%noautoget
import (
	"fashionlab/plots"
	"fashionlab/plots/display"
	"github.com/janpfeifer/must"
)
%%
display.Println("ready")"""
PLAIN = {
    "prints": '%%\ndisplay.Println("number", NUMBER)',
    "shows a picture": """%%
display.Show(plots.Matrices("number NUMBER", plots.Matrix{Values: [][]float64{{1, 2}, {3, NUMBER}}}))""",
}
LOADS = SHOWS.replace('"fashionlab/plots"', '"fashionlab/fashion"\n\t"fashionlab/plots"', 1).replace("%%", "var data = must.M1(fashion.Load())\n%%")
WITH_DATA = {
    "prints": "%%\ndisplay.Println(data.Train.Len(), NUMBER)",
    "shows a picture": """%%
var tiles []plots.Tile
for i := range 25 {
	tiles = append(tiles, plots.Tile{Image: must.M1(data.Train.Image(NUMBER + i))})
}
display.Show(plots.Grid("number NUMBER", 5, 5, tiles))""",
    "evaluates": """%%
model := fashion.NewModel("softmax", fashion.Flatten(), fashion.Linear(28*28, 10))
net := must.M1(model.Init(NUMBER))
display.Println(must.M1(net.Evaluate(must.M1(fashion.NewLoader(data.Test.All(), 1000)))).Accuracy)""",
}
# What GoNB writes with -v=2 when it has a cell, and at the end of each part of its work.
BEGINS = 'ExecuteCell: ["'
PARTS = {"goimports": "ExecuteCell: after s.GoImports()", "build": "ExecuteCell: after s.Compile()"}
STAMP = re.compile(r"^[IWE]\d{4} (\d\d:\d\d:\d\d\.\d{6}) ")


def cpu(process: psutil.Process) -> float:
    """The seconds of the kernel and of all its children that have ended: goimports, go, the cell's program; gopls runs on."""
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def parts(log: str) -> dict[str, float]:
    """How long each part of the last cell took, by the kernel's log."""
    found, before = {}, datetime.min
    for line in log.splitlines():
        if not (stamp := STAMP.match(line)):
            continue
        at = datetime.strptime(stamp.group(1), "%H:%M:%S.%f")
        if BEGINS in line:
            before = at
        for name, text in PARTS.items():
            if text in line:
                found[name], before = (at - before).total_seconds(), at
    return found


class Kernel:
    """A kernel with the cell executed that a notebook begins with."""

    def __init__(self, first: str, log: Path) -> None:
        self.log = log
        self.manager = KernelManager(kernel_name="fashionlab")
        with log.open("wb") as file:
            self.manager.start_kernel(extra_arguments=["-v=2"], stderr=file, cwd=ROOT / "notebooks")
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        self.process = psutil.Process(self.manager.provisioner.pid)
        self.execute(first)

    def execute(self, cell: str) -> dict[str, float]:
        written, used, began = self.log.stat().st_size, cpu(self.process), time.monotonic()
        said: list[str] = []
        reply = self.client.execute_interactive(cell, timeout=600, output_hook=lambda m: said.append(str(m["content"])))
        took = time.monotonic() - began
        if reply["content"]["status"] != "ok":
            raise SystemExit(f"The cell\n{cell}\nfailed:\n{said}")
        log = self.log.read_bytes()[written:].decode(errors="replace")
        measured = parts(log)
        return {"time": took, "processor": cpu(self.process) - used, **measured, "the rest": took - sum(measured.values())}

    def end(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=7)
    rounds = options.parse_args().rounds
    columns = ["time", "processor", *PARTS, "the rest"]
    print("| a cell that | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        for imports, first, cells in (("display", SHOWS, PLAIN), ("fashion", LOADS, WITH_DATA)):
            kernel = Kernel(first, Path(folder) / f"{imports}.log")
            try:
                measured: dict[str, list[dict[str, float]]] = {name: [] for name in cells}
                for _ in range(rounds):
                    for name, cell in cells.items():
                        number += 1
                        measured[name].append(kernel.execute(cell.replace("NUMBER", str(number))))
            finally:
                kernel.end()
            for name, results in measured.items():
                medians = [statistics.median(r[c] for r in results) for c in columns]
                print(f"| {name}, with {imports} | " + " | ".join(f"{m:.2f}" for m in medians) + " |", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs cells in the course's kernel and prints how long each takes.

    python cells.py imports     cells with what notebooks import: compiles it, while the image is built
    python cells.py homework    the homework's first three cells, as a student would
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel

from fashionlab_grading.toolbox import IMPORTED

ROOT = Path(__file__).resolve().parent.parent


def imports() -> list[str]:
    return ['%%\nfmt.Println("hello")', "import (\n" + "".join(f'\t_ "{name}"\n' for name in IMPORTED) + ')\n%%\nfmt.Println("hello")']


def homework() -> list[str]:
    notebook = json.loads((ROOT / "notebooks" / "homework.ipynb").read_text(encoding="utf-8"))
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"][:3]


def run(cells: list[str]) -> None:
    began = time.monotonic()
    manager, client = start_new_kernel(kernel_name="fashionlab", startup_timeout=120, stderr=subprocess.DEVNULL)
    print(f"  kernel: {time.monotonic() - began:.1f} s", flush=True)
    try:
        for number, cell in enumerate(cells, 1):
            said = []
            began = time.monotonic()
            reply = client.execute_interactive(cell, timeout=600, output_hook=lambda m, said=said: said.append(m["content"]))
            if reply["content"]["status"] != "ok":
                sys.exit(f"The cell\n{cell}\nfailed:\n{said}")
            print(f"  cell {number}: {time.monotonic() - began:.1f} s", flush=True)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    choices = {"imports": imports, "homework": homework}
    if len(sys.argv) != 2 or sys.argv[1] not in choices:
        sys.exit(__doc__)
    run(choices[sys.argv[1]]())

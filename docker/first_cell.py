#!/usr/bin/env python3
"""Runs the homework's first cells in the course's kernel and says how long each takes.

    python first_cell.py [NUMBER OF CELLS]
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel

NOTEBOOK = Path(__file__).resolve().parent.parent / "notebooks" / "homework.ipynb"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    cells = ["".join(c["source"]) for c in json.loads(NOTEBOOK.read_text())["cells"] if c["cell_type"] == "code"]
    began = time.monotonic()
    manager, client = start_new_kernel(kernel_name="fashionlab", startup_timeout=120, stderr=subprocess.DEVNULL)
    print(f"  kernel: {time.monotonic() - began:.1f} s", flush=True)
    try:
        for number, cell in enumerate(cells[:count], 1):
            said = []
            began = time.monotonic()
            reply = client.execute_interactive(cell, timeout=300, output_hook=lambda m: said.append(m["content"]))
            if reply["content"]["status"] != "ok":
                sys.exit(f"The cell\n{cell}\nfailed:\n{said}")
            print(f"  cell {number}: {time.monotonic() - began:.1f} s", flush=True)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()

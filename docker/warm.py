#!/usr/bin/env python3
"""Compiles what cells import, by running cells in the course's kernel while the image is built."""

import subprocess
import sys
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "lessons" / "grading"))

from toolbox import IMPORTED  # noqa: E402

# Each in a cell of its own, as students write them: a cell compiles and links what it imports.
CELLS = ['%%\nfmt.Println("hello")']
CELLS.append("import (\n" + "".join(f'\t_ "{name}"\n' for name in IMPORTED) + ')\n%%\nfmt.Println("hello")')


def main() -> None:
    manager, client = start_new_kernel(kernel_name="fashionlab", startup_timeout=120, stderr=subprocess.DEVNULL)
    try:
        for turn in ("cold", "warm"):
            for number, cell in enumerate(CELLS):
                start = time.monotonic()
                said = []
                reply = client.execute_interactive(cell, timeout=600, output_hook=said.append)
                if reply["content"]["status"] != "ok":
                    sys.exit(f"The cell\n{cell}\nfailed:\n{said}")
                print(f"cell {number}, {turn}: {time.monotonic() - start:.1f} s", flush=True)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()

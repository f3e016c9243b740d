#!/usr/bin/env python3
"""Says what is installed, which backend computes and why, and how to mend what is missing.

    python3 tools/doctor.py

It changes nothing and needs Python alone, so that it also works before make
setup. The exit status is 0 when everything is there, 1 otherwise.
"""

from __future__ import annotations  # an old Python must get as far as saying that it is too old

import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
SETUP = "make setup"


class Page:
    """The page under way: what is right, and what is not with its remedy."""

    def __init__(self) -> None:
        self.missing = 0

    def right(self, what: str, text: str) -> None:
        print(f"  ok       {what:<12} {text}")

    def wrong(self, what: str, text: str, remedy: str) -> None:
        self.missing += 1
        print(f"  MISSING  {what:<12} {text}")
        for line in remedy.splitlines():
            print(f"           {'':<12} → {line}")

    def note(self, what: str, text: str) -> None:
        print(f"  note     {what:<12} {text}")


def output(*command: str, **env: str) -> tuple[bool, str]:
    """Runs a command; returns whether it succeeded, and what it printed."""
    try:
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as e:
        return False, str(e)
    return done.returncode == 0, (done.stdout if done.returncode == 0 else done.stdout + done.stderr).strip()


def last_line(text: str) -> str:
    """The last line that a command said; go run adds one of its own."""
    lines = [l for l in text.splitlines() if l.strip() and not l.startswith("exit status")]
    return lines[-1] if lines else "it said nothing"


def has_plugin() -> bool:
    """Whether setup installs an XLA plugin here (requirements-xla.txt)."""
    return platform.system() == "Linux" and platform.machine() in ("x86_64", "aarch64")


def check_go(page: Page) -> bool:
    wanted = re.search(r"^go (\S+)", (ROOT / "go.mod").read_text(), re.MULTILINE).group(1)
    if not shutil.which("go"):
        page.wrong("Go", f"not found; {wanted} or newer is needed", "install it from https://go.dev/dl/ and open a new terminal")
        return False
    ok, text = output("go", "version")
    if not ok:
        page.wrong("Go", text.splitlines()[-1] if text else "does not run", f"install {wanted} or newer from https://go.dev/dl/")
        return False
    page.right("Go", text.removeprefix("go version ") + f" (go.mod asks for {wanted})")
    return True


def check_python(page: Page) -> None:
    if sys.version_info < (3, 11):
        page.wrong("Python", platform.python_version(), "3.11 or newer is needed: make setup PYTHON=/path/to/python3")
    elif not (VENV / "pyvenv.cfg").exists() and not importlib.util.find_spec("ensurepip"):
        page.wrong("Python", f"{platform.python_version()} without the module ensurepip, which makes .venv", "on Debian and Ubuntu: sudo apt install python3-venv")
    else:
        page.right("Python", f"{platform.python_version()} ({sys.executable})")


def check_packages(page: Page) -> None:
    if not (VENV / "pyvenv.cfg").exists():
        page.wrong("packages", "there is no .venv", SETUP)
        return
    pinned = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / "requirements.in").read_text(), re.MULTILINE))
    folders = [str(p) for p in VENV.glob("lib/python3*/site-packages")]
    found = {d.metadata["Name"].lower(): d.version for d in importlib.metadata.distributions(path=folders)}
    bad = [f"{name} {found.get(name, 'absent')} instead of {version}" for name, version in pinned.items() if found.get(name) != version]
    if bad:
        page.wrong("packages", ", ".join(bad), f"rm -r .venv && {SETUP}")
    else:
        page.right("packages", ", ".join(f"{n} {v}" for n, v in pinned.items()))


def check_kernel(page: Page) -> None:
    for tool in ("gonb", "goimports", "gopls"):
        if not os.access(BIN / tool, os.X_OK):
            page.wrong(tool, "not in .venv/bin", SETUP)
        else:
            page.right(tool, str((BIN / tool).relative_to(ROOT)))
    spec = VENV / "share/jupyter/kernels/fashionlab/kernel.json"
    try:
        kernel = json.loads(spec.read_text())
    except FileNotFoundError:
        page.wrong("kernel", "not registered", SETUP)
        return
    except (OSError, ValueError) as e:
        page.wrong("kernel", f"its registration cannot be read: {e}", f"rm -r .venv && {SETUP}")
        return
    if kernel["argv"][0] != str(BIN / "gonb"):
        page.wrong("kernel", f"it was registered for another folder, {kernel['argv'][0]}", SETUP)
    else:
        page.right("kernel", f"{kernel['display_name']}, seen by this project's JupyterLab only")


def check_computing(page: Page, has_go: bool) -> None:
    if not has_go:
        page.note("backend", "not checked, it needs Go")
        page.note("data", "not checked, it needs Go")
        return
    fashion = ("go", "run", "./fashion/cmd/fashion")
    ok, text = output(*fashion, "backend", "-json", GOMLX_NO_AUTO_INSTALL="1")
    if not ok:
        page.wrong("backend", last_line(text), f"unset GOMLX_BACKEND, or {SETUP}")
    else:
        choice = json.loads(text)
        line = f"{choice['backend']}: {choice['reason']}"
        if choice["backend"] == "Go" and has_plugin() and not os.environ.get("GOMLX_BACKEND"):
            page.wrong("backend", line, SETUP)
        else:
            page.right("backend", line)
    ok, text = output(*fashion, "data", "-json", "-offline")
    if ok:
        data = json.loads(text)
        page.right("data", f"{data['train']:,} training and {data['test']:,} test images in {data['dir']}, {'checked' if data['verified'] else 'NOT the official files'}")
    else:
        page.wrong("data", last_line(text).removeprefix("fashion data: fashion: ").partition("; To place the files")[0],
                   "with a network: go run ./fashion/cmd/fashion data   (fetches 30 MB)\n"
                   "without: put the four .gz files into data/fashion, or set FASHION_MNIST_DIR to their folder")


def check_space(page: Page) -> None:
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < 2:
        page.wrong("disk", f"{free:.1f} GB free", "setup needs about 2 GB with Go's cache")
    else:
        page.right("disk", f"{free:.0f} GB free")


def main() -> None:
    print(f"fashionlab on {platform.system()} {platform.machine()}, {os.cpu_count()} processors\n")
    page = Page()
    has_go = check_go(page)
    check_python(page)
    check_space(page)
    check_packages(page)
    check_kernel(page)
    check_computing(page, has_go)
    print(f"\n{page.missing} missing; the arrows say how to mend it." if page.missing else "\nEverything is there: make lab")
    sys.exit(1 if page.missing else 0)


if __name__ == "__main__":
    main()

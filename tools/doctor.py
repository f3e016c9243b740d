#!/usr/bin/env python3
"""Lists what is installed and what is missing, and how to fix it; and which backend is used, and why.

    python3 tools/doctor.py

It changes nothing and needs only Python, so it also works before make setup. The
exit status is 0 when everything is there, and 1 otherwise.
"""

from __future__ import annotations  # an old Python must be able to report that it is too old

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True  # no __pycache__ next to the sources
import isolated

if __name__ == "__main__":
    isolated.restart()

import importlib.metadata
import importlib.util
import json
import platform
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import environment
import setup
from environment import BIN, ROOT, VENV, Environment, dotted
from remedy import remedy

SETUP = "make setup"


class Page:
    """The output: a line for each check, with a remedy if it failed."""

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


def output(env: Environment, *command: str) -> tuple:
    """Runs a command in the tools' environment; returns whether it succeeded, and what it printed."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=env.variables, capture_output=True,
            encoding="utf-8", errors="replace", timeout=600,
        )
    except (OSError, subprocess.TimeoutExpired) as e:
        return False, str(e)
    return done.returncode == 0, (done.stdout if done.returncode == 0 else done.stdout + done.stderr).strip()


def last_line(text: str) -> str:
    """The last line of a command's output, without the one that go run adds."""
    lines = [l for l in text.splitlines() if l.strip() and not l.startswith("exit status")]
    return lines[-1] if lines else "it printed nothing"


def check_go(page: Page, env: Environment) -> None:
    oldest, _ = environment.go_mod()
    if env.problem:
        first, _, rest = env.problem.partition("\n")
        if not env.installed:
            first, _, rest = first.partition(". ")
            first += f"; {dotted(oldest)} or newer is needed"
        page.wrong("Go", first, rest)
        return
    if env.fetches_go:
        ok, said = output(env, "go", "version")
        if not ok:
            page.wrong("Go", f"{env.go} cannot be fetched by the installed {env.installed}: {last_line(said)}", remedy(said))
            env.problem = "it cannot be fetched"
            return
    source = f"fetched by the installed {env.installed}" if env.fetches_go else shutil.which("go")
    page.right("Go", f"{env.go} ({source}); go.mod asks for {dotted(oldest)}")


def check_compiler(page: Page, env: Environment) -> None:
    if env.problem:
        page.note("C compiler", "not checked, it needs Go")
    elif without := environment.without_xla(env):
        page.note("C compiler" if env.no_cgo else "XLA", without)
    else:
        page.right("C compiler", env.variables.get("CC") or "Go's usual one")


def check_folder(page: Page) -> None:
    try:
        setup.check_folder(ROOT)
        setup.harmless_name(ROOT, os.environ)
    except setup.Failed as e:
        page.wrong("folder", *str(e).split(": ", 1))
    above = environment.go_work_above(Path(tempfile.gettempdir()).resolve())
    if above:
        page.wrong("folder", f"{above} is above the folder for temporary files, where cells are compiled", "move it away, or set TMPDIR to another folder")


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
    pinned = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (ROOT / "requirements.in").read_text(encoding="utf-8"), re.MULTILINE))
    folders = [str(p) for p in VENV.glob("lib/python3*/site-packages")]
    found = {d.metadata["Name"].lower(): d.version for d in importlib.metadata.distributions(path=folders)}
    bad = [f"{name} {found.get(name, 'absent')} instead of {version}" for name, version in pinned.items() if found.get(name) != version]
    if bad:
        page.wrong("packages", ", ".join(bad), f"rm -r .venv && {SETUP}")
    else:
        page.right("packages", ", ".join(f"{n} {v}" for n, v in pinned.items()))


def check_kernel(page: Page) -> None:
    for tool in ("gonb", "goimports", "gopls", "course", "readgo"):
        if not os.access(BIN / tool, os.X_OK):
            page.wrong(tool, "not in .venv/bin", SETUP)
        else:
            page.right(tool, str((BIN / tool).relative_to(ROOT)))
    spec = VENV / "share/jupyter/kernels/fashionlab/kernel.json"
    try:
        kernel = json.loads(spec.read_text(encoding="utf-8"))
    except FileNotFoundError:
        page.wrong("kernel", "not registered", SETUP)
        return
    except (OSError, ValueError) as e:
        page.wrong("kernel", f"its registration cannot be read: {e}", f"rm -r .venv && {SETUP}")
        return
    gonb, go = kernel["argv"][0], os.path.join(kernel.get("env", {}).get("GOROOT", ""), "bin", "go")
    if os.path.realpath(gonb) != os.path.realpath(BIN / "gonb"):
        page.wrong("kernel", f"it was registered for another folder, {gonb}", SETUP)
    elif not os.path.exists(go):
        page.wrong("kernel", f"its Go is no longer there: {go}", SETUP)
    else:
        page.right("kernel", f"{kernel['display_name']}, seen by this project's JupyterLab only")


def plugins() -> list:
    """The XLA plugins in .venv, wherever their packages put them."""
    folder = next(VENV.glob("lib/python3*/site-packages"), VENV)
    return [p for name in ("lammps_jax_pjrt_cpu", "xla_plugins") for p in (folder / name).rglob("*.so")]


def backend_remedy(env: Environment) -> str:
    """What to do if the backend does not work, or is the slow one although there is a plugin for this platform."""
    for name in ("GOMLX_BACKEND", "FASHION_DEVICES", "XLA_FLAGS"):
        if os.environ.get(name):
            return f"unset {name}"
    found = plugins()
    if not found:
        return SETUP
    backend = shlex.quote(f"xla:{found[0]}")
    return f"the plugin is there, {found[0].relative_to(ROOT)}, but cannot be used: GOMLX_BACKEND={backend} go run ./fashion/cmd/fashion backend explains why"


def check_computing(page: Page, env: Environment) -> None:
    if env.problem:
        page.note("backend", "not checked, it needs Go")
        page.note("data", "not checked, it needs Go")
        return
    ok, text = output(env, "go", "build", "-o", os.devnull, "./fashion/cmd/fashion")
    if not ok:
        page.wrong("backend", f"the library does not compile: {last_line(text)}", f"go build ./fashion/cmd/fashion\n{remedy(text)}".replace("The lines above explain", "That explains"))
        page.note("data", "not checked, it needs the library")
        return
    fashion = ("go", "run", "./fashion/cmd/fashion")
    ok, text = output(env, *fashion, "backend", "-json")
    if not ok:
        page.wrong("backend", last_line(text), backend_remedy(env))
    else:
        choice = json.loads(text)
        line = f"{choice['backend']}: {choice['reason']}"
        if choice["backend"] == "Go" and not environment.without_xla(env) and not os.environ.get("GOMLX_BACKEND"):
            page.wrong("backend", line, backend_remedy(env))
        else:
            page.right("backend", line)
    ok, text = output(env, *fashion, "data", "-json", "-offline")
    if ok:
        data = json.loads(text)
        page.right("data", f"{data['train']:,} training and {data['test']:,} test images in {data['dir']}, {'checked' if data['verified'] else 'NOT the official files'}")
    else:
        page.wrong("data", last_line(text).removeprefix("fashion data: ").partition("; To place the files")[0],
                   "with a network: go run ./fashion/cmd/fashion data   (fetches 30 MB)\n"
                   "without: put the four .gz files into data/fashion, or set FASHION_MNIST_DIR to their folder")


def check_space(page: Page) -> None:
    needed = 0.5 if (VENV / "done" / "build").exists() else 2  # what set-up needs, with the caches of pip and Go
    places = {"this folder": ROOT, "the folder for temporary files": Path(tempfile.gettempdir())}
    for name, place in places.items():
        free = shutil.disk_usage(place).free / 1e9
        if free < needed:
            page.wrong("disk", f"{free:.1f} GB free in {name}, {place}", f"free some space: {needed} GB are needed")
            return
    page.right("disk", f"{shutil.disk_usage(ROOT).free / 1e9:.0f} GB free")


def main() -> None:
    print(f"fashionlab on {platform.system()} {platform.machine()}, {os.cpu_count()} processors\n")
    page = Page()
    env = environment.decide()
    check_go(page, env)
    check_compiler(page, env)
    check_python(page)
    check_folder(page)
    check_space(page)
    check_packages(page)
    check_kernel(page)
    check_computing(page, env)
    print(f"\n{page.missing} missing; the arrows show how to fix it." if page.missing else "\nEverything is there: make lab")
    sys.exit(1 if page.missing else 0)


if __name__ == "__main__":
    main()

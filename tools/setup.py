#!/usr/bin/env python3
"""Sets up everything that the notebooks need, inside this folder.

    python3 tools/setup.py [--lint] [--without-course]

It fills .venv: JupyterLab and its tools (requirements.txt), the XLA plugin
(requirements-xla.txt), the Go kernel GoNB with goimports and gopls (go.mod), and
the kernel's registration, which is seen by this project's JupyterLab only. --lint
adds staticcheck and actionlint; --without-course leaves out what needs more than the files with
pinned versions (docker/Dockerfile). A step is done again only when what it depends on has
changed; a step that fails says what to do. Nothing outside of .venv and
the caches of pip and Go is touched.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
DONE = VENV / "done"
GOPLS = "golang.org/x/tools/gopls@v0.21.0"
STATICCHECK = "honnef.co/go/tools/cmd/staticcheck@v0.7.0"
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"
PYTHON = (3, 11)  # nbgrader 0.9.6 asks for it


class Failed(Exception):
    """A step that failed; the message says what to do."""


def run(command: list, remedy: str, **env: str) -> str:
    """Runs a command and returns what it printed, or raises Failed with the end of it."""
    try:
        done = subprocess.run(
            [str(c) for c in command], cwd=ROOT, env={**os.environ, **env},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
        )
    except OSError as e:
        raise Failed(f"{e}\n{remedy}") from e
    if done.returncode != 0:
        end = "\n".join(done.stdout.strip().splitlines()[-12:])
        raise Failed(f"{end}\n\n{' '.join(map(str, command))} failed.\n{remedy}")
    return done.stdout


def fingerprint(*parts) -> str:
    """A hash of files and texts that a step depends on."""
    h = hashlib.sha256()
    for part in parts:
        h.update(part.read_bytes() if isinstance(part, Path) and part.is_file() else str(part).encode())
        h.update(b"\0")
    return h.hexdigest()


def step(name: str, title: str, mark: str, make) -> None:
    """Does make() unless it was done before with the same fingerprint."""
    stamp = DONE / name
    if stamp.exists() and stamp.read_text() == mark:
        return
    print(f"{title} …", end="", flush=True)
    start = time.monotonic()
    try:
        make()
    except Failed:
        print(" failed", flush=True)
        raise
    DONE.mkdir(parents=True, exist_ok=True)
    stamp.write_text(mark)
    print(f" done, {time.monotonic() - start:.0f} s", flush=True)


def check_tools() -> str:
    """Returns Go's version."""
    if sys.version_info < PYTHON:
        raise Failed(
            f"This is Python {platform.python_version()}; the course needs {PYTHON[0]}.{PYTHON[1]} or newer.\n"
            "Install one from https://www.python.org/downloads/ and run: make setup PYTHON=/path/to/python3"
        )
    if not shutil.which("go"):
        raise Failed("Go was not found. Install it from https://go.dev/dl/ and open a new terminal.")
    return run(
        ["go", "version"],
        "go.mod names the Go version that is needed. Go fetches it by itself where there is a network;\n"
        "else install it from https://go.dev/dl/.",
    ).strip()


def make_venv() -> None:
    if VENV.exists() and not (VENV / "pyvenv.cfg").exists():
        raise Failed(".venv is there but is no Python environment: remove it and run make setup again.")
    run(
        [sys.executable, "-m", "venv", VENV],
        "On Debian and Ubuntu the module venv is a package of its own: sudo apt install python3-venv",
    )


def pip(*arguments: str) -> None:
    run(
        [BIN / "python", "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", *arguments],
        "Packages come from the Python package index: check the network (and HTTPS_PROXY) and the disk's\n"
        "free space (1 GB), and run make setup again; what is already there is kept.",
    )


def go_install(*packages: str, to: Path = BIN) -> None:
    run(
        ["go", "install", *packages],
        "Go modules come from the module proxy: check the network (and GOPROXY), and run make setup again.",
        GOBIN=str(to),
    )


# A kernel that is ended by force leaves its gopls behind: this ends it too. GOGC makes it
# collect its garbage earlier, for a third of its memory (0.9 GB with a notebook that trains).
GOPLS_WITH_KERNEL = """#!/bin/sh
# gopls, for as long as the kernel that starts it (tools/setup.py).
kernel=$PPID self=$$
(
    while kill -0 "$kernel" && kill -0 "$self"; do sleep 3; done
    kill -0 "$kernel" || kill "$self"
) </dev/null >/dev/null 2>&1 &
GOGC=30 exec "${0%/*}/../libexec/gopls" "$@"
"""


def install_gopls() -> None:
    go_install(GOPLS, to=VENV / "libexec")
    (BIN / "gopls").unlink(missing_ok=True)
    (BIN / "gopls").write_text(GOPLS_WITH_KERNEL)
    (BIN / "gopls").chmod(0o755)


def go_build() -> None:
    run(
        ["go", "build", "./..."],
        "If a module could not be fetched: check the network (and GOPROXY), and run make setup again.",
    )


def kernel_spec() -> dict:
    """What JupyterLab needs to know of the Go kernel."""
    env = {
        # The cells find goimports, gopls and the plugin in the project's environment.
        "PATH": "${PATH}",
        "VIRTUAL_ENV": str(VENV),
        "GOMLX_NO_AUTO_INSTALL": "1",  # no download while a cell runs
        # A cell is a draft: no vet. Without tables for a debugger it is linked in half of the time.
        "GOFLAGS": "-vet=off '-ldflags=-s -w'",
    }
    if experiment := os.environ.get("GOEXPERIMENT"):
        env["GOEXPERIMENT"] = experiment
    env["PATH"] = os.pathsep.join([str(BIN), "${PATH}"])
    return {
        # As `gonb --install` writes it: standard error is the log, messages interrupt.
        "argv": [str(BIN / "gonb"), "--kernel", "{connection_file}", "-logtostderr=true", f"-go_work={ROOT}"],
        "display_name": "Go (fashionlab)",
        "language": "go",
        "interrupt_mode": "message",
        "env": env,
    }


def make_kernel() -> None:
    folder = VENV / "share" / "jupyter" / "kernels" / "fashionlab"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(kernel_spec(), indent=1) + "\n")
    # No pop-up that asks whether to fetch news from the network.
    settings = VENV / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "overrides.json").write_text(
        json.dumps({"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}})
    )


def plugin() -> str:
    """Describes the XLA plugin of this platform, "" if there is none."""
    machine = platform.machine()
    return machine if sys.platform == "linux" and machine in ("x86_64", "aarch64") else ""


def main() -> None:
    lint, course = "--lint" in sys.argv[1:], "--without-course" not in sys.argv[1:]
    if unknown := set(sys.argv[1:]) - {"--lint", "--without-course"}:
        sys.exit(f"{__doc__}\nunknown: {' '.join(unknown)}")
    go = check_tools()
    # An environment that was moved holds paths that are no more: make it anew.
    where = fingerprint(sys.version, VENV)
    if VENV.exists() and DONE.exists() and (DONE / "venv").exists() and (DONE / "venv").read_text() != where:
        print("The folder was moved or Python has changed: making .venv anew.")
        shutil.rmtree(VENV)
    step("venv", "Python environment in .venv", where, make_venv)
    requirements, xla = ROOT / "requirements.txt", ROOT / "requirements-xla.txt"
    step("packages", "JupyterLab and its tools", fingerprint(where, requirements), lambda: pip("-r", "requirements.txt"))
    if plugin():
        step("xla", "XLA plugin for this processor", fingerprint(where, xla), lambda: pip("--no-deps", "-r", "requirements-xla.txt"))
    else:
        print(f"There is no XLA plugin for {sys.platform} on {platform.machine()}: GoMLX's Go backend will compute.")
    modules = fingerprint(where, go, ROOT / "go.mod", ROOT / "go.sum", os.environ.get("GOEXPERIMENT"))
    step("gonb", "Go kernel (GoNB, goimports)", modules, lambda: go_install("tool"))
    step("gopls", "Completion for Go (gopls)", fingerprint(where, go, GOPLS, GOPLS_WITH_KERNEL), install_gopls)
    if course:
        step("build", "Go packages of the course", modules, go_build)
        step("kernel", "Kernel \"Go (fashionlab)\"", fingerprint(where, json.dumps(kernel_spec())), make_kernel)
    if lint:
        step("staticcheck", "staticcheck", fingerprint(where, go, STATICCHECK), lambda: go_install(STATICCHECK))
        step("actionlint", "actionlint", fingerprint(where, go, ACTIONLINT), lambda: go_install(ACTIONLINT))


if __name__ == "__main__":
    try:
        main()
    except Failed as e:
        sys.exit(f"\n{e}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. What was finished is kept; run make setup again.")

#!/usr/bin/env python3
"""The environment of the project's tools, which does not depend on the user's settings.

    python3 tools/environment.py COMMAND ARGUMENT…

runs a command in it. It keeps the user's settings of the network, of the caches and of the C
compiler. It removes the settings of Go (also those of `go env -w`), Python and pip that would
change what is built, imported or installed.

This module runs before anything is installed. So it uses only Python's library, and an old
Python can read it, so that the message about the version appears.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True  # no __pycache__ next to the sources
import isolated

if __name__ == "__main__":
    isolated.restart()

import json
import platform
import re
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"

# The settings of Go that are kept: network, folders, C compiler. (`go help environment`)
GO_KEEPS = frozenset(
    "GOAUTH GOINSECURE GONOPROXY GONOSUMDB GOPRIVATE GOPROXY GOSUMDB GOVCS "
    "GOCACHE GOCACHEPROG GOMODCACHE GOPATH GOTMPDIR GODEBUG "
    "AR CC CXX PKG_CONFIG CGO_CFLAGS CGO_CPPFLAGS CGO_CXXFLAGS CGO_FFLAGS CGO_LDFLAGS".split()
)
# The settings of pip that are kept: network and cache. The names are those of pip's options.
PIP_KEEPS = frozenset(
    "cache-dir cert client-cert config-file default-timeout extra-index-url find-links index-url keyring-provider "
    "no-cache-dir no-index no-input proxy retries timeout trusted-host".split()
)
PYTHON_KEEPS = frozenset(["PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONUNBUFFERED"])

# Go versions with which the course was tested with vector instructions in GoMLX's Go
# backend (2.5 times faster, fashion/PERFORMANCE.md), and the processors that it was tested on.
SIMD = {(1, 27): ["amd64"]}

C_COMPILER = (
    "A C compiler comes with: sudo apt install gcc libc6-dev (Debian, Ubuntu), sudo dnf install gcc (Fedora),"
    " xcode-select --install (macOS)"
)


@dataclass
class Environment:
    """What was decided, and why."""

    variables: dict = field(default_factory=dict)  # for commands
    go: str = ""  # the version of Go that runs, such as 1.27.4; "" where there is none
    installed: str = ""  # the version that is installed
    problem: str = ""  # why there is no Go that can be used, and what to do
    from_file: dict = field(default_factory=dict)  # the variables that were set by `go env -w`
    no_cgo: str = ""  # why nothing is built with C; "" where it is
    compiler: str = ""  # the C compiler's file, "" where nothing is built with C

    @property
    def fetches_go(self) -> bool:
        """Whether Go fetches the version that go.mod names."""
        return bool(self.go) and self.go != self.installed


def version(text: str) -> tuple:
    """The numbers of a Go version: (1, 27, 4) of go1.27.4-X:simd; () if there are none."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(n or 0) for n in found.groups()) if found else ()


def dotted(numbers: tuple) -> str:
    return ".".join(map(str, numbers))


def go_mod(root: Path = ROOT) -> tuple:
    """The oldest Go that go.mod allows, and the one that it names to be fetched."""
    text = (root / "go.mod").read_text(encoding="utf-8")
    oldest = version(re.search(r"^go (\S+)", text, re.MULTILINE).group(1))
    named = re.search(r"^toolchain go(\S+)", text, re.MULTILINE)
    return oldest, version(named.group(1)) if named else oldest


def go_settings_file(outer: dict) -> dict:
    """The user's settings by `go env -w` that are kept."""
    if "GOENV" in outer:
        file = outer["GOENV"]
    elif sys.platform == "win32":
        file = os.path.join(outer.get("AppData", outer.get("APPDATA", "")), "go", "env")
    elif sys.platform == "darwin":
        file = os.path.join(outer.get("HOME", ""), "Library", "Application Support", "go", "env")
    else:
        file = os.path.join(outer.get("XDG_CONFIG_HOME") or os.path.join(outer.get("HOME", ""), ".config"), "go", "env")
    try:
        lines = Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # "off", or there is none
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def ask_go(outer: dict) -> tuple:
    """The settings of the installed Go, and why they cannot be read."""
    go = shutil.which("go", path=outer.get("PATH", ""))
    if not go:
        return {}, "Go was not found. Install it from https://go.dev/dl/ and open a new terminal."
    plain = {k: v for k, v in outer.items() if k not in ("GOROOT", "GOOS", "GOARCH", "GOEXPERIMENT", "GOFLAGS", "GOWORK", "GO111MODULE", "CC")}
    try:
        done = subprocess.run(
            [go, "env", "-json"], cwd=ROOT.anchor, env={**plain, "GOENV": "off", "GOTOOLCHAIN": "local"},
            capture_output=True, encoding="utf-8", errors="replace", timeout=60,
        )
        if done.returncode == 0:
            return json.loads(done.stdout), ""
        said = done.stderr.strip()
    except (OSError, ValueError, subprocess.TimeoutExpired) as e:
        said = str(e)
    return {}, f"{go} does not run: {said}\nInstall Go from https://go.dev/dl/ and open a new terminal."


def choose_go(wish: str, installed: tuple, oldest: tuple, named: tuple, path: str) -> tuple:
    """GOTOOLCHAIN, the version that runs with it, and what prevents that."""
    get = f"Install Go {dotted(oldest)} or newer from https://go.dev/dl/ and open a new terminal."
    if installed < (1, 21):
        return "local", (), f"Go {dotted(installed)} is too old: go.mod asks for {dotted(oldest)}, and Go fetches a newer version by itself from 1.21 on.\n{get}"
    if not wish:
        return ("local", installed, "") if installed >= oldest else (f"go{dotted(named)}", named, "")
    base, _, mode = ("local", "", wish) if wish in ("auto", "path") else wish.partition("+")
    runs = installed if base == "local" else version(base)
    if runs < oldest and (mode == "auto" or mode == "path" and shutil.which(f"go{dotted(named)}", path=path)):
        runs = named
    if runs < oldest:
        return wish, (), (
            f"The environment variable GOTOOLCHAIN={wish} asks for Go {dotted(runs)}; go.mod needs {dotted(oldest)} or newer.\n"
            f"unset GOTOOLCHAIN, and Go fetches {dotted(named)} by itself. Without a network: {get[0].lower()}{get[1:]}"
        )
    return wish, runs, ""


def c_compiler_fault(command: str, variables: dict) -> str:
    """Why the C compiler cannot be used; "" if it can. Compiles and links a program, since headers may be missing."""
    try:
        words = shlex.split(command)
    except ValueError as e:
        return f"CC={command} cannot be read ({e})"
    found = words and shutil.which(words[0], path=variables.get("PATH", ""))
    if not found:
        return f"there is no C compiler ({command} was not found)"
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [found, *words[1:], "-x", "c", "-", "-o", os.path.join(folder, "program")], env=variables,
                input="#include <stdlib.h>\n#include <pthread.h>\nint main(void) { return abs(0); }\n",
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", timeout=60,
            )
        except (OSError, subprocess.TimeoutExpired) as e:
            return f"the C compiler {command} does not run ({e})"
    if done.returncode == 0:
        return ""
    lines = done.stdout.strip().splitlines()
    reason = next((l for l in lines if "error" in l.lower()), lines[0] if lines else f"exit status {done.returncode}")
    return f"the C compiler {command} does not work ({reason.strip()})"


def has_plugin() -> bool:
    """Whether requirements-xla.txt has an XLA plugin for this platform."""
    return sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")


def decide(outer: dict | None = None, root: Path = ROOT) -> Environment:
    """Derives the environment of the tools from the user's. It downloads nothing."""
    outer = dict(os.environ if outer is None else outer)
    file = go_settings_file(outer)
    answers, problem = ask_go(outer)
    names = {name for name in [*answers, "GOFLAGS", "GOWORK", "GOROOT", "GOEXPERIMENT"] if name not in GO_KEEPS}
    variables = {name: value for name, value in outer.items() if name not in names and not dropped(name)}
    from_file = {k: v for k, v in file.items() if k in GO_KEEPS and not outer.get(k)}
    variables.update(from_file)

    venv = root / ".venv"
    variables.update(
        GOENV="off", GO111MODULE="on", GOWORK="off", GOFLAGS="-buildvcs=false",
        GOMLX_NO_AUTO_INSTALL="1",  # nothing is fetched while something runs
        # Jupyter's configuration of this project only.
        JUPYTER_CONFIG_DIR=str(venv / "etc" / "jupyter"), JUPYTER_DATA_DIR=str(venv / "share" / "jupyter"),
        VIRTUAL_ENV=str(venv), PYTHONUTF8="1",
    )
    made = Environment(variables, problem=problem, from_file=from_file)
    if problem:
        return made  # without Go, nothing else matters
    installed = version(answers["GOVERSION"])
    made.installed = dotted(installed)
    variables["GOTOOLCHAIN"], runs, made.problem = choose_go(outer.get("GOTOOLCHAIN", ""), installed, *go_mod(root), outer.get("PATH", ""))
    made.go = dotted(runs)
    if answers["GOHOSTARCH"] in SIMD.get(runs[:2], []):
        variables["GOEXPERIMENT"] = "simd"
    command = variables.get("CC") or answers["CC"]
    made.no_cgo = c_compiler_fault(command, variables)
    if not made.no_cgo and "0" in (outer.get("CGO_ENABLED"), file.get("CGO_ENABLED") if not outer.get("CGO_ENABLED") else None):
        made.no_cgo = "CGO_ENABLED=0 is set"
    variables["CGO_ENABLED"] = "0" if made.no_cgo else "1"
    if not made.no_cgo:
        made.compiler = shutil.which(shlex.split(command)[0], path=variables["PATH"])
    return made


def dropped(name: str) -> bool:
    """Whether a variable of Python's or pip's does not reach the tools."""
    if name.startswith("PIP_"):
        return name[4:].lower().replace("_", "-") not in PIP_KEEPS
    return bool(re.fullmatch(r"PYTHON[A-Z0-9]+", name)) and name not in PYTHON_KEEPS


def without_xla(environment: Environment) -> str:
    """One line if XLA is not used, otherwise ""."""
    slower = "GoMLX's Go backend is used, which is several times slower."
    if not has_plugin():
        return f"XLA is not used, since there is no plugin for {platform.system()} on {platform.machine()}: {slower}"
    if not environment.no_cgo:
        return ""
    how = "unset CGO_ENABLED to use XLA" if environment.no_cgo.startswith("CGO_ENABLED") else C_COMPILER
    return f"XLA is not used, since {environment.no_cgo}: {slower} {how}; then run make setup again."


def go_work_above(folder: Path) -> Path | None:
    """The go.work in a folder or above it."""
    return next((d / "go.work" for d in [folder, *folder.parents] if (d / "go.work").is_file()), None)


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    environment = decide()
    if environment.problem:
        sys.exit(environment.problem)
    try:
        os.execvpe(sys.argv[1], sys.argv[1:], environment.variables)
    except OSError as e:
        sys.exit(f"{sys.argv[1]}: {e.strerror}")


if __name__ == "__main__":
    main()

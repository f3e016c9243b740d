"""What a kernel in a sandbox needs: Go, its modules, compiled packages, the data set."""

import contextlib
import functools
import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fashionlab_grading.sandbox import Mounts

ROOT = Path(__file__).resolve().parents[4]
VENV = ROOT / ".venv"
INSIDE = Path("/opt/fashionlab")  # where the kernel's programs are seen inside
# What of the repository a notebook's cells may import. All else stays outside: solutions, history, other people's work.
PACKAGES = ["fashion", "plots", "lessons"]
HIDDEN = ["lessons/source", "lessons/grading", "lessons/answers"]
# What cells import often, besides the standard library.
IMPORTED = [
    "fashionlab/fashion", "fashionlab/plots", "fashionlab/plots/display", "fashionlab/lessons", "fashionlab/lessons/remote",
    "github.com/janpfeifer/must", "github.com/janpfeifer/gonb/gonbui", "github.com/gomlx/gomlx/core/graph",
]


Say = Callable[[str], None]  # shows a line to whoever runs the command


class Missing(Exception):
    """Something that grading needs is not there; the message says what to do."""


def go(*arguments: str, **options: Any) -> str:
    """Runs go in the repository and returns what it printed."""
    done: subprocess.CompletedProcess[str] = subprocess.run(["go", *arguments], cwd=ROOT, encoding="utf-8", capture_output=True, **options)
    if done.returncode != 0:
        raise Missing(f"go {' '.join(arguments)} failed:\n{done.stderr.strip()}")
    return done.stdout


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Lets one process at a time in; file is made for it."""
    import fcntl  # Windows has none, and must be able to import this file

    with file.open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@functools.cache
def code() -> str:
    """A hash of the packages that cells import, checks included."""
    h = hashlib.sha256()
    for name in PACKAGES:
        for file in sorted((ROOT / name).rglob("*")):
            if file.suffix in (".go", ".json") and "testdata" not in file.parts and not file.name.endswith("_test.go"):
                h.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return h.hexdigest()


class Toolbox:
    """Finds everything once, and keeps what was compiled."""

    def __init__(self, say: Say = lambda text: None, grading: bool = True) -> None:
        """grading is false for a student's own notebook, for which the user's own caches will do."""
        self.root = ROOT
        self.say = say
        if not (VENV / "bin" / "gonb").exists():
            raise Missing("The Go kernel is not there: make setup installs it.")
        names = ["GOROOT", "GOMODCACHE", "GOCACHE", "GOEXPERIMENT", "GOVERSION"]
        self.go = dict(zip(names, go("env", *names).splitlines()))
        self.cache = ROOT / "build" / "grading" / "go-build"
        self.data_cache = ROOT / "build" / "grading" / "data"
        self.data = None
        if not grading:
            self.cache = Path(self.go["GOCACHE"])
            self.data_cache = Path(os.environ.get("FASHION_CACHE", ""))
            if folder := os.environ.get("FASHION_MNIST_DIR"):
                self.data = Path(folder)
            return
        self.data = self.find_data()
        self.warm()

    def find_data(self) -> Path | None:
        """The folder of the data set; it is loaded once, so that the cache is filled."""
        self.data_cache.mkdir(parents=True, exist_ok=True)
        try:
            found = json.loads(go("run", "./fashion/cmd/fashion", "data", "-json", env={**os.environ, "FASHION_CACHE": str(self.data_cache)}))
        except Missing as e:
            self.say(f"Without the data set, cells that load it will fail.\n{e}")
            return None
        return Path(found["dir"])

    def environment(self, sandboxed: bool = True) -> dict[str, str]:
        """The kernel's variables: none of the grader's own gets in."""
        programs = INSIDE / "bin" if sandboxed else VENV / "bin"
        env = {
            "PATH": os.pathsep.join([str(programs), f"{self.go['GOROOT']}/bin", "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": "/home" if sandboxed else "",
            "TMPDIR": "/tmp", "LANG": "C.UTF-8",
            "GOROOT": self.go["GOROOT"], "GOMODCACHE": self.go["GOMODCACHE"], "GOCACHE": str(self.cache),
            "GOPATH": "/home/go", "GOENV": "off", "GOFLAGS": "-vet=off -buildvcs=false '-ldflags=-s -w'", "GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local",
            # Without an index of modules, which go would want to write to the cache.
            "GODEBUG": "goindex=0",
            "GOTELEMETRY": "off", "GOMLX_NO_AUTO_INSTALL": "1", "VIRTUAL_ENV": str(VENV),
            "FASHION_CACHE": str(self.data_cache), "FASHION_RUNS": "/home/runs",
        }
        if self.go["GOEXPERIMENT"]:
            env["GOEXPERIMENT"] = self.go["GOEXPERIMENT"]
        if self.data:
            env["FASHION_MNIST_DIR"] = str(self.data)
        for name in ("GOMLX_BACKEND", "FASHION_EPOCHS"):
            if value := os.environ.get(name):
                env[name] = value
        if not sandboxed:
            for name in ("HOME", "GOPATH", "FASHION_RUNS", "TMPDIR", "GOENV", "FASHION_CACHE"):
                env.pop(name, None)
                if value := os.environ.get(name):
                    env[name] = value
        return env

    def mounts(self) -> Mounts:
        m = Mounts()
        m.readable += [Path(self.go["GOROOT"]), Path(self.go["GOMODCACHE"]), self.cache, self.data_cache]
        m.readable += [ROOT / "go.mod", ROOT / "go.sum", *(ROOT / name for name in PACKAGES)]
        m.readable += [(VENV / "bin" / name, INSIDE / "bin" / name) for name in ("gonb", "goimports")]
        m.readable += [p for p in (Path("/etc/ld.so.conf"), Path("/etc/ld.so.conf.d")) if p.exists()]
        for plugin in ("*xla*", "*pjrt*"):  # see inVenv in fashion/internal/plugin
            m.readable += VENV.glob(f"lib/python3*/site-packages/{plugin}")
        if self.data:
            m.readable.append(self.data)
        m.hidden = [ROOT / name for name in HIDDEN]
        usr = Path("/usr")
        m.readable = [p for p in m.readable if isinstance(p, tuple) or usr not in p.parents]
        return m

    def kernel_command(self, sandboxed: bool) -> list[Path]:
        return [INSIDE / "bin" / "gonb" if sandboxed else VENV / "bin" / "gonb"]

    def fingerprint(self) -> str:
        """What the compiled packages depend on."""
        h = hashlib.sha256(json.dumps([self.go, str(ROOT)]).encode())
        for name in ["go.mod", "go.sum"]:
            h.update((ROOT / name).read_bytes())
        h.update(code().encode())
        return h.hexdigest()

    def warm(self) -> None:
        """Compiles what cells import into a cache of grading's own, which the sandboxes can read and not change.

        It is not the user's cache, in which compiled solutions may lie.
        """
        self.cache.mkdir(parents=True, exist_ok=True)
        stamp = self.cache.with_name("go-build.done")
        with locked(self.cache.with_name("go-build.lock")):
            mark = self.fingerprint()
            if stamp.exists() and stamp.read_text(encoding="utf-8") == mark:
                return
            self.say("Compiling what notebooks import, once (a minute) …")
            # As in the sandbox: the compiler's search path is part of what Go compares.
            env = {**self.environment(), "GOPROXY": os.environ.get("GOPROXY", ""), "HOME": os.environ.get("HOME", "/"), "GOPATH": str(self.cache.with_name("gopath"))}
            env["PATH"] = os.pathsep.join([str(VENV / "bin"), f"{self.go['GOROOT']}/bin", "/usr/local/bin", "/usr/bin", "/bin"])
            env = {k: v for k, v in env.items() if v}
            with tempfile.TemporaryDirectory(prefix="fl-warm-") as folder:
                main = Path(folder) / "main.go"
                main.write_text("package main\n\nimport (\n" + "".join(f'\t_ "{name}"\n' for name in IMPORTED) + ")\n\nfunc main() {}\n", encoding="utf-8")
                # In a workspace of its own: one in a folder above the repository does not count.
                for command in (["go", "mod", "init", "warm"], ["go", "work", "init"], ["go", "work", "use", ".", ROOT], ["go", "build", "std"],
                                ["go", "build", "-o", "warm", "."]):
                    done = subprocess.run([str(c) for c in command], cwd=folder, env=env, capture_output=True, encoding="utf-8")
                    if done.returncode != 0:
                        raise Missing(f"{' '.join(map(str, command))} failed:\n{done.stderr.strip()}")
            part = stamp.with_name("go-build.done.part")
            part.write_text(mark, encoding="utf-8")
            part.replace(stamp)

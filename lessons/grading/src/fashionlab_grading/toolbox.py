"""What a kernel in a sandbox needs: Go, its modules, the students' copy of the sources and its compiled packages, the data set."""

import contextlib
import functools
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fashionlab_grading.sandbox import Mounts

ROOT = Path(__file__).resolve().parents[4]
VENV = ROOT / ".venv"
HERE = Path(__file__).resolve().parent
INSIDE = Path("/opt/fashionlab")  # where the kernel's programs are seen inside
GRADING = ROOT / "build" / "grading"
DATA_CACHE = GRADING / "data"  # the data set, as sandboxes read it
# What works in a graded program.
WORKS = ROOT / "lessons" / "grading" / "works.txt"
PACKAGES = ["fashion", "plots", "lessons"]
DOWNLOAD = Path("cache", "download")  # in Go's module cache: what describes the modules
PROGRESS = 5  # seconds between two lines about what is being compiled
KEPT = 30 * 24 * 3600  # seconds for which a students' copy or a checker that nobody uses is kept
# What cells import often, besides the standard library.
IMPORTED = [
    "fashionlab/fashion", "fashionlab/plots", "fashionlab/plots/display", "fashionlab/lessons", "fashionlab/lessons/remote",
    "github.com/janpfeifer/must", "github.com/janpfeifer/gonb/gonbui",
]


Say = Callable[[str], None]  # shows a line to whoever runs the command


class Missing(Exception):
    """Something that grading needs is not there; the message says what to do."""


def cell_flags() -> str:
    """GOFLAGS for cells: as in a student's kernel, by cell_flags of tools/setup.py, which explains them."""
    internal = " -linkmode=internal" if sys.platform == "linux" and platform.machine() == "x86_64" else ""
    return f"-buildvcs=false -vet=off '-ldflags=-s -w{internal}'"


def go(*arguments: str, **options: Any) -> str:
    """Runs go, in the repository unless another folder is given, and returns what it printed."""
    options = {"cwd": ROOT, **options}
    done: subprocess.CompletedProcess[str] = subprocess.run(["go", *arguments], encoding="utf-8", capture_output=True, **options)
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


def in_use(folder: Path) -> None:
    """Keeps a folder of what was made, and removes those beside it that were not used for long."""
    if GRADING not in folder.parents:
        raise ValueError(f"{folder} is not in {GRADING}, and what is beside it stays")
    os.utime(folder)
    for other in folder.parent.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another grading run removes it, too
            if other.stat().st_mtime < time.time() - KEPT:
                shutil.rmtree(other, ignore_errors=True)


@functools.cache
def code() -> str:
    """A hash of the packages that cells import, checks included."""
    h = hashlib.sha256()
    for name in PACKAGES:
        for file in sorted((ROOT / name).rglob("*")):
            if file.suffix in (".go", ".json") and "testdata" not in file.parts and not file.name.endswith("_test.go"):
                h.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return h.hexdigest()


def loaded_data(cache: Path) -> Path:
    """Loads the data set, so that the cache is filled, and returns its folder."""
    cache.mkdir(parents=True, exist_ok=True)
    found = json.loads(go("run", "./fashion/cmd/fashion", "data", "-json", env={**os.environ, "FASHION_CACHE": str(cache)}))
    return Path(found["dir"])


class Toolbox:
    """Finds everything once, and keeps what was compiled."""

    def __init__(self, say: Say = lambda text: None, grading: bool = True, outline: bool = True) -> None:
        """grading is false for a student's own notebook, for which the user's own caches will do.

        outline is false for an author's own notebook, all of whose cells are to run: with the packages as they are.
        """
        self.root = ROOT
        self.say = say
        if not (VENV / "bin" / "gonb").exists():
            raise Missing("The Go kernel is not there: make setup installs it.")
        names = ["GOROOT", "GOMODCACHE", "GOCACHE", "GOEXPERIMENT", "GOVERSION"]
        self.go = dict(zip(names, go("env", *names).splitlines()))
        # What is compiled from the instructor's sources is never in it.
        self.cache = GRADING / ("students-build" if outline else "authors-build")
        self.data_cache = DATA_CACHE
        self.data = None
        if not grading:
            self.cache = Path(self.go["GOCACHE"])
            self.data_cache = Path(os.environ.get("FASHION_CACHE", ""))
            if folder := os.environ.get("FASHION_MNIST_DIR"):
                self.data = Path(folder)
            return
        self.data = self.find_data()
        if outline:
            self.root = GRADING / "students" / self.fingerprint()[:16]
        self.warm(self.fingerprint()[:16])

    def find_data(self) -> Path | None:
        """The folder of the data set; it is loaded once, so that the cache is filled."""
        try:
            return loaded_data(self.data_cache)
        except Missing as e:
            self.say(f"Without the data set, cells that load it will fail.\n{e}")
            return None

    def environment(self, sandboxed: bool = True) -> dict[str, str]:
        """The kernel's variables: none of the grader's own gets in."""
        programs = INSIDE / "bin" if sandboxed else VENV / "bin"
        env = {
            "PATH": os.pathsep.join([str(programs), f"{self.go['GOROOT']}/bin", "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": "/home" if sandboxed else "",
            "TMPDIR": "/tmp", "LANG": "C.UTF-8",
            "GOROOT": self.go["GOROOT"], "GOMODCACHE": self.go["GOMODCACHE"], "GOCACHE": str(self.cache),
            "GOPATH": "/home/go", "GOENV": "off", "GOFLAGS": cell_flags(), "GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local",
            # Without an index of modules, which go would want to write to the cache.
            "GODEBUG": "goindex=0",
            "GOTELEMETRY": "off", "GOMLX_NO_AUTO_INSTALL": "1", "VIRTUAL_ENV": str(VENV),
            "FASHION_CACHE": str(self.data_cache), "FASHION_RUNS": "/home/runs",
        }
        if self.go["GOEXPERIMENT"]:
            env["GOEXPERIMENT"] = self.go["GOEXPERIMENT"]
        if self.data:
            env["FASHION_MNIST_DIR"] = str(self.data)
        for name in ("GOMLX_BACKEND", "FASHION_DEVICES", "FASHION_EPOCHS"):
            if value := os.environ.get(name):
                env[name] = value
        if not sandboxed:
            # With the user's proxy: a workspace may need descriptions of modules that were not downloaded yet.
            for name in ("HOME", "GOPATH", "FASHION_RUNS", "TMPDIR", "GOENV", "GOPROXY", "GOSUMDB", "FASHION_CACHE"):
                env.pop(name, None)
                if value := os.environ.get(name):
                    env[name] = value
        return env

    def mounts(self) -> Mounts:
        m = Mounts()
        m.readable += [Path(self.go["GOROOT"]), self.cache, self.data_cache, self.root]
        # Not the whole module cache: what is in it could be built into an answer.
        modules = Path(self.go["GOMODCACHE"])
        if self.root == ROOT:
            m.readable.append(modules)
        else:
            m.readable += map(Path, (self.root / "modules").read_text(encoding="utf-8").splitlines())
            m.readable.append((self.root / "download", modules / DOWNLOAD))
        # Python, with inside.py; of the project's environment also XLA's plugin is used (inVenv in fashion/internal/plugin).
        m.readable += [Path(sys.base_prefix), VENV / "pyvenv.cfg", VENV / "bin" / "python", VENV / "lib"]
        m.readable += [(HERE / "inside.py", INSIDE / "inside.py"), (VENV / "bin" / "goimports", INSIDE / "bin" / "goimports")]
        m.programs.append((VENV / "bin" / "gonb", INSIDE / "bin" / "gonb"))
        m.readable += [p for p in (Path("/etc/ld.so.conf"), Path("/etc/ld.so.conf.d")) if p.exists()]
        if self.data:
            m.readable.append(self.data)
        usr = Path("/usr")
        m.readable = [p for p in m.readable if isinstance(p, tuple) or usr not in [p, *p.parents]]
        return m

    def kernel_command(self, sandboxed: bool) -> list[str | Path]:
        """The command of kernel.Kernel's sandbox."""
        relay, gonb = (INSIDE / "inside.py", INSIDE / "bin" / "gonb") if sandboxed else (HERE / "inside.py", VENV / "bin" / "gonb")
        return [VENV / "bin" / "python", "-I", "-B", relay, gonb, "-raw_error=true", "-logtostderr=true", f"-go_work={self.root}"]

    def fingerprint(self) -> str:
        """What the compiled packages depend on."""
        h = hashlib.sha256(json.dumps([self.go, str(ROOT), IMPORTED]).encode() + (HERE / "kit.py").read_bytes() + WORKS.read_bytes())
        for name in ["go.mod", "go.sum"]:
            h.update((ROOT / name).read_bytes())
        h.update(code().encode())
        return h.hexdigest()

    def warm(self, state: str) -> None:
        """Compiles what cells import into a cache of grading's own, which the sandboxes can read and not change.

        It is compiled from the students' copy of the sources, as their programs are. It is not the user's cache, in which
        compiled solutions may lie.
        """
        from fashionlab_grading.kit import graded

        self.cache.mkdir(parents=True, exist_ok=True)
        self.root.parent.mkdir(exist_ok=True)
        stamp = self.cache.with_name(self.cache.name + ".done")
        with locked(self.cache.with_name(self.cache.name + ".lock")):
            if not self.root.exists():
                graded(self.root)
            if self.root != ROOT:
                in_use(self.root)
            if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
                return
            # As in the sandbox: the compiler's search path is part of what Go compares.
            env = {**self.environment(), "GOPROXY": os.environ.get("GOPROXY", ""), "HOME": os.environ.get("HOME", "/"), "GOPATH": str(self.cache.with_name("gopath"))}
            env["PATH"] = os.pathsep.join([str(VENV / "bin"), f"{self.go['GOROOT']}/bin", "/usr/local/bin", "/usr/bin", "/bin"])
            env = {k: v for k, v in env.items() if v}
            # A run that was ended by force leaves it to the next one.
            folder = self.cache.with_name(self.cache.name + ".warm")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            # In a workspace of its own: one in a folder above the repository does not count.
            for command in (["mod", "init", "warm"], ["work", "init"], ["work", "use", ".", self.root]):
                go(*map(str, command), cwd=folder, env=env)
            (folder / "main.go").write_text("package main\n\nimport (\n" + "".join(f'\t_ "{name}"\n' for name in IMPORTED) + ")\n\nfunc main() {}\n", encoding="utf-8")
            self.compile(folder, env)
            shutil.rmtree(folder)
            part = stamp.with_name(stamp.name + ".part")
            part.write_text(state, encoding="utf-8")
            part.replace(stamp)

    def compile(self, folder: Path, env: dict[str, str]) -> None:
        """Compiles a program and the standard library, and says every few seconds how far it is."""
        stale = go("list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", "std", ".", cwd=folder, env=env).split()
        # Those that Go finds in the cache after all are not named by -v.
        self.say(f"Compiling what notebooks import, once: at most {len(stale)} packages …")
        began = said = time.monotonic()
        done, complaints = 0, []
        known = set(stale)
        with subprocess.Popen(["go", "build", "-v", "-o", "bin/", "std", "."], cwd=folder, env=env, stderr=subprocess.PIPE, encoding="utf-8") as process:
            assert process.stderr
            for line in process.stderr:
                if line.strip() in known:
                    done += 1
                else:
                    complaints.append(line)
                if time.monotonic() - said >= PROGRESS:
                    said = time.monotonic()
                    self.say(f"  {done} of {len(stale)} packages after {said - began:.0f} s")
        if process.returncode != 0:
            raise Missing("What notebooks import does not compile:\n" + "".join(complaints).strip())
        self.say(f"  done in {time.monotonic() - began:.0f} s")

"""Runs a stranger's program where it can do no harm.

A sandbox is made of what Linux offers: namespaces of its own for files, processes and
the network, in which only named folders exist, read-only; limits on memory,
processes, file sizes and processor time; and no privileges. It is made with
unshare, setpriv and prlimit of util-linux, which is part of every Linux, for root and,
where the kernel allows them user namespaces, for ordinary users.

No file is shared. What can be written is a tmpfs in the sandbox's own mount namespace, with limits on its
size and on the number of files, and it goes with the sandbox. The command has one way out: its standard input is a socket.

bubblewrap 0.8, which makes namespaces and mounts in one command, does not do what sandbox.sh does: its tmpfs has
no limit on the number of files (a million empty files are kernel memory that no limit of size counts), and it maps one
user only, so that where root starts it, the command is root outside; sandbox.sh runs the command as a user that owns nothing.

Limits are enforced twice where possible: by the kernel for each process (rlimits) and for all
together (a cgroup where this user may make one), and by a watchdog that adds up.
"""

import contextlib
import io
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
MIB = 1 << 20
# Users that own nothing and run one sandbox each, where root makes the sandboxes.
FIRST_OWNER = 64100
ABANDONED = 3600  # seconds after which an empty cgroup is no longer one that is being filled
NEEDED = ["unshare", "setpriv", "prlimit", "mount", "umount", "pivot_root"]


class NoSandbox(Exception):
    """Sandboxes cannot be made here; the message says why and what to do."""


@dataclass
class Limits:
    """What one submission may use in all."""

    memory: int = 3072 * MIB  # of all processes together, files in the sandbox included
    disk: int = 1024 * MIB  # files in the sandbox, which are in memory too
    processes: int = 400  # threads count
    file: int = 512 * MIB  # the largest file
    processor: int = 600  # seconds of one process
    seconds: float = math.inf  # of the sandbox, whatever it does


@dataclass
class Mounts:
    """Which folders and files a sandbox sees."""

    readable: list[Path | tuple[Path, Path]] = field(default_factory=list)  # or (path, where it is seen)
    # Programs that the command may run and not read (path, where it is seen). Linux lets no process of the same user
    # trace such a program, or read or write its memory in /proc.
    programs: list[tuple[Path, Path]] = field(default_factory=list)

    def lines(self) -> str:
        """What sandbox.sh reads."""
        out = []
        for path in map(Path, ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime"]):
            if path.is_symlink() and path.parent == Path("/"):
                out.append(f"link\t{os.readlink(path)}\t{path}")
            elif path.exists():
                out.append(f"ro\t{path}")
        for item in self.readable:
            path, target = item if isinstance(item, tuple) else (item, item)
            out.append(f"ro\t{path}\t{target}")
        out += [f"run\t{path}\t{target}" for path, target in self.programs]
        if any("\n" in line for line in out):
            raise NoSandbox("a folder's name contains a line break, which the sandbox cannot handle")
        return "\n".join(out) + "\nend\n"


class Group:
    """A cgroup for one sandbox, where this user may make one; otherwise it does nothing."""

    def __init__(self, limits: Limits) -> None:
        self.folders: list[Path] = []
        name = f"fashionlab-{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}"
        root = Path("/sys/fs/cgroup")
        try:
            if (root / "cgroup.controllers").exists():
                own = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()[-1].rpartition(":")[2].lstrip("/")
                parents = [p for p in (root / own, root) if (p / "cgroup.subtree_control").exists()]
                for parent in parents:
                    if {"memory", "pids"} <= set((parent / "cgroup.subtree_control").read_text(encoding="utf-8").split()):
                        self.make(parent / name, {"memory.max": limits.memory, "memory.swap.max": 0, "pids.max": limits.processes})
                        break
            else:
                self.make(root / "memory" / name, {"memory.limit_in_bytes": limits.memory})
                self.make(root / "pids" / name, {"pids.max": limits.processes})
        except OSError:
            pass

    def make(self, folder: Path, values: dict[str, int]) -> None:
        for other in folder.parent.glob("fashionlab-*"):
            # A grading run that was ended by force has left it. Linux removes none in which something runs.
            with contextlib.suppress(OSError):
                if other.stat().st_mtime < time.time() - ABANDONED:
                    other.rmdir()
        folder.mkdir()
        self.folders.append(folder)
        for file, value in values.items():
            if (folder / file).exists():
                (folder / file).write_text(str(value), encoding="utf-8")

    def enter(self) -> list[str]:
        """The beginning of a command line that puts the rest of it into the group."""
        files = [str(folder / "cgroup.procs") for folder in self.folders]
        script = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 >"$1"; shift; n=$((n-1)); done; exec "$@"'
        return ["sh", "-c", script, "sh", str(len(files)), *files]

    def killed(self) -> bool:
        """Whether the kernel ended a process for want of memory."""
        for folder in self.folders:
            for file in ("memory.events", "memory.oom_control"):
                with contextlib.suppress(OSError):
                    for line in (folder / file).read_text(encoding="utf-8").splitlines():
                        if line.startswith("oom_kill ") and line.split()[1] != "0":
                            return True
        return False

    def remove(self) -> None:
        deadline = time.monotonic() + 20
        for folder in self.folders:
            while True:
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:  # its last processes are still ending, which takes seconds on a busy machine
                    if time.monotonic() > deadline:
                        break
                    time.sleep(0.02)


def rlimits(limits: Limits) -> list[str]:
    """The limits of each process, as prlimit takes them: none above the one that this process has itself and may not raise."""
    import resource  # Windows has none, and must be able to import this file

    values = {
        "core": (resource.RLIMIT_CORE, 0), "nofile": (resource.RLIMIT_NOFILE, 4096), "data": (resource.RLIMIT_DATA, limits.memory),
        "nproc": (resource.RLIMIT_NPROC, limits.processes), "fsize": (resource.RLIMIT_FSIZE, limits.file),
        "cpu": (resource.RLIMIT_CPU, limits.processor), "memlock": (resource.RLIMIT_MEMLOCK, 0), "msgqueue": (resource.RLIMIT_MSGQUEUE, 0),
    }
    options = []
    for name, (kind, value) in values.items():
        hard = resource.getrlimit(kind)[1]
        options.append(f"--{name}={value if hard == resource.RLIM_INFINITY else min(value, hard)}")
    return options


def start(limits: Limits, sandboxed: bool, owner: int | None) -> tuple[list[str], list[str]]:
    """The beginning of the command line that runs a program within limits, and the limits."""
    if not sandboxed and sys.platform != "linux":
        return [], []  # the user's own notebook: macOS has no prlimit, and no setpriv to end it with this program
    options = rlimits(limits)
    if not sandboxed:
        return ["prlimit", *options, "--"], options
    unshare = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child"]
    if not owner:
        unshare += ["--user", "--map-root-user"]
    # It ends when the thread that made it does, also when this program is killed.
    return ["setpriv", "--pdeathsig", "KILL", *unshare, "sh", str(HERE / "sandbox.sh")], options


class Owners:
    """Hands out users, one for each sandbox that root runs at the same time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.taken: set[int] = set()

    def take(self) -> int:
        with self.lock:
            # Another grading run on this machine begins elsewhere.
            owner = FIRST_OWNER + os.getpid() % 200 * 5
            while owner in self.taken:
                owner += 1
            self.taken.add(owner)
            return owner

    def give_back(self, owner: int) -> None:
        with self.lock:
            self.taken.discard(owner)


OWNERS = Owners()


class Sandbox:
    """A command that runs in a sandbox of its own. stop ends it and all it has started.

    control is the other end of the command's standard input, a socket for both directions.
    """

    def __init__(self, command: Sequence[str | Path], environment: dict[str, str], mounts: Mounts, limits: Limits, sandboxed: bool = True) -> None:
        if sandboxed:
            check()
        self.limits, self.sandboxed = limits, sandboxed
        self.deadline = time.monotonic() + limits.seconds
        self.ended_for = ""  # why the watchdog ended it
        self.others: set[int] = set()  # processes outside that work for it: their memory counts
        self.tail = b""
        self.root = tempfile.mkdtemp(prefix="fl-root-")
        self.group = Group(limits)
        self.owner = OWNERS.take() if sandboxed and os.geteuid() == 0 else None
        inside, options = start(limits, sandboxed, self.owner)
        setup = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "ROOT": self.root, "SIZE": str(limits.disk),
            "OWNER": str(self.owner or ""), "LIMITS": " ".join(options),
        }
        words = ["env", "-i", *(f"{k}={v}" for k, v in environment.items()), *map(str, command)]
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [*self.group.enter(), *inside, *words], env=setup, stdin=theirs.fileno(),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            )
        assert isinstance(self.process.stdout, io.BufferedReader)
        self.output = self.process.stdout
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        if sandboxed:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.control.sendall(mounts.lines().encode())
        self.watch = threading.Thread(target=self.watchdog, daemon=True)
        self.watch.start()

    def read(self) -> None:
        """Keeps the end of what the command writes itself."""
        while block := self.output.read1(1 << 16):
            self.tail = (self.tail + block)[-(1 << 14):]

    def watchdog(self) -> None:
        while self.process.poll() is None:
            if used := self.memory():
                if used > self.limits.memory:
                    self.end(f"it used more than {self.limits.memory // MIB} MiB of memory")
            if time.monotonic() > self.deadline:
                self.end("the time for all of it was over")
            time.sleep(0.1)

    def memory(self) -> int:
        """Bytes of memory that the sandbox's processes use, and others for it, counted twice where they share."""
        total = 0
        for pid in [*descendants(self.process.pid), *self.others]:
            with contextlib.suppress(OSError, ValueError, IndexError):
                pages = Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()
                total += (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE")
        return total

    def end(self, why: str) -> None:
        self.ended_for = self.ended_for or why
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def why(self) -> str:
        """Why the sandbox ended by force, "" if it did not."""
        if not self.ended_for and self.group.killed():
            return f"it used more than {self.limits.memory // MIB} MiB of memory"
        return self.ended_for

    def stop(self) -> None:
        """Ends all processes and removes what was made for them."""
        self.end("it was stopped")
        self.process.wait()
        self.reader.join(5)
        self.watch.join(5)
        self.control.close()
        self.output.close()
        self.group.remove()
        with contextlib.suppress(OSError):
            os.rmdir(self.root)
        if self.owner:
            OWNERS.give_back(self.owner)


def descendants(pid: int) -> list[int]:
    """All processes that a process has started, directly or not."""
    found: list[int] = []
    todo = [pid]
    while todo and len(found) < 5000:
        pid = todo.pop()
        for task in glob_tasks(pid):
            with contextlib.suppress(OSError):
                todo += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text(encoding="utf-8").split())
        found.append(pid)
    return found


def glob_tasks(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


_checked: list[str] = []


def check() -> None:
    """Raises NoSandbox where sandboxes cannot be made."""
    if not _checked:
        _checked.append(problem())
    if _checked[0]:
        raise NoSandbox(_checked[0])


def problem() -> str:
    """Why sandboxes cannot be made here, "" if they can."""
    remedy = (
        "Grading runs strangers' programs, so it refuses to go on without a sandbox. Grade on Linux (a virtual machine will do), or in a\n"
        "container made for nothing else, without a network, and say so with --unsafe-without-sandbox (make grade ARGS=--unsafe-without-sandbox)."
    )
    if missing := [name for name in NEEDED if not shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")]:
        return f"No sandbox can be made here: {', '.join(missing)} of util-linux is missing.\n{remedy}"
    who = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["unshare", *who, "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child", "sh", "-c",
             f"mount --make-rprivate / && mount -t tmpfs none '{folder}' && mkdir '{folder}/p' && mount -t proc proc '{folder}/p'"],
            capture_output=True, encoding="utf-8",
        )
    if done.returncode == 0:
        return ""
    hint = ""
    switch = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if switch.exists() and switch.read_text(encoding="utf-8").strip() == "1":
        hint = "AppArmor forbids user namespaces to ordinary users (Ubuntu): sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0\nallows them until the next start; or run the grading as root.\n"
    return f"No sandbox can be made here: {done.stderr.strip()}\n{hint}{remedy}"

"""A cluster of Slurm that has one node, this machine, for the scripts that try array jobs.

It needs Debian's packages slurm-wlm and munge, and is in a temporary folder.
"""

import contextlib
import ctypes
import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from fashionlab_grading.sandbox import MIB, descendants
from fashionlab_grading.toolbox import ROOT

ENVIRONMENT = [sys.executable, "-I", "-B", "-X", "utf8", ROOT / "tools" / "environment.py"]  # before a command
NEEDED = ["slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo", "munged"]
PR_SET_CHILD_SUBREAPER = 36

seen: set[int] = set()  # the processes that were started here, directly or not


class Failed(Exception):
    pass


def run(*command, ok: bool = True, **options) -> str:
    done = subprocess.run(list(map(str, command)), encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if ok and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def wait(what: str, done, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        seen.update(descendants(os.getpid()))
        if time.monotonic() > deadline:
            raise Failed(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.2)


def wait_for_jobs(env: dict[str, str], seconds: float = 3600) -> None:
    wait("the end of the jobs", lambda: not run("squeue", "-h", env=env).strip(), seconds)


def port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def start(folder: Path) -> Iterator[dict[str, str]]:
    """A cluster of this machine; gives the environment in which Slurm's commands find it."""
    folder.mkdir()
    for name in ("state", "spool", "munge"):
        (folder / name).mkdir(mode=0o700 if name != "munge" else 0o755)
    key = folder / "key"
    key.touch(0o600)
    key.write_bytes(secrets.token_bytes(128))
    node, user, processors = socket.gethostname().split(".")[0], getpass.getuser(), len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // MIB
    (folder / "slurm.conf").write_text(f"""
ClusterName=try
SlurmctldHost={node}(127.0.0.1)
SlurmctldPort={port()}
SlurmdPort={port()}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
KillWait=20
NodeName={node} NodeAddr=127.0.0.1 CPUs={processors} RealMemory={memory} State=UNKNOWN
PartitionName=all Nodes={node} Default=YES MaxTime=INFINITE State=UP
""", encoding="utf-8")
    env = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
    commands = [
        ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge/socket", f"--pid-file={folder}/munge/pid", f"--log-file={folder}/munge.log", f"--seed-file={folder}/seed"],
        ["slurmctld", "-D", "-f", folder / "slurm.conf"],
        ["slurmd", "-D", "-f", folder / "slurm.conf", "-N", node],
    ]
    daemons: list[subprocess.Popen] = []
    try:
        for command in commands:
            log = (folder / f"{command[0]}.out").open("wb")
            daemons.append(subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
            log.close()
            if command[0] == "munged":
                wait("the start of munged", (folder / "munge" / "socket").exists)
        try:
            wait("the start of Slurm", lambda: "idle" in run("sinfo", "-h", "-o", "%T", env=env, ok=False))
        except Failed as e:
            logs = [f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:]) for log in sorted([*folder.glob("*.log"), *folder.glob("*.out")])]
            raise Failed("\n".join([str(e), *logs])) from None
        yield env
    finally:
        run("scancel", "--user", user, env=env, ok=False)
        with contextlib.suppress(Failed):
            wait_for_jobs(env, 60)
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait()


def installed() -> bool:
    """Whether this machine has what a cluster needs; says what is missing."""
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        print(f"skipped: {', '.join(missing)} of Slurm not installed (Debian: apt install slurm-wlm munge)")
    return not missing


def in_folder(play: Callable[[Path], None]) -> int:
    """Calls play with a temporary folder, and returns the status of the script. No process and no file of it stays."""
    # Processes whose parents have ended become this one's children, so that none of them is overlooked.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="fl-slurm-"))
    try:
        play(folder)
    except Failed as e:
        print("FAILED", e)
        return 1
    finally:
        for pid in descendants(os.getpid())[1:]:  # where it was stopped on the way
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
    return 0

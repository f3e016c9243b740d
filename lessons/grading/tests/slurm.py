#!/usr/bin/env python3
"""Grades a class as an array job on Slurm, on this machine alone, and compares the marks with those of a run without it.

    slurm.py [--students 12] [--assignment 2-softmax] [--plain]

It makes a cluster of one node for itself in a temporary folder, with Debian's packages slurm-wlm and munge, and removes it.
One task is cancelled on the way, and the job is submitted again. Without --assignment a small one made for tests is used. --plain leaves Slurm out: it
grades in one run, and tells what that takes and leaves. Where Slurm is not installed, the script says so and ends.
"""

import argparse
import contextlib
import csv
import ctypes
import getpass
import hashlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import crowd

from fashionlab_grading.folder import Course, create
from fashionlab_grading.sandbox import MIB, descendants
from fashionlab_grading.toolbox import GRADING, ROOT

TESTDATA = Path(__file__).resolve().parent / "testdata"
JOB = ROOT / "lessons" / "grading" / "spread" / "slurm.sbatch"
COMMAND = [sys.executable, "-I", "-B", "-X", "utf8", ROOT / "tools" / "environment.py", ROOT / ".venv" / "bin" / "course"]
NEEDED = ["slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo", "munged"]
PARTS = 4
PR_SET_CHILD_SUBREAPER = 36


seen: set[int] = set()  # the processes that were started here, directly or not


class Failed(Exception):
    pass


def run(*command, ok: bool = True, **options) -> str:
    done = subprocess.run(list(map(str, command)), encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if ok and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def grade(course: Path, assignment: str) -> str:
    began = time.monotonic()
    with subprocess.Popen([*COMMAND, "grade", course, assignment, "--times"], encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        seen.add(process.pid)
        out = process.communicate()[0]
    if process.returncode != 0:
        raise Failed(f"course grade ended with {process.returncode}:\n{out}")
    print("\n".join(out.splitlines()[-8:]) + f"\n  the command took {time.monotonic() - began:.0f} s", flush=True)
    return out


def wait(what: str, done, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        seen.update(descendants(os.getpid()))
        if time.monotonic() > deadline:
            raise Failed(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.2)


def port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[dict[str, str]]:
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
    env = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "FASHIONLAB": str(ROOT)}
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
            wait("the end of the jobs", lambda: not run("squeue", "-h", env=env, ok=False).strip())
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait()


def finished(course: Path, assignment: str) -> set[str]:
    return {p.stem for p in (course / ".grading" / "records" / assignment).glob("*.json")}


def submit(course: Path, assignment: str, env: dict[str, str]) -> str:
    """Starts the array job; returns its number."""
    # One processor each, so that as many parts as there are processors run at the same time.
    return run("sbatch", "--parsable", f"--array=0-{PARTS - 1}", "--cpus-per-task=1", JOB, assignment, cwd=course, env=env).strip()


def logs(course: Path, job: str) -> str:
    return "".join(p.read_text(encoding="utf-8") for p in sorted(course.glob(f"slurm-{job}_*.out")))


def on_slurm(course: Path, assignment: str, folder: Path) -> None:
    """Grades on Slurm: the job is submitted, one of its tasks is cancelled at work, and it is submitted again."""
    before = digest(course)
    students = {p.name for p in (course / "submitted").iterdir()}
    with cluster(folder) as env:
        print(run("sinfo", env=env), flush=True)
        began = time.monotonic()
        first = submit(course, assignment, env)
        wait("the first result", lambda: finished(course, assignment), 300)
        print(run("squeue", env=env), flush=True)
        run("scancel", f"{first}_0", env=env)
        wait("the end of the first job", lambda: not run("squeue", "-h", env=env).strip(), 3600)
        done = finished(course, assignment)
        print(logs(course, first) + f"First job: {len(done)} of {len(students)} in {time.monotonic() - began:.0f} s; a task was cancelled", flush=True)
        if not done or done == students:
            raise Failed("the task was not cancelled in the middle of its work")
        began = time.monotonic()
        second = submit(course, assignment, env)
        wait("the end of the second job", lambda: not run("squeue", "-h", env=env).strip(), 3600)
        print(logs(course, second) + f"Second job: {time.monotonic() - began:.0f} s", flush=True)
    ran = re.findall(r"^\[\d+/\d+\] (\w+): ", logs(course, second), re.M)
    if sorted(ran) != sorted(students - done):
        raise Failed(f"the second job has run {ran}, and {sorted(students - done)} were left")
    if digest(course) != before:
        raise Failed("a part has written to the gradebook")


def digest(course: Path) -> str:
    return hashlib.sha256((course / "gradebook.db").read_bytes()).hexdigest()


def marks(course: Path) -> dict[str, float]:
    run(*COMMAND, "export", course)
    return {row["student_id"]: float(row["score"]) for row in csv.DictReader((course / "marks.csv").open(encoding="utf-8-sig"))}


def left(scratch: Path) -> list[str]:
    """What the grading runs have left behind: processes, temporary files, mounts, cgroups."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass  # it has ended
    found = [f"the process {Path(f'/proc/{pid}/cmdline').read_bytes().decode(errors='replace')}" for pid in descendants(os.getpid())[1:]]
    found += [f"the file {p}" for p in scratch.rglob("*")]
    found += [f"the mount {line}" for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines() if str(scratch) in line]
    return found + [f"the cgroup {p}" for p in Path("/sys/fs/cgroup").glob("**/fashionlab-*") if int(p.name.split("-")[1]) in seen]


def size(folder: Path) -> int:
    return sum(p.lstat().st_size for p in folder.rglob("*")) // MIB if folder.exists() else 0


def play(students: int, assignment: str, plain: bool, folder: Path) -> None:
    course = Course(create_course(folder / "course", assignment))
    right = crowd.hand_in(course, course.released()[0], students, folder / "work")
    assignment = course.released()[0]
    run(*COMMAND, "collect", course.folder, assignment, folder / "work", "--add-students")
    print(f"{students} submissions of {assignment} are collected", flush=True)
    alone = folder / "alone"
    shutil.copytree(course.folder, alone)
    scratch = folder / "tmp"
    scratch.mkdir()
    os.environ["TMPDIR"] = str(scratch)
    before = {name: size(GRADING / name) for name in ("students", "students-build", "_checkers")}
    grade(alone, assignment)
    found = marks(alone)
    problems = [f"{s} has {found.get(s)}, and {mark:g} is right" for s, mark in right.items() if found.get(s) != mark]
    if not plain:
        on_slurm(course.folder, assignment, folder / "slurm")
        out = grade(course.folder, assignment)
        if f"{students} of {students} are graded already" not in out:
            problems.append("the last command has run submissions again")
        joined = marks(course.folder)
        problems += [f"{s} has {joined.get(s)} with Slurm and {found.get(s)} without" for s in sorted(found.keys() | joined.keys()) if joined.get(s) != found.get(s)]
    problems += [f"left behind: {what}" for what in left(scratch)]
    print("build/grading, in MiB:", ", ".join(f"{name} {before[name]} → {size(GRADING / name)}" for name in before))
    print(f"the course folder: {size(alone)} MiB with {size(alone / 'submitted')} MiB of submissions")
    for line in problems:
        print("WRONG", line)
    print(f"{len(right)} marks compared, {len(problems)} wrong", flush=True)
    if problems:
        raise Failed("see above")


def create_course(folder: Path, assignment: str) -> Path:
    if assignment:
        run(*COMMAND, "create", folder)
    else:
        create(folder)
        Course(folder).update_sources(sources=TESTDATA)
    run(*COMMAND, "release", folder, assignment or "first")
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=12)
    parser.add_argument("--assignment", default="")
    parser.add_argument("--plain", action="store_true")
    a = parser.parse_args()
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    os.environ["PATH"] = path
    if not a.plain and (missing := [name for name in NEEDED if not shutil.which(name)]):
        print(f"skipped: {', '.join(missing)} of Slurm not installed (Debian: apt install slurm-wlm munge)")
        return 0
    # Processes whose parents have ended become this one's children, so that none of them is overlooked.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="fl-slurm-"))
    try:
        play(a.students, a.assignment, a.plain, folder)
    except Failed as e:
        print("FAILED", e)
        return 1
    finally:
        for pid in descendants(os.getpid())[1:]:  # where it was stopped on the way
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

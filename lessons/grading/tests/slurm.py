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
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import crowd

from fashionlab_grading.folder import Course, create
from fashionlab_grading.sandbox import MIB, descendants
from fashionlab_grading.toolbox import GRADING, ROOT

sys.path.insert(0, str(ROOT / "tools" / "slurm"))
import cluster
from cluster import Failed, run, seen, wait

TESTDATA = Path(__file__).resolve().parent / "testdata"
JOB = ROOT / "lessons" / "grading" / "spread" / "slurm.sbatch"
COMMAND = [*cluster.ENVIRONMENT, ROOT / ".venv" / "bin" / "course"]
PARTS = 4


def grade(course: Path, assignment: str) -> str:
    began = time.monotonic()
    with subprocess.Popen([*COMMAND, "grade", course, assignment, "--times"], encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        seen.add(process.pid)
        out = process.communicate()[0]
    if process.returncode != 0:
        raise Failed(f"course grade ended with {process.returncode}:\n{out}")
    print("\n".join(out.splitlines()[-8:]) + f"\n  the command took {time.monotonic() - began:.0f} s", flush=True)
    return out


def finished(course: Path, assignment: str) -> set[str]:
    return {p.stem for p in (course / ".grading" / "records" / assignment).glob("*.json")}


def submit(course: Path, assignment: str, env: dict[str, str]) -> str:
    """Starts the array job; returns its number."""
    # One processor each, so that as many parts as there are processors run at the same time.
    return run("sbatch", "--parsable", f"--array=0-{PARTS - 1}", "--cpus-per-task=1", JOB, assignment, cwd=course, env={**env, "FASHIONLAB": str(ROOT)}).strip()


def logs(course: Path, job: str) -> str:
    return "".join(p.read_text(encoding="utf-8") for p in sorted(course.glob(f"slurm-{job}_*.out")))


def on_slurm(course: Path, assignment: str, folder: Path) -> None:
    """Grades on Slurm: the job is submitted, one of its tasks is cancelled at work, and it is submitted again."""
    before = digest(course)
    students = {p.name for p in (course / "submitted").iterdir()}
    with cluster.start(folder) as env:
        print(run("sinfo", env=env), flush=True)
        began = time.monotonic()
        first = submit(course, assignment, env)
        wait("the first result", lambda: finished(course, assignment), 300)
        print(run("squeue", env=env), flush=True)
        run("scancel", f"{first}_0", env=env)
        cluster.wait_for_jobs(env)
        done = finished(course, assignment)
        print(logs(course, first) + f"First job: {len(done)} of {len(students)} in {time.monotonic() - began:.0f} s; a task was cancelled", flush=True)
        if not done or done == students:
            raise Failed("the task was not cancelled in the middle of its work")
        began = time.monotonic()
        second = submit(course, assignment, env)
        cluster.wait_for_jobs(env)
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
    if not a.plain and not cluster.installed():
        return 0
    return cluster.in_folder(lambda folder: play(a.students, a.assignment, a.plain, folder))


if __name__ == "__main__":
    sys.exit(main())

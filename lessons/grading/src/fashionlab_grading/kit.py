"""Makes the copy of the repository that students get: without solutions and hidden checks."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from fashionlab_grading.folder import Problem
from fashionlab_grading.readgo import without
from fashionlab_grading.toolbox import ROOT, VENV, go

# Solutions and references, tests in which right answers stand, and what only those need who change the course.
LEFT_OUT = ["lessons/source/", "lessons/answers/", "lessons/grading/tests/", ".ci/", ".github/", "architecture_test.go"]
# What of the repository a notebook's cells may import.
COMPILED = ["./fashion/...", "./plots/...", "./lessons", "./lessons/remote"]
HIDDEN_CHECK = r"^Check\w*Further$"


def strip(copy: Path) -> int:
    """Takes the hidden checks out of a copy of the repository and returns how many there were."""
    hidden = 0
    files = sorted((copy / "lessons").glob("*.go"))
    for file in files:
        text, removed = without(file.read_text(encoding="utf-8"), HIDDEN_CHECK)
        if removed:
            hidden += len(removed)
            file.write_text(text, encoding="utf-8")
    subprocess.run([VENV / "bin" / "goimports", "-w", *files], cwd=copy, check=True, capture_output=True, encoding="utf-8")
    return hidden


def sources(target: Path) -> None:
    """Writes what of the students' copy a notebook's program is compiled from, and nothing else, to a new folder.

    Which files these are is Go's word: a build of the packages that cells may import reads no others.
    """
    kinds = ["GoFiles", "CgoFiles", "CFiles", "HFiles", "SFiles", "EmbedFiles"]
    each = "".join(f'{{{{range .{kind}}}}}{{{{$.Dir}}}}/{{{{.}}}}{{{{"\\n"}}}}{{{{end}}}}' for kind in kinds)
    listed = go("list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{with $}}" + each + "{{end}}{{end}}{{end}}", *COMPILED)
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    for file in [ROOT / "go.mod", ROOT / "go.sum", *map(Path, listed.split("\n"))]:
        if file.is_file():
            copied = part / file.relative_to(ROOT)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copied)
    strip(part)
    part.rename(target)


def kit(target: Path) -> str:
    """Writes the copy to a new folder."""
    target = target.absolute()
    if target.exists() and any(target.iterdir()):
        raise Problem(f"{target} is not empty. Give the name of a new folder.")
    if ROOT in target.parents or target == ROOT:
        raise Problem(f"{target} lies in the repository. Give a folder outside of it.")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, encoding="utf-8")
    if listed.returncode != 0:
        raise Problem(f"Which files belong to the repository is asked of git, which says: {listed.stderr.strip()}")
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    for name in listed.stdout.split("\0"):
        path = Path(name)
        if not name or any(name.startswith(p) for p in LEFT_OUT) or path.parent == Path("lessons") and name.endswith("_test.go"):
            continue
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, part / name, follow_symlinks=False)
    try:
        hidden = strip(part)
        done = subprocess.run(["go", "vet", "./lessons"], cwd=part, capture_output=True, encoding="utf-8", env=os.environ)
        if done.returncode != 0:
            raise Problem(f"Without the hidden checks the package lessons does not compile:\n{done.stderr.strip()}")
        left = [p for p in part.rglob("*") if p.is_file() and p.suffix in (".go", ".md") and re.search(r"func Check\w*Further\(|BEGIN SOLUTION\n", p.read_text(errors="replace", encoding="utf-8")) and "grading" not in p.parts]
        if left:
            raise Problem(f"Hidden checks or solutions are still in {', '.join(str(p.relative_to(part)) for p in left)}")
    except (Problem, subprocess.CalledProcessError):
        shutil.rmtree(part, ignore_errors=True)
        raise
    if target.exists():
        target.rmdir()
    part.rename(target)
    return f"{target}: the repository without {', '.join(LEFT_OUT)}, lessons/*_test.go and {hidden} hidden checks"

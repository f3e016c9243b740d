"""Makes the copy of the repository that students get: without solutions and hidden checks."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from fashionlab_grading.folder import Problem
from fashionlab_grading.readgo import without
from fashionlab_grading.toolbox import ROOT, VENV

# Solutions and references, tests in which right answers stand, and what only those need who change the course.
LEFT_OUT = ["lessons/source/", "lessons/answers/", "lessons/grading/tests/", ".ci/", ".github/", "architecture_test.go"]
HIDDEN_CHECK = r"^Check\w*Further$"


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
    hidden = 0
    for name in listed.stdout.split("\0"):
        path = Path(name)
        if not name or any(name.startswith(p) for p in LEFT_OUT) or path.parent == Path("lessons") and name.endswith("_test.go"):
            continue
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, part / name, follow_symlinks=False)
        if path.parent == Path("lessons") and path.suffix == ".go":
            text, removed = without((part / name).read_text(encoding="utf-8"), HIDDEN_CHECK)
            if removed:
                hidden += len(removed)
                (part / name).write_text(text, encoding="utf-8")
    try:
        changed = [str(p) for p in sorted((part / "lessons").glob("*.go"))]
        subprocess.run([VENV / "bin" / "goimports", "-w", *changed], cwd=part, check=True, capture_output=True, encoding="utf-8")
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

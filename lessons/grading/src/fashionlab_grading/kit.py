"""Makes the copy of the repository that students get, and the copy of the packages that graded programs are built from."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from fashionlab_grading.folder import Problem
from fashionlab_grading.toolbox import DOWNLOAD, ROOT, WORKS, Missing, go

# Solutions and references, and what only those need who change the course.
LEFT_OUT = ["lessons/source/", "lessons/answers/", "lessons/grading/tests/", ".ci/", ".github/"]
# Tests compare the library with plain loops, which are right answers, too.
TEST = re.compile(r"_test\.go$|(^|/)testdata/")
# Markdown's links to them, from the folder of the repository.
LINK = re.compile(rf"\[([^\]]*)\]\((?:{'|'.join(re.escape(name.rstrip('/')) for name in LEFT_OUT)})\b[^)]*\)")
# Of other modules, what cells import and the packages do not.
BESIDES = ["github.com/janpfeifer/must", "github.com/janpfeifer/gonb/gonbui"]


def graded(target: Path) -> None:
    """Writes the packages as graded programs see them to a new folder, as a module.

    Students' cells compile against it as against the library. What is not in works.txt does nothing there, so a call of it
    is no answer; and of other modules there is only what is needed, so that nothing in the sandbox can be built into an answer.
    """
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    replaced: dict[str, str] = json.loads(go("run", "./lessons/grading/outline", str(WORKS), str(part)))
    for name in ["go.mod", "go.sum"]:
        shutil.copyfile(ROOT / name, part / name)
    env = {**os.environ, "GOWORK": "off", "GOFLAGS": "-mod=mod"}
    described = json.loads(go("mod", "edit", "-json", cwd=part))
    tools = [f"-droptool={tool['Path']}" for tool in described.get("Tool") or []]
    go("mod", "edit", *tools, *(f"-replace={path}=./{folder}" for path, folder in replaced.items()), cwd=part)
    needed = set(go("list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./...", *BESIDES, cwd=part, env=env).split())
    go("mod", "edit", *(f"-droprequire={module['Path']}" for module in described["Require"] if module["Path"] not in needed), cwd=part)
    (part / "modules").write_text("".join(f"{path}\n" for path in modules(part)), encoding="utf-8")
    part.rename(target)


def modules(folder: Path) -> list[Path]:
    """The folders of Go's module cache with the sources that a build in graded's module reads.

    The small files that describe modules are copied to the folder download: a sandbox mounts one folder, and not a hundred files.
    """
    cache = Path(go("env", "GOMODCACHE").strip())
    # Of a module that is in the graph only for its requirements, Go reads those; of others, the sources.
    listed = go("list", "-m", "-f", "{{with .Replace}}{{else}}{{.GoMod}}{{end}}", "all", cwd=folder, env={**os.environ, "GOWORK": "off"})
    for described in map(Path, listed.split("\n")):
        if described.is_relative_to(cache / DOWNLOAD):
            to = folder / "download" / described.relative_to(cache / DOWNLOAD)
            to.parent.mkdir(parents=True, exist_ok=True)
            for kind in (".mod", ".info", ".ziphash"):
                if (file := described.with_suffix(kind)).is_file():
                    shutil.copyfile(file, to.with_suffix(kind))
    used = set(go("list", "-deps", "-f", "{{with .Module}}{{.Dir}}{{end}}", "./...", *BESIDES, cwd=folder, env={**os.environ, "GOWORK": "off"}).split("\n"))
    return sorted(path for path in map(Path, used) if path.is_relative_to(cache))


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
        if not name or name.startswith(tuple(LEFT_OUT)) or TEST.search(name):
            continue
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, part / name, follow_symlinks=False)
    readme = part / "README.md"
    readme.write_text(LINK.sub(r"\1", readme.read_text(encoding="utf-8")), encoding="utf-8")
    try:
        go("vet", "./lessons", cwd=part)
        left = [p for p in part.rglob("*") if p.is_file() and p.suffix in (".go", ".md") and re.search(r"func Check\w*Further\(|BEGIN SOLUTION\n", p.read_text(errors="replace", encoding="utf-8")) and "grading" not in p.parts]
        if left:
            raise Problem(f"Hidden checks or solutions are still in {', '.join(str(p.relative_to(part)) for p in left)}")
    except (Problem, Missing):
        shutil.rmtree(part, ignore_errors=True)
        raise
    if target.exists():
        target.rmdir()
    part.rename(target)
    return f"{target}: the repository without {', '.join(LEFT_OUT)} and tests"

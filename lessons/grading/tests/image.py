"""What the students' image holds, read from docker/Dockerfile without building it."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from conftest import new_course

from fashionlab_grading.folder import SOURCES
from fashionlab_grading.kit import kit
from fashionlab_grading.toolbox import ROOT

DOCKERFILE = ROOT / "docker" / "Dockerfile"


@dataclass
class Stage:
    """A stage of the Dockerfile."""

    base: str
    copies: list[tuple[str, list[str], str]] = field(default_factory=list)  # from which stage ("" for the context), what, where to
    runs: list[str] = field(default_factory=list)


def stages() -> dict[str, Stage]:
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: dict[str, Stage] = {}
    stage = Stage("")
    for line in text.replace("\\\n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, name = re.split(r" AS ", rest)
            stage = found[name.strip()] = Stage(base.strip())
        elif word in ("COPY", "ADD"):
            *options, = [w for w in rest.split() if w.startswith("--")]
            *what, target = [w for w in rest.split() if not w.startswith("--")]
            source = next((o.partition("=")[2] for o in options if o.startswith("--from=")), "")
            stage.copies.append((source, what, target))
        elif word == "RUN":
            stage.runs.append(rest)
    return found


def context(stage: str) -> set[str]:
    """What of the repository itself gets into a stage, by the COPY lines of it and of those that it is made of."""
    all_ = stages()
    found: set[str] = set()
    while stage in all_:
        found |= {name for source, what, _ in all_[stage].copies if source == "" for name in what}
        stage = all_[stage].base
    return found


def build(target: Path) -> Path:
    """Writes what is the course's own in the image: /opt/fashionlab as students see it, without .venv."""
    kit(target)
    course = new_course(target.with_name("image-course"), SOURCES)
    released = target / "lessons" / "released"
    released.mkdir()
    for source in sorted(SOURCES.glob("*.md")):
        course.release(source.stem)
        shutil.copy(course.release_of(source.stem), released)
    return target

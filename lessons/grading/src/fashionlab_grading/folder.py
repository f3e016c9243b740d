"""A course folder: nbgrader's, with what grading in sandboxes adds in .grading."""

import hashlib
import json
import logging
import os
import re
import secrets
import shlex
import shutil
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from fashionlab_grading import assignment
from fashionlab_grading.notebooks import kind
from fashionlab_grading.release import leaks
from fashionlab_grading.toolbox import ROOT, Missing

SOURCES = ROOT / "lessons" / "source"
CHALLENGE = "challenge"  # what the marks of the challenge are called in the gradebook
GLOSSARY = ROOT / "lessons" / "glossary.md"  # lessons link to it as ../glossary.md, here and where they are released
CONFIG = '''# nbgrader's settings for this course. Yours may follow; see
# https://nbgrader.readthedocs.io/en/stable/configuration/config_options.html
from fashionlab_grading.nbgrader_settings import settle

c = get_config()
settle(c)
c.CourseDirectory.course_id = {name!r}
'''


# Courses that were made before grading was a package found it by this.
OLD_CONFIG = re.compile(r"^import sys\n\nsys\.path\.append\(.*\)  # where lessons/grading of fashionlab is\nfrom nbgrader_settings import settle$", re.M)

# What a submission may use, where neither the course nor the command says so: seconds, and MiB of memory.
LIMITS: dict[str, float] = {"cell_seconds": 60, "total_seconds": 240, "memory": 3072}


class Problem(Exception):
    """Something that the user can put right; the message says what."""


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write(path: Path, text: str | bytes) -> None:
    """Writes a file as a whole or not at all, also while other processes and machines write it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        part.write_bytes(text.encode() if isinstance(text, str) else text)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class Course:
    """An existing course folder."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).absolute()
        self.typed = shlex.quote(str(self.folder))  # as a command line has it, spaces and all
        config = self.folder / "nbgrader_config.py"
        if not config.is_file():
            raise Problem(f"{folder} is no course folder (it has no nbgrader_config.py). Make one with: make course COURSE={shlex.quote(str(folder))}")
        text, old = OLD_CONFIG.subn("from fashionlab_grading.nbgrader_settings import settle", config.read_text(encoding="utf-8"))
        if old:
            write(config, text)
        self.own = self.folder / ".grading"
        self._api: dict[str, Any] = {}

    def source(self, name: str) -> Path:
        return self.folder / "source" / name / f"{name}.ipynb"

    def release_of(self, name: str) -> Path:
        return self.folder / "release" / name / f"{name}.ipynb"

    def names(self) -> list[str]:
        return sorted(p.parent.name for p in (self.folder / "source").glob("*/*.ipynb") if p.stem == p.parent.name)

    def known(self, name: str) -> str:
        if name not in self.names():
            raise Problem(f"There is no assignment {name}. There are: {', '.join(self.names()) or 'none'}.")
        return name

    def unreserved(self, names: list[str]) -> None:
        """Raises Problem where a lesson has the name of the challenge."""
        if CHALLENGE in names:
            raise Problem(f"{self.source(CHALLENGE)}: {CHALLENGE} is what the marks of make challenge are called in the gradebook. Give this assignment another name.")

    def released(self) -> list[str]:
        return [n for n in self.names() if self.release_of(n).exists()]

    def state(self, what: str) -> dict[str, Any]:
        """A small file of notes."""
        try:
            notes: dict[str, Any] = json.loads((self.own / f"{what}.json").read_text(encoding="utf-8"))
            return notes
        except FileNotFoundError:
            return {}

    def remember(self, what: str, value: dict[str, Any]) -> None:
        write(self.own / f"{what}.json", json.dumps(value, indent=1, ensure_ascii=False))

    def api(self, **directories: str) -> Any:
        """nbgrader for this folder."""
        key = json.dumps(directories)
        if key not in self._api:
            from nbgrader.apps import NbGraderAPI
            from traitlets.config import Config
            from traitlets.config.loader import PyFileConfigLoader

            # By its whole path: in a folder's name to look in, traitlets would replace $NAME.
            config: Config = PyFileConfigLoader(str(self.folder / "nbgrader_config.py")).load_config()
            config.CourseDirectory.root = str(self.folder)
            config.CourseDirectory.db_url = f"sqlite:///{self.folder / 'gradebook.db'}"
            for name, value in directories.items():
                config.CourseDirectory[name] = value
            if directories:  # what is graded has been run already
                config.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.CheckCellMetadata"]
            self._api[key] = NbGraderAPI(config=config)
        return self._api[key]

    def gradebook(self) -> Any:
        from nbgrader.api import Gradebook

        return Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}")

    def result(self, what: str, done: dict[str, Any]) -> None:
        """Raises Problem for what nbgrader could not do."""
        if not done.get("success"):
            log = (done.get("log") or "") + (done.get("error") or "")
            write(self.own / "nbgrader.log", log)
            lines = [l for l in log.splitlines() if "ERROR" in l or "Error" in l]
            raise Problem(f"nbgrader could not {what}:\n" + "\n".join(lines[-5:] or log.splitlines()[-5:]) + f"\n(all of it: {self.own / 'nbgrader.log'})")

    def limits(self, **given: float | None) -> dict[str, float]:
        """What a submission may use: as given, else as c.Grading in nbgrader_config.py says, else LIMITS."""
        from traitlets.config.loader import PyFileConfigLoader

        section = dict(PyFileConfigLoader(str(self.folder / "nbgrader_config.py")).load_config().get("Grading", {}))
        for name, value in section.items():
            if name not in LIMITS:
                raise Problem(f"{self.folder / 'nbgrader_config.py'}: c.Grading.{name} is no setting of grading. There are: {', '.join(LIMITS)}.")
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
                raise Problem(f"{self.folder / 'nbgrader_config.py'}: c.Grading.{name} is {value!r}, and must be a number above 0.")
        return {**LIMITS, **section, **{name: value for name, value in given.items() if value is not None}}

    # ---- sources and releases

    def update_sources(self, overwrite: bool = False, sources: Path = SOURCES) -> list[str]:
        """Makes source/ from the repository's lessons; what an instructor has edited stays. Returns lines for the user."""
        made, lines = self.state("sources"), []
        for path in sorted(sources.glob("*.md")):
            name, target = path.stem, self.source(path.stem)
            text = source_notebook(path)
            if target.exists():
                have = digest(target.read_bytes())
                if have == digest(text):
                    made[name] = have
                    lines.append(f"{name}: as it was")
                    continue
                if have != made.get(name) and not overwrite:
                    lines.append(f"{name}: you have edited it, so it was left as it is (OVERWRITE=1 replaces it and keeps yours beside it)")
                    continue
                if have != made.get(name):
                    number = 1
                    while (kept := target.with_suffix(f".edited-{number}")).exists():
                        number += 1
                    target.rename(kept)
                    lines.append(f"{name}: your version is kept as {kept.name}")
            write(target, text)
            made[name] = digest(text)
            lines.append(f"{name}: made from lessons/source/{path.name}")
        self.remember("sources", made)
        return lines

    def release(self, name: str) -> Path:
        """Makes the students' version."""
        self.unreserved([self.known(name)])
        nb = self.instructor(name)
        if not any(kind(c) in ("test", "written") for c in nb.cells):
            raise Problem(f"{self.source(name)} has no cell with points, so there is nothing to grade.")
        self.result(f"release {name}", self.api().generate_assignment(name, force=True, create=True))
        if found := leaks(nb, nbformat.read(self.release_of(name), as_version=4)):
            shutil.rmtree(self.release_of(name).parent)
            raise Problem(f"{name} was not released, because students would have seen:\n" + "\n".join(found))
        shutil.copyfile(GLOSSARY, self.folder / "release" / GLOSSARY.name)
        releases = self.state("releases")
        releases[name] = digest(self.source(name).read_bytes())
        self.remember("releases", releases)
        return self.release_of(name)

    def instructor(self, name: str) -> NotebookNode:
        try:
            return assignment.read_instructor(self.source(name))
        except Missing as e:
            raise Problem(str(e)) from None

    def check_released(self, name: str) -> None:
        self.known(name)
        if name not in self.released():
            raise Problem(f"{name} has not been released yet: make release COURSE={self.typed} ASSIGNMENT={name}")
        if self.state("releases").get(name) != digest(self.source(name).read_bytes()):
            raise Problem(f"source/{name} has changed since it was released. Release it again, so that the points and checks are the new ones:\nmake release COURSE={self.typed} ASSIGNMENT={name}")

    # ---- students

    def students(self) -> dict[str, dict[str, str]]:
        with self.gradebook() as gb:
            ids = {s.id: {"id": s.id, "first_name": s.first_name or "", "last_name": s.last_name or "", "email": s.email or "", "lms_user_id": s.lms_user_id or ""} for s in gb.students}
        return ids

    def add_student(self, **values: str) -> None:
        identity = values.pop("id").strip()
        check_identity(identity)
        with self.gradebook() as gb:
            gb.update_or_create_student(identity, **{k: v.strip() for k, v in values.items() if v and v.strip()})


def check_identity(identity: str) -> None:
    """A student's id becomes the name of folders."""
    if not identity or identity in (".", "..") or not identity.isprintable() or any(c in identity for c in '/\\+*?[]') or identity != identity.strip() or len(identity.encode()) > 200:
        raise Problem(f"{identity!r} cannot be a student's id: it names folders, so it needs at least one character, and none of / \\ + * ? [ ], control characters or spaces at its ends; at most 200 bytes")


def source_notebook(path: Path) -> bytes:
    """nbgrader's source of an assignment, always the same for the same text."""
    nb = assignment.read_instructor(path)
    for i, cell in enumerate(nb.cells):
        cell["id"] = f"{path.stem}-{i}"
    nb.metadata.pop("jupytext", None)
    nb.metadata["fashionlab"] = {"assignment": path.stem}
    nb.nbformat, nb.nbformat_minor = 4, 5
    nbformat.validate(nb)
    return (json.dumps(nb, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def create(folder: Path) -> list[str]:
    """Makes a course folder, or brings an existing one up to date."""
    folder = folder.absolute()
    config = folder / "nbgrader_config.py"
    lines = []
    if not config.exists():
        if folder.exists() and any(folder.iterdir()):
            raise Problem(f"{folder} is there, and is no course folder. Give the name of a new folder.")
        if folder == ROOT or ROOT in folder.parents and "build" not in folder.relative_to(ROOT).parts[:1]:
            raise Problem(f"{folder} lies in the repository, where students' names and marks do not belong. Give a folder outside of it.")
        write(config, CONFIG.format(name=folder.name))
        os.chmod(folder, 0o700)  # names and marks are nobody else's business
        lines.append(f"{folder}: made, readable by you only")
    return lines


def quiet() -> None:
    """Keeps nbgrader from logging its own settings, and from warning about how it uses SQLAlchemy."""
    warnings.filterwarnings("ignore", module=r"nbgrader\.api$")
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)

"""The students' image holds their copy of the course and what is listed here: no answers, no hidden checks.

It is read from docker/Dockerfile, without a Docker engine.
"""

import re

import findings
import image
import nbformat
import pytest

from fashionlab_grading.assignment import read_instructor
from fashionlab_grading.folder import SOURCES
from fashionlab_grading.kit import kit
from fashionlab_grading.notebooks import kind, name_of
from fashionlab_grading.toolbox import ROOT

# What the image has of other stages, and of the repository.
FROM_STAGES = {
    ("course", "/kit/"),
    ("packages", "/opt/fashionlab/.venv"),
    ("warm", "/opt/go/mod"), ("warm", "/opt/go/cache"), ("warm", "/usr/local/bin/fashion"),
    ("warm", "/opt/fashionlab/.venv/share/jupyter"), ("warm", "/opt/fashionlab/.venv/done"), ("warm", "/opt/fashionlab/.venv/bin/readgo"),
}
FROM_REPOSITORY = {"go.mod", "docker/jupyter_server_config.py", "docker/nbgrader_config.py"}
# What the stages are made of that the image takes compiled packages and programs from.
BUILT_FROM = {
    "packages": {
        "go.mod", "go.sum", "requirements.txt", "requirements-xla.txt", "Makefile", "docker/requirements-hub.txt",
        "tools/environment.py", "tools/isolated.py", "tools/labextension.js", "tools/remedy.py", "tools/setup.py", "tools/steps.py",
    },
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return image.build(tmp_path_factory.mktemp("image") / "fashionlab")


def test_the_image_takes_nothing_but_what_is_listed():
    cpu = image.stages()["cpu"]
    assert {(source, name) for source, what, _ in cpu.copies if source for name in what} == FROM_STAGES
    assert image.context("cpu") == FROM_REPOSITORY
    # Nothing is made in the image itself, from what a line above has removed again.
    assert cpu.base == "system" and not cpu.runs


def test_what_is_compiled_for_the_image_is_compiled_from_the_students_copy():
    stages = image.stages()
    assert image.context("warm") == image.context("packages") == BUILT_FROM["packages"]
    assert stages["warm"].base == "packages"
    assert [copy for copy in stages["warm"].copies if copy[0]] == [("course", ["/kit/"], "./")]
    # The one stage with the whole repository compiles into a cache that the image does not have.
    [compiles] = stages["course"].runs
    assert compiles.index("GOCACHE=/root/.cache/") < compiles.index("make setup")
    assert [name for name, stage in stages.items() if ("", ["."], "./") in stage.copies or ("", ["."], ".") in stage.copies] == ["course", "grade-warm"]
    assert {stages[name].base for name in ("cpu", "gpu")} == {"system", "cpu"}
    assert "grade-warm" not in {source for name in ("cpu", "warm", "packages", "system") for source, _, _ in stages[name].copies}


def test_its_files_are_the_kit_and_the_released_notebooks(built, tmp_path):
    kit(tmp_path / "kit")
    listed = {p.relative_to(tmp_path / "kit").as_posix() for p in (tmp_path / "kit").rglob("*") if p.is_file()}
    there = {p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file()}
    assert there - listed == {f"lessons/released/{p.stem}.ipynb" for p in SOURCES.glob("*.md")}
    assert not listed - there
    assert listed >= FROM_REPOSITORY


def test_no_file_of_it_has_a_line_of_an_answer_or_of_a_hidden_check(built):
    def lines(text):
        return {line.strip() for line in text.splitlines()}

    secret = set()
    for source in SOURCES.glob("*.md"):
        for region in re.findall(r"// BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)// END ", source.read_text(encoding="utf-8"), re.S):
            secret |= lines(region)
    for path in (ROOT / "lessons" / "answers").glob("*.go"):
        secret |= {line for line in lines(path.read_text(encoding="utf-8")) if line.startswith("func ")}
    secret = {line for line in secret if len(line) > 30 and not line.startswith("//")}
    assert len(secret) > 300
    # Lines that the library and the homework have as well: they are those of every model, or of every loop.
    public = set()
    for source in SOURCES.glob("*.md"):
        public |= lines(findings.released(read_instructor(source)))  # cells that are given
    for path in [*(ROOT / "fashion").rglob("*.go"), *(ROOT / "plots").rglob("*.go"), *(ROOT / "lessons").glob("*.go"), *(ROOT / "notebooks").glob("*.md")]:
        public |= lines(path.read_text(encoding="utf-8"))
    looked = 0
    for path in built.rglob("*"):
        if path.suffix not in (".go", ".md", ".ipynb", ".py", ".json", ".txt", ".toml") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            text = "\n".join(c.source for c in nbformat.reads(text, as_version=4).cells)
        looked += 1
        found = lines(text) & secret - public
        assert not found, (path.relative_to(built), found)
    assert looked > 200


def test_its_notebooks_have_no_answers_and_no_hidden_checks(built):
    for source in SOURCES.glob("*.md"):
        instructor = {name_of(c): c.source for c in read_instructor(source).cells if kind(c)}
        released = nbformat.read(built / "lessons" / "released" / f"{source.stem}.ipynb", as_version=4)
        for cell in released.cells:
            assert "BEGIN SOLUTION" not in cell.source and "HIDDEN TESTS" not in cell.source
            if kind(cell) == "answer":
                assert "not implemented" in cell.source and cell.source != instructor[name_of(cell)]
            if cell.cell_type == "code":
                assert not re.search(r"\banswers\.", cell.source)


@pytest.mark.parametrize("lesson", sorted(p.stem for p in SOURCES.glob("*.md")))
def test_attempts_look_at_all_of_its_go(built, lesson):
    """What the image has besides the kit offers no function that attempts.py does not try."""
    known = {place for place, _ in findings.places(built)}
    for path in built.rglob("*.go"):
        name = path.relative_to(built).as_posix()
        assert name in known or not name.startswith(("fashion/", "plots/", "lessons/")) or "/grading/" in name, name
    released = nbformat.read(built / "lessons" / "released" / f"{lesson}.ipynb", as_version=4)
    theirs = {f.text for f in findings.functions("\n".join(c.source for c in released.cells if c.cell_type == "code" and kind(c) != "answer"))}
    ours = {f.text for f in findings.functions(findings.released(read_instructor(SOURCES / f"{lesson}.md")))}
    assert theirs == ours

"""Builds the site: the course's notebooks, lessons, texts and reference as static pages that ask no other server for anything.

    python tools/website/build.py [--repository ADDRESS] [--branch NAME] [-o FOLDER]

Nothing is executed: the notebooks' stored outputs are shown, and the lessons are the students' notebooks, as make release makes
them. With the repository's address (https://github.com/OWNER/NAME) pages link to its files and have buttons that open the notebooks
in Binder and Codespaces. A warning of Sphinx, such as a link whose target is missing, is an error, and leaves the site of before.
"""

import argparse
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# The texts, by heading of the table of contents. A link to a file that is in none of these lists leads to the repository.
TEXTS = {
    "Guides": ["docs/*.md", "fashion/PERFORMANCE.md"],
    "For teachers": ["lessons/README.md", "docker/README.md", "docker/without.md"],
    "The project": ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"],
}
# The packages that cells and programs import.
PACKAGES = ["fashion", "fashion/progress", "fashion/serve", "plots", "plots/display", "plots/live", "lessons"]


class Problem(Exception):
    """Why there is no site; the message says what to do."""


def course(readme: str) -> list[str]:
    """The notebooks and lessons in the order of README.md's path: names, and paths of lessons' sources."""
    linked = re.findall(r"^\| .*?\]\(((?:notebooks/\w+\.ipynb)|(?:lessons/source/[\w-]+\.md))\)", readme, re.MULTILINE)
    steps = [p for p in linked if p.startswith("notebooks/")]
    lessons = [p for p in linked if p.startswith("lessons/")]
    there = {str(p.relative_to(ROOT)) for p in [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("lessons/source/*.md")]}
    if missing := there.symmetric_difference(linked):
        raise Problem(f"README.md's tables and the folders differ in {', '.join(sorted(missing))}: list each notebook and lesson there.")
    return [steps[0], *lessons, *steps[1:]]


def carried_out(command: list, what: str) -> None:
    """Runs a command in the repository's folder."""
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
    if done.returncode:
        raise Problem(f"{what}:\n{done.stdout.strip()}")


def released(folder: Path) -> dict[str, Path]:
    """Releases all lessons in a new course folder; the students' notebooks by the paths of their sources."""
    command = ROOT / ".venv" / "bin" / "course"
    for verb in ("create", "release"):
        carried_out([command, verb, folder], "The lessons cannot be released")
    return {f"lessons/source/{notebook.stem}.md": notebook for notebook in (folder / "release").glob("*/*.ipynb")}


# What is shown of an output that has several forms: the first of these. A picture is sharp as SVG.
FORMS = ["text/html", "image/svg+xml", "image/png", "text/plain"]


def with_one_form(notebook: Path) -> tuple[str, dict[str, str]]:
    """A notebook whose outputs have one form each, and the text alternatives of its pictures, by the names that MyST-NB gives to these."""
    nb, texts = nbformat.read(notebook, as_version=4), {}
    for output in [o for cell in nb.cells for o in cell.get("outputs", []) if "data" in o]:
        form = next((f for f in FORMS if f in output.data), None)
        if form is None:
            raise Problem(f"{notebook}: an output has none of the forms that the site shows, but {', '.join(output.data)}.")
        if form.startswith("image/"):
            content = os.linesep.join(output.data[form].splitlines()).encode() if form == "image/svg+xml" else base64.b64decode(output.data[form])
            texts[hashlib.sha256(content).hexdigest()] = output.data.get("text/plain", "")
        output.data = {form: output.data[form]}
    return nbformat.writes(nb), texts


def toctree(caption: str, pages: list[str]) -> str:
    return "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])


class Site:
    """The site's source, in a folder of its own, in which files have the places that they have in the repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages: dict[str, str] = {"README.md": "index"}  # by path in the repository
        self.originals: dict[str, Path] = {}  # notebooks, by page
        self.alternatives: dict[str, str] = {}
        self.contents = ""

    def add(self, source: Path, place: str, *paths: str) -> str:
        """Copies a file to its place; links to paths lead to it, too. Returns its page's name."""
        target = self.folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        page = place.rpartition(".")[0]
        self.pages.update(dict.fromkeys([place, *paths], page))
        return page

    def add_course(self, releases: Path) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        lessons = released(releases)
        pages = []
        for path in course(readme):
            if path in lessons:
                source, name = lessons[path], lessons[path].stem
                pages.append(self.add(source, f"lessons/{name}/{name}.ipynb", path))
            else:
                source = ROOT / path
                pages.append(self.add(source, path, path.replace(".ipynb", ".md")))
            self.originals[pages[-1]] = source
            text, alternatives = with_one_form(source)
            (self.folder / f"{pages[-1]}.ipynb").write_text(text, encoding="utf-8")
            self.alternatives |= alternatives
        pages.append(self.add(ROOT / "lessons/glossary.md", "lessons/glossary.md"))
        for picture in [*ROOT.glob("docs/*.png"), *ROOT.glob("docs/pictures/*.png")]:
            target = self.folder / picture.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(picture, target)
        (self.folder / "index.md").write_text(readme, encoding="utf-8")
        self.contents += toctree("The course", pages)

    def add_texts(self, caption: str) -> None:
        paths = sorted(str(p.relative_to(ROOT)) for pattern in TEXTS[caption] for p in ROOT.glob(pattern))
        self.contents += toctree(caption, [self.add(ROOT / path, path) for path in paths])

    def add_reference(self) -> None:
        carried_out(["go", "run", "./tools/website/reference", self.folder / "reference", *PACKAGES], "The reference cannot be made")
        self.pages.update({f"reference/{name}.md": f"reference/{name}" for name in PACKAGES})
        self.contents += toctree("Reference", [f"reference/{name}" for name in PACKAGES])

    def write_contents(self) -> None:
        with open(self.folder / "index.md", "a", encoding="utf-8") as file:
            file.write(self.contents)


def build(output: Path, repository: str, branch: str) -> None:
    """Builds the site into the folder, which is replaced when the new site is complete."""
    if not (ROOT / "lessons/source").is_dir():
        raise Problem("The site is built from the course's repository; this copy for students has no lessons/source.")
    if repository and not re.fullmatch(r"https://[\w.-]+/[\w.-]+/[\w.-]+", repository):
        raise Problem(f"REPOSITORY is {repository!r}, and must be an address such as https://github.com/OWNER/NAME")
    if output.exists() and not (output / "searchindex.js").exists():
        raise Problem(f"{output} is there and is no site: give another folder, or move it away.")
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError

    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as temporary:
        work = Path(temporary)
        site = Site(work / "source")
        site.folder.mkdir()
        site.add_course(work / "course")
        site.add_texts("Guides")
        site.add_reference()
        for caption in ("For teachers", "The project"):
            site.add_texts(caption)
        site.write_contents()
        settings: dict = {"pages": site.pages, "alternatives": site.alternatives, "root": str(ROOT), "repository": repository, "branch": branch}
        if repository:
            settings |= {f"html_theme_options.{name}": value for name, value in {
                "repository_url": repository, "repository_branch": branch, "use_repository_button": True,
                "launch_buttons": {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"},
            }.items()}
        new = work / "site"
        try:
            app = Sphinx(site.folder, HERE, new, work / "doctrees", "html", settings, status=None, warning=sys.stderr, warningiserror=True)
            app.build()
        except SphinxError as e:
            raise Problem(str(e)) from e
        if app.statuscode:
            raise Problem("The site was not built: the warnings above say why.")
        for page, source in site.originals.items():  # what is downloaded is the notebook itself
            shutil.copyfile(source, new / "_sources" / f"{page}.ipynb")
        (new / ".buildinfo").unlink(missing_ok=True)
        if output.exists():
            output.rename(work / "old")
        new.rename(output)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", default="", metavar="ADDRESS", help="https://github.com/OWNER/NAME")
    parser.add_argument("--branch", default="main", metavar="NAME", help="what links and buttons lead to (default: main)")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "build" / "site", metavar="FOLDER")
    a = parser.parse_args()
    try:
        build(a.output.absolute(), a.repository.rstrip("/"), a.branch)
    except (Problem, OSError) as e:
        sys.exit(f"site: {e}")
    except KeyboardInterrupt:
        sys.exit("site: stopped; the site of before is as it was")
    print(f"{os.path.relpath(a.output / 'index.html')}: open it in a browser")


if __name__ == "__main__":
    main()

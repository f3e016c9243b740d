"""Writes the parts of README.md that are made from what is stored, or compares them.

    python tools/readme.py write
    python tools/readme.py check

A part stands between <!-- NAME (tools/readme.py) --> and <!-- end of NAME -->. The pictures and the accuracies come from the outputs
of the notebooks, the results over seeds from the homework's text, the recipes' results and all times from
fashion/PERFORMANCE.md, and the lessons from their sources. check fails if a part, or a picture, is not what write would make of them.
"""

import base64
import re
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
SECONDS = re.compile(r"[\d.]+")
STEPS = 10 * 391  # of a training: ten epochs of 50,000 images, in batches of 128
NETWORKS = ("cnn", "cnn_v1", "cnn_v2", "cnn_v3")
SUMMARIES = {"softmax": "softmaxModel()", "cnn": "cnnModel()", "cnn_v1": "cnnV1()", "cnn_v2": "cnnV2()", "cnn_v3": "cnnV3()"}  # in the homework
# Pictures for README.md: the last one of the outputs of the cell whose source holds the text.
PICTURES = {
    "confusion.png": ("insight", "plots.Confusion("),
    "gradcam.png": ("insight", "plots.Overlay("),
    "minutes.png": ("challenge", "plots.Minutes("),
    "training.png": ("tour", 'Run:        "tour"'),
}


class Disagrees(Exception):
    """README.md is not what the stored results say. The message says where, and what to do."""


def table(text: str, *columns: str) -> list[list[str]]:
    """The rows of the first Markdown table in whose header each column occurs as a part of a cell."""
    for block in re.findall(r"(?:^\|.*\n)+", text + "\n", re.MULTILINE):
        header, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines())
        if all(any(column in cell for cell in header) for column in columns):
            return rows
    raise Disagrees(f"there is no table with the columns {', '.join(columns)}")


def cells(root: Path, notebook: str, part: str) -> list:
    """The code cells of an executed notebook whose source holds a text."""
    nb = nbformat.read(root / "notebooks" / f"{notebook}.ipynb", as_version=4)
    found = [c for c in nb.cells if c.cell_type == "code" and part in c.source]
    if not found:
        raise Disagrees(f"notebooks/{notebook}.ipynb has no cell with {part!r}")
    return found


def output(cell) -> str:
    """The plain text that a cell has shown."""
    return "\n".join(o.text if o.output_type == "stream" else o.get("data", {}).get("text/plain", "") for o in cell.outputs)


def picture(root: Path, notebook: str, part: str) -> bytes:
    shown = [o.data["image/png"] for c in cells(root, notebook, part) for o in c.outputs if "image/png" in o.get("data", {})]
    if not shown:
        raise Disagrees(f"the cell with {part!r} in notebooks/{notebook}.ipynb shows no picture")
    return base64.b64decode(shown[-1])


def lessons(root: Path) -> str:
    """A row for each lesson: its title, what one can do afterwards, and its time."""
    lines, minutes = ["| lesson | afterwards you can, among others | time |", "|---|---|---|"], []
    for source in sorted((root / "lessons" / "source").glob("*.md")):
        text = source.read_text(encoding="utf-8")
        number, title = re.search(r"^# Lesson (\d+): (.+?)(?: \(.*\))?$", text, re.MULTILINE).groups()
        can = " ".join(re.search(r"\*\*When you are done, you can\*\*\s+- (.+?)[;.]\n", text, re.DOTALL).group(1).split())
        stated = re.search(r"^\*\*Time:\*\* (\d+(?: to \d+)? minutes)\. All cells together run for [a-z ]+ on two cores\.$", text, re.MULTILINE)
        if not stated:
            raise Disagrees(f'{source.relative_to(root)} should state its time as "**Time:** 60 to 90 minutes. All cells together run for about a minute on two cores."')
        time = stated.group(1)
        minutes.append([int(n) for n in re.findall(r"\d+", time)])
        lines.append(f"| [{number}. {title[0].upper()}{title[1:]}](lessons/source/{source.name}) | {can} | {time} |")
    low, high = hours(minutes)
    lines += ["", f"The lessons together take {low:.0f} to {high:.0f} hours."]
    path = re.findall(r"^\| \d\. \[.+\| ([\d to]+) (minutes|hours) \| [^|]+\|$", (root / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    low, high = hours(minutes + [[int(n) * (60 if unit == "hours" else 1) for n in re.findall(r"\d+", time)] for time, unit in path])
    lines[-1] += f" With the other notebooks the course takes {low:.0f} to {high:.0f} hours."
    return "\n".join(lines)


def hours(minutes: list[list[int]]) -> tuple[float, float]:
    """The sums of the lower and of the upper ends, in hours."""
    return sum(map(min, minutes)) / 60, sum(map(max, minutes)) / 60


def results(root: Path) -> str:
    """The accuracies: in the executed homework, and over seeds."""
    homework = (root / "notebooks" / "homework.md").read_text(encoding="utf-8")
    executed = {name: accuracy for cell in cells(root, "homework", "plots.Compare(")
                for name, accuracy in re.findall(r"^([\w. ]+?)  .*?\b(0\.\d{4})(?:\s|$)", output(cell), re.MULTILINE)}
    parameters = {name: re.search(r"total\s+([\d,]+)", output(cells(root, "homework", f"{model}.Summary()")[0])).group(1)
                  for name, model in SUMMARIES.items()}
    rows = table(homework, "mean (range)", "seeds", "original")
    lines = ["| model | parameters | test accuracy in the notebook | over several seeds: mean (range) | seeds | original |", "|---|---|---|---|---|---|"]
    for name, mean, seeds, original in rows:
        lines.append(f"| {name} | {parameters[name.split(' ')[0]]} | {executed.get(name, 'not yet executed')} | {mean} | {seeds} | {original} |")
    low, high = (100 * float(row[1].split()[0]) for row in (rows[0], rows[-1]))
    return "\n".join(lines) + f"\n\nSo expect a test accuracy of about {low:.0f} % for the first model and {high:.0f} % for the last."


def times(root: Path) -> str:
    """How long the homework's four networks take to train: the steps of fashion/PERFORMANCE.md, 3,910 times."""
    text = (root / "fashion" / "PERFORMANCE.md").read_text(encoding="utf-8")
    # With AVX-512, with AVX2 alone, and the same without XLA: the time of a step in ms.
    first = {r[0]: r[4] for r in table(text, "its best way", "here / PyTorch") if r[1] == "training step, ms"}
    second = {r[0]: r[7] for r in table(text, "its best way", "now / before") if r[1] == "training step, ms"}
    third = {r[0]: r[4] for r in table(text, "XLA", "Go, now") if r[1] == "training step, ms"}
    columns = [[float(SECONDS.search(column[n]).group()) * STEPS / 60000 for n in NETWORKS] for column in (first, second, third)]
    lines = ["| training, ten epochs | AVX-512, XLA | AVX2, XLA | AVX2, without XLA |", "|---|---|---|---|"]
    for name, row in zip((*NETWORKS, "all four"), zip(*(c + [sum(c)] for c in columns))):
        lines.append(f"| {name} | " + " | ".join(f"{minutes:.0f} min" if minutes >= 1 else f"{60 * minutes:.0f} s" for minutes in row) + " |")
    return "\n".join(lines)


def recipes(root: Path) -> str:
    """The recipes' accuracies, with their minutes and PyTorch's: some of the columns of fashion/PERFORMANCE.md."""
    text = (root / "fashion" / "PERFORMANCE.md").read_text(encoding="utf-8")
    lines = ["| recipe | trained parameters | epochs | test accuracy: mean ± standard deviation | seeds | minutes | PyTorch's minutes | processor, two cores |",
             "|---|---|---|---|---|---|---|---|"]
    for name, processor, parameters, epochs, accuracy, seeds, minutes, _, _, theirs, _ in table(text, "trained parameters", "here / PyTorch"):
        lines.append("| " + " | ".join((name, parameters, epochs, accuracy, seeds, minutes, theirs, processor)) + " |")
    return "\n".join(lines)


def written(root: Path) -> str:
    """README.md, with its parts as they follow from what is stored."""
    text = (root / "README.md").read_text(encoding="utf-8")
    for name, make in (("lessons", lessons), ("results", results), ("recipes", recipes), ("times", times)):
        begin, end = f"<!-- {name} (tools/readme.py) -->\n", f"<!-- end of {name} -->\n"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise Disagrees(f"README.md must have {begin.strip()} and {end.strip()} once, in lines of their own")
        before, rest = text.split(begin)
        text = f"{before}{begin}{make(root)}\n{end}{rest.split(end)[1]}"
    return text


def check(root: Path = ROOT) -> None:
    """Raises Disagrees with each line and picture that is not what the stored results say."""
    have, want = (root / "README.md").read_text(encoding="utf-8").splitlines(), written(root).splitlines()
    problems = [f"README.md has    {line!r}" for line in have if line not in want] + [f"the results say {line!r}" for line in want if line not in have]
    if not problems and have != want:
        problems.append("README.md has the lines of its parts in another order")
    for name, place in PICTURES.items():
        file = root / "docs" / "pictures" / name
        if not file.exists() or file.read_bytes() != picture(root, *place):
            problems.append(f"docs/pictures/{name} is not the picture in notebooks/{place[0]}.ipynb")
    if problems:
        raise Disagrees("README.md does not agree with the stored results:\n  " + "\n  ".join(problems) + "\nmake readme writes it again.")


def write(root: Path = ROOT) -> None:
    (root / "README.md").write_text(written(root), encoding="utf-8")
    for name, place in PICTURES.items():
        file = root / "docs" / "pictures" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture(root, *place))


def main() -> None:
    if sys.argv[1:] not in (["write"], ["check"]):
        sys.exit(__doc__)
    try:
        if sys.argv[1] == "write":
            write()
        check()
    except Disagrees as e:
        sys.exit(str(e))
    print("ok  README.md agrees with the notebooks, the lessons and fashion/PERFORMANCE.md")


if __name__ == "__main__":
    main()

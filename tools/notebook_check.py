"""Checks that an executed notebook agrees with its source and its text, and shows the expected figures."""

import base64
import re
import tomllib
from pathlib import Path

import nbformat

from fashionlab_grading import readgo, texts
from notebook_files import shown
from notebook_source import digest, read

LOCAL_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|tmp|Users|private|var|opt|mnt|work)/\S+")
PICTURES = ("display.Show", "display.ShowInteractive", "live.Training")
TEXTS = ("display.Print", "display.Printf", "display.Println", "display.Table")
LIMIT = 3_000_000  # bytes: a larger notebook opens slowly, and repositories on the web do not show it
PNG = b"\x89PNG\r\n\x1a\n"


class Disagrees(Exception):
    """The notebook does not agree with its source or its rules. The message lists every difference."""


def text_of(outputs) -> str:
    """All text that a cell shows."""
    pieces = []
    for o in outputs:
        if o.output_type == "stream":
            pieces.append(o.text)
        elif o.output_type in ("display_data", "execute_result"):
            pieces += [text for mime, text in sorted(o.data.items()) if mime.startswith("text/")]
    return "\n".join(pieces)


def pictures_of(outputs) -> int:
    """The number of pictures of a cell that all programs can show: those with both SVG and PNG."""
    return sum(
        "image/svg+xml" in o.data and base64.b64decode(o.data.get("image/png", "")).startswith(PNG)
        for o in outputs
        if o.output_type == "display_data"
    )


def compare_source(nb, wanted, source: Path) -> list[str]:
    """Differences between the cells of a notebook and those that its source has."""
    problems = []
    if len(wanted.cells) != len(nb.cells):
        problems.append(f"it has {len(nb.cells)} cells, {shown(source)} has {len(wanted.cells)}")
    for i, (cell, want) in enumerate(zip(nb.cells, wanted.cells)):
        if cell.cell_type != want.cell_type or cell.source != want.source:
            problems.append(f"cell {i} ({want.cell_type}) is not that of {shown(source)}: {want.source[:60]!r}")
            break
    if nb.metadata.get("fashionlab", {}).get("sha256") != digest(wanted):
        problems.append(f"its outputs were made from another version of {shown(source)}")
    return problems


def calls(called: list[str], names: tuple[str, ...], functions: dict[str, list[str]]) -> int:
    """How often something of these names is among what is called, counting what the notebook's own functions call.

    A name that begins with a dot is that of a method, of whatever value.
    """
    total = 0
    for name in called:
        if name in names or any(n.startswith(".") and name.endswith(n) for n in names):
            total += 1
        elif name in functions:
            total += calls(functions[name], names, {n: c for n, c in functions.items() if n != name})
    return total


def check_outputs(nb) -> list[str]:
    """Text that an output must not contain, and missing texts and pictures."""
    problems = []
    functions: dict[str, list[str]] = {}  # what they call, by name
    cells = [c for c in nb.cells if c.cell_type == "code"]
    for number, (cell, go) in enumerate(zip(cells, readgo.cells([c.source for c in cells])), 1):
        where = f"code cell {number}"
        if cell.execution_count != number:
            problems.append(f"{where}: executed as number {cell.execution_count}")
        for o in cell.outputs:
            if o.output_type == "error":
                problems.append(f"{where}: error {o.ename}: {o.evalue}")
            if o.output_type == "stream" and o.name == "stderr":
                problems.append(f"{where}: wrote to standard error: {o.text[:200]!r}")
        if found := LOCAL_PATH.search(text_of(cell.outputs)):
            problems.append(f"{where}: shows a path of one computer: {found.group()}")
        functions |= {f.name: f.calls for f in go.functions}
        wanted = calls(go.calls, PICTURES, functions)
        shown = pictures_of(cell.outputs)
        if shown < wanted:
            problems.append(f"{where}: {shown} pictures, want at least {wanted}")
        if calls(go.calls, TEXTS, functions) and not text_of(cell.outputs).strip():
            problems.append(f"{where}: shows no text")
    return problems


def check_figures(nb, rules: list[dict]) -> list[str]:
    """The figures that the rules ask for: in the text of the cell whose source holds rule["cell"]."""
    problems = []
    for rule in rules:
        cells = [c for c in nb.cells if c.cell_type == "code" and rule["cell"] in c.source]
        found = [m.group(1) for c in cells for m in re.finditer(rule["pattern"], text_of(c.outputs))]
        if not found:
            problems.append(f"{rule['what']}: not found ({rule['pattern']!r} in the cell with {rule['cell']!r})")
            continue
        value = float(found[0].replace(",", ""))
        low, high = rule["between"]
        if not low <= value <= high:
            problems.append(f"{rule['what']}: {value}, want {low} to {high}")
    return problems


def check_same(nb, rules: list[dict]) -> list[str]:
    """The texts that several cells must show alike: the first that the pattern finds in each."""
    problems = []
    for rule in rules:
        found = {}
        for cell in rule["cells"]:
            text = "".join(text_of(c.outputs) for c in nb.cells if c.cell_type == "code" and cell in c.source)
            match = re.search(rule["pattern"], text)
            found[cell] = match.group(1) if match else None
        if len(set(found.values())) != 1 or None in found.values():
            problems.append(f"{rule['what']}: " + ", ".join(f"{value} in the cell with {cell!r}" for cell, value in found.items()))
    return problems


def check(notebook: Path, source: Path, until: str = "", full: bool = False, text: bool = True) -> None:
    """Raises Disagrees with all that is wrong.

    A notebook that was made with fewer epochs owes no figures that need all of them; with full it is wrong.
    The numbers in the text are those of the notebook beside the source, to the digit. A new execution has others, so
    text=False leaves them out, as do fewer epochs, a part of a notebook, and a notebook in another place.
    """
    nb = nbformat.read(notebook, as_version=4)
    wanted, whole = read(source, until), read(source)
    asked = tomllib.loads(source.with_suffix(".checks.toml").read_text(encoding="utf-8"))
    rules, same = asked.get("figure", []), asked.get("same", [])
    shortened = nb.metadata.get("fashionlab", {}).get("shortened")
    if shortened:
        rules, same = ([r for r in some if not r.get("full", False)] for some in (rules, same))
    if until:  # the figures of the cells that are left out are not asked for
        left_out = [c.source for c in whole.cells[len(wanted.cells):]]
        kept = [c.source for c in wanted.cells]
        rules = [r for r in rules if any(r["cell"] in s for s in kept) or not any(r["cell"] in s for s in left_out)]
        same = [r for r in same if not any(c in s for c in r["cells"] for s in left_out)]
    problems = compare_source(nb, wanted, source) + check_outputs(nb) + check_figures(nb, rules) + check_same(nb, same)
    text = text and not shortened and not until and notebook.resolve().with_suffix("") == source.resolve().with_suffix("")
    if text:
        problems += texts.numbers(nb, source.with_suffix(".checks.toml"))
    if (size := notebook.stat().st_size) > LIMIT:
        problems.append(f"it has {size:,} bytes, want at most {LIMIT:,}")
    if shortened and full:
        problems.append(f"it was made with {shortened}")
    if problems:
        raise Disagrees(
            f"{shown(notebook)} does not agree with its source or its rules:\n  " + "\n  ".join(problems) + "\nmake homework executes all notebooks again. "
            f"If only text is wrong, change {shown(source)}, and run tools/notebook.py text {shown(source)}."
        )
    pictures = sum(pictures_of(c.outputs) for c in nb.cells if c.cell_type == "code")
    print(f"ok  {shown(notebook)}: {len(nb.cells)} cells agree with {shown(source)}, {pictures} pictures, {len(rules)} figures in range{', numbers of the text right' if text else ''}{f' ({shortened})' if shortened else ''}")

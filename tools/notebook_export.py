"""Writes a notebook as a page that needs no network."""

import re
from pathlib import Path

import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter

from notebook_files import replace, shown

TEMPLATES = Path(__file__).resolve().parent / "template"
# Code in fences and backticks, and formulas outside of it.
PIECES = re.compile(r"(```.*?```|`[^`\n]+`)|\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL)
# What a browser would fetch by itself.
FETCHED = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//|\b(?:url|import)\(\s*["']?(?:https?:)?//""")

# What is wider than a small screen: it can be scrolled with the keyboard if it can have the focus.
SCROLLED = re.compile(r'(<div class="(?:highlight|[^"]*\bjp-RenderedText)\b[^>]*>\s*<pre)(?=>)')


def with_mathml(markdown: str) -> str:
    """Replaces $…$ and $$…$$ by MathML, which browsers show without a script."""

    def replace(m: re.Match) -> str:
        code, display, inline = m.groups()
        if code:
            return code
        if display:
            return f'<div class="formula" tabindex="0">{convert(display.strip(), display="block")}</div>'
        return convert(inline)

    return PIECES.sub(replace, markdown)


def title_of(nb) -> str:
    """The first heading."""
    for cell in nb.cells:
        if found := re.search(r"^# (.+)$", cell.source, re.MULTILINE):
            return found.group(1)
    return "Notebook"


def export(notebook: Path, page: Path) -> None:
    """Writes notebook as the page."""
    nb = nbformat.read(notebook, as_version=4)
    title = title_of(nb)
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = with_mathml(cell.source)
    exporter = HTMLExporter(template_name="fashionlab", extra_template_basedirs=[str(TEMPLATES)])
    # Pictures are sharp as SVG; tables and Markdown come before their text.
    body, _ = exporter.from_notebook_node(nb, resources={"metadata": {"name": title}})
    body = SCROLLED.sub(r'\1 tabindex="0"', body)
    if found := FETCHED.search(body):
        raise OSError(f"the page would fetch something: {body[found.start():found.start() + 200]}")
    replace(page, body)
    print(f"{shown(page)}: {len(body) / 1e6:.1f} MB, needs no network")

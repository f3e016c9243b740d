"""Makes what a student wrote safe to look at: in a notebook, in a page and in a terminal.

Markdown is rendered, and what comes out is cleaned with an allow-list (nh3). A page shows no link that can be
followed and no picture but those that the notebook brings with it.
"""

import base64
import binascii
import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import nh3
from latex2mathml.converter import convert
from markupsafe import Markup
from mistune.plugins import import_plugin
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import GoLexer
from pygments.token import STANDARD_TYPES

from fashionlab_grading.visible import encoded, visible

MAX_RENDERED = 50_000  # characters; a longer text is shown as it was written, since Markdown can take long
MAX_FORMULA = 2_000
MAX_PICTURE = 4_000_000  # characters in base64

# ---- pictures

SIGNATURES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"), "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"), "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


def picture(kind: str, data: object) -> str:
    """The base64 of a picture that is of the kind that it is said to be, else ""."""
    if isinstance(data, list):
        data = "".join(map(str, data))
    if kind not in SIGNATURES or not isinstance(data, str) or len(data) > MAX_PICTURE:
        return ""
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(raw).decode() if SIGNATURES[kind].match(raw) else ""


def attachments(given: object) -> dict[str, dict[str, str]]:
    """Of a cell's attachments the pictures, each with one kind."""
    kept: dict[str, dict[str, str]] = {}
    for name, kinds in given.items() if isinstance(given, Mapping) else ():
        for kind, data in kinds.items() if isinstance(kinds, Mapping) else ():
            if good := picture(str(kind), data):
                kept[str(name)] = {kind: good}
                break
    return kept


# ---- Markdown

MATH = "math mrow mi mn mo ms mtext mspace msub msup msubsup mfrac msqrt mroot munder mover munderover mtable mtr mtd mmultiscripts mprescripts none mphantom mpadded menclose".split()
TAGS = {
    *"p br hr h1 h2 h3 h4 h5 h6 em strong b i u s del ins sub sup code pre kbd samp blockquote ul ol li dl dt dd table thead tbody tr th td caption span div img".split(), *MATH,
}
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "img": {"src", "alt"}, "ol": {"start"}, "math": {"display"}, "mo": {"stretchy", "fence", "form"}, "mi": {"mathvariant"}, "mtable": {"columnalign"}}
COLOURS = {name for name in STANDARD_TYPES.values() if name}
EMBEDDED = re.compile(r"data:(image/[a-z]+);base64,([A-Za-z0-9+/=]+)")


def attribute(tag: str, name: str, value: str) -> str | None:
    """What stays of an attribute."""
    if (tag, name) == ("img", "src"):
        m = EMBEDDED.fullmatch(value)
        return value if m and picture(m[1], m[2]) else None
    return visible(value)


CLEANER = nh3.Cleaner(
    tags=TAGS, clean_content_tags={"script", "style", "iframe", "object", "noscript", "template", "svg", "select", "title"},
    attributes=ATTRIBUTES, attribute_filter=attribute, allowed_classes={"span": COLOURS, "div": {"highlight"}},
    link_rel=None, url_schemes={"data"},
)


# As nh3 writes them: every value in quotes.
PICTURE = re.compile(r'<img(?: alt="[^"]*"| src="[^"]*")*>')
NO_PICTURE = re.compile(r'<img(?: alt="[^"]*")?>')


def clean(text: str) -> str:
    """Of a piece of HTML what may be in a page."""
    return PICTURE.sub(lambda m: m[0] if " alt=" in m[0] else m[0].replace("<img", '<img alt=""'), NO_PICTURE.sub("", CLEANER.clean(text)))


class Plain(IPythonRenderer):
    """Renders Markdown as it is written."""

    def __init__(self, pictures: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=pictures)

    def task_list_item(self, text: str, checked: bool = False) -> str:
        return f"<li>{'☑' if checked else '☐'} {text}</li>\n"


class Inert(Plain):
    """Renders Markdown so that it loads nothing and leads nowhere: addresses are text."""

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre><code>{html.escape(code)}</code></pre>"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        address = html.escape(html.unescape(url))
        return text if text == address else f"{text} ({address})"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        alt = html.escape(html.unescape(text))
        found = self.attachments.get(url.removeprefix("attachment:"), {}) if url.startswith("attachment:") else {}
        for kind, data in found.items():
            return f'<img src="data:{kind};base64,{data}" alt="{alt}" />'
        return f"[picture: {alt} ({html.escape(url)}), which is not shown]"


class Page(Inert):
    """Renders Markdown for a page: formulas as MathML, headings below the page's own."""

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return str(super().heading(text, min(level + 1, 6), **attrs))

    def formula(self, tex: str, display: str) -> str:
        if len(tex) <= MAX_FORMULA:
            try:
                return str(convert(tex.strip(), display=display))
            except Exception:  # whatever it stumbles over
                pass
        return f"<code>{html.escape(tex)}</code>"

    def inline_math(self, body: str) -> str:
        return self.formula(body, "inline")

    def block_math(self, body: str) -> str:
        return f"<div>{self.formula(body, 'block')}</div>"

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math("\\begin{" + name + "}" + body + "\\end{" + name + "}")


PLUGINS = ["strikethrough", "table", "task_lists", "def_list"]


def as_written(text: str) -> str:
    return f"<pre>{html.escape(text)}</pre>"


def render(text: str, renderer: IPythonRenderer) -> str:
    if len(text) > MAX_RENDERED:
        return as_written(text)
    try:
        return MarkdownWithMath(renderer=renderer, plugins=map(import_plugin, PLUGINS)).render(text)
    except Exception:  # a text that nobody would write by hand
        return as_written(text)


def markdown(text: str, given: object = None) -> Markup:
    """Markdown as HTML for a page."""
    return Markup(clean(render(visible(text), Page(attachments(given)))))


def go(text: str) -> Markup:
    """Go as HTML for a page."""
    return Markup(clean(highlight(visible(text), GoLexer(stripnl=False), HtmlFormatter())))


# ---- what is stored

class Content(HTMLParser):
    """What a piece of HTML consists of: elements, attributes, texts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[tuple[str, ...]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, *(f"{k}={v}" for k, v in sorted(attrs, key=str))))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.parts.append(("comment",))

    def handle_decl(self, decl: str) -> None:
        self.parts.append(("declaration",))

    def handle_pi(self, data: str) -> None:
        self.handle_decl(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_decl(data)

    @property
    def all(self) -> tuple[list[tuple[str, ...]], str]:
        return self.parts, "".join(self.text.split())


class Encoded(HTMLParser):
    """Writes cleaned HTML so that it means the same within Markdown: no character of a text is one of Markdown's."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.out = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # The data of a picture are letters and digits, + / = and are left as they are.
        self.out += f"<{tag}" + "".join(f' {k}="{html.escape(v or "")}"' if k == "src" else f' {k}="{encoded(v or "")}"' for k, v in attrs) + ">"

    def handle_endtag(self, tag: str) -> None:
        self.out += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.out += encoded(data)


CUT = "*(Links, pictures from elsewhere, and what else a page must not contain are shown as text or left out here. The file in submitted/ has them.)*"
# What Markdown makes and cleaning removes, though it does no harm.
HARMLESS = re.compile(r' style="text-align:(?:left|right|center)"| class="language-[\w+-]*"')
HTML = re.compile("<[a-zA-Z/!?]")


def store(cell: NotebookNode, rendered: bool = True) -> None:
    """Leaves in a student's cell what any program may show: JupyterLab, VS Code, nbconvert. Where it is not to be rendered, as it is written."""
    cell.source = visible(cell.source)
    pictures = attachments(cell.pop("attachments", None))
    if cell.cell_type == "raw":
        # A raw cell is copied into a page as it stands.
        cell.cell_type, cell.source = "markdown", fenced(cell.source)
    if cell.cell_type != "markdown":
        return
    if len(cell.source) > MAX_RENDERED or not rendered:
        cell.source = fenced(cell.source)
        return
    cleaned = clean(render(cell.source, Inert(pictures)))
    same = Content(HARMLESS.sub("", render(cell.source, Plain(pictures)))).all == Content(cleaned).all
    if not same or HTML.search(cell.source):  # renderers differ in what they take for HTML
        cell.source = ("" if same else CUT + "\n\n") + f"<div>{Encoded(cleaned).out}</div>"
    elif used := {name: kinds for name, kinds in pictures.items() if f"attachment:{name}" in cell.source}:
        cell["attachments"] = used


def fenced(text: str) -> str:
    """Markdown that shows a text as it is."""
    ticks = max((len(m[0]) for m in re.finditer("`+", text)), default=0)
    fence = "`" * max(3, ticks + 1)
    return f"{fence}\n{text}\n{fence}"

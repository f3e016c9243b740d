"""Explains in plain text why a cell failed."""

import re
from html.parser import HTMLParser

ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Words(HTMLParser):
    """Collects a page's text, without styles and without the context that GoNB unfolds under the mouse."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.inside: list[tuple[str, bool]] = []  # open elements, and whether they are left out

    def handle_starttag(self, tag, attrs):
        out = tag == "style" or ("class", "gonb-err-context") in attrs
        self.inside.append((tag, out))

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not any(out for _, out in self.inside):
            self.pieces.append(data)


def text_of_html(page: str) -> str:
    """The words of a piece of HTML, a line for each line that is not empty."""
    words = Words()
    words.feed(page)
    return "\n".join(line.strip() for line in "".join(words.pieces).splitlines() if line.strip())


def describe(cell) -> str:
    """The cell's code and its outputs."""
    said = []
    for o in cell.outputs:
        if o.output_type == "stream":
            said.append(o.text)
        elif o.output_type == "error":
            said.append(f"\n{o.evalue}\n")
        elif "text/html" in o.data:
            said.append(text_of_html(o.data["text/html"]) + "\n")
        else:
            said.append(o.data.get("text/plain", "") + "\n")
    rule = "-" * 60
    return f"{rule}\n{cell.source}\n{rule}\n{ANSI.sub('', ''.join(said)).strip()}\n{rule}"

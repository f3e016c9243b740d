"""Shows texts that strangers wrote as they are, in a terminal and in Markdown."""

import re

# Control characters, those that change the direction of a text, and those that nobody sees. A line's end and a tab stay.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]")


def visible(text: str) -> str:
    """A text whose control characters are shown, and not obeyed."""

    def show(m: re.Match[str]) -> str:
        code = ord(m[0])
        if code < 0x20:
            return chr(0x2400 + code)
        return "␡" if code == 0x7F else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

    return HIDDEN.sub(show, text.replace("\r\n", "\n"))


def line(text: str) -> str:
    """A text of strangers as part of one line."""
    return visible(text.replace("\r\n", "\n").replace("\n", "\r").replace("\t", " ")).replace("␍", "␊")


def encoded(text: str) -> str:
    """A text no character of which means anything to Markdown or HTML."""
    return "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in text)

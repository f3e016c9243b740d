"""Notebooks by students who try to reach the person who looks at them."""

import base64
import json
import shutil
from pathlib import Path

import nbformat
from conftest import new_course
from nbformat import NotebookNode, v4

from fashionlab_grading import grade
from fashionlab_grading.assignment import Assignment
from fashionlab_grading.execute import Options, Record, failure
from fashionlab_grading.folder import Course
from fashionlab_grading.notebooks import kind, name_of

HERE = Path(__file__).resolve().parent
# In a browser, this sets a mark that a test can see, and asks a server for something.
FIRE = "window.fired=1;fetch('/fired')"
ELSEWHERE = "http://elsewhere.invalid"
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{FIRE}\"><script>{FIRE}</script></svg>"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def base(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


VECTORS = {
    "script": f"<script>{FIRE}</script>",
    "script from elsewhere": f"<script src={ELSEWHERE}/x.js></script>",
    "script split": f"<scr<script>ipt>{FIRE}</scr</script>ipt>",
    "script unclosed": f"<script\n>{FIRE}//",
    "onerror": f'<img src=x onerror="{FIRE}">',
    "onerror in capitals": f'<IMG SRC=x OnErRoR="{FIRE}">',
    "onerror with a slash": f"<img/src=x/onerror={FIRE}>",
    "onload": f'<body onload="{FIRE}">',
    "onfocus": f'<input autofocus onfocus="{FIRE}">',
    "ontoggle": f'<details open ontoggle="{FIRE}">x</details>',
    "onanimationstart": f'<style>@keyframes a{{}}</style><b style="animation:a 1s" onanimationstart="{FIRE}">x</b>',
    "svg": SVG,
    "svg with an animation": f'<svg><a><animate attributeName=href values="javascript:{FIRE}"/><text y=20>x</text></a></svg>',
    "srcdoc": f'<iframe srcdoc="<script>parent.{FIRE}</script>"></iframe>',
    "frame": f'<iframe src="javascript:{FIRE}"></iframe>',
    "object": f'<object data="data:text/html;base64,{base(f"<script>{FIRE}</script>")}"></object>',
    "embed": f'<embed src="data:image/svg+xml;base64,{base(SVG)}">',
    "refresh": f'<meta http-equiv="refresh" content="0;url={ELSEWHERE}/">',
    "base": f'<base href="{ELSEWHERE}/">',
    "form": f'<form action="{ELSEWHERE}/"><input name=a><button>Log in</button></form>',
    "formaction": f'<button formaction="javascript:{FIRE}">x</button>',
    "link": f'<link rel=stylesheet href="{ELSEWHERE}/x.css">',
    "style": "<style>body{display:none}</style>",
    "style with a picture": f'<p style="position:fixed;inset:0;background:url({ELSEWHERE}/x.png)">x</p>',
    "class": '<div class="panel nbgrader_cell modal-backdrop">x</div>',
    "id": '<form id="notebook"></form><img name="formgrader"><input id="words" class="score">',
    "picture from elsewhere": f"![x]({ELSEWHERE}/x.png)",
    "picture as SVG": f"![x](data:image/svg+xml;base64,{base(SVG)})",
    "picture with quotes": f'![x](x"onerror="{FIRE})',
    "picture's words": f'![" onerror="{FIRE}](x)',
    "srcset": f'<img srcset="{ELSEWHERE}/x.png 2x">',
    "video": f'<video src={ELSEWHERE}/x.mp4 onerror="{FIRE}" autoplay></video>',
    "link with a script": f"[x](javascript:{FIRE})",
    "link with entities": f"[x](&#106;avascript&colon;{FIRE})",
    "link with a tab": f'<a href="java\tscript:{FIRE}">x</a>',
    "link with data": f"[x](data:text/html;base64,{base(f'<script>{FIRE}</script>')})",
    "link by name": f"[x]\n\n[x]: javascript:{FIRE}",
    "address": f"<javascript:{FIRE}>",
    "mermaid": f'```mermaid\ngraph TD\nA["<img src=x onerror={FIRE}>"]\nclick A "javascript:{FIRE}"\n```',
    "mermaid with a page": f"```mermaid\n</pre><script>{FIRE}</script>\n```",
    "code": f"```html\n</code></pre><script>{FIRE}</script>\n```",
    "language of code": f'```"><script>{FIRE}</script>\nx\n```',
    "formula": f"$\\href{{javascript:{FIRE}}}{{x}}$",
    "formula with HTML": f"$$\\text{{<img src=x onerror={FIRE}>}}$$",
    "formula's environment": f"\\begin{{array}}<script>{FIRE}</script>\\end{{array}}",
    "MathML": f'<math href="javascript:{FIRE}"><mtext><table><mglyph><style><img src=x onerror="{FIRE}">',
    "MathML with an annotation": f'<math><annotation-xml encoding="text/html"><img src=x onerror="{FIRE}"></annotation-xml></math>',
    "noscript": f'<noscript><p title="</noscript><img src=x onerror={FIRE}>">',
    "comment": f"<!--><img src=x onerror={FIRE}>-->",
    "CDATA": f"<![CDATA[><script>{FIRE}</script>]]>",
    "template": f"<template><script>{FIRE}</script></template>{{{{ 7*7 }}}}{{% raw %}}",
    "table": f"| a |\n|---|\n| <img src=x onerror={FIRE}> |",
    "heading": f"# <img src=x onerror={FIRE}>",
    "end of the page": f"</div></section></main></body></html><script>{FIRE}</script>",
    "escape sequences": "\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[0m \x9b31m \u202egnp.exe",
}


def picture_cell(name: str, kind: str, data: str) -> NotebookNode:
    cell = v4.new_markdown_cell(f"![x](attachment:{name})")
    cell["attachments"] = {name: {kind: data}}
    return cell


def own_cells() -> list[NotebookNode]:
    """Cells of a student's own: each vector in Markdown, raw and in a program, and in what comes with a cell."""
    cells = [v4.new_markdown_cell(v) for v in VECTORS.values()]
    cells += [v4.new_raw_cell(v, metadata={"raw_mimetype": "text/html", "format": "text/html"}) for v in VECTORS.values()]
    cells += [v4.new_code_cell("/*\n" + v.replace("*/", "") + "\n*/") for v in VECTORS.values()]
    cells.append(picture_cell("a.svg", "image/svg+xml", base(SVG)))
    cells.append(picture_cell("a.png", "image/png", base(SVG)))
    cells.append(picture_cell("good.png", "image/png", PNG))
    cells.append(picture_cell('b" onerror="' + FIRE, f'image/png" onerror="{FIRE}', PNG))
    cells.append(picture_cell("c.png", "text/html", base(VECTORS["script"])))
    cells.append(v4.new_markdown_cell("![x](attachment:missing.png)"))
    return cells


def notebook(released: NotebookNode, answer: str | None, own: list[NotebookNode]) -> NotebookNode:
    """A submission with this answer in words, and these cells."""
    nb = v4.new_notebook(cells=[*released.cells, *own])
    nb.metadata = {**released.metadata, "title": VECTORS["script"], "language_info": {"name": "go", "pygments_lexer": VECTORS["script"]}}
    for cell in nb.cells:
        cell.metadata = {**cell.metadata, "tags": [VECTORS["onerror"]], "hide_input": VECTORS["script"]}
        if name_of(cell) == "words" and answer is not None:
            cell.source = answer
    return nb


class Run:
    """Takes the place of the sandbox: every check fails, and programs print the vectors."""

    def __init__(self, nb: NotebookNode, assignment: object, tools: object, options: object, student: str) -> None:
        self.nb = nb

    def execute(self) -> Record:
        record = Record()
        for number, cell in enumerate(c for c in self.nb.cells if c.cell_type == "code"):
            hostile = list(VECTORS.values())[number % len(VECTORS)]
            data = {"text/plain": hostile, "text/html": hostile, "image/svg+xml": SVG, "application/javascript": FIRE, "text/latex": hostile, "image/png": base(SVG)}
            cell.outputs = [v4.new_output("stream", name="stdout", text=hostile), v4.new_output("display_data", data=data, metadata={"image/png": {"width": hostile}}),
                            v4.new_output("display_data", data={"image/png": PNG, "application/vnd.jupyter.widget-view+json": {"model_id": hostile}})]
            if kind(cell) == "test":
                passed = name_of(cell) == "test-argmax"
                record.passed[name_of(cell)] = passed
                if not passed:
                    cell.outputs.append(failure(hostile))
        return record


def course(folder: Path, submissions: dict[str, tuple[str | None, list[NotebookNode]]], monkeypatch) -> Course:
    """A course with the small assignment, graded, with the submissions of these students: their answers, their cells."""
    sources = folder.parent / "sources"
    sources.mkdir()
    shutil.copy(HERE / "testdata" / "first.md", sources)
    made = new_course(folder, sources)
    made.release("first")
    for student, (answer, own) in submissions.items():
        made.add_student(id=student, first_name=f"<b>{student}</b>", last_name="Žofie\x1b[31m")
        target = folder / "submitted" / student / "first" / "first.ipynb"
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(notebook(nbformat.read(made.release_of("first"), as_version=4), answer, own)), encoding="utf-8")
    monkeypatch.setattr(grade, "Run", Run)
    monkeypatch.setattr(grade.assignments, "prepare", lambda name, nb, tools: Assignment(name, nb, Path(), ""))
    summary = grade.Grading(made, "first", None, Options(), lambda text: None).run([], 1, again=False)
    assert not summary.failed
    return made

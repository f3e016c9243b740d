"""What students write, in pages and notebooks that other people look at."""

import http.cookiejar
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from html.parser import HTMLParser

import jinja2
import nbformat
import pytest
from conftest import verdicts
from hostile import ELSEWHERE, FIRE, PNG, SVG, VECTORS, base, course, own_cells
from nbconvert import HTMLExporter
from nbformat import v4

from fashionlab_grading import exports, formgrader, marks, sanitise
from fashionlab_grading.entries import Mark, record
from fashionlab_grading.folder import CHALLENGE
from fashionlab_grading.pages import Submission, schemes
from fashionlab_grading.visible import encoded, line, visible

TABLE = [(name, text) for name, text in VECTORS.items()]


class Seen(HTMLParser):
    """The elements of a page, with their attributes, outside of the templates' own scripts and styles."""

    def __init__(self, page):
        super().__init__()
        self.elements = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


def shape(tag, attributes):
    return tag, frozenset(attributes), attributes.get("class")


def harmless(page, template=""):
    """Asserts that a piece of HTML runs, loads, leads to and restyles nothing; template is a page of nobody's, whose elements may be there."""
    own = {shape(*element) for element in Seen(template).elements}
    for tag, attributes in Seen(page).elements:
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        if shape(tag, attributes) in own and tag != "img":
            continue
        assert tag in sanitise.TAGS, tag
        assert set(attributes) <= sanitise.ATTRIBUTES.get(tag, set()) | {"class"}, (tag, attributes)
        assert set(attributes.get("class", "highlight").split()) <= sanitise.COLOURS | {"highlight"}, attributes
        assert re.fullmatch(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+", attributes.get("src", "data:image/png;base64,x")), attributes


@pytest.mark.parametrize(("name", "text"), TABLE, ids=[name for name, _ in TABLE])
@pytest.mark.parametrize("around", ["{}", "Words before {} and after.", "> {}", "<div>\n{}\n</div>", "**{}**", "| a |\n|-|\n| {} |", "<b title='{}'>x</b>"])
def test_markdown(name, text, around):
    page = sanitise.markdown(around.replace("{}", text), {"x": {"image/svg+xml": base(SVG)}})
    harmless(page)
    assert "\x1b" not in page and "\u202e" not in page


@pytest.mark.parametrize(("name", "text"), TABLE, ids=[name for name, _ in TABLE])
@pytest.mark.parametrize("make", [v4.new_markdown_cell, v4.new_raw_cell, v4.new_code_cell], ids=["markdown", "raw", "code"])
def test_stored_cells_are_harmless_in_other_programs(name, text, make):
    cell = make(text)
    sanitise.store(cell)
    nb = v4.new_notebook(cells=[cell])
    # nbconvert alone cleans nothing.
    page, _ = HTMLExporter(template_name="basic", exclude_anchor_links=True).from_notebook_node(nb)
    if cell.cell_type == "markdown":
        for tag, attributes in Seen(page).elements:
            assert tag in sanitise.TAGS | {"main", "div"}, tag
            assert not any(n.startswith("on") or n == "style" for n in attributes), (tag, attributes)
            assert not set(attributes) & {"href", "id", "srcset", "action"} - ({"id"} if tag == "div" or tag.startswith("h") else set()), (tag, attributes)
    assert "<script" not in page and ELSEWHERE + '/x.png"' not in page
    assert not re.search(r'<[^>]*\son\w+=', re.sub(r'"[^"]*"', '""', page))


def test_stored_answers_of_honest_people_stay_as_they_are():
    for text in ["Plain *words*, `code` and $x_1 < x_2$.", "a < b and b > c", "- [ ] open\n- [x] done", "```go\nfunc f() {}\n```", "```go\nx := <-c\n```", "| a | b |\n|:--|--:|\n| 1 | 2 |",
                 "$$\\frac{a}{b}$$", "Über 雷 👩‍👩‍👧", "Term\n: what it means", "~~no~~", "https://go.dev stands here"]:
        cell = v4.new_markdown_cell(text)
        sanitise.store(cell)
        assert (cell.source, cell.cell_type) == (text, "markdown")


def test_stored_html_is_written_so_that_markdown_reads_it_back():
    cell = v4.new_markdown_cell('<b>bold</b> and \\![x](http://e/x.png) <img src=x onerror="f()"> `*code*`')
    sanitise.store(cell)
    assert cell.source.startswith(sanitise.CUT)
    page = sanitise.markdown(cell.source.removeprefix(sanitise.CUT))
    assert "<b>bold</b> and !x (http://e/x.png)" in page and "<code>*code*</code>" in page and "<img" not in page


def test_pictures():
    assert sanitise.picture("image/png", PNG) == PNG
    for kind, data in [("image/svg+xml", base(SVG)), ("image/png", base(SVG)), ("image/jpeg", PNG), ("text/html", PNG), ("image/png", "no base64!"), ("image/png", None),
                       ("image/png", {}), ('image/png" onload="', PNG), ("image/png", PNG * 100_000)]:
        assert sanitise.picture(kind, data) == ""
    assert sanitise.attachments([1]) == sanitise.attachments({"a": 1}) == sanitise.attachments(None) == {}
    assert f'<img src="data:image/png;base64,{PNG}" alt="a &quot;b">' in sanitise.markdown('![a "b](attachment:p)', {"p": {"image/svg+xml": base(SVG), "image/png": [PNG[:20], PNG[20:]]}})


def test_formulas_need_no_script():
    page = sanitise.markdown("Inline $\\frac{1}{2}$, $a<b$, and\n\n$$\\sum_i e^{z_i}$$\n\n\\begin{matrix}a & b\\\\c & d\\end{matrix}\n\n$\\notacommand{$ `$x$`")
    assert page.count("<math") >= 4 and "<mfrac>" in page and "<mo>&lt;</mo>" in page and "<code>$x$</code>" in page
    harmless(page)


@pytest.mark.parametrize("text", ["[" * 40_000, "![[" * 16_000, "`" * 49_999, "*_" * 20_000, "> " * 20_000, "$\\frac" * 5000 + "$", "<div>" * 9000, "x" * 10**6, "((" * 20_000 + "$" + "{" * 1900 + "$"])
def test_texts_that_nobody_writes_take_seconds_at_most(text):
    harmless(sanitise.markdown(text))


def test_control_characters_are_shown():
    assert visible("\x1b[31m\x07\x9b\u202e\x7f\ufeff\r\n\t€") == "␛[31m␇\\u009b\\u202e␡\\ufeff\n\t€"
    assert line("a\nb\r\nc\x1b") == "a␊b␊c␛"
    assert visible("👩‍👩‍👧 ñ 雷\u00a0") == "👩‍👩‍👧 ñ 雷\u00a0"
    assert encoded("*a* <b>") == "&#42;a&#42; &#60;b&#62;"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course in which s01 and s03 are hostile, and s02 is not."""
    monkeypatch = pytest.MonkeyPatch()
    honest = "Honest: $\\frac{1}{2}$ and *so on*."
    yield course(tmp_path_factory.mktemp("pages") / "course", {
        "s01": ("\n\n".join(VECTORS.values()), own_cells()), "s02": (honest, []), "s03": (VECTORS["refresh"], [v4.new_markdown_cell("x")]), "s04": ("Words.", []), "s05": (None, [])}, monkeypatch)
    monkeypatch.undo()


def submission(made, student):
    resources = {"base_url": "", "submission_id": "x", "assignment_id": "first", "notebook_id": "first", "index": 0, "total": 2, "student": student, "first_name": VECTORS["script"], "last_name": "\x1b[2J",
                 "nonce": "n0nce", "source": str(made.source("first"))}
    return Submission().from_filename(str(made.folder / "autograded" / student / "first" / "first.ipynb"), resources=resources)[0]


def test_a_notebook_that_is_stored_holds_nothing_that_runs(graded):
    nb = nbformat.read(graded.folder / "autograded" / "s01" / "first" / "first.ipynb", as_version=4)
    assert set(nb.metadata) <= {"kernelspec", "language_info", "fashionlab", "jupytext"} and nb.metadata.language_info.pygments_lexer == "go"
    assert all(set(c.metadata) <= {"nbgrader"} and c.cell_type != "raw" for c in nb.cells)
    outputs = [o for c in nb.cells if c.cell_type == "code" for o in c.outputs]
    assert {k for o in outputs for k in o.get("data", {})} == {"text/plain", "image/png"} and not any(o.get("metadata") for o in outputs)
    assert all(o.data["image/png"] == PNG for o in outputs if "image/png" in o.get("data", {}))
    assert [list(c.attachments) for c in nb.cells if "attachments" in c] == [["good.png"]]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x80-\x9f]", "".join(c.source for c in nb.cells))


def test_feedback(graded):
    marks.feedback(graded, [], "*")
    empty = (graded.folder / "feedback" / "s04" / "first" / "first.html").read_text(encoding="utf-8")
    for student in ["s01", "s02", "s03"]:
        page = (graded.folder / "feedback" / student / "first" / "first.html").read_text(encoding="utf-8")
        assert page.startswith("<!DOCTYPE html>\n<html lang=\"en\">")
        elements = Seen(page).elements
        harmless(page, empty)
        assert not any(tag in ("script", "link", "form", "base") for tag, _ in elements)
        metas = [a for tag, a in elements if tag == "meta"]
        assert len(metas) == 4 and "default-src 'none'" in metas[1]["content"] and not any("refresh" in str(a) for a in metas)
        assert all(a["href"].startswith("#") for tag, a in elements if tag == "a")
        assert {a["href"][1:] for tag, a in elements if tag == "a"} == {*verdicts(), "words"} <= {a.get("id") for _, a in elements}
        assert f"&lt;b&gt;{student}&lt;/b&gt; Žofie␛[31m" in page and "\x1b" not in page
        assert "✓ passed: 1 of 1" in page and "✗ not passed: 0 of 2" in page and "waits to be graded by hand" in page
        assert '<span class="kd">func</span>' in page
    assert "<mfrac>" in (graded.folder / "feedback" / "s02" / "first" / "first.html").read_text(encoding="utf-8")


def test_the_formgraders_page(graded):
    scripts = {}
    for student in ["s01", "s02", "s03"]:
        page = submission(graded, student)
        elements = Seen(page).elements
        harmless(page, submission(graded, "s04"))
        scripts[student] = [(a.get("nonce"), a.get("src")) for tag, a in elements if tag == "script"]
        assert all(nonce == "n0nce" for nonce, _ in scripts[student])
        assert not any(tag in ("form", "base") or "refresh" in str(a) for tag, a in elements)
        assert "Marking scheme" in page and "subtracting the largest changes nothing" in page
        assert FIRE not in re.sub(r"(?s)<(script|style).*?</\1>", lambda m: m[0], "".join(f"{k}={v}" for _, a in elements for k, v in a.items()))
        assert "\x1b" not in page
        names = [a["id"] for tag, a in elements if "score" in (a.get("class") or "").split()]
        assert names == [*verdicts(), "words"]
    assert scripts["s01"] == scripts["s02"] == scripts["s03"]


def test_untouched_answers_have_no_points_and_others_wait(graded):
    with graded.gradebook() as gb:
        wait = {s: gb.find_grade("words", "first", "first", s).needs_manual_grade for s in ["s01", "s02", "s03", "s04", "s05"]}
    assert wait == {"s01": True, "s02": True, "s03": True, "s04": True, "s05": False}


def test_points_above_the_maximum_are_named(graded):
    assert not any("MAXIMUM" in l for l in marks.table(graded, []))
    with graded.gradebook() as gb:
        grade = gb.find_grade("words", "first", "first", "s02")
        grade.manual_score, grade.extra_credit = 5, 50
        gb.db.commit()
    assert "MORE THAN THE MAXIMUM: s02, first, words: 55 of 5 points" in marks.table(graded, [])
    assert any("55 of 5 points" in l for l in exports.export(graded, "csv", None, []))
    with graded.gradebook() as gb:
        grade = gb.find_grade("words", "first", "first", "s02")
        grade.manual_score, grade.extra_credit = None, None
        gb.db.commit()


def test_the_marking_scheme_is_what_the_instructors_version_says(graded, tmp_path):
    assert schemes(graded.source("first")) == {"words": ("markdown", "The exponential of a large logit overflows; subtracting the largest changes nothing in the result.", None)}
    assert schemes(tmp_path / "missing.ipynb") == {}


def test_nbgraders_own_pages_are_cleaned_too(graded):
    """Someone may open the course folder with nbgrader's own Formgrader."""
    from traitlets.config.loader import PyFileConfigLoader

    c = PyFileConfigLoader("nbgrader_config.py", path=str(graded.folder)).load_config()
    exporter = HTMLExporter(config=c, template_name="basic")
    empty, _ = exporter.from_notebook_node(v4.new_notebook(cells=[v4.new_markdown_cell("x")]))
    page, _ = exporter.from_notebook_node(v4.new_notebook(cells=[v4.new_markdown_cell(v) for v in VECTORS.values()]))
    harmless(page, empty)


def test_jupyterlab_in_the_course_folder_has_no_formgrader_of_nbgraders(graded, tmp_path):
    """Whoever starts .venv/bin/jupyter lab there; nothing but the settings of make setup is read."""
    script = ("from jupyterlab.labapp import LabApp; app = LabApp.initialize_server(argv=['--no-browser', '--port=0', '--allow-root']); "
              "print(app.jpserver_extensions, app.web_app.settings['headers'])")
    done = subprocess.run([sys.executable, "-P", "-c", script], cwd=graded.folder, env={**os.environ, "HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path)}, capture_output=True, encoding="utf-8")
    assert "'nbgrader.server_extensions.formgrader': False" in done.stdout and "'nbgrader.server_extensions.assignment_list': True" in done.stdout, done.stderr
    assert "default-src 'self'" in done.stdout


def test_json_of_cells_travels(graded):
    """Nothing that nbformat refuses is written."""
    for file in (graded.folder / "autograded").glob("*/*/*.ipynb"):
        nbformat.validate(nbformat.from_dict(json.loads(file.read_text(encoding="utf-8"))))


class Client:
    """Asks a running Formgrader."""

    def __init__(self, port):
        self.address = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies := http.cookiejar.CookieJar()))
        self.cookies = cookies

    def ask(self, path, body=None, **headers):
        request = urllib.request.Request(self.address + path, data=json.dumps(body).encode() if body is not None else None, headers=headers, method="PUT" if body is not None else "GET")
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode(), e.headers


@pytest.fixture(scope="module")
def client(graded):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    link = graded.folder.with_name("link")
    link.symlink_to(graded.folder)
    command = [sys.executable, "-m", "fashionlab_grading", "formgrader", link, "--no-browser", f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=secret", "--allow-root"]
    server = subprocess.Popen(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    made = Client(port)
    try:
        for _ in range(200):
            assert server.poll() is None
            try:
                made.ask("/formgrader/gradebook?token=secret")
                break
            except OSError:
                time.sleep(0.2)
        yield made
    finally:
        server.terminate()
        server.wait(20)


def test_the_formgrader_is_a_server_that_does_nothing_else(client):
    for path in ["api/terminals", "api/kernels", "api/contents", "api/sessions", "lab", "tree", "terminals/1", "nbconvert/html/x", "files/gradebook.db", "edit/x", "formgrader/submissions/x/first.ipynb"]:
        assert client.ask("/" + path)[0] == 404, path
    status, page, headers = client.ask("/formgrader/?path=/tmp")
    assert status == 200 and "Manual Grading" in page
    for path in ["gradebook", "gradebook/first", "gradebook/first/first", "manage_assignments", "manage_submissions/first", "manage_students", "manage_students/s01", "manage_students/s01/first"]:
        status, page, headers = client.ask(f"/formgrader/{path}")
        nonce = re.search(r"script-src 'nonce-([\w-]+)' 'unsafe-hashes'", headers["Content-Security-Policy"])[1]
        assert status == 200 and "default-src 'none'" in headers["Content-Security-Policy"]
        assert all(a["nonce"] == nonce for tag, a in Seen(page).elements if tag == "script"), path
        assert not any(re.match("(https?:)?//", a.get("src") or tag == "link" and a.get("href") or "") for tag, a in Seen(page).elements), path
    assert client.ask("/formgrader/gradebook")[2]["Content-Security-Policy"] != headers["Content-Security-Policy"]
    status, page, headers = Client(client.address.rpartition(":")[2]).ask("/formgrader/api/students")
    assert "Password or token" in page and "s01" not in page  # the way to the login
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'none';")  # and no setting for JupyterLab


def test_the_formgraders_lists_have_landmarks_titles_and_no_advice_that_fails(client):
    for path, title in {"gradebook": "Manual Grading", "manage_assignments": "Manage Assignments", "manage_submissions/first": "Manage Submissions", "manage_students": "Manage Students"}.items():
        page = client.ask(f"/formgrader/{path}")[1]
        elements = Seen(page).elements
        assert f"<title>{title} · Formgrader</title>" in page
        assert sorted(a["role"] for _, a in elements if "role" in a) == ["banner", "main", "navigation"], path
        assert dict(elements)["html"] == {"lang": "en"} and "nbgrader autograde" not in page and "current_config" not in page


def test_what_is_not_there_is_a_page_that_says_so(client, graded):
    status, page, headers = client.ask("/formgrader/nonsense")
    assert status == 404 and "404 Not Found" in page and "default-src 'none'" in headers["Content-Security-Policy"]
    status, page, _ = client.ask("/formgrader/submissions/%3Cb%3E/")
    assert status == 404 and "Invalid submission: &lt;b&gt;" in page
    with graded.gradebook() as gb:
        submitted = next(n.id for n in gb.find_submission("first", "s04").notebooks)
    file = graded.folder / "autograded" / "s04" / "first" / "first.ipynb"
    away = file.rename(file.with_suffix(".away"))
    status, page, _ = client.ask(f"/formgrader/submissions/{submitted}/")
    away.rename(file)
    assert status == 404 and f"{file} is missing. make grade writes it again." in page


def test_the_formgrader_shows_what_an_entry_of_the_challenge_earned(client, graded):
    record(graded, "s02", Mark(6.8, 20, accuracy=0.9038, parameters=279712, minutes=4.4))
    record(graded, "s03", Mark(0, 20, problems=[VECTORS["script"]]))
    try:
        with graded.gradebook() as gb:
            found = {s.student.id: s.notebooks[0].id for s in gb.assignment_submissions(CHALLENGE)}
        for path in [f"gradebook/{CHALLENGE}", f"gradebook/{CHALLENGE}/{CHALLENGE}", f"manage_submissions/{CHALLENGE}", f"manage_students/s02/{CHALLENGE}"]:
            assert client.ask(f"/formgrader/{path}")[0] == 200, path
        listed = {a["name"]: a for a in json.loads(client.ask("/formgrader/api/assignments")[1])}
        assert listed[CHALLENGE]["average_score"] == 3.4
        pages = {student: client.ask(f"/formgrader/submissions/{i}/") for student, i in found.items()}
        assert {status for status, _, _ in pages.values()} == {200}
        assert "6.8 of 20 points: accuracy 0.9038" in pages["s02"][1]
        assert "✗ not passed" in pages["s03"][1] and VECTORS["script"] not in pages["s03"][1]
    finally:
        with graded.gradebook() as gb:
            gb.remove_assignment(CHALLENGE)


def test_a_version_of_nbgrader_with_other_templates_is_refused(monkeypatch):
    monkeypatch.setitem(formgrader.ONE, "base.tpl", [("<no such element>", "")])
    env = jinja2.Environment(loader=formgrader.Templates(formgrader.handlers.template_path))
    with pytest.raises(RuntimeError, match="is there 0 times, not once"):
        env.get_template("base.tpl")


def test_the_formgrader_takes_no_more_points_than_there_are(client, graded):
    with graded.gradebook() as gb:
        notebook = next(n for s in gb.assignment_submissions("first") if s.student.id == "s03" for n in s.notebooks)
        identity, submitted = next(g.id for g in notebook.grades if g.name == "words"), notebook.id
    status, page, _ = client.ask(f"/formgrader/submissions/{submitted}/")
    assert status == 200 and "Marking scheme" in page and "http-equiv=\"refresh" not in page
    token = next(c.value for c in client.cookies if c.name == "_xsrf")
    for body in [{"manual_score": 5.5}, {"manual_score": -1}, {"manual_score": "NaN"}, {"manual_score": 5, "extra_credit": 50}, {"extra_credit": "Infinity"}, {"manual_score": [1]}, [], "x"]:
        assert client.ask(f"/formgrader/api/grade/{identity}", body, **{"X-XSRFToken": token})[0] == 400, body
    assert client.ask(f"/formgrader/api/grade/{identity}", {"manual_score": 4})[0] == 403  # another page's request
    status, answer, _ = client.ask(f"/formgrader/api/grade/{identity}", {"manual_score": "4"}, **{"X-XSRFToken": token})
    assert status == 200 and not json.loads(answer)["needs_manual_grade"]
    assert client.ask("/formgrader/api/grade/nonsense", {"manual_score": 4}, **{"X-XSRFToken": token})[0] == 404
    assert any(l.startswith("s03") and "5/10 " in l for l in marks.table(graded, [])), marks.table(graded, [])

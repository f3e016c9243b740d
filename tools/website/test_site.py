"""Tests of the site as a whole: builds it and looks at its pages, also in a browser (make test-all).

Where the system has no Chromium, what needs a browser is skipped.
"""

import functools
import http.server
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlparse

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REPOSITORY = "https://github.com/owner/name"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# In each language that a page may have, what makes a browser fetch something.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src", "embed": "src", "object": "data", "link": "href"}
FETCHED_BY_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")


class Page(HTMLParser):
    """The anchors of a page, what it links to, and what it fetches."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors, self.links, self.fetched = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        found = dict(attributes)
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if found.get(FETCHED.get(tag)):
            self.fetched.append(found[FETCHED[tag]])


def build(output: Path, *options: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-P", HERE / "build.py", "-o", output, *options]
    return subprocess.run(command, capture_output=True, encoding="utf-8")


SITE: Path  # all tests look at one site


def setUpModule() -> None:
    global SITE
    (ROOT / "build").mkdir(exist_ok=True)
    folder = tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="test.")
    unittest.addModuleCleanup(folder.cleanup)
    SITE = Path(folder.name) / "site"
    done = build(SITE, "--repository", REPOSITORY)
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)


class SiteTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.site = SITE
        cls.pages = {p.relative_to(cls.site).as_posix(): Page(p.read_text(encoding="utf-8")) for p in cls.site.rglob("*.html") if "_static" not in p.parts}

    def test_each_link_and_anchor_in_the_site_exists(self):
        count, broken = 0, []
        for name, page in self.pages.items():
            for link in [*page.links, *page.fetched]:
                target = urlparse(urljoin(f"http://site/{name}", link))
                if target.netloc != "site":
                    continue
                count += 1
                path = unquote(target.path).lstrip("/")
                if not (self.site / path).is_file():
                    broken.append(f"{name}: {link}")
                elif target.fragment and path in self.pages and unquote(target.fragment) not in self.pages[path].anchors:
                    broken.append(f"{name}: {link} (anchor)")
        self.assertEqual(broken, [])
        self.assertGreater(count, 1000)

    def test_no_page_or_style_fetches_something_from_another_host(self):
        outside = [f"{name}: {url}" for name, page in self.pages.items() for url in page.fetched if urlparse(url).netloc]
        for style in self.site.rglob("*.css"):
            outside += [f"{style.name}: {url}" for url in FETCHED_BY_STYLE.findall(style.read_text(encoding="utf-8"))]
        self.assertEqual(outside, [])

    def test_links_to_files_that_are_no_pages_lead_to_the_repository(self):
        links = {link for page in self.pages.values() for link in page.links if link.startswith(REPOSITORY)}
        self.assertIn(f"{REPOSITORY}/blob/main/fashion/relu.go", links)
        self.assertIn(f"{REPOSITORY}/tree/main/data/fashion", links)
        for link in links:
            if found := re.match(rf"{REPOSITORY}/(?:blob|tree)/main/([^#?]*)", link):
                self.assertTrue((ROOT / unquote(found.group(1))).exists(), link)

    def test_notebooks_have_launch_buttons_and_can_be_downloaded_as_they_are(self):
        for notebook in ROOT.glob("notebooks/*.ipynb"):
            links = self.pages[f"notebooks/{notebook.stem}.html"].links
            self.assertIn(f"https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/notebooks/{notebook.name}", links)
            self.assertIn("https://codespaces.new/owner/name/tree/main", links)
            self.assertIn(f"../_sources/notebooks/{notebook.name}", links)
            self.assertEqual((self.site / "_sources" / "notebooks" / notebook.name).read_bytes(), notebook.read_bytes())
        self.assertFalse(any("mybinder" in link for link in self.pages["lessons/2-softmax/2-softmax.html"].links))  # it is not in the repository

    def test_pictures_have_alternative_texts(self):
        without = [f"{name}: {tag[:200]}" for name in self.pages for tag in re.findall(r"<img\b[^>]*>", (self.site / name).read_text(encoding="utf-8"))
                   if not re.search(r'\balt="[^"]', tag) and "/_static/images/logo_" not in tag]
        self.assertEqual(without, [])

    def test_formulas_are_mathml(self):
        text = (self.site / "lessons/5-backpropagation/5-backpropagation.html").read_text(encoding="utf-8")
        self.assertIn("<mfrac>", text)
        self.assertNotIn("\\frac", text)

    def test_no_solution_or_hidden_check_is_in_the_site(self):
        secrets = {"BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN", "BEGIN MARK SCHEME"}
        for source in ROOT.glob("lessons/source/*.md"):
            nb_text = source.read_text(encoding="utf-8")
            for block in re.findall(r"BEGIN (?:SOLUTION|HIDDEN TESTS|MARK SCHEME).*\n((?:.*\n)*?).*END ", nb_text):
                secrets |= {line.strip() for line in block.splitlines() if re.search(r"Check\w*Further\(", line)}
        self.assertGreater(len(secrets), 30)
        shown = [p for p in self.site.rglob("*") if p.suffix in (".html", ".ipynb", ".md", ".js", ".txt")]
        found = [f"{p.relative_to(self.site)}: {secret}" for p in shown for secret in secrets if secret in p.read_text(encoding="utf-8")]
        self.assertEqual([f for f in found if not f.startswith(("lessons/README", "_sources/lessons/README"))], [])  # that page explains the markers

    def test_a_failed_build_leaves_the_old_site(self):
        before = {p: p.stat().st_mtime_ns for p in self.site.rglob("*")}
        done = build(self.site, "--repository", "no address")
        self.assertEqual(done.returncode, 1)
        self.assertIn("https://github.com/OWNER/NAME", done.stderr)
        self.assertEqual({p: p.stat().st_mtime_ns for p in self.site.rglob("*")}, before)
        self.assertEqual([p.name for p in self.site.parent.iterdir()], ["site"])


class Server(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@unittest.skipUnless(CHROMIUM, "there is no Chromium here")
class BrowserTest(unittest.TestCase):
    """What a reader's browser does with a page of each kind."""

    KINDS = ("index.html", "notebooks/homework.html", "lessons/5-backpropagation/5-backpropagation.html", "reference/plots.html", "search.html?q=softmax")

    @classmethod
    def setUpClass(cls) -> None:
        from playwright.sync_api import sync_playwright

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=SITE))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.address = f"http://127.0.0.1:{server.server_port}/"
        playwright = sync_playwright().start()
        cls.addClassCleanup(playwright.stop)
        cls.browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        cls.addClassCleanup(cls.browser.close)

    def open(self, path: str, width: int = 1400, scheme: str = "light"):
        """The page, and what went wrong in it: requests to other hosts, requests that failed, errors of scripts."""
        context = self.browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
        self.addCleanup(context.close)
        page, wrong = context.new_page(), []
        page.set_default_timeout(120000)
        page.on("request", lambda r: None if r.url.startswith((self.address, "data:")) else wrong.append(r.url))
        page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.goto(self.address + path, wait_until="load")
        if "?q=" in path:
            page.wait_for_selector("#search-results li a")
        page.wait_for_load_state("networkidle")
        self.assertEqual(wrong, [], path)
        return page

    def faults(self, page) -> list[str]:
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return [f"{v['id']}: {node['html'][:200]}" for v in found for node in v["nodes"]]

    def test_axe_finds_nothing_and_nothing_is_asked_of_another_host(self):
        for path in self.KINDS:
            with self.subTest(path):
                self.assertEqual(self.faults(self.open(path)), [])

    def test_axe_finds_nothing_in_the_dark(self):
        for path in self.KINDS[-2:]:
            with self.subTest(path):
                self.assertEqual(self.faults(self.open(path, scheme="dark")), [])

    def test_on_a_phone_nothing_is_wider_than_the_screen(self):
        for path in self.KINDS:
            with self.subTest(path):
                self.assertLessEqual(self.open(path, width=390).evaluate("document.documentElement.scrollWidth"), 390)

    def test_the_search_finds_softmax(self):
        page = self.open("search.html?q=softmax")
        links = page.locator("#search-results li a").all_inner_texts()
        self.assertLess(links.index("Lesson 2: a linear model and softmax"), links.index("fashion"))
        self.assertIn("lessons > CheckSoftmax", links)
        excerpts = page.locator("#search-results li p.context").all_inner_texts()
        self.assertTrue(excerpts)
        self.assertEqual([e for e in excerpts if "Light Dark" in " ".join(e.split())], [])  # the buttons above a page

    def test_the_search_stays_in_sight(self):
        field = self.open("notebooks/homework.html").locator(".search-button-field")
        self.assertGreaterEqual(field.bounding_box()["y"], 0)  # the theme scrolls the side bar to the page's entry


if __name__ == "__main__":
    unittest.main()

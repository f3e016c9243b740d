"""nbgrader's Formgrader for one course folder: a server of its own that can do nothing else.

It has no terminals, kernels and files, so a page in it has nothing to misuse; its pages run only scripts that
bear the number made for that response, and load from this server only.
"""

import base64
import hashlib
import http.client
import math
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.filemanager import FileContentsManager
from nbgrader.server_extensions.formgrader import apihandlers, handlers
from nbgrader.server_extensions.formgrader.base import BaseApiHandler
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from tornado import web
from traitlets.config import Config

from fashionlab_grading.pages import TEMPLATES, Submission
from fashionlab_grading.visible import visible


def clicks() -> str:
    """The scripts in attributes of nbgrader's own templates, as a policy names them."""
    found = {c for file in Path(handlers.template_path).rglob("*.*") for c in re.findall(r'\bonclick="([^"{]+)"', file.read_text(encoding="utf-8"), re.IGNORECASE)}
    return " ".join(sorted(f"'sha256-{base64.b64encode(hashlib.sha256(c.encode()).digest()).decode()}'" for c in found))


CLICKS = clicks()


def policy(nonce: str = "") -> str:
    """A content security policy: nothing from elsewhere, and only the scripts that bear the nonce."""
    scripts = f"'nonce-{nonce}' 'unsafe-hashes' {CLICKS}" if nonce else "'none'"
    return (f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'")


# The paragraphs above a table.
MESSAGES = r"(?s)(\{%- block messages -%\}).*?(\{%- endblock -%\})"
# Changes of nbgrader's templates: what is there, and what it becomes. In all of them,
ANY: list[tuple[str, str]] = [
    # Roles that say less than the elements, or that need others around them.
    (r' role="(?:presentation|tab|tablist|tabpanel)"', ""), (r' aria-multiselectable="true"', ""),
    (r"<th></th>", "<th>Names</th>"), (r"<!doctype html>(?!\s*<html)", '<!doctype html><html lang="en">'), (r"<script\b(?! nonce)", '<script nonce="{{ nonce }}"'),
]
# and in those with these names, once.
ONE: dict[str, list[tuple[str, str]]] = {
    "base.tpl": [
        (r"<title>nbgrader formgrade</title>", "<title>{{ self.title() | trim }} · Formgrader</title>"), (r"</head>", '{% include "lists.html.j2" %}</head>'),
        (r'<div class="row">(?=\s*<div class="col-md-2">\s*<div class="page-header">)', '<div class="row" role="banner">'),
        (r'<div class="col-md-2">(?=\s*<ul class="nav)', '<div class="col-md-2" role="navigation" aria-label="Formgrader">'),
        (r'<div class="col-md-10">', '<div class="col-md-10" role="main">'), (r"<svg ", '<svg aria-hidden="true" '),
    ],
    # What they advise is done otherwise here.
    "manage_assignments.tpl": [(MESSAGES, r"\1<p>Assignments are released, collected and graded with <code>make release</code>, <code>make collect</code> and <code>make grade</code>.</p>\2")],
    "manage_submissions.tpl": [(MESSAGES, r"\1<p>Submissions are graded with <code>make grade</code>, in a sandbox. nbgrader's autograde refuses, here too.</p>\2")],
}


class Templates(jinja2.FileSystemLoader):
    """nbgrader's templates, with what their pages lack."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        text, file, current = super().get_source(environment, template)
        for pattern, put in ONE.get(template, []):
            text, times = re.subn(pattern, put, text)
            if times != 1:
                raise RuntimeError(f"{file}: {pattern} is there {times} times, not once. This version of nbgrader has other templates: change ONE in {__file__}.")
        for pattern, put in ANY:
            text = re.sub(pattern, put, text, flags=re.IGNORECASE)
        return text, file, current


class Guarded:
    """What all of the Formgrader's handlers get: the policy, and the nonce."""

    @property
    def nonce(self) -> str:
        if not hasattr(self, "_nonce"):
            self._nonce = secrets.token_urlsafe(18)
        return self._nonce

    @property
    def content_security_policy(self) -> str:
        return policy(self.nonce)

    def set_default_headers(self) -> None:
        super().set_default_headers()  # type: ignore[misc]
        self.set_header("Referrer-Policy", "same-origin")  # type: ignore[attr-defined]
        self.set_header("X-Content-Type-Options", "nosniff")  # type: ignore[attr-defined]

    def render(self, name: str, **values: Any) -> str:
        if name == "formgrade_404.tpl":
            raise web.HTTPError(404, f"{values['resources']['filename']} is missing. make grade writes it again.")
        page: str = super().render(name, nonce=self.nonce, **values)  # type: ignore[misc]
        return page

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """nbgrader's pages for faults say nothing, and Jupyter's need its own styles."""
        title = http.client.responses.get(status_code, "")
        message = getattr(kwargs.get("exc_info", (None, None))[1], "log_message", None) or f"{title}. The terminal in which the Formgrader runs says more."
        if isinstance(self, BaseApiHandler):
            self.finish({"message": message})
        else:
            self.finish(self.render("problem.tpl", code=status_code, title=title, message=message, base_url=self.base_url))  # type: ignore[attr-defined]

    @property
    def exporter(self) -> "Guarded":
        return self

    def from_filename(self, filename: str, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The page of a submission, in the place of nbconvert's."""
        course = self.coursedir  # type: ignore[attr-defined]
        folder = course.format_path(course.source_directory, ".", resources["assignment_id"])
        source = Path(folder) / f"{resources['notebook_id']}.ipynb"
        exporter = Submission()  # type: ignore[no-untyped-call]  # traitlets has no types for it
        return exporter.from_filename(filename, resources={**resources, "nonce": self.nonce, "source": str(source)})


class Start(handlers.FormgraderHandler):  # type: ignore[misc]
    """The first page. nbgrader's would load the settings, a program, from any folder that an address names."""

    @web.authenticated
    def get(self) -> None:
        self.redirect(f"{self.base_url}/formgrader/gradebook")


class Grade(apihandlers.GradeHandler):  # type: ignore[misc]
    """A cell's points, which nbgrader's interface takes in any number."""

    @web.authenticated
    def put(self, grade_id: str) -> None:
        most = limit(self, grade_id)
        given = self.get_json_body()
        if not isinstance(given, dict):
            raise web.HTTPError(400, "Points come as an object in JSON.")
        for name, title in {"manual_score": "Points", "extra_credit": "Extra points"}.items():
            try:
                value = float(given.get(name) or 0)
            except (TypeError, ValueError):
                value = math.nan
            if not 0 <= value <= most:
                raise web.HTTPError(400, f"{title} are a number from 0 to {most:g} in this cell.")
        super().put(grade_id)


def limit(handler: BaseApiHandler, grade_id: str) -> float:
    from nbgrader.api import MissingEntry

    try:
        return float(handler.gradebook.find_grade_by_id(grade_id).max_score)
    except MissingEntry:
        raise web.HTTPError(404) from None


INSTEAD = {handlers.FormgraderHandler: Start, apihandlers.GradeHandler: Grade}
# It serves what lies beside a graded notebook; a page has its pictures in it.
LEFT_OUT = [handlers.SubmissionFilesHandler]


class Extension(FormgradeExtension):  # type: ignore[misc]
    """nbgrader's server extension, with guarded handlers and templates."""

    def init_tornado_settings(self, webapp: Any) -> None:
        super().init_tornado_settings(webapp)
        env = jinja2.Environment(loader=Templates([handlers.template_path, TEMPLATES]), autoescape=True)
        env.filters["visible"] = visible
        webapp.settings["nbgrader_jinja2_env"] = env

    def init_handlers(self, webapp: Any) -> None:
        base = webapp.settings["base_url"].rstrip("/")
        found: list[tuple[Any, ...]] = []
        for pattern, handler, *rest in [*handlers.default_handlers, *apihandlers.default_handlers]:
            if handler in LEFT_OUT:
                continue
            handler = INSTEAD.get(handler, handler)
            if not issubclass(handler, web.StaticFileHandler):
                handler = type(handler.__name__, (Guarded, handler), {})
            found.append((base + pattern, handler, *rest))
        found.append((base + r"/formgrader/static/(.*)", web.StaticFileHandler, {"path": handlers.static_path}))
        found.append((base + r"/formgrader/.*", type("NotFound", (Guarded, handlers.Template404), {})))
        webapp.add_handlers(".*$", found)


def _load_jupyter_server_extension(app: ServerApp) -> None:
    """Called by the server."""
    extension = Extension(parent=app)
    extension.root_dir = app.root_dir
    extension.log = app.log
    extension.initialize([])
    extension.init_tornado_settings(app.web_app)
    extension.init_handlers(app.web_app)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "fashionlab_grading.formgrader"}]


class NoFiles(FileContentsManager):
    """The course folder, of which nothing is served."""

    def get_extra_handlers(self) -> list[Any]:
        return []


class Server(ServerApp):
    """A Jupyter server that has the Formgrader and nothing else."""

    default_services = ("auth", "security")  # type: ignore[assignment]  # a tuple of another length
    settings: dict[str, Any] = {}

    def find_server_extensions(self) -> None:
        """None of those that are installed."""

    def load_config_file(self, *arguments: Any, **options: Any) -> None:
        """Jupyter's files of settings are for JupyterLab, too: these come after them."""
        super().load_config_file(*arguments, **options)
        self.update_config(Config({"ServerApp": self.settings}))


def serve(folder: Path, arguments: list[str]) -> None:
    """Runs the Formgrader until it is stopped; the arguments are Jupyter's. JupyterHub may start it as a user's server."""
    # nbgrader compares its folder with the current one, in which links are followed, and reads its settings from there.
    folder = folder.resolve()
    os.chdir(folder)
    Server.settings = {
        "root_dir": str(folder), "default_url": "/formgrader/gradebook", "jpserver_extensions": {"fashionlab_grading.formgrader": True},
        "terminals_enabled": False, "contents_manager_class": NoFiles,
        "tornado_settings": {"headers": {"Content-Security-Policy": policy(), "Referrer-Policy": "same-origin"}},
    }
    if os.environ.get("JUPYTERHUB_SERVICE_URL"):
        from jupyterhub.singleuser.extension import JupyterHubSingleUser

        JupyterHubSingleUser.serverapp_class = Server
        JupyterHubSingleUser.serverapp_config = Server.settings
        JupyterHubSingleUser.launch_instance(arguments)
        return
    # No other page's request bears the login.
    Server.launch_instance(arguments, config=Config({"IdentityProvider": {"cookie_options": {"SameSite": "Strict"}}}))

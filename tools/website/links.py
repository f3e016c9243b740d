"""A Sphinx extension: the links of the repository's texts and notebooks, which have to work in the repository, in JupyterLab and here.

A link to a file that is a page leads to the page. One to another file or folder leads to the repository, and is plain
text where its address is not known. What is in neither is a warning, as a heading that is not there.
"""

import posixpath
from pathlib import Path
from urllib.parse import quote, unquote

from docutils import nodes
from myst_parser.slugs import github_slugify as slug
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)


class Links(SphinxTransform):
    """Leads the links of a page to where their targets are in the site."""

    default_priority = 690  # when all is parsed, and before MyST looks for the targets

    def apply(self, **arguments: object) -> None:
        notebook = self.env.doc2path(self.env.docname, base=False).suffix == ".ipynb"
        for node in list(self.document.findall(nodes.reference)):
            if node.get("id_link") and notebook:
                node["refuri"] = "#" + slug(unquote(node["refuri"][1:]))  # JupyterLab's anchors are the title itself, with - for spaces
        for node in list(self.document.findall(lambda n: isinstance(n, addnodes.pending_xref | addnodes.download_reference) and n.get("reftype") == "myst")):
            self.resolve(node)

    def resolve(self, node: nodes.Element) -> None:
        if node.get("refdomain") == "doc":
            path, fragment = self.env.doc2path(node["reftarget"], base=False).as_posix(), node.get("reftargetid")
        else:
            path, _, fragment = node["reftarget"].partition("#")
            path = posixpath.normpath(posixpath.join(self.env.doc2path(self.env.docname, base=False).parent.as_posix(), path))
        config = self.config
        if page := config.pages.get(path):
            node.replace_self(addnodes.pending_xref(
                "", *node.children, refdomain="doc", refdoc=self.env.docname, reftype="myst", refexplicit=node["refexplicit"],
                reftarget=page, reftargetid=slug(unquote(fragment)) if fragment else None,
            ))
        elif path.startswith("..") or not (Path(config.root) / path).exists():
            LOGGER.warning("a link leads to %s, which is neither a page nor in the repository", path, location=node)
        elif config.repository:
            kind = "tree" if (Path(config.root) / path).is_dir() else "blob"
            uri = f"{config.repository}/{kind}/{quote(config.branch)}/{quote(path)}" + (f"#{fragment}" if fragment else "")
            node.replace_self(nodes.reference("", "", *node.children, refuri=uri, internal=False))
        else:
            node.replace_self(node.children)


def alternatives(app: Sphinx, doctree: nodes.document) -> None:
    """Gives the pictures of outputs their alternative texts. MyST-NB names a picture by the hash of its content."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt"):
            name = Path(image["uri"]).stem
            if name not in app.config.alternatives:
                LOGGER.warning("the picture %s has no alternative text", image["uri"], location=image)
            image["alt"] = app.config.alternatives.get(name, "")


def launch(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Adds GitHub's Codespaces to the buttons that open a notebook, and takes them from a notebook that is not in the repository."""
    buttons = context["header_buttons"]
    for group in [b for b in buttons if b.get("label") == "launch-buttons"]:
        if not (Path(app.config.root) / app.env.doc2path(pagename, base=False)).exists():
            buttons.remove(group)
        elif app.config.repository.startswith("https://github.com/"):
            group["buttons"].append({
                "type": "link", "text": "Codespaces", "tooltip": "Open the repository in GitHub Codespaces", "icon": "fab fa-github",
                "url": f"https://codespaces.new/{app.config.repository.removeprefix('https://github.com/')}/tree/{quote(app.config.branch)}",
            })


def setup(app: Sphinx) -> dict:
    for name, default in (("pages", {}), ("alternatives", {}), ("repository", ""), ("branch", ""), ("root", "")):
        app.add_config_value(name, default, "env", type(default))
    app.add_transform(Links)
    app.connect("doctree-read", alternatives)
    app.connect("html-page-context", launch, priority=502)  # after the theme's buttons
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Sphinx's settings for the site. build.py adds those of this build."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # the extensions beside this file

project = "fashionlab"
extensions = ["myst_nb", "links", "mathml"]
html_math_renderer = "mathml"

nb_execution_mode = "off"  # the outputs are those that are stored
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 6

html_theme = "sphinx_book_theme"
html_title = "fashionlab"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_favicon = "static/icon.svg"
html_context = {"default_mode": "auto"}  # light or dark, as the browser has it
html_sidebars = {"**": ["search-button-field.html", "sbt-sidebar-nav.html"]}  # without the theme's logo, which is outside of all landmarks
html_theme_options = {
    "use_fullscreen_button": False,
    "navbar_start": [], "navbar_center": [], "navbar_end": [], "navbar_persistent": [],  # the search is in the side bar
    "show_toc_level": 2,
    "home_page_in_toc": True,
    "footer_content_items": "extra-footer.html",
    "extra_footer": "Apache License 2.0",
}

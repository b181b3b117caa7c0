"""How Sphinx builds the site. Its sources are put together by `tests.website.pages`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamstate import __version__
from tests.website.python_api import as_restructured_text

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "streamstate"
author = "The streamstate authors"
release = __version__
html_title = "streamstate"
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["sections.js", "sort.js"]
html_copy_source = False
html_show_search_summary = False  # it fetches each page, which a browser refuses for files
html_show_sphinx = False
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
myst_heading_anchors = 6
myst_enable_extensions = ["attrs_block"]
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
autodoc_preserve_defaults = True  # as the source has them, and no addresses of functions
python_use_unqualified_type_names = True
toc_object_entries = False
suppress_warnings = ["misc.highlighting_failure"]  # excerpts in prose need not be whole programs


def setup(app: Sphinx) -> None:
    app.connect("autodoc-process-docstring", as_restructured_text)

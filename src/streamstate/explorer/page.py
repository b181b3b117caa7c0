"""The page: a template with a style, scripts and data put in, which may use nothing else."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Final

from streamstate.explorer.data import explorer_data
from streamstate.wire import Json

SCRIPTS: Final = ("machine.js", "words.js", "reading.js", "showing.js", "explorer.js")
"""In the order in which they need each other."""


def explorer_page(version: str) -> str:
    """The whole page, HTML 5. `version` is that of this package.

    Raises `FileNotFoundError` where the normative page is not installed.
    """
    return page_of(explorer_data(version), "\n".join(map(_file, SCRIPTS)))


def page_of(data: Mapping[str, Json], script: str) -> str:
    """The page with that data and that script."""
    style = _file("explorer.css")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}';"
        " base-uri 'none'; form-action 'none'"
    )
    return Template(_file("explorer.html")).substitute(
        policy=policy, style=style, script=script, data=_inline(data)
    )


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _inline(data: Mapping[str, Json]) -> str:
    """JSON in which nothing can end the element that it stands in."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")

"""Makes the page: a template with a style, scripts and data put in. It may use nothing else."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from errno import EEXIST
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import quote

from streamstate.explorer.data import explorer_data
from streamstate.wire import Json

SCRIPTS: Final = ("machine.js", "words.js", "reading.js", "showing.js", "explorer.js")
"""The scripts, in the order in which they need each other."""

_TITLE: Final = b"<title>streamstate explorer</title>"
"""A mark by which this package recognises its page among other files."""


def explorer_page(version: str) -> str:
    """The whole page, HTML 5. `version` is the version of this package.

    Raises `FileNotFoundError` if the normative page is not installed.
    """
    return page_of(explorer_data(version), "\n".join(map(_file, SCRIPTS)))


def explorer_beside(report: Path, version: str) -> str:
    """Write the page beside a report, and return its name, for links from there.

    Beside a pipe or a device it writes nothing, and the name is empty. Raises `OSError` if it
    cannot write, and `FileExistsError` if something else has its name.
    """
    if report.exists() and not report.is_file():
        return ""
    place = report.with_name(f"{report.stem}-explorer.html")
    if place.exists() and _TITLE not in place.read_bytes()[:4096]:
        raise FileExistsError(EEXIST, f"{place.name} is something else")
    place.write_text(explorer_page(version), encoding="utf-8")
    return quote(place.name)


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

"""What HTML pages of this package have in common.

A page needs nothing else: no network, no script. All that is put into a template is text, escaped,
in a form that XML can hold. The style sheet is the only thing that a page may use, by its hash.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from streamstate.oracle.reports.view import legal


def templates(package: str, style: str = "") -> Environment:
    """What renders the templates of a package. They have `style`, which is their `style.css` with
    what is given here, and `digest`, the hash of it."""
    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        finalize=_as_text,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    whole = made.get_template("style.css").render() + style
    digest = b64encode(sha256(whole.encode()).digest()).decode()
    made.globals |= {"style": style_sheet(whole), "digest": digest}
    return made


def _as_text(value: object) -> object:
    return value if isinstance(value, Markup) else legal(str(value))


def style_sheet(text: str) -> Markup:
    """A style sheet of ours, which is not escaped, and so may not hold what would be."""
    if set("<&") & set(text):
        raise ValueError("a style sheet must be text without < and &")
    return Markup(text)

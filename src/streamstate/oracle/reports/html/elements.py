"""HTML and SVG as a tree. Text is text until the very end, where all of it is escaped: there is no
way to put markup into a page but to build an element."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final, TypeAlias

from streamstate.oracle.reports.showing import legal

Content: TypeAlias = "Element | str"
"""What can be inside an element; a `str` is text."""

_VOID: Final = frozenset({"meta", "br"})
_STYLE: Final = "style"
_OWN_LINE: Final = frozenset(
    {
        *("html", "head", "body", "main", "header", "footer", "nav", "section", "article", "h1"),
        *("h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr"),
        *("caption", "figure", "figcaption", "svg", "g", "meta", "title", "style", "pre", "div"),
    }
)


@dataclass(frozen=True, slots=True)
class Element:
    """An element with its attributes and what is in it."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[Content, ...]


def element(tag: str, /, *children: Content, **attributes: str | float | None) -> Element:
    """An element. `class_` is `class`, `aria_label` is `aria-label`; attributes that are None are
    left out."""
    named = tuple(
        (name.rstrip("_").replace("_", "-"), _number(value))
        for name, value in attributes.items()
        if value is not None
    )
    return Element(tag, named, children)


def _number(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


def text_of(content: Content) -> str:
    """The text in it, without its elements."""
    if isinstance(content, str):
        return content
    return "".join(map(text_of, content.children))


def serialize(root: Element) -> str:
    """The markup: HTML 5 that is well-formed XML too. O(size)."""
    return "".join(_parts(root))


def _parts(content: Content) -> Iterator[str]:
    if isinstance(content, str):
        yield escape(legal(content), quote=False)
        return
    attributes = "".join(f' {name}="{escape(legal(value))}"' for name, value in content.attributes)
    end = "\n" if content.tag in _OWN_LINE else ""
    if content.tag in _VOID:
        yield f"<{content.tag}{attributes}/>{end}"
        return
    yield f"<{content.tag}{attributes}>"
    for child in content.children:
        if content.tag == _STYLE:
            yield _own_style(child)
        else:
            yield from _parts(child)
    yield f"</{content.tag}>{end}"


def _own_style(child: Content) -> str:
    """A style sheet of ours, which is not escaped, and so may not hold what would be."""
    if not isinstance(child, str) or set("<&") & set(child):
        raise ValueError("a style sheet must be text without < and &")
    return child

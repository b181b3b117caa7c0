"""SVG as a tree of elements: what is text stays text."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

STYLE: Final = """
.drawn { color-scheme: light dark; --paper: #fff; --ink: #1d2126; --soft: #59616b;
  --line: #8d96a1; --box: #f1f3f5; --one: #1f5fbf; --other: #a3480b; --held: #f2c063;
  --bad: #b3261e; --seen: #7f5200; }
@media (prefers-color-scheme: dark) { .drawn { --paper: #14171a; --ink: #e6e9ec; --soft: #a2abb5;
  --line: #75808c; --box: #242a31; --one: #8ab4f8; --other: #f0a36b; --held: #7f5f1d;
  --bad: #ff9a91; --seen: #f2c063; } }
.drawn text { fill: var(--ink); font: 13px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
.drawn .paper { fill: var(--paper); }
.drawn .title { font-weight: 600; font-size: 15px; }
.drawn .name { font-weight: 600; }
.drawn .soft { fill: var(--soft); font-size: 12px; }
.drawn .middle { text-anchor: middle; }
.drawn .end { text-anchor: end; }
.drawn .halo { paint-order: stroke; stroke: var(--paper); stroke-width: 5px;
  stroke-linejoin: round; }
.drawn .box { fill: var(--box); stroke: var(--line); }
.drawn .line { fill: none; stroke: var(--line); stroke-width: 1.3px; }
.drawn .back { stroke-dasharray: 5 4; }
.drawn .tip { fill: var(--line); }
.drawn .held { fill: var(--held); }
.drawn .one { fill: var(--one); font-weight: 600; }
.drawn .other { fill: var(--other); font-weight: 600; }
.drawn .bad { fill: var(--bad); font-weight: 600; }
.drawn .seen { fill: var(--seen); font-weight: 600; }
.drawn .line.bad { fill: none; stroke: var(--bad); stroke-width: 2px; }
.drawn .line.seen { fill: none; stroke: var(--seen); stroke-width: 2px; }
.drawn .line.one { fill: none; stroke: var(--one); stroke-width: 2px; }
.drawn .line.other { fill: none; stroke: var(--other); stroke-width: 2px; }
"""
"""The style of pictures that stand alone, and of a page that holds some."""


def drawing(width: float, height: float, title: str, said: str) -> Element:
    """An empty picture, with its title and its description for those who do not see it."""
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "drawn",
            "viewBox": f"0 0 {width:g} {height:g}",
            "width": f"{width:g}",
            "height": f"{height:g}",
            "role": "img",
            "aria-labelledby": "title said",
        },
    )
    SubElement(root, "title", {"id": "title"}).text = title
    SubElement(root, "desc", {"id": "said"}).text = said
    shape(root, "rect", "paper", width=width, height=height)
    return root


def shape(parent: Element, tag: str, kind: str, **attributes: str | float) -> Element:
    """A shape in `parent`, of that class."""
    written = {
        name: value if isinstance(value, str) else f"{value:g}"
        for name, value in attributes.items()
    }
    return SubElement(parent, tag, {"class": kind, **written})


def text(parent: Element, words: str, x: float, y: float, kind: str) -> None:
    """A text at that place."""
    shape(parent, "text", kind, x=x, y=y).text = "".join(
        letter if letter.isprintable() else "\ufffd" for letter in words
    )


def arrow(parent: Element, points: tuple[tuple[float, float], ...], kind: str = "") -> None:
    """A line through these points, with a tip at the last one."""
    way = "L".join(f"{x:g} {y:g}" for x, y in points)
    shape(parent, "path", f"line {kind}".strip(), d=f"M{way}")
    (before_x, before_y), (x, y) = points[-2:]
    length = ((x - before_x) ** 2 + (y - before_y) ** 2) ** 0.5 or 1.0
    along, across = (x - before_x) / length * 9, (y - before_y) / length * 9
    corners = (
        (x, y),
        (x - along - across / 2, y - across + along / 2),
        (x - along + across / 2, y - across - along / 2),
    )
    tip = " ".join(f"{one:.1f},{other:.1f}" for one, other in corners)
    shape(parent, "polygon", kind.replace("back", "").strip() or "tip", points=tip)


def written(root: Element) -> str:
    """The picture as a file of its own."""
    style = Element("style")
    style.text = STYLE
    root.insert(2, style)
    return _indented(root)


def on_a_page(root: Element, name: str) -> str:
    """The picture for a page that has `STYLE`; its ids begin with `name`."""
    ids = ("title", "said")
    for element, identity in zip(root, ids, strict=False):
        element.set("id", f"{name}-{identity}")
    root.set("aria-labelledby", " ".join(f"{name}-{each}" for each in ids))
    return _indented(root)


def _indented(root: Element) -> str:
    indent(root)
    return tostring(root, encoding="unicode") + "\n"

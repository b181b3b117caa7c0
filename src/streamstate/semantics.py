"""The normative page, `semantics.md`, as data: its text under each rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from streamstate.model import Dialect, Limits, Rule

SPECIFICATION: Final = 1
"""The version of the specification, raised when the meaning of a rule changes."""

PUBLISHED: Final = ""
"""Where the page is published, such as `https://…/reference/rules.html` of the site; empty while it
is nowhere. Then reports name the command that shows a rule, and links lead to the file on this
disk."""

_PACKAGE: Final = Path(__file__).parent

_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
_RULE_ID: Final = re.compile(r"[A-Z_]+_[0-9]+")
_BODY: Final = re.compile(
    r"\n\n(?P<sentence>.+?)"
    r"\n\n\*\*Intent\.\*\* (?P<intent>.+?)"
    r"\n\n\*\*Example\*\* in (?P<place>.+?):"
    r"\n\n```text\n(?P<example>.+?)\n```\n*",
    re.DOTALL,
)

_PLACE: Final = re.compile(
    r"`(?P<dialect>[^`]+)`(, full at (?P<bytes>\d+) bytes or (?P<chunks>\d+) chunks?)?"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """What the page says under a rule. `sentence` binds; `intent` is there to settle arguments.

    `example` is lines of `OP → ANSWER`, one for each op, with an empty one after the op that the
    rule is about where others follow. `place` says in which dialect it runs, and with which limits.
    """

    sentence: str
    intent: str
    place: str
    example: str

    @property
    def dialect(self) -> Dialect:
        """The dialect in which the example runs. Raises `ValueError` if the page names none."""
        return Dialect.parse(self._where()["dialect"])

    @property
    def limits(self) -> Limits:
        """The limits with which the example runs. Raises `ValueError` as `dialect` does."""
        where = self._where()
        return Limits(int(where["bytes"]), int(where["chunks"])) if where["bytes"] else Limits()

    @property
    def program(self) -> str:
        """The ops of the example, as JSON text."""
        ops = (line.partition(" → ")[0].strip() for line in self.example.splitlines() if line)
        return f"[{','.join(ops)}]"

    @property
    def about(self) -> int:
        """Which op of the example the rule is about, counted from 0."""
        return len(self.example.partition("\n\n")[0].splitlines()) - 1

    def _where(self) -> re.Match[str]:
        where = _PLACE.fullmatch(self.place)
        if where is None:
            raise ValueError(f"{self.place!r} does not say in which dialect an example runs")
        return where


def page() -> Path:
    """Where the page is. Raises `FileNotFoundError`."""
    return of_the_specification("semantics.md")


def of_the_specification(name: str) -> Path:
    """Where a file of the specification is.

    An installed wheel has it in the package, a checkout in `spec`. Raises `FileNotFoundError` if it
    is in neither place.
    """
    places = (_PACKAGE / name, _PACKAGE.parents[1] / "spec" / name)
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(f"no {name} in {places[0]} nor in {places[1]}")


def published(rule: Rule) -> str | None:
    """The address of a rule where the page is published; None while it is published nowhere."""
    return f"{PUBLISHED}#{rule.name.lower()}" if PUBLISHED else None


def address(rule: Rule) -> str:
    """The address of a rule's anchor on the page.

    Raises `FileNotFoundError` without the page.
    """
    return published(rule) or f"{page().as_uri()}#{rule.name.lower()}"


def sections() -> dict[str, str]:
    """Heading → the text under it up to the next one, in the order of the page.

    Raises `FileNotFoundError` without the page, and `ValueError` if two headings are alike.
    """
    _, *parts = _HEADING.split(page().read_text(encoding="utf-8"))
    headings, texts = parts[::2], parts[1::2]
    if len(set(headings)) < len(headings):
        raise ValueError("two headings of semantics.md are alike")
    return dict(zip(headings, texts, strict=True))


@cache
def passages() -> Mapping[Rule, Passage]:
    """Every rule's passage, in the order of the page. Read once, O(page).

    Raises `FileNotFoundError` without the page, and `ValueError` for one that is laid out otherwise
    or has a rule that the model does not have.
    """
    found = {}
    for heading, text in sections().items():
        if not _RULE_ID.fullmatch(heading):
            continue
        body = _BODY.fullmatch(text)
        if body is None or heading not in Rule.__members__:
            raise ValueError(f"{heading} of semantics.md is no rule, or not laid out like one")
        sentence, intent, place = (" ".join(body[part].split()) for part in _IN_PROSE)
        found[Rule[heading]] = Passage(sentence, intent, place, body["example"])
    return MappingProxyType(found)


_IN_PROSE: Final = ("sentence", "intent", "place")

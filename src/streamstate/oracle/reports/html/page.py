"""The page: what stands on it, in which order. Each section is made elsewhere.

Everything is built of elements (`elements`), so what an implementation says stays text. The style
sheet is the only thing that the page may use, by its hash: no script, no picture from elsewhere, no
style in an attribute, whatever finds its way into it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.resources import files

from streamstate.oracle.programs.in_words import clean
from streamstate.oracle.reports.html.certificates import certificate_tables
from streamstate.oracle.reports.html.deviations import deviations_section
from streamstate.oracle.reports.html.dialects import dialect_section
from streamstate.oracle.reports.html.elements import Content, Element, element, serialize, text_of
from streamstate.oracle.reports.html.known import known_section
from streamstate.oracle.reports.html.rules import rules_section
from streamstate.oracle.reports.sentences import HURRIED, blind_spots, certificate, counted
from streamstate.oracle.reports.showing import breaking_of, headline, in_short
from streamstate.oracle.verdict.shard import WHOLE
from streamstate.oracle.verdict.verdict import CONFORMS, Verdict


def as_html(verdict: Verdict, command: Sequence[str] = ()) -> str:
    """The page. `command` is what ran the implementation, empty for the built-in."""
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    title = headline(verdict)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", style),
    )
    sections = tuple(_sections(verdict, command))
    main = element("main", _contents(sections), *sections)
    body = element("body", _header(verdict, title), main)
    return "<!DOCTYPE html>\n" + serialize(element("html", head, body, lang="en"))


def _header(verdict: Verdict, title: str) -> Element:
    return element(
        "header",
        element("p", "streamstate check", class_="brand"),
        element("p", verdict.outcome, class_=f"badge {verdict.outcome}"),
        element("h1", title),
        _numbers(verdict),
    )


def _numbers(verdict: Verdict) -> Element:
    tally = verdict.tally
    rules = len(tally.rules) + (0 if verdict.single else len(verdict.unexercised()))
    numbers = {
        "dialect asked for": str(verdict.dialect),
        "programs": f"{tally.programs:,}",
        "of them deviate": f"{tally.deviating:,}",
        "ops": f"{tally.ops:,}",
        "seconds": f"{tally.seconds_in_all:.1f}",
        "of them driving": f"{tally.seconds:.1f}",
        "rules exercised": f"{len(tally.rules)} of {rules}",
        "seed": str(verdict.seed),
    }
    return element(
        "dl",
        *(
            element("div", element("dt", name), element("dd", value))
            for name, value in numbers.items()
        ),
        class_="numbers",
    )


def _contents(sections: Sequence[Element]) -> Element:
    """A link to each section, and to each deviation under its own."""
    items = (
        element("li", _link(section), *_articles(section))
        for section in sections
        if _heading(section) is not None
    )
    return element("nav", element("ul", *items), aria_label="Contents")


def _articles(section: Element) -> Iterator[Element]:
    inside = [each for each in section.children if isinstance(each, Element)]
    articles = [element("li", _link(each)) for each in inside if each.tag == "article"]
    if articles:
        yield element("ul", *articles)


def _link(part: Element) -> Element:
    heading = _heading(part)
    assert heading is not None, "a part of the page has a heading with an id"
    (where,) = (value for name, value in heading.attributes if name == "id")
    return element("a", text_of(heading), href=f"#{where}")


def _heading(part: Element) -> Element | None:
    first = part.children[0]
    return first if isinstance(first, Element) and first.tag in {"h2", "h3"} else None


def _sections(verdict: Verdict, command: Sequence[str]) -> Iterator[Element]:
    """What needs doing comes first: an exchange that broke, an adapter to mend, deviations."""
    if verdict.outcome == CONFORMS:
        yield from _shown(verdict)
    yield from _broken(verdict)
    yield from _mistakes(verdict)
    yield from deviations_section(verdict, command)
    yield from known_section(verdict)
    yield dialect_section(verdict)
    yield rules_section(verdict)
    if verdict.outcome != CONFORMS:
        yield from _shown(verdict)


def _section(name: str, title: str, *content: Content) -> Element:
    heading = element("h2", title, id=name)
    return element("section", heading, *content, aria_labelledby=name)


def _broken(verdict: Verdict) -> Iterator[Element]:
    error = verdict.tally.broken
    if error is None:
        return
    content: list[Content] = [element("p", clean(error.message, 400), class_="bad")]
    where = breaking_of(verdict)
    if where is not None:
        content.append(element("p", where))
    running = verdict.tally.running
    if running is not None:
        shown = "; ".join(in_short(running.program))
        content.append(element("p", f"The program that was running: {shown}"))
    tail = [clean(line, 200) for line in error.stderr.splitlines() if line.strip()][-20:]
    if tail:
        content.append(element("p", "The end of its stderr:"))
        content.append(element("pre", "\n".join(tail), tabindex="0"))
    yield _section("exchange", "The exchange broke", *content)


def _mistakes(verdict: Verdict) -> Iterator[Element]:
    mistakes = verdict.tally.mistakes.most_common()
    if mistakes:
        items = (
            element("li", f"{mistake.value} ({counted(programs, 'program')})")
            for mistake, programs in mistakes
        )
        yield _section("adapter", "The adapter, first", element("ul", *items))


def _shown(verdict: Verdict) -> Iterator[Element]:
    """What the runs show, and what they cannot have seen."""
    lines = [certificate(verdict)]
    if verdict.shard != WHOLE:
        lines.append(f"This is part {verdict.shard.number} of {verdict.shard.of} of the plan.")
    if verdict.tally.cut is not None:
        lines.append(f"The time was over at: {clean(verdict.tally.cut)}.")
    if verdict.hurried:
        lines.append(HURRIED)
    content = [element("p", line) for line in lines]
    title = "Certificate" if verdict.certificates else "What was run"
    yield _section("certificate", title, *content, *certificate_tables(verdict))
    spots = element("ul", *(element("li", spot) for spot in blind_spots(verdict)))
    yield _section("blind-spots", "What this cannot see", spots)

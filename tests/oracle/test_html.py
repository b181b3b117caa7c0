"""The page: only what templates have, whole without a network, everything on it and linked."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest
from jinja2 import UndefinedError

from streamstate.model import Create, Rule
from streamstate.oracle.programs.rulesets import RULES, bit_of
from streamstate.oracle.reports.html import as_html, environment
from streamstate.oracle.reports.pages import style_sheet
from streamstate.semantics import passages
from streamstate.wire.in_words import ops_in_words
from tests.oracle.reported import NASTY
from tests.oracle.reported_known import KINDS, verdict_of

SVG = "{http://www.w3.org/2000/svg}"


def page_of(kind: str) -> Element:
    """The page, which is well-formed XML too."""
    return fromstring(as_html(verdict_of(kind), ("node", NASTY)).removeprefix("<!DOCTYPE html>\n"))


def text_of(found: Element) -> str:
    return "".join(found.itertext())


# --- Templates -------------------------------------------------------------------------------


def test_text_and_attributes_are_escaped() -> None:
    template = environment().from_string('<p title="{{ said }}">{{ said }}<b>{{ "&amp;" }}</b></p>')
    markup = template.render(said=NASTY)
    read = fromstring(markup)
    assert [each.tag for each in read.iter()] == ["p", "b"]
    assert set(read.attrib) == {"title"}
    assert read.findtext("b") == "&amp;"
    assert "<script>alert(1)</script>" in (read.text or "")
    assert "<script" not in markup


@pytest.mark.parametrize("text", ["</style><script>", "a & b", "x < y"])
def test_a_style_sheet_cannot_end_early(text: str) -> None:
    with pytest.raises(ValueError, match="without < and &"):
        style_sheet(text)


def test_a_template_that_names_what_is_not_there_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ verdict.nothing }}").render(verdict=verdict_of("conforms"))


# --- The page --------------------------------------------------------------------------------

ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "nav", "section"),
    "article",
    *("h1", "h2", "h3", "p", "ul", "li", "dl", "div", "dt", "dd", "table", "caption", "thead"),
    *("tbody", "tr", "th", "td", "code", "pre", "strong", "small", "span", "bdi", "a", "figure"),
    *("figcaption", "details", "summary"),
    *(SVG + name for name in ("svg", "g", "path", "polygon", "rect", "text")),
    *(SVG + name for name in ("title", "desc", "a")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_on_the_page_is_but_what_we_put_there(kind: str) -> None:
    page = page_of(kind)
    assert {each.tag for each in page.iter()} <= ALLOWED
    ids = [each.get("id") for each in page.iter() if each.get("id")]
    assert len(set(ids)) == len(ids)
    for each in page.iter():
        assert not [name for name in each.attrib if name.startswith("on") or name == "style"]
        link = each.get("href")
        assert link is None or (link.startswith("#") and link[1:] in ids), link
        for named in (each.get("aria-labelledby") or "").split():
            assert named in ids, named


def test_the_policy_allows_the_style_sheet_and_nothing_else() -> None:
    head = page_of("conforms")[0]
    (policy,) = (m.get("content") for m in head if m.get("http-equiv") == "Content-Security-Policy")
    style = head.find("style")
    assert style is not None
    digest = base64.b64encode(hashlib.sha256((style.text or "").encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in (style.text or "")
    assert "@import" not in (style.text or "")


def test_every_heading_is_under_one_of_the_level_above() -> None:
    levels = [
        int(each.tag[1]) for each in page_of("two causes").iter() if each.tag in {"h1", "h2", "h3"}
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_heat_map_has_every_rule_of_the_dialect_and_marks_the_cause() -> None:
    verdict = verdict_of("one cause")
    page = page_of("one cause")
    (heat,) = page.iterfind(".//table[@class='heat']")
    links = [each.get("href", "")[1:] for each in heat.iter("a")]
    assert links == [rule.name for rule in RULES if verdict.reachable & bit_of(rule)]
    blamed = [text_of(each) for each in heat.iter("li") if each.get("class") == "blamed"]
    assert blamed == [f"2{verdict.tally.rules[Rule.CLOSE_2]:,}cause"]
    sentences = {
        each.get("id"): text_of(each) for each in page.iterfind(".//dl[@class='sentences']/div")
    }
    assert set(links) <= set(sentences)
    assert Rule.CLOSE_2.value in sentences["CLOSE_2"]


def test_rules_stand_with_their_intent() -> None:
    page = page_of("one cause")
    intents = {
        each.get("id"): text_of(each[-1]) for each in page.iterfind(".//dl[@class='sentences']/div")
    }
    said = passages()[Rule.CLOSE_2].intent
    assert intents["CLOSE_2"] == said.replace("`", "")


@pytest.mark.parametrize("kind", KINDS)
def test_the_contents_link_every_section_and_every_deviation(kind: str) -> None:
    page = page_of(kind)
    (contents,) = page.iter("nav")
    headings = [
        each for each in page.iter() if each.tag in {"h2", "h3"} and each.get("id") is not None
    ]
    assert {(each.get("href"), text_of(each)) for each in contents.iter("a")} == {
        (f"#{each.get('id')}", text_of(each)) for each in headings
    }


def test_deviations_after_the_first_are_folded_to_a_line() -> None:
    verdict = verdict_of("two causes")
    folded = replace(verdict, deviations=verdict.deviations * 4)
    for most, expected in ((5, [False] * 5 + [True] * 3), (8, [False] * 8)):
        page = fromstring(as_html(folded, most=most).removeprefix("<!DOCTYPE html>\n"))
        articles = list(page.iter("article"))
        assert [article.find("details") is not None for article in articles] == expected
        assert all(article.find(".//table[@class='program']") is not None for article in articles)
        for number, article in enumerate(articles, start=1):
            line = article.find("details/summary")
            assert line is None or text_of(line).startswith(f"{number}. ")


def test_where_a_deviation_is_seen_is_said_only_if_its_cause_is_elsewhere() -> None:
    verdict = verdict_of("another dialect")
    articles = page_of("another dialect").iter("article")
    for deviation, article in zip(verdict.deviations, articles, strict=True):
        facts = [text_of(each) for each in article.iter("dt")]
        assert ("seen at" in facts) is (deviation.seen_at is not deviation.rule)
        assert ("probably caused at" in facts) is (deviation.seen_at is not deviation.rule)


def test_only_what_has_a_certificate_has_a_section_of_that_name() -> None:
    headings = {kind: [text_of(each) for each in page_of(kind).iter("h2")] for kind in KINDS}
    for kind, titles in headings.items():
        certified = bool(verdict_of(kind).certificates)
        assert ("Certificate" in titles, "What was run" in titles) == (certified, not certified)


def test_the_dialect_matrix_marks_what_was_asked_for_and_what_shows() -> None:
    (matrix,) = page_of("another dialect").iterfind(".//table[@class='dialects']")
    chips = {text_of(each): each.get("class") for each in matrix.iter("li")}
    assert chips["supersedeasked for"] == "asked"
    assert chips["queueshows"] == "fits"
    assert chips["acceptasked for, shows"] == "fits asked"
    assert chips["overwrite"] is None


def test_known_deviations_are_a_table_with_their_reasons() -> None:
    page = page_of("excused, one entry out of date")
    (section,) = page.iterfind(".//section[@aria-labelledby='known']")
    (_, stands, gone) = [[text_of(cell) for cell in row] for row in section.iter("tr")]
    assert stands[:3] == ["CLOSE_2", "known.toml, line 1", "create(); pull(1) as pull 1; close(1)"]
    assert stands[3].startswith("so be it ")
    assert stands[3].endswith("(https://example.org/1)")
    assert stands[4:] == ["Its program deviates as it says.", "1 deviation"]
    assert gone[4:] == [
        "Its program no longer deviates; remove the entry.",
        "nothing here",
    ]
    (heat,) = page.iterfind(".//table[@class='heat']")
    excused = [text_of(each) for each in heat.iter("li") if text_of(each).endswith("excused")]
    assert len(excused) == 1


def test_a_program_is_a_table_in_time_order() -> None:
    (table,) = page_of("one cause").iterfind(".//table[@class='program']")
    rows = [[text_of(cell) for cell in row] for row in table.iter("tr")]
    assert rows == [
        ["#", "op", "expected", "observed"],
        ["1", "create()", "returns 1", "as expected"],
        ["2", "pull(1) as pull 1", "the pull waits", "as expected"],
        ["3", "close(1)", "pull 1 is done", "✗ no pull settles"],
    ]


def test_the_same_verdict_is_the_same_page() -> None:
    assert as_html(verdict_of("two causes")) == as_html(verdict_of("two causes"))


# --- Pictures and replays --------------------------------------------------------------------


def drawn_on(page: Element) -> list[list[str]]:
    """The words of each sequence diagram and each difference."""
    drawn = (each for each in page.iter(SVG + "svg") if each.get("class") == "drawn")
    pictures = (each for each in drawn if each.get("aria-labelledby", "")[:7] != "machine")
    return [[text_of(each) for each in picture.iter(SVG + "text")] for picture in pictures]


def test_each_deviation_has_its_program_as_a_sequence_with_what_was_observed() -> None:
    deviations = verdict_of("two causes").deviations
    pictures = drawn_on(page_of("two causes"))
    assert len(pictures) == len(deviations)
    for picture, deviation in zip(pictures, deviations, strict=True):
        program = deviation.program[: deviation.difference.at + 1]
        assert picture[0] == f"{len(program)} ops in reference"
        assert [each for each in picture if each in set(ops_in_words(program))] == [
            *ops_in_words(program)
        ]
        assert picture[-1].startswith("✗ observed: ")
        assert deviation.seen_at.name in picture


def test_a_long_program_is_not_drawn() -> None:
    verdict = verdict_of("one cause")
    (deviation,) = verdict.deviations
    begun = (*([Create()] * 40), *deviation.program)
    at = replace(deviation.difference, at=len(begun) - 1)
    long = replace(deviation, program=begun, difference=at)
    page = as_html(replace(verdict, deviations=(long,))).removeprefix("<!DOCTYPE html>\n")
    assert drawn_on(fromstring(page)) == []


def test_a_dialect_that_shows_is_drawn_beside_the_one_asked_for() -> None:
    verdict = verdict_of("another dialect")
    assert verdict.nearest is not None
    shown = verdict.nearest.dialect
    titles = [picture[0] for picture in drawn_on(page_of("another dialect"))]
    assert titles[-1] == f"{verdict.dialect} ◂ ▸ {shown}"
    assert sum("◂ ▸" in each for each in titles) == 1


def test_a_page_without_an_explorer_links_to_none() -> None:
    verdict = verdict_of("two causes")
    assert "Replay it" not in as_html(verdict)
    linked = as_html(verdict, explorer="e.html").count('<a href="e.html#report=')
    assert linked == len(verdict.deviations)

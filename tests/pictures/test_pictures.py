"""Pictures show the table, all of it, and nothing else; a browser finds nothing that overlaps."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any, Final
from xml.etree import ElementTree

import pytest

from streamstate.cli.rows import situations_of
from streamstate.model import (
    NAMED,
    CancelPull,
    Create,
    Dialect,
    Event,
    Limits,
    Op,
    Phase,
    State,
    Waiting,
    advance,
    initial,
    lattice,
)
from streamstate.model.state import control_of
from streamstate.pictures import sequence_diagram, state_diagram
from streamstate.pictures.ways import Way, ways
from streamstate.wire import parse_turns
from streamstate.wire.in_words import ops_in_words
from tests.explorer.browser import Browser, browser
from tests.pictures.drawn import FOLDER, PICTURES
from tests.strategies import TINY, random_program

TEXT: Final = "{http://www.w3.org/2000/svg}text"
PAIRS: Final = tuple(combinations(NAMED.values(), 2))


def texts(picture: str) -> list[str]:
    """The words of a picture."""
    return [each.text or "" for each in ElementTree.fromstring(picture).iter(TEXT)]


def streams_of(op: Op, before: State) -> Iterator[tuple[int, Event]]:
    """The stream that an op is on and the event that it is there, where pictures show it."""
    match op:
        case Create():
            yield before.next_stream, Event.CREATE
        case CancelPull(pull):
            handed = [each.stream for each in before.handed if each.pull == pull]
            yield from ((number, Event.CANCEL_HANDED) for number in handed)
            for number, stream in before.streams:
                if isinstance(stream, Waiting) and pull in (stream.first, *stream.others):
                    yield number, Event.CANCEL_WAITING
        case _:
            name = type(op).__name__.upper()
            if name in {"PUSH", "PULL", "CLOSE", "ERROR", "DELETE"}:
                yield getattr(op, "stream"), Event[name]  # noqa: B009  # of these ops, every one


def test_whatever_programs_do_is_a_way_and_every_way_is_taken() -> None:
    random = Random(17)
    for dialect in NAMED.values():
        taken: set[Way] = set()
        for _ in range(150):
            state = initial(dialect, random.choice(TINY))
            for op in random_program(random, 40):
                rule, after, _ = advance(state, op)
                for number, event in streams_of(op, state):
                    ends = (control_of(each.find(number), each.limits) for each in (state, after))
                    source, target = (end.phase for end in ends)
                    taken.add(Way(source, event, rule, target))
                state = after
        assert taken == set(ways(dialect))


@pytest.mark.parametrize("dialect", lattice()[::7], ids=str)
def test_a_diagram_names_every_way_of_its_dialect(dialect: Dialect) -> None:
    picture = state_diagram(dialect)
    said = ElementTree.fromstring(picture).findtext("{http://www.w3.org/2000/svg}desc")
    assert said is not None
    for way in ways(dialect):
        assert f"{way.source.name} to {way.target.name}" in said
    shown = " ".join(texts(picture))
    for way in ways(dialect):
        op, _, number = way.rule.name.rpartition("_")
        assert f"{op}_" in shown
        assert f" {number}" in shown or f"_{number}" in shown
    phases = {at.phase.name for at in situations_of(dialect)}
    assert phases == {phase.name for phase in Phase} & set(texts(picture))


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=str)
def test_of_two_dialects_what_differs_is_marked_and_nothing_else(
    one: Dialect, other: Dialect
) -> None:
    shown = texts(state_diagram(one, other))[2:]  # after title and legend
    mine = {way.rule.name for way in set(ways(one)) - set(ways(other))}
    theirs = {way.rule.name for way in set(ways(other)) - set(ways(one))}
    assert marked(shown, "◂ ") == mine
    assert marked(shown, "▸ ") == theirs
    assert not any("◂" in each or "▸" in each for each in texts(state_diagram(one)))


def marked(shown: list[str], mark: str) -> set[str]:
    """The rules that bear a mark."""
    found = set()
    for line in shown:
        if line.startswith(mark):
            first, *more = line.removeprefix(mark).partition(" →")[0].split(", ")
            numbers = [each for each in more if each.isdigit()]
            op = first.rpartition("_")[0]
            found |= {first, *(f"{op}_{number}" for number in numbers)}
    return found


PROGRAM: Final = """[["create"],["pull",1],["push",1,"YQ=="],["push",1,"YmI="],["pull",1],
  ["cancel_pull",1],["seen",2],["error",1,"boom"],["pull",1],["clear"]]"""


def test_a_sequence_has_every_op_in_order_with_its_rule_and_answers() -> None:
    program = parse_turns(PROGRAM)
    shown = texts(sequence_diagram(program, NAMED["isolate"], Limits()))
    places = [shown.index(words) for words in ops_in_words(program)]
    assert places == sorted(places)
    rules = ["PULL_3", "PUSH_4", "PUSH_5", "PULL_2", "CANCEL_PULL_4", "SEEN_1", "ERROR_5", "PULL_8"]
    assert [each for each in shown if each in rules] == rules
    for answer in ("returns true", "pull 1 gets 1 byte 61", "pull 2 gets 2 bytes 62 62"):
        assert answer in shown


@pytest.mark.parametrize(("at_once", "held"), [(False, 3), (True, 2)])
def test_a_sequence_shows_from_when_to_when_nobody_has_looked(at_once: bool, held: int) -> None:
    picture = sequence_diagram(
        parse_turns(PROGRAM), NAMED["isolate"], Limits(), looks_at_once=at_once
    )
    assert picture.count('class="held"') == held
    assert [each for each in texts(picture) if each.endswith("not seen")] == [
        f"pull {number}: not seen" for number in range(1, held + 1)
    ]


def test_what_a_program_says_stays_text() -> None:
    nasty = '[["create"],["error",1,"</text><script>alert(1)</script>\\u0000"]]'
    picture = sequence_diagram(parse_turns(nasty), NAMED["reference"], Limits())
    tags = {each.tag.rpartition("}")[2] for each in ElementTree.fromstring(picture).iter()}
    assert "script" not in tags


OVERLAP: Final = """(() => {
  const texts = [...document.querySelectorAll("text")].map((e) => [e.textContent, e.getBBox()]);
  const boxes = [...document.querySelectorAll("rect.box")].map((e) => e.getBBox());
  const meets = (a, b) => a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1
    && a.y + 2 < b.y + b.height - 2 && b.y + 2 < a.y + a.height - 2;
  const within = (a, b) => a.x >= b.x && a.x + a.width <= b.x + b.width
    && a.y >= b.y && a.y + a.height <= b.y + b.height;
  const {width, height} = document.documentElement.viewBox.baseVal;
  return {
    over: texts.flatMap(([words, a], i) => texts.slice(i + 1).filter(([, b]) => meets(a, b))
      .map(([other]) => [words, other])),
    cut: texts.filter(([, a]) => boxes.some((b) => meets(a, b) && !within(a, b)))
      .map(([words]) => words),
    out: texts.filter(([, a]) => !within(a, {x: 0, y: 0, width, height})).map(([words]) => words),
  };
})()"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as started:
        yield started


def drawn(page: Browser, folder: Path, picture: str) -> Any:
    """What a browser finds wrong in a picture."""
    file = folder / "picture.svg"
    file.write_text(picture, encoding="utf-8")
    page.open(file.as_uri())
    assert page.ask("performance.getEntriesByType('resource').length") == 0
    return page.ask(OVERLAP)


@pytest.mark.needs_chromium
def test_in_pictures_nothing_overlaps_or_is_cut(chromium: Browser, tmp_path: Path) -> None:
    worst = Dialect.parse("whatwg+push_when_full=refuse")
    pictures = [state_diagram(each) for each in (*NAMED.values(), worst)]
    pictures += [state_diagram(*pair) for pair in (*PAIRS, (worst, Dialect()))]
    pictures += [sequence_diagram(parse_turns(PROGRAM), each, Limits()) for each in NAMED.values()]
    for picture in pictures:
        assert drawn(chromium, tmp_path, picture) == {"over": [], "cut": [], "out": []}


@pytest.mark.needs_chromium
def test_the_measuring_finds_what_overlaps(chromium: Browser, tmp_path: Path) -> None:
    spoilt = state_diagram(Dialect()).replace(">PUSH_1<", f">{'PUSH_1 ' * 9}<")
    assert drawn(chromium, tmp_path, spoilt)["cut"] != []


def test_the_pictures_in_the_docs_are_those_of_the_model() -> None:
    kept = {each.name: each.read_text(encoding="utf-8") for each in FOLDER.iterdir()}
    assert kept == {name: draw() for name, draw in PICTURES.items()}

"""Known deviations: what a file excuses, and that it cannot excuse what is not there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from streamstate.model import (
    NAMED,
    REFERENCE,
    Close,
    Create,
    Dialect,
    Error,
    Limits,
    Op,
    Pull,
    Push,
    Rule,
)
from streamstate.oracle.adapters.implementation import ExchangeError, Fault
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.diagnosis.known_deviations import applying, excuse, listed, try_known
from streamstate.oracle.diagnosis.known_file import known_text, parse_known
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.verdict.deviation import Deviation, Difference, Kind
from streamstate.oracle.verdict.known import Changed, Gone, Known, KnownStatus, Stands, Unanswered
from streamstate.oracle.verdict.tally import Tally
from streamstate.oracle.verdict.verdict import Excused, Verdict
from streamstate.registry import StreamStateRegistry

ROOT = Path(__file__).parents[2]
PLAN = NAMED["plan-01"]
SUPERSEDED: tuple[Op, ...] = (Create(), Pull(1), Pull(1))
ENTRY = """
[[deviation]]
rule = "PULL_10"
kind = "missing"
program = [["create"], ["pull", 1], ["pull", 1]]
dialect = "reference"
reason = "nobody waits twice here"
url = "https://example.org/1"
"""


def known(rule: Rule = Rule.PULL_10, program: tuple[Op, ...] = SUPERSEDED, **more: object) -> Known:
    return Known("somewhere", rule, program, "because", **more)  # type: ignore[arg-type]


def tried(*entries: Known, dialect: Dialect = PLAN) -> tuple[KnownStatus, ...]:
    """What becomes of entries with an implementation in `dialect`, held to be the reference."""
    runner = Runner(
        lambda: InProcessImplementation(
            lambda limits: StreamStateRegistry(dialect=dialect, limits=limits), "", ""
        ),
        REFERENCE,
        CachedModels(),
    )
    try:
        return try_known(runner, entries)
    finally:
        runner.close()


def verdict_on(*deviations: Deviation) -> Verdict:
    return Verdict(REFERENCE, None, Tally(programs=9), deviations, (), seed=1)


def deviation(
    rule: Rule = Rule.PULL_10,
    program: tuple[Op, ...] = SUPERSEDED,
    kind: Kind = Kind.MISSING,
    limits: Limits | None = None,
    *,
    repeatable: bool = True,
) -> Deviation:
    difference = Difference(len(program) - 1, kind, "", None, None)
    return Deviation(rule, rule, program, limits, difference, 1, repeatable=repeatable)


def test_an_entry_is_read() -> None:
    (entry,) = parse_known(ENTRY, "known.toml")
    assert entry == Known(
        "known.toml, line 2",
        Rule.PULL_10,
        SUPERSEDED,
        "nobody waits twice here",
        url="https://example.org/1",
        kind=Kind.MISSING,
        dialect=REFERENCE,
    )


def test_a_program_may_be_json_text_and_have_limits() -> None:
    (entry,) = parse_known(
        "deviation = [{rule = 'PULL_10', reason = 'so', "
        "limits = {high_water_mark = 3, max_queue_chunks = 2}, "
        """program = '[["create"],["pull",1],["pull",1]]'}]""",
        "k",
    )
    assert entry.program == SUPERSEDED
    assert entry.limits == Limits(3, 2)
    assert entry.where == "k, deviation 1"


@pytest.mark.parametrize("chunk", [bytes(70_000), b"x" * 1_024, bytes(1_023), bytes(2_000) + b"1"])
def test_big_chunks_of_one_byte_are_written_short_and_read_again(chunk: bytes) -> None:
    entry = known(Rule.PUSH_5, (Create(), Push(1, chunk)))
    text = known_text([entry])
    assert (len(text) < 200) == (len(set(chunk)) == 1 and len(chunk) >= 1_024)
    assert parse_known(text, "k")[0].program == entry.program


def test_a_program_as_json_text_may_have_fills() -> None:
    program = '[["create"],["push",1,{"fill":7,"size":3}]]'
    (entry,) = parse_known(f"deviation = [{{rule='PUSH_5',reason='so',program='{program}'}}]", "k")
    assert entry.program == (Create(), Push(1, b"\7\7\7"))


def test_a_file_may_be_empty() -> None:
    assert parse_known("# nothing is known\n", "k") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[deviation]", "k is not TOML"),
        ("deviations = []", "k: unknown key 'deviations'; expected [[deviation]] tables"),
        ("deviation = 1", "k: deviation is not a list"),
        ("deviation = [1]", "k, deviation 1: expected a [[deviation]] table, not 1"),
        (ENTRY + ENTRY.replace("url", "uri"), "k, line 10: unknown key 'uri'; expected rule"),
        (ENTRY.replace("PULL_10", "PULL_99"), "k, line 2: rule is 'PULL_99'; expected a rule"),
        (ENTRY.replace('"PULL_10"', "10"), "k, line 2: rule is 10"),
        (ENTRY.replace("missing", "failed"), "k, line 2: kind is 'failed'; expected one of ret"),
        (ENTRY.replace("reason", "# reason"), "k, line 2: reason is missing"),
        (ENTRY.replace("nobody waits twice here", " "), "k, line 2: reason is ' '; expected text"),
        (ENTRY.replace('"reference"', '"plan-2"'), "k, line 2: unknown dialect 'plan-2'"),
        (ENTRY.replace('"create"', '"seen", 1'), "k, line 2: program[0] cannot be asked of an"),
        (ENTRY.replace('"create"', '"made"'), 'k, line 2: program[0] is ["made"]: unknown op'),
        (ENTRY.replace('"create"', "1979-05-27"), "k, line 2: it holds a date or time"),
        (ENTRY.replace('["create"], ["pull", 1], ["pull", 1]', ""), "line 2: the program has no"),
        (
            ENTRY.replace('["create"]', '["push", 1, { fill = 256, size = 1 }]'),
            'k, line 2: {"fill": 256, "size": 1} is no chunk of 0 to',
        ),
        (ENTRY + "limits = { high_water_mark = 1 }", "k, line 2: limits are"),
        (ENTRY + "limits = 1979-05-27", "k, line 2: it holds a date"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^k") as error:
        parse_known(text, "k")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_written_is_read_again() -> None:
    entries = (
        known(kind=Kind.MISSING, dialect=Dialect.parse("isolate+repeated_error=keep")),
        known(
            Rule.ERROR_1,
            (Create(), Push(1, bytes(range(256))), Error(1, 'a "b" \\ \t\x7f\n ☃ \U0001f600')),
            limits=Limits(1, 2),
            url='https://example.org/?a="b"\'',
        ),
    )
    text = known_text(entries)
    lines = [
        f"k, line {number}" for number, line in enumerate(text.splitlines(), 1) if "[[d" in line
    ]
    assert [each.where for each in parse_known(text, "k")] == lines
    assert [(e.rule, e.program, e.limits, e.url, e.kind) for e in parse_known(text, "k")] == [
        (e.rule, e.program, e.limits, e.url, e.kind) for e in entries
    ]
    assert known_text(parse_known(text, "k")) == text


def test_entries_are_tried_on_the_implementation() -> None:
    gone = known(program=(Create(), Pull(1), Close(1)))
    other = known(kind=Kind.THREW)
    statuses = tried(known(), known(kind=Kind.MISSING), gone, other)
    assert statuses[0] == Stands(known(), Kind.MISSING)
    assert isinstance(statuses[1], Stands)
    assert statuses[2] == Gone(gone)
    assert isinstance(statuses[3], Changed)
    assert tried(known(), dialect=REFERENCE) == (Gone(known()),)


def test_an_entry_that_cannot_be_tried_is_no_excuse() -> None:
    def broken() -> InProcessImplementation:
        raise ExchangeError(Fault.START, "not today")

    statuses = try_known(Runner(broken, REFERENCE, CachedModels()), (known(), known()))
    assert statuses == (Unanswered(known()), Unanswered(known()))
    verdict = excuse(verdict_on(deviation()), statuses)
    assert verdict.deviations == (deviation(),)
    assert verdict.exit_code == 3


def test_only_entries_of_the_dialect_apply() -> None:
    mine, any_, other = known(dialect=REFERENCE), known(), known(dialect=PLAN)
    assert applying((mine, any_, other), REFERENCE) == (mine, any_)


STANDS = Stands(known(), Kind.MISSING)


@pytest.mark.parametrize(
    ("found", "excused"),
    [
        (deviation(), True),
        (deviation(program=(Create(), Create(), Pull(2), Pull(2))), True),  # the same rule
        (deviation(Rule.CLOSE_2, (Create(), Pull(1), Push(1, b""), Pull(1), Pull(1))), True),
        (deviation(Rule.CLOSE_2, (Create(), Pull(1), Close(1))), False),
        (deviation(Rule.CLOSE_2, (Pull(1), Create(), Pull(1))), False),
        (deviation(kind=Kind.THREW), False),
        (deviation(limits=Limits(1, 1)), False),
    ],
)
def test_a_deviation_is_excused_by_its_rule_or_by_the_program_in_it(
    found: Deviation, excused: bool
) -> None:
    verdict = excuse(verdict_on(found), [STANDS])
    assert [each.known for each in verdict.excused] == [STANDS.known] * excused
    assert verdict.deviations == (() if excused else (found,))
    assert verdict.exit_code == (0 if excused else 1)
    broken = Tally(broken=ExchangeError(Fault.DIED, "it died"))
    assert replace(verdict, tally=broken).exit_code == 3


@pytest.mark.parametrize("status", [Gone(known()), Changed(known(), Kind.THREW)])
def test_an_entry_out_of_date_is_an_error_and_excuses_nothing(status: KnownStatus) -> None:
    verdict = excuse(verdict_on(), [status])
    assert (verdict.outcome, verdict.exit_code) == ("conforms", 1)
    assert verdict.outdated == (status,)
    assert excuse(verdict_on(deviation()), [status]).deviations == (deviation(),)


def test_what_deviates_is_listed_for_somebody_to_give_reasons() -> None:
    new = deviation(Rule.CLOSE_2, (Create(), Pull(1), Close(1)), limits=Limits(1, 1))
    flaky = deviation(Rule.CLOSE_2, repeatable=False)
    broken = deviation(Rule.CLOSE_2, kind=Kind.FAILED)
    verdict = replace(
        verdict_on(new, flaky, broken),
        excused=(Excused(deviation(), known()),),
        known=(STANDS, Gone(known())),
    )
    kept, added = listed(verdict)
    assert kept == known()
    assert added.reason == ""
    assert (added.rule, added.program, added.kind) == (new.rule, new.program, Kind.MISSING)
    assert (added.dialect, added.limits) == (REFERENCE, Limits(1, 1))
    with pytest.raises(ValueError, match="reason is ''; expected text"):
        parse_known(known_text([added]), "k")


def test_the_page_shows_what_is_written() -> None:
    page = (ROOT / "docs" / "how-to" / "known-deviations.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (entry,) = parse_known(example.replace('reason = ""', 'reason = "so"'), "k")
    assert known_text([replace(entry, reason="")]) == example
    (kinds,) = re.findall(r"^\| `kind` .*$", page, re.MULTILINE)
    assert {kind.name.lower() for kind in Kind} - set(re.findall(r"`(\w+)`", kinds)) == {"failed"}

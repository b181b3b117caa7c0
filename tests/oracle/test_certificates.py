"""Certificates are claimed where something was shown, and nowhere else; and they stay calm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice

import pytest

from streamstate import Limits, StreamStateRegistry
from streamstate.model import REFERENCE, Dialect
from streamstate.oracle.adapters.implementation import ExchangeError, Fault
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.known_deviations import excuse
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.reports.lines import WIDTH
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.reports.wording import certificate
from streamstate.oracle.suites.plan import Suite, default_plan
from streamstate.oracle.verdict.certificate import assumptions
from streamstate.oracle.verdict.known import Known, Stands
from streamstate.oracle.verdict.tally import Mistake, Tally
from streamstate.oracle.verdict.verdict import CONFORMS, Shard, is_certain
from tests.oracle.broken_registries import Moody, opener_of
from tests.oracle.certified_plan import SOUND, WHOLE_SUITES, certified_plan, checked
from tests.oracle.reported import screen


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (SOUND, WHOLE_SUITES),
        ("FullTooLate", ("overlapping pulls", "one stream after another")),
        ("CloseForgets", ()),
        pytest.param(
            "ReusesNumbers", ("small limits", "overlapping pulls"), marks=pytest.mark.thorough
        ),
        pytest.param("DeleteRaises", ("small limits",), marks=pytest.mark.thorough),
    ],
)
def test_a_suite_certifies_exactly_if_nothing_of_it_deviates(
    name: str, shown: tuple[str, ...]
) -> None:
    verdict = checked(name)
    assert tuple(each.name for each in verdict.certificates) == shown
    assert all(each.complete for each in verdict.certificates)
    deviating = {each.name for each in verdict.suites if each.deviating}
    assert not deviating & {f"complete: {name}" for name in shown}
    assert sum(each.deviating for each in verdict.suites) == verdict.tally.deviating


def test_a_deviating_verdict_says_of_which_suites_nothing_deviates_in_few_words() -> None:
    shown = " ".join(screen(checked("FullTooLate")).split())
    assert "deviates from reference" in shown
    assert (
        "Nothing deviates in 2 complete suites: in each of those abstractions an implementation"
        " that is deterministic and resettable is equivalent to reference, or has more states than"
        " the suite allows for. The suites, with their states: overlapping pulls 9; one stream"
        " after another 49."
    ) in shown
    assert "small limits" not in shown.partition("Nothing deviates in")[2]


def test_an_excused_deviation_certifies_nothing_either() -> None:
    found = checked("FullTooLate")
    (one,) = found.deviations
    known = Known("known.toml, line 1", one.rule, one.program, "so be it", limits=one.limits)
    verdict = excuse(found, [Stands(known, one.difference.kind)])
    assert verdict.outcome == CONFORMS
    assert [each.name for each in verdict.certificates] == list(WHOLE_SUITES[1:])
    text = " ".join(screen(verdict).split())
    assert "or has more states than the suite allows for" in text
    assert "small limits" not in text


def test_a_shard_claims_nothing() -> None:
    verdict = checked(SOUND, Shard(1, 2))
    assert len(verdict.certificates) == 3
    assert not any(each.complete for each in verdict.certificates)
    text = screen(verdict)
    assert "Nothing is claimed about 3 complete suites that did not run to the end." in text
    assert "equivalent" not in text
    assert "equivalent" not in certificate(verdict)


def test_a_suite_that_was_cut_short_claims_nothing() -> None:
    def cut(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
        for suite in certified_plan(machine, capabilities, seed):
            most = 100 if "small" in suite.name else None
            yield suite._replace(programs=islice(suite.programs, most))

    verdict = check(opener_of(StreamStateRegistry), REFERENCE, planner=cut)
    assert [each.name for each in verdict.certificates if not each.complete] == ["small limits"]
    text = screen(verdict)
    assert "2 complete suites: equivalent to reference" in text
    assert "Nothing is claimed about 1 complete suite that did not run to the end." in text
    assert "small limits" not in text


def test_a_suite_that_is_run_with_other_limits_than_it_was_made_for_claims_nothing() -> None:
    def other(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
        for suite in certified_plan(machine, capabilities, seed):
            yield suite._replace(limits=Limits(7, 7))

    verdict = check(opener_of(StreamStateRegistry), REFERENCE, planner=other)
    assert verdict.certificates == ()


def test_what_speaks_against_the_assumptions_takes_all_certificates() -> None:
    broken = Tally(broken=ExchangeError(Fault.DIED, "it exited"))
    reused = Tally(mistakes=Counter({Mistake.REUSED: 1}))
    flaky = (replace(checked("FullTooLate").deviations[0], repeatable=False),)
    assert is_certain(Tally(), checked("FullTooLate").deviations)
    assert not is_certain(broken, ())
    assert not is_certain(reused, ())
    assert not is_certain(Tally(), flaky)


def test_where_pushes_wait_it_assumes_that_those_before_do_not_matter() -> None:
    waits = Dialect.parse("reference+push_when_full=wait")
    told = set(assumptions(waits)) - set(assumptions(REFERENCE))
    assert told == {
        "Nor does it depend on how many streams, pulls and pushes that waited there were before."
    }


def test_an_implementation_that_is_moody_has_none() -> None:
    Moody.pushes = 4_990
    verdict = checked("Moody")
    assert [each.repeatable for each in verdict.deviations] == [False]
    assert verdict.certificates == ()


def test_the_certificate_of_the_whole_plan_is_one_calm_screen() -> None:
    """Of all that the default plan has, with the longest blind spots there are."""

    def few_of_all(
        machine: CachedModel, capabilities: Collection[str], seed: int
    ) -> Iterator[Suite]:
        for suite in default_plan(machine, capabilities, seed):
            yield suite._replace(programs=islice(suite.programs, 3))

    verdict = check(opener_of(StreamStateRegistry), REFERENCE, planner=few_of_all)
    whole = tuple(replace(each, ran=each.programs) for each in verdict.certificates)
    assert len(whole) == 13
    shown = replace(verdict, certificates=whole)
    lines = [line.text for line in as_text(shown)]
    assert len(lines) <= 40
    assert max(map(len, lines[1:])) <= WIDTH
    text = " ".join(" ".join(lines).split())
    for each in whole:
        assert text.count(f" {each.name} ") >= 1
    assert all(assumption in text for assumption in assumptions(REFERENCE))
    said = certificate(shown)
    assert len(said) < 400
    assert "13 complete suites: equivalent to reference" in said

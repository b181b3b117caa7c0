"""Shards put together: the verdict of the whole plan, or a line that says what does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from streamstate.model import REFERENCE
from streamstate.oracle.joining import suite_of, whole
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.reports.reading import Part, ReportError
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.suites.plan import default_plan
from streamstate.oracle.verdict.known import Gone, Stands
from streamstate.oracle.verdict.verdict import WHOLE, Shard, Verdict
from tests.oracle.certified_plan import SOUND, WHOLE_SUITES, certified_plan, checked
from tests.oracle.merged import parts_of, written
from tests.oracle.reported_known import GONE, STANDS, in_view_of, verdict_of


def test_all_shards_are_the_whole_plan() -> None:
    parts = parts_of(SOUND, 3)
    assert not any(each.complete for part in parts for each in part.verdict.certificates)
    joined, expected = (json.loads(written(each)) for each in (whole(parts), checked(SOUND)))
    timeless = {"seconds": 0, "seconds_in_all": 0}
    assert joined | timeless == expected | timeless
    assert [each.complete for each in whole(parts).certificates] == [True] * 3
    assert json.loads(written(whole(parts[::-1]))) == joined


@pytest.mark.parametrize(
    ("name", "of"),
    [pytest.param("FullTooLate", 2, marks=pytest.mark.thorough), ("DeleteRaises", 3)],
)
def test_a_suite_that_deviates_in_one_shard_certifies_nothing(name: str, of: int) -> None:
    parts = parts_of(name, of)
    joined, expected = whole(parts), checked(name)
    assert joined.certificates == expected.certificates
    assert joined.suites == expected.suites
    assert joined.tally.rules == expected.tally.rules
    assert joined.tally.deviating == expected.tally.deviating
    assert joined.exit_code == 1
    (mine,), (theirs,) = joined.deviations, expected.deviations
    assert (mine.rule, mine.program, mine.limits) == (theirs.rule, theirs.program, theirs.limits)
    found = [each for part in parts for each in part.verdict.deviations]
    assert mine.programs == sum(each.programs for each in found)
    if name == "DeleteRaises":  # of whose shards one has no deviation in a suite that others have
        seen = [[each.name for each in part.verdict.certificates] for part in parts]
        assert len(set(map(tuple, seen))) > 1


def test_suites_of_the_default_plan_are_called_as_those_here() -> None:
    """By which the certificate of a suite is found."""
    planned = [
        *default_plan(CachedModel(REFERENCE), ("get", "limits")),
        *certified_plan(CachedModel(REFERENCE), (), 1),
    ]
    named = [(each.name, each.complete.abstraction.name) for each in planned if each.complete]
    assert len(named) == 9 + 2
    assert all(name == suite_of(abstraction) for name, abstraction in named)


def test_a_shard_that_was_cut_short_leaves_its_suites_without_a_claim() -> None:
    first, second = parts_of(SOUND, 2)
    (name, *_) = (f"complete: {each}" for each in WHOLE_SUITES)
    fewer = tuple(
        replace(each, ran=each.ran - 1) if name.endswith(each.name) else each
        for each in second.verdict.certificates
    )
    tally = replace(second.verdict.tally, cut=name)
    cut = replace(second.verdict, certificates=fewer, tally=tally)
    joined = whole([first, Part("cut", cut)])
    assert [each.complete for each in joined.certificates] == [False, True, True]
    assert joined.partial
    first_line = next(as_text(joined)).text
    assert first_line.endswith("conforms to reference, as far as it was run.")


def test_one_machine_that_broke_is_no_verdict() -> None:
    first, second = parts_of(SOUND, 2)
    broken = replace(verdict_of("never started"), shard=Shard(2, 2))
    joined = whole([first, Part("broken", broken)])
    assert (joined.outcome, joined.exit_code) == ("broken", 3)
    assert joined.certificates == ()
    assert joined.hello == first.verdict.hello
    assert second.verdict.exit_code == 0


def test_what_is_known_is_known_of_the_whole() -> None:
    verdict = replace(verdict_of("one cause"), shard=Shard(1, 2))
    one = in_view_of(verdict, STANDS, GONE)
    two = replace(one, deviations=(), excused=(), shard=Shard(2, 2))
    joined = whole([Part("a", one), Part("b", two)])
    assert joined.known is not None
    assert [type(each) for each in joined.known] == [Stands, Gone]
    assert [each.deviation.rule for each in joined.excused] == [STANDS.rule]
    assert (joined.outcome, joined.exit_code) == ("conforms", 1)
    # An entry that does not stand on one of the machines is out of date.
    doubted = replace(two, known=(Gone(STANDS), Gone(GONE)))
    assert len(whole([Part("a", one), Part("b", doubted)]).outdated) == 2


def test_nothing_run_anywhere_is_untested() -> None:
    nothing = verdict_of("untested")
    joined = whole(
        [Part(str(number), replace(nothing, shard=Shard(number, 2))) for number in (1, 2)]
    )
    assert (joined.outcome, joined.exit_code, joined.shard) == ("untested", 3, WHOLE)


def other_capabilities(verdict: Verdict) -> Verdict:
    assert verdict.hello is not None
    return replace(verdict, hello=replace(verdict.hello, capabilities=frozenset({"get"})))


def other_version(verdict: Verdict) -> Verdict:
    assert verdict.hello is not None
    return replace(verdict, hello=replace(verdict.hello, version="2"))


DIFFERING: dict[str, tuple[Callable[[Verdict], Verdict], str]] = {
    "seed": (lambda verdict: replace(verdict, seed=7), "differ in seed: 1 and 7"),
    "extra states": (lambda verdict: replace(verdict, extra_states=2), "differ in extra states: 0"),
    "dialect": (
        lambda verdict: replace(verdict, dialect=verdict.dialect.parse("isolate")),
        "differ in dialect: reference and isolate",
    ),
    "capabilities": (
        other_capabilities,
        "differ in capabilities: get, lends, limits, surrogates, together and get",
    ),
    "implementation": (other_version, "differ in implementation: StreamStateRegistry 1 (Python"),
    "known": (lambda verdict: replace(verdict, known=()), "differ in list of known dev"),
    "number of shards": (
        lambda verdict: replace(verdict, shard=Shard(2, 3)),
        "differ in number of shards: 2 and 3",
    ),
    "twice": (
        lambda verdict: replace(verdict, shard=Shard(1, 2)),
        "are both of shard 1/2",
    ),
}


@pytest.mark.parametrize("name", DIFFERING)
def test_reports_that_do_not_belong_together_are_refused(name: str) -> None:
    change, message = DIFFERING[name]
    first, second = parts_of(SOUND, 2)
    whole([first, second])
    with pytest.raises(ReportError) as error:
        whole([first, Part("other.json", change(second.verdict))])
    assert str(error.value).startswith(f"1.json and other.json {message}")


def test_every_shard_has_to_be_there() -> None:
    one = verdict_of("conforms")
    parts = [Part(f"{i}.json", replace(one, shard=Shard(i, 40))) for i in range(1, 31)]
    with pytest.raises(ReportError) as error:
        whole(parts)
    assert str(error.value) == (
        "1.json needs the reports of the other shards: 31/40, 32/40, 33/40, 34/40, 35/40 and 5 more"
    )


def test_more_than_all_of_a_suite_is_refused() -> None:
    first, second = parts_of(SOUND, 2)
    (one, *rest) = second.verdict.certificates
    more = replace(second.verdict, certificates=(replace(one, ran=one.programs), *rest))
    with pytest.raises(ReportError, match="'small limits' has more programs run than there are"):
        whole([first, Part("b", more)])
    other = replace(second.verdict, certificates=(replace(one, states=1), *rest))
    with pytest.raises(ReportError, match=r"1.json and b say different things of 'small limits'"):
        whole([first, Part("b", other)])

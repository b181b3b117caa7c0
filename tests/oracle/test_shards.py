"""Shards put together: the verdict of the whole plan, or a line that says what does not fit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner, Result

from streamstate import __version__
from streamstate.cli.commands import cli
from streamstate.model import REFERENCE, Rule
from streamstate.oracle.joining import suite_of, whole
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.reports.as_json import as_json
from streamstate.oracle.reports.html import as_html
from streamstate.oracle.reports.junit import as_junit
from streamstate.oracle.reports.reading import Part, ReportError, read_verdict
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.suites.plan import default_plan
from streamstate.oracle.verdict.known import Gone, Stands
from streamstate.oracle.verdict.verdict import WHOLE, Shard, Verdict
from tests.oracle.certified_plan import SOUND, WHOLE_SUITES, certified_plan, checked
from tests.oracle.reported_known import GONE, KINDS, STANDS, in_view_of, verdict_of

Report: TypeAlias = dict[str, Any]


def written(verdict: Verdict) -> bytes:
    return json.dumps(as_json(verdict, __version__)).encode()


# --- Reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_read_as_the_verdict_that_it_was_written_from(kind: str) -> None:
    verdict = verdict_of(kind)
    tally = replace(verdict.tally, seconds=1.25, seconds_in_all=2.5)  # reports round them
    verdict = replace(verdict, tally=tally)
    read = read_verdict(written(verdict), "it.json", __version__)
    texts = [json.loads(written(each)) for each in (read, verdict)]
    if kind == "flood":  # what is observed is cut, so what is said of it is another text
        assert all(each["deviations"][0].pop("explanation") for each in texts)
    assert texts[0] == texts[1]
    assert (read.outcome, read.exit_code) == (verdict.outcome, verdict.exit_code)
    if "hostile" not in kind and kind != "flood":  # what these say is cut in the report
        assert [line.text for line in as_text(read)] == [line.text for line in as_text(verdict)]
        assert as_junit(read) == as_junit(verdict)


def test_where_it_threw_and_that_policies_are_followed_are_read_back() -> None:
    lines = ('  File "draft.py", line 3, in close', "    self.pulls[0].set_result(None)")
    verdict = verdict_of("another dialect")
    threw = tuple(replace(each, traceback=lines) for each in verdict.deviations)
    assert threw
    assert verdict.nearest is not None
    nearest = replace(verdict.nearest, followed=True)
    read = read_verdict(
        written(replace(verdict, deviations=threw, nearest=nearest)), "it.json", __version__
    )
    assert read.nearest == nearest
    assert all(each.traceback == lines for each in read.deviations)


Spoil: TypeAlias = Callable[[Report], object]


def deviation(found: Report) -> Report:
    first: Report = found["deviations"][0]
    return first


SPOILT: dict[str, tuple[Spoil, str]] = {
    "no object": (lambda found: found.clear(), "report is missing; expected a report of check"),
    "a later format": (lambda found: found.update(report=2), "report is 2; expected 1"),
    "another version": (
        lambda found: found.update(streamstate="9.9"),
        'streamstate is "9.9"; expected 0.1.0, the version that reads it',
    ),
    "a dialect that is none": (
        lambda found: found.update(dialect="plan-02"),
        'dialect: "plan-02" does not match \'^(reference|plan-01|isolate|whatwg)',
    ),
    "a count that is none": (
        lambda found: found.update(programs=-1),
        "programs: -1 is less than the minimum of 0",
    ),
    "a flag for a count": (
        lambda found: found.update(ops=True),
        "ops: true is not of type 'integer'",
    ),
    "seconds in words": (
        lambda found: found.update(seconds="1"),
        "seconds: \"1\" is not of type 'number'",
    ),
    "a rule that is none": (
        lambda found: found["rules"].update(PUSH_0=1),
        "rules: \"PUSH_0\" is not one of ['CREATE_1', ",
    ),
    "a shard that is none": (
        lambda found: found.update(shard={"number": 3, "of": 2}),
        'shard is {"number": 3, "of": 2}; expected number from 1 to of',
    ),
    "a deviation behind its program": (
        lambda found: deviation(found).update(at=3),
        "deviations[0].at is 3; expected the number of an op of 3, from 0",
    ),
    "an answer that is none": (
        lambda found: deviation(found).update(observed=[None]),
        "deviations[0].observed is [null]; expected an answer",
    ),
    "an op that is none": (
        lambda found: deviation(found).update(program=[["peek", 1]]),
        'deviations[0].program: program[0] is ["peek", 1]: unknown op "peek"',
    ),
    "a program as text": (
        lambda found: deviation(found).update(program='[["create"]]'),
        'deviations[0].program: "[[\\"create\\"]]" is not of type \'array\'',
    ),
    "suites that are none": (
        lambda found: found.update(suites={}),
        "suites: {} is not of type 'array'",
    ),
    "excused by nobody": (
        lambda found: found.update(
            known=[], excused=[{**deviation(found), "where": "x", "reason": "so", "url": None}]
        ),
        'excused[0].where is "x"; expected an entry of known that stands',
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_wrong_with_a_report_is_named_in_a_line(name: str) -> None:
    spoil, message = SPOILT[name]
    found = json.loads(written(verdict_of("one cause")))
    spoil(found)
    with pytest.raises(ReportError) as error:
        read_verdict(json.dumps(found).encode(), "it.json", __version__)
    assert str(error.value).startswith(f"it.json: {message}")
    assert "\n" not in str(error.value)


def test_whatever_is_in_a_report_it_is_read_or_refused() -> None:
    """Any value put in any place is either harmless or named; never a traceback, in any report."""
    random = Random(1)
    texts = [written(verdict_of(kind)) for kind in ("one cause", "excused", "never started")]
    odd: tuple[object, ...] = (
        None,
        -1,
        10**30,
        True,
        "",
        "\x1b[31m",
        [],
        [[]],
        {},
        {"a": 1},
        1e999,
        [1, [2]],
        "push",
    )
    refused = 0
    for _ in range(120):
        found = json.loads(random.choice(texts))
        _put(found, random.choice(odd), random)
        said = _said_of(found)
        assert "\x1b" not in said
        refused += said.startswith("it.json: ")
    assert 50 < refused < 120


def _said_of(found: Report) -> str:
    """All reports that are made of one that is read, or why it is refused."""
    try:
        read = read_verdict(json.dumps(found).encode(), "it.json", __version__)
    except ReportError as error:
        return str(error)
    return "\n".join((*(line.text for line in as_text(read)), as_junit(read), as_html(read)))


def _put(found: Any, value: object, random: Random) -> None:
    """Put `value` in some place of a report."""
    while True:
        keys = list(found) if isinstance(found, dict) else range(len(found))
        key = random.choice(list(keys))
        inner = found[key]
        if not isinstance(inner, (dict, list)) or not inner or random.random() < 0.3:
            found[key] = value
            return
        found = inner


# --- Putting together ------------------------------------------------------------------------


@cache
def parts_of(name: str, of: int) -> tuple[Part, ...]:
    """A verdict on each shard of a small plan, written and read."""
    verdicts = (checked(name, Shard(number, of)) for number in range(1, of + 1))
    return tuple(
        Part(f"{each.shard.number}.json", read_verdict(written(each), "it.json", __version__))
        for each in verdicts
    )


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


# --- The command -----------------------------------------------------------------------------


def merge(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["merge", *map(str, arguments)])


def files(folder: Path, name: str, of: int) -> list[Path]:
    names = []
    for part in parts_of(name, of):
        names.append(folder / part.file)
        names[-1].write_bytes(written(part.verdict))
    return names


@pytest.mark.parametrize(("name", "status"), [(SOUND, 0), ("FullTooLate", 1)])
def test_merge_says_and_writes_the_verdict_of_the_whole(
    tmp_path: Path, name: str, status: int
) -> None:
    (tmp_path / "parts").mkdir()
    reports = [tmp_path / "json", tmp_path / "junit", tmp_path / "html"]
    options = [each for file in reports for each in (f"--{file.name}", file)]
    done = merge(*files(tmp_path / "parts", name, 2), *options)
    assert done.exit_code == status
    verdict = whole(parts_of(name, 2))
    assert done.output == "".join(f"{line.text}\n" for line in as_text(verdict))
    assert json.loads(reports[0].read_text()) == json.loads(written(verdict))
    assert reports[1].read_text() == as_junit(verdict)
    explorer = f"{reports[2].name}-explorer.html" if verdict.deviations else ""
    assert reports[2].read_text() == as_html(verdict, explorer=explorer)
    again = merge(reports[0])
    assert (again.exit_code, again.output) == (status, done.output)


def test_merge_runs_a_deviation_again_with_the_command_of_the_shards(tmp_path: Path) -> None:
    names = []
    for part in parts_of("FullTooLate", 2):
        names.append(tmp_path / part.file)
        names[-1].write_bytes(written(replace(part.verdict, command=("run me", "x"))))
    assert " -- 'run me' x\n" in merge(*names).output


def test_merge_shows_every_deviation_whole_on_request(tmp_path: Path) -> None:
    verdict = verdict_of("one cause")
    (one,) = verdict.deviations
    rules = (Rule.CLOSE_1, Rule.CLOSE_2, Rule.CLOSE_3, Rule.CLOSE_4, Rule.CLOSE_5, Rule.PUSH_1)
    several = replace(verdict, deviations=tuple(replace(one, rule=rule) for rule in rules))
    report, junit = tmp_path / "report.json", tmp_path / "junit.xml"
    report.write_bytes(written(several))
    for options, most in (((), 5), (("--all",), 6)):
        done = merge(*options, "--junit", junit, report)
        assert len(re.findall(r" program +expected +observed$", done.output, re.MULTILINE)) == most
        assert junit.read_text().count("The shortest program:") == most


def test_merge_of_what_is_no_report_is_wrong_usage(tmp_path: Path) -> None:
    one, two, three = files(tmp_path, SOUND, 3)
    text = tmp_path / "notes.txt"
    text.write_text("no report")
    for arguments, message in (
        ((), "Missing argument 'REPORT…'"),
        ((one, two), "needs the reports of the other shards: 3/3"),
        ((one, two, two, three), "are both of shard 2/3"),
        ((one, two, text), "notes.txt: not JSON"),
        ((one, tmp_path / "none"), "No such file or directory; expected a report"),
        ((one, tmp_path), "Is a directory; expected a report"),
    ):
        done = merge(*arguments)
        assert done.exit_code == 2
        assert message in done.output
        assert "Traceback" not in done.output

"""What every report says of a verdict in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, assert_never

from streamstate.model import Get, Rule
from streamstate.oracle.adapters.implementation import CAPABILITIES
from streamstate.oracle.programs.in_words import clean, contrast, op_in_words, value_in_words
from streamstate.oracle.verdict.comparing import settled_in
from streamstate.oracle.verdict.deviation import Deviation, OwnView
from streamstate.oracle.verdict.difference import Kind
from streamstate.oracle.verdict.known import Changed, Gone, Known, Standing, Stands, Unanswered
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.wire import agrees

_LONGEST_REASON: Final = 400

HURRIED: Final = (
    "The time was over before all that deviates was looked into: programs may be longer than they"
    " need be, and a rule is that at which the difference shows."
)
"""Of a verdict that is `hurried`."""


def explanation(deviation: Deviation) -> str:
    """What was expected and observed, and why that rule is named, in a few sentences."""
    difference = deviation.difference
    op = deviation.program[difference.at]
    expected, observed = contrast(op, difference.expected, difference.observed)
    seen = f"At {op_in_words(op)}, expected: {expected}; observed: {observed}."
    return " ".join((seen, *remarks(deviation)))


def remarks(deviation: Deviation) -> Iterator[str]:
    """What there is to say of a deviation besides what was expected and observed."""
    match deviation.difference.kind:
        case Kind.VIEW if deviation.rule in {Rule.GET_1, Rule.GET_2}:
            yield "Nothing but what get shows differed in any program, so get is probably wrong."
        case Kind.VIEW:
            yield f"What get shows right after it is not what {deviation.rule.name} asks for."
        case Kind.LATE:
            yield (
                "The pull does settle, but later: either the implementation delays it, or the"
                " adapter answers before its implementation is quiet."
            )
        case Kind.FAILED:
            yield "An adapter that fails says nothing of its implementation: mend it first."
        case Kind.THREW:
            yield from _on_what_was_thrown(deviation)
        case Kind.OUTCOME:
            yield from _on_the_message(deviation)
        case _:
            pass
    if deviation.why:
        yield deviation.why
    if deviation.own_view is not None:
        yield _own_view_in_words(deviation.own_view)
    if deviation.others:
        names = ", ".join(rule.name for rule in deviation.others)
        yield f"It shows at {names}, too."
    if not deviation.repeatable:
        yield (
            "It did not come again when the program ran alone: something is non-deterministic,"
            " or one run shows in the next."
        )


def _on_what_was_thrown(deviation: Deviation) -> Iterator[str]:
    op = deviation.program[deviation.difference.at]
    match deviation.difference.observed:
        case [{"threw": str(message)}, _] if _MISSING.search(message):
            yield "It looks as if there were no such method."
    if isinstance(op, Get):
        yield (
            "The adapter offers get, and get fails: where there is nothing to show, remove get from"
            " its capabilities."
        )


_MISSING: Final = re.compile(r"is not a function$|has no attribute '\w+'$")
"""How JavaScript and Python say that there is no such method."""


def _on_the_message(deviation: Deviation) -> Iterator[str]:
    """Of a pull that is rejected as it should be, but for the words."""
    difference = deviation.difference
    pairs = zip(settled_in(difference.expected), settled_in(difference.observed), strict=False)
    wanted, got = next((pair for pair in pairs if not agrees(*pair)), (None, None))
    match wanted, got:
        case [pull, "error", str(message)], [number, "error", str(other)] if pull == number:
            yield (
                f"It is the wording of the error that is wrong: {clean(message)!r} was expected,"
                f" {clean(other)!r} came."
            )
        case _:
            pass


def _own_view_in_words(view: OwnView) -> str:
    look = op_in_words(Get(view.stream))
    if agrees(view.expected, view.observed):
        return f"Right after it {look} {value_in_words(view.observed)}, as it should."
    expected, observed = contrast(Get(view.stream), [view.expected, []], [view.observed, []])
    return f"Right after it {look} {observed}; expected: {expected}."


def certificate(verdict: Verdict) -> str:
    """What the runs show, and no more than that."""
    tally = verdict.tally
    if not tally.programs:
        return "Nothing was run, so nothing is shown."
    agreed = tally.programs - tally.deviating
    held = "every answer agreed" if not tally.deviating else f"all answers of {agreed:,} agreed"
    said = (
        f"On {counted(tally.programs, 'program')}, each on a fresh registry, {held} with the model"
        f" in dialect {verdict.dialect}."
    )
    return " ".join((said, *claims(verdict)))


def claims(verdict: Verdict) -> Iterator[str]:
    """What the complete suites show, in a sentence or two. Where something deviates an
    implementation is not what is asked for: all that can be said is where that does not show."""
    whole = [each for each in verdict.certificates if each.complete]
    cut = len(verdict.certificates) - len(whole)
    if whole and verdict.found:
        yield (
            f"Nothing deviates in {counted(len(whole), 'complete suite')}: in each of those"
            f" abstractions an implementation that is deterministic and resettable is equivalent to"
            f" {verdict.dialect}, or has more states than the suite allows for."
        )
    elif whole:
        yield (
            f"{counted(len(whole), 'complete suite').capitalize()}: equivalent to"
            f" {verdict.dialect} for every deterministic, resettable implementation with at most"
            " so many states in that abstraction."
        )
    if cut:
        were = "was" if cut == 1 else "were"
        suites = counted(cut, "complete suite")
        yield f"Nothing is claimed of {suites} that {were} not run whole."


def blind_spots(verdict: Verdict) -> Iterator[str]:
    """What the runs cannot have seen."""
    unexercised = verdict.unexercised()
    if unexercised:
        names = ", ".join(rule.name for rule in unexercised)
        yield f"These rules were not exercised: {names}."
    if not verdict.cancels:
        yield "Rules CANCEL_PULL_*: the adapter does not offer cancel, so no pull was given up."
    yield "Rules SEEN_*: that an awaiter has looked is no op of the wire."
    yield "Faults that need a longer way than the programs take, or numbers and sizes not in them."
    yield "Memory, time, threads, and what several callers do at once."
    hello = verdict.hello
    if hello is None:
        return
    if "get" not in hello.capabilities:
        yield "The adapter does not offer get: what streams hold was seen through ops only."
    if "limits" not in hello.capabilities:
        yield "The adapter does not offer limits: only the default ones were tried."
    unknown = hello.capabilities - CAPABILITIES
    if unknown:
        names = ", ".join(sorted(map(clean, unknown)))
        yield f"The adapter offers what this version does not ask for: {names}."
    if not hello.exact:
        yield (
            "The adapter settles by best effort: pulls that settle later than they should were"
            " accepted, and that a pull still waits was not observed for certain."
        )


def known_as(standing: Standing) -> str:
    """Which entry of the list of known deviations it is."""
    return f"{standing.known.rule.name} ({clean(standing.known.where)})"


def why_accepted(known: Known) -> str:
    """The reason that somebody gave, and where to read on."""
    url = "" if known.url is None else f" ({clean(known.url)})"
    return f"{clean(known.reason, _LONGEST_REASON)}{url}"


def how_it_stands(standing: Standing) -> str:
    """What became of the program of an entry, as a sentence."""
    match standing:
        case Stands():
            return "Its program deviates as it says."
        case Gone():
            return "Its program does not deviate any more; take the entry out."
        case Changed(_, difference):
            return f"Its program deviates in another way now: {difference.kind.value}."
        case Unanswered():
            return "Its program was not answered."
        case _:
            assert_never(standing)


def counted(number: int, what: str) -> str:
    """`1 program`, `2,000 programs`."""
    return f"{number:,} {what}{'s' * (number != 1)}"

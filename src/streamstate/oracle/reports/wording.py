"""The sentences that every report says about a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from streamstate.model import OF_MEMORY, Dialect, Rule, hazards, pushes_wait
from streamstate.oracle.adapters.implementation import CAPABILITIES, Fault
from streamstate.oracle.programs.program import Program
from streamstate.oracle.verdict.known import Changed, Gone, Known, KnownStatus, Stands, Unanswered
from streamstate.oracle.verdict.tally import Example
from streamstate.oracle.verdict.verdict import (
    CONFORMS,
    INCONCLUSIVE,
    UNTESTED,
    WHOLE,
    Nearest,
    Verdict,
    explains,
)
from streamstate.semantics import published
from streamstate.wire.in_words import clean, contrast, counted, ops_in_words

_LONGEST_REASON: Final = 400
_MOST_OPS: Final = 6
_MOST_SHARDS: Final = 8
_LONGEST_REMARK: Final = 400


def what_ended_it(verdict: Verdict) -> str:
    """Why a check did not go on, as the beginning of a sentence."""
    return "it was stopped" if verdict.stopped else "the budget ran out"


def in_short(program: Program) -> list[str]:
    """The ops in words; for a long program, the first and the last ones."""
    ops = list(ops_in_words([each.op for each in program]))
    gone = len(ops) - 2 * _MOST_OPS
    if gone <= 1:
        return ops
    return [*ops[:_MOST_OPS], f"… {counted(gone, 'op')} …", *ops[-_MOST_OPS:]]


def headline(verdict: Verdict) -> str:
    """The verdict in one sentence."""
    hello, count = verdict.hello, len(verdict.deviations)
    subject, causes = "The implementation", counted(count, "distinct cause")
    if hello is not None:
        subject = f"{clean(hello.name)} {clean(hello.version, 40)} ({clean(hello.language, 40)})"
    fault = verdict.tally.broken
    if fault is not None:
        also = f", and deviates from {verdict.dialect}: {causes}" if count else ""
        return f"{subject} {fault.fault.value}{also}."
    if verdict.outcome == UNTESTED:
        return f"{subject} was not tested: nothing was run."
    if verdict.outcome == INCONCLUSIVE and verdict.not_run:
        of, missing = verdict.not_run[0].shard.of, len(verdict.not_run)
        return (
            f"Inconclusive: no answer of {subject} deviates, but {missing:,} of"
            f" {counted(of, 'shard')} of the plan could not be run."
        )
    if verdict.outcome == INCONCLUSIVE:
        return (
            f"Inconclusive: no answer of {subject} deviates, but {what_ended_it(verdict)} before"
            " anything was proved."
        )
    known = counted(len(verdict.excused), "known deviation")
    if verdict.outcome == CONFORMS:
        excepting = f" but for {known}" * bool(verdict.excused)
        as_far = ", as far as it was run" * verdict.partial
        return f"{subject} conforms to {verdict.dialect}{excepting}{as_far}."
    besides = f" besides {known}" * bool(verdict.excused)
    return (
        f"{subject} deviates from {verdict.dialect}: {causes}{besides}, in"
        f" {verdict.tally.deviating:,} of {counted(verdict.tally.programs, 'program')}."
    )


def where_it_breaks(verdict: Verdict) -> str:
    """One sentence on the rule at which the exchange broke; nothing if that is not known."""
    error, rule = verdict.tally.broken, verdict.tally.breaks_at
    if error is None or rule is None:
        return ""
    breaks = {Fault.DIED: "dies", Fault.HUNG: "hangs"}[error.fault]
    return f"It {breaks} at {rule.name}: {rule.value}"


def first_in_words(example: Example) -> str:
    """One line on a program as it was found, before anything is known about its cause."""
    difference = example.difference
    ops = [*ops_in_words([each.op for each in example.program[: difference.at + 1]])]
    shown = ["…", *ops[-_MOST_OPS:]] if len(ops) > _MOST_OPS else ops
    turn = example.program[difference.at].op
    expected, observed = contrast(turn, difference.expected, difference.observed)
    return (
        f"First deviation, at {example.rule.name}: {'; '.join(shown)}"
        f" (expected: {clean(expected)}; observed: {clean(observed)})"
    )


def left_out(verdict: Verdict) -> Iterator[str]:
    """Sentences on the part of the plan that the verdict is about, and on what there was no time
    for."""
    if verdict.shard != WHOLE:
        yield f"This is part {verdict.shard.number} of {verdict.shard.of} of the plan."
    yield from (clean(each, _LONGEST_REMARK) for each in verdict.remarks)
    for (number, of), why in verdict.not_run[:_MOST_SHARDS]:
        yield f"Shard {number}/{of} was not run: {clean(why, _LONGEST_REMARK)}"
    if len(verdict.not_run) > _MOST_SHARDS:
        yield f"Nor were {counted(len(verdict.not_run) - _MOST_SHARDS, 'other shard')}."
    if verdict.lacks:
        missing = ", ".join(sorted(verdict.lacks))
        yield f"The implementation lacks {missing}, so no program had it."
    if verdict.untold:
        fields = ", ".join(verdict.untold)
        yield f"Without it, no answer tells which value of these policies it follows: {fields}."
    ended = what_ended_it(verdict).capitalize()
    if verdict.tally.cut is not None:
        yield (
            f"{ended} in the suite '{clean(verdict.tally.cut)}': the rest of the plan was not run."
        )
    if verdict.hurried:
        yield (
            f"{ended} before every deviation was diagnosed: programs may be longer than necessary,"
            " and the rule named may only be where a deviation shows."
        )


def nearest_in_words(verdict: Verdict) -> str:
    """A few sentences on the dialect that a deviating implementation follows instead; nothing if no
    dialect was looked for."""
    nearest, asked = verdict.nearest, verdict.dialect
    if nearest is None:
        return ""
    dialect, tried = nearest.dialect, counted(nearest.programs, "program")
    if dialect == asked:
        return f"No other dialect comes nearer than {asked}: what it does is in no dialect."
    named = _with_fields(dialect, asked)
    if nearest.followed:
        return (
            f"You follow {named}: deviations that say so are not faults there. Run again with"
            f" --dialect {dialect}."
        )
    if not fits(verdict, nearest):
        deviating = f"{nearest.deviating:,} of {tried} that tell dialects apart"
        said = f"{deviating} deviate" if nearest.deviating else "not every answer fits it"
        return f"The nearest dialect is {named}, but it is not that one either: {said}."
    names = ", ".join(hazard.name for hazard in hazards(dialect)) or "none"
    return (
        f"It follows {named} instead: all {tried} that tell dialects apart fit. The hazards of"
        f" that dialect: {names}."
    )


def _with_fields(dialect: Dialect, asked: Dialect) -> str:
    """A dialect with the policies in which it differs from `asked`, unless its name says them."""
    fields = [f"{name}={value}" for name, value in dialect.difference(asked).items()]
    name = str(dialect)
    return name if all(field in name for field in fields) else f"{name} ({', '.join(fields)})"


def fits(verdict: Verdict, nearest: Nearest) -> bool:
    """Whether a dialect asks for all that was seen of the implementation: the programs that tell
    dialects apart, and the deviations, some of which take limits or `get`. O(ops)."""
    return not nearest.deviating and all(
        explains(nearest.dialect, verdict.dialect, each) for each in verdict.found
    )


def read_on(rule: Rule) -> str:
    """Where to read more about a rule: its address, or the command that shows it."""
    return f"Read on: {published(rule) or f'streamstate rule {rule.name}'}"


def why_accepted(known: Known) -> str:
    """The reason that somebody gave for an accepted deviation, and where to read on."""
    url = "" if known.url is None else f" ({clean(known.url)})"
    return f"{clean(known.reason, _LONGEST_REASON)}{url}"


def status_in_words(status: KnownStatus) -> str:
    """The outcome of the program of an entry, as a sentence."""
    match status:
        case Stands():
            return "Its program deviates as it says."
        case Gone():
            return "Its program no longer deviates; remove the entry."
        case Changed(_, kind):
            return f"Its program now deviates in another way: {kind.value}."
        case Unanswered():
            return "Its program was not answered."
        case _:
            assert_never(status)


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
    """A sentence or two on what the complete suites show. If something deviates, the implementation
    is not what was asked for, and all they can say is where that does not show."""
    whole = sum(each.complete for each in verdict.certificates)
    cut = len(verdict.certificates) - whole
    if whole and verdict.found:
        yield (
            f"Nothing deviates in {counted(whole, 'complete suite')}: in each of those abstractions"
            f" an implementation that is deterministic and resettable is equivalent to"
            f" {verdict.dialect}, or has more states than the suite allows for."
        )
    elif whole:
        yield (
            f"{counted(whole, 'complete suite').capitalize()}: equivalent to {verdict.dialect} for"
            " every deterministic, resettable implementation with at most the stated number of"
            " states in that abstraction."
        )
    if cut:
        suites = counted(cut, "complete suite")
        yield f"Nothing is claimed about {suites} that did not run to the end."


def blind_spots(verdict: Verdict) -> Iterator[str]:
    """What the runs cannot have seen."""
    unexercised = verdict.unexercised()
    if unexercised:
        names = ", ".join(rule.name for rule in unexercised)
        yield f"These rules were not exercised: {names}."
    if not verdict.cancels:
        yield "Rules CANCEL_PULL_*: the adapter does not offer cancel, so no pull was given up."
    if pushes_wait(verdict.dialect) and not verdict.offers("cancel_push"):
        yield "Rules CANCEL_PUSH_*: the adapter does not offer cancel_push: no push was given up."
    yield "Rules SEEN_*: the wire has no op for an awaiter that looks at its chunk."
    yield "Faults that only longer programs, or other numbers and sizes, would show."
    yield "Memory, time, threads, and what several callers do at once."
    hello = verdict.hello
    if hello is None:
        return
    if "get" not in hello.capabilities:
        yield "The adapter does not offer get: streams were seen only through other ops."
    if "together" not in hello.capabilities:
        yield "The adapter does not offer together: all was quiet before each op."
    if "lends" not in hello.capabilities:
        names = " and ".join(rule.name for rule in Rule if rule in OF_MEMORY)
        yield f"Rules {names}: the adapter does not offer lends, so nobody wrote over a chunk."
    if hello.limits is not None:
        size, count = hello.limits.high_water_mark, hello.limits.max_queue_chunks
        yield f"The adapter has fixed limits: {size:,} bytes and {counted(count, 'chunk')}."
    elif "limits" not in hello.capabilities:
        yield "The adapter does not offer limits: only the default ones were tried."
    unknown = hello.capabilities - CAPABILITIES
    if unknown:
        names = ", ".join(sorted(map(clean, unknown)))
        yield f"The adapter offers capabilities that this version does not know: {names}."
    if not hello.exact:
        yield (
            "The adapter settles by best effort: pulls that settled late were accepted, and that a"
            " pull still waits is never certain."
        )

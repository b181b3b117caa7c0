"""Conditions under which a registry makes a mistake that it does not always make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from streamstate.model import IsQueueFull, Phase, Push
from streamstate.oracle.diagnosis.hypotheses import measures
from streamstate.oracle.diagnosis.hypotheses.application import Application, number_of


@dataclass(frozen=True, eq=False)
class Guard:
    """When the registry makes the mistake. `says` completes "where …". `natural` marks a condition
    that is no surprise: an op looks at one thing where it should look at two. `counts` says that
    the condition needs to know how often a rule was taken, or an op done. `known` keeps what it was
    found to say."""

    says: str
    holds: Callable[[Application], bool]
    natural: bool = False
    counts: bool = False
    known: dict[object, bool] = field(default_factory=dict, repr=False)

    @property
    def no_wonder(self) -> bool:
        """Whether the mistake needs no condition."""
        return self.natural or not self.says


def _always(_application: Application) -> bool:
    return True


ALWAYS: Final = Guard("", _always)


def guards(application: Application) -> Iterator[Guard]:
    """What may have been special about an application, for a mistake that the registry does not
    always make."""
    chunk = measures.chunk(application)
    if chunk is not None:
        yield from _about_the_chunk(chunk)
    if _has_empty_error(application):
        yield Guard("the error value is empty", _has_empty_error)
    if number_of(application) is None:
        yield from _about_any_stream(application)
    yield from _about_the_queue(application)
    phase = measures.phase(application)
    yield Guard(f"the stream is {_PHASES[phase]}", lambda each: measures.phase(each) is phase)
    if phase.closed:
        yield Guard(
            "the stream is closed, errored or not", lambda each: measures.phase(each).closed
        )
    if phase.errored:
        yield Guard(
            "the stream is errored, closed or not", lambda each: measures.phase(each).errored
        )
    if isinstance(application.op, Push):
        yield from _about_going_over(application)
    elif measures.full(application):
        yield Guard("the stream is full", measures.full)
    yield Guard("others wait", lambda each: measures.waiting(each) > 1)
    waiting = measures.waiting_in_all(application)
    yield Guard(
        f"{waiting} pulls or more wait in all",
        lambda each: measures.waiting_in_all(each) >= waiting,
    )
    yield from _about_numbers(application)
    yield from _about_times(application)
    yield from (guard for guard in _before() if guard.holds(application))
    gone = measures.gone(application)
    if gone > 1:
        says = f"{gone} streams or more were deleted before"
        yield Guard(says, lambda each: measures.gone(each) >= gone)
    yield from _about_others(application)
    yield from _about_the_program(application)


def _about_numbers(application: Application) -> Iterator[Guard]:
    """Which stream it is, how many there are, and how many chunks it has accepted."""
    number = number_of(application) or 0
    yield Guard(
        f"the stream is {number} or a later one", lambda each: (number_of(each) or 0) >= number
    )
    yield Guard(f"the stream is {number}", lambda each: (number_of(each) or 0) == number)
    yield from (guard for guard in _by_age() if guard.holds(application))
    streams = len(application.before.streams)
    there_are = "the number of streams there are is"
    yield Guard(f"{there_are} {streams}", lambda each: len(each.before.streams) == streams)
    yield Guard(f"{there_are} {streams} or more", lambda each: len(each.before.streams) >= streams)
    accepted = measures.accepted(application)
    yield Guard(
        f"the stream has accepted {accepted} chunks or more",
        lambda each: measures.accepted(each) >= accepted,
    )
    yield Guard(
        f"the stream has accepted {accepted} chunks",
        lambda each: measures.accepted(each) == accepted,
    )


def _about_times(application: Application) -> Iterator[Guard]:
    """How often the rule has been applied so far."""
    times = application.times
    if times:
        yield Guard(
            f"that comes for the {_ordinal(times + 1)} time or later",
            lambda each: each.times >= times,
            counts=True,
        )
    yield Guard(
        f"that comes for the {_ordinal(times + 1)} time",
        lambda each: each.times == times,
        counts=True,
    )


def _about_the_program(application: Application) -> Iterator[Guard]:
    """How far the program has come."""
    at = application.at
    says = f"it is op {at + 1} or a later one"
    yield Guard(says, lambda each: each.at >= at, counts=True)
    pulls = application.before.next_pull
    yield Guard(f"it is pull {pulls} or a later one", lambda each: each.before.next_pull >= pulls)


def _about_others(application: Application) -> Iterator[Guard]:
    """For an op on one stream: what may be special about another one."""
    beside = measures.phases_beside(application)
    for phase in (Phase.WAITING, Phase.CLOSED, Phase.ERRORED):
        if phase in beside:
            yield Guard(f"another stream is {_PHASES[phase]}", partial(_is_beside, phase=phase))
    if measures.one_is_full_beside(application):
        yield Guard("another stream is full", measures.one_is_full_beside)


def _is_beside(application: Application, phase: Phase) -> bool:
    return phase in measures.phases_beside(application)


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in {11, 12, 13} else _ENDINGS.get(number % 10, "th")
    return f"{number}{ending}"


_ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def _about_going_over(application: Application) -> Iterator[Guard]:
    """For a push: whether it reaches a limit, goes over it, or finds it reached."""
    limits = application.before.limits
    mark, most = limits.high_water_mark, limits.max_queue_chunks
    tests: tuple[tuple[str, Callable[[Application], bool]], ...] = (
        ("the stream is full", measures.full),
        ("the stream is full with it", measures.fills),
        (f"the queue comes to {mark:,} bytes or more", lambda each: measures.over_mark(each) >= 0),
        (f"the queue comes to more than {mark:,} bytes", lambda each: measures.over_mark(each) > 0),
        (f"the queue comes to {most} chunks or more", measures.comes_to_most_chunks),
    )
    yield from (Guard(says, test) for says, test in tests if test(application))


def _about_any_stream(application: Application) -> Iterator[Guard]:
    """For an op that is not on one stream."""
    phases = measures.phases(application)
    for phase, is_so in _PHASES.items():
        if phase in phases:
            yield Guard(f"a stream is {is_so}", partial(_is_in_phase, phase=phase))
    if measures.holds_chunks(application):
        yield Guard("a stream has chunks queued", measures.holds_chunks)


def _is_in_phase(application: Application, phase: Phase) -> bool:
    return phase in measures.phases(application)


def _about_the_queue(application: Application) -> Iterator[Guard]:
    limits = application.before.limits
    if isinstance(application.op, IsQueueFull):
        most, mark = limits.max_queue_chunks, limits.high_water_mark
        by_count, by_size = measures.full_by_count, measures.full_by_size
        few, little = f"fewer than {most} chunks", f"fewer than {mark:,} bytes"
        yield Guard(f"{few} are queued", lambda each: not by_count(each), natural=True)
        yield Guard(f"{little} are queued", lambda each: not by_size(each), natural=True)
        yield Guard(
            f"{mark:,} bytes are queued, and {few}",
            lambda each: measures.is_at_mark(each) and not by_count(each),
            natural=True,
        )
        yield Guard(
            f"{most} chunks are queued, and {little}",
            lambda each: measures.is_at_most_chunks(each) and not by_size(each),
            natural=True,
        )
        yield Guard(
            "one limit is reached and the other is not",
            lambda each: by_count(each) != by_size(each),
            natural=True,
        )
    queued, size = measures.queued(application), measures.size(application)
    chunks = "the number of queued chunks is"
    yield Guard(f"{chunks} {queued} or more", lambda each: measures.queued(each) >= queued)
    yield Guard(f"{chunks} {queued}", lambda each: measures.queued(each) == queued)
    yield Guard(f"{size:,} bytes or more are queued", lambda each: measures.size(each) >= size)
    yield Guard(f"{size:,} bytes are queued", lambda each: measures.size(each) == size)


def _is_newest(application: Application) -> bool:
    return number_of(application) == max(
        (each for each, _ in application.before.streams), default=None
    )


def _is_oldest(application: Application) -> bool:
    return number_of(application) == min(
        (each for each, _ in application.before.streams), default=None
    )


def _by_age() -> Iterator[Guard]:
    yield Guard("the stream is the newest there is", _is_newest)
    yield Guard("the stream is the oldest there is", _is_oldest)


def _before() -> Iterator[Guard]:
    yield Guard("there was a stream of that number", measures.was_given)
    yield Guard("a stream was deleted before", lambda each: measures.gone(each) > 0)
    yield Guard("no stream was deleted before", lambda each: measures.gone(each) == 0)


def _about_the_chunk(chunk: bytes) -> Iterator[Guard]:
    size, first = len(chunk), chunk[:1]
    tests: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
        (f"has {size:,} bytes or more", lambda each: len(each) >= size),
        (f"has {size:,} bytes or fewer", lambda each: len(each) <= size),
        (f"has {size:,} bytes", lambda each: len(each) == size),
        (f"begins with {first!r}", lambda each: each[:1] == first),
        (f"ends with {chunk[-1:]!r}", lambda each: each[-1:] == chunk[-1:]),
        (f"has a byte {first!r}", lambda each: first in each),
        ("is not ASCII", lambda each: not each.isascii()),
        (f"is {chunk[:9]!r}{'…' * (size > 9)}", lambda each: each == chunk),
        (f"has {size % 3} bytes more than a multiple of 3", lambda each: len(each) % 3 == size % 3),
    )
    for says, test in tests if chunk else (("is empty", _is_empty),):
        yield Guard(f"the chunk {says}", _on_chunk(test))
    yield Guard("the chunk is like the newest one queued", measures.is_like_the_newest)
    yield Guard("the newest chunk queued is empty", measures.newest_is_empty)
    if not chunk:
        yield Guard("the chunk is empty, and so is the queue", measures.is_empty_on_empty)


def _has_empty_error(application: Application) -> bool:
    return measures.error_value(application) == ""


def _is_empty(chunk: bytes) -> bool:
    return not chunk


def _on_chunk(test: Callable[[bytes], bool]) -> Callable[[Application], bool]:
    def holds(application: Application) -> bool:
        chunk = measures.chunk(application)
        return chunk is not None and test(chunk)

    return holds


_PHASES: Final = {
    Phase.ABSENT: "unknown",
    Phase.WAITING: "waited on",
    Phase.OPEN: "open",
    Phase.CLOSED: "closed",
    Phase.ERRORED: "errored and not closed",
    Phase.CLOSED_ERRORED: "closed and errored",
    Phase.PUSHES_WAITING: "open, and pushes wait on it",
}

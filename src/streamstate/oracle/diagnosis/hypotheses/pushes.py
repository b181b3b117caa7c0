"""Mistakes with pushes that wait: which are let in, what becomes of their chunks, what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from streamstate.model import (
    Accepted,
    CancelPush,
    Deleted,
    Effect,
    Ended,
    Errored,
    Idle,
    Offered,
    Pull,
    Push,
    PushesWaiting,
    PushReason,
    Step,
    TurnedAway,
)
from streamstate.model.invariants import waiting_pushes
from streamstate.model.state import OPEN, Queue
from streamstate.oracle.diagnosis.hypotheses.application import (
    LOST,
    NOBODYS_PUSH,
    SOME_ERROR,
    Application,
    Change,
    Spoilt,
    number_of,
)

_Told: TypeAlias = tuple[Accepted | TurnedAway, ...]


def push_mistakes() -> Iterator[Change]:
    """All of them."""
    for says, told in _TELLINGS:
        yield Change(says, _telling(told))
    for says, letting_in in _LETTINGS_IN:
        yield Change(says, _admitting(letting_in))
    for says, queueing in _QUEUEINGS:
        yield Change(says, _queueing(queueing))
    for says, waiting in _WAITINGS:
        yield Change(says, _waiting(waiting))
    yield Change("lets in the pushes that it ends", _accepting)


def _telling(telling: Callable[[_Told], _Told]) -> Callable[[Application], Step]:
    """What is left is right, and something else is said of the pushes."""

    def made(application: Application) -> Step:
        told, others = _apart(application.step.effects)
        said = telling(told)
        return application.step if said == told else _with(application, others, said)

    return made


def _apart(effects: Sequence[Effect]) -> tuple[_Told, tuple[Effect, ...]]:
    """How pushes settled, and what else was done."""
    told = tuple(each for each in effects if isinstance(each, Accepted | TurnedAway))
    return told, tuple(each for each in effects if not isinstance(each, Accepted | TurnedAway))


def _with(application: Application, others: tuple[Effect, ...], told: _Told) -> Step:
    return application.step._replace(effects=(*others, *told))


def _away_as(reason: PushReason) -> Callable[[_Told], _Told]:
    def told(said: _Told) -> _Told:
        return tuple(
            TurnedAway(each.push, reason) if isinstance(each, TurnedAway) else each for each in said
        )

    return told


_TELLINGS: Final[tuple[tuple[str, Callable[[_Told], _Told]], ...]] = (
    ("settles no push", lambda _told: ()),
    ("settles the oldest push only", lambda told: told[:1]),
    ("settles the newest push first", lambda told: told[::-1]),
    ("settles pushes twice", lambda told: tuple(each for each in told for _ in (0, 1))),
    ("turns pushes away as closed", _away_as(Ended())),
    ("turns pushes away as deleted", _away_as(Deleted())),
    ("turns pushes away without the error value", _away_as(Errored(LOST))),
    ("turns pushes away with another message", _away_as(Errored(SOME_ERROR))),
    (
        "says that pushes are accepted which it turns away",
        lambda told: tuple(Accepted(each.push) for each in told),
    ),
)


_Offers: TypeAlias = tuple[Offered, ...]
_LettingIn: TypeAlias = Callable[[_Offers, int], tuple[_Offers, _Offers]]
"""Which are let in and which go on waiting, given all, and how many should be let in."""

_LETTINGS_IN: Final[tuple[tuple[str, _LettingIn], ...]] = (
    ("lets no push in", lambda offers, _count: ((), offers)),
    ("lets in one push only", lambda offers, _count: (offers[:1], offers[1:])),
    (
        "lets in one push too few",
        lambda offers, n: (offers[: max(n - 1, 0)], offers[max(n - 1, 0) :]),
    ),
    ("lets in one push too many", lambda offers, n: (offers[: n + 1], offers[n + 1 :])),
    ("lets in all pushes", lambda offers, _count: (offers, ())),
    (
        "lets in the newest push first",
        lambda offers, n: (offers[::-1][:n], offers[: len(offers) - n]),
    ),
)


def _admitting(letting_in: _LettingIn) -> Callable[[Application], Step]:
    """Others are let in by a pull than those for which there is room."""

    def made(application: Application) -> Step:
        found = _before(application)
        if found is None or not isinstance(application.op, Pull):
            return application.step
        number, before = found
        told, others = _apart(application.step.effects)
        let_in, waiting = letting_in(waiting_pushes(before), len(told))
        queue = before.queue.without_oldest()
        for offered in let_in:
            queue = queue.append(offered.chunk)
        left = _left(before.accepted + len(let_in), queue, waiting)
        said = tuple(Accepted(offered.push) for offered in let_in)
        return _with(_leaving(application, number, left), others, said)

    return made


def _before(application: Application) -> tuple[int, PushesWaiting] | None:
    """The stream of the op, where pushes wait on it before."""
    number = number_of(application)
    stream = None if number is None else application.before.find(number)
    return (number, stream) if number is not None and isinstance(stream, PushesWaiting) else None


def _left(accepted: int, queue: Queue, waiting: _Offers) -> Spoilt:
    """The stream; the model does not know of pushes that wait where nothing is queued."""
    if not waiting or not queue:
        return Idle(accepted, OPEN, queue)
    return PushesWaiting(accepted, queue, waiting[0], waiting[1:])


def _leaving(application: Application, number: int, stream: Spoilt) -> Application:
    """The application whose step leaves that stream so."""
    state = application.step.state
    left = replace(state, streams=state.streams_with(number, stream))
    return application._replace(step=application.step._replace(state=left))


_Chunks: TypeAlias = tuple[bytes, ...]

_QUEUEINGS: Final[tuple[tuple[str, Callable[[_Chunks, _Chunks], _Chunks]], ...]] = (
    ("loses the chunks of pushes that it lets in", lambda queued, _new: queued),
    (
        "queues the chunks of pushes that it lets in twice",
        lambda queued, new: (*queued, *_twice(new)),
    ),
    ("puts the chunks of pushes that it lets in first", lambda queued, new: (*new, *queued)),
)


def _twice(chunks: _Chunks) -> _Chunks:
    return tuple(chunk for chunk in chunks for _ in (0, 1))


def _queueing(queueing: Callable[[_Chunks, _Chunks], _Chunks]) -> Callable[[Application], Step]:
    """What is said is right, and the chunks of those who are let in go elsewhere."""

    def made(application: Application) -> Step:
        found = _before(application)
        told, _ = _apart(application.step.effects)
        if found is None or not told or not isinstance(application.op, Pull):
            return application.step
        number, _ = found
        after = application.step.state.find(number)
        assert isinstance(after, PushesWaiting | Idle)
        chunks = after.queue.chunks()
        count = len(chunks) - len(told)
        put = queueing(chunks[:count], chunks[count:])
        queue = Queue((), put, sum(map(len, put)))
        left = _left(after.accepted, queue, waiting_pushes(after))
        return _leaving(application, number, left).step

    return made


def _kept(was: _Offers, should: _Offers) -> _Offers:
    return tuple(each if each in should else replace(each, push=NOBODYS_PUSH) for each in was)


_WAITINGS: Final[tuple[tuple[str, Callable[[_Offers, _Offers], _Offers]], ...]] = (
    ("leaves the pushes that wait as they were", lambda was, _should: was),
    ("keeps the chunk of the push, so that it is sent", _kept),
    ("ends the wait of the oldest push instead", lambda was, _should: was[1:]),
    ("ends the wait of the newest push instead", lambda was, _should: was[:-1]),
    ("forgets the pushes that wait", lambda _was, _should: ()),
    ("forgets the oldest push that waits", lambda _was, should: should[1:]),
    ("lets the newest push wait first", lambda _was, should: (*should[-1:], *should[:-1])),
)


def _waiting(waiting: Callable[[_Offers, _Offers], _Offers]) -> Callable[[Application], Step]:
    """Others wait after a push, or after one is given up, than should."""

    def made(application: Application) -> Step:
        number = number_of(application)
        if number is None or not isinstance(application.op, Push | CancelPush):
            return application.step
        before, after = application.before.find(number), application.step.state.find(number)
        was, should = (() if each is None else waiting_pushes(each) for each in (before, after))
        left = waiting(was, should)
        queued = after if isinstance(after, PushesWaiting) else before
        if left == should or not isinstance(queued, PushesWaiting):
            return application.step
        return _leaving(application, number, _left(queued.accepted, queued.queue, left)).step

    return made


def _accepting(application: Application) -> Step:
    """A close lets them go first, whether there is room or not."""
    found = _before(application)
    told, others = _apart(application.step.effects)
    if found is None or not told:
        return application.step
    number, before = found
    after = application.step.state.find(number)
    if not isinstance(after, Idle) or after.status == OPEN:
        return application.step
    queue = after.queue
    for offered in waiting_pushes(before):
        queue = queue.append(offered.chunk)
    left = replace(after, accepted=after.accepted + len(told), queue=queue)
    said = tuple(Accepted(each.push) for each in told)
    return _with(_leaving(application, number, left), others, said)

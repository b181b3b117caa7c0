"""Sound states break nothing, and each invariant says what is wrong with a state that breaks it."""

from __future__ import annotations

import pytest

from streamstate.model import (
    REFERENCE,
    Create,
    Dialect,
    Handed,
    Idle,
    Limits,
    Offered,
    Pull,
    Push,
    PushesWaiting,
    State,
    Stream,
    Waiting,
    initial,
    step,
    violations,
)
from streamstate.model.state import OPEN, Failed, Placed, Queue

QUEUE = Dialect(overlapping_pull="queue")
DROP = Dialect(errored_backlog="drop")
REFUSE = Dialect(push_when_full="refuse")
WAIT = Dialect(push_when_full="wait")


def state(*streams: Stream, handed: tuple[Handed, ...] = (), dialect: Dialect = REFERENCE) -> State:
    """A state with these streams as 1, 2 …, in which five pulls were called and three pushes
    waited."""
    numbered = tuple(enumerate(streams, start=1))
    return State(dialect, Limits(8, 2), len(streams) + 1, 6, numbered, handed, next_push=4)


def crowded(*pushes: int, queue: Queue | None = None, accepted: int = 9) -> PushesWaiting:
    """On a queue that is full unless another is given, these pushes wait."""
    first, *others = (Offered(push, b"x") for push in pushes)
    full = Queue((), (b"a", b"b"), 2) if queue is None else queue
    return PushesWaiting(accepted, full, first, tuple(others))


def idle(*fresh: bytes, given_back: tuple[Placed, ...] = (), accepted: int = 9) -> Idle:
    size = sum(map(len, fresh)) + sum(len(placed.chunk) for placed in given_back)
    return Idle(accepted, OPEN, Queue(given_back, fresh, size))


GOOD = (
    initial(),
    state(),
    state(idle(b"ab", b""), Waiting(3, 4)),
    state(idle(b"ab", given_back=(Placed(2, b"x"), Placed(5, b"y")))),
    state(Waiting(0, 1, (3, 5)), dialect=QUEUE),
    state(idle(b"ab"), handed=(Handed(2, 1, 8, b"x"), Handed(1, 1, 3, b"y"))),
    state(Idle(), handed=()),
    State(REFERENCE, Limits(), 9, 9, (), (Handed(2, 7, 1, b"of a stream that is gone"),)),
    state(Idle(2, Failed("boom", closed=True)), dialect=DROP),
    state(idle(b"12345678"), dialect=REFUSE),
    state(crowded(1, 3), Waiting(3, 4), dialect=WAIT),
    state(
        crowded(1, queue=Queue((Placed(1, b""), Placed(2, b"")), (b"12345678",), 8)), dialect=WAIT
    ),
    state(idle(b"12345678", given_back=(Placed(1, b""), Placed(2, b""))), dialect=REFUSE),
)


@pytest.mark.parametrize("good", GOOD)
def test_a_sound_state_has_no_violations(good: State) -> None:
    assert violations(good) == ()


BAD = (
    (
        State(REFERENCE, Limits(), 3, 1, ((2, Idle()), (1, Idle()))),
        "streams are not in the order of creation: [2, 1]",
    ),
    (
        State(REFERENCE, Limits(), 2, 1, ((2, Idle()),)),
        "stream numbers [2] are not all from 1 to below 2",
    ),
    (
        State(REFERENCE, Limits(), 2, 1, ((0, Idle()),)),
        "stream numbers [0] are not all from 1 to below 2",
    ),
    (state(Waiting(0, 3), Waiting(0, 3)), "a pull waits twice: [3, 3]"),
    (state(Waiting(0, 6)), "waiting pulls [6] are not all from 1 to below 6"),
    (
        state(Waiting(0, 3, (2,)), dialect=QUEUE),
        "stream 1: pulls do not wait in the order of their calls: [3, 2]",
    ),
    (
        state(Waiting(0, 2, (3,))),
        "stream 1: several pulls wait where overlapping_pull is not queue: [2, 3]",
    ),
    (state(Waiting(-1, 2)), "stream 1: it accepted -1 chunks"),
    (
        state(Idle(3, OPEN, Queue((), (b"ab",), 3))),
        "stream 1: size is 3, its chunks have 2 bytes",
    ),
    (state(idle(b"a", b"b", accepted=1)), "stream 1: 2 chunks never taken, of 1 accepted"),
    (
        state(idle(given_back=(Placed(3, b""), Placed(2, b"")))),
        "stream 1: given back chunks are not in the order of pushes: places [3, 2]",
    ),
    (
        state(idle(given_back=(Placed(3, b""), Placed(3, b"")))),
        "stream 1: given back chunks are not in the order of pushes: places [3, 3]",
    ),
    (
        state(idle(b"a", given_back=(Placed(9, b""),))),
        "stream 1: given back chunks at [9] are not older than those never taken",
    ),
    (
        state(idle(given_back=(Placed(10, b""),))),
        "stream 1: given back chunks at [10] are not older than those never taken",
    ),
    (
        state(Idle(1, Failed("boom", closed=False), Queue((), (b"",), 0)), dialect=DROP),
        "stream 1: errored, and 1 chunks are queued where errored_backlog is drop",
    ),
    (
        state(idle(b"12345678", b"9"), dialect=REFUSE),
        "stream 1: more was pushed than the limits allow where push_when_full is refuse",
    ),
    (
        state(idle(b"", b"", b""), dialect=REFUSE),
        "stream 1: more was pushed than the limits allow where push_when_full is refuse",
    ),
    (
        state(idle(b"12345678", b"9"), dialect=WAIT),
        "stream 1: more was pushed than the limits allow where push_when_full is wait",
    ),
    (state(crowded(1), crowded(1), dialect=WAIT), "a push waits twice: [1, 1]"),
    (state(crowded(4), dialect=WAIT), "waiting pushes [4] are not all from 1 to below 4"),
    (
        state(crowded(2, 1), dialect=WAIT),
        "stream 1: pushes do not wait in the order of their calls: [2, 1]",
    ),
    (
        state(crowded(1), dialect=REFUSE),
        "stream 1: pushes wait where push_when_full lets none wait: [1]",
    ),
    (
        state(crowded(1, queue=Queue((), (b"a",), 1)), dialect=WAIT),
        "stream 1: pushes wait while there is room: [1]",
    ),
    (
        state(crowded(1), handed=(Handed(1, 1, 8, b""),), dialect=WAIT),
        "chunk 8 of stream 1, handed to pull 1, was never taken",
    ),
    (
        state(idle(), handed=(Handed(2, 1, 1, b""), Handed(2, 1, 2, b""))),
        "a pull was handed two chunks: [2, 2]",
    ),
    (
        state(idle(), handed=(Handed(6, 1, 1, b""),)),
        "handed pulls [6] are not all from 1 to below 6",
    ),
    (
        state(Waiting(1, 2), handed=(Handed(2, 1, 1, b""),)),
        "pulls [2] wait and were handed a chunk",
    ),
    (
        state(idle(), handed=(Handed(1, 2, 1, b""),)),
        "a chunk was handed from a stream that never was",
    ),
    (
        state(idle(), handed=(Handed(1, 1, 4, b""), Handed(2, 1, 4, b""))),
        "a chunk was handed to two pulls: [(1, 4), (1, 4)]",
    ),
    (
        state(idle(b"a"), handed=(Handed(1, 1, 9, b""),)),
        "chunk 9 of stream 1, handed to pull 1, was never taken",
    ),
    (
        state(Waiting(3, 2), handed=(Handed(1, 1, 4, b""),)),
        "chunk 4 of stream 1, handed to pull 1, was never taken",
    ),
    (
        state(idle(given_back=(Placed(4, b""),)), handed=(Handed(1, 1, 4, b""),)),
        "chunk 4 of stream 1, handed to pull 1, is queued as well",
    ),
)


@pytest.mark.parametrize(("bad", "says"), BAD, ids=[says for _, says in BAD])
def test_a_broken_invariant_is_named(bad: State, says: str) -> None:
    assert violations(bad) == (says,)


def test_several_violations_are_all_named() -> None:
    bad = State(REFERENCE, Limits(), 1, 1, ((1, Idle(0, OPEN, Queue((), (b"a",), 9))),))
    assert len(violations(bad)) == 3


def test_a_state_may_be_full_beyond_its_limits_where_push_accepts() -> None:
    full = initial(limits=Limits(1, 1))
    for op in (Create(), Push(1, b"ab"), Push(1, b"cd"), Pull(1)):
        full, _ = step(full, op)
        assert violations(full) == ()

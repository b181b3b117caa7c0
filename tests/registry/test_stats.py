"""What `stats` counts is what is there: compared with the model after every op, and one by one."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamstate import Dialect, Limits, StreamStateRegistry
from streamstate.model import (
    Accepted,
    CancelPush,
    Effect,
    Op,
    PullId,
    PushId,
    State,
    StreamId,
    TurnedAway,
    Waiting,
    lattice,
    step,
)
from streamstate.model.invariants import waiting_pushes
from streamstate.registry import OldestPull, Peak, Stats, watching
from streamstate.testing.strategies import programs
from tests.quiet import QuietLoop
from tests.registry.support import look, start, stream_in
from tests.service import Service

SMALL = Limits(3, 2)


class Walk:
    """A witness that follows the model, and walks through its state after every op."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.before = frozenset(handed.pull for handed in state.handed)
        self.peak = Peak(0, 0, 0, 0)
        self.settled = Counter[type[Effect]]()
        self.given_up = 0
        self._note_peak()

    def __call__(self, op: Op, _effects: tuple[Effect, ...]) -> None:
        waited = len(self._offered())
        self.state, effects = step(self.state, op)
        self.settled.update(map(type, effects))
        if isinstance(op, CancelPush):
            self.given_up += waited - len(self._offered())
        self._note_peak()

    def stats(self) -> Stats:
        waiting = sorted(self._waiting())
        unseen = [each for each in self.state.handed if each.pull not in self.before]
        return Stats(
            *self._now(),
            unseen_chunks=len(unseen),
            unseen_bytes=sum(len(each.chunk) for each in unseen),
            blocked_writers=0,
            oldest_pull=OldestPull(*waiting[0], 0.0) if waiting else None,
            peak=self.peak,
            waiting_pushes=len(self._offered()),
            accepted_pushes=self.settled[Accepted],
            turned_away_pushes=self.settled[TurnedAway],
            given_up_pushes=self.given_up,
        )

    def _offered(self) -> list[PushId]:
        return [each.push for _, stream in self.state.streams for each in waiting_pushes(stream)]

    def _waiting(self) -> Iterator[tuple[PullId, StreamId]]:
        for number, stream in self.state.streams:
            if isinstance(stream, Waiting):
                for pull in (stream.first, *stream.others):
                    yield pull, number

    def _now(self) -> tuple[int, int, int, int]:
        queues = [one.queue for _, one in self.state.streams if not isinstance(one, Waiting)]
        chunks = [chunk for queue in queues for chunk in queue.chunks()]
        sizes = sum(map(len, chunks))
        return len(self.state.streams), len([*self._waiting()]), len(chunks), sizes

    def _note_peak(self) -> None:
        peak = self.peak
        most = (peak.streams, peak.waiting_pulls, peak.queued_chunks, peak.queued_bytes)
        self.peak = Peak(*map(max, zip(most, self._now(), strict=True)))


def compare(program: Sequence[Op], at: int, dialect: Dialect) -> None:
    """Begin to count after so many ops of the program."""
    service, before = Service(dialect, SMALL), Walk(State(dialect, SMALL))
    service.registry.attach(before)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watching, "monotonic", lambda: 0.0)
        service.do_all(program[:at])
        service.registry.detach(before)
        service.registry.watch()
        walk = Walk(before.state)
        service.registry.attach(walk)
        for op in program[at:]:
            service.do(op)
            assert service.registry.stats() == walk.stats(), op


@given(st.data(), st.sampled_from(lattice()))
@settings(max_examples=150)
def test_stats_are_what_a_walk_through_the_model_finds_after_every_op(
    data: st.DataObject, dialect: Dialect
) -> None:
    program = data.draw(programs(dialect=dialect, limits=SMALL, max_ops=60, cancels=True))
    compare(program, data.draw(st.integers(0, len(program))), dialect)


def test_a_registry_that_nobody_counts_says_so(registry: StreamStateRegistry) -> None:
    with pytest.raises(
        RuntimeError, match=r"nothing is counted yet: call watch\(\) before stats\(\)"
    ):
        registry.stats()
    assert registry.watch() is registry.watch()
    registry.create()
    assert registry.stats().streams == 1
    registry.unwatch()
    registry.unwatch()
    assert registry._outside.announcer is None, "no op is told to anybody any more"
    with pytest.raises(RuntimeError, match="nothing is counted yet"):
        registry.stats()


def test_the_oldest_pull_is_shown_with_its_age(
    registry: StreamStateRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(watching, "monotonic", lambda: now)
    first, second = registry.create(), registry.create()
    waits = registry.pull(second)
    registry.watch()
    now = 5.0
    also = registry.pull(first)
    now = 7.5
    assert registry.stats().oldest_pull == OldestPull(1, second, 7.5)
    registry.push(second, b"a")
    assert registry.stats().oldest_pull == OldestPull(2, first, 2.5)
    also.close()
    assert registry.stats().oldest_pull is None
    waits.close()


def test_writers_are_blocked_from_when_they_wait_until_they_are_told(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry(limits=Limits(max_queue_chunks=1))
    registry.watch()
    stream = stream_in(registry, b"a")
    writers = [start(quiet, registry.writable(stream)) for _ in range(3)]
    assert registry.stats().blocked_writers == 3
    writers[1].cancel()
    quiet.settle()
    assert registry.stats().blocked_writers == 2
    look(registry.pull(stream))
    assert registry.stats().blocked_writers == 2, "the first has its turn, and was not told yet"
    quiet.settle()
    assert registry.stats().blocked_writers == 0, "nobody pushed, so all were told"


def test_pushes_that_wait_are_counted_and_what_becomes_of_them() -> None:
    registry = StreamStateRegistry(Dialect(push_when_full="wait"), Limits(max_queue_chunks=1))
    stream = stream_in(registry, b"a")
    sends = [registry.send(stream, b"b")]
    registry.watch()
    sends += [registry.send(stream, b"c") for _ in range(3)]
    assert registry.stats().waiting_pushes == 4, "one began to wait before the counting began"
    look(registry.pull(stream))
    sends[1].cancel()
    sends[0].cancel()
    stats = registry.stats()
    assert (stats.waiting_pushes, stats.accepted_pushes, stats.given_up_pushes) == (2, 1, 1)
    registry.close(stream)
    stats = registry.stats()
    assert (stats.waiting_pushes, stats.turned_away_pushes) == (0, 2)


def test_another_thread_may_ask_the_watch_and_not_the_registry() -> None:
    registry = StreamStateRegistry()
    watch = registry.watch()
    pulls = [registry.pull(registry.create()) for _ in range(3)]
    asked: list[Stats] = []
    refused: list[str] = []

    def ask() -> None:
        asked.append(watch.stats())
        with pytest.raises(RuntimeError) as raised:
            registry.stats()
        refused.append(str(raised.value))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert [stats.waiting_pulls for stats in asked] == [3]
    assert refused[0].startswith("this registry belongs to thread")
    for pull in pulls:
        pull.close()


def test_a_watch_can_be_asked_while_ops_are_done_in_another_thread() -> None:
    """Never an exception, and each figure is one that there was."""
    registry = StreamStateRegistry(Dialect.parse("reference+overlapping_pull=queue"))
    watch, done = registry.watch(), threading.Event()
    seen: set[int] = set()

    def ask() -> None:
        while not done.is_set():
            stats = watch.stats()
            assert (stats.oldest_pull is None) <= (stats.waiting_pulls <= 3)
            seen.add(stats.waiting_pulls)

    async def use() -> None:
        asking = asyncio.create_task(asyncio.to_thread(ask))
        await asyncio.sleep(0)
        for _ in range(300):
            async with registry.stream() as stream:
                pulls = [registry.pull(stream) for _ in range(3)]
                await asyncio.sleep(0)
                for pull in pulls:
                    pull.close()
        done.set()
        await asking

    asyncio.run(use())
    assert seen <= {0, 1, 2, 3}


def test_length_and_iteration(registry: StreamStateRegistry) -> None:
    assert (len(registry), list(registry), bool(registry)) == (0, [], True)
    for _ in range(4):
        registry.create()
    registry.delete(2)
    assert (len(registry), list(registry)) == (3, [1, 3, 4])
    assert 3 in registry
    assert 2 not in registry
    met = []
    for stream in registry:
        met.append(stream)
        registry.delete(stream)
        registry.create()
    assert met == [1, 3, 4], "what was there when it began"
    assert list(registry) == [5, 6, 7]


def test_looks_belong_to_the_thread_of_the_registry(registry: StreamStateRegistry) -> None:
    registry.create()
    refused: list[str] = []

    def look() -> None:
        for each in (len, iter, lambda asked: 1 in asked):
            with pytest.raises(RuntimeError) as raised:
                each(registry)
            refused.append(str(raised.value))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert len(refused) == 3

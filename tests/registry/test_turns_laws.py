"""The laws of turns, whatever writers, readers and an end do, in whatever order."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from streamstate import Limits, StreamError, StreamStateRegistry
from tests.quiet import QuietLoop


class Life:
    """Writers, readers and an end in any order, on one stream; checked after every step."""

    def __init__(self, quiet: QuietLoop, limit: int) -> None:
        self.quiet = quiet
        self.limit = limit
        self.registry = StreamStateRegistry(limits=Limits(max_queue_chunks=limit), lockstep=True)
        self.stream = self.registry.create()
        self.numbers = count()
        self.writers: dict[int, asyncio.Task[None]] = {}
        self.asked: list[int] = []
        self.answered: list[int] = []
        self.given_up: set[int] = set()
        self.over = False

    async def _write(self, number: int, push: bool) -> None:
        self.asked.append(number)
        told = await self.registry.writable(self.stream)
        self.answered.append(number)
        assert told is not self.over, "room where nothing is taken, or none while it is open"
        if told and push:
            assert self.registry.push(self.stream, b"x")

    async def _read(self) -> None:
        with suppress(StreamError):
            await self.registry.pull(self.stream)

    def do(self, way: str, which: int = 0) -> None:
        loop = self.quiet.loop
        match way:
            case "ask" | "ask idly":
                number = next(self.numbers)
                self.writers[number] = loop.create_task(self._write(number, way == "ask"))
            case "cancel":
                for number in list(self.writers)[which : which + 1]:
                    if self.writers[number].cancel():
                        self.given_up.add(number)
            case "read":
                loop.create_task(self._read())
            case "drop a pull":
                self.registry.pull(self.stream)
            case "push unasked":
                if not self.registry.is_queue_full(self.stream):
                    self.registry.push(self.stream, b"y")
            case "turn":
                loop.call_soon(loop.stop)
                loop.run_forever()
            case "close":
                self.registry.close(self.stream)
                self.over = True
            case _:
                self.settle()
        self.check()

    def check(self) -> None:
        """Never more than fits; answers in the order of asking."""
        shown = self.registry.get(self.stream)
        assert shown is not None
        assert len(shown.queue) <= self.limit, "too much"
        stay = [number for number in self.asked if number not in self.given_up]
        told = [number for number in self.answered if number not in self.given_up]
        assert told == stay[: len(told)], "out of order"

    def settle(self) -> None:
        """Nothing is going on any more: nobody waits while there is room, or after the end."""
        self.quiet.settle()
        for number, writer in list(self.writers.items()):
            if writer.done():
                assert writer.cancelled() or writer.exception() is None
                del self.writers[number]
        if self.over or not self.registry.is_queue_full(self.stream):
            assert not self.writers, "they wait, and there is room"


ASKING = ("ask", "ask", "ask", "ask idly")
STEPS = st.tuples(
    st.sampled_from(
        (*ASKING, "cancel", "read", "read", "drop a pull", "push unasked", "turn", "settle")
    ),
    st.integers(0, 5),
)


@given(st.lists(STEPS, max_size=60), st.booleans(), st.integers(1, 3))
@settings(max_examples=200)
def test_whatever_happens_the_laws_of_turns_hold(
    steps: list[tuple[str, int]], ends: bool, limit: int
) -> None:
    with QuietLoop() as quiet:
        life = Life(quiet, limit)
        for way, which in steps:
            life.do(way, which)
        if ends:
            life.do("close")
        life.settle()
    assert quiet.unraisable == []

"""What adapters answer of pushes that wait, and how a push in this process ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from streamstate.oracle.adapters.implementation import Request, parse_reply
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.suites.complete.waiting import TWO_CHUNKS
from streamstate.wire import parse_turns
from tests.oracle.waiting_registries import opened, registry

ASKED = '["create"],["push",1,"YQ=="],["push",1,"Yg=="],["push",1,"AA=="]'


@pytest.mark.parametrize(
    "settlement",
    [
        *(
            '["push",1]',
            '["push","1","accepted"]',
            '["push",0,"accepted"]',
            '["push",true,"accepted"]',
        ),
        *('["push",1,"sent"]', '["push",1,"turned_away"]', '["push",1,"turned_away",7]'),
        *('["push",1,"accepted",null]', '["push",4294967296,"accepted"]', '["push"]'),
    ],
)
def test_a_settlement_of_a_push_that_is_none_means_that_the_adapter_failed(settlement: str) -> None:
    line = f'{{"seq":1,"trace":[[null,[{settlement}]]],"late":[]}}'
    reply = parse_reply(line.encode(), 1, 1)
    assert reply.failed is not None
    assert reply.failed.startswith('trace[0] settled ["push"')
    assert (
        'expected ["push",number,"accepted"] or ["push",number,"turned_away",message]'
        in reply.failed
    )


def test_a_late_one_is_read_too() -> None:
    reply = parse_reply(b'{"seq":1,"trace":[[null,[]]],"late":[["push",1,"gone"]]}', 1, 1)
    assert reply.failed is not None
    assert reply.failed.startswith("late settled")


def test_which_end_notices_first_means_nothing() -> None:
    told = b'[["push",2,"accepted"],[1,"done"],["push",1,"accepted"]]'
    line = b'{"seq":1,"trace":[[null,%b]],"late":[]}' % told
    settled = [[1, "done"], ["push", 2, "accepted"], ["push", 1, "accepted"]]
    assert parse_reply(line, 1, 1).trace == ([None, settled],)


def answers(made: Any, program: str) -> list[Any]:
    implementation = opened(made)
    request = Request(1, program_of(parse_turns(program)), TWO_CHUNKS)
    (line,) = implementation.run(iter((request,)))
    implementation.close()
    return [*parse_reply(line, 1, len(request.program)).trace]


def test_a_push_in_this_process_waits_once_all_is_quiet() -> None:
    program = f'[{ASKED},["push",1,"AQ=="],["cancel_push",2],["cancel_push",2],["pull",1]]'
    assert answers(registry(), program)[3:] == [
        *([None, []], [None, []]),
        *([True, []], [False, []]),
        [None, [[1, "value", "YQ=="], ["push", 1, "accepted"]]],
    ]


def test_a_burst_goes_on_behind_a_push_that_waits() -> None:
    program = f'[{ASKED},["together",["push",1,"AQ=="],["pull",1],["push",1,"Ag=="]],["close",1]]'
    closed = [["push", number, "turned_away", "Stream closed"] for number in (2, 3)]
    assert answers(registry(), program)[4:] == [
        [[None, None, None], [[1, "value", "YQ=="], ["push", 1, "accepted"]]],
        [None, closed],
    ]


class Strange:
    """Of which pushes settle in ways of their own."""

    made = registry()

    def __init__(self, how: Any) -> None:
        self._inner, self._how = Strange.made(3, 2), how

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def push(self, stream: int, chunk: bytes) -> Any:
        waits = stream in self._inner.streams and self._inner.streams[stream].full
        accepted = await self._inner.push(stream, chunk)
        return await self._how() if waits else accepted


async def returns_nothing() -> None:
    return None


async def returns_seven() -> int:
    return 7


async def raises_what_cannot_be_read() -> None:
    raise UnreadableError


class UnreadableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (returns_nothing, ["accepted"]),
        (returns_seven, ["turned_away", "it returned 7"]),
        (raises_what_cannot_be_read, ["turned_away", "UnreadableError(), unreadable: no"]),
    ],
)
def test_how_a_push_that_waited_ended(how: Any, told: list[str]) -> None:
    program = f'[{ASKED},["pull",1]]'
    assert answers(lambda: Strange(how), program)[4][1] == [
        [1, "value", "YQ=="],
        ["push", 1, *told],
    ]


def test_a_push_that_never_returns_waits_for_ever_and_is_given_up_at_the_end() -> None:
    cancelled: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            cancelled.append("push")
            raise

    assert answers(lambda: Strange(forever), f'[{ASKED},["pull",1]]')[4][1] == [
        [1, "value", "YQ=="]
    ]
    assert cancelled == ["push"]

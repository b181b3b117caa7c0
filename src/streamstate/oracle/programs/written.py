"""Programs as JSON in which rounds are written once, so that thousands of ops are one short line.

`["rounds", times, [turn, …]]` stands for these turns so many times, each time on the next streams
and pulls: a round later by as many as a round makes. `["rounds", times, [turn, …], [index, …]]`
says of which turns the numbers stay the same. Only people and command lines have this form; an
adapter is asked for each op.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from streamstate.model import Create, Pull
from streamstate.oracle.programs.editing import inner_ops
from streamstate.oracle.programs.program import with_fills
from streamstate.oracle.programs.rounds import Rounds, rounds_of, shifted, with_times
from streamstate.wire import Json, Turn, WireError, is_array, parse_turn, shown

MOST_OPS: Final = 1_000_000
"""Ops of a program that is written with rounds, at most."""

_FORM: Final = 'expected ["rounds", times, [op, …]] or ["rounds", times, [op, …], [index, …]]'


def encode_with_rounds(program: Sequence[Turn]) -> list[Json]:
    """The program, its rounds written once, and its big uniform chunks as fills."""
    ops = tuple(program)
    written: list[Json] = []
    at = 0
    for rounds in rounds_of(ops):
        written += [*map(with_fills, ops[at : rounds.start]), _encoded(ops, rounds)]
        at = rounds.end
    return [*written, *map(with_fills, ops[at:])]


def _encoded(ops: Sequence[Turn], rounds: Rounds) -> Json:
    body = ops[rounds.start : rounds.start + rounds.period]
    stay = [
        at
        for at, (turn, moves) in enumerate(zip(body, rounds.moves, strict=True))
        if not moves and shifted(turn, rounds.streams, rounds.pulls) != turn
    ]
    written: list[Json] = ["rounds", rounds.times, [*map(with_fills, body)]]
    return [*written, stay] if stay else written


def parse_with_rounds(value: Json) -> tuple[Turn, ...]:
    """The program that is written so, or op by op. Raises `WireError`."""
    if not is_array(value):
        raise WireError(f"a program must be a JSON array of ops, not {shown(value)}")
    program: list[Turn] = []
    for index, each in enumerate(value):
        program += _parsed(each, f"program[{index}]", MOST_OPS - len(program))
    return tuple(program)


def _parsed(value: Json, where: str, room: int) -> Iterator[Turn]:
    match value:
        case ["rounds", int(times), body, *rest] if is_array(body) and body and times >= 1:
            stay = _indices(rest, len(body), where)
            if times * len(body) > room:
                raise WireError(f"{where} makes the program longer than {MOST_OPS:,} ops")
            turns = tuple(parse_turn(each, f"{where}[{at}]") for at, each in enumerate(body))
            yield from with_times(turns, _rounds_of(turns, stay), times)
        case ["rounds", *_]:
            raise WireError(f"{where} is {shown(value)}: {_FORM}")
        case _:
            yield parse_turn(value, where)


def _indices(rest: Sequence[Json], period: int, where: str) -> frozenset[int]:
    """Which turns of a round have the same numbers in each."""
    if not rest:
        return frozenset()
    if len(rest) == 1 and is_array(rest[0]):
        stay = [at for at in rest[0] if isinstance(at, int) and type(at) is int]
        if len(stay) == len(rest[0]) and all(at in range(period) for at in stay):
            return frozenset(stay)
    raise WireError(f"{where} has {shown(list(rest))} after its ops: {_FORM}")


def _rounds_of(turns: tuple[Turn, ...], stay: frozenset[int]) -> Rounds:
    """One round of these turns."""
    ops = [op for turn in turns for op in inner_ops(turn)]
    streams = sum(isinstance(op, Create) for op in ops)
    pulls = sum(isinstance(op, Pull) for op in ops)
    moves = tuple(at not in stay for at in range(len(turns)))
    return Rounds(0, len(turns), 1, streams, pulls, moves)

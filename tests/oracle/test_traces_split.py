"""A recording that is split by stream gets the verdict of one that is not, whatever is wrong with
it and wherever."""

from __future__ import annotations

import json
import os
import pickle
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from streamstate.cli.sharing import Unchecked, _split
from streamstate.cli.tracing import trace
from streamstate.model import (
    REFERENCE,
    CancelPush,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    Limits,
    Op,
    Pull,
    Push,
    Seen,
    State,
    advance,
    initial,
    lattice,
)
from streamstate.oracle.recordings import check
from streamstate.oracle.recordings import shares as module
from streamstate.oracle.recordings.shares import Judged, Piece, Router, concerning_one, judge
from streamstate.oracle.recordings.splitting import check_split
from streamstate.oracle.verdict.recording import FileVerdict, Outcome
from streamstate.recording import record
from streamstate.testing.strategies import programs
from streamstate.wire import compact, encode_effects, encode_op
from tests.service import Service

SMALL = Limits(3, 2)


def begin(pieces: Sequence[Piece]) -> Callable[[], Sequence[Judged]]:
    """In this process, but as if it were another."""
    sent = [pickle.dumps(piece) for piece in pieces]
    return lambda: [pickle.loads(pickle.dumps(judge(pickle.loads(each)))) for each in sent]


def split(data: bytes, shares: int, stretch: tuple[int, int]) -> FileVerdict:
    return check_split("it", BytesIO(data), None, shares, begin, stretch)


# What is done to the lines of a recording. ----------------------------------------------------


def _line(random: Random, lines: list[bytes]) -> int:
    return random.randrange(len(lines))


def _dropped(random: Random, lines: list[bytes]) -> None:
    del lines[_line(random, lines)]


def _doubled(random: Random, lines: list[bytes]) -> None:
    lines.insert(_line(random, lines), lines[_line(random, lines)])


def _swapped(random: Random, lines: list[bytes]) -> None:
    one, other = _line(random, lines), _line(random, lines)
    lines[one], lines[other] = lines[other], lines[one]


def _digit(random: Random, lines: list[bytes]) -> None:
    at = _line(random, lines)
    places = [place for place, each in enumerate(lines[at]) if 48 <= each < 58]
    if places:
        place = random.choice(places)
        lines[at] = b"%b%d%b" % (lines[at][:place], random.randrange(4), lines[at][place + 1 :])


def _byte(random: Random, lines: list[bytes]) -> None:
    at = _line(random, lines)
    place = random.randrange(len(lines[at]))
    lines[at] = lines[at][:place] + random.choice((b"]", b"x", b'"', b"")) + lines[at][place + 1 :]


def _cut(random: Random, lines: list[bytes]) -> None:
    at = _line(random, lines)
    lines[at] = lines[at][: random.randrange(len(lines[at]))]


def _written_otherwise(random: Random, lines: list[bytes]) -> None:
    at = _line(random, lines)
    try:
        lines[at] = json.dumps(json.loads(lines[at])).encode() + b"\n"
    except ValueError:
        return


def _foreign(random: Random, lines: list[bytes]) -> None:
    lines.insert(_line(random, lines), random.choice(FOREIGN))


FOREIGN: Final = (
    b"\n",
    b"   \n",
    b"[1]\n",
    b'{"end":null}\n',
    b'{"op":["clear"],"returned":null,"settled":[]}\n',
    b'{"op":["seen",1],"returned":null,"settled":[]}\n',
    b'{"op":["cancel_pull",2],"returned":null,"settled":[]}\n',
    b'{"op":["cancel_pull",1],"returned":null,"settled":[],"state":{}}\n',
    b'{"op":["push",1,"!"],"returned":true,"settled":[]}\n',
    b'{"op":["pull",1],"returned":null,"settled":[1]}\n',
    b'{"op":["pull",1],"returned":null,"settled":[[1,"odd"]]}\n',
    b'{"op":["close",1],"returned":null}\n',
    b'{"op":["error",1,"[1,\\"done\\"]"],"returned":null,"settled":[]}\n',
    b'{"recording":1,"dialect":"reference","limits":{"bytes":3,"chunks":2}}\n',
    b'{"cmd":"stop"}\n',
    b'{"op":["get",1],"returned":' + b"[" * 40 + b"]" * 40 + b',"settled":[]}\n',
)

CHANGES: Final = (
    *(_dropped, _doubled, _swapped, _digit, _digit, _byte, _cut, _written_otherwise, _foreign),
    _foreign,
)


def changed(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    for _ in range(random.randrange(4)):
        if lines:
            random.choice(CHANGES)(random, lines)
    return b"".join(lines)


@given(st.data(), st.integers(0, 10**6))
@settings(max_examples=60)
def test_the_verdict_is_that_on_the_whole(data: st.DataObject, seed: int) -> None:
    random = Random(seed)
    dialect = random.choice(lattice())
    drawn = programs(dialect=dialect, limits=SMALL, max_ops=60, cancels=True)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "it.jsonl"
        for _ in range(2):
            service = Service(dialect, SMALL)
            service.do_all(data.draw(drawn))  # what comes before the recording
            with record(service.registry, path):
                service.do_all(data.draw(drawn))
        sound = path.read_bytes()
    for each in (sound, *(changed(sound, random) for _ in range(30))):
        wanted = check("it", BytesIO(each))
        for shares, stretch in ((2, (0, 7)), (3, (3, 10**6))):
            assert split(each, shares, stretch) == wanted, each


@pytest.mark.parametrize("first", [b'{"op":["create"],"retur', b'{"op":["create"]}\n', b""])
def test_a_line_that_is_none_begins_no_recording(first: bytes) -> None:
    for data in (first, stock(3, 3) + first, first + stock(3, 3)):
        assert split(data, 2, (0, 3)) == check("it", BytesIO(data))


def stock(streams: int, rounds: int) -> bytes:
    """A sound recording of many streams, all of which are cleared in the end."""
    service = Service(Dialect(), SMALL)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "it.jsonl"
        with record(service.registry, path):
            for number in [service.registry.create() for _ in range(streams)] * rounds:
                service.registry.push(number, b"%d" % number)
            service.registry.clear()
            service.registry.create()
        return path.read_bytes()


def broken_split(monkeypatch: pytest.MonkeyPatch, name: str, wrong: object) -> FileVerdict:
    monkeypatch.setattr(Router, name, wrong)
    return split(stock(9, 4), 3, (0, 10))


def test_a_sound_recording_conforms_in_shares() -> None:
    assert split(stock(9, 4), 3, (0, 10)).outcome is Outcome.CONFORMS


def test_a_router_that_loses_the_numbers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    one = property(lambda _: (1, 1, 1))
    assert broken_split(monkeypatch, "next", one).outcome is not Outcome.CONFORMS


def test_a_router_that_gives_a_share_the_streams_of_another_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    divide = Router.divide

    def wrong(self: Router, state: State, pieces: Sequence[Piece], *, deviates: bool) -> None:
        divide(self, state, pieces[::-1], deviates=deviates)

    assert broken_split(monkeypatch, "divide", wrong).outcome is Outcome.DEVIATES


def test_a_whole_that_lacks_a_share_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "streamstate.oracle.recordings.splitting.whole",
        lambda states, after: module.whole(states[1:], after),
    )
    assert split(stock(9, 4), 3, (0, 10)).outcome is Outcome.DEVIATES


# What it holds, and as a command. -------------------------------------------------------------


def route(router: Router, ops: Iterable[Op], state: State) -> None:
    """Lines of a right registry that did those ops, in that state."""
    pieces = [Piece() for _ in range(router.shares)]
    for number, op in enumerate(ops, start=1):
        _, state, effects = advance(state, op)
        returned, settled = encode_effects(effects)
        line = compact({"op": encode_op(op), "returned": returned, "settled": settled})
        found = concerning_one(f"{line}\n".encode())
        assert found
        router.add(number, found, pieces)
    assert router.next == (state.next_stream, state.next_pull, state.next_push)


def pulls_after(rounds: int) -> int:
    """How many pulls a router knows after streams have come and gone so often: with a chunk that
    was seen, a pull that was superseded, and one that was done."""
    router, state = Router(3), initial(REFERENCE, SMALL)
    ops = (
        op
        for stream in range(1, rounds + 1)
        for op in (
            *(Create(), Pull(stream), Push(stream, b"x"), Seen(3 * stream - 2), Pull(stream)),
            *(Pull(stream), Close(stream), Delete(stream)),
        )
    )
    route(router, ops, state)
    return len(router._pulls)


def test_a_router_knows_no_pull_that_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pulls_after(40) == 0
    monkeypatch.setattr(module, "_OVER", re.compile(b"never"))
    assert pulls_after(40) == 80


def test_a_router_knows_no_push_that_is_over() -> None:
    router = Router(3)
    ends: tuple[Op, ...] = (Close(1), Error(2, "x"), Delete(3))
    ops: list[Op] = []
    for stream, end in enumerate(ends, start=1):
        ops += [Create(), *(Push(stream, b"x") for _ in range(4))]
        ops += [Pull(stream), Push(stream, b"x"), CancelPush(3 * stream), end]
    route(router, ops, initial(Dialect.parse("reference+push_when_full=wait"), SMALL))
    assert router._pushes == {}
    assert router.next == (4, 4, 10)


def test_jobs_say_what_one_process_says(tmp_path: Path) -> None:
    sound = stock(60, 50)
    lines = sound.splitlines(keepends=True)
    for name, data in {
        "sound": sound,
        "swapped": b"".join([*lines[:2500], lines[2501], lines[2500], *lines[2502:]]),
        "broken": b"".join([*lines[:2500], lines[2500][:-9], *lines[2500:]]),
    }.items():
        (tmp_path / name).write_bytes(data)
    names = [str(tmp_path / name) for name in ("sound", "swapped", "broken")]
    one, two = (CliRunner().invoke(trace, [*names, "--jobs", jobs]) for jobs in ("1", "2"))
    assert (two.exit_code, two.stdout) == (one.exit_code, one.stdout)
    assert one.exit_code == 3


def test_a_process_that_dies_leaves_no_verdict() -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:

        def dies(_pieces: Sequence[Piece]) -> Callable[[], Sequence[Judged]]:
            return pool.submit(os._exit, 1).result

        with pytest.raises(Unchecked, match="a process of --jobs has died") as error:
            _split(2, dies, "it", BytesIO(stock(60, 50)), None)
    assert error.value.exit_code == 3

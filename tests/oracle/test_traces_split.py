"""A recording that is split by stream gets the verdict of one that is not, whatever is wrong with
it and wherever."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamstate.model import Dialect, Limits, State, lattice
from streamstate.oracle.recordings import check
from streamstate.oracle.recordings import shares as module
from streamstate.oracle.recordings.shares import Judged, Piece, Router, judge
from streamstate.oracle.recordings.splitting import check_split
from streamstate.oracle.verdict.recording import FileVerdict, Outcome
from streamstate.recording import record
from streamstate.testing.strategies import programs
from tests.service import Service

SMALL = Limits(3, 2)


def begin(pieces: Sequence[Piece]) -> Callable[[], Sequence[Judged]]:
    """In this process, but as if it were another."""
    sent = [pickle.dumps(piece) for piece in pieces]
    return lambda: [pickle.loads(pickle.dumps(judge(pickle.loads(each)))) for each in sent]


def split(data: bytes, shares: int, stretch: tuple[int, int]) -> FileVerdict:
    return check_split("it", BytesIO(data), None, shares, begin, stretch)


def recording(folder: str, seed: int, programs_of: Sequence[Sequence[object]]) -> bytes:
    path = Path(folder) / f"{seed}.jsonl"
    for program in programs_of:
        dialect = Random(seed).choice(lattice())
        service = Service(dialect, SMALL)
        with record(service.registry, path):
            service.do_all(program)  # type: ignore[arg-type]  # ops
    return path.read_bytes()


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
    one = property(lambda _: (1, 1))
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

"""What goes wrong only where ops are done with no quiet between them is told as that."""

from __future__ import annotations

import asyncio

from streamstate import StreamStateRegistry
from streamstate.model import REFERENCE, Create, Limits, Pull, Push, Rule, StreamId
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.checking import check
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.suites.plan import only
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.registry import BytesLike
from streamstate.wire import Together, Turn


class LosesBursts(StreamStateRegistry):
    """Of several chunks that are pushed in one turn the last one is lost."""

    def __init__(self, *, limits: Limits) -> None:
        super().__init__(limits=limits)
        self._busy = False

    def push(self, stream: StreamId, chunk: BytesLike) -> bool:
        if self._busy:
            return True
        self._busy = True
        asyncio.get_running_loop().call_soon(self._at_rest)
        return super().push(stream, chunk)

    def _at_rest(self) -> None:
        self._busy = False


class LosesAll(StreamStateRegistry):
    """No chunk finds its stream."""

    def push(self, stream: StreamId, chunk: BytesLike) -> bool:
        return super().push(-stream, chunk)


def verdict_on(made: type[LosesBursts | LosesAll], *turns: Turn) -> Verdict:
    return check(
        lambda: InProcessImplementation(lambda limits: made(limits=limits), "registry", "1"),
        REFERENCE,
        planner=only(program_of(turns)),
    )


AT_ONCE = "It happens only when ops come in one turn"
BURST = Together((Push(1, b"a"), Push(1, b"b")))


def test_what_goes_right_with_quiet_between_is_told_as_that() -> None:
    verdict = verdict_on(LosesBursts, Create(), BURST, Pull(1), Pull(1))
    (deviation,) = verdict.deviations
    assert AT_ONCE in deviation.why
    assert deviation.rule is Rule.PUSH_5


def test_what_goes_wrong_anyhow_is_not() -> None:
    verdict = verdict_on(LosesAll, Create(), BURST, Pull(1), Pull(1))
    assert verdict.deviations
    assert not any(AT_ONCE in each.why for each in verdict.deviations)

"""A state machine for Hypothesis: an implementation and the model, op by op."""

from __future__ import annotations

from typing import ClassVar, Final, Literal, NoReturn

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from streamstate.model import (
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    State,
    StreamId,
    initial,
    view,
)
from streamstate.oracle.adapters.convention import Convention
from streamstate.oracle.adapters.session import Session
from streamstate.testing.conforms import again
from streamstate.testing.driver import FactoryDriver
from streamstate.testing.factory import Factory, name_of
from streamstate.testing.failure import Step, looks_after, told
from streamstate.testing.strategies import (
    chunks,
    messages,
    open_streams,
    small_limits,
    streams_of,
)
from streamstate.wire import Json, agrees, answer

_MOST_STREAMS: Final = 3


A_STREAM: Final = st.runner().flatmap(lambda machine: streams_of(machine.model))
AN_OPEN_STREAM: Final = st.runner().flatmap(
    lambda machine: st.sampled_from(open_streams(machine.model))
)


class RegistryMachine(RuleBasedStateMachine):
    """Subclass it, with `make` the factory: it compares every answer with the model's.

    `dialect`, `limits` and `convention` are as for `assert_conforms`. `model` is the state that the
    registry should be in; rules and invariants of your own may read it. After each op it looks with
    `get`, if the registry has one, at the streams that the op could have changed.

    With streamstate's pytest plugin, pytest collects a subclass named `Test…` as it is. Without,
    write `TestMine = Mine.TestCase`, as for any state machine.
    """

    make: ClassVar[Factory]
    dialect: ClassVar[str | Dialect] = "reference"
    limits: ClassVar[Limits | None] = None
    convention: ClassVar[Convention] = Convention()

    def __init__(self) -> None:
        super().__init__()
        kind = type(self)
        if not hasattr(kind, "make"):
            raise TypeError(f"{kind.__name__} has no make; write make = staticmethod(YourRegistry)")
        wanted = kind.dialect
        self._dialect: Final = Dialect.parse(wanted) if isinstance(wanted, str) else wanted
        self._driver: Final = FactoryDriver(kind.make, kind.convention)
        self._shows_get: Final = "get" in self._driver.capabilities
        self._steps: Final[list[Step]] = []
        self._session: Session | None = None
        self.model: State = initial(self._dialect)

    def _limits_to_try(self) -> st.SearchStrategy[Limits]:
        fixed = type(self).limits
        if fixed is not None:
            return st.just(fixed)
        return small_limits() if "limits" in self._driver.capabilities else st.just(Limits())

    @initialize(limits=st.runner().flatmap(_limits_to_try))
    def start(self, limits: Limits) -> None:
        """A fresh registry with one stream."""
        self.model = initial(self._dialect, limits)
        self._session = self._driver.run(self._driver.session(limits))
        self._do(Create())

    @precondition(lambda self: len(self.model.streams) < _MOST_STREAMS)
    @rule()
    def create(self) -> None:
        """CREATE_1."""
        self._do(Create())

    @rule(stream=A_STREAM, chunk=chunks())
    def push(self, stream: StreamId, chunk: bytes) -> None:
        """PUSH_1 to PUSH_7."""
        self._do(Push(stream, chunk))

    @rule(stream=A_STREAM, pulls=st.lists(st.booleans(), min_size=2, max_size=6))
    def traffic(self, stream: StreamId, pulls: list[bool]) -> None:
        """Pushes and pulls on one stream, so that streams have queued chunks or waiting pulls."""
        for place, pull in enumerate(pulls, start=1):
            self._do(Pull(stream) if pull else Push(stream, bytes([place])))

    @precondition(lambda self: any(open_streams(self.model)))
    @rule(stream=AN_OPEN_STREAM, more=st.sampled_from((0, -1, 1)))
    def fill(self, stream: StreamId, more: int) -> None:
        """Push until the queue holds `more` chunks more than make it full."""
        shown = view(self.model, stream)
        queued = 0 if shown is None else len(shown.queue)
        for number in range(queued, self.model.limits.max_queue_chunks + more):
            self._do(Push(stream, bytes([number % 256])))
        self._do(IsQueueFull(stream))

    @precondition(lambda self: any(open_streams(self.model)))
    @rule(
        stream=AN_OPEN_STREAM,
        push=st.booleans(),
        how=st.sampled_from(("close", "error", "delete")),
        again=st.booleans(),
    )
    def end(
        self, stream: StreamId, push: bool, how: Literal["close", "error", "delete"], again: bool
    ) -> None:
        """End a stream while a pull waits, or while a chunk is queued."""
        self._do(Push(stream, b"\x01") if push else Pull(stream))
        match how:
            case "close":
                self._do(Close(stream))
            case "error":
                self._do(Error(stream, "end"))
            case "delete":
                self._do(Delete(stream))
        if again:
            self._do(Pull(stream))

    @rule(stream=A_STREAM)
    def pull(self, stream: StreamId) -> None:
        """PULL_1 to PULL_12."""
        self._do(Pull(stream))

    @rule(stream=A_STREAM)
    def close(self, stream: StreamId) -> None:
        """CLOSE_1 to CLOSE_5."""
        self._do(Close(stream))

    @rule(stream=A_STREAM, message=messages())
    def error(self, stream: StreamId, message: str) -> None:
        """ERROR_1 and those after it."""
        self._do(Error(stream, message))

    @rule(stream=A_STREAM)
    def is_queue_full(self, stream: StreamId) -> None:
        """IS_QUEUE_FULL_1 to IS_QUEUE_FULL_3."""
        self._do(IsQueueFull(stream))

    @rule(stream=A_STREAM)
    def delete(self, stream: StreamId) -> None:
        """DELETE_1 to DELETE_3."""
        self._do(Delete(stream))

    @precondition(lambda self: len(self.model.streams) > 1)
    @rule()
    def clear(self) -> None:
        """CLEAR_1 and CLEAR_2."""
        self._do(Clear())

    def teardown(self) -> None:
        """Give up what still waits, and close the loop."""
        for taken in sorted({step.rule for step in self._steps}):
            event(taken)
        if self._session is not None:
            self._driver.run(self._session.end())
        self._driver.close()

    def _do(self, op: Op) -> None:
        """Do `op`, look at the streams that it could have changed, and compare."""
        __tracebackhide__ = True
        assert self._session is not None
        expected = answer(self.model, op)
        looks = looks_after(op, expected.state) if self._shows_get else ()
        observed, *shown = self._driver.run(self._session.do((op, *looks)))
        self._compare(Step(op, expected.rule.name, expected.json), observed)
        self.model = expected.state
        for look, seen in zip(looks, shown, strict=True):
            wanted = answer(self.model, look)
            self._compare(Step(look, wanted.rule.name, wanted.json), seen, keep=False)

    def _compare(self, step: Step, observed: Json, *, keep: bool = True) -> None:
        __tracebackhide__ = True
        if not agrees(step.expected, observed):
            self._fail(step, observed)
        if keep:
            self._steps.append(step)

    def _fail(self, step: Step, observed: Json) -> NoReturn:
        __tracebackhide__ = True
        steps = (*self._steps, step)
        limits = self.model.limits
        lines = (
            f"{self._driver.name} deviates from {self._dialect}.",
            "",
            *told(steps, observed, limits),
            *again([each.op for each in steps], self._dialect, limits, name_of(type(self).make)),
        )
        raise AssertionError("\n".join(lines))

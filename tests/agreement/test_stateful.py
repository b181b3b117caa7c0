"""Model and registry agree on every sequence that Hypothesis can think of, on a real event loop."""

from __future__ import annotations

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    precondition,
    rule,
)

from streamstate.model import (
    ISOLATE,
    PLAN_01,
    REFERENCE,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    IsQueueFull,
    Limits,
    PullId,
    Push,
    lattice,
    pushes_wait,
)
from tests.agreement.asyncio_twin import AsyncioTwin

STREAMS = st.integers(1, 4)  # three exist at the start; 4 is unknown until one more is created
CHUNKS = st.sampled_from((b"", b"a", b"bb", b"ccc", bytes(65_535), bytes(65_536)))
ERRORS = st.sampled_from(("boom", None, 7, ValueError("bad"), StopIteration(1), KeyError))
LIMITS = st.sampled_from(
    (Limits(), Limits(2, 2), Limits(1, 1), Limits(4, 3), Limits(100, 2), Limits(2, 0), Limits(0, 2))
)


DIALECTS = st.sampled_from([dialect for dialect in lattice() if not pushes_wait(dialect)])


class Agreement(RuleBasedStateMachine):
    """Pulls are held, awaited by a task, cancelled, closed or dropped, at any point between two
    points of quiet; `settle` lets the loop run."""

    dialect: Dialect | None = None  # None: any in which no push waits; `Sending` has the others

    held = Bundle("held")
    awaited = Bundle("awaited")

    @initialize(dialect=DIALECTS, limits=LIMITS)
    def start(self, dialect: Dialect, limits: Limits) -> None:
        self.twin = AsyncioTwin(self.dialect or dialect, limits)
        for _ in range(3):
            self.twin.do(Create(), lambda registry: registry.create())

    @rule()
    def create(self) -> None:
        self.twin.do(Create(), lambda registry: registry.create())

    @rule(stream=STREAMS, chunk=CHUNKS)
    def push(self, stream: int, chunk: bytes) -> None:
        self.twin.do(Push(stream, chunk), lambda registry: registry.push(stream, chunk))

    @rule(stream=STREAMS, chunk=st.sampled_from((b"x", b"yy")))
    def push_small(self, stream: int, chunk: bytes) -> None:
        self.twin.do(Push(stream, chunk), lambda registry: registry.push(stream, chunk))

    @rule(stream=STREAMS)
    def close(self, stream: int) -> None:
        self.twin.do(Close(stream), lambda registry: registry.close(stream))

    @rule(stream=STREAMS, value=ERRORS)
    def error(self, stream: int, value: object) -> None:
        self.twin.do(Error(stream, value), lambda registry: registry.error(stream, value))

    @rule(stream=STREAMS)
    def is_queue_full(self, stream: int) -> None:
        self.twin.do(IsQueueFull(stream), lambda registry: registry.is_queue_full(stream))

    @rule(stream=STREAMS)
    def delete(self, stream: int) -> None:
        self.twin.do(Delete(stream), lambda registry: registry.delete(stream))

    @precondition(lambda self: self.twin.state.next_pull > 3)
    @rule()
    def clear(self) -> None:
        self.twin.do(Clear(), lambda registry: registry.clear())

    @rule(target=held, stream=STREAMS)
    def pull_and_hold(self, stream: int) -> PullId:
        return self.twin.pull(stream)

    @rule(target=awaited, stream=STREAMS)
    def pull_and_await(self, stream: int) -> PullId:
        pull = self.twin.pull(stream)
        self.twin.park(pull)
        return pull

    @rule(target=awaited, pull=consumes(held))
    def await_late(self, pull: PullId) -> PullId:
        self.twin.park(pull)
        return pull

    @rule(pull=consumes(held))
    def drop(self, pull: PullId) -> None:
        self.twin.drop(pull)

    @rule(target=awaited, pull=consumes(held), stream=STREAMS)
    def drop_while_another_waits(self, pull: PullId, stream: int) -> PullId:
        """With nothing done afterwards: the loop alone sees to it."""
        other = self.twin.pull(stream)
        self.twin.park(other)
        self.twin.settle()
        self.twin.drop(pull)
        self.twin.settle()
        return other

    @rule(pull=consumes(held))
    def close_pull(self, pull: PullId) -> None:
        self.twin.close(pull)

    @rule(pull=consumes(awaited))
    def cancel(self, pull: PullId) -> None:
        if pull in self.twin.watched.tasks:
            self.twin.cancel(pull)

    @rule()
    def settle(self) -> None:
        self.twin.settle()

    def teardown(self) -> None:
        if hasattr(self, "twin"):
            self.twin.end()
            for taken in sorted(rule.name for rule in self.twin.rules):
                event(taken)


class AgreementReference(Agreement):
    dialect = REFERENCE


class AgreementPlan01(Agreement):
    dialect = PLAN_01


class AgreementIsolate(Agreement):
    dialect = ISOLATE


TestReference = AgreementReference.TestCase
TestPlan01 = pytest.mark.thorough(AgreementPlan01.TestCase)
TestIsolate = pytest.mark.thorough(AgreementIsolate.TestCase)
TestAnyDialect = Agreement.TestCase
for _case in (TestReference, TestPlan01, TestIsolate, TestAnyDialect):
    _case.settings = settings(_case.settings, stateful_step_count=40)
del _case  # or its tests are run once more, under this name

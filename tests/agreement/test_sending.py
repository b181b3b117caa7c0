"""Model and registry agree on sends that wait, whoever gives them up and when, on a real loop."""

from __future__ import annotations

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, rule

from streamstate.model import (
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    IsQueueFull,
    Limits,
    PullId,
    lattice,
    pushes_wait,
)
from tests.agreement.sending_twin import SendingTwin

STREAMS = st.integers(1, 3)  # two exist at the start
CHUNKS = st.sampled_from((b"", b"a", b"bb", b"ccc"))
LIMITS = st.sampled_from(
    (Limits(2, 2), Limits(1, 1), Limits(4, 3), Limits(100, 2), Limits(2, 0), Limits(0, 2))
)
WAITING = tuple(point for point in lattice() if pushes_wait(point))


class Sending(RuleBasedStateMachine):
    """Sends are held, awaited by a task, taken back, cancelled or dropped, before and after their
    chunk is accepted, at any point between two points of quiet."""

    pulls = Bundle("pulls")

    @initialize(dialect=st.sampled_from(WAITING), limits=LIMITS)
    def start(self, dialect: Dialect, limits: Limits) -> None:
        self.twin = SendingTwin(dialect, limits)
        for _ in range(2):
            self.twin.do(Create(), lambda registry: registry.create())

    @rule(stream=STREAMS, chunk=CHUNKS)
    def send(self, stream: int, chunk: bytes) -> None:
        self.twin.send(stream, chunk)

    @rule(stream=STREAMS, chunk=CHUNKS)
    def send_and_await(self, stream: int, chunk: bytes) -> None:
        push = self.twin.send(stream, chunk)
        if push is not None:
            self.twin.park_send(push)

    @rule(data=st.data())
    def await_late(self, data: st.DataObject) -> None:
        if self.twin.held_sends:
            self.twin.park_send(data.draw(st.sampled_from(self.twin.held_sends)))

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        if self.twin.held_sends:
            self.twin.take_back(data.draw(st.sampled_from(self.twin.held_sends)))

    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        if self.twin.held_sends:
            self.twin.drop_send(data.draw(st.sampled_from(self.twin.held_sends)))

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if self.twin.awaited_sends:
            self.twin.cancel_send(data.draw(st.sampled_from(self.twin.awaited_sends)))

    @rule(target=pulls, stream=STREAMS)
    def pull(self, stream: int) -> PullId:
        pull = self.twin.pull(stream)
        self.twin.park(pull)
        return pull

    @rule(pull=consumes(pulls))
    def cancel_pull(self, pull: PullId) -> None:
        if pull in self.twin.watched.tasks:
            self.twin.cancel(pull)

    @rule(stream=STREAMS)
    def close(self, stream: int) -> None:
        self.twin.do(Close(stream), lambda registry: registry.close(stream))

    @rule(stream=STREAMS)
    def error(self, stream: int) -> None:
        self.twin.do(Error(stream, "boom"), lambda registry: registry.error(stream, "boom"))

    @rule(stream=STREAMS)
    def is_queue_full(self, stream: int) -> None:
        self.twin.do(IsQueueFull(stream), lambda registry: registry.is_queue_full(stream))

    @rule(stream=STREAMS)
    def delete(self, stream: int) -> None:
        self.twin.do(Delete(stream), lambda registry: registry.delete(stream))

    @rule()
    def create(self) -> None:
        self.twin.do(Create(), lambda registry: registry.create())

    @rule()
    def clear(self) -> None:
        self.twin.do(Clear(), lambda registry: registry.clear())

    @rule()
    def settle(self) -> None:
        self.twin.settle()

    def teardown(self) -> None:
        if hasattr(self, "twin"):
            self.twin.end()
            for taken in sorted(rule.name for rule in self.twin.rules):
                event(taken)


TestSending = Sending.TestCase
TestSending.settings = settings(TestSending.settings, stateful_step_count=40)

"""The state machine to subclass: quiet about the right, and plain about the wrong."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from streamstate import Dialect, StreamStateRegistry
from streamstate.model import view
from streamstate.testing import RegistryMachine
from tests.testing.coroutines import CONVENTION, AsyncRegistry
from tests.testing.faults import FAULTS, Fault
from tests.testing.simple import CloseForgets, SimpleRegistry

FEW = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    stateful_step_count=25,
    phases=(Phase.generate, Phase.shrink),
)
VERY_FEW = settings(FEW, max_examples=5)
UNSHRUNK = settings(FEW, max_examples=200, phases=(Phase.generate,), report_multiple_bugs=False)


class Plain(RegistryMachine):
    make = StreamStateRegistry


class Simple(RegistryMachine):
    make = SimpleRegistry


class Async(RegistryMachine):
    make = staticmethod(AsyncRegistry)
    convention = CONVENTION


class Queueing(RegistryMachine):
    @staticmethod
    def make() -> StreamStateRegistry:
        return StreamStateRegistry(Dialect(overlapping_pull="queue"))

    dialect = "reference+overlapping_pull=queue"


TestPlain = Plain.TestCase
TestSimple = Simple.TestCase
TestAsync = Async.TestCase
TestQueueing = Queueing.TestCase
for case in (TestPlain, TestSimple, TestAsync, TestQueueing):
    case.settings = VERY_FEW


def message(machine: type[RegistryMachine], chosen: settings = FEW) -> str:
    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(machine, settings=chosen)
    return str(caught.value)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.factory.__name__)
def test_a_fault_is_caught_and_its_rule_named(fault: Fault) -> None:
    class Machine(RegistryMachine):
        make = fault.make
        convention = fault.convention

    headline, blank, named, *_ = message(Machine, UNSHRUNK).splitlines()
    assert headline == f"{fault.factory.__name__} deviates from reference."
    assert not blank
    allowed = {"DELETE_3", "CLEAR_2"} if fault.rule == "DELETE_3" else {fault.seen_at}
    assert any(named.startswith(rule) for rule in allowed), named


GOLDEN = """\
CloseForgets deviates from reference.

CLOSE_2
   close on a stream on which pulls wait MUST close it, and every waiting pull MUST be
   done, oldest first.

     create()           CREATE_1         returns 1
     pull(1) as pull 1  PULL_3           the pull waits
   ✗ close(1)           CLOSE_2
       expected: pull 1 is done
       observed: no pull settles

   Program: [["create"],["pull",1],["close",1]]
   Read on: streamstate rule CLOSE_2
Again: assert_conforms(CloseForgets, programs=['[["create"],["pull",1],["close",1]]'])"""


def test_the_message_is_this() -> None:
    class Machine(RegistryMachine):
        make = CloseForgets

    assert message(Machine) == GOLDEN


def test_rules_and_invariants_of_ones_own_see_the_model() -> None:
    class Stricter(RegistryMachine):
        make = SimpleRegistry

        @rule()
        def look(self) -> None:
            assert self.model.next_stream >= 1

        @invariant()
        def queues_are_short(self) -> None:
            for number, _ in self.model.streams:
                shown = view(self.model, number)
                assert shown is None or len(shown.queue) < 3, "too long"

    assert message(Stricter, UNSHRUNK).startswith("too long")


def test_a_machine_without_a_factory_says_so() -> None:
    class Lacking(RegistryMachine):
        pass

    with pytest.raises(TypeError, match=r"Lacking has no make; write make = staticmethod"):
        Lacking()

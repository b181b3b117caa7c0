"""The comparison of the actions finds faults that take four chunks, and counts what it has done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from streamstate.model import Action, Dialect, Idle, Op, Rule, State, Step, advance
from streamstate.model.state import Queue
from tests.spec.compare import DIALECTS, INSTANCES, Total, queued
from tests.spec.extracted import DifferenceError
from tests.spec.queues import LIMITS, UNBUFFERED, Census, compare_queues, every_shape, read_state
from tests.spec.show import show_state
from tests.thorough import one_in

REFERENCE: Final = Dialect()


@dataclass(frozen=True, slots=True)
class Fault:
    """The model with `change` made to the queue that `rule` leaves, if there were four chunks of
    which two were given back."""

    name: str
    rule: Rule
    change: Callable[[Queue], Queue]

    def advance(self, state: State, op: Op) -> Step:
        taken = advance(state, op)
        if taken.rule is self.rule and any(
            isinstance(one, Idle) and len(one.queue) == 4 and len(one.queue.given_back) == 2
            for _, one in state.streams
        ):
            return taken._replace(state=self.changed(taken.state))
        return taken

    def changed(self, state: State) -> State:
        ((number, stream),) = state.streams
        assert isinstance(stream, Idle)
        changed = replace(stream, queue=self.change(stream.queue))
        return replace(state, streams=((number, changed),))


def newest_first(queue: Queue) -> Queue:
    return replace(queue, given_back=queue.given_back[::-1])


def fresh_again(queue: Queue) -> Queue:
    *older, newest = queue.given_back
    return replace(queue, given_back=tuple(older), fresh=(newest.chunk, *queue.fresh))


def appended_first(queue: Queue) -> Queue:
    *older, newest = queue.fresh
    return replace(queue, fresh=(newest, *older))


def counting_one_less(queue: Queue) -> Queue:
    return replace(queue, size=queue.size - 1)


FAULTS: Final = (
    Fault("given back in another order", Rule.CANCEL_PULL_4, newest_first),
    Fault("given back as if it had never been taken", Rule.CANCEL_PULL_5, fresh_again),
    Fault("pushed in front of the others", Rule.PUSH_6, appended_first),
    Fault("a byte forgotten when one is taken", Rule.PULL_2, counting_one_less),
)


@pytest.mark.needs_rocq
@pytest.mark.parametrize("fault", one_in(4, FAULTS), ids=lambda fault: fault.name)
def test_a_fault_that_takes_four_chunks_is_found(extracted: Path, fault: Fault) -> None:
    with pytest.raises(DifferenceError, match=f"the specification takes {fault.rule.name}, "):
        compare_queues(queued(extracted, REFERENCE), REFERENCE, advance=fault.advance)


def test_no_instance_that_is_explored_has_four_chunks() -> None:
    assert max(bounds.pushes for _, bounds, _ in INSTANCES) < 4


@pytest.mark.needs_rocq
def test_the_difference_is_shown_with_the_data(extracted: Path) -> None:
    with pytest.raises(DifferenceError) as found:
        compare_queues(queued(extracted, REFERENCE), REFERENCE, advance=FAULTS[0].advance)
    before = '[3,2,1,[[2,5,["open"],[[2,"Yg=="],[3,"Y2M="]],["ZGRk","ZWVlZQ=="],10]],[[1,2,1,""]]]'
    after = before.replace('[[1,2,1,""]]', "[]")
    specified = after.replace('[[2,"Yg=="],[3,"Y2M="]]', '[[1,""],[2,"Yg=="],[3,"Y2M="]]')
    modelled = after.replace('[[2,"Yg=="],[3,"Y2M="]]', '[[3,"Y2M="],[2,"Yg=="],[1,""]]')
    assert str(found.value) == (
        f'in reference, ["cancel_pull",1] on the state\n  {before}\n'
        "the specification takes CANCEL_PULL_4, with the effects and the state after\n  []\n"
        f"  {specified}\n"
        "and the model takes CANCEL_PULL_4, with\n  []\n"
        f"  {modelled}"
    )


@pytest.mark.needs_rocq
def test_the_model_itself_is_not_refused(extracted: Path) -> None:
    census = Census()
    for dialect in map(Dialect.parse, DIALECTS):
        census.add(compare_queues(queued(extracted, dialect), dialect))
    unbuffered = queued(extracted, dialect, UNBUFFERED)
    census.add(compare_queues(unbuffered, dialect, UNBUFFERED))
    assert census.report()[0], census.report()[1]


@pytest.mark.needs_rocq
def test_states_are_read_as_they_are_shown(extracted: Path) -> None:
    before = {line.split("\t")[0] for line in queued(extracted, REFERENCE)}
    assert len(before) > 500
    for text in before:
        assert show_state(read_state(text, REFERENCE, LIMITS)) == text


def test_an_action_never_done_and_a_shape_never_there_are_failures() -> None:
    census = Census(1)
    for action in Action:
        never = [one.name for one in Action if one not in census.actions]
        assert census.report() == (False, f"actions that were never done: {never}")
        census.actions[action] += 1
    *most, last = sorted(every_shape())
    census.shapes.update(most)
    assert census.report() == (False, f"shapes of data that were never there: {[last]}")
    census.shapes.add(last)
    assert census.report()[0]
    assert not Total(queues=census).report()[0]

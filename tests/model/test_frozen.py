"""What `cheaply_made` makes is a frozen dataclass like any other."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace
from typing import Final

import pytest

from streamstate.model import (
    Handed,
    Idle,
    Offered,
    PushesWaiting,
    Waiting,
    effects,
    initial,
    values,
)
from streamstate.model.frozen import cheaply_made
from streamstate.model.state import CLOSED, Failed, Placed, Queue

VALUES: Final = (
    Queue((Placed(1, b"a"),), (b"b", b""), 2),
    Waiting(3, 1, (2, 4)),
    Idle(2, Failed("boom", closed=True)),
    PushesWaiting(3, Queue((), (b"b",), 1), Offered(1, b"c"), (Offered(2, b""),)),
    Handed(1, 2, 3, b"x"),
    initial(),
    effects.Resolved(1, values.Chunk(b"x")),
    effects.Rejected(1, values.Errored("boom")),
    effects.Returned(True),
    effects.Accepted(1),
    effects.TurnedAway(1, values.Ended()),
    values.View((b"a",), 1, pull_waiting=True),
)


def plain(kind: type) -> type:
    """The same class without `cheaply_made`."""
    body = {"__annotations__": dict(kind.__annotations__), "__doc__": kind.__doc__}
    for each in fields(kind):
        if each.name in inspect.signature(kind).parameters:
            default = inspect.signature(kind).parameters[each.name].default
            if default is not inspect.Parameter.empty:
                body[each.name] = default
    return dataclass(frozen=True, slots=True)(type(kind.__name__, (), body))


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_init_has_the_signature_that_dataclass_writes(value: object) -> None:
    kind = type(value)
    assert str(inspect.signature(kind)) == str(inspect.signature(plain(kind)))
    assert kind.__init__.__qualname__ == f"{kind.__name__}.__init__"
    assert kind.__init__.__module__ == kind.__module__


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_value_is_frozen_equal_hashed_copied_pickled_and_replaced(value: object) -> None:
    assert is_dataclass(value)
    assert not isinstance(value, type)
    given = {each.name: getattr(value, each.name) for each in fields(value)}
    first, *_ = given
    with pytest.raises(FrozenInstanceError):
        setattr(value, first, given[first])
    again = type(value)(**given)
    assert again == value
    assert hash(again) == hash(value)
    assert copy.deepcopy(value) == copy.copy(value) == replace(value) == value
    assert pickle.loads(pickle.dumps(value)) == value
    assert (
        repr(value)
        == f"{type(value).__name__}({', '.join(f'{k}={v!r}' for k, v in given.items())})"
    )


def test_value_takes_defaults_and_is_matched() -> None:
    match Idle(2, CLOSED):
        case Idle(accepted, status, queue):
            assert (accepted, status, queue) == (2, CLOSED, Queue())
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'first'"):
        Waiting(1)  # type: ignore[call-arg]  # the fault under test


@dataclass(frozen=True, slots=True)
class Checking:
    number: int

    def __post_init__(self) -> None:
        assert self.number


@dataclass(frozen=True, slots=True)
class Counting:
    number: int = field(init=False, default=1)


@dataclass(frozen=True, slots=True)
class Listing:
    numbers: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    number: int


@pytest.mark.parametrize("kind", [Checking, Counting, Listing, Naming])
def test_class_whose_init_does_more_is_refused(kind: type) -> None:
    with pytest.raises(TypeError, match=f"the __init__ of {kind.__name__} does more than store"):
        cheaply_made(kind)


def test_class_that_is_no_dataclass_is_refused() -> None:
    with pytest.raises(TypeError, match="dataclass"):
        cheaply_made(int)

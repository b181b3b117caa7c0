"""Programs in which pulls are given up, for implementations that offer `cancel`.

A pull that waits can be cancelled at any time. One that was handed a chunk can be cancelled only
before its awaiter looks, so that is done in a `together`. Where an awaiter is a task, it notices a
cancel only when it runs, which is after the ops that are done together, and in its turn. So no
program asks for more than is the same then: those are left out in which it matters when a cancel
is noticed, which of several is noticed first (`_is_steady`), or which of several awaiters is the
first to run (`_settles_in_one_order`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, permutations, product
from typing import Final, TypeAlias

from streamstate.model import (
    HIGH_WATER_MARK,
    MAX_QUEUE_CHUNKS,
    CancelPull,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Rule,
    State,
)
from streamstate.oracle.programs.cached_model import CachedModel, Node
from streamstate.oracle.programs.program import Program, program_of, symbol
from streamstate.wire import Json, Together, Turn, answer, answer_together, is_array

_Turns: TypeAlias = tuple[Turn, ...]

_LAST: Final = Push(1, b"last")
_END: Final[_Turns] = (IsQueueFull(1), _LAST, *(Pull(1),) * 4, Close(1), Pull(1))
_BIG: Final = Push(1, b"\x05" * (HIGH_WATER_MARK - 1))


def cancelling_programs(model: CachedModel, *, get: bool) -> Iterator[Program]:
    """All of them, those with a shape first. `get` says whether they may look into streams."""
    for shaped in _shaped():
        if is_asked_for(model, shaped):
            yield program_of(shaped)
    for short in (*_given_up_in_turn(), *_given_back(), *_together()):
        if is_asked_for(model, short):
            yield program_of((*_watched(short), *_END) if get else (*short, *_END))


def _watched(program: Iterable[Turn]) -> Iterator[Turn]:
    """With a look at stream 1 after what can have changed it in a way that ops hardly show."""
    for turn in program:
        yield turn
        if isinstance(turn, Together | CancelPull):
            yield Get(1)


def _cancels(*pulls: int) -> tuple[CancelPull, ...]:
    return tuple(map(CancelPull, pulls))


def _pushes(count: int, first: int = 1, stream: int = 1) -> tuple[Op, ...]:
    return tuple(Push(stream, bytes([stream, first + index])) for index in range(count))


_ENDERS: Final[tuple[tuple[Op, ...], ...]] = (
    (Close(1),),
    (Error(1, "e"),),
    (Delete(1),),
    (Clear(),),
    (Close(1), Error(1, "e")),
    (Error(1, "e"), Close(1)),
    (Error(1, "e"), Delete(1)),
)


_FULL: Final = MAX_QUEUE_CHUNKS
_LOOKS: Final[_Turns] = (IsQueueFull(1), *(Pull(1),) * (_FULL + 3), Close(1))


def _shaped() -> Iterator[_Turns]:
    """What takes more than a few ops: full queues, several streams, many pulls."""
    for count in (_FULL - 1, _FULL, _FULL + 1):
        filled: _Turns = (Create(), *_pushes(count), IsQueueFull(1))
        given_back = Together((Pull(1), CancelPull(1)))
        yield (*filled, given_back, *_LOOKS)
        yield (*filled, Together((Pull(1), *_pushes(1, 99), CancelPull(1))), *_LOOKS)
        for ender in _ENDERS:
            yield (*filled, Together((Pull(1), *ender, CancelPull(1))), *_LOOKS)
            yield (*filled, Together((Pull(1), CancelPull(1), *ender)), *_LOOKS)
            yield (*filled, *ender, Together((Pull(1), CancelPull(1))), *_LOOKS)
    big = (Create(), _BIG, *_pushes(1), IsQueueFull(1))
    for ender in ((), *_ENDERS):
        given_back = Together((Pull(1), *ender, CancelPull(1)))
        yield (*big, given_back, IsQueueFull(1), *_pushes(1, 9), IsQueueFull(1), *(Pull(1),) * 4)
    yield (Create(), Pull(1), Together((_BIG, *_pushes(1), CancelPull(1))), IsQueueFull(1), *_END)
    for number in (0, 1, 2, 17, 2**31 - 1):
        yield (CancelPull(number), Create(), CancelPull(number), Pull(1), *_pushes(2), Pull(1))
        yield (Together((CancelPull(number), Create(), Pull(1))), *_pushes(2), Pull(1), Close(1))
    yield from _many_pulls()
    yield from _several_streams()


def _many_pulls() -> Iterator[_Turns]:
    for count in (2, 3, 9, 17):
        waiting: _Turns = (Create(), *(Pull(1),) * count)
        everyone = tuple(range(1, count + 1))
        some: tuple[tuple[int, ...], ...] = ((1,), (count,), (count // 2 + 1,), (1, count))
        for given_up in (*some, everyone):
            cancels: tuple[Op, ...] = _cancels(*given_up)
            yield (*waiting, *cancels, *_pushes(count), *(Pull(1),) * count, Close(1))
            yield (*waiting, *cancels, Close(1), Pull(1))
            yield (*waiting, *cancels, Error(1, "e"), Pull(1))
            yield (*waiting, *cancels, Delete(1), Pull(1))
            yield (*waiting, Together((*_pushes(count), *cancels)), *_END)
            yield (*waiting, Together((*_pushes(1), *cancels)), *_END)


_END_OF_TWO: Final[_Turns] = (
    *(IsQueueFull(1), IsQueueFull(2)),
    *(Pull(2), Pull(1), Pull(2), Pull(1), Clear()),
)


def _several_streams() -> Iterator[_Turns]:
    waiting = (Create(), Create(), Pull(1), Pull(2))
    pushes = (*_pushes(1), *_pushes(1, 1, 2))
    for given_up in ((1,), (2,), (1, 2), (2, 1)):
        cancels = _cancels(*given_up)
        yield (*waiting, *cancels, *pushes, *_END_OF_TWO)
        yield (*waiting, Together((*pushes, *cancels)), *_END_OF_TWO)
        yield (*waiting, Together((*cancels, *pushes)), *_END_OF_TWO)
        yield (*waiting, Together((*pushes, Pull(1), *cancels)), *_END_OF_TWO)
        yield (*waiting, Together((*pushes, Delete(1), *cancels)), Pull(2), *_END_OF_TWO)
        yield (*waiting, Together((*pushes, Clear(), Create(), *cancels)), Pull(3), *_END_OF_TWO)


def _given_up_in_turn() -> Iterator[_Turns]:
    """All programs of four ops one of which at least is a cancel."""
    alphabet: tuple[str | CancelPull, ...] = (*_KINDS, *_cancels(1, 2))
    for chosen in product(alphabet, repeat=4):
        if any(isinstance(each, CancelPull) for each in chosen):
            yield (Create(), *_made(chosen))


def _given_back() -> Iterator[_Turns]:
    """Up to three chunks handed out at once and given back in every order, something in between;
    and with one more pull, which waits for what is given back first."""
    between: tuple[tuple[Op, ...], ...] = ((), (Push(1, b"new"),), (Close(1),), (Error(1, "e"),))
    for queued, pulls in ((2, 1), (2, 2), (3, 2), (3, 3), (4, 3), (1, 2), (2, 3), (3, 4)):
        for taken in range(1, pulls + 1):
            for given_up in permutations(range(1, pulls + 1), taken):
                for each in between:
                    together = (*(Pull(1),) * pulls, *each, *_cancels(*given_up))
                    yield (Create(), *_pushes(queued), Together(together))


def _together() -> Iterator[_Turns]:
    """Up to two ops, then two or three together, one a cancel at least; and any two together."""
    before: tuple[str | CancelPull, ...] = ("push", "pull", "close", "error")
    alphabet: tuple[str | CancelPull, ...] = (*_KINDS, *_cancels(1, 2))
    first = [each for length in range(3) for each in product(before, repeat=length)]
    for length in (2, 3):
        for begun, together in product(first, product(alphabet, repeat=length)):
            if length == 2 or any(isinstance(each, CancelPull) for each in together):
                ops = _made((*begun, *together))
                yield (Create(), *ops[: len(begun)], Together(ops[len(begun) :]))


_KINDS: Final = ("push", "pull", "close", "error", "delete")


def _made(kinds: Sequence[str | CancelPull]) -> tuple[Op, ...]:
    """The ops of those kinds on stream 1, each with a chunk or message of its own."""
    return tuple(
        each if isinstance(each, CancelPull) else _op(each, place)
        for place, each in enumerate(kinds, start=1)
    )


def _op(kind: str, place: int) -> Op:
    match kind:
        case "push":
            return Push(1, bytes([place]))
        case "pull":
            return Pull(1)
        case "close":
            return Close(1)
        case "error":
            return Error(1, f"e{place}")
        case _:
            return Delete(1)


def is_asked_for(model: CachedModel, program: Sequence[Turn]) -> bool:
    """Whether each of its togethers is telling where it comes."""
    return _holds_of_each_together(model, program, is_telling)


def may_be_asked(model: CachedModel, program: Sequence[Turn]) -> bool:
    """Whether each of its togethers is answered in one way, whenever its cancels are noticed."""
    return _holds_of_each_together(model, program, _is_answered_in_one_way)


_Holds: TypeAlias = Callable[[CachedModel, Node, Together], bool]


def _holds_of_each_together(model: CachedModel, program: Sequence[Turn], holds: _Holds) -> bool:
    if not any(isinstance(turn, Together) for turn in program):
        return True
    model = model.faultless  # what may be asked does not depend on what somebody does wrongly
    node = model.root
    for turn in program:
        if isinstance(turn, Together) and not holds(model, node, turn):
            return False
        node = model.link(node, symbol(turn)).target
    return True


def is_telling(model: CachedModel, node: Node, together: Together) -> bool:
    """Whether it has an effect in that state that its ops one by one have not, and the same one
    whenever its cancels are noticed. Cancels that have none are asked for where they come too
    late."""
    state = model.state(node)
    if not any(isinstance(op, CancelPull) for op in together.ops):
        return _is_answered_in_one_way(model, node, together)
    _, rules = answer_together(state, together.ops)
    cancelled = zip(together.ops, rules, strict=True)
    idle = all(rule is Rule.CANCEL_PULL_9 for op, rule in cancelled if isinstance(op, CancelPull))
    if idle and not _comes_too_late(state, together.ops):
        return False
    return _is_answered_in_one_way(model, node, together)


def _comes_too_late(state: State, ops: Sequence[Op]) -> bool:
    """Whether they are few, and the last or the only one that is a cancel gives up a pull that has
    settled before, or is placed and settled in them."""
    *before, last = ops
    if len(ops) == 2:
        return any(isinstance(op, CancelPull) and op.pull < state.next_pull for op in ops)
    placed = range(state.next_pull, state.next_pull + sum(isinstance(op, Pull) for op in before))
    return len(ops) <= _FEW and isinstance(last, CancelPull) and last.pull in placed


_FEW: Final = 3


def _is_answered_in_one_way(model: CachedModel, node: Node, together: Together) -> bool:
    state = model.state(node)
    answered, _ = answer_together(state, together.ops)
    _, settled = _shown(together.ops, answered.json)
    if not _settles_in_one_order(state, settled):
        return False
    return _is_steady(state, together.ops, answered.json, answered.state)


def _settles_in_one_order(state: State, settled: Json) -> bool:
    """Whether awaiters notice in the order in which their pulls settle: those that wait already
    do, and those that only then begin to await, in the order of the calls. Not both together."""
    pulls = [item[0] for item in settled if is_array(item)] if is_array(settled) else []
    numbers = [pull for pull in pulls if isinstance(pull, int)]
    begun = [pull < state.next_pull for pull in numbers]
    return all(begun) or (not any(begun) and numbers == sorted(numbers))


def _is_steady(state: State, ops: Sequence[Op], expected: Json, after: State) -> bool:
    """Whether the same is answered, and the same is left, whichever of its cancels are noticed
    only at the end, and in whatever order. O(orders)."""
    wanted = _shown(ops, expected)
    for later in _orders([at for at, op in enumerate(ops) if isinstance(op, CancelPull)]):
        rest = [op for at, op in enumerate(ops) if at not in later]
        moved = (*rest, *(ops[at] for at in later))
        answered = answer(state, Together(moved))
        if answered.state != after or _shown(moved, answered.json) != wanted:
            return False
    return True


def _orders(cancels: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Which cancels come at the end, and in which order. Of many, those orders that tell most."""
    if len(cancels) > _MOST_PERMUTED:
        yield tuple(cancels)
        yield tuple(reversed(cancels))
        yield from ((each,) for each in cancels)
        return
    for count in range(1, len(cancels) + 1):
        for chosen in combinations(cancels, count):
            yield from permutations(chosen)


_MOST_PERMUTED: Final = 3


def _shown(ops: Sequence[Op], answered: Json) -> tuple[list[Json], Json]:
    """What the ops that are no cancels returned, and what has settled."""
    match answered:
        case [returned, settled] if is_array(returned):
            told = zip(ops, returned, strict=True)
            return [value for op, value in told if not isinstance(op, CancelPull)], settled
        case _:
            raise ValueError(f"{answered!r} is no answer")

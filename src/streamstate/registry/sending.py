"""What the caller of `send` holds: a push that has its answer, or waits for room."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from streamstate.model import Deleted, Ended
from streamstate.registry.errors import Failure, StreamClosed, StreamDeleted, raise_for, thrown
from streamstate.registry.offers import Answer, Offer

Steps: TypeAlias = Generator[Any, Any, bool]

_ONCE: Final = "this send has already been awaited; send again for the next chunk"


class PendingSend:
    """A push that has been placed: await it, once, for whether its chunk was accepted.

    It works where a coroutine does. True: the chunk is queued, or was handed to a pull. False: the
    stream was unknown, closed or errored at the call, or the send was cancelled. Raises
    `StreamClosed`, the stream's error or `StreamDeleted` where it waited and the stream ended.

    Cancelling, closing or dropping it before its chunk is accepted takes the offer back: nothing is
    sent (CANCEL_PUSH_1). Afterwards it is too late, and the chunk stays sent (CANCEL_PUSH_2):
    `accepted` says which it was.
    """

    __slots__ = ("__weakref__", "_answer", "_awaited", "_offer", "_steps")

    def __init__(self, placed: Offer | bool) -> None:
        self._offer = placed if isinstance(placed, Offer) else None
        self._answer = placed if isinstance(placed, bool) else None
        self._awaited = False
        self._steps: Steps | None = None

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a send cannot be copied or pickled: it offers one chunk, once")

    @property
    def accepted(self) -> bool | None:
        """Whether the chunk was accepted; None while it waits."""
        answer = self._answer if self._offer is None else self._offer.answer
        return None if answer is None else answer is True

    def cancel(self) -> bool:
        """Take the offer back: true if that ended its wait, and nothing is sent; false if it did
        not wait any more, or never did. CANCEL_PUSH_*."""
        if self._offer is None:
            return False
        self._offer.outside.enter()
        return self._offer.cancel()

    def __await__(self) -> Steps:
        """Wait for the answer."""
        return self._begin()

    def _begin(self) -> Steps:
        if self._awaited:
            raise RuntimeError(_ONCE)
        self._awaited = True
        return _answered(self._answer) if self._offer is None else _waited(self._offer)

    def send(self, value: Any) -> Any:
        """Resume as an event loop does; see `collections.abc.Coroutine`."""
        if self._steps is None:
            self._steps = self._begin()
        return self._steps.send(value)

    def throw(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> Any:
        """Raise inside the wait, which gives the send up; see `collections.abc.Coroutine`."""
        if self._steps is None:
            steps = self._begin()
            if self._offer is not None:
                self._offer.outside.leave(self._offer)
            self._steps = steps
        return self._steps.throw(thrown(typ, val, tb))

    def close(self) -> None:
        """Give the send up. Closing twice, or after the end, does nothing."""
        self._awaited = True
        if self._steps is not None:
            self._steps.close()
        if self._offer is not None and self._offer.answer is None:
            self._offer.outside.leave(self._offer)

    def __del__(self) -> None:
        offer = self._offer
        if offer is not None and offer.answer is None and not self._awaited:
            offer.outside.note(offer)

    def __repr__(self) -> str:
        if self._offer is None:
            return f"<send, {'accepted' if self._answer else 'not accepted'}>"
        state = "waiting" if self.accepted is None else "accepted" if self.accepted else "not sent"
        number = self._offer.record.number
        return f"<send as push {self._offer.push} of stream {number or 'unknown'}, {state}>"


def _answered(answer: bool | None) -> Steps:
    return answer is True
    yield


def _waited(offer: Offer) -> Steps:
    """Wait for the answer. Whatever ends the wait before that takes the offer back."""
    try:
        offer.outside.enter()
        if offer.answer is None:
            offer.future = offer.outside.make_future()
            yield from offer.future
    except BaseException as stop:
        offer.outside.give_up(offer, stop)
        raise
    return result_of(offer.answer)


def result_of(answer: Answer | None) -> bool:
    """What the awaiter of a send that waited gets. Raises what it was turned away with."""
    if isinstance(answer, Failure):
        raise_for(answer)
    match answer:
        case Ended():
            raise StreamClosed
        case Deleted():
            raise StreamDeleted
        case None:
            raise RuntimeError("this send was given up when its event loop was closed")
        case _:
            return answer


Coroutine.register(PendingSend)

if TYPE_CHECKING:

    class CoroutineSend(Coroutine[Any, Any, bool]):
        """`PendingSend` as type checkers are to see it, which know nothing of `register`."""

        @property
        def accepted(self) -> bool | None:
            """See `PendingSend`."""

        def cancel(self) -> bool:
            """See `PendingSend`."""

else:
    CoroutineSend = PendingSend

"""The ops of a registry for other threads than its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from streamstate.model import PullResult, StreamId, View
from streamstate.registry.asked import Asked, AskedPull, AskedSend, AskedToWait, AskedTurn
from streamstate.registry.crossing import Crossing
from streamstate.registry.native import here
from streamstate.registry.offers import Hold, Offer
from streamstate.registry.outside import BytesLike, Outside, copied, require_id
from streamstate.registry.record import Writer

if TYPE_CHECKING:
    from streamstate.registry.core import StreamStateRegistry

T = TypeVar("T")


class ThreadsafeRegistry:
    """A registry as other threads see it. Made by `StreamStateRegistry.threadsafe`.

    Each op comes in two forms, and push in a third:

    - Under its own name, it blocks until the op is done, and returns or raises what the registry's
      op does, like the ops of `queue.Queue` and of janus's `sync_q`. After `timeout` seconds it
      raises `TimeoutError`; the op was not done then and never will be, so no chunk is lost.
    - `submit_` and its name returns a `concurrent.futures.Future` at once, like `Executor.submit`.
      If you cancel the future before it has its answer, the op is not done. A chunk that a pull
      would have brought goes to the next pull, or back to its place (CANCEL_PULL_*). A chunk is
      *seen* once a future has it, and from then on `cancel` returns false. To give a pull up,
      cancel its future: dropping it does nothing. The chunk of a send is *sent* once the registry
      accepts it, and from then on `cancel` returns false.
    - `push_soon` returns nothing, at once, like `loop.call_soon`. It is by far the fastest.

    The loop does the ops of each thread in the order in which that thread called them, whatever
    their form, and those of different threads in the order of their arrival; `write` pushes when
    there is room. In the registry's own thread nothing may block, and the blocking forms raise
    `RuntimeError`. They raise it, and so do the futures, also once the loop is closed or shuts
    down, or its thread has ended. A loop that was stopped in a live thread may go on later: only a
    timeout ends that wait.
    """

    __slots__ = ("__weakref__", "_crossing", "_line_up", "_place", "_push", "_registry")

    def __init__(
        self,
        registry: StreamStateRegistry,
        outside: Outside,
        line_up: Callable[[StreamId], bool | Writer],
        place: Callable[[StreamId, bytes, Hold], Offer | bool],
    ) -> None:
        """In the thread of the registry, whose loop runs."""
        loop = outside.make_future().get_loop()  # which binds it, as every wait does
        self._registry = registry
        self._line_up = line_up
        self._place = place
        self._push = registry.push
        self._crossing = Crossing(loop)

    def submit_create(self) -> Future[StreamId]:
        """Make a stream; the future has its number."""
        return self._ask(self._registry.create)

    def create(self, *, timeout: float | None = None) -> StreamId:
        """Make a stream and return its number. CREATE_1."""
        return self._wait(self.submit_create, timeout)

    def submit_get(self, stream: StreamId) -> Future[View | None]:
        """Look at the stream; the future has its view at that moment, or None if it is unknown."""
        return self._ask(partial(self._snapshot, stream))

    def get(self, stream: StreamId, *, timeout: float | None = None) -> View | None:
        """The stream's view now, or None if it is unknown. The view does not follow later ops.
        GET_*."""
        return self._wait(partial(self.submit_get, stream), timeout)

    def push_soon(self, stream: StreamId, chunk: BytesLike) -> None:
        """Push, and ask for no answer: if the stream takes no more, the chunk is gone.

        Nothing bounds the chunks that are on their way; `write` does. What a listener raises goes
        to the loop's exception handler. Raises `TypeError` as `push` does.
        """
        data = chunk if type(chunk) is bytes else copied(chunk)
        if type(stream) is not int:
            require_id(stream)
        self._crossing.send(partial(self._push, stream, data))

    def submit_push(self, stream: StreamId, chunk: BytesLike) -> Future[bool]:
        """Offer `chunk` as it is now; the future says whether the stream accepted it. Raises
        `TypeError` as `push` does."""
        data = chunk if type(chunk) is bytes else copied(chunk)
        return self._ask(partial(self._push, stream, data))

    def push(self, stream: StreamId, chunk: BytesLike, *, timeout: float | None = None) -> bool:
        """Offer `chunk`; return whether the stream accepted it, as the registry's `push` does.
        PUSH_*.

        Waits for the loop, and not for room; see `send`, and `write`.
        """
        return self._wait(partial(self.submit_push, stream, chunk), timeout)

    def submit_send(self, stream: StreamId, chunk: BytesLike) -> Future[bool]:
        """Offer `chunk` as it is now; the future says whether the stream accepted it, once it has.

        Where the dialect has pushes wait, the future waits with its push. Cancelled in time, it
        sends nothing; from the moment in which the chunk is accepted, `cancel` returns false.
        Raises `TypeError` as `push` does.
        """
        data = chunk if type(chunk) is bytes else copied(chunk)
        place = partial(self._place, stream, data)
        return self._send(AskedSend(self._crossing, place))

    def send(self, stream: StreamId, chunk: BytesLike, *, timeout: float | None = None) -> bool:
        """Offer `chunk`, and wait for room where the dialect has pushes wait. PUSH_*.

        Returns and raises what the registry's `send` does. After `TimeoutError` nothing was sent
        (CANCEL_PUSH_1).
        """
        return self._wait(partial(self.submit_send, stream, chunk), timeout)

    def submit_write(self, stream: StreamId, chunk: BytesLike) -> Future[bool]:
        """Stand in line for room, and push `chunk` as it is now. Raises `TypeError` as `push`."""
        data = chunk if type(chunk) is bytes else copied(chunk)
        push = partial(self._push, stream, data)
        line_up = partial(self._line_up, stream)
        return self._send(AskedTurn(self._crossing, line_up, push))

    def write(self, stream: StreamId, chunk: BytesLike, *, timeout: float | None = None) -> bool:
        """Wait for this writer's turn and for room, then push, as `put` does on a bounded queue.
        Return False if the stream takes no more.

        Pushes the chunk whole. Writers in tasks and in threads stand in the same line.
        """
        return self._wait(partial(self.submit_write, stream, chunk), timeout)

    def submit_pull(self, stream: StreamId) -> Future[PullResult]:
        """Ask for a chunk; the future has `Chunk` or `Done`, or the exception of a rejection."""
        ask = partial(self._registry.pull, stream)
        return self._send(AskedPull(self._crossing, ask))

    def pull(self, stream: StreamId, *, timeout: float | None = None) -> PullResult:
        """Wait for a chunk: `Chunk` or `Done`. Raises what the pull was rejected with. PULL_*."""
        return self._wait(partial(self.submit_pull, stream), timeout)

    def submit_close(self, stream: StreamId) -> Future[None]:
        """Say that no more data will come."""
        return self._ask(partial(self._registry.close, stream))

    def close(self, stream: StreamId, *, timeout: float | None = None) -> None:
        """Say that no more data will come. CLOSE_*."""
        return self._wait(partial(self.submit_close, stream), timeout)

    def submit_error(self, stream: StreamId, error_value: object) -> Future[None]:
        """Say that the stream failed with `error_value`."""
        return self._ask(partial(self._registry.error, stream, error_value))

    def error(self, stream: StreamId, error_value: object, *, timeout: float | None = None) -> None:
        """Say that the stream failed with `error_value`, anything at all. ERROR_*."""
        return self._wait(partial(self.submit_error, stream, error_value), timeout)

    def submit_is_queue_full(self, stream: StreamId) -> Future[bool]:
        """Whether the queue has reached a limit."""
        return self._ask(partial(self._registry.is_queue_full, stream))

    def is_queue_full(self, stream: StreamId, *, timeout: float | None = None) -> bool:
        """Whether the queue has reached a limit; of an unknown stream, true. IS_QUEUE_FULL_*."""
        return self._wait(partial(self.submit_is_queue_full, stream), timeout)

    def submit_writable(self, stream: StreamId) -> Future[bool]:
        """Stand in line for room; the future has true once there is some, false if the stream takes
        no more."""
        line_up = partial(self._line_up, stream)
        return self._send(AskedTurn(self._crossing, line_up))

    def writable(self, stream: StreamId, *, timeout: float | None = None) -> bool:
        """Wait for this writer's turn and for room, and return True. Return False if the stream is
        unknown, closed or errored.

        The registry may tell others before a push of this thread has crossed: if several write to
        one stream, use `write` to keep to its limit.
        """
        return self._wait(partial(self.submit_writable, stream), timeout)

    def submit_delete(self, stream: StreamId) -> Future[None]:
        """Forget the stream."""
        return self._ask(partial(self._registry.delete, stream))

    def delete(self, stream: StreamId, *, timeout: float | None = None) -> None:
        """Forget the stream; its number is never used again. DELETE_*."""
        return self._wait(partial(self.submit_delete, stream), timeout)

    def submit_clear(self) -> Future[None]:
        """Delete every stream."""
        return self._ask(self._registry.clear)

    def clear(self, *, timeout: float | None = None) -> None:
        """Delete every stream, in the order of creation. CLEAR_*."""
        return self._wait(self.submit_clear, timeout)

    def __repr__(self) -> str:
        state = ", ended" if self._crossing.ended else ""
        return f"<ThreadsafeRegistry of thread {self._crossing.thread}{state}>"

    def _snapshot(self, stream: StreamId) -> View | None:
        shown = self._registry.get(stream)
        return None if shown is None else shown.snapshot()

    def _ask(self, op: Callable[[], Any]) -> Future[Any]:
        return self._send(Asked(op))

    def _send(self, asked: Asked | AskedToWait) -> Future[Any]:
        self._crossing.send(asked)
        return asked.answer

    def _wait(self, submit: Callable[[], Future[T]], timeout: float | None) -> T:
        if here() == self._crossing.thread:
            raise RuntimeError(
                "this op would wait for the very thread that is to do it; call the registry's own,"
                " or submit it"
            )
        answer = submit()
        try:
            return answer.result(timeout)
        except TimeoutError:
            if not answer.cancel():
                return answer.result()  # it came in this moment, or the error is the op's own
            raise TimeoutError(f"no answer after {timeout} seconds; the op was not done") from None
        except BaseException:  # what a signal raises must not leave a pull behind
            answer.cancel()
            raise
        finally:
            del answer  # or what it raises would hold on to it

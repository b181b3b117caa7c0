"""`record`: a listener that writes down every op, and never gets in the way of one."""

from __future__ import annotations

import logging
import os
import weakref
from types import TracebackType
from typing import Final

from streamstate.model import CancelPull, Create, Effect, Op, PullId, Returned, State, Waiting
from streamstate.recording.messages import tame, tame_effects, tame_state
from streamstate.recording.sink import Sink
from streamstate.registry import StreamStateRegistry
from streamstate.wire import MAX_ID, Json, compact, encode_effects, encode_op
from streamstate.wire.recorded import encode_end, encode_start, encode_state

_HEAD: Final = b'{"recording":'
_log: Final = logging.getLogger(__name__)


def record(registry: StreamStateRegistry, path: str | os.PathLike[str]) -> Recording:
    """Write every op of `registry` to the file at `path`, from now until `stop`.

    What it returns can be used in a `with`, whose end stops it. A registry in use can be recorded:
    its state is written first, O(streams + chunks). A file that holds recordings is appended to.
    Costs some microseconds an op, and a write of 64 KiB now and then.

    Raises `OSError` for a file that cannot be written, is no recording, or is being recorded to,
    and `RuntimeError` in a thread other than the registry's.
    """
    return Recording(registry, path)


class Recording:
    """A recording that is being made. `failure` is why it broke off, None if it did not."""

    __slots__ = (
        "__weakref__",
        "_at_exit",
        "_first_pull",
        "_known",
        "_path",
        "_registry",
        "_sink",
        "failure",
    )

    def __init__(self, registry: StreamStateRegistry, path: str | os.PathLike[str]) -> None:
        start = tame_state(registry.snapshot())
        self.failure: str | None = None
        self._path: Final = os.fspath(path)
        self._registry: Final = weakref.ref(registry)  # which holds this, as one of its listeners
        self._first_pull: Final = start.next_pull
        self._known: Final = _waiting_pulls(start)
        self._sink: Sink | None = Sink(path, _HEAD, _line(encode_start(start)))
        # When the registry goes, or the interpreter ends, what was collected is still written.
        self._at_exit: Final = weakref.finalize(self, _close, self._sink, self._path)
        registry.attach(self)

    def __call__(self, op: Op, effects: tuple[Effect, ...]) -> None:
        """Write one op down. Raises nothing but what has nothing to do with it, an interrupt."""
        if self._sink is None:
            return
        try:
            self._sink.write(_line(self._recorded(op, effects)))
        except Exception as error:
            self._break_off(error)
        except BaseException as error:
            self._break_off(error)
            raise

    def flush(self) -> None:
        """Give what was collected to the system. If that fails, the recording breaks off."""
        if self._sink is not None:
            try:
                self._sink.flush()
            except OSError as error:
                self._break_off(error)

    def stop(self) -> None:
        """End the recording, which then says so. Stopping again does nothing.

        Raises `RuntimeError` in a thread other than the registry's.
        """
        registry = self._registry()
        if registry is not None and self._sink is not None:
            registry.detach(self)
        self._at_exit()
        self._sink = None

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        if self.failure is not None:
            return f"<Recording to {self._path!r}, broken off: {self.failure}>"
        return f"<Recording to {self._path!r}{', stopped' * (self._sink is None)}>"

    def _recorded(self, op: Op, effects: tuple[Effect, ...]) -> dict[str, Json]:
        returned, settled = encode_effects(tame_effects(effects))
        line: dict[str, Json] = {
            "op": encode_op(tame(op)),
            "returned": returned,
            "settled": settled,
        }
        match op:
            case CancelPull(pull) if pull < self._first_pull and pull not in self._known:
                # It had settled before the recording began, with what only the registry knows.
                registry = self._registry()
                assert registry is not None, "it is in the midst of an op"
                line["state"] = encode_state(tame_state(registry.snapshot()))
            case Create() if Returned(MAX_ID + 1) in effects:
                raise OverflowError(f"stream {MAX_ID + 1} is beyond the last that can be written")
        return line

    def _break_off(self, error: BaseException) -> None:
        """Record nothing more, and say so once; the registry goes on."""
        sink, self._sink = self._sink, None
        self._at_exit.detach()
        self.failure = str(error) or type(error).__name__
        registry = self._registry()
        if registry is not None:
            registry.detach(self)
        try:
            if sink is not None:
                sink.close(_line(encode_end(self.failure)))
        except OSError:
            pass  # it ends without a word, but with a whole line
        _log.error("recording to %r broke off: %s", self._path, self.failure)


def _waiting_pulls(state: State) -> frozenset[PullId]:
    return frozenset(
        pull
        for _, stream in state.streams
        if isinstance(stream, Waiting)
        for pull in (stream.first, *stream.others)
    )


def _line(value: Json) -> bytes:
    return compact(value).encode() + b"\n"


def _close(sink: Sink, path: str) -> None:
    try:
        sink.close(_line(encode_end(None)))
    except OSError as error:
        _log.error("the end of the recording to %r is missing: %s", path, error)

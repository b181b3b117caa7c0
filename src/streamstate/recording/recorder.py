"""`record`: a listener that writes down every op, and never gets in the way of one."""

from __future__ import annotations

import logging
import os
import weakref
from pathlib import Path
from types import TracebackType
from typing import Final

from streamstate.model import CancelPull, Create, Effect, Op, PullId, Returned, State, Waiting
from streamstate.recording.files import Files
from streamstate.recording.messages import tame, tame_effects, tame_state
from streamstate.recording.sink import Sink
from streamstate.registry import StreamStateRegistry
from streamstate.wire import MAX_ID, Json, compact, encode_effects, encode_op
from streamstate.wire.recorded import encode_end, encode_start, encode_state

_HEAD: Final = b'{"recording":'
_log: Final = logging.getLogger(__name__)


def record(
    registry: StreamStateRegistry,
    path: str | os.PathLike[str],
    *,
    max_bytes: int | None = None,
    max_seconds: float | None = None,
    keep: int | None = None,
) -> Recording:
    """Write every op of `registry` to the file at `path`, from now until `stop`.

    Use the result in a `with`, whose end stops it. A registry in use can be recorded: its state is
    written first, O(streams + chunks). A file that holds recordings is appended to. Costs some
    microseconds an op, the write to the system among them.

    With `max_bytes` or `max_seconds`, a new file begins after the op that reaches the limit, and
    each begins with the state: `service.jsonl` then stands for `service.000001.jsonl` and so on, of
    which the last `keep` are left. A file has room for as much as it begins with.

    Raises `OSError` for a file that cannot be written, is no recording, or is being recorded to,
    `RuntimeError` in a thread other than the registry's, and `ValueError` for a limit that is not
    above 0.
    """
    return Recording(registry, Files(path, max_bytes, max_seconds, keep))


class Recording:
    """A recording in progress, in the file at `path`. `failure` says why it broke off, None if it
    did not."""

    __slots__ = (
        "__weakref__",
        "_at_exit",
        "_files",
        "_first_pull",
        "_known",
        "_registry",
        "_sink",
        "failure",
        "path",
    )

    _at_exit: weakref.finalize[[Sink, Path], Recording]
    _first_pull: PullId
    _known: frozenset[PullId]
    path: Path

    def __init__(self, registry: StreamStateRegistry, files: Files) -> None:
        self.failure: str | None = None
        self._files: Final = files
        self._registry: Final = weakref.ref(registry)  # which holds this, as one of its listeners
        self._sink: Sink | None = None
        registry.attach(self)  # which first sees to what was dropped before
        try:
            self._begin(registry)
        except BaseException:
            registry.detach(self)
            raise

    def _begin(self, registry: StreamStateRegistry) -> None:
        """Go on in the next file, which begins with the present state, and end the one before."""
        start = tame_state(registry.snapshot())
        path = self._files.next()
        sink = Sink(path, _HEAD, _line(encode_start(start)))
        if self._sink is not None:
            self._at_exit()
        self.path, self._sink = path, sink
        # When the registry goes, or the interpreter ends, the recording still says that it ended.
        self._at_exit = weakref.finalize(self, _close, sink, path)
        self._first_pull = start.next_pull
        self._known = _waiting_pulls(start)
        self._files.begun(sink.size)

    def __call__(self, op: Op, effects: tuple[Effect, ...]) -> None:
        """Write one op down. Raises only what has nothing to do with the recording, such as an
        interrupt."""
        if self._sink is None:
            return
        try:
            self._sink.write(_line(self._recorded(op, effects)))
            if self._files.is_full(self._sink.size):
                self._begin(self._the_registry())
        except Exception as error:
            self._break_off(error)
        except BaseException as error:
            self._break_off(error)
            raise

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
            return f"<Recording to {str(self.path)!r}, broken off: {self.failure}>"
        return f"<Recording to {str(self.path)!r}{', stopped' * (self._sink is None)}>"

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
                line["state"] = encode_state(tame_state(self._the_registry().snapshot()))
            case Create() if Returned(MAX_ID + 1) in effects:
                raise OverflowError(f"stream {MAX_ID + 1} is beyond the last that can be written")
        return line

    def _the_registry(self) -> StreamStateRegistry:
        registry = self._registry()
        assert registry is not None, "it is in the middle of an op"
        return registry

    def _break_off(self, error: BaseException) -> None:
        """Record nothing more, and log that once; the registry goes on."""
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
        _log.error("recording to %r broke off: %s", str(self.path), self.failure)


def _waiting_pulls(state: State) -> frozenset[PullId]:
    return frozenset(
        pull
        for _, stream in state.streams
        if isinstance(stream, Waiting)
        for pull in (stream.first, *stream.others)
    )


def _line(value: Json) -> bytes:
    return compact(value).encode() + b"\n"


def _close(sink: Sink, path: Path) -> None:
    try:
        sink.close(_line(encode_end(None)))
    except OSError as error:
        _log.error("the end of the recording to %r is missing: %s", str(path), error)

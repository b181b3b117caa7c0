"""A child process and its three pipes, moved by one thread: a full pipe cannot stop the others.

The child leads a process group, and `killing` ends the group and what has left it.

This needs POSIX: elsewhere nobody can wait for pipes, and a process has no group.
"""

from __future__ import annotations

import os
import select
import selectors
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from secrets import token_hex
from time import monotonic
from typing import IO, Final
from weakref import finalize

from streamstate.oracle.adapters.killing import MARK, kill
from streamstate.oracle.adapters.signals import signals_held

MAX_LINE: Final = 64 * 2**20
"""After so many bytes without a line feed, the child's stdout no longer counts as lines."""

STDERR_KEPT: Final = 4096
"""How many of the last bytes of stderr to keep for the report."""

_READ_SIZE: Final = 2**18
_WRITE_SIZE: Final = 2**18
_PIPE_SIZE: Final = 2**20
"""The size of the pipes of stdin and stdout in bytes, if that can be chosen: each side finds work
while the other is busy."""

GRACE: Final = 1.0
"""Seconds that a process has to end by itself."""


def obstacle() -> str | None:
    """Why no command can be run on this system, if none can."""
    if hasattr(os, "killpg") and hasattr(select, "poll"):
        return None
    return f"running a COMMAND needs POSIX (Linux, macOS, WSL), and this is {sys.platform}"


class Pipes:
    """A running child. `lines` holds its lines, without line feeds, until somebody takes them.

    Raises `OSError` or `ValueError` if the command cannot run.
    """

    def __init__(self, command: Sequence[str]) -> None:
        if (why := obstacle()) is not None:
            raise OSError(why)
        mark = token_hex(16)
        with signals_held():  # else one that comes just then would leave a child to nobody
            self._process: Final = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                env={**os.environ, MARK: mark},
            )
            self._end: Final = finalize(
                self, kill, self._process, f"{MARK}={mark}".encode(), os.getpid()
            )
        self.lines: Final[deque[bytes]] = deque()
        self.outgoing: Final = bytearray()
        self.ended: bool = False
        self.overlong: bool = False
        self._partial = bytearray()
        self._stderr = bytearray()
        self._selector: Final = selectors.DefaultSelector()
        self._stdin: Final = _unblocked(self._process.stdin)
        self._stdout: Final = _unblocked(self._process.stdout)
        self._errors: Final = _unblocked(self._process.stderr)
        for pipe in (self._stdin, self._stdout):
            _enlarge(pipe)
        self._selector.register(self._stdout, selectors.EVENT_READ)
        self._selector.register(self._errors, selectors.EVENT_READ)
        self._stdin_watched = False
        self._stdin_open = True

    @property
    def pid(self) -> int:
        """The number of the child, and of its process group."""
        return self._process.pid

    def listens(self) -> bool:
        """Whether its stdin is open: false once it, or this side, closed it."""
        if not self._stdin_open:
            return False
        watch = select.poll()
        watch.register(self._stdin, 0)  # asks for errors only, as of a pipe that nobody reads
        return not watch.poll(0)

    def has_exited(self) -> bool:
        """Whether the process is gone, even if others still hold its pipes."""
        return self._process.poll() is not None

    def turn(self, seconds: float) -> bool:
        """Wait at most so long until something can be moved, and move it; return false if nothing
        was."""
        wanted = self._stdin_open and len(self.outgoing) > 0
        if wanted and not self._stdin_watched:
            self._selector.register(self._stdin, selectors.EVENT_WRITE)
        elif self._stdin_watched and not wanted:
            self._selector.unregister(self._stdin)
        self._stdin_watched = wanted
        ready = self._selector.select(max(0.0, seconds))
        for key, _ in ready:
            if key.fd == self._stdin:
                self._write()
            elif key.fd == self._stdout:
                self._read()
            else:
                self._drain()
        return bool(ready)

    def _write(self) -> None:
        try:
            with memoryview(self.outgoing) as waiting:  # a slice of the bytes would be a copy
                written = os.write(self._stdin, waiting[:_WRITE_SIZE])
        except BlockingIOError:
            return
        except OSError:  # it closed its stdin: what it still says, or that it ended, tells why
            self._stdin_open = False
            self.outgoing.clear()
            return
        del self.outgoing[:written]

    def _read(self) -> None:
        data = _read_some(self._stdout)
        if data is None:
            return
        if not data:
            self._selector.unregister(self._stdout)
            self.ended = True
            return
        head, *more = data.split(b"\n")
        self._partial += head
        if more:
            *whole, begun = more
            self.lines.append(bytes(self._partial))
            self.lines.extend(whole)
            self._partial[:] = begun
        self.overlong = len(self._partial) > MAX_LINE

    def _drain(self) -> None:
        data = _read_some(self._errors)
        if data is None:
            return
        if not data:
            self._selector.unregister(self._errors)
            return
        self._stderr += data
        del self._stderr[:-STDERR_KEPT]

    def partial(self) -> bytes:
        """What the child wrote after its last line feed, or the start of it."""
        return bytes(self._partial[:STDERR_KEPT])

    def stderr_tail(self) -> str:
        """The end of what the child wrote on stderr so far."""
        return self._stderr.decode("utf-8", "backslashreplace")

    def how_it_ended(self) -> str:
        """How the process ended, in words, once stdout has ended. Gives the process a moment to
        end, too."""
        deadline = monotonic() + GRACE
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        while self._errors in self._selector.get_map() and self.turn(
            min(0.05, deadline - monotonic())
        ):
            pass
        code = self._process.returncode
        if code is None:
            return "it closed its stdout"
        return _ending(code)

    def speaks_at_the_end(self) -> bool:
        """Close its stdin, and say whether it writes a line within a moment, now that nothing more
        comes.

        Ask this of a silent child: if it does, it had an answer and sat on it.
        """
        self._close_stdin()
        deadline = monotonic() + GRACE
        while not (self.ended or self.overlong or self.lines) and monotonic() < deadline:
            self.turn(deadline - monotonic())
        return len(self.lines) > 0

    def _close_stdin(self) -> None:
        if self._stdin_watched:
            self._selector.unregister(self._stdin)
            self._stdin_watched = False
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._stdin_open = False

    def close(self, grace: float = GRACE) -> None:
        """Close its stdin, give it that long to end unless it had a moment already, then kill what
        is left of its group, whatever interrupts that."""
        try:
            self._let_it_end(grace)
        finally:
            with signals_held():
                self._end()
            self._selector.close()
            for pipe in (self._process.stdout, self._process.stderr):
                assert pipe is not None
                pipe.close()

    def _let_it_end(self, grace: float) -> None:
        deadline = monotonic() + (grace if self._stdin_open else 0)
        self._close_stdin()
        while not self.ended and monotonic() < deadline and not self.overlong:
            self.lines.clear()
            self.turn(deadline - monotonic())
        if self.ended:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(max(0.0, deadline - monotonic()))


def _ending(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return f"it was killed by {signal.Signals(-code).name}"
    return f"it exited with status {code}"


def _unblocked(pipe: IO[bytes] | None) -> int:
    assert pipe is not None
    os.set_blocking(pipe.fileno(), False)
    return pipe.fileno()


def _enlarge(descriptor: int) -> None:
    with suppress(ImportError, AttributeError, OSError):  # not every system can, nor lets everybody
        import fcntl  # noqa: PLC0415  # which Windows has not

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)


def _read_some(descriptor: int) -> bytes | None:
    """Empty at the end, None if there is nothing just now."""
    try:
        return os.read(descriptor, _READ_SIZE)
    except BlockingIOError:
        return None
    except OSError:
        return b""

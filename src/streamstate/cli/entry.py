"""Where the process begins and ends: its signals, its standard streams, its status.

Imports little, so that a signal finds its handler before the rest is imported.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from threading import Thread, main_thread
from time import sleep
from types import FrameType
from typing import Final, NoReturn

from streamstate.cli.streams import guard_standard_streams, settled
from streamstate.oracle.adapters.garbage import COLLECTIONS
from streamstate.oracle.adapters.signals import SIGNALS


class Stopped(SystemExit):
    """A signal asked for the end. It unwinds everything, and ends adapters on the way.

    Neither an event loop nor click keeps it to itself.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number: Final = number


_SELDOM: Final = 5_000_000
"""Objects that are made between two looks for garbage in cycles: more than a check makes, so that
nobody goes through all of them once it is over."""


def main() -> None:
    """Run the command line and end the process. Never shows a traceback.

    A signal ends it with 128 plus its number, a mistake of its own with 70: neither may pass for a
    verdict. Reports that it cannot write end it with 2.
    """
    guard_standard_streams()
    sys.unraisablehook = _sent_again
    gc.set_threshold(_SELDOM, *COLLECTIONS[1:])
    try:
        _handle(_stop)
        from streamstate.cli.commands import run  # noqa: PLC0415  # under the handler

        status = settled(run())
        gc.freeze()  # what is left ends with the process: Python would go through all of it
        _handle(signal.SIG_DFL)
    except (Stopped, KeyboardInterrupt) as stopped:
        _handle(signal.SIG_DFL)
        number = stopped.number if isinstance(stopped, Stopped) else signal.SIGINT
        said = "Interrupted" if number == signal.SIGINT else signal.Signals(number).name
        sys.stderr.write(f"{said}.\n")
        status = 128 + number
    sys.exit(status)


def _handle(handler: Callable[[int, object], NoReturn] | signal.Handlers) -> None:
    """Handle the signals in this way, except those that whoever started this process ignores."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _stop(number: int, _frame: object) -> NoReturn:
    raise Stopped(number)


def _sent_again(ignored: sys.UnraisableHookArgs) -> None:
    """If a finalizer handled a signal, it swallowed what that raised: send the signal again."""
    if isinstance(ignored.exc_value, Stopped):
        Thread(target=_send, args=(ignored.exc_value.number,)).start()
    else:
        sys.__unraisablehook__(ignored)


def _send(number: int) -> None:
    """Send a signal once the main thread has left `_sent_again`, which would swallow it too."""
    while any(frame.f_code is _sent_again.__code__ for frame in _main_stack()):
        sleep(0.01)
    os.kill(os.getpid(), number)


def _main_stack() -> Iterator[FrameType]:
    frame = sys._current_frames().get(main_thread().ident or 0)
    while frame is not None:
        yield frame
        frame = frame.f_back

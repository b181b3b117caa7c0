"""The model itself as an adapter on standard streams: protocol 1, with all capabilities but `fill`
and `lends`, and `cancel_push` only where pushes wait.

Read it as an example of an adapter in Python. It needs no quiet: the model has done everything by
the time that `step` returns.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Final

from streamstate.model import Dialect, Limits, pushes_wait
from streamstate.wire import (
    PROTOCOL,
    Json,
    WireError,
    compact,
    parse_limits,
    parse_turns,
    read_json,
    shown,
    trace,
)

_OFFERED: Final = ("get", "limits", "unbuffered", "surrogates", "cancel", "together")


class ReferenceAdapter:
    """Answers lines of the protocol with what the model does in `dialect`."""

    def __init__(self, dialect: Dialect, version: str) -> None:
        self._dialect: Final = dialect
        self._version: Final = version

    def serve(self, lines: Iterable[bytes], output: BinaryIO) -> None:
        """Answer each line until `stop` or the end. Raises `WireError` for what is no message."""
        for line in lines:
            answered = self.answer(line)
            if answered is None:
                return
            output.write(answered.encode("utf-8"))
            output.flush()

    def answer(self, line: bytes) -> str | None:
        """The answer line to a message; None to `stop`. Raises `WireError`."""
        message = read_json(line)
        match message:
            case {"cmd": "start", "protocol": _}:  # whichever is asked for, this is what it speaks
                return compact(self._hello()) + "\n"
            case {"cmd": "run", "seq": bool(seq)}:
                raise WireError(f"seq is {shown(seq)}; expected an integer")
            case {"cmd": "run", "seq": int(seq), "program": program, "limits": limits}:
                return self._run(seq, program, limits) + "\n"
            case {"cmd": "run", "seq": int(seq), "program": program}:
                return self._run(seq, program, None) + "\n"
            case {"cmd": "stop"}:
                return None
            case _:
                said = shown(message)
                raise WireError(f"{said} is not a message; expected cmd to be start, run or stop")

    def _hello(self) -> Json:
        return {
            "protocol": PROTOCOL,
            "implementation": {
                "name": f"streamstate model, {self._dialect}",
                "version": self._version,
                "language": "Python",
            },
            "capabilities": [*_OFFERED, *["cancel_push"] * pushes_wait(self._dialect)],
            "settle": "exact",
        }

    def _run(self, seq: int, program: Json, limits: Json) -> str:
        try:
            if isinstance(program, str):  # which `parse_turns` would read as JSON text
                raise WireError(f"program is {shown(program)}; expected an array of ops")
            chosen = Limits() if limits is None else parse_limits(limits)
            answers = trace(parse_turns(program), self._dialect, chosen)
        except WireError as error:
            return compact({"seq": seq, "failed": str(error)})
        texts = ",".join(answer.text for answer in answers)
        return f'{{"seq":{seq},"trace":[{texts}],"late":[]}}'

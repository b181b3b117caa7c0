"""What becomes of values and exceptions on their way between host and guest."""

from __future__ import annotations

from typing import Any, Final

from tests.benchmarks.engines.adapters import Engine
from tests.benchmarks.engines.asking import called, result

_BEYOND_32_BITS: Final = 2**32 + 7


class RefusedError(Exception):
    """What a host function raises here."""


async def exception(engine: Engine) -> str:
    """What the caller gets of an exception that a host function raises."""
    raised = RefusedError("no room in /srv/streams")

    def refuse() -> None:
        raise raised

    await engine.bind("refuse", refuse)
    try:
        await called(engine, "refuse()")
    except Exception as error:
        if error is raised:
            return "the same object"
        kind = type(error).__name__
        return f"{kind}, {'with' if str(raised) in str(error) else 'without'} the message"
    return "nothing"


async def caught(engine: Engine) -> str:
    """What the guest sees of it."""

    def refuse() -> None:
        raise RefusedError("no room in /srv/streams")

    await engine.bind("refuse", refuse)
    wait = "await " if engine.awaits else ""
    script = f"""
        try {{ {wait}refuse(); return "nothing" }}
        catch (error) {{ return error + "\\n" + error.stack }}
    """
    try:
        told = str(await result(engine, script))
    except Exception as error:
        return f"what it catches ends its script: {type(error).__name__}"
    parts = {"class": "RefusedError", "message": "no room", "paths of the host": ".py"}
    return ", ".join(part for part, sign in parts.items() if sign in told) or "neither"


async def ints(engine: Engine) -> str:
    """An int beyond 32 bits, as the guest gets it, and as the host does."""
    taken: list[Any] = []
    await engine.bind("give", lambda: _BEYOND_32_BITS)
    await engine.bind("take", taken.append)
    given = await called(engine, "give()", "String")
    await called(engine, f"take({_BEYOND_32_BITS})")
    there = "right" if given == str(_BEYOND_32_BITS) else f"2^32 + 7 is {given}"
    (back,) = taken
    return f"{there}; back {'right' if back == _BEYOND_32_BITS else back} ({type(back).__name__})"


async def bytes_in(engine: Engine) -> str:
    """What a host function gets for a `Uint8Array`, and for an `ArrayBuffer`."""
    taken: list[Any] = []
    await engine.bind("take", lambda value: taken.append(_shown(value)))
    answers = []
    for argument in ("new Uint8Array([1, 2])", "new Uint8Array([1, 2]).buffer"):
        taken.clear()
        try:
            await called(engine, f"take({argument})")
            answers.append(str(taken[0]))
        except Exception as error:
            answers.append(type(error).__name__)
    return "; ".join(answers)


def _shown(value: object) -> str:
    """Its type, and whether the bytes are there."""
    kind = type(value).__name__
    if isinstance(value, bytes | bytearray | memoryview):
        return kind if bytes(value) == b"\x01\x02" else f"{kind} of other bytes"
    if isinstance(value, dict):
        return repr(value)
    return kind


async def bytes_out(engine: Engine) -> str:
    """What the guest gets for `bytes`."""
    await engine.bind("give", lambda: b"\x01\x02")
    try:
        return str(await called(engine, "give()", "value => Object.prototype.toString.call(value)"))
    except Exception as error:
        return type(error).__name__

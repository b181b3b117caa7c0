"""Shims with one fault each, put before the oracle as `python -m tests.broken.shims NAME`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import Final

from streamstate.isolate import adapter, isolate


@dataclass(frozen=True, slots=True)
class Fault:
    """One edit of the shim, and the path of the adapter on which it shows."""

    old: str
    new: str
    path: str = "numbers"


LOOP: Final = """\
    for (let entry = hostNext(); entry >= 0; entry = hostNext()) {
      const kind = entry % KINDS;
      perform(kind, (entry - kind) / KINDS);
    }
"""


def over_the_batch(change: str) -> str:
    """The loop, but settlements are gathered in `all` first, which `change` may change."""
    return f"""\
    const all = [];
    for (let entry = hostNext(); entry >= 0; entry = hostNext()) {{
      const kind = entry % KINDS, number = (entry - kind) / KINDS;
      if (kind === RESOLVE || kind === REJECT) {{
        all.push({{ number, fine: kind === RESOLVE, payload: hostPayload() }});
      }} else perform(kind, number);
    }}
    {change}
    for (const each of all) {{
      const settling = settled(each.number);
      if (each.fine) settling.resolve(settling.shape(each.payload));
      else settling.reject(errorOf(each.payload));
    }}
"""


SOUND: Final = {
    "nothing_is_changed": Fault(LOOP, LOOP),
    "a_batch_is_gathered_first": Fault(LOOP, over_the_batch("")),
}

FAULTS: Final = {
    "a_batch_is_reversed": Fault(LOOP, over_the_batch("all.reverse();")),
    "the_last_of_a_batch_is_lost": Fault(LOOP, over_the_batch("if (all.length > 1) all.pop();")),
    "every_third_turn_with_settlements_is_forgotten": Fault(
        LOOP,
        over_the_batch("if (all.length > 0 && (global.n = (global.n ?? 0) + 1) % 3 == 0) return;"),
    ),
    "tickets_are_mixed_up": Fault(
        LOOP,
        over_the_batch(
            "if (all.length > 1) [all[0].number, all[1].number] = [all[1].number, all[0].number];"
        ),
    ),
    "a_rejection_is_lost": Fault(
        "return settled(number).reject(errorOf(hostPayload()));", "return void hostPayload();"
    ),
    "a_rejection_is_the_end": Fault(
        "return settled(number).reject(errorOf(hostPayload()));",
        "hostPayload(); return settled(number).resolve('{\"done\":true}');",
    ),
    "done_is_lost": Fault(
        "settling.resolve(value);", "if (value !== '{\"done\":true}') settling.resolve(value);"
    ),
    "done_at_once_is_lost": Fault(
        "async function resultOf(chunk) {",
        "async function resultOf(chunk) { if (chunk === null) await new Promised(() => {});",
        "bytes",
    ),
    "a_failure_at_once_is_the_end": Fault(
        "return rejected(errorOf(hostPayload()));",
        "{ hostPayload(); return resultOf(null); }",
        "bytes",
    ),
    "an_empty_chunk_is_the_end": Fault(
        "return chunk === null ?", "return chunk === null || chunk.length === 0 ?", "bytes"
    ),
    "numbers_lose_their_highest_bit": Fault(
        "setBytes(bytes, chunk);", "setBytes(bytes, chunk.map((number) => number & 127));"
    ),
    "an_error_loses_its_message": Fault("wellFormed(text(message))", "''"),
    "a_failure_loses_its_message": Fault(
        "name = failure[0], message = failure[1];", "name = failure[0], message = '';"
    ),
    "push_answers_true_always": Fault(
        "const returned = hostPush(id, kindOfView(chunk) === BYTES ? chunk : bytesOf(chunk));",
        "const returned = hostPush(id, bytesOf(chunk)) || true;",
    ),
    "full_is_never_said": Fault("answered(hostIsFull(streamOf(id)))", "false"),
    "a_reader_pulls_ahead": Fault(
        "return resultOf(chunk);",
        "if (!over) puller(hostRead, resultOf, asResult)(id); return resultOf(chunk);",
        "helpers",
    ),
    "a_writer_never_waits_its_turn": Fault(
        "const returned = hostWrite(streamOf(id), bytesOf(chunk));",
        "return rejected(new AnyError('later'));",
        "helpers",
    ),
    "a_close_is_an_error": Fault(
        "answered(hostClose(streamOf(id)))", "answered(hostError(streamOf(id), 'closed'))"
    ),
}


def planted(fault: Fault) -> str:
    """The shim with the fault. Raises `AssertionError` if there is no such place, or several."""
    assert isolate.SHIM.count(fault.old) == 1, fault.old
    return isolate.SHIM.replace(fault.old, fault.new)


if __name__ == "__main__":
    chosen = {**SOUND, **FAULTS}[sys.argv[1]]
    isolate.SHIM = planted(chosen)  # type: ignore[misc]  # the fault is planted there
    asyncio.run(adapter.main(["--path", chosen.path]))

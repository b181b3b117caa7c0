"""Faults that show only before all is quiet: something is done a moment too late, or in a batch.

Each conforms where quiet follows every op. Some lines of a small registry are changed, and the
adapter is the starter itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.faults.edited import Edit, planting
from tests.faults.fault import Fault, Group, Mode, rules
from tests.oracle import starters
from tests.oracle.starters import Starter

_HAND_OVER: Final = "this.waiting.shift().resolve({ value: chunk, done: false });"
_QUEUE: Final = "    this.queue.push(chunk);\n    this.queueSize += chunk.length;\n"
_PUSH: Final = "PUSH_5 PUSH_6"
_CLOSE: Final = "CLOSE_2 CLOSE_3 CLOSE_4"
_ERROR: Final = "ERROR_2 ERROR_3 ERROR_4 ERROR_5 ERROR_6 ERROR_7 ERROR_8 ERROR_9 ERROR_10"
_DELETE: Final = "DELETE_2 DELETE_3"

IN_JAVASCRIPT: Final = (
    Edit(
        "pull_is_handed_a_chunk_and_leaves_a_microtask_late",
        "PUSH_4",
        _HAND_OVER,
        "this.waiting[0].resolve({ value: chunk, done: false });\n"
        "    queueMicrotask(() => this.waiting.shift());",
    ),
    Edit(
        "chunk_is_handed_over_in_a_microtask_and_overtaken",
        "PUSH_4",
        _HAND_OVER,
        "const pull = this.waiting.shift();\n"
        "    queueMicrotask(() => pull.resolve({ value: chunk, done: false }));",
    ),
    Edit(
        "chunk_is_handed_over_in_a_microtask_unless_the_pull_has_ended",
        "PUSH_4",
        _HAND_OVER,
        "queueMicrotask(() => this.waiting.shift()?.resolve({ value: chunk, done: false }));",
    ),
    Edit(
        "pull_begins_to_wait_in_a_microtask",
        "PULL_3",
        "      this.waiting.push({ resolve, reject });",
        "      queueMicrotask(() => this.waiting.push({ resolve, reject }));",
    ),
    Edit(
        "pull_is_put_off_by_set_immediate",
        "PULL_1 PULL_2 PULL_3 PULL_4 PULL_5 PULL_6 PULL_7 PULL_8",
        "streams.get(id)?.pull() ?? Promise.resolve(DONE)",
        "new Promise(setImmediate).then(() => streams.get(id)?.pull() ?? DONE)",
    ),
    Edit(
        "two_pulls_are_given_one_chunk",
        "PULL_2 PULL_4",
        "    const chunk = this.queue.shift();\n    this.queueSize -= chunk.length;\n",
        "    const chunk = this.queue[0];\n    queueMicrotask(() => {\n"
        "      this.queueSize -= this.queue.shift()?.length ?? 0;\n    });\n",
    ),
    Edit(
        "chunk_is_queued_in_a_microtask",
        _PUSH,
        _QUEUE,
        "    queueMicrotask(() => {\n      this.queue.push(chunk);\n"
        "      this.queueSize += chunk.length;\n    });\n",
    ),
    Edit(
        "fullness_is_counted_in_a_microtask",
        f"{_PUSH} IS_QUEUE_FULL_2 IS_QUEUE_FULL_3",
        "    this.queueSize += chunk.length;\n",
        "    queueMicrotask(() => (this.queueSize += chunk.length));\n",
    ),
    Edit(
        "batch_of_pushes_is_reversed",
        _PUSH,
        "    this.queue.push(chunk);\n",
        "    this.queue.splice(this.queue.length - (this.batch ??= 0), 0, chunk);\n"
        "    this.batch += 1;\n    queueMicrotask(() => (this.batch = 0));\n",
    ),
    Edit(
        "batch_of_pushes_becomes_one_chunk",
        _PUSH,
        "    this.queue.push(chunk);\n",
        "    const before = this.batch ? [...this.queue.pop()] : [];\n"
        "    this.queue.push(new Uint8Array([...before, ...chunk]));\n"
        "    this.batch = true;\n    queueMicrotask(() => (this.batch = false));\n",
    ),
    Edit(
        "second_push_takes_the_place_of_the_first",
        _PUSH,
        _QUEUE,
        "    if (this.batch) this.queueSize -= this.queue.pop().length;\n"
        + _QUEUE
        + "    this.batch = true;\n    queueMicrotask(() => (this.batch = false));\n",
    ),
    Edit(
        "close_is_noted_in_a_microtask",
        _CLOSE,
        "    this.closed = true;\n",
        "    queueMicrotask(() => (this.closed = true));\n",
    ),
    Edit(
        "error_is_noted_in_a_microtask",
        _ERROR,
        "    this.errored = true;\n",
        "    queueMicrotask(() => (this.errored = true));\n",
    ),
    Edit(
        "stream_is_deleted_in_a_microtask",
        f"{_DELETE} CLEAR_1 CLEAR_2",
        "    streams.delete(id);\n",
        "    queueMicrotask(() => streams.delete(id));\n",
    ),
    Edit(
        "pulls_of_a_deleted_stream_are_rejected_a_turn_late",
        "DELETE_3 CLEAR_2",
        'for (const pull of this.endWaits()) pull.reject(new Error("Stream deleted"));',
        "queueMicrotask(() => {\n"
        '      for (const pull of this.endWaits()) pull.reject(new Error("Stream deleted"));\n'
        "    });",
    ),
    Edit(
        "new_stream_is_known_in_a_microtask",
        "CREATE_1",
        "    streams.set(id, new Stream(settings));\n",
        "    queueMicrotask(() => streams.set(id, new Stream(settings)));\n",
    ),
    Edit(
        "numbers_are_counted_in_a_microtask",
        "CREATE_1",
        "    const id = nextId++;\n",
        "    const id = nextId;\n    queueMicrotask(() => (nextId = id + 1));\n",
    ),
    Edit(
        "clear_waits_for_a_microtask",
        "CLEAR_1 CLEAR_2",
        "    for (const id of [...streams.keys()]) remove(id);\n",
        "    queueMicrotask(() => {\n      for (const id of [...streams.keys()]) remove(id);\n"
        "    });\n",
    ),
)

_SOON: Final = "asyncio.get_running_loop().call_soon"

IN_PYTHON: Final = (
    Edit(
        "close_is_noted_soon",
        _CLOSE,
        "stream.closed = True",
        f'{_SOON}(setattr, stream, "closed", True)',
    ),
    Edit(
        "error_is_noted_soon",
        _ERROR,
        "stream.error = error\n",
        f'{_SOON}(setattr, stream, "error", error)\n',
    ),
    Edit(
        "chunk_is_queued_soon",
        _PUSH,
        "stream.queue.append(own)",
        f"{_SOON}(stream.queue.append, own)",
    ),
    Edit(
        "chunk_is_handed_over_soon",
        "PUSH_4 CLOSE_2",
        "            pull.set_result(chunk)\n",
        f"            {_SOON}(pull.set_result, chunk)\n",
    ),
    Edit(
        "two_pulls_are_given_one_chunk",
        "PULL_2 PULL_4",
        "pull.set_result(stream.queue.popleft())",
        f"pull.set_result(stream.queue[0])\n            {_SOON}(stream.queue.popleft)",
    ),
    Edit(
        "pull_begins_to_wait_soon",
        "PULL_3",
        "            stream.waiting = pull\n",
        f'            {_SOON}(setattr, stream, "waiting", pull)\n',
    ),
    Edit(
        "stream_is_deleted_soon",
        f"{_DELETE} CLEAR_1 CLEAR_2",
        "stream = self.streams.pop(number, None)\n",
        f"stream = self.streams.get(number)\n        {_SOON}(self.streams.pop, number, None)\n",
    ),
    Edit(
        "new_stream_is_known_soon",
        "CREATE_1",
        "self.streams[self.created] = Stream()",
        f"{_SOON}(self.streams.setdefault, self.created, Stream())",
    ),
)

BLACK_BOX: Final = replace(
    starters.JAVASCRIPT, instead=('["get", "limits", "fill", "together"', '["together"')
)


def burst_faults() -> Iterator[Fault]:
    """Those of the registry in JavaScript, then those of the one in Python."""
    for edit in IN_JAVASCRIPT:
        yield _fault(Group.JAVASCRIPT_BURSTS, edit, BLACK_BOX)
    for edit in IN_PYTHON:
        yield _fault(Group.PYTHON_BURSTS, edit, starters.PYTHON)


def _fault(group: Group, edit: Edit, beside: Starter) -> Fault:
    causes = rules(edit.causes)
    return Fault(group, edit.name, causes, planting(beside, edit), modes=(Mode.BLACK_BOX,))


def with_get(edit: Edit) -> Fault:
    """The fault of an edit in JavaScript where streams can be looked into."""
    shown = planting(starters.JAVASCRIPT, edit)
    return Fault(Group.JAVASCRIPT_BURSTS, edit.name, rules(edit.causes), shown, modes=(Mode.GET,))

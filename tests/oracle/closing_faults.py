"""Small registries in which pushes wait through a close, each with one fault that shows only there.

Leave a close of `waiting_faults`' registries without what turns away, and they are right there.
"""

from __future__ import annotations

from typing import Final

from tests.oracle.waiting_faults import Fault

_TURNED_AWAY: Final = 'stream.turn_away(Exception("Stream closed"))\n'
_CLOSED: Final = "            stream.closed = True\n            stream.settle()\n"

THROUGH_IN_PYTHON: Final = Fault(
    "close_leaves_those_that_wait", "", f"            {_TURNED_AWAY}", ""
)
"""No fault in `wait_through_close`: there it makes the registry right."""

IN_PYTHON: Final = (
    Fault("close_turns_them_away", "CLOSE_7", _CLOSED, f"{_CLOSED}            {_TURNED_AWAY}"),
    Fault(
        "close_lets_all_in_at_once",
        "CLOSE_7",
        _CLOSED,
        f"{_CLOSED}            while stream.offers:\n"
        "                offer = stream.offers.popleft()\n"
        "                stream.queue.append(offer.chunk)\n"
        "                offer.room.set_result(None)\n",
    ),
    Fault(
        "close_waits_until_they_are_in",
        "CLOSE_7 PUSH_2",
        "        if stream is not None:\n            stream.closed = True\n",
        "        if stream is not None and not stream.offers:\n            stream.closed = True\n",
    ),
    Fault(
        "close_drops_the_queue",
        "CLOSE_7",
        _CLOSED,
        f"{_CLOSED}            if stream.offers:\n                stream.queue.clear()\n",
    ),
    Fault(
        "second_close_turns_them_away",
        "CLOSE_4",
        _CLOSED,
        f"            if stream.closed:\n                {_TURNED_AWAY}{_CLOSED}",
    ),
    Fault(
        "push_waits_on_a_closed_stream",
        "PUSH_2",
        "if stream is None or stream.closed or stream.error",
        "if stream is None or (stream.closed and not stream.offers) or stream.error",
    ),
    Fault(
        "push_is_queued_on_a_closed_stream",
        "PUSH_2",
        "        if stream is None or stream.closed or stream.error is not None:\n",
        "        if stream is not None and stream.closed and stream.offers:\n"
        "            stream.queue.append(bytes(chunk))\n            return True\n"
        "        if stream is None or stream.closed or stream.error is not None:\n",
    ),
    Fault(
        "nobody_is_let_in_once_closed",
        "PULL_14",
        "            stream.admit()\n",
        "            if not stream.closed:\n                stream.admit()\n",
    ),
    Fault(
        "closed_is_never_full",
        "PULL_14",
        "while self.offers and not self.full:",
        "while self.offers and (self.closed or not self.full):",
    ),
    Fault(
        "newest_is_let_in_first_once_closed",
        "PULL_14",
        "            offer = self.offers.popleft()\n",
        "            offer = self.offers.pop() if self.closed else self.offers.popleft()\n",
    ),
    Fault(
        "last_one_in_forgets_the_close",
        "PULL_14",
        "            stream.admit()\n",
        "            waited = bool(stream.offers)\n            stream.admit()\n"
        "            if waited and not stream.offers:\n                stream.closed = False\n",
    ),
    Fault(
        "end_comes_before_those_that_wait",
        "PULL_15",
        "        elif (met := stream.meet()) is not None:\n",
        "        elif not stream.closed and (met := stream.meet()) is not None:\n",
    ),
    Fault(
        "last_one_met_forgets_the_close",
        "PULL_15",
        "            pull.set_result(met)\n",
        "            pull.set_result(met)\n            stream.closed &= bool(stream.offers)\n",
    ),
    Fault(
        "last_one_given_up_forgets_the_close",
        "CANCEL_PUSH_1",
        "                stream.offers.remove(offer)\n",
        "                stream.offers.remove(offer)\n"
        "                stream.closed &= bool(stream.offers)\n",
    ),
    Fault(
        "giving_up_on_a_closed_stream_takes_all",
        "CANCEL_PUSH_1",
        "                stream.offers.remove(offer)\n",
        "                stream.offers.remove(offer)\n"
        "                if stream.closed:\n"
        f"                    {_TURNED_AWAY}",
    ),
    Fault(
        "error_on_a_closed_stream_forgets_them",
        "ERROR_13",
        "            stream.turn_away(error)\n",
        "            if not stream.closed:\n                stream.turn_away(error)\n",
    ),
    Fault(
        "error_on_a_closed_stream_is_ignored_while_they_wait",
        "ERROR_13",
        "        if stream is not None:\n            stream.error = error\n",
        "        if stream is not None and not (stream.closed and stream.offers):\n"
        "            stream.error = error\n",
    ),
    Fault(
        "deleted_as_closed",
        "DELETE_4 CLEAR_3",
        'stream.turn_away(Exception("Stream deleted"))',
        'stream.turn_away(Exception("Stream closed" if stream.closed else "Stream deleted"))',
    ),
    Fault(
        "looks_open_while_they_wait",
        "GET_2",
        "            closed=stream.closed,\n",
        "            closed=stream.closed and not stream.offers,\n",
    ),
    Fault(
        "is_not_full_while_they_wait_on_a_closed_stream",
        "IS_QUEUE_FULL_2",
        "(stream.waiting is None and stream.full)",
        "(stream.waiting is None and stream.full and not (stream.closed and stream.offers))",
    ),
)

_ENDED: Final = '      turnAway(stream, new Error("Stream closed"));\n'
_SHUT: Final = '      settle(stream, "resolve", { done: true });\n'

THROUGH_IN_JAVASCRIPT: Final = Fault("close_leaves_those_that_wait", "", _ENDED, "")

IN_JAVASCRIPT: Final = (
    Fault("close_turns_them_away", "CLOSE_7", _SHUT, f"{_SHUT}{_ENDED}"),
    Fault(
        "close_lets_all_in_at_once",
        "CLOSE_7",
        _SHUT,
        f"{_SHUT}      for (const {{ chunk, accept }} of stream.offers.splice(0)) {{\n"
        "        stream.queue.push(chunk);\n        accept(true);\n      }\n",
    ),
    Fault(
        "close_waits_until_they_are_in",
        "CLOSE_7 PUSH_2",
        "      stream.closed = true;\n",
        "      stream.closed = stream.offers.length === 0;\n",
    ),
    Fault(
        "push_waits_on_a_closed_stream",
        "PUSH_2",
        "stream === undefined || stream.closed || stream.error)",
        "stream === undefined || (stream.closed && stream.offers.length === 0) || stream.error)",
    ),
    Fault(
        "nobody_is_let_in_once_closed",
        "PULL_14",
        "        admit(stream);\n",
        "        if (!stream.closed) admit(stream);\n",
    ),
    Fault(
        "newest_is_let_in_first_once_closed",
        "PULL_14",
        "= stream.offers.shift();",
        "= stream.closed ? stream.offers.pop() : stream.offers.shift();",
    ),
    Fault(
        "last_one_in_forgets_the_close",
        "PULL_14",
        "        admit(stream);\n",
        "        const waited = stream.offers.length > 0;\n        admit(stream);\n"
        "        if (waited && stream.offers.length === 0) stream.closed = false;\n",
    ),
    Fault(
        "error_on_a_closed_stream_forgets_them",
        "ERROR_13",
        "      turnAway(stream, error);\n",
        "      if (!stream.closed) turnAway(stream, error);\n",
    ),
    Fault(
        "second_close_turns_them_away",
        "CLOSE_4",
        "      stream.closed = true;\n",
        f"      if (stream.closed) {_ENDED.strip()}\n      stream.closed = true;\n",
    ),
)

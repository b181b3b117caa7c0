"""Small registries with a limit of zero, each with one fault that nothing shows while a queue has
room for a chunk, or that loses what is handed on."""

from __future__ import annotations

from typing import Final

from tests.oracle.waiting_faults import Fault

_PUSHED: Final = "        if not stream.full:\n"
_MET: Final = "waiting[0].room.set_result(None)\n"
_MEETS: Final = (
    "        elif (met := stream.meet()) is not None:\n            pull.set_result(met)\n"
)

IN_PYTHON: Final = (
    Fault("one_chunk_fits", "PUSH_9", _PUSHED, "        if not stream.queue:\n"),
    Fault(
        "newest_push_is_met",
        "PULL_15",
        "if not offer.room.done()]\n",
        "if not offer.room.done()][::-1]\n",
    ),
    Fault("met_and_not_told", "PULL_15", f"        {_MET}", ""),
    Fault(
        "met_and_still_waits",
        "PULL_15",
        f"        self.offers.remove(waiting[0])\n        {_MET}",
        "",
    ),
    Fault("pull_waits_beside_a_push", "PULL_15", _MEETS, ""),
    Fault(
        "all_are_told_when_one_is_met",
        "PULL_15",
        f"        {_MET}",
        "        for each in waiting:\n            each.room.set_result(None)\n",
    ),
    Fault(
        "accepted_before_it_is_taken",
        "PUSH_9",
        "        stream.offers.append(offer)\n",
        "        stream.offers.append(offer)\n        return True\n",
    ),
    Fault(
        "cancelled_push_is_met",
        "CANCEL_PUSH_1",
        "            if offer in stream.offers:\n                stream.offers.remove(offer)\n",
        "            offer.room = asyncio.get_running_loop().create_future()\n",
    ),
    Fault(
        "close_forgets_who_waits_where_nothing_is_queued",
        "CLOSE_6",
        'stream.turn_away(Exception("Stream closed"))\n',
        'stream.queue and stream.turn_away(Exception("Stream closed"))\n',
    ),
    Fault(
        "error_forgets_who_waits_where_nothing_is_queued",
        "ERROR_13",
        "            stream.turn_away(error)\n",
        "            stream.queue and stream.turn_away(error)\n",
    ),
    Fault(
        "nothing_queued_is_never_full",
        "IS_QUEUE_FULL_2",
        "(stream.waiting is None and stream.full)",
        "(bool(stream.queue) and stream.full)",
    ),
    Fault(
        "full_while_a_pull_waits",
        "IS_QUEUE_FULL_3",
        "(stream.waiting is None and stream.full)",
        "stream.full",
    ),
)

IN_JAVASCRIPT: Final = (
    Fault(
        "newest_push_is_met",
        "PULL_15",
        "stream.offers.splice(0, 1);",
        "stream.offers.splice(-1, 1);",
    ),
    Fault("met_and_not_told", "PULL_15", "    taken(true);\n", ""),
    Fault(
        "pull_waits_beside_a_push",
        "PULL_15",
        "      if (stream.offers.length > 0) return meet(stream);\n",
        "",
    ),
    Fault(
        "one_chunk_fits",
        "PUSH_9",
        "if (full(stream)) return wait(",
        "if (full(stream) && stream.queue.length > 0) return wait(",
    ),
    Fault(
        "full_while_a_pull_waits",
        "IS_QUEUE_FULL_3",
        "return stream.waiting === undefined && full(stream);",
        "return full(stream);",
    ),
    Fault(
        "close_forgets_who_waits_where_nothing_is_queued",
        "CLOSE_6",
        '      turnAway(stream, new Error("Stream closed"));\n',
        '      if (stream.queue.length > 0) turnAway(stream, new Error("Stream closed"));\n',
    ),
)

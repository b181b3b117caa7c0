"""Small registries in which pushes wait, each with one fault, and the rules that a fault breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from streamstate.model import Rule


@dataclass(frozen=True, slots=True)
class Fault:
    """`find` occurs once in the source of the registry, and is replaced. `rules` are those whose
    code is wrong then, any of which is rightly named."""

    name: str
    rules: str
    find: str
    replace: str

    @property
    def causes(self) -> frozenset[Rule]:
        return frozenset(Rule[name] for name in self.rules.split())


_LOOP: Final = "while self.offers and not self.full:"
_LET_IN: Final = "                self.queue.append(offer.chunk)\n"
_TURN_AWAY: Final = '            stream.turn_away(Exception("Stream closed"))\n'
_FORGET: Final = "            stream.offers.remove(offer)\n"

IN_PYTHON: Final = (
    Fault("push_never_waits", "PUSH_9", "if not stream.full:", "if True:"),
    Fault(
        "push_is_refused",
        "PUSH_9",
        "        offer = Offer(",
        "        return False\n        offer = Offer(",
    ),
    Fault(
        "push_to_a_full_stream_is_lost",
        "PUSH_9",
        "        offer = Offer(",
        "        return True\n        offer = Offer(",
    ),
    Fault(
        "waits_and_is_queued_too",
        "PUSH_9",
        "        stream.offers.append(offer)\n",
        "        stream.offers.append(offer)\n        stream.queue.append(own)\n",
    ),
    Fault(
        "waits_a_push_too_late",
        "PUSH_9",
        "or len(self.queue) >= self.max_queue_chunks",
        "or len(self.queue) > self.max_queue_chunks",
    ),
    Fault(
        "newest_push_waits_first",
        "PUSH_9 PULL_14",
        "stream.offers.append(offer)",
        "stream.offers.appendleft(offer)",
    ),
    Fault(
        "newest_push_is_let_in_first",
        "PULL_14",
        "            offer = self.offers.popleft()\n",
        "            offer = self.offers.pop()\n",
    ),
    Fault(
        "let_in_ahead_of_the_queue",
        "PULL_14",
        "self.queue.append(offer.chunk)",
        "self.queue.appendleft(offer.chunk)",
    ),
    Fault("let_in_and_not_sent", "PULL_14", _LET_IN, ""),
    Fault("let_in_and_sent_twice", "PULL_14", _LET_IN, _LET_IN * 2),
    Fault("sent_and_not_told", "PULL_14", "                offer.room.set_result(None)\n", ""),
    Fault("one_is_let_in_where_several_fit", "PULL_14", _LOOP, "if self.offers and not self.full:"),
    Fault("all_are_let_in_at_once", "PULL_14", _LOOP, "while self.offers:"),
    Fault("nobody_is_let_in", "PULL_14", "            stream.admit()\n", ""),
    Fault(
        "let_in_before_there_is_room",
        "PULL_14",
        "            pull.set_result(stream.queue.popleft())\n            stream.admit()",
        "            stream.admit()\n            pull.set_result(stream.queue.popleft())",
    ),
    Fault(
        "let_in_only_into_an_empty_queue", "PULL_14", _LOOP, "while self.offers and not self.queue:"
    ),
    Fault(
        "big_chunks_are_passed_over",
        "PULL_14",
        "            offer = self.offers.popleft()\n",
        "            offer = min(self.offers, key=lambda each: len(each.chunk))\n"
        "            self.offers.remove(offer)\n",
    ),
    Fault("close_forgets_those_that_wait", "CLOSE_6", _TURN_AWAY, ""),
    Fault(
        "close_lets_them_in",
        "CLOSE_6",
        _TURN_AWAY,
        "            while stream.offers:\n                offer = stream.offers.popleft()\n"
        "                stream.queue.append(offer.chunk)\n"
        "                offer.room.set_result(None)\n",
    ),
    Fault(
        "close_says_deleted",
        "CLOSE_6",
        'turn_away(Exception("Stream closed"))',
        'turn_away(Exception("Stream deleted"))',
    ),
    Fault(
        "close_drops_the_queue",
        "CLOSE_6",
        _TURN_AWAY,
        "            if stream.offers:\n                stream.queue.clear()\n" + _TURN_AWAY,
    ),
    Fault("error_forgets_those_that_wait", "ERROR_13", "            stream.turn_away(error)\n", ""),
    Fault(
        "error_says_closed",
        "ERROR_13",
        "turn_away(error)\n",
        'turn_away(Exception("Stream closed"))\n',
    ),
    Fault(
        "error_turns_away_the_oldest_only",
        "ERROR_13",
        "            stream.turn_away(error)\n",
        "            if stream.offers:\n"
        "                stream.offers.popleft().room.set_exception(error)\n",
    ),
    Fault(
        "delete_forgets_those_that_wait",
        "DELETE_4 CLEAR_3",
        '            stream.turn_away(Exception("Stream deleted"))\n',
        "",
    ),
    Fault(
        "delete_says_closed",
        "DELETE_4 CLEAR_3",
        'stream.turn_away(Exception("Stream deleted"))',
        'stream.turn_away(Exception("Stream closed"))',
    ),
    Fault(
        "newest_is_turned_away_first",
        "CLOSE_6 ERROR_13 DELETE_4 CLEAR_3",
        "            room = self.offers.popleft().room\n",
        "            room = self.offers.pop().room\n",
    ),
    Fault(
        "clear_forgets_those_that_wait",
        "CLEAR_3",
        "        for number in tuple(self.streams):\n            self.delete(number)\n",
        "        for number in tuple(self.streams):\n"
        "            self.streams[number].offers.clear()\n            self.delete(number)\n",
    ),
    Fault(
        "clear_goes_newest_first",
        "CLEAR_2 CLEAR_3",
        "in tuple(self.streams)",
        "in reversed(tuple(self.streams))",
    ),
    Fault(
        "given_up_and_sent",
        "CANCEL_PUSH_1",
        "            if offer in stream.offers:\n    " + _FORGET + "            raise\n",
        "            offer.room = asyncio.get_running_loop().create_future()\n            raise\n",
    ),
    Fault(
        "giving_up_takes_the_oldest",
        "CANCEL_PUSH_1",
        "    " + _FORGET,
        "                stream.offers.popleft().room.cancel()\n",
    ),
    Fault(
        "giving_up_sends_at_once",
        "CANCEL_PUSH_1",
        "    " + _FORGET,
        "    " + _FORGET + "                stream.queue.append(own)\n",
    ),
    Fault(
        "giving_up_goes_on_waiting",
        "CANCEL_PUSH_1",
        "            raise\n",
        "            return await asyncio.get_running_loop().create_future()\n",
    ),
    Fault(
        "giving_up_takes_all",
        "CANCEL_PUSH_1",
        "    " + _FORGET,
        "                stream.offers.clear()\n",
    ),
    Fault(
        "what_waits_is_counted",
        "PUSH_9 GET_2",
        "return sum(map(len, self.queue))",
        "return sum(map(len, self.queue)) + sum(len(each.chunk) for each in self.offers)",
    ),
    Fault(
        "a_new_push_goes_first",
        "PULL_14",
        "            stream.admit()\n",
        "            if len(stream.offers) == 1:\n                stream.admit()\n",
    ),
)


IN_JAVASCRIPT: Final = (
    Fault("push_is_refused", "PUSH_9", "return wait(stream, own, signal);", "return false;"),
    Fault(
        "newest_push_is_let_in_first",
        "PULL_14",
        "} = stream.offers.shift();",
        "} = stream.offers.pop();",
    ),
    Fault("let_in_and_not_sent", "PULL_14", "      stream.queue.push(chunk);\n", ""),
    Fault(
        "let_in_and_sent_twice",
        "PULL_14",
        "      stream.queue.push(chunk);\n",
        "      stream.queue.push(chunk, chunk);\n",
    ),
    Fault("sent_and_not_told", "PULL_14", "      accept(true);\n", ""),
    Fault(
        "told_as_turned_away",
        "PULL_14",
        "const { chunk, accept } = stream.offers.shift();",
        "const { chunk, turnAway: accept } = stream.offers.shift();",
    ),
    Fault(
        "one_is_let_in_where_several_fit",
        "PULL_14",
        "while (stream.offers.length > 0 && !full(stream))",
        "if (stream.offers.length > 0 && !full(stream))",
    ),
    Fault(
        "all_are_let_in_at_once",
        "PULL_14",
        "while (stream.offers.length > 0 && !full(stream))",
        "while (stream.offers.length > 0)",
    ),
    Fault("nobody_is_let_in", "PULL_14", "        admit(stream);\n", ""),
    Fault(
        "close_forgets_those_that_wait",
        "CLOSE_6",
        '      turnAway(stream, new Error("Stream closed"));\n',
        "",
    ),
    Fault("close_says_deleted", "CLOSE_6", 'new Error("Stream closed")', "deleted()"),
    Fault("error_forgets_those_that_wait", "ERROR_13", "      turnAway(stream, error);\n", ""),
    Fault(
        "delete_forgets_those_that_wait",
        "DELETE_4 CLEAR_3",
        "    turnAway(stream, deleted());\n",
        "",
    ),
    Fault(
        "newest_is_turned_away_first",
        "CLOSE_6 ERROR_13 DELETE_4 CLEAR_3",
        "of stream.offers.splice(0))",
        "of stream.offers.splice(0).reverse())",
    ),
)

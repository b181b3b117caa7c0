"""The guest hears of settlements in the order in which they happened."""

from __future__ import annotations

import random

from streamstate import StreamStateRegistry
from streamstate.isolate import Isolate
from tests.isolate.guests import in_isolate

GUEST = """
const heard = [];
function wait(id, number) {
  __Stream_pull(id).then(() => heard.push(number), () => heard.push(number));
}
function act(ops) {
  for (const [name, id, number] of ops) {
    if (name === "pull") wait(id, number);
    else if (name === "push") __Stream_push(id, new Uint8Array(1));
    else __Stream_close(id);
  }
}
"""


def test_whoever_lets_them_settle_and_however_many_do_in_a_turn(engine_in_depth: str) -> None:
    """Settlements are noted by the registry's listener, as they happen."""
    many = 16_000 if engine_in_depth == "jsbox" else 2_000
    chance = random.Random(7)
    streams = 9

    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(GUEST)
        for _ in range(streams):
            registry.create()
        settled: list[int] = []
        waiting: dict[int, list[int]] = {id_: [] for id_ in range(1, streams + 1)}
        queued = dict.fromkeys(waiting, 0)
        number = done = 0
        while done < many:
            ops: list[list[object]] = []
            for _ in range(chance.randint(1, 12)):
                id_ = chance.randint(1, streams)
                if chance.random() < 0.5 and not waiting[id_]:
                    number += 1
                    ops.append(["pull", id_, number])
                    if queued[id_]:
                        queued[id_] -= 1
                        settled.append(number)
                    else:
                        waiting[id_].append(number)
                else:
                    ops.append(["push", id_, 0])
                    if waiting[id_]:
                        settled.append(waiting[id_].pop())
                    else:
                        queued[id_] += 1
            done += len(ops)
            await isolate.call("act", ops)
            for id_ in chance.sample(sorted(waiting), chance.randint(0, 3)):  # the host's own turn
                registry.push(id_, b"x")
                if waiting[id_]:
                    settled.append(waiting[id_].pop())
                else:
                    queued[id_] += 1
        await isolate.quiet()
        assert await isolate.eval("heard") == settled

    in_isolate(body, engine=engine_in_depth)


def test_what_settles_at_once_is_not_heard_before_what_settled_earlier(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(GUEST)
        registry.create()
        registry.push(registry.create(), b"x")
        ops = [["pull", 1, 1], ["push", 1, 0], ["pull", 2, 2]]
        await isolate.call("act", ops)
        await isolate.quiet()
        assert await isolate.eval("heard") == [1, 2]

    in_isolate(body, engine=engine)


def test_clear_is_heard_in_the_order_of_creation(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(GUEST)
        for _ in range(5):
            registry.create()
        await isolate.call("act", [["pull", id_, id_] for id_ in (4, 1, 5, 3, 2)])
        registry.clear()
        await isolate.quiet()
        assert await isolate.eval("heard") == [1, 2, 3, 4, 5]

    in_isolate(body, engine=engine)


def test_more_than_one_batch_can_hold_comes_in_order(engine_in_depth: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(GUEST)
        for _ in range(2_500):
            registry.create()
        await isolate.call("act", [["pull", id_, id_] for id_ in range(1, 2_501)])
        registry.clear()
        await isolate.quiet()
        assert await isolate.eval("heard") == list(range(1, 2_501))

    in_isolate(body, engine=engine_in_depth)

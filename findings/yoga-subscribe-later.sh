#!/usr/bin/env bash
#
# One would expect: `pubSub.subscribe(topic)` of GraphQL Yoga subscribes: what is published
# from then on comes out of the iterator. node:events' `on()`, which gives an iterator as well,
# listens from the call on.
#
# What happens: The call subscribes to nothing. The iterator begins to listen at its first
# `next()`, and what was published before that is lost. From then on it keeps what comes.
#
# Seen with @graphql-yoga/subscription 5.1.1 and Node 20:
# > node:events on(): subscribe, publish 1, read, publish 2 and 3: got 1, 2, 3
# > @graphql-yoga/subscription 5.1.1: subscribe, publish 1, read, publish 2 and 3: got 2, 3
#
# Why it matters for a stream registry: "Subscribe, ask the producer to begin, read" is the
# safe order, and here it loses the beginning whenever the producer is quicker than the first
# read. Nothing is raised, and a test whose producer takes its time sees nothing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save \
    @graphql-yoga/subscription@5.1.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { EventEmitter, on } from "node:events";
import { createPubSub } from "@graphql-yoga/subscription";

async function turns() {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

const makers = {
  "node:events on()"() {
    const emitter = new EventEmitter();
    return [on(emitter, "chunk"), (item) => emitter.emit("chunk", item)];
  },
  "@graphql-yoga/subscription 5.1.1"() {
    const pubSub = createPubSub();
    return [pubSub.subscribe("chunk"), (item) => pubSub.publish("chunk", item)];
  },
};

for (const [name, make] of Object.entries(makers)) {
  const [items, publish] = make();
  publish(1);
  await turns();
  const got = [];
  (async () => {
    for await (const item of items) got.push(item[0] ?? item);
  })();
  await turns();
  publish(2);
  publish(3);
  await turns();
  console.log(`${name}: subscribe, publish 1, read, publish 2 and 3: got ${got.join(", ")}`);
}
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a subscription begins with the first read."

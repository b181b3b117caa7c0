#!/usr/bin/env bash
#
# One would expect: An event `error` ends the loop with that error, after the events that came
# before it. p-event's documentation says that the iterator "rejects if `emitter` emits any of
# the events defined in the `rejectionEvents` option", and node:events' `on()` does so.
#
# What happens: If events still wait in the iterator when the error comes, the last of them is
# handed over as the value of an end (`done: true`), which a `for await` does not look at. The
# error is never raised. The loop ends as if the emitter had finished, one event short. A
# consumer that has read everything, and waits, gets the error.
#
# Seen with p-event 7.1.1 and Node 20:
# > node:events on(), three events and an error while the consumer is busy: 1, 2, 3, raised bad
# > p-event 7.1.1, three events and an error while the consumer is busy: 1, 2, ended
# > p-event 7.1.1, three events, and an error when all were read: 1, 2, 3, raised bad
#
# Why it matters for a stream registry: Whether a broken stream looks broken depends on how
# fast its consumer was. Under load a failure becomes a proper end, and its last chunk is
# missing without a trace.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save p-event@7.1.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { EventEmitter, on } from "node:events";
import { pEventIterator } from "p-event";

async function turns() {
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
}

async function read(events, seen) {
  try {
    for await (const event of events) seen.push(event);
    seen.push("ended");
  } catch (error) {
    seen.push(`raised ${error.message}`);
  }
}

async function run(listen, readFirst) {
  const emitter = new EventEmitter();
  const events = listen(emitter);
  const seen = [];
  if (readFirst) read(events, seen);
  for (const event of [1, 2, 3]) emitter.emit("chunk", event);
  if (readFirst) await turns();
  emitter.emit("error", new Error("bad"));
  if (!readFirst) read(events, seen);
  await turns();
  return seen.join(", ");
}

const ours = (emitter) => on(emitter, "chunk");
const theirs = (emitter) => pEventIterator(emitter, "chunk");
const busy = "three events and an error while the consumer is busy";
console.log(`node:events on(), ${busy}: ${await run(ours, false)}`);
console.log(`p-event 7.1.1, ${busy}: ${await run(theirs, false)}`);
console.log(
  `p-event 7.1.1, three events, and an error when all were read: ${await run(theirs, true)}`,
);
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: an error that finds events waiting is never raised."

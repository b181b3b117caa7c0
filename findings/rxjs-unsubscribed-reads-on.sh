#!/usr/bin/env bash
#
# One would expect: Who unsubscribes from an observable that was made of an async iterable stops
# the iteration: RxJS calls return() of the iterator, and takes nothing more from it.
#
# What happens: Nothing happens at the iterator until it gives another value. RxJS takes that
# value, throws it away, and only then calls return(). If no value comes, the iterator is never
# closed. node:stream and ReadableStream call return() at once, and the value is still there for
# whoever reads the source next.
#
# Seen with rxjs 7.8.2, beside node:stream and ReadableStream of Node 20:
# > rxjs 7.8.2: next, got one, next, stopped, took two, return
# > node:stream: next, got one, next, return, stopped, two is left
# > ReadableStream: next, got one, next, return, stopped, two is left
#
# Why it matters for a stream registry: A guest that gives up a stream for which it waits leaves
# the pull behind, and the pull takes the next chunk from whoever takes over the stream. An
# idle stream stays open for as long as the program runs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save rxjs@7.8.2)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";

import { from } from "rxjs";

const manifest = new URL("./node_modules/rxjs/package.json", import.meta.url);
const rxjs = `rxjs ${JSON.parse(readFileSync(manifest, "utf8")).version}`;

/** Enough turns of the loop for whatever can go on. */
async function quiet() {
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
}

/** A source of values that are given from outside; its return() ends the next() that waits. */
class Source {
  log = [];
  #waiting = [];

  [Symbol.asyncIterator]() {
    return this;
  }

  next() {
    this.log.push("next");
    return new Promise((settle) => this.#waiting.push(settle));
  }

  async return() {
    this.log.push("return");
    for (const settle of this.#waiting.splice(0)) settle({ done: true });
    return { done: true };
  }

  /** Give a value to the next() that waits, if one does. */
  give(value) {
    const settle = this.#waiting.shift();
    settle?.({ done: false, value });
    return settle !== undefined;
  }
}

async function see(name, start) {
  const source = new Source();
  const stop = start(source, (value) => source.log.push(`got ${value}`));
  await quiet();
  source.give("one");
  await quiet();
  stop();
  source.log.push("stopped");
  await quiet();
  source.log.push(source.give("two") ? "took two" : "two is left");
  await quiet();
  console.log(`${name}: ${source.log.join(", ")}`);
}

await see(rxjs, (source, got) => {
  const subscription = from(source).subscribe(got);
  return () => subscription.unsubscribe();
});
await see("node:stream", (source, got) => {
  const readable = Readable.from(source).on("data", got);
  return () => readable.destroy();
});
await see("ReadableStream", (source, got) => {
  const reader = ReadableStream.from(source).getReader();
  const pull = () => reader.read().then(({ done, value }) => {
    if (done) return;
    got(value);
    pull();
  });
  pull();
  return () => reader.cancel();
});
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: who has unsubscribed still takes the next value."

#!/usr/bin/env bash
#
# One would expect: A next() that waits when its iterator is returned still settles. With
# @repeaterjs/repeater and it-pushable it is done at once; with Node's streams, as with
# generators of the language, it gets the next chunk, and return() is done after it.
#
# What happens: event-iterator resolves the return() and forgets the next() that waits,
# which never settles: the chunk that comes next is dropped.
#
# Seen with event-iterator 2.0.0, @repeaterjs/repeater 3.1.0, it-pushable 3.2.4 on Node 20,
# a chunk "a" being pushed after the return():
# > stream.Readable of Node: return() done, waiting next() a
# > @repeaterjs/repeater 3.1.0: return() done, waiting next() done
# > it-pushable 3.2.4: return() done, waiting next() done
# > event-iterator 2.0.0: return() done, waiting next() never settled
#
# Why it matters for a stream registry: return() is how somebody else than the reader ends
# a stream, at a timeout or a shutdown. Here the reader hangs, with everything that it
# holds. A delete has to be tried with a pull that waits, and the pull be looked at.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save \
    event-iterator@2.0.0 @repeaterjs/repeater@3.1.0 it-pushable@3.2.4)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { Repeater } from "@repeaterjs/repeater";
import { EventIterator } from "event-iterator";
import { pushable } from "it-pushable";

function version(name) {
  const manifest = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(manifest, "utf8")).version}`;
}

async function turns() {
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
}

function watched(promise) {
  const seen = { is: "never settled" };
  Promise.resolve(promise).then(
    ({ done, value }) => (seen.is = done ? "done" : String(value)),
    (error) => (seen.is = error.message),
  );
  return seen;
}

function readable() {
  const stream = new Readable({ objectMode: true, read() {} });
  return [stream, (chunk) => stream.push(chunk)];
}

function repeater() {
  let push;
  const source = new Repeater((its, stop) => {
    push = its;
    return stop;
  });
  return [source, (chunk) => push(chunk).catch(() => {})];
}

function pushes() {
  const source = pushable({ objectMode: true });
  return [source, (chunk) => source.push(chunk)];
}

function events() {
  let queue;
  return [new EventIterator((its) => void (queue = its)), (chunk) => queue.push(chunk)];
}

for (const [name, make] of [
  ["stream.Readable of Node", readable],
  [version("@repeaterjs/repeater"), repeater],
  [version("it-pushable"), pushes],
  [version("event-iterator"), events],
]) {
  const [source, push] = make();
  const iterator = source[Symbol.asyncIterator]();
  const waiting = watched(iterator.next());
  await turns();
  const returned = watched(iterator.return());
  await turns();
  push("a");
  await turns();
  console.log(`${name}: return() ${returned.is}, waiting next() ${waiting.is}`);
}
process.exit(0);
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a next() that waits never settles once the iterator is returned."

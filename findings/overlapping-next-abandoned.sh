#!/usr/bin/env bash
#
# One would expect: next() of an async iterator may be called again while an earlier call
# waits: the calls queue, and each gets a value or the end. Generators of the language do
# so, and so do the iterators of Node's streams.
#
# What happens: the iterators of streamx and it-pushable have room for one call. A second
# one takes the place of the first, whose promise then never settles: not with a value,
# not at the end, not at an error. Nothing is told to either.
#
# Seen with streamx 2.28.1, it-pushable 3.2.4 and event-iterator 2.0.0 on Node 20:
# > stream.Readable of Node: 1st a, 2nd b, 3rd done
# > event-iterator 2.0.0: 1st a, 2nd b, 3rd done
# > streamx 2.28.1: 1st never settled, 2nd never settled, 3rd a
# > it-pushable 3.2.4: 1st never settled, 2nd never settled, 3rd a
#
# Why it matters for a stream registry: Whoever awaits the first call hangs, with nothing
# to see in any log. Two consumers of one iterator, or one that asks ahead (a merge, a
# prefetch), are enough. The model has this as a policy, `overlapping_pull=overwrite`:
# with no check of two pulls at once all these libraries look alike.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save \
    streamx@2.28.1 it-pushable@3.2.4 event-iterator@2.0.0)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { EventIterator } from "event-iterator";
import { pushable } from "it-pushable";

const streamx = createRequire(import.meta.url)("streamx");

function version(name) {
  const manifest = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(manifest, "utf8")).version}`;
}

function node() {
  const stream = new Readable({ objectMode: true, read() {} });
  return { source: stream, push: (chunk) => stream.push(chunk), end: () => stream.push(null) };
}

function xs() {
  const stream = new streamx.Readable({ read: (done) => done(null) });
  return { source: stream, push: (chunk) => stream.push(chunk), end: () => stream.push(null) };
}

function events() {
  let queue;
  const source = new EventIterator((made) => void (queue = made));
  const iterator = source[Symbol.asyncIterator]();
  return { iterator, push: (chunk) => queue.push(chunk), end: () => queue.stop() };
}

function pushes() {
  const source = pushable({ objectMode: true });
  return { source, push: (chunk) => source.push(chunk), end: () => source.end() };
}

async function turns() {
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
}

for (const [name, make] of [
  ["stream.Readable of Node", node],
  [version("event-iterator"), events],
  [version("streamx"), xs],
  [version("it-pushable"), pushes],
]) {
  const { source, push, end, iterator = source[Symbol.asyncIterator]() } = make();
  const seen = ["never settled", "never settled", "never settled"];
  for (const place of [0, 1, 2]) {
    iterator.next().then(
      ({ done, value }) => (seen[place] = done ? "done" : String(value)),
      (error) => (seen[place] = error.message),
    );
    await turns();
  }
  for (const act of [() => push("a"), () => push("b"), end]) {
    act();
    await turns();
  }
  console.log(`${name}: 1st ${seen[0]}, 2nd ${seen[1]}, 3rd ${seen[2]}`);
}
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a call of next() that overlaps another abandons it."

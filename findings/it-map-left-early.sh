#!/usr/bin/env bash
#
# One would expect: `break` out of a loop over map(source, ...) closes the source: a generator's
# `finally` runs. It makes no difference whether the source is a generator or an async one.
#
# What happens: Left early, it-map, it-filter and it-foreach close an async source, and leave a
# synchronous one open for good: its `finally` never runs. They look at its first item when they
# are made, to see whether the function gives promises, and what they loop over is then a wrapper
# around the iterator, without a return(). it-take closes both, as streaming-iterables does.
#
# Seen with it-map 3.1.6, it-filter 3.1.6, it-foreach 2.1.7, it-take 3.0.11 and
# streaming-iterables 8.0.1 on Node 20:
# > it-map 3.1.6: synchronous source open, async source closed
# > it-filter 3.1.6: synchronous source open, async source closed
# > it-foreach 2.1.7: synchronous source open, async source closed
# > it-take 3.0.11: synchronous source closed, async source closed
# > streaming-iterables 8.0.1: synchronous source closed, async source closed
# > it-map 3.1.6, never looped over: synchronous source has given 1 item, async source has given 0 items
#
# Why it matters for a stream registry: The end of a loop is where a stream is cancelled and its
# lock given up. A source that hands out chunks it has at hand is best written as a plain
# generator, and so is the one whose `finally` is lost.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save it-map@3.1.6 \
    it-filter@3.1.6 it-foreach@2.1.7 it-take@3.0.11 streaming-iterables@8.0.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { readFileSync } from "node:fs";

import filter from "it-filter";
import forEach from "it-foreach";
import map from "it-map";
import take from "it-take";
import { map as mapOf } from "streaming-iterables";

const SIZE = 9;

/** A source, and what has become of it. */
function source(kind) {
  const seen = { given: 0, closed: false };
  function* plain() {
    try {
      for (; seen.given < SIZE;) yield seen.given++;
    } finally {
      seen.closed = true;
    }
  }
  async function* waiting() {
    yield* plain();
  }
  return [kind === "async" ? waiting() : plain(), seen];
}

async function leftEarly(over, kind) {
  const [items, seen] = source(kind);
  for await (const item of over(items)) if (item === 1) break;
  return `${kind} source ${seen.closed ? "closed" : "open"}`;
}

function named(name) {
  const manifest = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(manifest, "utf8")).version}`;
}

for (const [name, over] of [
  ["it-map", (items) => map(items, (item) => item)],
  ["it-filter", (items) => filter(items, () => true)],
  ["it-foreach", (items) => forEach(items, () => {})],
  ["it-take", (items) => take(items, SIZE)],
  ["streaming-iterables", (items) => mapOf((item) => item, items)],
]) {
  const both = [await leftEarly(over, "synchronous"), await leftEarly(over, "async")];
  console.log(`${named(name)}: ${both.join(", ")}`);
}

const given = ["synchronous", "async"].map((kind) => {
  const [items, seen] = source(kind);
  map(items, (item) => item);
  return `${kind} source has given ${seen.given} item${seen.given === 1 ? "" : "s"}`;
});
console.log(`${named("it-map")}, never looped over: ${given.join(", ")}`);
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a synchronous source that is left early stays open."

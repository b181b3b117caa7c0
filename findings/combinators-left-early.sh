#!/usr/bin/env bash
#
# One would expect: Who leaves a `for await` loop over operators closes the source below them:
# each operator passes the `return()` on. Generators of the language do so, and `ix.map`,
# `it-merge` and most operators of these packages.
#
# What happens: Many operators keep the `return()` to themselves: plain ones such as ix's skip
# and catchError and all of iter-ops, and those that read ahead. Their source stays where it
# was, its `finally` never runs, and nobody holds it any more who could close it. Behind ix's
# debounce the source is even read on, without an end, by nobody.
#
# Seen with ix 7.0.0, streaming-iterables 8.0.1, iter-ops 3.5.0, it-merge 3.0.15 and Node 20,
# with sources that have always one more item:
# > ix map: closed
# > ix skip: left open
# > ix catchError: left open
# > ix retry: left open
# > ix takeUntil: left open
# > ix merge: left open
# > ix zip: left open
# > ix debounce: left open, and read on
# > streaming-iterables map: closed
# > streaming-iterables buffer: left open
# > streaming-iterables parallelMap: left open
# > streaming-iterables merge: left open
# > iter-ops map: left open
# > it-merge: closed
#
# Why it matters for a stream registry: The `return()` is how a consumer on this side says that
# it wants no more: a producer that is told of it by nothing else keeps its stream, its buffer
# and its place in the registry. Whether it is told depends on which operators are between,
# and one `catchError` put in for safety cuts the line.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save ix@7.0.0 \
    streaming-iterables@8.0.1 iter-ops@3.5.0 it-merge@3.0.15)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import itMerge from "it-merge";
import { map as opsMap, pipe } from "iter-ops";
import * as ix from "ix/asynciterable";
import * as operators from "ix/asynciterable/operators";
import * as streaming from "streaming-iterables";

async function turns() {
  for (let i = 0; i < 100; i++) await new Promise(setImmediate);
}

const same = (item) => item;
const ixed = (operator) => (source) => ix.from(source()).pipe(operator);

const makers = {
  "ix map": ixed(operators.map(same)),
  "ix skip": ixed(operators.skip(1)),
  "ix catchError": ixed(operators.catchError(() => ix.of(0))),
  "ix retry": ixed(operators.retry(1)),
  "ix takeUntil": ixed(operators.takeUntil(() => new Promise(() => {}))),
  "ix merge": (source) => ix.merge(source(), source()),
  "ix zip": (source) => ix.zip(source(), source()),
  "ix debounce": ixed(operators.debounce(1)),
  "streaming-iterables map": (source) => streaming.map(same, source()),
  "streaming-iterables buffer": (source) => streaming.buffer(2, source()),
  "streaming-iterables parallelMap": (source) => streaming.parallelMap(2, same, source()),
  "streaming-iterables merge": (source) => streaming.merge(source(), source()),
  "iter-ops map": (source) => pipe(source(), opsMap(same)),
  "it-merge": (source) => itMerge(source(), source()),
};

for (const [name, make] of Object.entries(makers)) {
  let open = 0;
  let items = 0;
  const source = async function* () {
    open++;
    try {
      for (;;) {
        await new Promise(setImmediate);
        yield items++;
      }
    } finally {
      open--;
    }
  };
  for await (const item of make(source)) break;
  await turns();
  const read = items;
  await turns();
  console.log(`${name}: ${open ? "left open" : "closed"}${items > read ? ", and read on" : ""}`);
}
process.exit(0);
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: leaving the loop does not reach the source."

#!/usr/bin/env bash
#
# One would expect: Calls that are under way when their source fails are finished, and their results
# come before the error: they belong to items that the source gave before it failed. Node's
# `Readable.map`, p-map and streaming-iterables do so.
#
# What happens: it-parallel, in order or not, and ix's `flatMap` raise the error of the source at
# once. The results of the calls under way are lost, and so is what these calls did: they run
# on, and nobody hears how they end.
#
# Seen with it-parallel 3.0.16, ix 7.0.0, p-map 7.1.1, streaming-iterables 8.0.1 and Node 20, with
# a source that gives two items and fails:
# > Readable.map: 1, 2, raised broken
# > p-map: 1, 2, raised broken
# > streaming-iterables parallelMap: 1, 2, raised broken
# > it-parallel: raised broken; calls ended afterwards: 1, 2
# > it-parallel, ordered: raised broken; calls ended afterwards: 1, 2
# > ix flatMap: raised broken; calls ended afterwards: 1, 2
#
# Why it matters for a stream registry: The calls are pushes, or writes to a store. Who goes on
# behind the last result that he saw does the calls under way twice, and which these are depends
# on the number that run at once: with one at a time nothing is lost, and a test passes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save it-parallel@3.0.16 \
    ix@7.0.0 p-map@7.1.1 streaming-iterables@8.0.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { Readable } from "node:stream";
import itParallel from "it-parallel";
import * as ix from "ix/asynciterable";
import { flatMap } from "ix/asynciterable/operators";
import { pMapIterable } from "p-map";
import { parallelMap } from "streaming-iterables";

async function turns(count) {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

async function* source() {
  yield 1;
  yield 2;
  throw new Error("broken");
}

async function* jobs(call) {
  for await (const item of source()) yield () => call(item);
}

const concurrency = 4;
const makers = {
  "Readable.map": (call) => Readable.from(source()).map(call, { concurrency }),
  "p-map": (call) => pMapIterable(source(), call, { concurrency }),
  "streaming-iterables parallelMap": (call) => parallelMap(concurrency, call, source()),
  "it-parallel": (call) => itParallel(jobs(call), { concurrency }),
  "it-parallel, ordered": (call) => itParallel(jobs(call), { concurrency, ordered: true }),
  "ix flatMap": (call) =>
    ix.from(source()).pipe(flatMap(async (item) => ix.of(await call(item)), concurrency)),
};

for (const [name, make] of Object.entries(makers)) {
  const seen = [];
  const afterwards = [];
  let over = false;
  const call = async (item) => {
    await turns(3);
    if (over) afterwards.push(item);
    return item;
  };
  try {
    for await (const result of make(call)) seen.push(result);
  } catch (error) {
    over = true;
    seen.push(`raised ${error.message}`);
  }
  await turns(20);
  const late = afterwards.length ? `; calls ended afterwards: ${afterwards.join(", ")}` : "";
  console.log(`${name}: ${seen.join(", ")}${late}`);
}
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a source that fails takes the results of the calls under way with it."

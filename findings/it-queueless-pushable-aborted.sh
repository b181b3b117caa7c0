#!/usr/bin/env bash
#
# One would expect: A push that waits for its reader and is aborted has sent nothing: that is what
# its rejection says, and what its `signal` is for. So the caller may push the chunk again.
#
# What happens: The push is rejected with AbortError, and the reader gets the chunk all the same,
# whenever it comes. Who tries again sends it twice.
#
# Seen with it-queueless-pushable 2.0.5 on Node 20:
# > it-queueless-pushable 2.0.5
# > aborted: the first push is rejected with AbortError, the second is fulfilled
# > aborted: the reader gets chunk chunk
#
# Why it matters for a stream registry: A send that can be cancelled has to say which of the two it
# was, not sent or sent already; a timeout around it doubles data otherwise.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save it-queueless-pushable@2.0.5)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { readFileSync } from "node:fs";

import { queuelessPushable } from "it-queueless-pushable";

const manifest = new URL("./node_modules/it-queueless-pushable/package.json", import.meta.url);
console.log("it-queueless-pushable", JSON.parse(readFileSync(manifest, "utf8")).version);

/** Enough turns of the loop for whatever can go on. */
async function quiet() {
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
}

/** A function that says what has become of the promise. */
function state(promise) {
  let now = "pending";
  promise.then(() => { now = "fulfilled"; }, (error) => { now = `rejected with ${error.name}`; });
  return () => now;
}

async function aborted() {
  const chunks = queuelessPushable();
  const abort = new AbortController();
  const first = state(chunks.push("chunk", { signal: abort.signal }));
  await quiet();
  abort.abort();
  await quiet();
  const second = state(chunks.push("chunk"));
  chunks.end();
  const got = [];
  for await (const chunk of chunks) got.push(chunk);
  await quiet();
  console.log(`aborted: the first push is ${first()}, the second is ${second()}`);
  console.log(`aborted: the reader gets ${got.join(" ")}`);
}

await aborted();
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a push that was aborted is delivered."

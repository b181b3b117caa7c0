#!/usr/bin/env bash
#
# One would expect: The callbacks of writes to one stream come in the order of the writes. So
# an empty write with a callback is a mark in the stream: when it is called, all before it is
# out, and the program may exit. So it is in Node and in Deno.
#
# What happens: In Bun the callback of an empty write to process.stdout comes at once, before
# those of the writes that wait for their reader. A program that exits there loses all that the
# pipe had no room for. A write of one byte, or end(), is called in its turn.
#
# Seen with Bun 1.4.5, beside Deno 2.9.6 and Node 20, on Linux, stdout a pipe that is read late:
# > bun 1.4.5: empty, large, byte
# > bun 1.4.5, exit after an empty write: cut off
# > bun 1.4.5, exit after end: whole
# > deno 2.9.6: large, empty, byte
# > deno 2.9.6, exit after an empty write: whole
# > deno 2.9.6, exit after end: whole
# > node 20: large, empty, byte
# > node 20, exit after an empty write: whole
# > node 20, exit after end: whole
#
# Why it matters for a stream registry: An adapter, or any guest that streams through stdout,
# wants to leave once all its answers are out. With this mark its last answers are lost, and
# only where the reader is slow: on a busy machine, now and then.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save deno@2.9.6 bun@1.4.5)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import process from "node:process";

const runtime = globalThis.Deno ? `deno ${Deno.version.deno}`
  : globalThis.Bun ? `bun ${Bun.version}` : `node ${process.versions.node.split(".")[0]}`;
const large = "x".repeat(1_000_000);
const [way] = process.argv.slice(2);

if (way === "order") {
  const order = [];
  const last = () => process.stderr.write(`${runtime}: ${[...order, "byte"].join(", ")}\n`);
  process.stdout.write(large, () => order.push("large"));
  process.stdout.write("", () => order.push("empty"));
  process.stdout.write("x", last);
} else {
  process.stderr.write(`${runtime}, exit after ${way}: `);
  process.stdout.write(large);
  if (way === "end") process.stdout.end(() => process.exit());
  else process.stdout.write("", () => process.exit());
}
JAVASCRIPT

# Read what a command writes, but not at once, and say how much it was.
late() {
    "$@" | { sleep 1; wc -c; }
}

seen=$(cd "$work" && for runtime in node_modules/.bin/bun "node_modules/.bin/deno run --allow-all --quiet" node; do
    { late timeout 60 $runtime probe.mjs order > /dev/null; } 2>&1
    for way in "an empty write" end; do
        read=$({ late timeout 60 $runtime probe.mjs "$way"; } 2> "$work/label")
        [ "$read" -eq 1000000 ] && what=whole || what="cut off"
        echo "$(cat "$work/label")$what"
    done
done)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: the callback of an empty write overtakes those of earlier writes."

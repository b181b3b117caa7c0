#!/usr/bin/env bash
#
# One would expect: A stream that is destroyed before its end has not ended, and who reads it
# through a wrapper hears that. Node's `Duplex.from`, which puts a readable and a writable
# together, raises "Premature close".
#
# What happens: duplexify takes the closing of its readable side for an end. The reader gets
# what came until then, and a proper end.
#
# Seen with duplexify 4.1.3 and Node 20:
# > Duplex.from, the readable side is destroyed: first, raised Premature close
# > duplexify 4.1.3, the readable side is destroyed: first, ended
# > duplexify 4.1.3, the readable side fails: first, raised broken
#
# Why it matters for a stream registry: A side that goes away without an error is what a host
# does when it cancels, and what a socket does that was given up. Whoever reads through a
# duplexify cannot tell a part from the whole.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save duplexify@4.1.3)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { Duplex, PassThrough } from "node:stream";
import duplexify from "duplexify";

const makers = {
  "Duplex.from": (readable, writable) => Duplex.from({ readable, writable }),
  "duplexify 4.1.3": (readable, writable) => duplexify.obj(writable, readable),
};

async function turns() {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

async function read(make, error) {
  const readable = new PassThrough({ objectMode: true });
  readable.on("error", () => {});
  const both = make(readable, new PassThrough({ objectMode: true }));
  const seen = [];
  (async () => {
    try {
      for await (const chunk of both) seen.push(chunk);
      seen.push("ended");
    } catch (raised) {
      seen.push(`raised ${raised.message}`);
    }
  })();
  readable.write("first");
  await turns();
  readable.destroy(error);
  await turns();
  return seen.join(", ");
}

const [plain, wrapped] = Object.keys(makers);
for (const name of [plain, wrapped])
  console.log(`${name}, the readable side is destroyed: ${await read(makers[name])}`);
console.log(
  `${wrapped}, the readable side fails: ${await read(makers[wrapped], new Error("broken"))}`,
);
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a side that was destroyed looks like one that has ended."

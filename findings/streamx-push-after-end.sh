#!/usr/bin/env bash
#
# One would expect: Once a stream has been ended with push(null), nothing more can be
# pushed: Node's own Readable and readable-stream, whose interface streamx has, refuse it
# with ERR_STREAM_PUSH_AFTER_EOF, and a reader sees what was pushed before the end.
#
# What happens: streamx delivers what is pushed after the end as if it had come before, as
# long as the reader has not yet reached the end. push returns false, as it does for a
# full buffer, and no error is emitted. A chunk that comes after the reader has reached
# the end is dropped, again without an error: whether it arrives depends on how fast the
# consumer is.
#
# Seen with streamx 2.28.1 and readable-stream 4.8.0 on Node 20:
# > readable-stream 4.8.0
# >   reader lags: push says false, seen [before], errors [ERR_STREAM_PUSH_AFTER_EOF]
# >   reader is done: push says false, seen [before], errors []
# > streamx 2.28.1
# >   reader lags: push says false, seen [before,after], errors []
# >   reader is done: push says false, seen [before], errors []
#
# Why it matters for a stream registry: "Nothing is accepted after close" is a rule that a
# conformance check must try with a reader that lags and with one that has caught up. A
# wrapper that leans on streamx for it breaks the rule in the first case and loses the
# chunk in silence in the second.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save \
    streamx@2.28.1 readable-stream@4.8.0)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

function start(name) {
  const { Readable } = require(name);
  const [seen, errors] = [[], []];
  const stream = new Readable({ objectMode: true, read(done) { done?.(null) } });
  stream.on("error", (error) => errors.push(error.code ?? error.message));
  return { stream, seen, errors, listen: () => stream.on("data", (chunk) => seen.push(chunk)) };
}

async function lagging(name) {
  const { stream, seen, errors, listen } = start(name);
  stream.push("before");
  stream.push(null);
  const answer = stream.push("after");
  const closed = new Promise((resolve) => stream.on("close", resolve));
  listen();
  await closed;
  console.log(`  reader lags: push says ${answer}, seen [${seen}], errors [${errors}]`);
}

async function caughtUp(name) {
  const { stream, seen, errors, listen } = start(name);
  listen();
  stream.push("before");
  const ended = once(stream, "end");
  stream.push(null);
  await ended;
  const answer = stream.push("after");
  await new Promise(setImmediate);
  console.log(`  reader is done: push says ${answer}, seen [${seen}], errors [${errors}]`);
}

for (const name of ["readable-stream", "streamx"]) {
  const manifest = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  console.log(name, JSON.parse(readFileSync(manifest, "utf8")).version);
  await lagging(name);
  await caughtUp(name);
}
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a chunk that is pushed after the end is delivered."

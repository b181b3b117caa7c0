#!/usr/bin/env bash
#
# One would expect: A consumer that has what it wants leaves its `for await` loop by
# `break`, and that is the end of it. What becomes of the source afterwards is no concern
# of the one who left: generators of the language and Node's Readable agree.
#
# What happens: With a ReadableStream of the web and with a Repeater, `break` raises the
# error of the source, if there was one since the chunk was handed over. The loop awaits
# what return() gives, and there both are rejected with the error that nobody has read.
#
# Seen with Node 20 and @repeaterjs/repeater 3.1.0:
# > generator: got a, left
# > stream.Readable: got a, left
# > ReadableStream: got a, break raised Error: afterwards
# > @repeaterjs/repeater: got a, break raised Error: afterwards
#
# Why it matters for a stream registry: "Read one chunk and leave" fails or not by whether
# the producer broke while the chunk was looked at, and the exception comes from a line
# that does nothing. A reader that is wrapped around such a source has to say whose the
# error is after the last read.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save @repeaterjs/repeater@3.1.0)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { Readable } from "node:stream";
import { Repeater } from "@repeaterjs/repeater";

const afterwards = () => new Error("afterwards");

async function turns() {
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
}

const makers = {
  generator() {
    const source = (async function* () {
      yield "a";
      throw afterwards();
    })();
    return [source, () => {}];
  },
  "stream.Readable"() {
    const source = new Readable({ objectMode: true, read() {} });
    source.push("a");
    return [source, () => source.destroy(afterwards())];
  },
  ReadableStream() {
    let controller;
    const source = new ReadableStream({ start: (made) => void (controller = made) });
    controller.enqueue("a");
    return [source, () => controller.error(afterwards())];
  },
  "@repeaterjs/repeater"() {
    let fail;
    const source = new Repeater((push, stop) => {
      push("a");
      fail = () => stop(afterwards());
    });
    return [source, () => fail()];
  },
};

for (const [name, make] of Object.entries(makers)) {
  const [source, fail] = make();
  const seen = [];
  try {
    for await (const chunk of source) {
      seen.push(`got ${chunk}`);
      fail();
      await turns();
      break;
    }
    seen.push("left");
  } catch (error) {
    seen.push(`break raised ${error}`);
  }
  console.log(`${name}: ${seen.join(", ")}`);
}
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: leaving the loop raises the error that came afterwards."

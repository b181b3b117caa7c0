#!/usr/bin/env bash
#
# One would expect: A producer that pushes two chunks and then ends with an error has
# said: these two, and then the error. Its consumer gets the two chunks and then the
# error, as a consumer who was waiting all the time does, and as with @repeaterjs/repeater
# and event-iterator.
#
# What happens: it-pushable throws away all that waits as soon as end(error) is called: a
# consumer that comes later gets the error at once. A consumer that was quick enough gets
# the chunks. end() without an error keeps them. So the same three calls of a producer
# mean different streams, and only the consumer's pace decides which.
#
# Seen with it-pushable 3.2.4, @repeaterjs/repeater 3.1.0, event-iterator 2.0.0 on Node
# 20:
# > it-pushable 3.2.4
# >   reads after end(): 1 2 done
# >   reads after end(error): error done done
# > @repeaterjs/repeater 3.1.0
# >   reads after end(): 1 2 done
# >   reads after end(error): 1 2 error
# > event-iterator 2.0.0
# >   reads after end(): 1 2 done
# >   reads after end(error): 1 2 error
# > it-pushable, read while it is pushed: 1 2 error
#
# Why it matters for a stream registry: Whether an error discards what was queued before
# it is the question on which stream implementations differ most (WHATWG streams discard,
# Node's destroy does, most queues deliver). A registry must decide it by a rule, and must
# test each peer with a queue that is not empty: with a waiting reader all of these look
# alike.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save \
    it-pushable@3.2.4 @repeaterjs/repeater@3.1.0 event-iterator@2.0.0)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { Repeater } from "@repeaterjs/repeater";
import { EventIterator } from "event-iterator";
import { pushable } from "it-pushable";

const turn = () => new Promise(setImmediate);

function version(name) {
  const manifest = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, "utf8")).version;
}

const makers = {
  "it-pushable"() {
    const source = pushable({ objectMode: true });
    return { source, push: (chunk) => source.push(chunk), end: (error) => source.end(error) };
  },
  "@repeaterjs/repeater"() {
    const calls = [];
    const source = new Repeater((push, stop) => calls.forEach((call) => call(push, stop)));
    return {
      source,
      push: (chunk) => calls.push((push) => push(chunk)),
      end: (error) => calls.push((_, stop) => stop(error)),
    };
  },
  "event-iterator"() {
    let queue;
    const source = new EventIterator((made) => void (queue = made))[Symbol.asyncIterator]();
    return {
      source,
      push: (chunk) => queue.push(chunk),
      end: (error) => (error ? queue.fail(error) : queue.stop()),
    };
  },
};

async function read(source, times) {
  const seen = [];
  for (let i = 0; i < times; i++) {
    const next = await source.next().catch((error) => ({ value: error.message }));
    seen.push(next.done ? "done" : next.value);
  }
  return seen.join(" ");
}

for (const [name, make] of Object.entries(makers)) {
  console.log(name, version(name));
  for (const error of [undefined, new Error("error")]) {
    const { source, push, end } = make();
    push(1);
    push(2);
    end(error);
    console.log(`  reads after end(${error ? "error" : ""}): ${await read(source, 3)}`);
  }
}
const { source, push, end } = makers["it-pushable"]();
const early = read(source, 3);
for (const call of [() => push(1), () => push(2), () => end(new Error("error"))]) {
  call();
  await turn();
}
console.log(`it-pushable, read while it is pushed: ${await early}`);
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: what was pushed before the error is thrown away."

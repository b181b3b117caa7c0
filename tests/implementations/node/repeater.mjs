/**
 * `Repeater` of @repeaterjs/repeater, with a buffer of 16. Its executor runs at the first `next()`,
 * so each stream begins with a chunk of the adapter's that is taken at once. A push waits for room,
 * and nobody is told whether there is some.
 */

import { FixedBuffer, Repeater } from "@repeaterjs/repeater";

import { serve, versionOf } from "./exchange.mjs";

function createStream() {
  let push, stop;
  const executor = (its, ends) => { push = its; stop = ends; };
  const repeater = new Repeater(executor, new FixedBuffer(16));
  const begun = repeater.next();
  push("begun");
  return {
    push: (chunk) => {
      push(chunk).catch(() => {});
      return true;
    },
    pull: () => begun.then(() => repeater.next()),
    close: () => stop(),
    error: (value) => stop(value),
    remove: () => void repeater.return().catch(() => {}),
  };
}

await serve({ name: "repeater", version: versionOf("@repeaterjs/repeater"), createStream,
  lacks: ["is_queue_full"] });

/** event-iterator's `EventIterator`. It tells that it is full by events. */

import { createRequire } from "node:module";

import { chunksOnly, serve, versionOf } from "./exchange.mjs";

const { EventIterator } = createRequire(import.meta.url)("event-iterator");

function createStream() {
  let queue, full = false;
  const made = new EventIterator((its) => { queue = its; },
    { highWaterMark: 16, lowWaterMark: 15 });
  const iterator = made[Symbol.asyncIterator]();
  queue.on("highWater", () => { full = true; });
  queue.on("lowWater", () => { full = false; });
  return {
    push: (chunk) => {
      queue.push(chunk);
      return true;
    },
    pull: () => iterator.next(),
    close: () => queue.stop(),
    error: (value) => queue.fail(value),
    isFull: () => full,
    remove: () => void iterator.return(),
  };
}

await serve({ name: "event-iterator", version: versionOf("event-iterator"), createStream,
  limits: chunksOnly(16) });

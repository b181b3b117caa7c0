/** it-pushable's `pushable`, of values. It has no way to say no, nor that it is full. */

import { pushable } from "it-pushable";

import { serve, versionOf } from "./exchange.mjs";

function createStream() {
  const source = pushable({ objectMode: true });
  return {
    push: (chunk) => {
      source.push(chunk);
      return true;
    },
    pull: () => source.next(),
    close: () => void source.end(),
    error: (value) => void source.end(value),
    remove: () => void source.return(),
  };
}

await serve({ name: "it-pushable", version: versionOf("it-pushable"), createStream,
  lacks: ["is_queue_full"] });

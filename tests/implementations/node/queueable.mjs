/**
 * `Channel` of queueable. A push is a promise that settles once the chunk is taken, and what is
 * done here is the last value of the channel: it comes behind all that was pushed before.
 */

import { Channel } from "queueable";

import { serve, versionOf } from "./exchange.mjs";

function createStream() {
  const channel = new Channel();
  return {
    push: (chunk) => {
      channel.push(chunk);
      return true;
    },
    pull: () => channel.next(),
    close: () => void channel.push(undefined, true),
    remove: () => void channel.return(),
  };
}

await serve({ name: "queueable", version: versionOf("queueable"), createStream,
  lacks: ["error", "is_queue_full"] });

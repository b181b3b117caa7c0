/** The npm package async-channel. Its `push` waits for room; `throw` queues an error as a value. */

import { createRequire } from "node:module";

import { chunksOnly, serve, versionOf } from "./exchange.mjs";

const { Channel, ChannelClosedError } = createRequire(import.meta.url)("async-channel");

function createStream() {
  const channel = new Channel(16);
  const sent = (sending) => void sending.catch(() => {});
  return {
    push: (chunk) => {
      const open = !channel.closed;
      sent(channel.push(chunk));
      return open;
    },
    pull: () => channel.get().then(
      (value) => ({ done: false, value }),
      (error) => {
        if (error instanceof ChannelClosedError) return { done: true };
        throw error;
      },
    ),
    close: () => channel.close(),
    error: (value) => sent(channel.throw(value)),
    isFull: () => channel.bufferSize >= channel.bufferCapacity,
    remove: () => {},
  };
}

await serve({ name: "async-channel (npm)", version: versionOf("async-channel"), createStream,
  limits: chunksOnly(16) });

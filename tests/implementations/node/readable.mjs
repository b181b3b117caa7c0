/**
 * Node's `stream.Readable`, in object mode, which keeps chunks apart, read by `for await`.
 *
 * A `next()` cannot be given up by itself, so there is no capability `cancel`.
 */

import { Readable } from "node:stream";

import { chunksOnly, serve } from "./exchange.mjs";

function createStream() {
  const readable = new Readable({ objectMode: true, highWaterMark: 16, read() {} });
  readable.on("error", () => {}); // the iterator tells it too
  const iterator = readable[Symbol.asyncIterator]();
  return {
    push: (chunk) => {
      readable.push(chunk); // what it returns is whether there is room for more
      return !readable.destroyed;
    },
    pull: () => iterator.next(),
    close: () => void readable.push(null),
    error: (value) => void readable.destroy(value),
    isFull: () => readable.readableLength >= readable.readableHighWaterMark,
    remove: () => void readable.destroy(),
  };
}

await serve({ name: "stream.Readable", version: process.versions.node, createStream,
  limits: chunksOnly(16) });

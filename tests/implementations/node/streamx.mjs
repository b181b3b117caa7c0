/** streamx's `Readable`, in which each chunk counts as one, read by `for await`. */

import { createRequire } from "node:module";

import { chunksOnly, serve, versionOf } from "./exchange.mjs";

const { Readable } = createRequire(import.meta.url)("streamx");

function createStream() {
  const readable = new Readable({
    highWaterMark: 16,
    byteLength: () => 1,
    read: (done) => done(null),
  });
  readable.on("error", () => {}); // the iterator tells it too
  const iterator = readable[Symbol.asyncIterator]();
  return {
    push: (chunk) => {
      readable.push(chunk); // what it returns is whether there is room for more
      return !readable.destroying;
    },
    pull: () => iterator.next(),
    close: () => void readable.push(null),
    error: (value) => void readable.destroy(value),
    isFull: () => Readable.isBackpressured(readable),
    remove: () => void readable.destroy(),
  };
}

await serve({ name: "streamx", version: versionOf("streamx"), createStream,
  limits: chunksOnly(16) });

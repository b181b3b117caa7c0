/**
 * WHATWG's `WritableStream`, that of an identity `TransformStream`: a write is done once its chunk is
 * in the queue of the readable side. Neither a write nor a read can be given up by itself.
 */

import { STREAM_DELETED, chunksOnly, serve } from "./exchange.mjs";

const CHUNKS = 16;

function createStream() {
  let controller;
  const { readable, writable } = new TransformStream({ start: (made) => { controller = made; } },
    { highWaterMark: 1 }, { highWaterMark: CHUNKS });
  const writer = writable.getWriter(), reader = readable.getReader();
  const noNews = () => {}; // to who writes or reads, each of which is told by its own promise
  writer.closed.catch(noNews);
  writer.ready.catch(noNews);
  reader.closed.catch(noNews);
  return {
    send: (chunk) => writer.write(chunk),
    pull: () => reader.read(),
    close: () => void writer.close().catch(noNews),
    error: (reason) => void writer.abort(reason).catch(noNews),
    isFull: () => controller.desiredSize !== null && controller.desiredSize <= 0,
    remove: () => void writer.abort(new Error(STREAM_DELETED)).catch(noNews),
  };
}

const { bun, deno, node } = process.versions;
await serve({ name: "WritableStream", version: deno ?? bun ?? node, createStream,
  limits: chunksOnly(CHUNKS) });

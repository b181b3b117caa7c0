/**
 * A `ReadableStream` of the web, and its controller, as the stream of an adapter.
 *
 * A queuing strategy has one measure, a registry two. Here a chunk weighs what it takes of the
 * limit that it takes more of: 16 small chunks fill a stream, and so do 65,536 bytes in chunks of
 * 4,096 or more, but of big and small ones mixed, fewer do.
 *
 * A read cannot be given up by itself, so there is no capability `cancel`.
 */

import { STREAM_DELETED } from "./exchange.mjs";

const HIGH_WATER_MARK = 65_536;
const MAX_QUEUE_CHUNKS = 16;

const strategy = {
  highWaterMark: HIGH_WATER_MARK * MAX_QUEUE_CHUNKS,
  size: (chunk) => Math.max(chunk.length * MAX_QUEUE_CHUNKS, HIGH_WATER_MARK),
};

export function streamOf(ReadableStream) {
  let controller;
  const stream = new ReadableStream({ start: (made) => { controller = made; } }, strategy);
  const reader = stream.getReader();
  reader.closed.catch(() => {}); // that it is rejected is no news to who reads
  return {
    push: (chunk) => allowed(() => controller.enqueue(chunk)),
    pull: () => reader.read(),
    close: () => void allowed(() => controller.close()),
    error: (value) => controller.error(value),
    isFull: () => controller.desiredSize !== null && controller.desiredSize <= 0,
    remove: () => controller.error(new Error(STREAM_DELETED)),
  };
}

/** Whether the controller did it; it throws where the state of its stream does not allow it. */
function allowed(act) {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

/**
 * `push` of Node's `node:stream/iter`, or, with the argument `broadcast`, one consumer of
 * `broadcast`. It yields batches of what was written; the adapter splits them.
 */

import { broadcast, push } from "node:stream/iter";

import { serve } from "./exchange.mjs";

const BUDGET = 65_536;
const options = { budget: BUDGET, backpressure: "strict" };

function made() {
  if (process.argv[2] !== "broadcast") return push(options);
  const { writer, broadcast: all } = broadcast(options);
  return { writer, readable: all.push() };
}

function createStream() {
  const { writer, readable } = made();
  const iterator = readable[Symbol.asyncIterator]();
  const left = [];
  return {
    push: (chunk) => writer.writeSync(chunk),
    pull: async () => {
      if (left.length > 0) return { done: false, value: left.shift() };
      const { done, value } = await iterator.next();
      if (done) return { done };
      left.push(...value);
      return { done: false, value: left.shift() };
    },
    close: () => void writer.endSync(),
    error: (value) => void writer.fail(value),
    isFull: () => writer.canWrite === false,
    remove: () => void writer.fail(new Error("Stream deleted")),
  };
}

await serve({ name: "node:stream/iter", version: process.versions.node, createStream,
  limits: { high_water_mark: BUDGET, max_queue_chunks: Number.MAX_SAFE_INTEGER } });

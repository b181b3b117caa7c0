/**
 * WHATWG's `ReadableStream`: the runtime's own, or, with the argument `web-streams-polyfill`, that one's.
 */

import { serve } from "./exchange.mjs";
import { streamOf } from "./web_stream.mjs";

async function library(name) {
  if (name === undefined) {
    const { bun, deno, node } = process.versions;
    return ["ReadableStream", deno ?? bun ?? node, globalThis.ReadableStream];
  }
  const { ReadableStream } = await import(name);
  const { default: about } = await import(`${name}/package.json`, { with: { type: "json" } });
  return [name, about.version, ReadableStream];
}

const [name, version, ReadableStream] = await library(process.argv[2]);
await serve({ name, version, createStream: () => streamOf(ReadableStream) });

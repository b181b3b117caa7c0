/**
 * `ReadableStream` of the standard's own reference implementation, which everybody has to fetch.
 * It has no version, so that is the start of the name in git of the file with its algorithms.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { serve } from "./exchange.mjs";
import { streamOf } from "./web_stream.mjs";

const folder = process.env.WHATWG_REFERENCE;
const require = createRequire(`${folder}/`);

const names = ["ReadableStream", "ReadableStreamDefaultReader", "ReadableStreamDefaultController"];
for (const name of names) require(`./generated/${name}.js`).install(globalThis, ["Window"]);

const algorithms = readFileSync(`${folder}/lib/abstract-ops/readable-streams.js`);
const blob = createHash("sha1").update(`blob ${algorithms.length}\0`).update(algorithms);

await serve({ name: "reference implementation of the WHATWG", version: blob.digest("hex").slice(0, 12),
  createStream: () => streamOf(globalThis.ReadableStream) });

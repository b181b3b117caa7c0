/**
 * A `stream<u8>` of the component model, as jco has it in JavaScript: `ends.wat` is the guest, and holds
 * both ends. What would trap, and so end the guest, is not tried: it refuses a push, a pull, a close.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { transpileBytes } from "@bytecodealliance/jco-transpile";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";

import { STREAM_DELETED, chunksOnly, serve } from "../node/exchange.mjs";

const [BLOCKED, DROPPED, WRITTEN] = [0xffffffff, 1, 3];

const here = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const { version } = JSON.parse(here("node_modules/@bytecodealliance/jco-transpile/package.json"));

const component = await parse(here("ends.wat"));
const { files } = await transpileBytes(component, { name: "ends" });
const folder = mkdtempSync(join(tmpdir(), "jco-"));
writeFileSync(join(folder, "ends.mjs"), files["ends.js"]);
const guest = await import(join(folder, "ends.mjs"));
rmSync(folder, { recursive: true });

function createStream() {
  const ends = guest.create();
  const [readable, writable] = [Number(ends & 0xffffffffn), Number(ends >> 32n)];
  const set = guest.waitableSet();
  for (const end of [readable, writable]) guest.join(end, set);
  let writing = false, closed = false, ended = false, reading;

  function hear() {
    for (let event = guest.poll(set); event !== 0n; event = guest.poll(set)) {
      if (Number(event % 0x100000000n) === WRITTEN) writing = false;
      else reading.resolve(brought(Number(event >> 32n)));
    }
  }
  function brought(payload) {
    reading = undefined;
    ended = payload % 16 === DROPPED;
    const count = payload >>> 4;
    return count === 0 ? { done: true } : { done: false, value: guest.brought(count) };
  }

  return {
    push: (chunk) => {
      if (writing || closed) return false;
      writing = guest.write(writable, chunk) >>> 0 === BLOCKED;
      hear();
      return true;
    },
    pull: async () => {
      if (reading || ended) throw new Error("Pull refused");
      const said = guest.read(readable) >>> 0;
      const result = said === BLOCKED
        ? new Promise((resolve, reject) => { reading = { resolve, reject }; }) : brought(said);
      hear();
      return result;
    },
    close: () => {
      if (writing || closed) throw new Error("it would trap");
      closed = true;
      guest.dropWritable(writable);
      hear();
    },
    isFull: () => writing,
    remove: () => {
      if (reading) guest.cancelRead(readable);
      reading?.reject(new Error(STREAM_DELETED));
      guest.dropReadable(readable);
    },
  };
}

await serve({ name: "stream of jco", version, createStream, lacks: ["error"], limits: chunksOnly(1) });

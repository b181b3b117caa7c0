/**
 * The first implementation on its own engine: guest code does the ops, in an isolate of isolated-vm.
 *
 * Every program has a context, and so a registry, of its own. With the argument `sync` the guest is
 * called as `evalSync` calls it, on the host's thread, else as `eval` does, on one of its own.
 *
 * Three things that isolated-vm does would spoil a program (the page of other people's streams says
 * which). So a turn of the guest is one op, and then it waits for a Reference of ours, which begins
 * after all others; the Reference for pulls awaits before it rejects; and all promises of a program are
 * kept until its end.
 */

import { readFileSync } from "node:fs";

import ivm from "isolated-vm";
import about from "isolated-vm/package.json" with { type: "json" };

import { answerEach, base64 } from "../node/exchange.mjs";
import { keepingPulls, registerCallbacks } from "./callbacks.mjs";
import { clearRegistryOf, registryOf } from "./registry.mjs";

const ACROSS = { arguments: { copy: true }, result: { promise: true, copy: true } };

const call = process.argv[2] === "sync" ? "applySync" : "apply";
const isolate = new ivm.Isolate({ memoryLimit: 256 });
const script = readFileSync(new URL("guest.js", import.meta.url), "utf8");
const guest = isolate.compileScriptSync(script);
const quiet = new ivm.Reference(() => new Promise((resolve) => setImmediate(resolve)));

async function run(program) {
  const context = isolate.createContextSync();
  const kept = keepingPulls(registryOf(context));
  registerCallbacks(context);
  context.global.setSync("quiet_ref", quiet);
  const perform = guest.runSync(context, { reference: true });
  try {
    return await answersOf(program, registryOf(context), async (...op) => {
      const [returned, settled] = await perform[call](undefined, op, ACROSS);
      return [returned, settled.map(encoded)];
    });
  } finally {
    kept.length = 0;
    clearRegistryOf(context);
    perform.release();
    context.release();
  }
}

async function answersOf(program, registry, guestDoes) {
  const trace = [];
  for (const [name, ...args] of program) {
    if (Object.hasOwn(BY_THE_HOST, name)) {
      BY_THE_HOST[name](registry, ...args);
      trace.push(await guestDoes("none"));
    } else if (name === "push") {
      const [id, chunk] = args;
      trace.push(await guestDoes("push", id, [...Buffer.from(chunk, "base64")]));
    } else {
      trace.push(await guestDoes(name, ...args));
    }
  }
  const [, late] = await guestDoes("none");
  return { trace, late };
}

const BY_THE_HOST = {
  delete: (registry, id) => registry.delete(id),
  clear: (registry) => registry.clear(),
};

function encoded([pull, { done, value, error }]) {
  if (error !== undefined) return [pull, "error", error];
  return done ? [pull, "done"] : [pull, "value", base64(value)];
}

await answerEach("isolated-vm", about.version, run);

/** What the plan calls *Host Callbacks Registration*: the registry as a guest sees it. */

import ivm from "isolated-vm";

import { registryOf } from "./registry.mjs";

/**
 * Put the six callbacks among the globals of `context`. All but the pull are synchronous. A pull
 * waits, so it is a Reference to an asynchronous function, and what it brings crosses as JSON.
 */
export function registerCallbacks(context) {
  const registry = registryOf(context);
  const callbacks = {
    create: () => registry.create(),
    push: (id, numbers) => registry.push(id, new Uint8Array(numbers)),
    close: (id) => registry.close(id),
    error: (id, message) => registry.error(id, new Error(message)),
    isQueueFull: (id) => registry.isQueueFull(id),
  };
  for (const [name, callback] of Object.entries(callbacks)) {
    context.global.setSync(`__Stream_${name}`, new ivm.Callback(callback));
  }
  context.global.setSync("__Stream_pull_ref", new ivm.Reference(async (id) => {
    const { done, value } = await registry.pull(id);
    return JSON.stringify(done ? { done } : { done, value: [...value] });
  }));
}

/** The promises of all pulls from now on, which are kept for as long as they are in there. */
export function keepingPulls(registry) {
  const kept = [];
  const { pull } = registry;
  registry.pull = (id) => {
    const promise = pull(id);
    kept.push(promise);
    return promise;
  };
  return kept;
}

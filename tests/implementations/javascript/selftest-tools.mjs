/** What the direct tests of registry.mjs share. */

import { createStreamStateRegistry } from "./registry.mjs";

export const bytes = (...values) => new Uint8Array(values);
export const value = (...values) => ({ value: bytes(...values), done: false });
export const done = { done: true };
export const boom = new Error("boom");
export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A registry of `dialect` with one stream, and what its pulls settled with, in that order. */
export function withStream(dialect = {}, limits = {}) {
  const registry = createStreamStateRegistry({ dialect, limits });
  const stream = registry.create();
  const settled = [];
  const pull = (name, id = stream) => {
    registry.pull(id).then(
      (result) => settled.push([name, result]),
      (reason) => settled.push([name, reason.message]),
    );
  };
  const heard = async () => {
    await turn();
    return settled.splice(0);
  };
  return { registry, stream, view: registry.get(stream), pull, heard };
}

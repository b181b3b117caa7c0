/** A channel of @thi.ng/csp, in the manner of Clojure's core.async. */

import { channel } from "@thi.ng/csp";

import { chunksOnly, serve, versionOf } from "./exchange.mjs";

function createStream() {
  const made = channel(16);
  return {
    push: (chunk) => made.offer(chunk),
    pull: () => made.read().then((value) => ({ done: value === undefined, value })),
    close: () => made.close(),
    isFull: () => !made.writes.writable(),
    remove: () => {},
  };
}

await serve({ name: "@thi.ng/csp", version: versionOf("@thi.ng/csp"), createStream,
  lacks: ["error"], limits: chunksOnly(16) });

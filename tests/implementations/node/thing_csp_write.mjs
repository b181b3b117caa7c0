/** A channel of @thi.ng/csp, whose writes wait for room. Neither they nor reads can be given up. */

import { channel } from "@thi.ng/csp";

import { chunksOnly, serve, versionOf } from "./exchange.mjs";

function createStream() {
  const made = channel(16);
  return {
    send: (chunk) => made.write(chunk).then((accepted) => {
      if (!accepted) throw new Error("Stream closed");
    }),
    pull: () => made.read().then((value) => ({ done: value === undefined, value })),
    close: () => made.close(),
    isFull: () => !made.writes.writable(),
    remove: () => {},
  };
}

await serve({ name: "@thi.ng/csp, write", version: versionOf("@thi.ng/csp"), createStream,
  lacks: ["error"], limits: chunksOnly(16) });

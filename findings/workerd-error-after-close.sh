#!/usr/bin/env bash
#
# One would expect: While chunks are queued, a ReadableStream that was closed is not ended
# yet. The standard lets its controller error it until then, and the queue is dropped: the
# reader gets the error. Node does so.
#
# What happens: In workerd, the runtime of Cloudflare's workers, an error after the close is
# ignored: the reader gets what is queued, and then the end. Before a close an error is
# told. With the flag typescript_implemented_streams the same binary has other streams, which do
# as the standard says.
#
# Seen with workerd 1.20261117.1 and Node 20, on Linux:
# > Node: error: rejected with broken; close, then error: rejected with broken
# > workerd: error: rejected with broken; close, then error: got a, got b, end
# > workerd, in TypeScript: error: rejected with broken; close, then error: rejected with broken
#
# Why it matters for a stream registry: Whoever finds out too late that what it sent was
# incomplete has no way to say so: the consumer takes a part for the whole. It is one field
# of the lattice, error_when_closed, and only a program that errors between the close and the
# last chunk tells the two apart.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    @cloudflare/workerd-linux-64@1.20261117.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
async function read(reader) {
  const seen = [];
  for (;;) {
    try {
      const { done, value } = await reader.read();
      if (done) return [...seen, "end"].join(", ");
      seen.push(`got ${value}`);
    } catch (error) {
      return [...seen, `rejected with ${error.message}`].join(", ");
    }
  }
}

async function after(...acts) {
  let controller;
  const stream = new ReadableStream({ start: (made) => void (controller = made) });
  controller.enqueue("a");
  controller.enqueue("b");
  for (const act of acts) act(controller);
  return read(stream.getReader());
}

const close = (controller) => controller.close();
const error = (controller) => controller.error(new Error("broken"));

export async function probe(name) {
  return `${name}: error: ${await after(error)}; close, then error: ${await after(close, error)}`;
}
JAVASCRIPT
cat > "$work/node.mjs" <<'JAVASCRIPT'
import { probe } from "./probe.mjs";
console.log(await probe("Node"));
JAVASCRIPT
cat > "$work/worker.mjs" <<'JAVASCRIPT'
import { probe } from "probe.mjs";
export const test = { test: async (_, env) => console.log(await probe(env.NAME)) };
JAVASCRIPT
cat > "$work/config.capnp" <<'CAPNP'
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "default", worker = .default), (name = "typescript", worker = .typescript)],
);
const modules :List(Workerd.Worker.Module) = [
  (name = "worker.mjs", esModule = embed "worker.mjs"),
  (name = "probe.mjs", esModule = embed "probe.mjs"),
];
const default :Workerd.Worker = (
  modules = .modules,
  bindings = [(name = "NAME", text = "workerd")],
  compatibilityDate = "2026-11-01",
);
const typescript :Workerd.Worker = (
  modules = .modules,
  bindings = [(name = "NAME", text = "workerd, in TypeScript")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["typescript_implemented_streams", "experimental"],
);
CAPNP

seen=$(timeout 60 node "$work/node.mjs"
    timeout 60 "$work/node_modules/@cloudflare/workerd-linux-64/bin/workerd" test \
        --experimental "$work/config.capnp" 2> "$work/log")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    cat "$work/log" >&2
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: an error after the close is ignored while chunks are queued."

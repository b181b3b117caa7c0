#!/usr/bin/env bash
#
# One would expect: `await source.pipeTo(sink)` is rejected if the sink breaks before the source has
# ended, whenever that is: the standard wants it, and whoever awaits it counts on it.
#
# What happens: In workerd the pipe is fulfilled if the sink breaks while the pipe waits for the
# next chunk, as a connection does that is cut. The source is cancelled with the sink's error,
# so it is known. If the sink breaks at a write the pipe is rejected. The streams in
# TypeScript of the same binary, and Node's, reject in both cases.
#
# Seen with Node 20 and workerd 1.20261117.1, compatibility date 2026-11-01, on Linux:
# > Node: breaks at a write: source cancelled with broken, pipe rejected with broken
# > Node: breaks between writes: source cancelled with broken, pipe rejected with broken
# > workerd: breaks at a write: source cancelled with broken, pipe rejected with broken
# > workerd: breaks between writes: source cancelled with broken, pipe fulfilled
# > workerd, in TypeScript: breaks at a write: source cancelled with broken, pipe rejected with broken
# > workerd, in TypeScript: breaks between writes: source cancelled with broken, pipe rejected with broken
#
# Why it matters for a stream registry: A worker that answers "stored" after its pipe has ended says
# so of bodies that were cut. What a stream came to has to be asked of the end that it is for.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    @cloudflare/workerd-linux-64@1.20261117.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
/** Enough turns for whatever can go on. */
async function quiet() {
  for (let turn = 0; turn < 1000; turn++) await null;
}

async function pipe(breaksAtWrite) {
  let into, sink, cancelled = "not cancelled", state = "pending";
  const source = new ReadableStream({
    start: (controller) => void (into = controller),
    cancel: (reason) => void (cancelled = `cancelled with ${reason.message}`),
  });
  const broken = new Error("broken");
  const target = new WritableStream({
    start: (controller) => void (sink = controller),
    write: () => { if (breaksAtWrite) throw broken; },
  });
  source.pipeTo(target).then(
    () => { state = "fulfilled"; },
    (error) => { state = `rejected with ${error.message}`; },
  );
  into.enqueue("first chunk");
  await quiet();
  if (!breaksAtWrite) sink.error(broken);
  await quiet();
  return `source ${cancelled}, pipe ${state}`;
}

export async function probe(name) {
  return [`${name}: breaks at a write: ${await pipe(true)}`,
    `${name}: breaks between writes: ${await pipe(false)}`].join("\n");
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
echo "As found: a pipe whose sink broke is fulfilled."

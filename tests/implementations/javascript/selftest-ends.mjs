/** Direct tests of registry.mjs: streams that end, and streams that go. Run: node selftest-ends.mjs */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createStreamStateRegistry } from "./registry.mjs";
import { boom, bytes, done, value, withStream } from "./selftest-tools.mjs";

describe("close", () => {
  test("does nothing on an unknown stream", () => {
    const { registry } = withStream();
    assert.equal(registry.close(9), undefined);
  });

  test("finishes the waiting pull", async () => {
    const { registry, stream, view, pull, heard } = withStream();
    pull("first");
    registry.close(stream);
    assert.deepEqual([view.closed, view.pullWaiting], [true, false]);
    assert.deepEqual(await heard(), [["first", done]]);
  });

  test("finishes every waiting pull, oldest first", async () => {
    const { registry, stream, pull, heard } = withStream({ overlapping_pull: "queue" });
    pull("first");
    pull("second");
    registry.close(stream);
    assert.deepEqual(await heard(), [["first", done], ["second", done]]);
  });

  test("leaves what is queued pullable, then pulls are done", async () => {
    const { registry, stream, pull, heard } = withStream();
    registry.push(stream, bytes(1));
    registry.close(stream);
    registry.close(stream);
    pull("first");
    pull("second");
    pull("third");
    assert.deepEqual(await heard(), [["first", value(1)], ["second", done], ["third", done]]);
  });

  test("leaves the error of an errored stream", async () => {
    const { registry, stream, view, pull, heard } = withStream();
    registry.error(stream, boom);
    registry.close(stream);
    pull("first");
    assert.deepEqual([view.closed, view.errored], [true, true]);
    assert.deepEqual(await heard(), [["first", "boom"]]);
  });
});

describe("error", () => {
  test("does nothing on an unknown stream", () => {
    const { registry } = withStream();
    assert.equal(registry.error(9, boom), undefined);
  });

  test("rejects the waiting pull and all later ones with the value itself", async () => {
    const { registry, stream } = withStream();
    const waiting = registry.pull(stream);
    registry.error(stream, boom);
    await assert.rejects(waiting, (reason) => reason === boom);
    await assert.rejects(registry.pull(stream), (reason) => reason === boom);
  });

  test("rejects every waiting pull, oldest first", async () => {
    const { registry, stream, pull, heard } = withStream({ overlapping_pull: "queue" });
    pull("first");
    pull("second");
    registry.error(stream, boom);
    assert.deepEqual(await heard(), [["first", "boom"], ["second", "boom"]]);
  });

  test("may have any value", async () => {
    const { registry, stream } = withStream();
    registry.error(stream, undefined);
    await assert.rejects(registry.pull(stream), (reason) => reason === undefined);
  });

  const backlog = (dialect, close) => {
    const setting = withStream(dialect);
    setting.registry.push(setting.stream, bytes(1, 2));
    if (close) setting.registry.close(setting.stream);
    setting.registry.error(setting.stream, boom);
    setting.pull("first");
    setting.pull("second");
    return setting;
  };

  for (const close of [false, true]) {
    const when = close ? " and closed" : "";

    test(`holds the backlog out of reach, in reference${when}`, async () => {
      const { view, heard } = backlog({}, close);
      assert.deepEqual([view.queue, view.queueSize], [[bytes(1, 2)], 2]);
      assert.deepEqual(await heard(), [["first", "boom"], ["second", "boom"]]);
    });

    test(`lets the backlog be pulled first, with errored_backlog=drain${when}`, async () => {
      const { view, heard } = backlog({ errored_backlog: "drain" }, close);
      assert.deepEqual([view.queue, view.queueSize], [[], 0]);
      assert.deepEqual(await heard(), [["first", value(1, 2)], ["second", "boom"]]);
    });

    test(`drops the backlog, with errored_backlog=drop${when}`, async () => {
      const { view, heard } = backlog({ errored_backlog: "drop" }, close);
      assert.deepEqual([view.queue, view.queueSize], [[], 0]);
      assert.deepEqual(await heard(), [["first", "boom"], ["second", "boom"]]);
    });
  }

  const errorAfterClose = (dialect) => {
    const setting = withStream(dialect);
    setting.registry.push(setting.stream, bytes(1));
    setting.registry.close(setting.stream);
    setting.registry.error(setting.stream, boom);
    setting.pull("first");
    setting.pull("second");
    return setting.heard();
  };

  test("counts after a close, in reference", async () => {
    assert.deepEqual(await errorAfterClose({}), [["first", "boom"], ["second", "boom"]]);
  });

  test("does not count after a close, with error_when_closed=ignore", async () => {
    const settled = await errorAfterClose({ error_when_closed: "ignore" });
    assert.deepEqual(settled, [["first", value(1)], ["second", done]]);
  });

  test("counts after a close while chunks are queued, with error_when_closed=while_queued", async () => {
    const settled = await errorAfterClose({ error_when_closed: "while_queued" });
    assert.deepEqual(settled, [["first", "boom"], ["second", "boom"]]);
  });

  test("does not count once the last is taken, with error_when_closed=while_queued", async () => {
    const { registry, stream, pull, heard } = withStream({ error_when_closed: "while_queued" });
    registry.close(stream);
    registry.error(stream, boom);
    pull("first");
    assert.deepEqual(await heard(), [["first", done]]);
  });

  const twoErrors = (dialect, close) => {
    const { registry, stream, pull, heard } = withStream(dialect);
    registry.error(stream, boom);
    if (close) registry.close(stream);
    registry.error(stream, new Error("later"));
    pull("first");
    return heard();
  };

  test("replaces an earlier one, in reference, also once closed", async () => {
    assert.deepEqual(await twoErrors({}, false), [["first", "later"]]);
    assert.deepEqual(await twoErrors({}, true), [["first", "later"]]);
    assert.deepEqual(await twoErrors({ error_when_closed: "ignore" }, true), [["first", "later"]]);
  });

  test("does not replace an earlier one, with repeated_error=keep", async () => {
    assert.deepEqual(await twoErrors({ repeated_error: "keep" }, false), [["first", "boom"]]);
    assert.deepEqual(await twoErrors({ repeated_error: "keep" }, true), [["first", "boom"]]);
  });
});
describe("delete and clear", () => {
  test("do nothing where there is nothing", () => {
    const registry = createStreamStateRegistry();
    assert.equal(registry.delete(1), undefined);
    assert.equal(registry.clear(), undefined);
  });

  test("delete makes the stream unknown to every op", async () => {
    const { registry, stream, pull, heard } = withStream();
    registry.push(stream, bytes(1));
    registry.delete(stream);
    pull("first");
    assert.equal(registry.push(stream, bytes(1)), false);
    assert.equal(registry.isQueueFull(stream), true);
    assert.deepEqual(await heard(), [["first", done]]);
  });

  test("delete rejects every waiting pull, oldest first", async () => {
    const { registry, stream, pull, heard } = withStream({ overlapping_pull: "queue" });
    pull("first");
    pull("second");
    registry.delete(stream);
    assert.deepEqual(await heard(), [["first", "Stream deleted"], ["second", "Stream deleted"]]);
  });

  test("clear rejects waiting pulls in the order in which their streams were created", async () => {
    const { registry, pull, heard } = withStream({ overlapping_pull: "queue" });
    registry.create();
    registry.create();
    for (const [name, stream] of [["c", 3], ["a", 1], ["b", 2], ["a2", 1]]) pull(name, stream);
    registry.clear();
    const order = (await heard()).map(([name, message]) => `${name}: ${message}`);
    assert.deepEqual(order, ["a", "a2", "b", "c"].map((name) => `${name}: Stream deleted`));
    assert.deepEqual([1, 2, 3].map(registry.get), [undefined, undefined, undefined]);
  });
});

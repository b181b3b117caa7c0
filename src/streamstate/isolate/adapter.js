// The guest of the adapter: it does the ops of a program through the callbacks, one at each call of
// `next`, and notes what they return and which pulls settle, in the order in which it hears of it.
// The host has what no callback does: `host_delete`, `host_clear`, `host_get`, and how the wire
// writes a chunk, `wire_chunk`.
"use strict";

/** How each path pushes and pulls. A pull resolves to bytes, or to null at the end. */
const paths = {
  numbers: {
    push: (id, chunk) => __Stream_push(id, Array.from(chunk)),
    async pull(id) {
      const options = { result: { promise: true, copy: true } };
      const result = JSON.parse(await __Stream_pull_ref.apply(undefined, [id], options));
      return result.done ? null : new Uint8Array(result.value);
    },
  },
  bytes: {
    push: (id, chunk) => __Stream_push(id, chunk),
    async pull(id) {
      const result = await __Stream_pull(id);
      return result.done ? null : result.value;
    },
  },
  helpers: {
    push(id, chunk) {
      const writer = __Stream_writer(id);
      return writer.isFull() ? writer.push(chunk) : writer.write(chunk);
    },
    async pull(id) {
      const { done, value } = await __Stream_reader(id).next();
      return done ? null : value;
    },
  },
};

const messageOf = (error) => String(error?.message ?? error);

function adapter(path) {
  const { push, pull } = paths[path];
  let program, at, pulls, returned, settled, trace;

  async function watch(number, pulled) {
    try {
      const chunk = await pulled;
      settled.push(chunk === null ? `[${number},"done"]` : `[${number},"value",${wire_chunk(chunk)}]`);
    } catch (error) {
      settled.push(`[${number},"error",${JSON.stringify(messageOf(error))}]`);
    }
  }

  const ops = {
    create: () => __Stream_create(),
    push: (id, chunk) => push(id, chunk),
    pull(id) { watch(++pulls, pull(id)); },
    close: (id) => __Stream_close(id),
    error: (id, message) => __Stream_error(id, message),
    is_queue_full: (id) => __Stream_isQueueFull(id),
    delete: (id) => host_delete(id),
    clear: () => host_clear(),
    get: (id) => host_get(id),
  };

  function perform(op) {
    try {
      const value = ops[op[0]](op[1], op[2]) ?? null;
      if (typeof value?.then !== "function") return value;
      value.then((told) => { returned = told; }, (error) => { returned = { threw: messageOf(error) }; });
      return null;
    } catch (error) {
      return { threw: messageOf(error) };
    }
  }

  return {
    begin(given) {
      program = given;
      at = pulls = 0;
      settled = [];
      trace = [];
      returned = perform(program[0]);
    },
    /** Do the next op, now that the last is quiet. The trace, as text, when there is none. */
    next() {
      trace.push(`[${JSON.stringify(returned)},[${settled}]]`);
      settled.length = 0;
      at += 1;
      if (at === program.length) return `[${trace}]`;
      returned = perform(program[at]);
    },
  };
}

// The guest of the adapter: it does the ops of a program through the callbacks, and notes what they
// return and which pulls settle, in the order in which it hears of it. Before it answers an op it
// gives way to the host, so that all promises that can settle have settled; only where no promise
// is there that could, it goes on at once. The host has what no callback does: `host_delete`,
// `host_clear` and `host_get`.
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

/** The JSON of what an op returned: a string is JSON already, of a view. */
const written = (value) => typeof value === "string" ? value : value === null ? "null"
  : value === true ? "true" : value === false ? "false" : JSON.stringify(value);

function adapter(path) {
  const { push, pull } = paths[path];
  let program, at, pulls, waiting, returned, settled, trace;

  async function watch(number, pulled) {
    waiting += 1;
    try {
      const chunk = await pulled;
      if (chunk === null) settled.push(`[${number},"done"]`);
      else settled.push(`[${number},"value",`, chunk, "]");
    } catch (error) {
      settled.push(`[${number},"error",${JSON.stringify(messageOf(error))}]`);
    }
    waiting -= 1;
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
  /** Ops that let no pull settle. */
  const looks = { __proto__: null, create: true, is_queue_full: true, get: true };

  /** Do an op. Whether something may come of it that is not there yet. */
  function perform(op) {
    try {
      const value = ops[op[0]](op[1], op[2]) ?? null;
      if (typeof value?.then === "function") {
        value.then((told) => { returned = told; },
          (error) => { returned = { threw: messageOf(error) }; });
        return true;
      }
      returned = value;
    } catch (error) {
      returned = { threw: messageOf(error) };
    }
    return waiting > 0 && !looks[op[0]];
  }

  /** Write down the answer to the last op. Chunks stay bytes, which the host can write. */
  function answer() {
    note(`${trace.length > 1 || at > 1 ? "," : ""}[${written(returned)},[`);
    for (let each = 0; each < settled.length; each++) {
      const part = settled[each];
      if (typeof part !== "string") trace.push(part, "");
      else note(each > 0 && part[0] === "[" ? `,${part}` : part);
    }
    settled.length = 0;
    note("]]");
  }

  /** Go on with the program up to an op that is to be waited for: null. The trace, in parts, once
   *  it is through. */
  function goOn() {
    while (at < program.length) {
      if (perform(program[at++])) return null;
      answer();
    }
    return trace;
  }

  const note = (text) => { trace[trace.length - 1] += text; };

  return {
    begin(given) {
      program = given;
      at = pulls = waiting = 0;
      settled = [];
      trace = [""];
      return goOn();
    },
    next() {
      answer();
      return goOn();
    },
  };
}

// The guest of the adapter: it reads requests, does the ops of their programs through the callbacks,
// and writes down what they return and which pulls settle, in the order in which it hears of it.
//
// It answers an op once it has heard of all that has settled. How many promises wait for something
// that has not happened yet, the host knows (`host_waiting`); as long as more than those are out,
// it gives way. A promise that ought to have settled and does not would hold it up for good: so
// once nothing is left to come, the host has it go on all the same (`goOn`). The host also has what
// no callback does: `host_open`, which makes the table anew, `host_delete`, `host_clear`, `host_get`.
"use strict";

/** How each path pushes and pulls. A pull resolves to bytes, or to null at the end. */
const paths = {
  numbers: {
    push: (id, chunk) => __Stream_push(id, arrayOf(chunk)),
    async pull(id) {
      const options = { result: { promise: true, copy: true } };
      const result = JSON.parse(await __Stream_pull_ref.apply(undefined, [id], options));
      return result.done ? null : bytesOf(result.value);
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

// The fastest of many ways each, in the engines that there are.
const arrayOf = (chunk) => Array.prototype.slice.call(chunk);
function bytesOf(array) {
  const bytes = new Uint8Array(array.length);
  bytes.set(array);
  return bytes;
}

const messageOf = (error) => String(error?.message ?? error);

/** The chunk that is written in base64, or as a fill. */
const chunkOf = (written) => typeof written === "string" ? Uint8Array.fromBase64(written)
  : new Uint8Array(written.size).fill(written.fill);

/** A chunk lies in the middle of more memory, and its owner writes over it once the push is done. */
function lending(bytes, push) {
  const lent = new Uint8Array(bytes.length + 8).fill(0xa5).subarray(3, bytes.length + 3);
  lent.set(bytes);
  const done = () => overwrite(lent, 0xff), returned = push(lent);
  if (typeof returned?.then === "function") returned.then(done, done);
  else done();
  return returned;
}

function overwrite(chunk, bits) {
  if (chunk.length > 0) chunk.fill(chunk[0] ^ bits);
}

/** The JSON of what an op returned: a string is JSON already, of a view. */
const written = (value) => typeof value === "string" ? value : JSON.stringify(value ?? null);

function adapter(path, hello) {
  const { push, pull } = paths[path];
  let goOn = () => {};

  const ops = {
    create: () => __Stream_create(),
    push: (_, id, chunk) => lending(chunkOf(chunk), (lent) => push(id, lent)),
    pull(run, id) { run.watch(++run.pulls, pull(id)); },
    close: (_, id) => __Stream_close(id),
    error: (_, id, message) => __Stream_error(id, message),
    is_queue_full: (_, id) => __Stream_isQueueFull(id),
    delete: (_, id) => host_delete(id),
    clear: () => host_clear(),
    get: (_, id) => host_get(id),
  };
  /** Ops that let no pull settle. */
  const looks = { __proto__: null, create: true, is_queue_full: true, get: true };

  /** One run of a program. */
  class Run {
    pulls = 0;
    returned = null;
    settled = "";
    waiting = 0;
    expected = -1;
    /** Promises of earlier programs, which will never settle. */
    others = host_waiting();

    async trace(program) {
      let trace = "";
      for (let at = 0; at < program.length; at++) {
        const op = program[at];
        this.perform(op);
        if (this.waiting > 0 && !looks[op[0]]) await this.quiet();
        trace += (at > 0 ? ",[" : "[") + written(this.returned) + ",[" + this.settled + "]]";
        this.settled = "";
      }
      return trace;
    }

    perform(op) {
      try {
        this.returned = ops[op[0]](this, op[1], op[2]);
        if (typeof this.returned?.then === "function") this.watchReturned(this.returned);
      } catch (error) {
        this.returned = { threw: messageOf(error) };
      }
    }

    async watchReturned(promise) {
      this.waiting += 1;
      try {
        this.returned = await promise;
      } catch (error) {
        this.returned = { threw: messageOf(error) };
      }
      this.heard();
    }

    async watch(number, pulled) {
      this.waiting += 1;
      let what;
      try {
        const chunk = await pulled;
        what = chunk === null ? '"done"' : `"value","${chunk.toBase64()}"`;
        if (chunk !== null) overwrite(chunk, 0x80); // it is its awaiter's own
      } catch (error) {
        what = `"error",${JSON.stringify(messageOf(error))}`;
      }
      this.settled += `${this.settled && ","}[${number},${what}]`;
      this.heard();
    }

    heard() {
      this.waiting -= 1;
      if (this.waiting === this.expected) goOn();
    }

    /** Give way until all that has settled has been heard of. */
    async quiet() {
      this.expected = host_waiting() - this.others;
      if (this.waiting > this.expected) await new Promise((resolve) => { goOn = resolve; });
    }
  }

  let last = null;

  async function serve(lines) {
    for (const line of lines.split("\n")) {
      const { cmd, seq, program, limits } = JSON.parse(line);
      if (cmd === "start") {
        host_answer(hello);
        continue;
      }
      if (cmd !== "run") return host_stop();
      host_open(limits);
      if (last?.waiting > 0) await last.quiet();
      last = new Run();
      host_answer(`{"seq":${seq},"trace":[${await last.trace(program)}],"late":[]}`);
    }
  }

  let failed = null;

  return {
    /** Answer the requests, which are lines of JSON. */
    serve(lines) { serve(lines).catch((error) => { failed = error; }); },
    /** Nothing more is to come. */
    goOn() {
      if (failed !== null) throw failed;
      goOn();
    },
  };
}

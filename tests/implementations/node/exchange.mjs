/**
 * Protocol 1 on stdin and stdout, for streams of a library in Node.
 *
 * A library has streams, not registries. So the table of their numbers, with its unknown streams
 * and its `clear`, is made here and the same for all; what is tested is the stream behind a number.
 */

import { readFileSync } from "node:fs";

/** What the wire calls a pull that its stream's deletion rejects. */
export const STREAM_DELETED = "Stream deleted";

/**
 * Answer for a library until `stop`. It has a name, a version, and `createStream()`, which returns
 * an object with push, pull, close, error, isFull and remove; `pull` returns a promise of
 * `{ done, value }`. If it has `send` instead of push, that returns a promise which is fulfilled once
 * the chunk is accepted. What else it `has` is for the hello: `lacks`, `limits`.
 */
export function serve({ name, version, createStream, ...has }) {
  return answerEach(name, version, (program) => run(program, createStream), has);
}

/** The version of a package that is installed beside these adapters. */
export function versionOf(name) {
  const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, "utf8")).version;
}

/** The limits of a queue that counts so many chunks, and no bytes. */
export const chunksOnly = (count) => ({ high_water_mark: Number.MAX_SAFE_INTEGER,
  max_queue_chunks: count });

/** Answer until `stop`: each program with what `run` says of it, `{ trace, late }`. */
export async function answerEach(name, version, run, has = {}) {
  const hello = { protocol: 1, capabilities: [], settle: "exact",
    implementation: { name, version, language: "JavaScript" }, ...has };
  for await (const message of messages()) {
    if (message.cmd === "stop") break;
    const answer = message.cmd === "start" ? hello : await answered(message, run);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  // Not by the callback of an empty write: Bun calls that before what was written earlier is out.
  process.stdout.end(() => process.exit());
}

/** One for each line, split at line feeds only. */
async function* messages() {
  let rest = "";
  for await (const text of process.stdin.setEncoding("utf8")) {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

async function answered({ seq, program }, run) {
  try {
    return { seq, ...(await run(program)) };
  } catch (error) {
    return { seq, failed: error.message };
  }
}

/** Do a program on streams that are made so: `{ trace, late }`. */
export async function run(program, createStream) {
  const trace = [], settled = [];
  const ops = opsOn(createStream, settled);
  for (const [name, ...args] of program) {
    if (!Object.hasOwn(ops, name)) throw new Error(`unknown op ${name}`);
    const got = returned(() => ops[name](...args)), done = await settlements(settled);
    trace.push([got instanceof Send ? got.returned() : got, done]);
  }
  return { trace, late: await settlements(settled) };
}

function returned(op) {
  try {
    return op() ?? null;
  } catch (error) {
    return { threw: error.message };
  }
}

/** What settled, once every promise that could has. */
async function settlements(settled) {
  await new Promise((resolve) => setImmediate(resolve));
  return settled.splice(0);
}

/** A push that may wait. It gets a number if it has not settled once all is quiet. */
class Send {
  #number;
  #how;
  constructor(accepted, numbers, note) {
    const settle = (...how) => {
      this.#how = how[0];
      if (this.#number !== undefined) note("push", this.#number, ...how);
    };
    accepted.then(() => settle("accepted"), (reason) => settle("turned_away", reason.message));
    this.returned = () => {
      if (this.#how !== undefined) return this.#how === "accepted";
      this.#number = ++numbers.last;
      return null;
    };
  }
}

function opsOn(createStream, settled) {
  const streams = new Map();
  const numbers = { last: 0 };
  let created = 0, pulls = 0;
  const note = (...entry) => settled.push(entry);
  const remove = (id) => {
    streams.get(id)?.remove();
    streams.delete(id);
  };
  return {
    create: () => (streams.set(++created, createStream()), created),
    push: (id, chunk) => {
      const stream = streams.get(id), data = Buffer.from(chunk, "base64");
      return stream?.send ? new Send(stream.send(data), numbers, note) : stream?.push(data) ?? false;
    },
    pull: (id) => {
      const pull = ++pulls;
      const result = streams.get(id)?.pull() ?? Promise.resolve({ done: true });
      result.then(
        ({ done, value }) => (done ? note(pull, "done") : note(pull, "value", base64(value))),
        (reason) => note(pull, "error", reason.message),
      );
    },
    close: (id) => streams.get(id)?.close(),
    error: (id, message) => streams.get(id)?.error(new Error(message)),
    is_queue_full: (id) => streams.get(id)?.isFull() ?? true,
    delete: remove,
    clear: () => [...streams.keys()].forEach(remove),
  };
}

export const base64 = (bytes) => Buffer.from(bytes).toString("base64");

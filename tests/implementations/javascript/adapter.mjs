// Adapter of a JavaScript stream state registry: wire protocol 1 on stdin and stdout.
// For your own registry change the import, `hello`, `fresh`, and the calls in `opsOn` and `shown`.
import { createStreamStateRegistry } from "./registry.mjs";

const hello = { protocol: 1, settle: "exact",
  capabilities: ["get", "limits", "fill", "together", "lends", "surrogates"],
  implementation: { name: "registry.mjs", version: "1.0.0", language: "JavaScript" } };
const fresh = (limits) => createStreamStateRegistry(limits && { limits: {
  highWaterMark: limits.high_water_mark, maxQueueChunks: limits.max_queue_chunks } });
const opsOn = (registry, track) => ({
  create: () => registry.create(),
  push: (id, chunk) => lending(bytesOf(chunk), (lent) => registry.push(id, lent)),
  pull: (id) => track(() => registry.pull(id)),
  close: (id) => registry.close(id),
  error: (id, message) => registry.error(id, new Error(message)),
  is_queue_full: (id) => registry.isQueueFull(id),
  delete: (id) => registry.delete(id), clear: () => registry.clear(),
  get: (id) => shown(registry.get(id)),
});
const shown = (view) => view && { queue: view.queue.map(base64), queue_size: view.queueSize,
  closed: view.closed, errored: view.errored, pull_waiting: view.pullWaiting,
  error: view.errored ? messageOf(view.errorValue) : null };

// A chunk is lent out of the middle of more memory. Its owner writes over it after the push, and
// the awaiter of a pull into what that brought: a registry that keeps or shares memory shows.
const lending = (bytes, push) => {
  const lent = new Uint8Array(bytes.length + 8).fill(0xa5).subarray(3, bytes.length + 3);
  lent.set(bytes);
  try { return push(lent); } finally { overwrite(lent, 0xff); } };
const overwrite = (chunk, bits) => { if (chunk.length > 0) chunk.fill?.(chunk[0] ^ bits); };

const bytesOf = (chunk) => (typeof chunk === "string" ? Buffer.from(chunk, "base64")
  : Buffer.alloc(chunk.size, chunk.fill));
const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const messageOf = (error) => String(error?.message ?? error);
const fulfilled = ({ done, value }, number, held) => {
  if (done) return ["done"];
  const text = base64(value);
  overwrite(value, 0x80);
  if (value instanceof Uint8Array) held.push({ number, value, left: Buffer.from(value) });
  return ["value", text]; };
// What changed since its awaiter wrote into it: in the last 64, at an end; in `all`, anywhere.
const changed = (held, all) => (all ? held : held.slice(-64))
  .filter(all ? differs : differsAtAnEnd)
  .map((each) => { each.told = true; return [each.number, "changed", base64(each.value)]; });
const differs = ({ value, left, told }) => !told && !left.equals(value);
const differsAtAnEnd = ({ value, left, told }) => !told
  && (value[0] !== left[0] || value[left.length - 1] !== left[left.length - 1]);
const failed = (seq) => (error) => ({ seq, failed: messageOf(error) });
const attempt = (op, args) => {
  try { return op(...args) ?? null; } catch (error) { return { threw: messageOf(error) }; } };
const quiet = () => new Promise((resolve) => setImmediate(resolve)); // promises settle before that

async function run({ seq, program, limits }) {
  const trace = [], settled = []; // `settled`: in the order in which the pulls did
  const held = []; // what pulls brought
  let pulls = 0;
  const track = (pull) => {
    const number = ++pulls; // a pull that throws has its number too
    const note = (encode) => (what) => settled.push(() => [number, ...encode(what, number, held)]);
    pull().then(note(fulfilled), note((reason) => ["error", messageOf(reason)]));
  };
  const settlements = ({ all = false } = {}) =>
    [...changed(held, all), ...settled.splice(0).map((encode) => encode())];
  const ops = opsOn(fresh(limits), track);
  ops.together = (...several) => several.map(done); // with no quiet between them
  function done([name, ...args]) {
    if (!Object.hasOwn(ops, name)) throw new Error(`unknown op ${name}`);
    return attempt(ops[name], args);
  }
  for (const op of program) {
    const returned = done(op);
    await quiet();
    trace.push([returned, settlements()]);
  }
  await quiet();
  return { seq, trace, late: settlements({ all: true }) };
}

let lines = [""];
reading: for await (const text of process.stdin.setEncoding("utf8")) {
  lines = (lines[0] + text).split("\n"); // the last one is not complete yet
  while (lines.length > 1) {
    const message = JSON.parse(lines.shift());
    if (message.cmd === "stop") break reading;
    const answer = message.cmd === "start" ? hello : await run(message).catch(failed(message.seq));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
process.stdout.end(() => process.exit()); // once every answer is out

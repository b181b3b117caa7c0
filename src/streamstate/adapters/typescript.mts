// Adapter of a TypeScript stream state registry: wire protocol 1 on stdin and stdout, Node 22.18
// or newer. For your own registry change the import, `hello` and `opsOn`.
import { createStreamStateRegistry, type Registry } from "./registry.mts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Pulled = { done: true } | { done: false; value: Uint8Array };
type Op = [name: string, stream: number, text: string] | [name: "together", ...ops: Op[]];
type Run = { cmd: string; seq: number; program: Op[] };

const hello = { protocol: 1, capabilities: ["together", "lends", "surrogates"], settle: "exact",
  implementation: { name: "registry.mts", version: "1.0.0", language: "TypeScript" } };
const opsOn = (registry: Registry, track: (pull: () => Promise<Pulled>) => void) =>
  new Map<string, (id: number, text: string) => Json | void>([
    ["create", () => registry.create()],
    ["push", (id, text) => lending(Buffer.from(text, "base64"), (lent) => registry.push(id, lent))],
    ["pull", (id) => track(() => registry.pull(id))],
    ["close", (id) => registry.close(id)],
    ["error", (id, message) => registry.error(id, new Error(message))],
    ["is_queue_full", (id) => registry.isQueueFull(id)], // behind it: "get", see docs/how-to
    ["delete", (id) => registry.delete(id)],
    ["clear", () => registry.clear()],
  ]);

// A chunk is lent out of the middle of more memory. Its owner writes over it after the push, and
// the awaiter of a pull into what that brought: a registry that keeps or shares memory shows.
const lending = (bytes: Uint8Array, push: (lent: Uint8Array) => boolean) => {
  const lent = new Uint8Array(bytes.length + 8).fill(0xa5).subarray(3, bytes.length + 3);
  lent.set(bytes);
  try { return push(lent); } finally { overwrite(lent, 0xff); } };
const overwrite = (chunk: Uint8Array, bits: number) => {
  if (chunk.length > 0) chunk.fill(chunk[0]! ^ bits); };

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const fulfilled = (pulled: Pulled, number: number, held: Held) => {
  if (pulled.done) return ["done"];
  const text = base64(pulled.value);
  overwrite(pulled.value, 0x80);
  held.set(number, [pulled.value, Buffer.from(pulled.value)]);
  return ["value", text]; };
type Held = Map<number, [value: Uint8Array, left: Buffer]>; // what pulls brought, and as it was
function* changed(held: Held): Iterable<Json> { // each is told once
  for (const [number, [value, left]] of held)
    if (!left.equals(value) && held.delete(number)) yield [number, "changed", base64(value)]; }
const failed = (seq: number) => (error: unknown) => ({ seq, failed: messageOf(error) });
const attempt = (op: () => Json | void): Json => {
  try { return op() ?? null; } catch (error) { return { threw: messageOf(error) }; } };
const quiet = () => new Promise((resolve) => setImmediate(resolve)); // promises settle before that

async function run({ seq, program }: Run) {
  const trace: Json[] = [], settled: Json[] = []; // `settled`: in the order in which the pulls did
  const held: Held = new Map();
  let pulls = 0;
  const track = (pull: () => Promise<Pulled>) => {
    const number = ++pulls; // a pull that throws has its number too
    const note = (how: string[]) => settled.push([number, ...how]);
    pull().then((pulled) => note(fulfilled(pulled, number, held)),
      (why) => note(["error", messageOf(why)]));
  };
  const settlements = () => quiet().then(() => [...changed(held), ...settled.splice(0)]);
  const ops = opsOn(createStreamStateRegistry(), track);
  const done = ([name, ...args]: Op): Json => {
    if (name === "together") return (args as Op[]).map(done); // with no quiet between them
    const op = ops.get(name), [id, text] = args as [number, string];
    if (op === undefined) throw new Error(`unknown op ${name}`);
    return attempt(() => op(id, text));
  };
  for (const op of program) trace.push([done(op), await settlements()]);
  return { seq, trace, late: await settlements() };
}

let lines = [""];
reading: for await (const text of process.stdin.setEncoding("utf8")) {
  lines = (lines[0] + text).split("\n"); // the last one is not complete yet
  while (lines.length > 1) {
    const message: Run = JSON.parse(lines.shift()!);
    if (message.cmd === "stop") break reading;
    const answer = message.cmd === "start" ? hello : await run(message).catch(failed(message.seq));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
process.stdout.end(() => process.exit()); // once every answer is out

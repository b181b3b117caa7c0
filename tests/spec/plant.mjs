/**
 * The runner of the page, on the JavaScript registry with each fault of faults.json in turn:
 *
 *   node plant.mjs RUNNER VECTORS
 *
 * Prints an object of what the runner printed, in lines, by name of the fault; the registry without
 * a fault is "". All of it is one process: starting one for each would take most of the time.
 */

import { readFileSync } from "node:fs";

const [runner, vectors] = process.argv.slice(2);
const home = new URL("../implementations/javascript/", import.meta.url);
const registry = readFileSync(new URL("registry.mjs", home), "utf8");
const faults = JSON.parse(readFileSync(new URL("faults.json", home), "utf8"));
const script = readFileSync(runner, "utf8");
const NAMED = { "plan-01": { overlapping_pull: "overwrite" } };

const moduleUrl = (source) =>
  `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;

function replaced(text, find, replacement) {
  if (text.split(find).length !== 2) throw new Error(`not once: ${find}`);
  return text.replace(find, () => replacement);
}

/** The policy fields of `reference+field=value`, or of a dialect in NAMED. */
function fields(dialect = "reference") {
  const [name, ...settings] = dialect.split("+");
  return { ...NAMED[name], ...Object.fromEntries(settings.map((each) => each.split("="))) };
}

/** What the runner prints about the registry that `source` makes, in the dialect of `chosen`. */
async function printed(source, chosen, name) {
  const made = moduleUrl(`
    import { createStreamStateRegistry as create } from "${moduleUrl(source)}";
    const dialect = ${JSON.stringify(chosen)};
    export const createStreamStateRegistry = (options) => create({ ...options, dialect });
  `);
  let text = replaced(script, '"./registry.mjs"', `"${made}"`);
  text = replaced(text, 'push_when_full: "accept" };',
    `push_when_full: "accept", ...${JSON.stringify(chosen)} }; // ${name}`);
  const lines = [];
  const { log } = console;
  console.log = (...words) => lines.push(words.join(" "));
  await import(moduleUrl(text));
  console.log = log;
  return lines;
}

process.argv[2] = vectors; // the runner's only argument
const report = { "": await printed(registry, {}, "") };
for (const { name, find, replace, dialect } of faults) {
  report[name] = await printed(replaced(registry, find, replace), fields(dialect), name);
}
console.log(JSON.stringify(report));
process.exitCode = 0; // the runner's says that faults were found

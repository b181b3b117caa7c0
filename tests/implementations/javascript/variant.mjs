/**
 * Runs adapter.mjs on a variant of registry.mjs, for tests of whoever judges implementations:
 *
 *   node variant.mjs [--dialect DIALECT] [--without CAPABILITY]… [--fault NAME]…
 *
 * `--dialect` is JSON of policy fields, `{"overlapping_pull":"queue"}`, or is written out,
 * `reference+overlapping_pull=queue`. `--without get` makes a black box: the capability is not
 * offered and the registry has no such method. `--fault` plants one fault of faults.json or memory.json, and takes
 * the fault's own dialect unless another is given. Of several, each has to find its place as the
 * others left it, and the dialect is that of the first.
 *
 * The variant is made of source text and imported from `data:` URLs; nothing is written to disk.
 */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const NAMED_DIALECTS = {
  reference: {},
  "plan-01": { overlapping_pull: "overwrite" },
  isolate: { overlapping_pull: "overwrite", errored_backlog: "drain" },
  whatwg: {
    overlapping_pull: "queue",
    errored_backlog: "drop",
    error_when_closed: "while_queued",
    repeated_error: "keep",
  },
};

const { values: options } = parseArgs({
  options: {
    dialect: { type: "string" },
    without: { type: "string", multiple: true, default: [] },
    fault: { type: "string", multiple: true, default: [] },
  },
});

const sources = { "registry.mjs": read("registry.mjs"), "adapter.mjs": read("adapter.mjs") };
const faults = options.fault.map(faultNamed);
faults.forEach(plant);
withhold(options.without);

const dialect = parseDialect(options.dialect ?? faults[0]?.dialect ?? "reference");
const registry = configured(moduleUrl(sources["registry.mjs"]), dialect, options.without);
await checkThatItStarts(registry);
await import(moduleUrl(replaceOnce(sources["adapter.mjs"], '"./registry.mjs"', quoted(registry))));

function read(name) {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}

function faultNamed(name) {
  const known = ["faults.json", "memory.json"].flatMap((file) => JSON.parse(read(file)));
  const found = known.find((candidate) => candidate.name === name);
  return found ?? giveUp(`neither faults.json nor memory.json has a fault ${name}`);
}

function plant({ file, find, replace }) {
  sources[file] = replaceOnce(sources[file], find, replace);
}

/** Take capabilities out of what the adapter says of itself. */
function withhold(capabilities) {
  const offered = ["get", "limits", "fill", "together", "lends", "surrogates"];
  const unknown = capabilities.find((capability) => !offered.includes(capability));
  if (unknown !== undefined) giveUp(`--without ${unknown}: the adapter offers ${offered}`);
  const kept = offered.filter((capability) => !capabilities.includes(capability));
  const line = 'capabilities: ["get", "limits", "fill", "together", "lends", "surrogates"]';
  sources["adapter.mjs"] = replaceOnce(
    sources["adapter.mjs"], line, `capabilities: ${JSON.stringify(kept)}`,
  );
}

/** A module that exports the registry at `url` as one of `dialect`, less the methods withheld. */
function configured(url, dialect, withheld) {
  const missing = withheld.includes("get") ? "{ get: undefined }" : "{}";
  return moduleUrl(`
    import { createStreamStateRegistry as create } from ${quoted(url)};
    const dialect = ${JSON.stringify(dialect)};
    export function createStreamStateRegistry(options) {
      return Object.assign(create({ ...options, dialect }), ${missing});
    }
  `);
}

async function checkThatItStarts(url) {
  const { createStreamStateRegistry } = await import(url);
  try {
    createStreamStateRegistry();
  } catch (error) {
    giveUp(error.message);
  }
}

function parseDialect(text) {
  return text.startsWith("{") ? JSON.parse(text) : parseWrittenOut(text);
}

function parseWrittenOut(text) {
  const [name, ...settings] = text.split("+");
  const named = NAMED_DIALECTS[name] ?? giveUp(`--dialect ${text}: no dialect ${name}`);
  return { ...named, ...Object.fromEntries(settings.map((setting) => setting.split("="))) };
}

function replaceOnce(text, find, replacement) {
  const places = text.split(find).length - 1;
  if (places !== 1) giveUp(`${quoted(find)} occurs ${places} times, not once`);
  return text.replace(find, () => replacement);
}

function moduleUrl(source) {
  return `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;
}

function quoted(text) {
  return JSON.stringify(text);
}

function giveUp(message) {
  console.error(`variant.mjs: ${message}`);
  process.exit(2);
}

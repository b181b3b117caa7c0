"use strict";

/* What comes from elsewhere, a program, an address, a report, and is not believed before it is
   looked at. What is wrong is said by throwing an Error for people to read. */

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

const isBase64 = (text) => typeof text === "string" && BASE64.test(text);

const shown = (value) => quotedJson(value) ?? "nothing";

class Reader {
  constructor(data) {
    this.data = data;
  }

  /* A program, from JSON text or as the value. */
  program(source) {
    const value = typeof source === "string" ? readJson(source, "the program") : source;
    if (!Array.isArray(value)) {
      throw new Error(`The program must be a JSON array of ops, not ${shown(value)}.`);
    }
    value.forEach((turn, index) => this.#turn(turn, `program[${index}]`));
    return value;
  }

  #turn(turn, where) {
    if (!Array.isArray(turn) || turn[0] !== "together") return this.#op(turn, where);
    if (turn.length < 2 || turn.some((op) => op[0] === "seen")) {
      throw new Error(
        `${where} is ${shown(turn)}; expected ["together", op, …], at least one op and no seen.`,
      );
    }
    turn.slice(1).forEach((op, index) => this.#op(op, `${where}[${index + 1}]`));
  }

  #op(op, where) {
    const forms = this.data.forms;
    if (!Array.isArray(op) || !Object.hasOwn(forms, op[0])) {
      const known = list(Object.keys(forms));
      throw new Error(`${where} is ${shown(op)}; expected an array that starts with one of ${known}.`);
    }
    const form = forms[op[0]];
    const fits = form.length === op.length - 1 && form.every((kind, at) => this.#is(kind, op[at + 1]));
    if (fits) return;
    const expected = [JSON.stringify(op[0]), ...form].join(", ");
    throw new Error(`${where} is ${shown(op)}; expected [${expected}].`);
  }

  #is(kind, value) {
    if (kind === "base64") return isBase64(value);
    if (kind === "message") return typeof value === "string";
    return Number.isInteger(value) && value >= 0 && value <= this.data.largest;
  }

  /* The dialect written name or name+field=value+…, as its policies. */
  dialect(text) {
    const [name, ...settings] = String(text).split("+");
    const { named, policies } = this.data;
    if (!Object.hasOwn(named, name)) {
      const known = list(Object.keys(named));
      throw new Error(`Unknown dialect ${quoted(name)}; the named ones are ${known}.`);
    }
    const dialect = { ...named[name] };
    for (const setting of settings) {
      const [field, value] = setting.split("=");
      if (!Object.hasOwn(policies, field) || !policies[field].includes(value)) {
        const fields = Object.entries(policies).map(([each, values]) => `${each}=${values.join("|")}`);
        throw new Error(`${quoted(setting)} is not a policy; expected one of ${list(fields)}.`);
      }
      dialect[field] = value;
    }
    return dialect;
  }

  /* The shortest way to write a dialect, as the command line does. */
  nameOf(dialect) {
    const written = Object.entries(this.data.named).map(([name, named]) => {
      const fields = Object.keys(named).filter((field) => named[field] !== dialect[field]);
      return [name, ...fields.map((field) => `${field}=${dialect[field]}`)];
    });
    return written.reduce((best, each) => (each.length < best.length ? each : best)).join("+");
  }

  limits(value) {
    const fields = Object.keys(this.data.limits);
    for (const field of fields) {
      if (!Number.isSafeInteger(value?.[field]) || value[field] < 0) {
        throw new Error(`${field} is ${shown(value?.[field])}; expected a whole number from 0 on.`);
      }
    }
    return Object.fromEntries(fields.map((field) => [field, value[field]]));
  }

  /* What a page shows, from the part of its address after #. A deviation stands there as a report
     that has no other; the other parts say what is shown of it instead. */
  address(fragment) {
    const parts = new URLSearchParams(fragment);
    const shown = { ...this.#replayed(parts.get("report")) };
    if (parts.has("program")) shown.program = this.program(parts.get("program"));
    if (parts.has("dialects")) {
      const names = parts.get("dialects").replaceAll(" ", "+"); // how a + in an address is read
      shown.dialects = names.split(",").map((text) => this.nameOf(this.dialect(text)));
    }
    if (parts.has("limits")) {
      const [bytes, chunks] = parts.get("limits").split(",").map(Number);
      shown.limits = this.limits({ high_water_mark: bytes, max_queue_chunks: chunks });
    }
    if (parts.has("looks")) shown.looksAtOnce = parts.get("looks") === "at-once";
    if (parts.has("at")) shown.at = Number(parts.get("at"));
    return shown;
  }

  #replayed(report) {
    if (report !== null) return replayOf(this.report(report)[0]);
    const { limits } = this.data;
    const dialects = ["reference"];
    return { program: [], dialects, limits, looksAtOnce: false, at: Infinity, deviation: null };
  }

  addressOf({ program, dialects, limits, looksAtOnce, at }, deviation) {
    const parts = new URLSearchParams();
    if (deviation === null) parts.set("program", JSON.stringify(program));
    else parts.set("report", deviation.report);
    parts.set("dialects", dialects.join(","));
    parts.set("limits", Object.values(limits).join(","));
    if (looksAtOnce || deviation !== null) parts.set("looks", looksAtOnce ? "at-once" : "when-told");
    parts.set("at", at);
    return `#${parts}`;
  }

  /* The deviations of a JSON report, accepted ones too, and the program at which an exchange
     broke, each with the dialect that was asked for. */
  report(text) {
    const report = readJson(text, "the report");
    const dialect = this.dialect(report?.dialect ?? "");
    const deviations = [report.deviations, report.excused, brokenIn(report)].flat();
    if (report.report !== 1 || deviations.some((each) => Object(each) !== each)) {
      throw new Error("This is not a report of streamstate check --json, version 1.");
    }
    if (deviations.length === 0) throw new Error("Nothing deviates in this report.");
    return deviations.map((each) => ({
      report: JSON.stringify({ report: 1, dialect: report.dialect, deviations: [each], excused: [] }),
      rule: String(each.rule),
      program: this.program(each.program),
      at: each.at,
      expected: each.expected,
      observed: each.observed,
      explanation: String(each.explanation),
      limits: each.limits === undefined ? this.data.limits : this.limits(each.limits),
      dialect: this.nameOf(dialect),
    }));
  }
}

/* What the page shows first of a deviation. */
function replayOf(deviation) {
  const { program, limits, dialect } = deviation;
  const at = Number.isInteger(deviation.at) ? deviation.at + 1 : Infinity;
  return { program, limits, dialects: [dialect], looksAtOnce: true, at, deviation };
}

function brokenIn({ broken }) {
  if (!Array.isArray(broken?.program)) return [];
  const { program, message, rule } = broken;
  const at = program.length - 1;
  return [{ rule: rule ?? "the exchange broke", program, at, observed: message, explanation: message }];
}

function readJson(text, what) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot read ${what}: it is not JSON (${error.message}).`);
  }
}

"use strict";

/* Ops, answers and states in words: those of `streamstate explain`. */

const MOST_SHOWN = 4;
const LONGEST = 120;

const list = (words) => words.join(", ");

function quoted(text) {
  const cleaned = String(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd");
  const letters = [...cleaned];
  return letters.length > LONGEST
    ? `'${letters.slice(0, LONGEST - 1).join("")}…'`
    : `'${cleaned}'`;
}

const countOf = (number) => number.toLocaleString("en");

function bytesInWords(chunk) {
  const size = sizeOf(chunk);
  if (size === 0) return "an empty chunk";
  const few = size <= 8;
  const start = Uint8Array.from(atob(few ? chunk : chunk.slice(0, 8)), (c) => c.charCodeAt(0));
  const shown = [...start.slice(0, few ? 8 : 4)].map((byte) => byte.toString(16).padStart(2, "0"));
  return few
    ? `${size} byte${size > 1 ? "s" : ""} ${shown.join(" ")}`
    : `${countOf(size)} bytes ${shown.join(" ")} …`;
}

function opInWords(op) {
  const [name, ...args] = op;
  switch (name) {
    case "together":
      return args.map(opInWords).join(" & ");
    case "push":
      return `push(${args[0]}, ${bytesInWords(args[1])})`;
    case "error":
      return `error(${args[0]}, ${quoted(args[1])})`;
    default:
      return `${name}(${list(args)})`;
  }
}

/* The turns of a program; a pull says which one it is. */
function turnsInWords(program) {
  let pulls = 0;
  const numbered = (op) => {
    if (op[0] === "together") return op.slice(1).map(numbered).join(" & ");
    if (op[0] !== "pull") return opInWords(op);
    pulls += 1;
    return `${opInWords(op)} as pull ${pulls}`;
  };
  return program.map(numbered);
}

function valueInWords(value) {
  if (Array.isArray(value)) return value.map(valueInWords).join("; ");
  if (value === null || value === undefined) return "returns nothing";
  if (typeof value !== "object") return `returns ${quotedJson(value)}`;
  if (Object.keys(value).length === 1 && "threw" in value) return `throws ${quoted(value.threw)}`;
  return `shows ${Object.entries(value).map(partInWords).join("; ")}`;
}

const quotedJson = (value) => quoted(JSON.stringify(value)).slice(1, -1);

function partInWords([key, value]) {
  const chunks = key === "queue" && Array.isArray(value) ? value : null;
  return `${quoted(key).slice(1, -1)} ${chunks ? `[${chunksInWords(chunks)}]` : quotedJson(value)}`;
}

function chunksInWords(chunks) {
  const shown = chunks.slice(0, MOST_SHOWN).map(chunkInWords);
  const more = chunks.length - MOST_SHOWN;
  return list(more > 0 ? [...shown, `and ${more} more`] : shown);
}

/* A chunk that an implementation named may be anything; of a very long one, the beginning. */
function chunkInWords(text) {
  if (isBase64(text)) return bytesInWords(text);
  const kept = text.endsWith("…") ? text.slice(0, -1 - ((text.length - 1) % 4)) : "";
  if (kept !== "" && isBase64(kept)) return `more than ${bytesInWords(kept)}`;
  return `${quoted(text)}, which is not base64`;
}

function settlementInWords([pull, as, brought, ...more]) {
  if (pull === "push") return pushInWords(as, brought, ...more);
  switch (as) {
    case "done":
      return `pull ${pull} is done`;
    case "error":
      return `pull ${pull} is rejected with ${quoted(brought)}`;
    case "value":
      return `pull ${pull} gets ${chunkInWords(brought)}`;
    default:
      return `the adapter reports ${quotedJson([pull, as, brought])}`;
  }
}

function pushInWords(push, as, message) {
  if (as === "accepted") return `push ${push} is accepted`;
  if (as === "turned_away") return `push ${push} is turned away with ${quoted(message)}`;
  return `the adapter reports ${quotedJson(["push", push, as, message])}`;
}

/* Ids of rules; of several of one op the others by their numbers. */
function idsInShort(ids) {
  const opOf = (id) => id.slice(0, id.lastIndexOf("_"));
  const shown = ids.map((id, place) => {
    const same = place > 0 && opOf(id) === opOf(ids[place - 1]);
    return same ? id.slice(id.lastIndexOf("_") + 1) : id;
  });
  return list(shown);
}

/* What an op returned and which pulls settled, as it stands on the wire. */
function answerInWords(answer, op) {
  if (typeof answer === "string") return `the adapter failed: ${quoted(answer)}`;
  if (!Array.isArray(answer) || answer.length !== 2 || !Array.isArray(answer[1])) {
    return quotedJson(answer);
  }
  const [returned, settled] = answer;
  const silent = Array.isArray(returned) && returned.every((each) => each === null);
  const shows = op[0] === "get" || (returned !== null && !silent);
  const parts = settled.map((each) => settlementInWords(Array.isArray(each) ? each : [each]));
  if (shows) parts.unshift(valueInWords(returned));
  const waits = ["pull", "push"].includes(op[0]);
  return parts.join("; ") || (waits ? `the ${op[0]} waits` : "nothing to see");
}

/* What shows in no answer. */
function unseenInWords({ told }) {
  const abandoned = told.filter(({ as }) => as === "abandoned");
  const unblocked = told.filter(({ as }) => as === "unblocked");
  return [
    ...abandoned.map(({ pull }) => `pull ${pull} never settles`),
    ...unblocked.map(({ stream }) => `stream ${stream} is not blocked any more`),
  ];
}

/** What a turn answers: of what settled, the pulls first, then the pushes. */
function answerOf({ returned, told }) {
  const settled = told.filter(({ as }) => !["abandoned", "unblocked"].includes(as));
  const pulls = settled.filter(({ pull }) => pull !== undefined);
  const pushes = settled.filter(({ push }) => push !== undefined);
  return [returned, [...pulls.map(pullSettled), ...pushes.map(pushSettled)]];
}

function pullSettled({ pull, as, chunk, message }) {
  return as === "done" ? [pull, as] : [pull, as, as === "value" ? chunk : message];
}

function pushSettled({ push, as, message }) {
  return as === "accepted" ? ["push", push, as] : ["push", push, as, message];
}

function streamInWords(stream) {
  if (stream.pulls.length > 0) return `open, waited on by pull ${list(stream.pulls)}`;
  const { queue, closed, errored, error } = viewOf(stream);
  const flags = [closed && "closed", errored && `errored with ${quoted(error)}`].filter(Boolean);
  const status = flags.join(" and ") || "open";
  if (queue.length === 0) return `${status}, nothing queued`;
  const shown = list(queue.slice(0, MOST_SHOWN).map(bytesInWords));
  const more = queue.length - MOST_SHOWN;
  return `${status}, queued: ${shown}${more > 0 ? ` and ${more} more` : ""}`;
}

const offeredInWords = ({ push, chunk }) => `push ${push} of ${bytesInWords(chunk)} waits there`;

const handedInWords = ({ pull, chunk }) =>
  `pull ${pull} was handed ${bytesInWords(chunk)} and nobody has looked yet`;

/* The state, a line for each stream and each chunk that was handed. */
function stateInWords({ streams, handed }) {
  const known = streams.flatMap((stream) => [
    `stream ${stream.number}: ${streamInWords(stream)}`,
    ...stream.pushes.map(offeredInWords),
  ]);
  return [...(known.length > 0 ? known : ["no streams"]), ...handed.map(handedInWords)];
}

/* What shows the same in a terminal. */
function commandOf({ program, dialects, limits, looksAtOnce }) {
  const named = dialects.map((name) => `--dialect ${name}`).join(" ");
  const full = Object.values(limits).join(",");
  return [
    `streamstate explain ${named} --limits ${full}`,
    `--looks ${looksAtOnce ? "at-once" : "when-told"} ${inShell(JSON.stringify(program))}`,
  ].join(" ");
}

const inShell = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

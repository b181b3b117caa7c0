"use strict";

/* What a step comes to, as elements. All text goes in as text. */

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/* The dialects that agree on a step, each group with what it comes to there. */
function groupsOf(runs, at) {
  const groups = new Map();
  for (const { name, turns } of runs) {
    const { dialect: _, ...state } = turns[at].state;
    const rules = turns[at].steps.map(({ rule }) => rule);
    const key = JSON.stringify([rules, turns[at].returned, turns[at].told, state]);
    const group = groups.get(key) ?? { names: [], turn: turns[at] };
    group.names.push(name);
    groups.set(key, group);
  }
  return [...groups.values()];
}

const rulesOf = (turn) => [...new Set(turn.steps.map(({ rule }) => rule))];

/* A step for those who hear it: in which dialects, if it is not the same in all, which rules, what
   is answered. */
function stepInWords({ names, turn }, op, parted) {
  if (op === undefined) return [];
  const [first, ...rules] = rulesOf(turn);
  const where = parted ? `In ${list(names)}: ` : "";
  return [where + first, ...rules, answerInWords(answerOf(turn), op), ...unseenInWords(turn)];
}

const sentences = (several) => several.map((each) => `${each.replace(/\.$/, "")}.`).join(" ");

/* Whether dialects that did alike up to a step part there. */
function partsAt(runs, at) {
  return groupsOf(runs, at).length > 1 && (at === 0 || groupsOf(runs, at - 1).length === 1);
}

function outcome(machine, { names, turn }, op) {
  const { data } = machine;
  const parts = [element("p", { className: "in" }, list(names))];
  for (const rule of rulesOf(turn)) parts.push(rulePart(rule, data.rules[rule]));
  if (op !== undefined) {
    const answer = [answerInWords(answerOf(turn), op), ...unseenInWords(turn)].join("; ");
    parts.push(element("p", { className: "answer" }, answer));
    parts.push(...turn.steps.flatMap(({ changes }) => changes).map((each) => change(data, each)));
  }
  for (const { pull, chunk } of turn.looked) {
    const words = `pull ${pull} was handed ${bytesInWords(chunk)}, and its awaiter looks at it`;
    parts.push(element("p", { className: "looked" }, words));
  }
  parts.push(statePart(machine, turn.state));
  return element("article", { "aria-label": list(names) }, ...parts);
}

function rulePart(rule, { sentence, intent }) {
  return element(
    "div",
    { className: "rule" },
    element("h3", {}, rule),
    element("p", { className: "sentence" }, sentence),
    element(
      "details",
      {},
      element("summary", {}, "Why"),
      element("p", { className: "intent" }, intent),
    ),
  );
}

function change({ situations, actions }, { number, from, to, actions: done }) {
  const stays = from === to;
  const where = stays
    ? [element("code", {}, situations[from].name), " as it was"]
    : [element("code", {}, situations[from].name), " → ", element("code", {}, situations[to].name)];
  return element(
    "div",
    { className: "change" },
    element("p", {}, number > 0 ? `stream ${number}: ` : "", ...where),
    element("ol", {}, ...done.map((action) => element("li", {}, actions[action]))),
  );
}

function statePart(machine, state) {
  const streams = state.streams.map((stream) => {
    const { name } = machine.data.situations[machine.situation(state, stream)];
    const line = `stream ${stream.number}: ${streamInWords(stream)}`;
    return element("li", {}, element("code", {}, name), element("span", {}, line), strip(stream));
  });
  const handed = state.handed.map((each) => {
    const kept = element("span", { className: "handed" }, handedInWords(each));
    return element("li", { className: "is-handed" }, kept);
  });
  const offered = state.streams.flatMap(({ pushes }) => pushes).map((each) => {
    return element("li", { className: "is-handed" }, element("span", {}, offeredInWords(each)));
  });
  const lines = [...streams, ...offered, ...handed];
  if (streams.length === 0) lines.unshift(element("li", {}, element("span", {}, "no streams")));
  return element("ul", { className: "state", "aria-label": "Afterwards" }, ...lines);
}

/* The same to look at: a block for each chunk, a ring for each pull or push that waits. */
function strip({ queue, pulls, pushes }) {
  const rings = [...pulls, ...pushes.map(({ push }) => push)].map((number) => ["ring", number]);
  const blocks = [...queue.map(({ place }) => ["chunk", place]), ...rings];
  const waits = pulls.length > 0 ? "pull" : "push";
  if (blocks.length === 0) return null;
  const shown = blocks.slice(0, 24).map(([className, text]) => {
    const title = className === "chunk" ? `chunk ${text} of the stream` : `${waits} ${text} waits`;
    return element("i", { className, title }, String(text));
  });
  return element("span", { className: "strip", ariaHidden: "true" }, ...shown);
}

/* Expected beside observed, where a deviation shows; `turn` is what the model of this page says. */
function contrast({ rule, program, at, expected, observed, explanation }, turn) {
  const meant = answerOf(turn);
  const cells = [expected ?? meant, observed].map((answer, place) => {
    const words = answerInWords(answer, program[at]);
    return element("td", {}, place === 0 ? words : element("strong", {}, words));
  });
  const head = ["expected", "observed"].map((text) => element("th", { scope: "col" }, text));
  const agrees = expected === undefined || JSON.stringify(expected) === JSON.stringify(meant);
  const stale = "The model of this page expects something else: the report is of another version.";
  return element(
    "div",
    { className: "deviates" },
    element("p", {}, element("strong", {}, `Deviates: ${rule}. `), explanation),
    agrees ? null : element("p", { className: "stale" }, stale),
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, element("tr", {}, ...cells)),
    ),
  );
}
